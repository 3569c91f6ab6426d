"""Linear regression, forward: predictions as weighted sums, and the mean squared error."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers, call_twice
from groundup.exercises.regression_forward.mistakes import MISTAKES
from groundup.exercises.strategies import matrices, vectors
from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Case, Check, Exercise, Observation


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's names and signatures."""

    def get_model_prediction(X: Any, weights: Any) -> Any:
        return step.predict(X, weights)

    def get_error(model_prediction: Any, ground_truth: Any) -> Any:
        return step.measure_error(model_prediction, ground_truth)

    return {PREDICT: get_model_prediction, ERROR: get_error}


PREDICT, ERROR = "get_model_prediction", "get_error"


SQUEEZED = (
    "For a single row it returns one number instead of an array of one: `np.squeeze` takes every side of length 1 away, "
    "that of the rows, too."
)


COLUMNS_ONLY = (
    "Its error takes columns of shape (N, 1), but not N numbers ({kind}). That is accepted, since an earlier version of "
    "the course gave columns; np.ravel makes N numbers of either."
)


def predict_rows(answer: Answer, X: Any, weights: Any) -> Any:
    """Let the answer predict; the course's own solution squeezes a single row's side away, which is only remarked on."""
    return unsqueeze(answer.call(PREDICT, X, weights), X)


def predict_whole_rows(answer: Answer, X: Any, weights: Any) -> Any:
    """Let the answer predict from whole numbers."""
    got = call_on_whole_numbers(answer, X, weights, entry=PREDICT)
    return (
        Observation(np.reshape(got.value, len(X)), remark=got.remark)
        if isinstance(got, Observation)
        else unsqueeze(got, X)
    )


def measure(look: Callable[..., Any], answer: Answer, *arrays: Any) -> Any:
    """Return what is seen of the error of N numbers; of columns, as the course once gave them, where those alone work."""
    try:
        return look(answer, *arrays)
    except AnswerRaised as raised:
        if raised.is_final:
            raise
        try:
            got = look(answer, *(array.reshape(-1, 1) for array in arrays))
        except AnswerRaised:
            raise raised from None
        return Observation(
            got.value if isinstance(got, Observation) else got, remark=COLUMNS_ONLY.format(kind=raised.kind)
        )


def measure_once(answer: Answer, prediction: Any, truth: Any) -> Any:
    """Return the error."""
    return answer.call(ERROR, prediction, truth)


def unsqueeze(got: Any, X: Any) -> Any:
    """Return the prediction of a single row with its side again, and a remark."""
    if len(X) == 1 and isinstance(got, float | np.floating | np.ndarray) and np.ndim(got) == 0:
        return Observation(np.reshape(got, 1), remark=SQUEEZED)
    return got


@st.composite
def prediction_cases(draw: st.DrawFn) -> Case:
    """Draw X and weights."""
    rows, features = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    return draw(matrices(rows, features)), draw(vectors(features))


def whole(size: int) -> st.SearchStrategy[Any]:
    """Draw an array of whole numbers."""
    return st.lists(st.integers(-4, 4), min_size=size, max_size=size).map(np.array)


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw X of whole numbers, and weights of any."""
    rows, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return draw(whole(rows * features)).reshape(rows, features), draw(vectors(features))


@st.composite
def error_cases(draw: st.DrawFn) -> Case:
    """Draw prediction and truth."""
    rows = draw(st.integers(1, 6))
    return draw(vectors(rows)), draw(vectors(rows))


def sizes(*case: Any) -> dict[str, int]:
    """Return N, and d where there is an X."""
    return {"N": len(case[0]), "d": case[0].shape[-1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a table of 100,000 rows and 20 features."""
    draw = np.random.default_rng(0)
    return PREDICT, None, (draw.normal(size=(100_000, 20)), draw.normal(size=20))


exercise = Exercise(
    name="regression-forward",
    title="Linear regression: forward",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c2_regression.regression"],
    reference=reference,
    entries={
        PREDICT: [PREDICT, "predict"],
        ERROR: [ERROR, "measure_error"],
    },
    rounding=5,
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "a prediction for every row",
            PREDICT,
            prediction_cases(),
            observer=predict_rows,
            edges=[
                (np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -0.5])),
                (np.array([[2.0]]), np.array([3.0])),
                (np.array([[1.0, 2.5], [-3.0, 4.0]]), np.array([0.5, -2.0])),
                (np.array([[1.0, -2.5, 0.125]]), np.array([0.75, -2.0, 4.0])),
                (np.array([[0.5], [1.5], [-2.0]]), np.array([1.25])),
            ],
            examples=24,
        ),
        Check(
            "predictions from whole numbers",
            PREDICT,
            whole_cases(),
            observer=predict_whole_rows,
            edges=[(np.array([[1, 2], [3, 4], [5, 6]]), np.array([0.5, -0.25]))],
            examples=4,
            arguments=("X", "weights"),
            repeats=True,
        ),
        Check(
            "the mean squared error",
            ERROR,
            error_cases(),
            observer=partial(measure, measure_once),
            edges=[
                (np.array([-0.5, -0.5, -0.5]), np.array([0.0, 1.0, 0.0])),
                (np.array([1.0]), np.array([1.0])),
                (np.array([2.0, 0.5, 1.0, -1.0]), np.array([1.0, 3.5, 1.25, 4.0])),
                (np.array([1.5]), np.array([-0.75])),
            ],
            examples=28,
        ),
        Check(
            "the error of whole numbers",
            ERROR,
            st.integers(1, 5).flatmap(lambda size: st.tuples(whole(size), whole(size))),
            observer=partial(measure, partial(call_on_whole_numbers, entry=ERROR)),
            edges=[(np.array([1, 2, 4]), np.array([1, 0, 3]))],
            examples=4,
            arguments=("model_prediction", "ground_truth"),
        ),
        Check(
            "a second call with the same arrays",
            ERROR,
            error_cases(),
            observer=partial(measure, partial(call_twice, entry=ERROR)),
            edges=[(np.array([-0.5, 0.25]), np.array([0.0, 1.0]))],
            examples=2,
            arguments=("model_prediction", "ground_truth"),
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
