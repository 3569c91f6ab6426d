"""Where an answer may change its arguments in place: the judge forbids it only where the statement says so."""

import ast
import re

import pytest

from groundup.exercises.registry import LADDER, load_exercise, read_model_answer, read_statement
from groundup.judge.isolation.fork_server import Limits
from groundup.judge.judging import CheckOptions, judge

EFFORT = CheckOptions(
    seed=0, share=0.2, naming_seconds=0, shrink_seconds=0, limits=Limits(seconds=60.0, total_seconds=600.0)
)
SAID = r"not (be )?change"
# Halves what the outermost call of an answer was given, once its result is there.
SPOILING = """

_depth = [0]


def _halve(given):
    import torch

    if isinstance(given, list):
        if given and isinstance(given[0], float):
            given[0] /= 2
        for part in given:
            _halve(part)
    elif isinstance(given, torch.Tensor) and given.is_floating_point() and not isinstance(given, torch.nn.Parameter):
        with torch.no_grad():
            given.mul_(0.5)
    elif isinstance(given, np.ndarray) and given.dtype.kind == "f":
        given *= 0.5


def _spoil(function):
    def spoiling(*arguments, **named):
        _depth[0] += 1
        try:
            result = function(*arguments, **named)
        finally:
            _depth[0] -= 1
        if not _depth[0]:
            result = copy.deepcopy(result) if not hasattr(result, "grad_fn") else result.clone()
            for given in [*arguments, *named.values()]:
                _halve(given)
        return result

    return spoiling


"""


def spoil(name):
    """Return an exercise's model answer, whose functions change what they were given."""
    source = read_model_answer(name)
    wanted = {"forward", *(name for names in load_exercise(name).entries.values() for name in names)}
    lines = []
    for node in ast.parse(source).body:
        places = [(f"{node.name}.", part) for part in node.body] if isinstance(node, ast.ClassDef) else [("", node)]
        lines += [
            f"{place}{part.name} = _spoil({place}{part.name})"
            for place, part in places
            if isinstance(part, ast.FunctionDef) and part.name in wanted
        ]
    return "import copy\nimport numpy as np\n" + source + SPOILING + "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", [name for name in LADDER if not re.search(SAID, read_statement(name))])
def test_what_no_statement_forbids_is_accepted(name, fork_server):
    verdict = judge(load_exercise(name), spoil(name), fork_server, EFFORT)
    assert verdict.accepted, verdict.to_json()
