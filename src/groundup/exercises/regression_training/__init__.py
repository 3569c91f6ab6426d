"""Linear regression, training: the slope of the error along a weight, and the descent that uses it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import NOTHING, call_on_whole_numbers
from groundup.exercises.regression_training.mistakes import MISTAKES
from groundup.exercises.strategies import examples_of, vectors
from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's names and signatures."""

    def get_derivative(model_prediction: Any, ground_truth: Any, N: int, X: Any, desired_weight: int) -> Any:
        return step.differentiate_one_weight(model_prediction, ground_truth, X, desired_weight)

    def train_model(X: Any, Y: Any, num_iterations: int, initial_weights: Any) -> Any:
        return step.train(X, Y, num_iterations, initial_weights)

    return {DERIVATIVE: get_derivative, TRAIN: train_model}


DERIVATIVE, TRAIN = "get_derivative", "train_model"


@st.composite
def derivative_cases(draw: st.DrawFn) -> Case:
    """Draw prediction, truth, N, X and a weight's place."""
    X, truth = draw(examples_of(most_rows=5, most_features=4))
    return draw(vectors(len(X))), truth, len(X), X, draw(st.integers(0, X.shape[1] - 1))


@st.composite
def training_cases(draw: st.DrawFn) -> Case:
    """Draw X, truth, iterations and initial weights."""
    X, truth = draw(examples_of(most_rows=5, most_features=4))
    return X, truth, draw(st.integers(1, 6)), draw(vectors(X.shape[1]))


def sizes(*case: Any) -> dict[str, int]:
    """Return N and d of a case of either function."""
    X = case[3] if len(case) == 5 else case[0]
    return {"N": X.shape[0], "d": X.shape[1]}


TALL_X = np.array([[0.5, -1.0], [1.5, 0.25], [-1.0, 0.5], [2.0, 1.0]])
TALL_Y = np.array([1.0, 2.5, -0.5, 3.0])
WORKED_X, WORKED_Y = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]), np.array([6.0, 3.0])


@st.composite
def whole_cases(draw: st.DrawFn) -> Case:
    """Draw a case of whole numbers, the initial weights among them."""
    rows, features = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    count = (rows + 1) * (features + 1)
    table = np.array(draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count))).reshape(rows + 1, features + 1)
    return table[:-1, :-1], table[:-1, -1], draw(st.integers(1, 3)), table[-1, :-1]


def look_at_start(answer: Answer, X: Any, Y: Any, initial_weights: Any) -> Any:
    """Return, in words, what zero iterations give. Random starts differ, but none is that which was given."""
    got = to_plain(answer.call(TRAIN, X, Y, 0, initial_weights))
    if got is None:
        return NOTHING
    if not isinstance(got, np.ndarray) or got.dtype.kind not in "fiu" or got.shape != initial_weights.shape:
        return got
    same = bool(np.all(np.abs(got - initial_weights) < ROUNDED))
    return "the initial weights" if same else "other weights than the initial ones"


# What rounding to 5 places changes.
ROUNDED = 5.1e-6


def benchmark_case() -> tuple[str, None, Case]:
    """Return a table of 2,000 rows and 20 features, and 20 iterations on it."""
    draw = np.random.default_rng(0)
    return TRAIN, None, (draw.normal(size=(2000, 20)), draw.normal(size=2000), 20, np.zeros(20))


exercise = Exercise(
    name="regression-training",
    title="Linear regression: training",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c2_regression.regression"],
    reference=reference,
    entries={
        DERIVATIVE: [DERIVATIVE, "differentiate_one_weight"],
        TRAIN: [TRAIN, "train"],
    },
    rounding=5,
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the slope of the error along one weight",
            DERIVATIVE,
            derivative_cases(),
            edges=[
                (np.array([0.5, 1.0]), np.array([6.0, 3.0]), 2, WORKED_X, 0),
                (np.array([0.5, 1.0]), np.array([6.0, 3.0]), 2, WORKED_X, 2),
                (np.array([0.5, -1.25]), np.array([6.0, 3.0]), 2, np.array([[1.0, 2.5], [-3.0, 0.75]]), 1),
                (np.array([0.5]), np.array([1.75]), 1, np.array([[-2.0, 0.25]]), 1),
            ],
            examples=28,
        ),
        Check(
            "what zero iterations return",
            TRAIN,
            training_cases().map(lambda case: (case[0], case[1], case[3])),
            observer=look_at_start,
            edges=[(WORKED_X, WORKED_Y, np.array([0.2, 0.1, 0.6]))],
            examples=2,
            arguments=("X", "Y", "initial_weights"),
        ),
        Check(
            "the trained weights",
            TRAIN,
            training_cases(),
            edges=[
                (WORKED_X, WORKED_Y, 10, np.array([0.2, 0.1, 0.6])),
                (np.array([[3.0]]), np.array([2.0]), 1, np.array([0.0])),
                (np.array([[1.0, -2.0, 0.5, 0.25]]), np.array([2.0]), 3, np.array([0.5, -0.5, 1.0, 2.0])),
                (TALL_X, TALL_Y, 3, np.array([0.25, -0.5])),
                # Long enough for stopping early, and for rounding on the way, to show.
                (TALL_X, TALL_Y, 40, np.array([0.25, -0.5])),
                (np.array([[1.5, 0.0], [0.0, 2.0]]), np.array([1.5, -2.0]), 400, np.array([3.0, 2.0])),
            ],
            examples=28,
        ),
        Check(
            "arrays of whole numbers",
            TRAIN,
            whole_cases(),
            edges=[(np.array([[1, 2], [3, 4]]), np.array([5, 11]), 2, np.array([0, 1]))],
            observer=partial(call_on_whole_numbers, entry=TRAIN),
            examples=4,
            arguments=("X", "Y", "num_iterations", "initial_weights"),
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
