"""Kill -9 at random moments, go on with --resume: the final weights are those of the run nobody touched."""

import multiprocessing
import os
import random
import time

import pytest
from safetensors.torch import load_file

KILLS = 12
JOB = ["train", "digits", "--set", "epochs=45", "--set", "batch_size=64", "--set", "hidden=64", "--seed", "3"]


@pytest.fixture(scope="module")
def start():
    """Return a function that starts the command in a real process, forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "groundup.cli.app",
            "groundup.tasks.digits.task",
            "torch._dynamo",
            "sklearn.datasets",
        ]
    )

    def start_in(folder, arguments):
        code = f"import os; os.chdir({str(folder)!r}); from groundup.cli import main; os._exit(main({arguments!r}))"
        process = context.Process(target=exec, args=(code,))
        process.start()
        return process

    return start_in


@pytest.mark.slow
def test_killed_again_and_again_the_weights_are_bit_for_bit_the_same(tmp_path, start):
    """checkpoint_seconds=0 saves after every step, so that most kills fall near or into a write."""
    whole = start(tmp_path, [*JOB, "--run", "whole"])
    whole.join()
    assert whole.exitcode == 0

    cut = [*JOB, "--set", "checkpoint_seconds=0", "--run", "cut", "--resume"]
    random.seed(os.environ.get("GROUNDUP_TEST_SEED", "20"))
    state = tmp_path / "runs" / "cut" / "state.safetensors"
    killed_in_training = 0
    for kill in range(KILLS):
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = start(tmp_path, cut)
        if kill % 2:  # half the kills fall into training for sure, the others anywhere, reading the data included
            while process.is_alive() and (not state.exists() or state.stat().st_mtime_ns == before):
                time.sleep(0.005)
        time.sleep(random.uniform(0.0, 0.5))
        assert process.is_alive(), f"the run ended before kill {kill + 1}: make it longer"
        process.kill()
        process.join()
        killed_in_training += state.exists() and state.stat().st_mtime_ns != before
    assert killed_in_training >= KILLS // 2
    last = start(tmp_path, cut)
    last.join()
    assert last.exitcode == 0

    expected = load_file(tmp_path / "runs" / "whole" / "model.safetensors")
    found = load_file(tmp_path / "runs" / "cut" / "model.safetensors")
    assert expected.keys() == found.keys()
    for name in expected:
        assert expected[name].equal(found[name]), name
    assert not list((tmp_path / "runs" / "cut").glob(".*"))
