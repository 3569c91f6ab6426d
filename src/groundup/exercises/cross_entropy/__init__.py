"""Cross-entropy: how surprised a model is by the truth."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def binary_cross_entropy(y_true: Any, y_pred: Any) -> Any:
        return step.binary_cross_entropy(y_true, y_pred)

    def categorical_cross_entropy(y_true: Any, y_pred: Any) -> Any:
        return step.categorical_cross_entropy(y_true, y_pred)

    return {
        "binary_cross_entropy": binary_cross_entropy,
        "categorical_cross_entropy": categorical_cross_entropy,
    }


PROBABILITIES = st.integers(2, 98).map(lambda percent: percent / 100)


@st.composite
def binary_cases(draw: st.DrawFn) -> Case:
    """Draw truths of 0 and 1, and probabilities."""
    size = draw(st.integers(1, 5))
    truth = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    return np.array(truth, float), np.array(draw(st.lists(PROBABILITIES, min_size=size, max_size=size)))


@st.composite
def categorical_cases(draw: st.DrawFn) -> Case:
    """Draw one-hot rows, and rows of probabilities that add up to one."""
    rows, classes = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    truth = np.zeros((rows, classes))
    truth[np.arange(rows), draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))] = 1
    shares = np.array(draw(st.lists(st.integers(1, 9), min_size=rows * classes, max_size=rows * classes)), float)
    shares = shares.reshape(rows, classes)
    return truth, shares / shares.sum(1, keepdims=True)


def sizes(truth: Any, prediction: Any) -> dict[str, int]:
    """Return the number of examples, and of classes where there are several."""
    return {"N": len(truth), "C": truth.shape[-1]}


BINARY, CATEGORICAL = "binary_cross_entropy", "categorical_cross_entropy"

exercise = Exercise(
    name="cross-entropy",
    title="Cross-entropy",
    room="foundations",
    folder=Path(__file__).parent,
    modules=["groundup.steps.neuron"],
    reference=reference,
    entries={BINARY: [BINARY], CATEGORICAL: [CATEGORICAL]},
    rounding=4,
    tolerance=1e-5,
    sizes=sizes,
    after=["softmax"],
    checks=[
        Check(
            "two classes",
            BINARY,
            binary_cases(),
            edges=[
                (np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.1, 0.8])),
                (np.array([1.0]), np.array([0.5])),
                (np.array([1.0, 0.0]), np.array([0.0, 0.5])),
                (np.array([0.0, 1.0]), np.array([1.0, 0.5])),
            ],
        ),
        Check(
            "several classes",
            CATEGORICAL,
            categorical_cases(),
            edges=[
                (np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])),
                (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 1.0], [0.5, 0.5]])),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "sign forgotten (two classes)",
            "Your binary loss is negative. Logarithms of probabilities are, so there is a minus in front.",
            [Edit("-np.mean(y_true", "np.mean(y_true", BINARY)],
        ),
        Mistake(
            "sign forgotten (several classes)",
            "Your categorical loss is negative. Logarithms of probabilities are, so there is a minus in front.",
            [Edit("-np.mean(np.sum", "np.mean(np.sum", CATEGORICAL)],
        ),
        Mistake(
            "summed over the examples (two classes)",
            "Your binary loss is N = {N} times too large: it is a mean over the examples.",
            [Edit("np.mean", "np.sum", BINARY)],
        ),
        Mistake(
            "summed over the examples (several classes)",
            "Your categorical loss is N = {N} times too large: sum over the classes, but average over the examples.",
            [Edit("np.mean(np.sum", "np.sum(np.sum", CATEGORICAL)],
        ),
        Mistake(
            "averaged over the classes, too",
            "Your categorical loss is C = {C} times too small: over the classes you sum (all but one are 0 anyway), only over the "
            "examples you average.",
            [Edit("np.sum(y_true", "np.mean(y_true", CATEGORICAL)],
        ),
        Mistake(
            "summed over the examples, averaged over the classes",
            "You add up over the examples and average over the classes. It is the other way round: axis 1 holds the classes, of which only "
            "the right one counts, and the mean is over axis 0, the examples.",
            [Edit("log(p), axis=1", "log(p), axis=0", CATEGORICAL)],
        ),
        Mistake(
            "the zeros left out",
            "Examples of class 0 cost nothing in your binary loss: they cost −log(1 − p).",
            [Edit(" + (1 - y_true) * np.log(1 - p)", "", BINARY)],
        ),
        Mistake(
            "the two classes exchanged (two classes)",
            "You take log p where y is 0 and log(1 − p) where y is 1. p is the probability of 1: it is y · log p + (1 − y) · log(1 − p).",
            [
                Edit(
                    "y_true * np.log(p) + (1 - y_true) * np.log(1 - p)",
                    "(1 - y_true) * np.log(p) + y_true * np.log(1 - p)",
                    BINARY,
                )
            ],
        ),
        Mistake(
            "truth and prediction exchanged (two classes)",
            "You take the truth for the prediction and the prediction for the truth: look at the order of the arguments. The first is the "
            "truth, and the logarithm is that of the prediction.",
            [
                Edit("np.clip(y_pred, clip, 1 - clip)", "np.clip(y_true, clip, 1 - clip)", BINARY),
                Edit(
                    "y_true * np.log(p) + (1 - y_true) * np.log(1 - p)",
                    "y_pred * np.log(p) + (1 - y_pred) * np.log(1 - p)",
                    BINARY,
                ),
            ],
        ),
        Mistake(
            "truth and prediction exchanged (several classes)",
            "In the categorical loss you take the truth for the prediction and the prediction for the truth. The first argument is the truth, "
            "and the logarithm is that of the prediction.",
            [
                Edit("np.clip(y_pred, clip, 1 - clip)", "np.clip(y_true, clip, 1 - clip)", CATEGORICAL),
                Edit("y_true * np.log(p)", "y_pred * np.log(p)", CATEGORICAL),
            ],
        ),
        Mistake(
            "not clipped (two classes)",
            "A probability of exactly 0 or 1 gives log(0): clip the predictions to 10⁻⁷ … 1 − 10⁻⁷ first.",
            [Edit("np.clip(y_pred, clip, 1 - clip)", "y_pred", BINARY)],
        ),
        Mistake(
            "not clipped (several classes)",
            "A probability of exactly 0 gives log(0): clip the predictions to 10⁻⁷ first.",
            [Edit("np.clip(y_pred, clip, 1 - clip)", "y_pred", CATEGORICAL)],
        ),
        Mistake(
            "base 2 (two classes)",
            "You take logarithms to base 2, which gives bits. Here it is the natural logarithm, np.log.",
            [
                Edit(
                    "y_true * np.log(p) + (1 - y_true) * np.log(1 - p)",
                    "y_true * np.log2(p) + (1 - y_true) * np.log2(1 - p)",
                    BINARY,
                )
            ],
        ),
        Mistake(
            "base 2 (several classes)",
            "You take logarithms to base 2 in the categorical loss. Here it is the natural logarithm, np.log.",
            [Edit("np.log(p)", "np.log2(p)", CATEGORICAL)],
        ),
        Mistake(
            "every class counted as its own yes or no",
            "You add −log(1 − p) of the wrong classes, too. With several classes only the right one's probability counts.",
            [
                Edit(
                    "np.sum(y_true * np.log(p)", "np.sum(y_true * np.log(p) + (1 - y_true) * np.log(1 - p)", CATEGORICAL
                )
            ],
        ),
        Mistake(
            "probabilities instead of their logarithms",
            "You average the probabilities themselves: take their logarithms, so that being surely wrong costs without end.",
            [Edit("np.sum(y_true * np.log(p)", "np.sum(y_true * p", CATEGORICAL)],
        ),
        Mistake(
            "clipped too early",
            "You clip the predictions to 10⁻², so sure answers count as less sure: 10⁻⁷ is enough to keep log finite.",
            [
                Edit("np.clip(y_pred, clip, 1 - clip)", "np.clip(y_pred, 0.01, 1 - 0.01)", BINARY),
                Edit("np.clip(y_pred, clip, 1 - clip)", "np.clip(y_pred, 0.01, 1 - 0.01)", CATEGORICAL),
            ],
        ),
    ],
)
