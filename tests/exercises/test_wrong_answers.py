"""Wrong answers as learners write them: rejected, and the verdict names what is wrong with them and nothing else."""

from pathlib import Path

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.judging import CheckOptions, judge

WRONG = sorted((Path(__file__).parent / "wrong").glob("*/*.py"))
# Time enough to look for pairs on a busy machine, too.
EFFORT = CheckOptions(seed=1, shrink_seconds=0.03, naming_seconds=60.0, share=0.3)
NAMED = "# Named: "


@pytest.mark.parametrize("path", WRONG, ids=[f"{path.parent.name}-{path.stem}" for path in WRONG])
def test_wrong_answers_are_rejected_and_named(path, fork_server):
    source = path.read_text()
    verdict = judge(load_exercise(path.parent.name), source, fork_server, EFFORT)
    assert not verdict.accepted
    assert verdict.mistakes == [line.removeprefix(NAMED) for line in source.splitlines() if line.startswith(NAMED)]


@pytest.mark.parametrize(
    "name",
    [
        "vanishing looked for in every layer",
        "vanishing looked for in the first layer",
        "the last layer not counted among the dead",
        "no dead nodes in the last layer",
    ],
)
def test_who_thinks_further_than_the_rule_is_not_called_wrong(name):
    (mistake,) = (one for one in load_exercise("diagnostics").mistakes if one.name == name)
    assert mistake.says.startswith("Your instinct is right")
    assert "asked for here" in mistake.says
