"""One run by several processes: the folder that one process writes, whoever dies, and however many go on."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest
import warm
from safetensors.torch import load_file

SMALL = ["layers=1", "heads=2", "width=32", "context=16", "batch_size=12", "precision=float32", "device=cpu"]
JOB = ["train", "gpt", "--data", "text.txt"]
for setting in [*SMALL, "learning_rate=0.005", "evaluate_every=200", "sample_tokens=5", "checkpoint_seconds=0"]:
    JOB += ["--set", setting]
MODULE = ["-m", "groundup", "--"]
LONGEST = 180  # seconds for what takes a few; on a machine that is ten times slower, too


@pytest.fixture(autouse=True)
def text(tmp_path):
    from groundup.data.corpus.texts import read_text

    (tmp_path / "text.txt").write_text(read_text("python-reference").content[:30_000])


@pytest.fixture
def groundup(tmp_path):
    def run(*arguments, by=warm.start, longest=LONGEST):
        command = [sys.executable, "-m", "groundup", *arguments]
        own = {**os.environ, "OMP_NUM_THREADS": "1"}
        process = by(command, cwd=tmp_path, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, errors = finish(process, longest)
        return subprocess.CompletedProcess(command, process.returncode, out, errors)

    return run


def read_metrics(folder, name):
    lines = (folder / "runs" / name / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def finish(process, longest=LONGEST):
    """Return what a process printed until it ended by itself, in time."""
    try:
        return process.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"it goes on and on. It printed:\n{end(process)}") from None


def end(*processes):
    """End them, torchrun with those that it started, and return what they printed."""
    for process in processes:
        process.terminate()
    printed = ""
    for process in processes:
        try:
            said = process.communicate(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate(timeout=LONGEST)
        printed += "".join(text for text in said if text)
    return printed


def wait_for_step(folder, name, step, *processes):
    """Wait until the run is there, as long as its processes go on."""
    path = folder / "runs" / name / "metrics.jsonl"
    until = time.monotonic() + LONGEST
    goes_on = True
    while goes_on:
        goes_on = time.monotonic() < until and all(process.poll() is None for process in processes)
        found = re.findall(r'"step": (\d+)', path.read_text()) if path.exists() else []
        if found and int(found[-1]) >= step:
            return
        time.sleep(0.01)
    raise AssertionError(f"{name} never came to step {step}. Its processes printed:\n{end(*processes)}")


def assert_same_figures(folder, one, other):
    """Every logged figure but the seconds, within rounding."""
    for left, right in zip(read_metrics(folder, one), read_metrics(folder, other), strict=True):
        for name in left.keys() - {"seconds"}:
            assert right[name] == pytest.approx(left[name], abs=1e-5), (name, left, right)


@pytest.mark.parametrize("sharded", ["no", "yes"])
def test_two_processes_write_the_folder_that_one_writes(sharded, tmp_path, groundup, torchrun):
    steps = ["--set", "steps=50", "--set", "checkpoint_seconds=60"]  # nobody interrupts it
    assert groundup(*JOB, *steps, "--set", f"sharded={sharded}", "--run", "one").returncode == 0
    # One of them from nothing, as a person starts it.
    words = [*MODULE, *JOB, *steps, "--set", f"sharded={sharded}", "--run", "two", "--json"]
    process = torchrun(2, *words, forked=sharded == "yes")
    out, errors = finish(process)
    assert process.returncode == 0, errors
    assert json.loads(out)["run"] == "two"  # one object, from one process
    assert errors.count("step 50: validation loss") == 1
    one, two = tmp_path / "runs" / "one", tmp_path / "runs" / "two"
    assert sorted(path.name for path in one.iterdir()) == sorted(path.name for path in two.iterdir())
    for name in ("config.json", "tokenizer.json"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    for name in ("model.safetensors", "best.safetensors", "state.safetensors"):
        left, right = load_file(one / name), load_file(two / name)
        assert {key: (one.shape, one.dtype) for key, one in left.items()} == {
            key: (one.shape, one.dtype) for key, one in right.items()
        }
    assert_same_figures(tmp_path, "one", "two")


@pytest.mark.parametrize("sharded", ["no", "yes"])
def test_a_killed_process_is_started_again_and_nothing_is_repeated_or_lost(sharded, tmp_path, torchrun):
    """With dropout, so that the random numbers count, too; the weights at the end are the same bit for bit."""
    job = [*MODULE, *JOB, "--set", "steps=80", "--set", "dropout=0.1", "--set", f"sharded={sharded}", "--run"]
    whole = torchrun(2, *job, "whole", forked=True)
    finish(whole)
    killed = torchrun(2, *job, "killed", restarts=2, forked=True)
    for step in (20, 40):
        wait_for_step(tmp_path, "killed", step, killed)
        os.kill(max(set(warm.list_running("killed")) - {killed.pid}), signal.SIGKILL)
    _, errors = finish(killed)
    assert killed.returncode == whole.returncode == 0, errors
    assert "Traceback" not in errors
    assert [line["step"] for line in read_metrics(tmp_path, "killed")] == list(range(20, 81, 20))
    expected = load_file(tmp_path / "runs" / "whole" / "model.safetensors")
    found = load_file(tmp_path / "runs" / "killed" / "model.safetensors")
    assert all(found[name].equal(expected[name]) for name in expected)


def test_who_is_left_says_that_another_is_gone(tmp_path):
    """Without torchrun, which may end whoever is left before it has said so."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    pair = []
    for rank in ("0", "1"):
        own = {**os.environ, "WORLD_SIZE": "2", "RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        command = [sys.executable, "-m", "groundup", *JOB, "--set", "steps=10000", "--run", "left"]
        pair.append(warm.start(command, cwd=tmp_path, env=own, stderr=subprocess.PIPE, text=True))
    wait_for_step(tmp_path, "left", 20, *pair)
    pair[1].kill()
    told = [finish(process)[1] for process in pair]
    assert pair[0].returncode == 2
    assert "Another process of this training is gone" in told[0]
    assert "Traceback" not in told[0]


@pytest.mark.parametrize("sharded", ["no", "yes"])
def test_another_number_of_processes_goes_on(sharded, tmp_path, groundup, torchrun):
    steps = ["--set", "steps=100", "--set", f"sharded={sharded}"]
    assert groundup(*JOB, *steps, "--run", "whole").returncode == 0
    first = torchrun(2, *MODULE, *JOB, *steps, "--run", "changed", forked=True)
    wait_for_step(tmp_path, "changed", 20, first)
    first.send_signal(signal.SIGINT)
    _, errors = finish(first)
    assert errors.count("nothing is lost. Continue with: groundup train --run changed --resume") == 1, errors
    second = torchrun(3, *MODULE, "train", "--run", "changed", "--resume", forked=True)
    wait_for_step(tmp_path, "changed", 40, second)
    second.send_signal(signal.SIGINT)
    finish(second)
    done = groundup("train", "--run", "changed", "--resume")
    assert done.returncode == 0, done.stderr
    assert_same_figures(tmp_path, "whole", "changed")


def test_processes_starts_them_itself_and_says_what_is_wrong_once(tmp_path, groundup):
    # From nothing, as a person starts it.
    refused = groundup("train", "gpt", "--processes", "2", "--data", "missing.txt", "--json", by=subprocess.Popen)
    assert refused.returncode == 2
    assert refused.stderr.count("missing.txt") == 1
    assert "Traceback" not in refused.stderr
    assert "missing.txt" in json.loads(refused.stdout)["error"]


def test_what_all_processes_meet_is_said_once(groundup):
    diverged = groundup(*JOB, "--set", "steps=60", "--processes", "2", "--set", "learning_rate=1e30")
    assert diverged.returncode == 2
    assert diverged.stderr.count("the learning rate is too large") == 1, diverged.stderr
    small = groundup(*JOB, "--processes", "2", "--set", "batch_size=1", "--run", "small")
    assert small.returncode == 2
    assert small.stderr.count("A batch of 1 cannot be shared by 2") == 1, small.stderr


def test_with_minutes_two_processes_take_the_size_that_the_leader_chooses(tmp_path, torchrun):
    words = ["--minutes", "0.05", "--set", "precision=float32", "--set", "device=cpu", "--set", "sample_tokens=0"]
    process = torchrun(2, *MODULE, "train", "gpt", "--data", "text.txt", *words, "--run", "timed", forked=True)
    _, errors = finish(process)
    assert process.returncode == 0, errors
    config = json.loads((tmp_path / "runs" / "timed" / "config.json").read_text())
    assert config["size"]["layers"] == config["model"]["layers"]
    assert config["steps"] >= 1
    assert errors.count("Measuring how fast this computer is") == 1


def test_digits_learn_by_two_processes_what_they_learn_by_one(tmp_path, groundup):
    options = ["--set", "dropout=0", "--set", "precision=float32", "--set", "epochs=4", "--set", "hidden=32"]
    one = groundup("train", "digits", *options, "--run", "one", "--json")
    two = groundup("train", "digits", *options, "--run", "two", "--json", "--processes", "2")
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert_same_figures(tmp_path, "one", "two")


def test_a_compiled_model_learns_the_same(tmp_path, groundup, monkeypatch):
    # Every kernel costs its compiler a second: the preset of the fewest, no text sampled, and no helpers from nothing;
    # and a tenth of the text that fills one batch of whole windows, since a window of another length is compiled again.
    monkeypatch.setenv("TORCHINDUCTOR_COMPILE_THREADS", "1")
    whole = (tmp_path / "text.txt").read_text()
    (tmp_path / "text.txt").write_text(whole[: 10 * (12 * 16 + 1)])
    fewest = ["--set", "steps=40", "--set", "preset=plain", "--set", "sample_tokens=0"]
    for name, compiled in (("plainly", "no"), ("compiled", "yes")):
        done = groundup(*JOB, *fewest, "--run", name, "--set", f"compile={compiled}", longest=600)
        assert done.returncode == 0, done.stderr
    assert_same_figures(tmp_path, "plainly", "compiled")
