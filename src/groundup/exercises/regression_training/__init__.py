"""Linear regression, training: the slope of the error along a weight, and the descent that uses it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import examples_of, vectors
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's names and signatures."""

    def get_derivative(model_prediction: Any, ground_truth: Any, N: int, X: Any, desired_weight: int) -> float:
        return float(step.differentiate_one_weight(model_prediction, ground_truth, X, desired_weight))

    def train_model(X: Any, Y: Any, num_iterations: int, initial_weights: Any) -> Any:
        return step.train(X, Y, num_iterations, initial_weights)

    return {"get_derivative": get_derivative, "train_model": train_model}


@st.composite
def derivative_cases(draw: st.DrawFn) -> Case:
    """Draw prediction, truth, N, X and a weight's place."""
    X, truth = draw(examples_of(most_rows=5, most_features=4))
    return draw(vectors(len(X))), truth, len(X), X, draw(st.integers(0, X.shape[1] - 1))


@st.composite
def training_cases(draw: st.DrawFn) -> Case:
    """Draw X, truth, iterations and initial weights."""
    X, truth = draw(examples_of(most_rows=5, most_features=4))
    return X, truth, draw(st.integers(0, 6)), draw(vectors(X.shape[1]))


def sizes(*case: Any) -> dict[str, int]:
    """Return N and d of a case of either function."""
    X = case[3] if len(case) == 5 else case[0]
    return {"N": X.shape[0], "d": X.shape[1]}


WORKED_X, WORKED_Y = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]), np.array([6.0, 3.0])


def both(old: str, new: str) -> list[Edit]:
    """Make one change in the slope along one weight and along all."""
    return [Edit(old, new, "differentiate_one_weight"), Edit(old, new, "differentiate")]


def large() -> tuple[str, None, Case]:
    """Return a table of 2,000 rows and 20 features, and 20 iterations on it."""
    draw = np.random.default_rng(0)
    return "train_model", None, (draw.normal(size=(2000, 20)), draw.normal(size=2000), 20, np.zeros(20))


exercise = Exercise(
    name="regression-training",
    title="Linear regression: training",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.regression"],
    reference=reference,
    entries={
        "get_derivative": ["get_derivative", "differentiate_one_weight"],
        "train_model": ["train_model", "train"],
    },
    rounding=5,
    sizes=sizes,
    large=large,
    after=["regression-forward"],
    checks=[
        Check(
            "the slope of the error along one weight",
            "get_derivative",
            derivative_cases(),
            edges=[(np.array([0.5, 1.0]), np.array([6.0, 3.0]), 2, WORKED_X, 0)],
        ),
        Check(
            "the trained weights",
            "train_model",
            training_cases(),
            edges=[
                (WORKED_X, WORKED_Y, 10, np.array([0.2, 0.1, 0.6])),
                (WORKED_X, WORKED_Y, 0, np.array([0.2, 0.1, 0.6])),
                (np.array([[3.0]]), np.array([2.0]), 1, np.array([0.0])),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "sign flipped",
            "Your slope points the wrong way, so every step climbs. The derivative of (truth − prediction)² by the "
            "prediction is −2 (truth − prediction): mind the minus, or subtract the truth from the prediction.",
            both("-2", "2"),
        ),
        Mistake(
            "not divided by N",
            "Your slope has the right direction but is N = {N} times too large: the error is a mean, so its "
            "derivative is divided by the number of examples too.",
            both("-2 / len(truth)", "-2"),
        ),
        Mistake(
            "the 2 is missing",
            "Your slope is half of what it should be: the power 2 of the squared error comes down as a factor.",
            both("-2", "-1"),
        ),
        Mistake(
            "divided by the number of features",
            "You divide by d = {d}, the columns of X. The mean is over examples: divide by N = {N}, its rows.",
            both("len(truth)", "X.shape[1]"),
        ),
        Mistake(
            "X left out",
            "Your slope is the same for every weight: each one's error has to be multiplied by the feature that the "
            "weight multiplies, X[:, j], before it is summed (chain rule).",
            [
                Edit(" * X[:, weight_index]", "", "differentiate_one_weight"),
                Edit("X.T @ (truth - prediction)", "np.ones(X.shape).T @ (truth - prediction)", "differentiate"),
            ],
        ),
        Mistake(
            "absolute value instead of square",
            "You differentiate |truth − prediction|: its slope is the same however large the error. The squared "
            "error's slope is proportional to the error itself.",
            both("-2", "-1") + both("(truth - prediction)", "np.sign(truth - prediction)"),
        ),
        Mistake(
            "only the error's sign",
            "You use only whether an error is above or below 0. The squared error's slope is proportional to the error itself.",
            both("(truth - prediction)", "np.sign(truth - prediction)"),
        ),
        Mistake(
            "weights updated one after the other",
            "Each weight's step uses a prediction made with weights that already moved. All slopes of an iteration "
            "belong to the same old weights: predict once, then update every weight.",
            [
                Edit(
                    "weights = weights - learning_rate * differentiate(predict(X, weights), truth, X)",
                    "weights = weights.copy()\n"
                    "        for place in range(len(weights)):\n"
                    "            slope = differentiate(predict(X, weights), truth, X)[place]\n"
                    "            weights[place] = weights[place] - learning_rate * slope",
                    "train",
                )
            ],
        ),
        Mistake(
            "rounded inside the loop",
            "You round the weights in every iteration, so small steps are lost and training stalls. Round only "
            "what you return, once, at the end.",
            [
                Edit(
                    "weights - learning_rate * differentiate(predict(X, weights), truth, X)",
                    "np.round(weights - learning_rate * differentiate(predict(X, weights), truth, X), 5)",
                    "train",
                )
            ],
        ),
        Mistake(
            "prediction made once, before the loop",
            "Every iteration uses the prediction of the initial weights. It changes with the weights: compute it "
            "anew inside the loop.",
            [
                Edit("for _ in range(iterations):", "start = weights\n    for _ in range(iterations):", "train"),
                Edit("predict(X, weights)", "predict(X, start)", "train"),
            ],
        ),
        Mistake(
            "one iteration too few",
            "It takes one step fewer than asked for: range(1, n) has n − 1 numbers.",
            [Edit("range(iterations)", "range(1, iterations)", "train")],
        ),
        Mistake(
            "one iteration too many",
            "It takes one step more than asked for: range(n + 1) has n + 1 numbers.",
            [Edit("range(iterations)", "range(iterations + 1)", "train")],
        ),
        Mistake(
            "climbs instead of descending",
            "You add the slope to the weights. The slope points uphill: subtract it.",
            [Edit("weights - learning_rate", "weights + learning_rate", "train")],
        ),
        Mistake(
            "another learning rate",
            "Your steps are ten times too long: the learning rate of this exercise is 0.01.",
            [Edit("learning_rate * differentiate", "0.1 * differentiate", "train")],
        ),
        Mistake(
            "initial weights ignored",
            "You start from zeros: start from the initial weights that are given.",
            [Edit("initial_weights.copy()", "np.zeros(X.shape[1])", "train")],
        ),
    ],
)
