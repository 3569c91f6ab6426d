"""An autograd engine for single numbers: a graph of values, and the gradients along all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.autograd_engine.mistakes import MISTAKES
from groundup.exercises.strategies import numbers
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

# Runs lines such as "c = a * b" on values, and tells what came of them.
PROGRAM = """
def make(first, numbers, programs):
    values = {name: type(first)(number) for name, number in numbers.items()}
    results = []
    for program in programs:
        names = dict(values)
        lines = program.split("; ")
        for line in lines:
            exec(line, names)
            if names[line.partition(" ")[0]] is None:
                return lambda what: lambda: f"nothing (None) from {line}"
        names.pop("__builtins__")
        results.append((names[lines[-1].partition(" ")[0]], names))

    def read_values():
        return [result.data for result, _ in results]

    def read_gradients():
        for result, _ in results:
            result.backward()
        if len(results) > 1:
            return {name: value.grad for name, value in values.items()}
        return {name: value.grad for name, value in results[0][1].items()}

    def read_inputs():
        return {name: [value.data, value.grad] for name, value in values.items()}

    def count_writes(result):
        # A property of the class goes before what an instance holds.
        kind, kept, count = type(result), {}, 0

        def write(value, gradient):
            nonlocal count
            count += 1
            kept[id(value)] = gradient

        before = vars(kind).get("grad", kept)
        kind.grad = property(lambda value: kept.get(id(value), 0.0), write)
        try:
            result.backward()
        finally:
            if before is kept:
                del kind.grad
            else:
                kind.grad = before
        return count

    def read_work():
        # Each line of these programs is one value more, and doubles the number of paths.
        first, second = (count_writes(result) for result, _ in results)
        return "every path" if second > 2.5 * first else "every value once"

    return {"values": read_values, "gradients": read_gradients, "inputs": read_inputs, "work": read_work}.get
"""


NAMES = "abcdefghijklmnop"
# Each value of a Fibonacci graph is used by the two that follow it: distinct inputs, and many paths.
_FIBONACCI = "; ".join(f"{new} = {two} + {one}" for two, one, new in zip(NAMES, NAMES[1:], NAMES[2:], strict=False))
_SHORTER_FIBONACCI = "; ".join(_FIBONACCI.split("; ")[:-4])
AGAIN = (
    "backward() passes a value's gradient on once for every path that leads to it, so what has arrived already is passed "
    "on again. Keep a set of the values that were visited, list each one once in topological order, and let each pass "
    "its gradient on once, from the result back."
)


@dataclass(frozen=True)
class GraphCheck(Check):
    """A check of gradients in a graph, which tells one that walks along every path."""

    decides: bool = True

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say that backward goes along every path, whatever numbers come of it."""
        work = run(answer, {"a": 1.0, "b": 1.0}, _SHORTER_FIBONACCI, _FIBONACCI, what="work")
        return [AGAIN] if work == "every path" else []


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"Value": step.Value}


def run(answer: Answer, numbers: Any, *programs: str, what: str) -> Any:
    """Return the results' values, the gradients, or the numbers themselves after operations without a way back."""
    first = answer.make("Value", 0.0)
    made = answer.given(ASK, answer.given(PROGRAM, first, numbers, programs), what)
    return answer.use(made)


ASK = """
def make(find, what):
    return find(what)
"""
MOST = 30.0
PLAIN = {"tanh": math.tanh, "relu": lambda x: max(0.0, x), "exp": math.exp}


@st.composite
def programs(draw: st.DrawFn, most_lines: int = 6) -> Case:
    """Draw numbers with names, and lines that compute with them; the last line uses the one before."""
    count = draw(st.integers(1, 3))
    known = {NAMES[place]: draw(numbers(-3.0, 3.0)) for place in range(count)}
    given = dict(known)
    lines = []
    for place in range(draw(st.integers(1, most_lines))):
        names = list(known)
        one, other = names[-1] if place else draw(st.sampled_from(names)), draw(st.sampled_from(names))
        kind = draw(st.sampled_from(["+", "*", "** 2", "** 3", "** -1", "tanh", "relu", "exp", "+ 1.5", "* -2"]))
        x, y = known[one], known[other]
        if kind in PLAIN:
            text, value = f"{one}.{kind}()", PLAIN[kind](min(x, 5.0))
        elif kind in "+*":
            text, value = f"{one} {kind} {other}", x + y if kind == "+" else x * y
        else:
            if kind == "** -1" and abs(x) < 0.1:
                kind = "+ 1.5"
            sign, _, number = kind.partition(" ")
            y = float(number)
            text, value = f"{one} {kind}", x + y if sign == "+" else x * y if sign == "*" else x**y
        if abs(value) > MOST or (kind == "exp" and x > 3):
            text, value = f"{one}.tanh()", math.tanh(x)
        name = NAMES[len(known)]
        known[name] = value
        lines.append(f"{name} = {text}")
    return given, "; ".join(lines)


@st.composite
def pairs(draw: st.DrawFn) -> Case:
    """Draw two programs on the same numbers."""
    given, one = draw(programs(3))
    return given, one, f"y = a * a; z = y + {draw(st.sampled_from(list(given)))}"


ARGUMENTS = ("the numbers", "the program")
WORKED = {"a": 2.0, "b": -3.0}, "c = a * b; d = c + a"
DOUBLED = "; ".join(f"{new} = {old} + {old}" for old, new in pairwise(NAMES[:15]))
# Two values fewer: a quarter of the paths.
SHORTER = "; ".join(DOUBLED.split("; ")[:-2])
SINGLE = [
    ({"a": 1.5, "b": -0.5}, "c = a + b"),
    ({"a": 1.5, "b": -0.5}, "c = a * b"),
    ({"a": 1.5}, "b = a ** 3"),
    ({"a": -2.0}, "b = a ** -1"),
    ({"a": 0.5}, "b = a.tanh()"),
    ({"a": -1.25}, "b = a.relu()"),
    ({"a": 1.25}, "b = a.relu()"),
    ({"a": 0.0}, "b = a.relu()"),
    ({"a": 0.75}, "b = a.exp()"),
    ({"a": 0.75}, "b = a + 1.5; c = b * -2"),
]

exercise = Exercise(
    name="autograd-engine",
    title="An autograd engine",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.autograd"],
    reference=reference,
    entries={"Value": ["Value"]},
    forbidden=("torch.autograd.grad", "torch.Tensor.backward", "torch.autograd.backward"),
    checks=[
        Check(
            "what is computed",
            "Value",
            programs(),
            observer=partial(run, what="values"),
            edges=[WORKED, *SINGLE],
            examples=20,
            arguments=ARGUMENTS,
        ),
        Check(
            "the gradients of one operation",
            "Value",
            programs(1),
            observer=partial(run, what="gradients"),
            edges=SINGLE,
            examples=20,
            arguments=ARGUMENTS,
        ),
        GraphCheck(
            "the gradients in a graph",
            "Value",
            programs(),
            observer=partial(run, what="gradients"),
            edges=[
                WORKED,
                # One value used twice, at once and on two paths of unequal length.
                ({"a": 3.0}, "b = a + a; c = b * b"),
                ({"a": 3.0}, "b = a * a; c = b + a; d = b * c"),
                ({"a": 2.0}, "b = a.tanh(); c = b * a; d = c * b; e = d + b"),
                ({"a": 0.5, "b": -1.5, "c": 2.0}, "d = a * b; e = d + c; f = e.tanh(); g = f * e; h = g + d"),
                ({"a": 0.5, "b": 7.0}, "c = a ** 2; d = c.exp()"),
            ],
            examples=40,
            arguments=ARGUMENTS,
        ),
        Check(
            "the gradients of two results",
            "Value",
            pairs(),
            observer=partial(run, what="gradients"),
            edges=[({"a": 3.0}, "b = a * 2", "y = a * a; z = y + a")],
            examples=6,
            arguments=("the numbers", "the first program", "the second program"),
        ),
        Check(
            "what backward goes through",
            "Value",
            st.just(({"a": 1.0}, SHORTER, DOUBLED)),
            observer=partial(run, what="work"),
            edges=[({"a": 1.0}, SHORTER, DOUBLED)],
            examples=1,
            arguments=("the numbers", "the first program", "the second program"),
        ),
        Check(
            "the numbers after operations alone",
            "Value",
            programs(),
            observer=partial(run, what="inputs"),
            edges=[WORKED],
            examples=4,
            arguments=ARGUMENTS,
        ),
    ],
    mistakes=MISTAKES,
)
