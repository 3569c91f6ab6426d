"""Logistic regression: probabilities of two classes, the log loss, and the descent that finds the weights."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice, look_at_zero_epochs
from groundup.exercises.logistic_regression.mistakes import MISTAKES
from groundup.exercises.strategies import matrices, vectors
from groundup.judge.exercise import Case, Check, Exercise

PREDICT, LOSS, TRAIN = "predict", "log_loss", "train"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's names and signatures."""

    def predict(X: Any, w: Any, b: float) -> Any:
        return step.predict(X, w, b)

    def log_loss(p: Any, y: Any) -> Any:
        return step.log_loss(p, y)

    def train(X: Any, y: Any, epochs: int, lr: float) -> Any:
        return step.train(X, y, epochs, lr)

    return {PREDICT: predict, LOSS: log_loss, TRAIN: train}


def classes(rows: int) -> st.SearchStrategy[Any]:
    """Draw a class for each example, shape (rows,), 0.0 or 1.0."""
    return st.lists(st.integers(0, 1), min_size=rows, max_size=rows).map(lambda drawn: np.array(drawn, dtype=float))


@st.composite
def predict_cases(draw: st.DrawFn) -> Case:
    """Draw X, weights and a bias; some scores are large."""
    rows, features = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    scale = draw(st.sampled_from([1.0, 1.0, 1.0, 100.0, 0.01]))
    return draw(matrices(rows, features)), scale * draw(vectors(features)), float(draw(vectors(1))[0])


@st.composite
def loss_cases(draw: st.DrawFn) -> Case:
    """Draw probabilities and true classes."""
    rows = draw(st.integers(1, 6))
    return 0.5 + draw(vectors(rows, -9.0, 9.0)) / 20, draw(classes(rows))


@st.composite
def training_cases(draw: st.DrawFn) -> Case:
    """Draw X, classes, epochs and a learning rate."""
    rows, features = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    rate = draw(st.sampled_from([0.01, 0.1, 0.5, 1.0]))
    return draw(matrices(rows, features)), draw(classes(rows)), draw(st.integers(1, 5)), rate


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a case of training of whole numbers."""
    rows, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    drawn = draw(st.lists(st.integers(-3, 3), min_size=rows * features, max_size=rows * features))
    truth = draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows))
    return np.array(drawn).reshape(rows, features), np.array(truth), draw(st.integers(1, 3)), 0.5


def sizes(*case: Any) -> dict[str, int]:
    """Return N, and d where there are features."""
    return {"N": case[0].shape[0], **({"d": case[0].shape[1]} if case[0].ndim == 2 else {})}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a table of 2,000 rows and 20 features, and 20 epochs on it."""
    draw = np.random.default_rng(0)
    return TRAIN, None, (draw.normal(size=(2000, 20)), draw.integers(0, 2, 2000).astype(float), 20, 0.1)


WORKED_X, WORKED_Y = np.array([[0.0], [2.0]]), np.array([0.0, 1.0])
TALL_X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75], [-1.0, 0.5, 1.0], [2.0, 1.0, 0.0], [0.25, -2.0, 0.5]])
TALL_Y = np.array([1.0, 0.0, 0.0, 1.0, 1.0])
ARGUMENTS = ("X", "y", "epochs", "lr")

exercise = Exercise(
    name="logistic-regression",
    title="Logistic regression",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c2_regression.logistic"],
    reference=reference,
    entries={
        PREDICT: [PREDICT, "predict_proba"],
        LOSS: [LOSS, "loss"],
        TRAIN: [TRAIN, "fit"],
    },
    rounding=5,
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the probability of class 1",
            PREDICT,
            predict_cases(),
            edges=[
                (WORKED_X, np.array([1.0]), -1.0),
                (np.array([[1.0, -2.0, 0.5], [0.25, 1.0, -1.5]]), np.array([0.5, 0.75, -0.25]), 0.3),
                # A score between 0 and 1, which is no probability yet.
                (np.array([[3.0]]), np.array([0.25]), -0.5),
                (np.array([[1000.0, 0.0], [-1000.0, 0.0], [0.5, 0.25]]), np.array([1.0, 2.0]), 0.125),
            ],
            examples=24,
        ),
        Check(
            "the log loss",
            LOSS,
            loss_cases(),
            edges=[
                (np.array([0.25, 0.5]), np.array([0.0, 1.0])),
                (np.array([0.75]), np.array([0.0])),
                (np.array([0.75]), np.array([1.0])),
                (np.array([0.9, 0.2, 0.6, 0.05]), np.array([1.0, 0.0, 0.0, 1.0])),
            ],
            examples=24,
        ),
        Check(
            "where weights and bias begin (zero epochs)",
            TRAIN,
            training_cases().map(lambda case: (case[0], case[1], case[3])),
            observer=look_at_zero_epochs,
            edges=[(WORKED_X, WORKED_Y, 0.5)],
            examples=2,
            arguments=("X", "y", "lr"),
        ),
        Check(
            "weights and bias after training",
            TRAIN,
            training_cases(),
            edges=[
                (WORKED_X, WORKED_Y, 1, 0.5),
                (np.array([[2.0]]), np.array([1.0]), 1, 0.1),
                (np.array([[2.0], [1.0], [-3.0]]), np.array([1.0, 0.0, 0.0]), 3, 0.1),
                (TALL_X, TALL_Y, 3, 0.5),
                # Long enough for stopping early, and for rounding on the way, to show.
                (TALL_X, TALL_Y, 60, 0.2),
                (0.1 * TALL_X, TALL_Y, 300, 0.02),
            ],
            examples=24,
            results=("the weights", "the bias"),
        ),
        Check(
            "arrays of whole numbers",
            TRAIN,
            whole_cases(),
            edges=[(np.array([[0], [2]]), np.array([0, 1]), 2, 0.5)],
            observer=partial(call_on_whole_numbers, entry=TRAIN),
            examples=4,
            arguments=ARGUMENTS,
            results=("the weights", "the bias"),
            repeats=True,
        ),
        Check(
            "a second call with the same arrays",
            TRAIN,
            training_cases(),
            edges=[(WORKED_X, WORKED_Y, 2, 0.5)],
            observer=partial(call_twice, entry=TRAIN),
            examples=2,
            arguments=ARGUMENTS,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
