"""The judge that stays: its process is kept, exchanged where it must be, and never left behind."""

import os
import re
import signal
import threading

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.isolation import worker
from groundup.judge.judging import CheckOptions
from groundup.judge.warm_judge import WarmJudge

RIGHT = "import numpy as np\n\ndef softmax(z):\n    powers = np.exp(z - np.max(z))\n    return powers / powers.sum()\n"
QUICK = CheckOptions(share=0.1, naming_seconds=0.5)


def find_process(judge):
    return judge._find_worker().process


def test_one_process_serves_one_answer_after_another():
    with WarmJudge(load_exercise) as judge:
        first = find_process(judge)
        assert judge.judge("softmax", RIGHT, QUICK).accepted
        verdict = judge.judge("softmax", RIGHT.replace(".sum()", ".max()"), QUICK)
        assert not verdict.accepted
        assert verdict.shown.inputs[0][0] == "z"
        assert verdict.failing is None, "what judged keeps its tensors"
        assert judge.judge("softmax", "import torch\n" + RIGHT, QUICK, ["numpy", "torch"]).accepted
        assert find_process(judge) is first
    assert first.poll() is not None


def test_the_case_shown_is_small_and_of_plain_numbers_whatever_the_seed():
    leaky = RIGHT.replace("softmax", "sigmoid") + "def relu(z):\n    return np.maximum(z, 0.01 * z)\n"
    leaky = leaky.replace("powers / powers.sum()", "1 / (1 + np.exp(-z))")
    with WarmJudge(load_exercise) as judge:
        for seed in range(4, 16):
            shown = judge.judge("activations", leaky, CheckOptions(seed=seed, naming_seconds=0.1)).shown
            assert shown.check == "ReLU"
            assert re.fullmatch(r"\[-\d\.\]", shown.inputs[0][1]), (seed, shown)


def test_an_answer_may_import_what_the_judge_has_not_loaded():
    with WarmJudge(load_exercise) as judge:
        assert judge.judge("softmax", "import torch, sklearn.metrics\n" + RIGHT, QUICK, ["numpy"]).accepted


def test_a_process_that_died_is_replaced():
    with WarmJudge(load_exercise) as judge:
        first = find_process(judge)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert judge.judge("softmax", RIGHT, QUICK).accepted
        assert find_process(judge) is not first


def load_and_die(name):
    os._exit(3)


def load_and_fail(name):
    raise MemoryError("no more")


@pytest.mark.parametrize(("load", "words"), [(load_and_die, "process died"), (load_and_fail, "MemoryError: no more")])
def test_that_nothing_could_be_judged_is_a_verdict(load, words, monkeypatch):
    # The judge's process imports this file by its name.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")]))
    with WarmJudge(load) as judge:
        verdict = judge.judge("softmax", RIGHT, QUICK)
    assert not verdict.accepted
    assert verdict.headline.startswith("It could not be judged")
    assert words in verdict.headline


def test_a_judge_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(worker, "START_SECONDS", 0.05)
    with WarmJudge(load_exercise) as judge:
        verdict = judge.judge("softmax", RIGHT, QUICK)
    assert "took far too long" in verdict.headline


def test_an_interrupted_judge_begins_afresh(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with WarmJudge(load_exercise) as judge:
        first = find_process(judge)
        with monkeypatch.context() as patched:
            patched.setattr(worker.Worker, "judge", interrupt)
            with pytest.raises(KeyboardInterrupt):
                judge.judge("softmax", RIGHT, QUICK)
        assert first.poll() is not None
        assert judge.judge("softmax", RIGHT, QUICK).accepted


def test_threads_wait_for_each_other():
    verdicts = []
    with WarmJudge(load_exercise) as judge:
        threads = [
            threading.Thread(target=lambda: verdicts.append(judge.judge("softmax", RIGHT, QUICK).accepted))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert verdicts == [True] * 3


def test_a_file_called_like_a_library_is_not_taken_for_it(tmp_path, monkeypatch):
    for name in ("numpy", "random", "torch", "pickle"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken for the library')")
    monkeypatch.chdir(tmp_path)
    with WarmJudge(load_exercise) as judge:
        assert judge.judge("softmax", RIGHT, QUICK).accepted


def test_a_judge_ends_without_a_word_when_whoever_asked_is_gone(capfd):
    asked = worker.Worker(worker.Setting(load_exercise))
    asked.give(worker.Job("softmax", RIGHT, QUICK, ("numpy",)))
    while asked.deadline == float("inf") or asked.take() is not None:
        pass
    asked.channel.close()
    assert asked.process.wait(60) == 0
    assert "Traceback" not in capfd.readouterr().err
