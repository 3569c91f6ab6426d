"""What the judge says."""

from __future__ import annotations

import re
from collections.abc import Sized
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from groundup.judge.answer import Raised
from groundup.judge.isolation.messages import Handle, Opaque

# Stands in `Raised.kind` where an observation could not take apart what an answer returned.
WRONG_KIND = "WrongKind"


@dataclass(frozen=True)
class CaseResult:
    """What one case let one observe of an answer.

    Attributes
    ----------
    check : str
        The check's name.
    case : tuple
        The arguments.
    got : object
        The observation, plain (`groundup.judge.compare.to_plain`).
    wanted : object
        The reference's.
    agrees : bool
        Whether they are the same.
    context : object
        `groundup.judge.exercise.Observation.context`.
    """

    check: str
    case: tuple[Any, ...]
    got: Any
    wanted: Any
    agrees: bool
    context: Any = None


@dataclass(frozen=True)
class Grid:
    """A small array as a table of numbers in words.

    Attributes
    ----------
    name : str
        Of an input, ``"your answer"`` or ``"expected"``.
    shape : tuple of int
        Of one or two sizes.
    rows : list of list of str
        Its numbers; an array of one size is one row.
    differs : list of list of bool
        Where your answer and what is expected are not the same; nowhere in inputs.
    """

    name: str
    shape: tuple[int, ...]
    rows: list[list[str]]
    differs: list[list[bool]]


@dataclass(frozen=True)
class Shown:
    """A failing case as a person reads it.

    Attributes
    ----------
    check : str
        The check's name.
    inputs : list of (str, str)
        Names and values.
    got, expected : str
        What the answer made of it, and what is right; empty if nothing can be compared.
    grids : list of Grid
        Those of them that are small arrays, as tables.
    """

    check: str
    inputs: list[tuple[str, str]]
    got: str
    expected: str
    grids: list[Grid] = field(default_factory=list)


@dataclass
class Verdict:
    """A judged answer.

    Attributes
    ----------
    exercise : str
        Its name.
    accepted : bool
        Whether it is right.
    headline : str
        One line.
    mistakes : list of str
        Names of the known mistakes that reproduce it: none, one or two.
    findings : list of str
        What was noticed, the most helpful first.
    remarks : list of str
        What is worth knowing of a right answer, too.
    failing : CaseResult, optional
        The smallest case found that breaks it; it stays in the process that judged.
    tried : list of CaseResult
        Of a right answer, what was tried; it stays there, too.
    shown : Shown, optional
        The failing case in words.
    checks : dict of str to bool
        Which checks it passed; one that only repeats what is wrong already is missing (`Check.repeats`).
    cases : int
        How many cases were tried.
    seconds : float
        How long judging took.
    cost : dict
        Measured of a right answer: see `groundup.judge.cost`.
    printed : str
        The beginning of what the answer printed.
    """

    exercise: str
    accepted: bool
    headline: str
    mistakes: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failing: CaseResult | None = None
    tried: list[CaseResult] = field(default_factory=list)
    shown: Shown | None = None
    checks: dict[str, bool] = field(default_factory=dict)
    cases: int = 0
    seconds: float = 0.0
    cost: dict[str, Any] = field(default_factory=dict)
    printed: str = ""

    def __getstate__(self) -> dict[str, Any]:
        """Return what goes to another process: no tensors, which would have to be loaded there."""
        return {**vars(self), "failing": None, "tried": []}

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain data."""
        failing = None
        if self.shown is not None:
            failing = {
                "check": self.shown.check,
                "input": [value for _, value in self.shown.inputs],
                "names": [name for name, _ in self.shown.inputs],
                "got": self.shown.got,
                "expected": self.shown.expected,
                "grids": [vars(grid) for grid in self.shown.grids],
            }
        return {
            "exercise": self.exercise,
            "accepted": self.accepted,
            "headline": self.headline,
            "mistakes": self.mistakes,
            "findings": self.findings,
            "remarks": self.remarks,
            "failing": failing,
            "checks": self.checks,
            "cases": self.cases,
            "seconds": round(self.seconds, 3),
            "cost": self.cost,
            "printed": self.printed,
        }


MOST_SHOWN, MOST_LETTERS = 40, 400


def show_value(value: Any, exactly: bool = False) -> str:
    """Return a value as a person writes it: numbers to five digits, arrays with their shape where it helps.

    Of long texts and lists only the beginning is shown, and how long they are. ``exactly`` shows all digits.
    """
    if isinstance(value, Raised):
        place = f" (line {value.line})" if value.line else ""
        if value.kind == WRONG_KIND:
            return f"something that cannot be taken apart: {value.text}"
        return f"{value.kind}: {value.text}{place}" if value.text else f"{value.kind}{place}"
    if isinstance(value, Opaque):
        return value.describe()
    if isinstance(value, Handle):
        return "…"
    if type(value).__module__ == "torch":
        value = value.numpy()
    if isinstance(value, float | np.floating) or (isinstance(value, np.ndarray) and value.ndim == 0):
        number = value.item() if isinstance(value, np.ndarray) else value
        if isinstance(number, bool):
            return str(number)
        return (repr(number) if exactly else f"{number:.6g}") if number else "0"
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            value = value + 0.0  # which turns −0 into 0
        digits = {"floatmode": "unique"} if exactly else {"precision": 5, "suppress_small": True}
        # NumPy leaves lines empty between the matrices of an array of more dimensions.
        text = re.sub(r"\n{2,}", "\n", np.array2string(value, separator=", ", threshold=40, **digits))
        return text if value.ndim == 1 else f"{text} (shape {value.shape})"
    if isinstance(value, dict):
        pairs = list(value.items())[:MOST_SHOWN]
        shown = [f"{str(key)[:MOST_LETTERS]}: {show_value(item, exactly)}" for key, item in pairs]
        return "{" + ", ".join([*shown, *_count_rest(value)]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join([*(show_value(item, exactly) for item in value[:MOST_SHOWN]), *_count_rest(value)]) + "]"
    if isinstance(value, str):
        short = len(value) <= MOST_LETTERS
        return repr(value) if short else f"{value[:MOST_LETTERS]!r}… ({len(value)} characters)"
    return str(value)


def _count_rest(value: Sized) -> list[str]:
    return [f"… {len(value)} in all"] if len(value) > MOST_SHOWN else []
