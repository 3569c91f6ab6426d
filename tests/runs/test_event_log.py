"""TensorBoard reads from a run what ``metrics.jsonl`` says: no more, no less, and once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest
import warm
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from groundup.base.errors import UserError
from groundup.cli import main
from groundup.runs.folder import Run

SMALL_GPT = ["layers=1", "width=32", "context=32", "steps=60", "evaluate_every=30", "checkpoint_seconds=0"]
JOBS = {
    "heights": [],
    "digits": ["epochs=4"],
    "sentiment": ["epochs=3"],
    "gpt": SMALL_GPT,
}


def train(root, task, *more):
    pairs = [word for pair in JOBS[task] for word in ("--set", pair)]
    return ["train", task, "--runs", str(root), *pairs, *more]


def list_files(run):
    return [path for path in (run.folder / "tensorboard").iterdir() if path.stat().st_size]


def read_events(run):
    found = EventAccumulator(str(run.folder / "tensorboard"), size_guidance={"scalars": 0, "tensors": 0})
    found.Reload()
    return found


def read_curves(run):
    """Return name → [(step, value), …] as TensorBoard's own reader has them."""
    found = read_events(run)
    return {name: [(event.step, event.value) for event in found.Scalars(name)] for name in found.Tags()["scalars"]}


def expected_curves(run):
    curves = {}
    for line in run.metrics():
        for name, value in line.items():
            if name != "step":
                curves.setdefault(name, []).append((line["step"], pytest.approx(value, rel=1e-6)))
    return curves


def read_texts(run, name):
    found = read_events(run)
    return [(event.step, event.tensor_proto.string_val[0].decode()) for event in found.Tensors(f"{name}/text_summary")]


def expected_texts(run):
    return [(line["step"], "    " + line["text"].replace("\n", "\n    ")) for line in run.samples()]


@pytest.mark.parametrize("task", JOBS)
def test_every_task_logs_what_its_metrics_say(task, tmp_path, capsys):
    assert main([*train(tmp_path, task, "--log", "tensorboard"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    run = Run.open(tmp_path, task)
    assert facts["tensorboard"] == str(run.folder / "tensorboard")
    assert read_curves(run) == expected_curves(run)
    assert "loss" in read_curves(run)
    ((step, text),) = read_texts(run, "config")
    assert step == 0
    assert json.loads(text)["settings"] == run.config["settings"]
    if task == "gpt":
        assert read_texts(run, "sample") == expected_texts(run) != []


def test_nothing_is_written_without_being_asked(tmp_path):
    assert main(train(tmp_path, "heights")) == 0
    assert not (tmp_path / "heights" / "tensorboard").exists()


def test_a_run_without_events_is_converted(tmp_path, capsys):
    assert main(train(tmp_path, "gpt")) == 0
    for _ in range(2):  # the second time changes nothing
        assert main(["show", "gpt", "--log", "tensorboard", "--runs", str(tmp_path)]) == 0
        run = Run.open(tmp_path, "gpt")
        assert len(list_files(run)) == 1
        assert read_curves(run) == expected_curves(run)
        assert read_texts(run, "sample") == expected_texts(run)
    assert f"tensorboard --logdir {tmp_path}" in capsys.readouterr().out.replace("\n", "")


def test_a_curve_goes_on_where_the_run_does(tmp_path):
    run = Run.create(tmp_path, "cut", "digits", {"settings": {"hidden": 8, "note": None}})
    with run.locked():
        run.log_for("tensorboard")
        for step in range(1, 6):
            run.log(step=step, loss=1.0 / step, seconds=float(step))
            run.log_sample(step, f"first {step}")
    again = Run.open(tmp_path, "cut")  # which remembers that it logs
    with again.locked():
        again.keep_metrics_until(3)
        assert read_curves(again)["loss"] == expected_curves(again)["loss"]
        for step in range(4, 8):
            again.log(step=step, loss=-1.0 / step, seconds=float(step))
            again.log_sample(step, f"second {step}")
            assert read_curves(again)["loss"] == expected_curves(again)["loss"]  # at once, without waiting for an end
    assert read_curves(again) == expected_curves(again)
    assert read_texts(again, "sample") == expected_texts(again)
    times = [event.wall_time for event in read_events(again).Scalars("loss")]
    assert times == sorted(times)
    assert times[2] - times[0] == pytest.approx(2.0, abs=0.01)  # of training
    assert len(list_files(again)) == 1


def test_what_another_program_wrote_stays(tmp_path):
    run = Run.create(tmp_path, "a", "digits", {})
    foreign = run.folder / "tensorboard" / "events.out.tfevents.1.host"
    foreign.parent.mkdir()
    foreign.write_bytes(b"theirs")
    for _ in range(3):
        with run.locked():
            run.log_for("tensorboard")
            run.log(step=1, loss=1.0)
            run.keep_metrics_until(0)
    assert foreign.read_bytes() == b"theirs"


def test_a_link_to_a_folder_elsewhere_is_not_followed(tmp_path):
    run = Run.create(tmp_path, "a", "digits", {})
    (tmp_path / "logs").mkdir()
    (run.folder / "tensorboard").symlink_to(tmp_path / "logs")
    with run.locked(), pytest.raises(UserError, match="a link, and files there are not this run's"):
        run.log_for("tensorboard")
    assert not list((tmp_path / "logs").iterdir())


def test_a_run_killed_twice_is_one_curve(tmp_path):
    """Kill -9 leaves events behind that the resumed run does not go on from."""
    pairs = ("epochs=30", "batch_size=64", "hidden=64", "checkpoint_seconds=0.2")
    job = [word for pair in pairs for word in ("--set", pair)]
    command = [sys.executable, "-m", "groundup", "train", "digits", "--runs", str(tmp_path), *job, "--resume"]
    metrics = tmp_path / "digits" / "metrics.jsonl"
    for kill in range(2):
        logged = len(metrics.read_bytes().splitlines()) if kill else 0
        process = warm.start([*command, *([] if kill else ["--log", "tensorboard"])], stderr=subprocess.DEVNULL)
        while not metrics.exists() or len(metrics.read_bytes().splitlines()) < logged + 8:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
        process.wait()
    assert main(command[3:]) == 0
    run = Run.open(tmp_path, "digits")
    assert read_curves(run) == expected_curves(run)
    steps = [step for step, _ in read_curves(run)["loss"]]
    assert steps == sorted(set(steps))
    assert steps[-1] == run.config["steps"]


@pytest.mark.parametrize("command", ["train", "show"])
def test_another_tool_is_refused_and_leaves_nothing(command, tmp_path, capsys):
    if command == "show":
        assert main(train(tmp_path, "heights")) == 0
    capsys.readouterr()
    assert main([command, "heights", "--runs", str(tmp_path), "--log", "visdom"]) == 2
    told = capsys.readouterr().err.strip()
    assert "there is only --log tensorboard" in told
    assert "\n" not in told
    assert (tmp_path / "heights").exists() == (command == "show")


def test_a_missing_package_is_told_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    run = Run.create(tmp_path, "a", "digits", {})
    with run.locked(), pytest.raises(UserError, match="python -m pip install tensorboard"):
        run.log_for("tensorboard")
    assert not (run.folder / "tensorboard").exists()


HPARAMS = {
    "experimentName": "",
    "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"],
    "startIndex": 0,
    "sliceSize": 10,
}


FULL_DISK = """
import pathlib, resource, signal, sys
from groundup.base.errors import UserError
from groundup.runs.folder import Run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sys.dont_write_bytecode = True  # or compiled modules would be cut short, too, and stay
run = Run.create(pathlib.Path(sys.argv[1]), "a", "digits", {"settings": {}})
try:
    with run.locked():
        run.log_for("tensorboard")
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, -1))
        for step in range(1000):
            run.log(step=step, a=1.0, b=1.0, c=1.0, d=1.0)
except UserError as error:
    print(error)
"""


def test_a_full_disk_is_told_in_one_line(tmp_path):
    """The events are longer than the lines of metrics.jsonl, and meet the limit first."""
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True)
    assert "the disk is full" in done.stdout
    assert str(tmp_path / "a" / "tensorboard") in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def _ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/plugin/{path}", timeout=300) as answer:
        return json.load(answer)


@pytest.mark.parametrize("fast", ["true", "false"])
def test_a_server_that_is_open_while_a_run_goes_back_shows_one_curve(fast, tmp_path):
    """Both of TensorBoard's readers, the one in Rust and the one in Python."""
    run = Run.create(tmp_path, "a", "digits", {"settings": {"hidden": 8}})
    with run.locked():
        run.log_for("tensorboard")
        for step in range(1, 6):
            run.log(step=step, loss=1.0 / step, seconds=float(step))
            run.log_sample(step, f"<b>first</b> {step}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = ["--logdir", str(tmp_path), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", *place, "--load_fast", fast, "--reload_interval", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )

    def wait_for_curve():
        wanted = [[line["step"], pytest.approx(line["loss"], rel=1e-6)] for line in run.metrics()]
        deadline, found = time.monotonic() + 600, None
        while time.monotonic() < deadline:
            try:
                found = [event[1:] for event in _ask(port, "scalars/scalars?run=a/tensorboard&tag=loss")]
                if found == wanted:
                    return
            except OSError:
                assert server.poll() is None
            time.sleep(0.3)
        assert found == wanted

    try:
        wait_for_curve()
        with run.locked():
            run.keep_metrics_until(3)
            for step in range(4, 8):
                run.log(step=step, loss=-1.0 / step, seconds=float(step))
                run.log_sample(step, f"second {step}")
            wait_for_curve()
        texts = [event["text"] for event in _ask(port, "text/text?run=a/tensorboard&tag=sample/text_summary")]
        assert "&lt;b&gt;first&lt;/b&gt; 3" in texts[2]
        assert [("second" in text) for text in texts] == [False] * 3 + [True] * 4
        wanted = urllib.parse.quote(json.dumps(HPARAMS))
        (group,) = _ask(port, f"hparams/session_groups?request={wanted}")["sessionGroups"]
        assert group["hparams"] == {"task": "digits", "hidden": 8.0}
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=600)
