"""Compares the time and memory of a right answer with the reference on a large input, and finds slow code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Exercise
from groundup.judge.explain.showing import read_stub_arguments
from groundup.judge.isolation.fork_server import AnswerDied
from groundup.judge.remarks import Remark, Use

# From how many times the reference's time on it is said; with a loop that whole arrays could do, sooner.
SLOW, GAIN = 5.0, 2.0
HUNGRY = 3.0
LEAST_MEGABYTES = 8.0
MOST_INPUTS = 3
# What takes less is measured twice, where it is only a little slow.
ONCE_MORE = 0.2
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
    large_input : str
        What was measured on, in words.
    beside : str
        What ``reference_seconds`` are of: the reference in the judge's process, or the model answer in its own.
    """

    seconds: float
    reference_seconds: float
    megabytes: float
    reference_megabytes: float
    large_input: str = "a large input"
    beside: str = "the reference"

    @property
    def is_hungry(self) -> bool:
        """Whether it takes much more memory than what it is measured beside."""
        return self.megabytes > max(LEAST_MEGABYTES, HUNGRY * self.reference_megabytes)

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


Measure = Callable[[str, Case | None, Case], tuple[float, float]]


def measure_cost(exercise: Exercise, answer: Answer, reference: Answer, beside: Measure) -> Cost | None:
    """Measure an answer and the reference on the exercise's benchmark case; None if it has none.

    Parameters
    ----------
    exercise : Exercise
        With its benchmark case.
    answer, reference : Answer
        The learner's, and ours in this process.
    beside : callable
        Measures the model answer as the learner's is measured: asked where the first comparison says something.

    Raises
    ------
    AnswerRaised, AnswerLacks
        The answer does not take the large input.
    """
    if exercise.benchmark_case is None:
        return None
    entry, sizes, arguments = exercise.benchmark_case()
    large_input = describe_input(read_stub_arguments(exercise, entry), arguments)
    ours = reference.measure(entry, sizes, arguments)
    try:
        theirs = answer.measure(entry, sizes, arguments)
    except AnswerDied as died:
        if died.reason != "time":
            raise
        theirs = (float("inf"), 0.0)
    cost = Cost(theirs[0], ours[0], theirs[1], ours[1], large_input)
    if not (cost.times >= GAIN or cost.is_hungry):
        return cost
    # What is said of it is measured under the same conditions: the model answer, in a process of its own.
    try:
        fair = beside(entry, sizes, arguments)
    except AnswerDied:
        return cost
    if GAIN <= cost.times < 2 * SLOW and cost.seconds < ONCE_MORE:
        # Another process may have been in the way.
        theirs = min(theirs, answer.measure(entry, sizes, arguments))
    return Cost(theirs[0], fair[0], theirs[1], fair[1], large_input, "the model answer")


def describe_input(names: Sequence[str], arguments: Sequence[Any]) -> str:
    """Return what a large input is, in words.

    Examples
    --------
    >>> import numpy as np
    >>> describe_input(["X", "steps", "text"], [np.zeros((200, 3)), 20, "abc"])
    'X of shape (200, 3), steps = 20 and text of length 3'
    >>> describe_input([], [np.zeros(5), 0.1, True])
    'an input of shape (5,)'
    """
    said = []
    for place, value in enumerate(arguments):
        name = names[place] if len(names) == len(arguments) else "an input"
        if hasattr(value, "shape"):
            said.append(f"{name} of shape {tuple(value.shape)}")
        elif type(value) is int and name != "an input":
            said.append(f"{name} = {value}")
        elif isinstance(value, str | list | tuple | dict):
            said.append(f"{name} of length {len(value)}")
    said = said[:MOST_INPUTS]
    return " and ".join([*([", ".join(said[:-1])] if len(said) > 1 else []), *said[-1:]]) or "a large input"


def describe_cost(cost: Cost, source: str, model_answer: str) -> list[Remark]:
    """Return sentences on the cost: how it compares with the reference and, if it is high, why.

    Parameters
    ----------
    cost : Cost
        Measured.
    source, model_answer : str
        The learner's file and ours.
    """
    reference = name_seconds(cost.reference_seconds)
    times = f"{cost.times:.1f}" if cost.times < 10 else f"{cost.times:.0f}"
    against = f"{name_seconds(cost.seconds)} against {reference}"
    # A loop that the model answer has as well is none that whole arrays do.
    looping = cost.times >= GAIN and find_depth(source) > find_depth(model_answer)
    why = next(find_slow(source), None) if looping else None
    if cost.seconds == float("inf"):
        told = f"On {cost.large_input} it does not end in time; {cost.beside} takes {reference}."
        said = [Remark(told, Use.LIMITS), *([Remark(why, Use.SLOW)] if why else [])]
    elif why:
        told = f"{why} The model answer is {times} times as fast on {cost.large_input} ({against})."
        said = [Remark(told, Use.SLOW)]
    elif cost.times > SLOW:
        told = f"On {cost.large_input} it takes {times} times as long as {cost.beside} ({against})."
        said = [Remark(told, Use.SLOW)]
    else:
        told = f"On a large input: {name_seconds(cost.seconds)}; {cost.beside} takes {reference}."
        said = [Remark(told, Use.TIME)]
    if cost.is_hungry:
        told = f"It takes {cost.megabytes:.0f} MB of memory there; {cost.beside} {cost.reference_megabytes:.0f} MB."
        said.append(Remark(told, Use.MEMORY))
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
    if casts and loops:
        yield f"Line {casts[0].lineno}: {name_call(casts[0])}() takes numbers out of the array one by one."


def find_depth(source: str) -> int:
    r"""Return how many loops stand inside each other where most do.

    Examples
    --------
    >>> find_depth("for x in y:\n    z = [a for a in x for b in a]"), find_depth("x = 1")
    (3, 0)
    """

    def visit(node: ast.AST) -> int:
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
            return len(node.generators) + max(map(visit, ast.iter_child_nodes(node)))
        below = max(map(visit, ast.iter_child_nodes(node)), default=0)
        return below + isinstance(node, ast.For | ast.While)

    return visit(ast.parse(source))


def name_call(node: Any) -> str:
    """Return the last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
