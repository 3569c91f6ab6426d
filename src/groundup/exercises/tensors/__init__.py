"""Basics of PyTorch: reshape, average, concatenate, a loss."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import tensors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake

TENSORS, LOSS = "groundup.steps.tensors", "groundup.steps.loss"


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


exercise = Exercise(
    name="tensors",
    title="Basics of PyTorch",
    room="pytorch",
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
        Check("average", "average", tables(even=False), edges=[case_of([[1, 2, 3], [3, 4, 8]])], examples=20),
        Check("concatenate", "concatenate", two_tables(), edges=[case_of([[1, 2], [3, 4]], [[5], [6]])], examples=20),
        Check(
            "get_loss", "get_loss", predictions(), edges=[case_of([1, 2], [1.5, 2.5]), case_of([0], [0])], examples=20
        ),
    ],
    mistakes=[
        Mistake(
            "pairs as columns",
            "Your table has two rows: asked for are two columns, and half as many rows as there are numbers.",
            [Edit("x.reshape(-1, 2)", "x.reshape(2, -1)", "reshape_to_pairs")],
        ),
        Mistake(
            "transposed, not laid out anew",
            "You read the numbers down the columns. A reshape keeps the reading order, row by row.",
            [Edit("x.reshape(-1, 2)", "x.T.reshape(-1, 2)", "reshape_to_pairs")],
        ),
        Mistake(
            "first half beside the second",
            "You put the first half of the numbers beside the second. Neighbours in reading order make a pair.",
            [Edit("x.reshape(-1, 2)", "x.reshape(2, -1).T", "reshape_to_pairs")],
        ),
        Mistake(
            "flattened",
            "You lay all numbers in one row: two columns are asked for.",
            [Edit("x.reshape(-1, 2)", "x.reshape(-1)", "reshape_to_pairs")],
        ),
        Mistake(
            "rows averaged",
            "You average each row. The column averages are asked for: the rows, dimension 0, are to disappear.",
            [Edit("x.mean(dim=0)", "x.mean(dim=1)", "average_columns")],
        ),
        Mistake(
            "everything averaged",
            "You average all numbers into one: there is an average for each of the N = {N} columns.",
            [Edit("x.mean(dim=0)", "x.mean()", "average_columns")],
        ),
        Mistake(
            "columns summed",
            "You add the columns up: divide by the M = {M} rows.",
            [Edit("x.mean(dim=0)", "x.sum(dim=0)", "average_columns")],
        ),
        Mistake(
            "a row left over",
            "Your averages are a table of one row: shape (N,) is asked for, without keepdim.",
            [Edit("x.mean(dim=0)", "x.mean(dim=0, keepdim=True)", "average_columns")],
        ),
        Mistake(
            "on top of each other",
            "You put the tables on top of each other, which works only by chance: side by side means along dimension 1.",
            [Edit("torch.cat([left, right], dim=1)", "torch.cat([left, right], dim=0)", "join_columns")],
        ),
        Mistake(
            "the second table first",
            "You put the second table first.",
            [Edit("torch.cat([left, right], dim=1)", "torch.cat([right, left], dim=1)", "join_columns")],
        ),
        Mistake(
            "squares summed",
            "Your loss is N times too large: it is the mean of the squares.",
            [Edit(".square().mean()", ".square().sum()", "mean_squared_error", LOSS)],
        ),
        Mistake(
            "absolute value instead of square",
            "Your loss is the mean absolute error: square the differences.",
            [Edit(".square()", ".abs()", "mean_squared_error", LOSS)],
        ),
        Mistake(
            "root of the loss",
            "You take the root at the end: the mean squared error has none.",
            [Edit(".square().mean()", ".square().mean().sqrt()", "mean_squared_error", LOSS)],
        ),
        Mistake(
            "a loss for each",
            "You return the square of each difference: a loss is one number, their mean.",
            [Edit(".square().mean()", ".square()", "mean_squared_error", LOSS)],
        ),
    ],
)
