"""Kill -9 at random moments, go on with --resume: the final weights are those of the run nobody touched."""

import os
import random
import subprocess
import sys
import time

import warm
from safetensors.torch import load_file

KILLS = 12
JOB = ["train", "digits", "--set", "epochs=20", "--set", "batch_size=64", "--set", "hidden=64", "--seed", "3"]


def start(folder, arguments):
    command = [sys.executable, "-m", "groundup", *arguments]
    return warm.start(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_killed_again_and_again_the_weights_are_bit_for_bit_the_same(tmp_path):
    """checkpoint_seconds=0 saves after every step, so that most kills fall near or into a write."""
    whole = start(tmp_path, [*JOB, "--run", "whole"])
    assert whole.wait() == 0

    cut = [*JOB, "--set", "checkpoint_seconds=0", "--run", "cut", "--resume"]
    random.seed(os.environ.get("GROUNDUP_TEST_SEED", "20"))
    state = tmp_path / "runs" / "cut" / "state.safetensors"
    killed_in_training = 0
    for kill in range(KILLS):
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = start(tmp_path, cut)
        # Half the kills fall into training for sure, after some saves; the others anywhere, reading the data included.
        saves, last = random.randint(1, 4) * (kill % 2), before
        while saves and process.poll() is None:
            time.sleep(0.002)
            now = state.stat().st_mtime_ns if state.exists() else 0
            saves, last = saves - (now != last), now
        time.sleep(random.uniform(0.0, 0.005 if kill % 2 else 0.3))
        assert process.poll() is None, f"the run ended before kill {kill + 1}: make it longer"
        process.kill()
        process.wait()
        killed_in_training += state.exists() and state.stat().st_mtime_ns != before
    assert killed_in_training >= KILLS // 2
    last = start(tmp_path, cut)
    assert last.wait() == 0

    expected = load_file(tmp_path / "runs" / "whole" / "model.safetensors")
    found = load_file(tmp_path / "runs" / "cut" / "model.safetensors")
    assert expected.keys() == found.keys()
    for name in expected:
        assert expected[name].equal(found[name]), name
    assert not list((tmp_path / "runs" / "cut").glob(".*"))
