"""The training loop: a weight for each feature and a bias, by full-batch gradient descent from zero."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import examples_of
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's name and signature."""

    def train(X: Any, y: Any, epochs: int, lr: float) -> Any:
        return step.train_with_bias(X, y, epochs, None, 0.0, lr)

    return {"train": train}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw X, y, epochs and a learning rate."""
    X, y = draw(examples_of(most_rows=5, most_features=3))
    return X, y, draw(st.integers(0, 5)), draw(st.sampled_from([0.01, 0.05, 0.1]))


def sizes(X: Any, y: Any, epochs: int, lr: float) -> dict[str, int]:
    """Return N and d."""
    return {"N": X.shape[0], "d": X.shape[1]}


def large() -> tuple[str, None, Case]:
    """Return a table of 2,000 rows and 20 features, and 20 epochs on it."""
    draw = np.random.default_rng(0)
    return "train", None, (draw.normal(size=(2000, 20)), draw.normal(size=2000), 20, 0.01)


LOOP = "train_with_bias"

exercise = Exercise(
    name="training-loop",
    title="The training loop, with a bias",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.regression"],
    reference=reference,
    entries={"train": ["train", "train_with_bias", "fit"]},
    rounding=5,
    sizes=sizes,
    large=large,
    after=["regression-training"],
    checks=[
        Check(
            "weights and bias after training",
            "train",
            cases(),
            edges=[
                (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 11.0]), 2, 0.01),
                (np.array([[2.0]]), np.array([3.0]), 1, 0.1),
                (np.array([[2.0], [1.0]]), np.array([3.0, 1.0]), 0, 0.1),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "bias not trained",
            "Your bias stays what it was. It has a slope like every weight, −2/N · Σ (truth − prediction): that of a "
            "feature which is always 1.",
            [Edit("bias = bias - learning_rate * differentiate_bias(prediction, truth)", "bias = bias - 0.0", LOOP)],
        ),
        Mistake(
            "bias left out of the prediction",
            "You predict X · w without the bias, so the errors that train it are those of another model.",
            [Edit("predict(X, weights, bias)", "predict(X, weights)", LOOP)],
        ),
        Mistake(
            "bias updated with the weights already moved",
            "The bias takes its step from a prediction with the new weights. Weights and bias belong to the same "
            "instant: compute both slopes first, then move both.",
            [
                Edit(
                    "differentiate_bias(prediction, truth)",
                    "differentiate_bias(predict(X, weights, bias), truth)",
                    LOOP,
                )
            ],
        ),
        Mistake(
            "bias slope summed, not averaged",
            "Your bias moves N = {N} times too far: its slope is a mean over the examples, as the error is.",
            [Edit("-2 / len(truth) * np.sum", "-2 * np.sum", "differentiate_bias")],
        ),
        Mistake(
            "weight slopes summed, not averaged",
            "Your weights move N = {N} times too far: the error is a mean over examples, so its slope is divided by N.",
            [Edit("-2 / len(truth) * (X.T", "-2 * (X.T", "differentiate")],
        ),
        Mistake(
            "the 2 of the weights is missing",
            "Your weights move half as far as they should: the square in the error brings down a factor 2. (Some "
            "books define the error with a ½ to be rid of it; here it is the plain mean.)",
            [Edit("-2 / len(truth) * (X.T", "-1 / len(truth) * (X.T", "differentiate")],
        ),
        Mistake(
            "the 2 of the bias is missing",
            "Your bias moves half as far as it should: its slope has the factor 2 as well.",
            [Edit("-2 / len(truth) * np.sum", "-1 / len(truth) * np.sum", "differentiate_bias")],
        ),
        Mistake(
            "climbs instead of descending",
            "Your weights move along the slope, uphill. Subtract it.",
            [Edit("weights - learning_rate", "weights + learning_rate", LOOP)],
        ),
        Mistake(
            "bias climbs",
            "Your bias moves along its slope, uphill. Subtract it.",
            [Edit("bias - learning_rate", "bias + learning_rate", LOOP)],
        ),
        Mistake(
            "learning rate ignored",
            "Your weights take the whole slope as a step: multiply it by the learning rate that is given.",
            [Edit("learning_rate * differentiate(", "1.0 * differentiate(", LOOP)],
        ),
        Mistake(
            "rounded inside the loop",
            "You round the weights in every epoch, and lose the small steps. Round only what you return.",
            [
                Edit(
                    "weights - learning_rate * differentiate(prediction, truth, X)",
                    "np.round(weights - learning_rate * differentiate(prediction, truth, X), 5)",
                    LOOP,
                )
            ],
        ),
        Mistake(
            "one epoch too few",
            "It takes one epoch fewer than asked for: range(1, n) has n − 1 numbers.",
            [Edit("range(iterations)", "range(1, iterations)", LOOP)],
        ),
        Mistake(
            "one epoch too many",
            "It takes one epoch more than asked for: range(n + 1) has n + 1 numbers.",
            [Edit("range(iterations)", "range(iterations + 1)", LOOP)],
        ),
        Mistake(
            "divided by the number of features",
            "You divide the weights' slopes by d = {d}, the columns of X. The mean is over the N = {N} examples.",
            [Edit("len(truth) * (X.T", "X.shape[1] * (X.T", "differentiate")],
        ),
    ],
)
