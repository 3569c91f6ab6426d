"""The judge that stays: its process is kept, exchanged where it must be, and never left behind."""

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge import standing
from groundup.judge.judging import Effort
from groundup.judge.standing import StandingJudge

RIGHT = "import numpy as np\n\ndef softmax(z):\n    powers = np.exp(z - np.max(z))\n    return powers / powers.sum()\n"
QUICK = Effort(share=0.1)


def test_one_process_serves_until_more_libraries_are_wanted():
    exercise = load_exercise("softmax")
    with StandingJudge() as judge:
        assert judge.judge(exercise, RIGHT, QUICK).accepted
        first = judge.warm(["numpy"])
        assert not judge.judge(exercise, RIGHT.replace(".sum()", ".max()"), QUICK).accepted
        assert judge.warm(["numpy"]) is first
        assert judge.judge(exercise, "import torch\n" + RIGHT, QUICK, ["numpy", "torch"]).accepted
        assert judge.warm(["numpy"]).libraries == ("numpy", "torch")
        assert first.process.poll() is not None
        last = judge.warm(["numpy"])
    assert last.process.poll() is not None


def test_a_process_that_died_is_replaced():
    with StandingJudge() as judge:
        first = judge.warm(["numpy"])
        first.wait()
        first.process.kill()
        first.process.wait()
        assert judge.judge(load_exercise("softmax"), RIGHT, QUICK).accepted
        assert judge.warm(["numpy"]) is not first


def test_an_interrupted_judge_begins_afresh(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with StandingJudge() as judge:
        first = judge.warm(["numpy"])
        real = standing.judge
        monkeypatch.setattr(standing, "judge", interrupt)
        with pytest.raises(KeyboardInterrupt):
            judge.judge(load_exercise("softmax"), RIGHT, QUICK)
        assert first.process.poll() is not None
        monkeypatch.setattr(standing, "judge", real)
        assert judge.judge(load_exercise("softmax"), RIGHT, QUICK).accepted
