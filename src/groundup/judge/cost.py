"""Compares the time and memory of a right answer with the reference on a large input, and finds slow code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from groundup.judge.answer import Answer
from groundup.judge.exercise import Exercise
from groundup.judge.isolation.fork_server import AnswerDied

SLOW = 5.0
HUNGRY = 3.0
LEAST_MEGABYTES = 8.0
PRODUCTS = ast.Mult | ast.Div | ast.Pow | ast.Sub


@dataclass(frozen=True)
class Cost:
    """Time and memory on one large input.

    Attributes
    ----------
    seconds, reference_seconds : float
        The answer's best of several calls, and the reference's; infinite where the answer did not end in time.
    megabytes, reference_megabytes : float
        The most memory in use during a call, above what was in use before.
    """

    seconds: float
    reference_seconds: float
    megabytes: float
    reference_megabytes: float

    @property
    def times(self) -> float:
        """The time divided by the time of the reference."""
        return self.seconds / self.reference_seconds

    def to_json(self) -> dict[str, float | None]:
        """Return the figures, rounded."""
        finite = self.seconds < float("inf")
        return {
            "seconds": round(self.seconds, 6) if finite else None,
            "reference_seconds": round(self.reference_seconds, 6),
            "times": round(self.times, 2) if finite else None,
            "megabytes": round(self.megabytes, 1),
            "reference_megabytes": round(self.reference_megabytes, 1),
        }


def measure_cost(exercise: Exercise, answer: Answer, reference: Answer) -> Cost | None:
    """Measure an answer and the reference on the exercise's benchmark case; None if it has none.

    Raises
    ------
    AnswerRaised, AnswerLacks
        The answer does not take the large input.
    """
    if exercise.benchmark_case is None:
        return None
    entry, sizes, arguments = exercise.benchmark_case()
    ours = reference.measure(entry, sizes, arguments)
    try:
        theirs = answer.measure(entry, sizes, arguments)
    except AnswerDied as died:
        if died.reason != "time":
            raise
        theirs = (float("inf"), 0.0)
    return Cost(theirs[0], ours[0], theirs[1], ours[1])


def describe_cost(cost: Cost, source: str) -> list[str]:
    """Return sentences on the cost: how it compares with the reference and, if it is high, why."""
    reference = name_seconds(cost.reference_seconds)
    if cost.seconds == float("inf"):
        said = [f"On a large input it does not end in time; the reference takes {reference}."]
    elif cost.times > SLOW:
        said = [
            f"On a large input it takes {cost.times:.0f} times as long as the reference "
            f"({name_seconds(cost.seconds)} against {reference})."
        ]
    else:
        said = [f"On a large input: {name_seconds(cost.seconds)}; the reference takes {reference}."]
    if cost.megabytes > max(LEAST_MEGABYTES, HUNGRY * cost.reference_megabytes):
        said.append(
            f"It takes {cost.megabytes:.0f} MB of memory there; the reference {cost.reference_megabytes:.0f} MB."
        )
    if cost.times > SLOW:
        said += list(find_slow(source))[:2]
    return said


def name_seconds(seconds: float) -> str:
    """Return a time with a suitable unit."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def find_slow(source: str) -> Iterator[str]:
    """Yield the slow parts of a source, the most important first."""
    tree = ast.parse(source)
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While | ast.ListComp | ast.GeneratorExp)]
    for loop in loops:
        line = loop.lineno
        calls = {name_call(node) for node in ast.walk(loop) if isinstance(node, ast.Call)}
        if "heads" in ast.unparse(loop.iter if isinstance(loop, ast.For) else loop).partition("\n")[0] and calls:
            yield (
                f"Line {line}: the T×T matrix is built once per head, one after the other; all heads fit into one "
                "matrix product."
            )
        if calls & {"concatenate", "cat", "vstack", "hstack"}:
            yield f"Line {line}: an array grows inside a loop, and is copied each time. Collect first, join once."
    inner = [other for loop in loops for other in ast.walk(loop) if other in loops and other is not loop]
    if inner and not any(isinstance(node, ast.BinOp) and isinstance(node.op, PRODUCTS) for node in ast.walk(tree)):
        line = min(loop.lineno for loop in loops)
        yield f"Line {line}: a loop inside a loop. Where the inner one searches, a dictionary finds in one step."
    elif inner:
        line = min(loop.lineno for loop in loops)
        yield (
            f"Line {line}: nested Python loops touch every number by itself. Write it as one expression over whole "
            "arrays, such as a matrix product."
        )
    elif loops:
        yield f"Line {loops[0].lineno}: a Python loop runs where one expression over whole arrays would do."
    casts = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_call(node) in {"item", "tolist"}]
    if casts:
        yield f"Line {casts[0].lineno}: {name_call(casts[0])}() takes numbers out of the array one by one."


def name_call(node: Any) -> str:
    """Return the last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
