"""`groundup data` as a user has it: real processes, killed and side by side, with a real server."""

import gzip
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
import warm

from groundup.cli import main
from groundup.data.named.fetching import get_data, remove_data
from groundup.data.named.resolve import data_folder, downloads_folder

CONTENT = random.Random(0).randbytes(2_000_000)


def start(*arguments, by=warm.start, **options):
    command = [sys.executable, "-m", "groundup", "data", *arguments]
    return by(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def finish(process):
    out, told = process.communicate(timeout=600)
    return process.returncode, out, told


@pytest.fixture
def entry(server, catalogue):
    """Return the entry ``one``: a file of two million bytes on the server."""
    return catalogue("one", [("one.bin", CONTENT, [server.put("/one", CONTENT)], {})], use="one.bin")


@pytest.fixture
def slowly(behave):
    """Return a behaviour that takes about two seconds for all of it."""
    return behave(pause=lambda: time.sleep(0.016))


@pytest.fixture
def flushed(monkeypatch):
    """Return the names of what was flushed to the disk, in order."""
    names = []
    real = os.fsync

    def note(descriptor):
        names.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return names


def test_data_are_on_the_disk_before_they_take_their_place(server, catalogue, flushed):
    packed = gzip.compress(CONTENT)
    options = {"unpack": '"gz"', "members": '{"one.bin" = "deep/one.bin"}'}
    made = catalogue("packed", [("one.bin.gz", packed, [server.put("/packed", packed)], options)], use="deep/one.bin")
    folder = get_data(made)
    building = [name for name in flushed if f".{folder.name}." in name]
    assert {Path(name).name for name in building} >= {"one.bin", "deep", ".groundup.json"}
    assert flushed[-1] == str(folder.parent)
    assert not list(folder.parent.glob(".*"))


def wait_for_bytes(entry, count):
    part = downloads_folder(entry) / "one.bin.part"
    deadline = time.monotonic() + 30
    while not part.is_file() or part.stat().st_size < count:
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.005)


def test_killed_again_and_again_it_goes_on_where_it_was(server, entry, slowly):
    server.behaviours["/one"] = [slowly] * 9
    for kill in range(3):
        process = start("get", "one")
        wait_for_bytes(entry, 300_000 * (kill + 1))
        process.kill()
        finish(process)
        assert not data_folder(entry).exists()
        assert not (downloads_folder(entry) / "one.bin").exists()
    code, _, told = finish(start("get", "one"))
    assert code == 0, told
    assert "continues after" in told
    assert (data_folder(entry) / "one.bin").read_bytes() == CONTENT
    begun = [int(request[1][6:-1]) if request[1] else 0 for request in server.log]
    assert len(begun) == 4
    assert begun[0] == 0
    assert all(later >= 300_000 * number for number, later in enumerate(begun))
    assert sorted(path.name for path in downloads_folder(entry).iterdir()) == ["one.bin"]


def test_killed_at_any_moment_it_ends_whole(server, catalogue, tmp_path, behave):
    """Twenty kills at random moments; what is whole is taken away, so that many fall into checking and unpacking."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("inner/big.bin", CONTENT * 10)
    content = (tmp_path / "a.zip").read_bytes()
    more = {"unpack": '"zip"', "members": '{ "inner/big.bin" = "big.bin" }'}
    url = server.put("/a.zip", content, *[behave(pause=lambda: time.sleep(0.0003))] * 99)
    entry = catalogue("big", [("a.zip", content, [url], more)], use="big.bin", disk=len(content))
    random.seed(os.environ.get("GROUNDUP_TEST_SEED", "7"))
    for _ in range(20):
        process = start("get", "big")
        time.sleep(random.uniform(0.2, 1.2))
        process.kill()
        finish(process)
        folder = data_folder(entry)
        if folder.exists():
            assert (folder / "big.bin").read_bytes() == CONTENT * 10
            shutil.rmtree(folder)
    code, _, told = finish(start("get", "big"))
    assert code == 0, told
    assert (data_folder(entry) / "big.bin").read_bytes() == CONTENT * 10
    assert [path.name for path in downloads_folder(entry).iterdir()] == ["a.zip"]
    assert {path.name for path in data_folder(entry).parent.iterdir()} == {"big"}


class Crash(BaseException):
    """The power goes."""


def test_a_crash_at_any_step_leaves_nothing_half_under_the_name(server, catalogue, behave, monkeypatch):
    """Before every call that changes the disk for good, one after the other, the process ends."""
    content = b"a" * 1000
    more = {"unpack": '"gz"', "members": '{ "a.txt" = "b.txt" }'}
    packed = gzip.compress(content)
    entry = catalogue("one", [("a.txt.gz", packed, [server.put("/a", packed)], more)], use="b.txt", disk=1000)
    steps = [(os, "fsync"), (os, "link"), (os, "utime"), (shutil, "move"), (Path, "rename"), (shutil, "rmtree")]
    crashes = 0
    for crash_at in range(100):
        left = crash_at
        with monkeypatch.context() as patch:

            def count(own):
                def step(*arguments, **options):
                    nonlocal left
                    left -= 1
                    if left < 0:
                        raise Crash
                    return own(*arguments, **options)

                return step

            for owner, name in steps:
                patch.setattr(owner, name, count(getattr(owner, name)))
            try:
                get_data(entry)
                break
            except Crash:
                crashes += 1
        folder = data_folder(entry)
        assert not folder.exists() or (folder / "b.txt").read_bytes() == content
        assert (get_data(entry) / "b.txt").read_bytes() == content
        remove_data(entry)
    assert crashes >= 7


def test_two_at_once_download_once(server, entry, slowly):
    server.behaviours["/one"] = [slowly]
    processes = [start("get", "one", "--json") for _ in range(2)]
    ended = [finish(process) for process in processes]
    assert [code for code, *_ in ended] == [0, 0], ended
    assert [json.loads(out)["data"][0]["here"] for _, out, _ in ended] == [True, True]
    assert len(server.log) == 1
    assert sum("another process is downloading it" in told for *_, told in ended) == 1


def test_ctrl_c_loses_nothing_and_says_how_to_go_on(server, entry, slowly):
    server.behaviours["/one"] = [slowly]
    process = start("get", "one")
    wait_for_bytes(entry, 300_000)
    process.send_signal(signal.SIGINT)
    code, _, told = finish(process)
    assert code == 130
    assert told.splitlines()[-1] == "groundup: stopped; nothing is lost. Continue with: groundup data get one"
    assert "Traceback" not in told
    assert finish(start("get", "one"))[0] == 0
    assert server.log[-1][1] is not None
    assert (data_folder(entry) / "one.bin").read_bytes() == CONTENT


def test_a_full_disk_is_one_line_and_what_came_stays(server, entry):
    """No file may grow beyond the limit, which is what a full disk does to a download."""

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    code, out, told = finish(start("get", "one", "--json", by=subprocess.Popen, preexec_fn=limit))
    assert code == 2, told
    assert "the disk is full. Free some space and run the same command again" in told.splitlines()[-1]
    assert json.loads(out)["error"] in told
    assert not data_folder(entry).exists()
    assert finish(start("get", "one"))[0] == 0
    assert server.log[-1][1] == "bytes=500000-"


def test_no_network_is_one_line_that_says_what_to_do(catalogue):
    catalogue("one", [("one.bin", b"abc", ["http://no.such.host.invalid/one.bin"], {})])
    code, out, told = finish(start("get", "one", "--json"))
    assert code == 2
    assert told.count("Traceback") == 0
    error = json.loads(out)["error"]
    assert "no.such.host.invalid is not found (no network here?)" in error
    assert "groundup data get one --from one.bin" in error


def test_a_download_by_hand_is_taken_wherever_it_lies(server, entry, tmp_path, capsys):
    (tmp_path / "moved (1).bin").write_bytes(CONTENT)
    assert main(["data", "get", "one", "--from", str(tmp_path / "moved (1).bin")]) == 0
    assert server.log == []
    assert (data_folder(entry) / "one.bin").read_bytes() == CONTENT
    assert main(["data", "get", "one"]) == 0
    assert "is already on this computer" in capsys.readouterr().out
    assert main(["data", "path", "one"]) == 0
    assert capsys.readouterr().out.strip() == str(data_folder(entry) / "one.bin")


def test_a_wrong_or_missing_file_by_hand_is_told(entry, tmp_path, capsys):
    (tmp_path / "one.bin").write_bytes(CONTENT[:-1])
    assert main(["data", "get", "one", "--from", str(tmp_path / "one.bin")]) == 2
    said = capsys.readouterr().err
    assert "not the one.bin of one (1,999,999 bytes where 2,000,000 belong; its checksum differs)" in said
    assert main(["data", "get", "one", "--from", str(tmp_path / "none")]) == 2
    assert "no such file or folder" in capsys.readouterr().err
    assert main(["data", "get", "one", "--from", str(tmp_path / "cache")]) == 2
    assert "one still lacks one.bin" in capsys.readouterr().err


def test_files_by_hand_may_come_one_after_the_other(catalogue, tmp_path, capsys):
    files = [(f"{name}.txt", name.encode(), ["http://a.invalid/x"], {}) for name in ("a", "b")]
    entry = catalogue("two", files)
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_bytes(name.encode())
    assert main(["data", "get", "two", "--from", str(tmp_path / "a.txt")]) == 2
    assert "two still lacks b.txt" in capsys.readouterr().err
    assert main(["data", "get", "two", "--from", str(tmp_path / "b.txt")]) == 0
    assert (data_folder(entry) / "a.txt").read_bytes() == b"a"


def test_one_of_several_files_may_have_been_renamed(catalogue, tmp_path, capsys):
    catalogue("two", [(f"{name}.txt", name.encode(), ["http://a.invalid/x"], {}) for name in ("a", "b")])
    (tmp_path / "b (1).txt").write_bytes(b"b")
    assert main(["data", "get", "two", "--from", str(tmp_path / "b (1).txt")]) == 2
    said = capsys.readouterr().err
    assert "b.txt: taken from" in said
    assert "two still lacks a.txt" in said


def test_a_class_gets_it_from_the_teachers_cache(server, entry, tmp_path, monkeypatch, capsys):
    """The teacher serves the downloads folder; one line in a catalogue makes it the first address for every name."""
    assert main(["data", "get", "one"]) == 0
    teacher = downloads_folder(entry).parent
    served = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(teacher)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        port = served.stdout.readline().split(" port ")[1].split()[0]
        path = tmp_path / "class.toml"
        path.write_text(f'mirror = "http://127.0.0.1:{port}"\n' + (tmp_path / "catalogue.toml").read_text())
        monkeypatch.setenv("GROUNDUP_CATALOGUE", str(path))
        monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "pupil"))
        server.log.clear()
        assert main(["data", "get", "one"]) == 0
        assert (tmp_path / "pupil" / "data" / "one" / "one.bin").read_bytes() == CONTENT
        assert server.log == []
    finally:
        served.kill()
        served.communicate()


def test_the_list_tells_what_is_here_and_what_is_half_here(server, entry, behave, capsys):
    server.behaviours["/one"] = [behave(cut=1_000_000)] + [behave(cut=0)] * 9
    assert main(["data", "get", "one"]) == 2
    capsys.readouterr()
    assert main(["data", "list", "--task", "gpt"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("one ")]
    assert line.split()[:5] == ["one", "gpt", "2.0", "MB", "50%"]
    server.behaviours["/one"].clear()
    assert main(["data", "get", "one"]) == 0
    capsys.readouterr()
    assert main(["data", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    (one,) = [item for item in listed["data"] if item["name"] == "one"]
    assert one["here"] is True
    assert one["checked"] is True
    assert {"name": "builtin", "task": "digits", "about": "1,797 handwritten digits"} in listed["built_in"]
    for built_in in listed["built_in"]:
        name = built_in["name"]
        for command in ("show", "get"):
            assert main(["data", command, name]) == 0
            assert f"groundup train {built_in['task']}" in (said := capsys.readouterr().out)
            assert f"--data {name}" in said
    assert main(["data", "show", "one"]) == 0
    shown = capsys.readouterr().out
    assert server.url("/one") in shown
    assert "CC0" in shown
    assert main(["data", "remove", "one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["freed"] >= len(CONTENT)
    assert main(["data", "path", "one"]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["get"], "Missing argument"),
        (["get", "mnits"], "Did you mean mnist"),
        (["show", "nothing-like-it"], "groundup data list shows all names"),
        (
            ["path", "reviews"],
            "reviews is built in: it has no file of its own. Use it: groundup train sentiment --data",
        ),
        (["remove", "families"], "families is built in"),
        (["path", "mnist"], "mnist is not on this computer yet"),
        (["list", "--task", "gtp"], "the tasks are regression, classification, digits, sentiment, gpt"),
        (["get", "mnist", "sst2", "--from", "x"], "--from is for one name at a time"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_usage_is_one_line(arguments, told, cache, capsys):
    assert main(["data", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_cache_that_may_not_be_written_is_told(entry, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "file"))
    assert main(["data", "get", "one"]) == 2
    assert "cannot be written (not a directory). Set GROUNDUP_CACHE" in capsys.readouterr().err


def test_a_terminal_gets_a_moving_bar(server, entry, slowly):
    """A real terminal, as the bar is only drawn there."""
    import pty

    server.behaviours["/one"] = [slowly]
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "groundup", "data", "get", "one", "--json"],
        stdout=subprocess.PIPE,
        stderr=slave,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(slave)
    drawn = []

    def read():
        try:
            while chunk := os.read(master, 4096):
                drawn.append(chunk)
        except OSError:  # what a terminal says at its end
            pass

    reader = threading.Thread(target=read)
    reader.start()
    out, _ = process.communicate(timeout=600)
    reader.join()
    os.close(master)
    assert json.loads(out)["data"][0]["here"] is True
    seen = b"".join(drawn).decode()
    assert "one.bin" in seen
    assert "/2.0 MB" in seen
    assert "B/s" in seen  # thousands of bytes or millions: a busy machine takes long
