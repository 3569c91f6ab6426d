"""The lab as a server: who gets in, what is refused, and what it survives. A real process, asked over real sockets."""

import contextlib
import json
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from safetensors import safe_open

from groundup.cli import main
from groundup.cli.lab import opened_browser
from groundup.cli.local_server import listen
from groundup.lab.auth import Guard
from groundup.lab.run_status import is_locked
from groundup.runs.folder import Run


def test_the_token_gives_a_cookie_and_leaves_the_address(lab):
    status, headers, _ = lab.ask(f"/?token={lab.token}&a=1", Cookie=None)
    assert (status, headers["location"]) == (303, "/?a=1")
    assert "httponly" in headers["set-cookie"].lower()
    assert "samesite=strict" in headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": None}, 403),
        ({"Cookie": "groundup_1=x; a"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/runs", "/static/lab.css", "/lessons/descending/"])
def test_strangers_are_refused(lab, path, headers, status):
    assert lab.ask(path, **headers)[0] == status


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_a_wrong_token_is_refused(lab, token):
    status, headers, _ = lab.ask(f"/?token={token.encode().hex() if token == 'é' else token}", Cookie=None)
    assert status == 403
    assert "set-cookie" not in headers


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/views/view.js", "text/javascript"),
        ("/lessons/descending/views.js", "text/javascript"),
        ("/static/lab.css", "text/css"),
    ],
)
def test_a_file_of_the_lab_is_sent_once_and_a_page_each_time(lab, path, kind):
    status, headers, text = lab.ask(path)
    assert (status, headers["cache-control"], len(text) > 0) == (200, "no-cache", True)
    assert headers["content-type"].startswith(kind)
    assert lab.ask(path, If_None_Match=headers["etag"])[0::2] == (304, "")
    assert lab.ask(path, If_None_Match='"old"')[0::2] == (200, text)
    assert lab.ask("/")[1]["cache-control"] == "no-store"


@pytest.fixture
def opened(tmp_path):
    """Start a lab that opens a browser; yield its process, port and token, and the address that the browser got."""
    browser, called = tmp_path / "browser.sh", tmp_path / "called"
    os.mkfifo(called)
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$*" > {called}\n')
    browser.chmod(0o700)
    (tmp_path / "runs").mkdir()
    command = [sys.executable, "-m", "groundup", "lab"]
    environment = {**os.environ, "BROWSER": f"{browser} %s"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", process.stdout.readline())
        yield process, int(found[1]), found[2], called.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(600) == 0


def test_a_ticket_is_good_for_one_use(opened, tmp_path, server_at):
    """The browser is led by a file that only its user can read; no process's command line holds a key."""
    _, port, token, address = opened
    path = Path(url2pathname(urlsplit(address).path))
    assert address.startswith("file:///")
    assert path.parent == tmp_path / "runs"
    assert path.stat().st_mode & 0o777 == 0o600
    ticket = re.search(r"ticket=([\w-]+)", path.read_text())[1]
    assert token not in path.read_text()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            assert not {ticket.encode(), token.encode()} & set(re.split(rb"[\0=?]", line.read_bytes()))
    server = server_at(port, token, tmp_path)
    assert server.ask(f"/?ticket={ticket}", Host="evil.example", Cookie=None)[0] == 421
    assert server.ask(f"/?ticket={ticket}", method="HEAD", Cookie=None)[0] == 403
    status, headers, page = server.ask(f"/?ticket={ticket}", Cookie=None)
    assert status == 200
    assert 'url=/"' in page
    assert headers["set-cookie"].startswith(f"groundup_{port}={token};")
    assert "samesite=strict" in headers["set-cookie"].lower()
    assert not path.exists()
    status, headers, _ = server.ask(f"/?ticket={ticket}", Cookie=None)
    assert (status, "set-cookie" in headers) == (403, False)


def test_a_real_browser_is_led_to_the_lab(opened, browser):
    _, port, _, address = opened
    context = browser.new_context()
    context.set_default_timeout(300_000)
    page = context.new_page()
    page.goto(address)
    page.wait_for_url(f"http://127.0.0.1:{port}/")
    page.get_by_role("heading", name="From x² to a talking GPT").wait_for()
    context.close()


def test_a_ticket_that_nobody_used_goes_with_the_lab(tmp_path, monkeypatch):
    opened = queue.Queue()
    monkeypatch.setattr("webbrowser.open", opened.put)
    guard = Guard(None, 1)
    with opened_browser(guard, tmp_path / "none", tmp_path):
        path = Path(url2pathname(urlsplit(opened.get(timeout=600)).path))
        assert path.parent == tmp_path
        assert len(guard.tickets) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_request_that_changes_something_must_come_from_a_page(lab):
    body = json.dumps({"task": "heights", "name": "stranger"})
    assert lab.ask("/api/runs", body, Origin=None)[0] == 403
    assert lab.ask("/api/runs", body, Origin="http://localhost:1")[0] == 403
    assert not (lab.runs / "stranger").exists()


def test_a_socket_must_come_from_a_page(lab):
    upgrade = (
        f"GET /lessons/any/ws?session_id=s_x HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\n"
        f"Cookie: groundup_{lab.port}={lab.token}\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", lab.port), timeout=300) as connection:
        connection.sendall(upgrade.encode())
        assert b"403" in connection.recv(200).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "path",
    [
        "/runs/..%2f..%2fetc",
        "/runs/%2e%2e",
        "/api/runs/..%2fruns%2fgpt",
        "/api/runs/.hidden",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/lab/app.py",
        "/lessons/../../views",
        "/lessons/..%2f..%2fviews/",
        "/static/%00",
        "/static/a%00b",
        "/lessons/%00/",
        "/runs/%00",
        "/" + "a" * 300,
        "/static/" + "a" * 300,
        "/static/" + "%C3%A9" * 200,
        "/lessons/" + "a" * 300 + "/",
        "/api/runs/" + "a" * 300,
        "/runs/%ED%A0%80",
        "/runs/nothing",
        "/api/runs/nothing",
        "/nothing",
    ],
)
def test_no_path_leads_out_of_the_folders(lab, path):
    status, _, text = lab.ask(path)
    assert status == 404
    assert "import" not in text


def test_pages_keep_to_themselves(lab):
    for path in ("/", "/runs/gpt", "/api/runs"):
        status, headers, _ = lab.ask(path)
        assert status == 200
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"


def test_bodies_that_are_too_large(lab):
    assert lab.ask("/api/runs/sentiment/play", "x" * 5_000_000)[0] == 413
    assert lab.ask("/api/runs/sentiment/play", "{}", Content_Length="-1")[0] in (400, 413)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = (
        f"POST /api/runs/sentiment/play HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\nOrigin: {lab.address}\r\n"
        f"Cookie: groundup_{lab.port}={lab.token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", lab.port), timeout=300) as connection:
        connection.sendall(head.encode())
        try:
            for _ in range(100):
                connection.sendall(chunk)
        except OSError:
            pass  # it has hung up, as it may
        else:
            assert b"413" in connection.recv(200)
    assert lab.ask("/api/runs")[0] == 200


@pytest.mark.parametrize(
    ("run", "asked", "words"),
    [
        ("sentiment", "no json", "JSON object"),
        ("sentiment", "[" * 100_000, "JSON object"),
        ("sentiment", {}, "is asked for"),
        ("sentiment", {"text": "x" * 5000}, "too many"),
        ("sentiment", {"text": "\ud800"}, "UTF-8"),
        ("heights", {"row": {}}, "A row is"),
        ("digits", {"picture": "data:image/png;base64,%%%"}, "not base64"),
        ("digits", {"picture": "data:image/png;base64,AAAA"}, ""),
        ("digits", {"sample": 10**9}, "builtin"),
        ("heights", {"row": {"height_10": "tall"}}, "height_10"),
        ("heights", {"row": {"height_10": "1,5"}}, "comma"),
        ("heights", {"row": {"\ud800": "1"}}, "row"),
        ("heights", {"row": {"height_10": "\ud800"}}, "UTF-8"),
        ("digits", {"sample": True}, "is asked for"),
    ],
)
def test_what_cannot_be_predicted_is_told_in_words(lab, run, asked, words):
    body = asked if isinstance(asked, str) else json.dumps(asked)
    status, _, text = lab.ask(f"/api/runs/{run}/play", body)
    assert status == 400
    assert words in json.loads(text)["error"]
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"tokens": 0}, "tokens"),
        ({"tokens": 10**9}, "tokens"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": "hot"}, "numbers"),
        ({"top_p": 3}, "top-p"),
        ({"prompt": 5}, "text"),
        ({"temperature": 1e-320}, "temperature"),
        ({"temperature": True}, "numbers"),
        ({"top_k": 1.5}, "whole numbers"),
        ({"top_k": True}, "whole numbers"),
        ({"top_p": True}, "numbers"),
        ({"tokens": True}, "whole numbers"),
        ({"seed": 1.0}, "whole numbers"),
    ],
)
def test_a_gpt_refuses_senseless_wishes(lab, asked, words):
    status, _, text = lab.ask("/api/runs/gpt/talk", json.dumps({"prompt": "The ", "tokens": 5} | asked))
    assert status == 400
    assert words in json.loads(text)["error"]


def test_a_gpt_talks_the_same_for_the_same_seed(lab):
    body = json.dumps({"prompt": "The ", "tokens": 40, "seed": 3})
    first, second = (lab.ask("/api/runs/gpt/talk", body) for _ in range(2))
    assert first[0] == 200
    assert first[2] == second[2]
    assert len(first[2]) >= 30
    assert lab.ask("/api/runs/digits/talk", body)[0] == 400


def test_what_the_page_says_is_what_the_command_says(lab, capsys):
    _, _, text = lab.ask("/api/runs/sentiment/play", json.dumps({"text": "a lovely day"}))
    main(["predict", "sentiment", "a lovely day", "--runs", str(lab.runs), "--json"])
    assert json.loads(text) == json.loads(capsys.readouterr().out)


def test_fifty_clients_at_once(lab):
    paths = ["/", "/runs/gpt", "/api/runs", "/api/runs/gpt", "/static/run.js"] * 10
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lab.ask, paths))
    assert {status for status, *_ in answers} == {200}


def test_broken_and_deleted_runs_harm_no_page(lab):
    broken = lab.runs / "broken"
    broken.mkdir()
    (broken / "config.json").write_text("{")
    torn = lab.runs / "torn"
    shutil.copytree(lab.runs / "digits", torn)
    (torn / "metrics.jsonl").write_text('{"step": 1, "loss"\n{"step": 2}\n')
    status, _, text = lab.ask("/api/runs")
    states = {run["name"]: run for run in json.loads(text)["runs"]}
    assert status == 200
    assert states["broken"]["state"] == states["torn"]["state"] == "broken"
    assert "damaged" in states["broken"]["error"]
    assert lab.ask("/runs/broken")[0] == 404
    assert lab.ask("/api/runs/torn")[0] == 400
    shutil.rmtree(broken)
    shutil.rmtree(torn)
    assert lab.ask("/api/runs/torn")[0] == 404


GOOD = {"format": 1, "task": "digits", "seed": 0, "data": None}


@pytest.mark.parametrize(
    ("config", "metrics"),
    [
        ("[]", ""),
        ('{"task": 3}', ""),
        (json.dumps(GOOD | {"settings": []}), ""),
        (json.dumps(GOOD | {"settings": None}), ""),
        (json.dumps(GOOD | {"settings": {}, "model": 5}), ""),
        (json.dumps(GOOD | {"settings": {}}), "3\n[1]\n"),
        (json.dumps(GOOD | {"settings": {}}), '{"step": null}\n{"step": 2}\n'),
    ],
)
def test_a_run_that_holds_nonsense_is_told_not_served(lab, config, metrics):
    folder = lab.runs / "nonsense"
    folder.mkdir()
    try:
        (folder / "config.json").write_text(config)
        (folder / "metrics.jsonl").write_text(metrics)
        status, _, text = lab.ask("/api/runs")
        found = next(run for run in json.loads(text)["runs"] if run["name"] == "nonsense")
        assert (status, found["state"]) == (200, "broken")
        assert found["error"]
        for path, body in (("", None), ("/play", '{"sample": 1}'), ("/play", '{"text": "x"}'), ("/talk", "{}")):
            assert lab.ask(f"/api/runs/nonsense{path}", body)[0] in (400, 404)
    finally:
        shutil.rmtree(folder)


def test_a_run_that_diverged_hides_no_other(lab):
    folder = lab.runs / "diverged"
    shutil.copytree(lab.runs / "digits", folder)
    try:
        for file in ("report.json", "model.safetensors"):
            (folder / file).unlink()
        with (folder / "metrics.jsonl").open("a") as file:
            file.write('{"step": 100000, "loss": NaN, "test_accuracy": Infinity}\n')
        status, _, text = lab.ask("/api/runs")
        listed = {run["name"]: run for run in json.loads(text)["runs"]}
        assert status == 200
        assert {"diverged", "digits", "gpt"} <= set(listed)
        assert listed["diverged"]["last"]["loss"] is None
        assert "the learning rate was too large" in listed["diverged"]["error"]
        assert get_run(lab, "diverged")["metrics"][-1]["loss"] is None
    finally:
        shutil.rmtree(folder)


def test_a_torn_line_hides_no_other(lab):
    folder = lab.runs / "torn"
    shutil.copytree(lab.runs / "gpt", folder)
    try:
        samples = (folder / "samples.jsonl").read_text()
        (folder / "samples.jsonl").write_text(samples[:20] + "\n" + samples)
        told = get_run(lab, "torn")
        assert len(told["samples"]) == len(get_run(lab, "gpt")["samples"])
        assert told["metrics"] == get_run(lab, "gpt")["metrics"]
        assert "samples.jsonl, line 1: damaged" in told["error"]
    finally:
        shutil.rmtree(folder)


def test_a_picture_that_is_a_link_is_not_shown(lab):
    (lab.folder / "secret.png").write_text("secret")
    folder = lab.runs / "linked"
    shutil.copytree(lab.runs / "digits", folder)
    try:
        assert lab.ask("/api/runs/linked/curves.png")[0] == 200
        (folder / "curves.png").unlink()
        (folder / "curves.png").symlink_to(lab.folder / "secret.png")
        status, _, text = lab.ask("/api/runs/linked/curves.png")
        assert status == 404
        assert "secret" not in text
    finally:
        shutil.rmtree(folder)


def test_an_imported_run_is_called_so_and_not_trained(lab):
    folder = lab.runs / "imported"
    shutil.copytree(lab.runs / "gpt", folder)
    try:
        config = json.loads((folder / "config.json").read_text())
        del config["text"]
        config |= {"settings": {}, "data": None, "imported": {"from": "/some/checkpoint"}}
        (folder / "config.json").write_text(json.dumps(config))
        for file in ("state.safetensors", "report.json", "metrics.jsonl", "samples.jsonl"):
            (folder / file).unlink()
        assert get_run(lab, "imported")["state"] == "imported"
        asked = json.dumps({"task": "gpt", "name": "imported", "resume": True})
        status, _, text = lab.ask("/api/runs", asked)
        assert status == 400
        assert "imported from /some/checkpoint" in json.loads(text)["error"]
        assert lab.ask("/api/runs/imported/talk", json.dumps({"tokens": 3}))[0] == 200
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    "columns", [3, [3], [{}], [{"name": 3, "levels": None, "fill": None}], [{"name": "x", "levels": 3, "fill": "y"}]]
)
def test_a_table_s_run_with_odd_columns_is_told(columns, lab):
    folder = lab.runs / "odd"
    shutil.copytree(lab.runs / "heights", folder)
    try:
        config = json.loads((folder / "config.json").read_text())
        config["model"]["columns"] = columns
        (folder / "config.json").write_text(json.dumps(config))
        for path, body in (("/runs/odd", None), ("/api/runs/odd", None), ("/api/runs/odd/play", '{"row": {"x": "1"}}')):
            assert lab.ask(path, body)[0] in (400, 404)
        listed = {run["name"]: run for run in json.loads(lab.ask("/api/runs")[2])["runs"]}
        assert listed["odd"]["state"] == "broken"
        assert "model.columns" in listed["odd"]["error"]
    finally:
        shutil.rmtree(folder)


def test_a_folder_that_no_run_can_be_called_is_shown_without_a_page(lab):
    shutil.copytree(lab.runs / "heights", lab.runs / "my heights")
    found = next(run for run in json.loads(lab.ask("/api/runs")[2])["runs"] if run["name"] == "my heights")
    shutil.rmtree(lab.runs / "my heights")
    assert found["state"] == "broken"
    assert "letters" in found["error"]


@pytest.mark.parametrize("run", ["heights", "digits"])
def test_a_text_is_no_way_to_read_a_file(lab, run):
    table = lab.folder / "secret.csv"
    table.write_text("sex,father_height,mother_height,height_10,weight_10\nmale,1,2,3,4\n")
    for asked in ({"text": str(table)}, {"row": {str(table): "1"}}, {"text": "word " * 700}):
        status, _, text = lab.ask(f"/api/runs/{run}/play", json.dumps(asked))
        assert status == 400
        assert "prediction" not in text


def test_a_run_is_started_and_finished(lab, wait_until):
    asked = json.dumps({"task": "heights", "name": "started"})
    status, _, text = lab.ask("/api/runs", asked)
    assert (status, json.loads(text)) == (201, {"name": "started"})
    assert lab.ask("/api/runs", asked)[0] == 400, "it is there already"
    wait_until(lambda: get_run(lab, "started").get("state") == "finished")
    assert get_run(lab, "started")["outcome"] == get_run(lab, "heights")["outcome"]


def test_a_run_is_taken_up_again_watched_and_stopped(lab, wait_until, stop_early):
    stop_early("watched", steps=1_000_000)
    assert get_run(lab, "watched")["state"] == "stopped"
    assert lab.ask("/api/runs", json.dumps({"task": "gpt", "name": "watched", "resume": True}))[0] == 201
    wait_until(lambda: len(get_run(lab, "watched")["metrics"]) > 2)
    assert get_run(lab, "watched")["state"] == "training"
    assert "still training" in lab.ask("/api/runs/watched/talk", json.dumps({"prompt": "The"}))[2]
    assert lab.ask("/api/runs/gpt/stop", "{}")[0] == 400, "the lab has not started this one"
    assert lab.ask("/api/runs/watched/stop", "{}")[0] == 202
    wait_until(lambda: get_run(lab, "watched")["state"] == "stopped")
    saved, logged = checkpoint_step(lab.runs / "watched"), get_run(lab, "watched")["metrics"][-1]["step"]
    assert saved >= logged, "nothing is lost"


def test_a_run_that_was_stopped_is_taken_up_again_and_finished(lab, wait_until, stop_early):
    stop_early("halfway", steps=60)
    assert lab.ask("/api/runs", json.dumps({"task": "gpt", "name": "halfway", "resume": True}))[0] == 201
    # What is left may be trained between two looks.
    wait_until(lambda: get_run(lab, "halfway")["state"] in ("training", "finished"))
    wait_until(lambda: get_run(lab, "halfway")["state"] == "finished")
    assert get_run(lab, "halfway")["samples"]


def test_a_finished_run_is_told_by_what_it_never_saw(lab):
    listed = {run["name"]: run["outcome"] for run in json.loads(lab.ask("/api/runs")[2])["runs"]}
    for name in ("heights", "digits", "sentiment", "gpt"):
        assert "new" in listed[name]
        assert get_run(lab, name)["outcome"] == listed[name]


@pytest.mark.parametrize(
    "asked",
    [
        {"task": "x"},
        {"task": "\ud800"},
        {"task": "x\0"},
        {"task": "gpt", "name": "../x"},
        {"task": "gpt", "name": "\udfff"},
        {"task": "gpt", "minutes": -1},
        {"task": 3},
    ],
)
def test_senseless_runs_are_not_started(lab, asked):
    status, _, text = lab.ask("/api/runs", json.dumps(asked))
    assert status == 400
    assert json.loads(text)["error"]


@pytest.mark.parametrize(
    ("asked", "words"), [({"model": "nothing", "stop": True}, "No model called 'nothing'"), ({"model": 3}, "a text")]
)
def test_what_no_lesson_trains_is_not_stopped(lab, asked, words):
    status, _, text = lab.ask("/api/lessons/models", json.dumps(asked))
    assert status == 400
    assert words in json.loads(text)["error"]


def checkpoint_step(folder):
    with safe_open(folder / "state.safetensors", framework="pt") as file:
        return int(file.metadata()["step"])


def get_run(lab, name):
    status, _, text = lab.ask(f"/api/runs/{name}")
    return json.loads(text) if status == 200 else {}


def test_watching_never_takes_the_lock(tmp_path):
    run = Run.create(tmp_path, "a", "gpt", {})
    ended = threading.Event()
    watcher = threading.Thread(target=lambda: [is_locked(run.path("lock")) for _ in iter(ended.is_set, True)])
    watcher.start()
    for _ in range(200):
        with run.locked():
            pass
    ended.set()
    watcher.join()
    with run.locked():
        assert is_locked(run.path("lock"))
    assert not is_locked(run.path("lock"))
    assert not is_locked(tmp_path / "none")


def test_a_port_in_use_is_told(capsys, lab):
    assert main(["lab", "--no-open", "--port", str(lab.port)]) == 2
    assert "in use" in capsys.readouterr().err


def test_only_this_computer_is_listened_to(lab):
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines() if line.split()[3] == "0A"]
    ours = [place.split(":")[0] for place in listening if place.endswith(f":{lab.port:04X}")]
    assert ours == ["0100007F"]
    assert os.path.isdir(lab.runs)


def test_answers_are_not_held_back_by_nagles_algorithm():
    with listen(0) as listening:
        # What asyncio looks at before it sets TCP_NODELAY: 40 ms an answer.
        assert listening.proto == socket.IPPROTO_TCP
