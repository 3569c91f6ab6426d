"""Linear regression, forward: predictions as weighted sums, and the mean squared error."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import matrices, vectors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's names and signatures."""

    def get_model_prediction(X: Any, weights: Any) -> Any:
        return step.predict(X, weights)

    def get_error(model_prediction: Any, ground_truth: Any) -> Any:
        return step.measure_error(model_prediction, ground_truth)

    return {"get_model_prediction": get_model_prediction, "get_error": get_error}


SQUEEZED = (
    "For a single row it returns one number instead of an array of one: `np.squeeze` takes every side of length 1 away, "
    "that of the rows, too."
)


def predict_rows(answer: Answer, X: Any, weights: Any) -> Any:
    """Let the answer predict; the course's own solution squeezes a single row's side away, which is only remarked on."""
    got = answer.call("get_model_prediction", X, weights)
    if len(X) == 1 and isinstance(got, float | np.floating | np.ndarray) and np.ndim(got) == 0:
        return Observed(np.reshape(got, 1), remark=SQUEEZED)
    return got


@st.composite
def prediction_cases(draw: st.DrawFn) -> Case:
    """Draw X and weights."""
    rows, features = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    return draw(matrices(rows, features)), draw(vectors(features))


@st.composite
def error_cases(draw: st.DrawFn) -> Case:
    """Draw prediction and truth."""
    rows = draw(st.integers(1, 6))
    return draw(vectors(rows)), draw(vectors(rows))


def sizes(*case: Any) -> dict[str, int]:
    """Return N, and d where there is an X."""
    return {"N": len(case[0]), "d": case[0].shape[-1]}


def large() -> tuple[str, None, Case]:
    """Return a table of 100,000 rows and 20 features."""
    draw = np.random.default_rng(0)
    return "get_model_prediction", None, (draw.normal(size=(100_000, 20)), draw.normal(size=20))


ERROR = "measure_error"

exercise = Exercise(
    name="regression-forward",
    title="Linear regression: forward",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.regression"],
    reference=reference,
    entries={
        "get_model_prediction": ["get_model_prediction", "predict"],
        "get_error": ["get_error", "measure_error"],
    },
    rounding=5,
    sizes=sizes,
    large=large,
    checks=[
        Check(
            "a prediction for every row",
            "get_model_prediction",
            prediction_cases(),
            observe=predict_rows,
            edges=[
                (np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.5])),
                (np.array([[2.0]]), np.array([3.0])),
            ],
        ),
        Check(
            "the mean squared error",
            "get_error",
            error_cases(),
            edges=[
                (np.array([-0.5, -0.5, -0.5]), np.array([0.0, 1.0, 0.0])),
                (np.array([1.0]), np.array([1.0])),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "multiplied, not summed",
            "You multiply features and weights but do not add the products up: a prediction is one number a row.",
            [Edit("X @ weights", "X * weights", "predict")],
        ),
        Mistake(
            "averaged over the features",
            "Your predictions are d = {d} times too small: the products of a row are added, not averaged.",
            [Edit("X @ weights", "X @ weights / X.shape[1]", "predict")],
        ),
        Mistake(
            "last feature left out",
            "The last column of X takes no part in your prediction. range(d) runs to d − 1 by itself: no − 1 is needed.",
            [Edit("X @ weights", "X[:, :-1] @ weights[:-1]", "predict")],
        ),
        Mistake(
            "weights in reverse order",
            "Each feature meets the weight of another: column j belongs to weight j.",
            [Edit("@ weights", "@ weights[::-1]", "predict")],
        ),
        Mistake(
            "squared errors summed, not averaged",
            "Your error is N = {N} times too large: divide the sum of squares by the number of examples.",
            [Edit("np.mean", "np.sum", ERROR)],
        ),
        Mistake(
            "not squared",
            "You average the differences themselves: one that is too high and one that is too low cancel out. Square "
            "each difference first.",
            [Edit(" ** 2", "", ERROR)],
        ),
        Mistake(
            "absolute value instead of square",
            "You average the sizes of the differences (the mean absolute error). Here large ones shall count more: square.",
            [Edit("(truth - prediction) ** 2", "abs(truth - prediction)", ERROR)],
        ),
        Mistake(
            "the mean squared, not the squares' mean",
            "You average first and square afterwards, so differences of opposite signs cancel out. Square each one first.",
            [Edit("np.mean((truth - prediction) ** 2)", "np.mean(truth - prediction) ** 2", ERROR)],
        ),
        Mistake(
            "every prediction against every truth",
            "You subtract a column of shape (N, 1) from N numbers, and NumPy makes N × N differences of them: each prediction against "
            "every truth. Give both the shape (N,).",
            [Edit("(truth - prediction)", "(truth - prediction[:, None])", ERROR)],
        ),
        Mistake(
            "root of the error",
            "You take the root at the end. That is the root mean squared error, in the target's own unit; asked for is "
            "the mean squared error.",
            [Edit("np.mean((truth - prediction) ** 2)", "np.sqrt(np.mean((truth - prediction) ** 2))", ERROR)],
        ),
        Mistake(
            "half the error",
            "Your error is half of what it should be. Some books put a ½ in front to make the derivative look nicer; "
            "the mean squared error has none.",
            [Edit("np.mean(", "0.5 * np.mean(", ERROR)],
        ),
        Mistake(
            "divided by N − 1",
            "You divide by N − 1 = {N} − 1, as for a sample's variance. No mean was estimated here: divide by N.",
            [
                Edit(
                    "np.mean((truth - prediction) ** 2)",
                    "np.sum((truth - prediction) ** 2) / max(len(truth) - 1, 1)",
                    ERROR,
                )
            ],
        ),
    ],
)
