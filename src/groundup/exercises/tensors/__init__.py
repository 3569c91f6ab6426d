"""Basics of PyTorch: reshape, average, concatenate, a loss."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.strategies import tensors
from groundup.exercises.tensors.mistakes import LOSS, MISTAKES, TENSORS
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType, loss: ModuleType) -> dict[str, Any]:
    """Return the steps under the course's names."""
    return {
        "reshape": step.reshape_to_pairs,
        "average": step.average_columns,
        "concatenate": step.join_columns,
        "get_loss": loss.mean_squared_error,
    }


@st.composite
def tables(draw: st.DrawFn, even: bool) -> Case:
    """Draw a table, of an even count of numbers where they are to be paired."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    if even and draw(st.booleans()):
        return (draw(tensors(rows, 2 * columns)),)
    return (draw(tensors(2 * rows if even else rows, columns)),)


@st.composite
def two_tables(draw: st.DrawFn) -> Case:
    """Draw two tables of as many rows."""
    rows = draw(st.integers(1, 4))
    return draw(tensors(rows, draw(st.integers(1, 3)))), draw(tensors(rows, draw(st.integers(1, 3))))


@st.composite
def predictions(draw: st.DrawFn) -> Case:
    """Draw a prediction and a target."""
    size = draw(st.integers(1, 5))
    return draw(tensors(size)), draw(tensors(size))


def case_of(*values: Any) -> Case:
    """Return tensors."""
    import torch

    return tuple(torch.tensor(value, dtype=torch.float32) for value in values)


def sizes(x: Any, *_: Any) -> dict[str, int]:
    """Return the rows and, of a table, the columns."""
    return {"M": x.shape[0], "N": x.shape[-1]}


# Numbers of float32 whose sum is 0 need not cancel exactly in another order.
CANCELLED = 1e-6

exercise = Exercise(
    name="tensors",
    title="Basics of PyTorch",
    folder=Path(__file__).parent,
    modules=[TENSORS, LOSS],
    reference=reference,
    entries={name: [name] for name in ("reshape", "average", "concatenate", "get_loss")},
    rounding=4,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Check("reshape", "reshape", tables(even=True), edges=[case_of([[1, 2, 3, 4], [5, 6, 7, 8]])], examples=20),
        Check(
            "average",
            "average",
            tables(even=False),
            edges=[case_of([[1, 2, 3], [3, 4, 8]])],
            absolute=CANCELLED,
            examples=20,
        ),
        Check("concatenate", "concatenate", two_tables(), edges=[case_of([[1, 2], [3, 4]], [[5], [6]])], examples=20),
        Check(
            "get_loss", "get_loss", predictions(), edges=[case_of([1, 2], [1.5, 2.5]), case_of([0], [0])], examples=20
        ),
        Check(
            "get_loss, called twice with the same tensors",
            "get_loss",
            predictions(),
            edges=[case_of([1, 2], [1.5, 2.5])],
            observer=partial(call_twice, entry="get_loss"),
            arguments=("prediction", "target"),
            examples=2,
            repeats=True,
        ),
        Check(
            "average, called twice with the same table",
            "average",
            tables(even=False),
            observer=partial(call_twice, entry="average"),
            arguments=("to_avg",),
            absolute=CANCELLED,
            examples=2,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
