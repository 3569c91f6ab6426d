"""The search for a failing case: what is the same for every answer is made once."""

from dataclasses import replace

import pytest

from groundup.exercises.registry import load_exercise, read_model_answer, read_stub
from groundup.judge import searching
from groundup.judge.explain.known_mistakes import build_candidate
from groundup.judge.judging import CheckOptions, examine, judge

EFFORT = CheckOptions(seed=1, shrink_seconds=60.0, naming_seconds=0.0)


def tell(exercise, numbers):
    verdict = examine(exercise, build_candidate(exercise, numbers), EFFORT)
    return {**verdict.to_json(), "seconds": 0.0}


@pytest.fixture
def nothing_kept(monkeypatch):
    monkeypatch.setattr(searching, "_kept", {})


@pytest.mark.parametrize("name", ["softmax", "self-attention"])
def test_a_second_answer_is_told_what_it_would_be_told_as_the_first(name, nothing_kept, monkeypatch):
    exercise = load_exercise(name)
    alone = []
    for numbers in [(), (0,), (1,)]:
        monkeypatch.setattr(searching, "_kept", {})
        alone.append(tell(exercise, numbers))
    assert tell(exercise, ()) == alone[0]  # after a wrong one
    draws = []
    monkeypatch.setattr(searching, "given", lambda cases: draws.append(cases))
    assert tell(exercise, ()) == alone[0]
    assert not draws
    monkeypatch.undo()
    assert [tell(exercise, numbers) for numbers in [(0,), (1,)]] == alone[1:]


def test_what_is_kept_is_bounded(nothing_kept, monkeypatch):
    exercise = load_exercise("softmax")
    monkeypatch.setattr(searching, "MOST_CHECKS", 1)
    monkeypatch.setattr(searching, "MOST_OBSERVED", 3)
    assert tell(exercise, ())["accepted"]
    ((check, reference),) = searching._kept
    assert len(searching._kept[check, reference].observed) == 3


def test_where_nothing_is_written_nothing_is_searched(nothing_kept, monkeypatch, fork_server):
    exercise = load_exercise("softmax")
    draws = []
    monkeypatch.setattr(searching, "given", lambda cases: draws.append(cases))
    verdict = judge(exercise, read_stub("softmax"), fork_server, replace(EFFORT, shrink_seconds=0.0))
    assert not draws
    assert verdict.failing.case is exercise.checks[0].edges[0]
    assert verdict.headline == "Not written yet."
    assert verdict.findings == ["It is not written yet: it still raises NotImplementedError."]


def test_of_several_functions_the_one_that_is_not_written_is_named(fork_server):
    exercise = load_exercise("gradient-check")
    head, _, rest = read_model_answer("gradient-check").partition("        gradient = ")
    source = f"{head}        raise NotImplementedError\n\n    def relative{rest.partition('    def relative')[2]}"
    verdict = judge(exercise, source, fork_server, replace(EFFORT, shrink_seconds=0.0))
    assert verdict.headline == "Not written yet: numerical_gradient."
    assert verdict.checks["how far two gradients are apart"]


def test_a_check_that_only_repeats_what_is_wrong_is_not_listed(fork_server):
    exercise = load_exercise("neuron-backward")
    repeated = {check.name for check in exercise.checks if check.repeats}
    assert repeated == {"arrays of whole numbers", "a second call with the same arrays"}
    right = read_model_answer("neuron-backward")
    wrong = judge(exercise, right.replace("return ", "return [[9.0, 9.0], 9.0] or ", 1), fork_server, EFFORT)
    assert not wrong.accepted
    assert not repeated & set(wrong.checks)
    assert repeated <= set(judge(exercise, right, fork_server, EFFORT).checks)
    # Where the rest is right, the circumstance is what is wrong, and it is listed.
    kept = f"{right}\nCALLS = []\nMODEL = Solution\n\n\nclass Solution(MODEL):\n"
    (entry,) = exercise.entries
    spoilt = f"{kept}    def {entry}(self, *given):\n        CALLS.append(0)\n"
    spoilt += f"        found = super().{entry}(*given)\n        given[0][:] = 0\n        return found\n"
    assert judge(exercise, spoilt, fork_server, EFFORT).checks["a second call with the same arrays"] is False
