"""What holds for every exercise: right answers are accepted, known mistakes rejected and named, texts complete."""

import functools
import itertools
import os
import random
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings

from groundup.exercises.registry import LADDER, choose_libraries, load_exercise
from groundup.judge.answer import AnswerRaised, Raised
from groundup.judge.explain.edits import Clash, edit_modules
from groundup.judge.explain.known_mistakes import build_candidate, reproduces
from groundup.judge.isolation.fork_server import ForkServer
from groundup.judge.judging import CheckOptions, examine, judge

ANSWERS = Path(__file__).parent / "answers"
# What a name is, not how soon it is found: a busy machine takes longer.
EFFORT = CheckOptions(seed=1, shrink_seconds=0.03, naming_seconds=30.0, share=0.3)
WRITTEN = [name for name in LADDER if (spec := find_spec(f"groundup.exercises.{name}")) and spec.origin]
# All of the three thousand take an hour: GROUNDUP_ALL_MISTAKES=1. A run tries some of each exercise, others in
# each version of the list.
EVERY_ONE, SOME = bool(os.environ.get("GROUNDUP_ALL_MISTAKES")), 2


def choose_mistakes(name):
    count = len(load_exercise(name).mistakes)
    order = list(range(count)) if EVERY_ONE else random.Random(f"{name} {count}").sample(range(count), min(SOME, count))
    return [(name, number) for number in order]


MISTAKES = [chosen for name in WRITTEN for chosen in choose_mistakes(name)]


@functools.cache
def build_mistakes(name):
    """Build all candidates of an exercise here: what a search for names builds in its fork is gone with the fork."""
    exercise = load_exercise(name)
    return [build_candidate(exercise, (number,)) for number in range(len(exercise.mistakes))]


@pytest.fixture(scope="session")
def numpy_fork_server():
    with ForkServer(["numpy"]) as warm:
        yield warm


@pytest.mark.parametrize("name", WRITTEN)
def test_texts_are_complete(name):
    exercise = load_exercise(name)
    assert exercise.name == name.replace("_", "-")
    statement = exercise.read("statement.md")
    assert statement.startswith("# ")
    assert "## Write" in statement
    assert "## Worked by hand" in statement
    assert len(exercise.hints()) in (3, 4)
    assert exercise.read("stub.py").count("raise NotImplementedError") >= 1
    assert choose_libraries(name, "import torch") == ("numpy", "torch")
    assert set(choose_libraries(name, "")) <= set(exercise.libraries)
    for names in exercise.entries.values():
        assert names[0] in exercise.read("stub.py")
        assert names[0] in statement
    assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_stub_is_not_accepted(name, fork_server):
    exercise = load_exercise(name)
    assert not judge(exercise, exercise.read("stub.py"), fork_server, EFFORT).accepted


@pytest.mark.parametrize("path", sorted(ANSWERS.glob("*/*.py")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_right_answers_are_accepted(path, fork_server):
    verdict = judge(load_exercise(path.parent.name), path.read_text(), fork_server, EFFORT)
    assert verdict.accepted, verdict.to_json()


@pytest.mark.parametrize("name", [name for name in WRITTEN if choose_libraries(name, "") == ("numpy",)])
def test_answers_without_torch_need_none(name, numpy_fork_server):
    sources = [path.read_text() for path in sorted((ANSWERS / name).glob("*.py"))]
    source = next(source for source in sources if "torch" not in source)
    assert judge(load_exercise(name), source, numpy_fork_server, EFFORT).accepted


@pytest.mark.parametrize("name", WRITTEN)
def test_there_are_answers_in_several_styles(name):
    assert len(list((ANSWERS / name).glob("*.py"))) >= 3


@pytest.mark.parametrize("name", WRITTEN)
def test_the_reference_is_accepted(name):
    exercise = load_exercise(name)
    verdict = examine(exercise, build_candidate(exercise, ()), EFFORT)
    assert verdict.accepted, verdict.to_json()


@pytest.mark.parametrize("name", WRITTEN)
def test_every_check_sees_something_of_the_reference(name):
    # An observation that always raises is the same for every answer, and all would be accepted.
    exercise = load_exercise(name)
    reference = build_candidate(exercise, ())
    for check in exercise.checks:
        assert look_at_some(check, reference), check.name


def look_at_some(check, reference):
    seen = []

    def look(case):
        with suppress(AnswerRaised):
            seen.append(check.observe(reference, case))

    for case in check.edges:
        look(case)
    if not seen:
        rules = settings(max_examples=5, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        rules(seed(1)(given(check.cases)(look)))()
    return seen


def fails_alike(exercise, verdict, number):
    """Tell whether another mistake ends in the same error: then neither is named, since either may have been made."""
    failing = verdict.failing
    if not isinstance(failing.got, Raised):
        return False
    check = next(check for check in exercise.checks if check.name == failing.check)
    others = [one for place, one in enumerate(build_mistakes(exercise.name)) if place != number]
    return any(one is not None and reproduces(one, exercise, check, failing) for one in others)


@pytest.mark.parametrize(
    ("name", "number"),
    [pytest.param(name, number, id=f"{name}-{load_exercise(name).mistakes[number].name}") for name, number in MISTAKES],
)
def test_known_mistakes_are_rejected_and_named(name, number):
    exercise = load_exercise(name)
    verdict = examine(exercise, build_mistakes(name)[number], EFFORT)
    assert not verdict.accepted
    if verdict.mistakes or not fails_alike(exercise, verdict, number):
        assert verdict.mistakes == [exercise.mistakes[number].name], verdict.to_json()
    # An edit that uses a name its file has not would be no learner's mistake.
    assert getattr(verdict.failing.got, "kind", "") not in ("NameError", "ImportError", "ModuleNotFoundError")


@pytest.mark.parametrize("name", WRITTEN)
def test_any_two_mistakes_compose(name):
    exercise = load_exercise(name)
    pairs = list(itertools.combinations(exercise.mistakes, 2))
    for pair in random.Random(0).sample(pairs, min(15, len(pairs))):
        try:
            edit_modules(exercise, pair)
        except Clash:
            continue
