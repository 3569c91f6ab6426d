"""The training loop: a weight for each feature and a bias, by full-batch gradient descent from zero."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice, look_at_zero_epochs
from groundup.exercises.strategies import examples_of
from groundup.exercises.training_loop.mistakes import MISTAKES
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's name and signature."""

    def train(X: Any, y: Any, epochs: int, lr: float) -> Any:
        return step.train_with_bias(X, y, epochs, None, 0.0, lr)

    return {"train": train}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw X, y, epochs and a learning rate."""
    X, y = draw(examples_of(most_rows=5, most_features=3))
    return X, y, draw(st.integers(1, 5)), draw(st.sampled_from([0.01, 0.05, 0.1]))


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a case of whole numbers."""
    rows, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    drawn = draw(st.lists(st.integers(-3, 3), min_size=rows * (features + 1), max_size=rows * (features + 1)))
    table = np.array(drawn).reshape(rows, features + 1)
    return table[:, :-1], table[:, -1], draw(st.integers(1, 3)), 0.1


def sizes(X: Any, y: Any, *_: Any) -> dict[str, int]:
    """Return N and d."""
    return {"N": X.shape[0], "d": X.shape[1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a table of 2,000 rows and 20 features, and 20 epochs on it."""
    draw = np.random.default_rng(0)
    return "train", None, (draw.normal(size=(2000, 20)), draw.normal(size=2000), 20, 0.01)


WORKED_X, WORKED_Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 11.0])
TALL_X, TALL_Y = (
    np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [-1.0, 0.5, 1.0], [2.0, 1.0, 0.0]]),
    np.array([1.0, 2.5, -0.5, 3.0]),
)
ARGUMENTS = ("X", "y", "epochs", "lr")

exercise = Exercise(
    name="training-loop",
    title="Linear regression with a bias",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c2_regression.regression"],
    reference=reference,
    entries={"train": ["train", "train_with_bias", "fit"]},
    rounding=5,
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "where weights and bias begin (zero epochs)",
            "train",
            examples_of(most_rows=4, most_features=3).flatmap(
                lambda table: st.tuples(st.just(table[0]), st.just(table[1]), st.just(0.1))
            ),
            observer=look_at_zero_epochs,
            edges=[(WORKED_X, WORKED_Y, 0.01)],
            examples=2,
            arguments=("X", "y", "lr"),
        ),
        Check(
            "weights and bias after training",
            "train",
            cases(),
            edges=[
                (WORKED_X, WORKED_Y, 2, 0.01),
                (np.array([[2.0]]), np.array([3.0]), 1, 0.1),
                (np.array([[2.0], [1.0]]), np.array([3.0, 1.0]), 1, 0.1),
                (np.array([[1.0, -2.0, 0.5]]), np.array([2.0]), 3, 0.05),
                (TALL_X, TALL_Y, 3, 0.05),
                # Long enough for stopping early, and for rounding on the way, to show.
                (TALL_X, TALL_Y, 60, 0.2),
                (np.array([[1.0], [-1.0]]), np.array([3.0, -1.0]), 300, 0.02),
                (0.1 * TALL_X, 0.01 * TALL_Y, 12, 0.01),
            ],
            examples=28,
            results=("the weights", "the bias"),
        ),
        Check(
            "arrays of whole numbers",
            "train",
            whole_cases(),
            edges=[(np.array([[1, 2], [3, 4]]), np.array([5, 11]), 2, 0.01)],
            observer=partial(call_on_whole_numbers, entry="train"),
            examples=4,
            arguments=ARGUMENTS,
            results=("the weights", "the bias"),
            repeats=True,
        ),
        Check(
            "a second call with the same arrays",
            "train",
            cases(),
            edges=[(WORKED_X, WORKED_Y, 2, 0.01)],
            observer=partial(call_twice, entry="train"),
            examples=2,
            arguments=ARGUMENTS,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
