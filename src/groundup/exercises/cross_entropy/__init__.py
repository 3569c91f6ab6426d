"""Cross-entropy: how surprised a model is by the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_each
from groundup.exercises.cross_entropy.mistakes import BINARY, CATEGORICAL, MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise, Observation


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def binary_cross_entropy(y_true: Any, y_pred: Any) -> Any:
        return step.binary_cross_entropy(y_true, y_pred)

    def categorical_cross_entropy(y_true: Any, y_pred: Any) -> Any:
        return step.categorical_cross_entropy(y_true, y_pred)

    return {BINARY: binary_cross_entropy, CATEGORICAL: categorical_cross_entropy}


ADDED = (
    "It adds ε to the probabilities instead of clipping them. That is accepted, since the course's template says so; but "
    "where ε is not added inside the second logarithm, too, log(1 − p) is NaN or infinite at p = 1. np.clip(p, 1e-7, "
    "1 - 1e-7) is safe at both ends."
)
PASSED_OVER = "passed over: ε is added"
# The logarithm tells here whether 10⁻⁷ is a border (16.118) or is added (15.713).
ALMOST_0 = 5e-8
# What a loss of p = 1 is in float32, where 1 − 10⁻⁷ becomes the largest number below 1.
SINGLE = -np.log(1.0 - float(np.float32(1 - 1e-7)))


@dataclass(frozen=True)
class SureCheck(Check):
    """Checks sure predictions, each example by itself, so that one infinite loss does not hide the others.

    An answer may compute in float32.

    An answer that adds ε need not be right where p is 1.
    """

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return the loss of every example, and whether ε is added."""
        truth, prediction = case
        examples = [(truth[[place]], prediction[[place]]) for place in range(len(truth))]
        losses = call_each(answer, self.entry, *examples)
        adds = self.adds(answer)
        if adds:
            losses = self.pass_over(losses, case)
        return Observation(losses, {"adds": adds}, ADDED if adds else "")

    def adds(self, answer: Answer) -> bool:
        """Tell whether 10⁻⁷ is added to a probability that is almost 0."""
        truth, prediction = np.array([1.0]), np.array([ALMOST_0])
        if self.entry == CATEGORICAL:
            truth, prediction = np.array([[1.0, 0.0]]), np.array([[ALMOST_0, 1 - ALMOST_0]])
        (got,) = call_each(answer, self.entry, (truth, prediction))
        loss = to_plain(got)
        is_number = isinstance(loss, np.ndarray) and loss.size == 1
        return is_number and bool(np.all(np.abs(loss + np.log(ALMOST_0 + 1e-7)) < 0.01))

    def pass_over(self, losses: list[Any], case: Case) -> list[Any]:
        """Return the losses without those where p is 1."""
        if self.entry == CATEGORICAL:
            return losses
        return [PASSED_OVER if p == 1 else loss for loss, p in zip(losses, case[1], strict=True)]

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the losses of the reference, or of it with a mistake."""
        losses = self.observe(candidate, case).value
        yield self.pass_over(losses, case) if context is not None and context["adds"] else losses
        if self.entry == BINARY:
            sure_and_wrong = [truth == 0 and p == 1 for truth, p in zip(*case, strict=True)]
            yield [SINGLE if wrong else loss for wrong, loss in zip(sure_and_wrong, losses, strict=True)]

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say where log(0) is taken."""
        losses = self.observe(answer, case).value
        bad = [loss for loss in losses if isinstance(loss, str) or not np.all(np.isfinite(to_plain(loss)))]
        if not [loss for loss in bad if loss != PASSED_OVER]:
            return []
        return [
            "For a probability of exactly 0 or 1 there is an error, or no finite number: that is log(0). Clip first."
        ]


# Below 0.01 it shows whether ε is added or probabilities are clipped.
LEAST = 0.01


def draw_probabilities(count: int, few_digits: bool, seed: int) -> Any:
    """Return probabilities, with two digits or with all."""
    drawn = np.random.default_rng(seed).uniform(LEAST, 1 - LEAST, count)
    return drawn.round(2) if few_digits else drawn


@st.composite
def binary_cases(draw: st.DrawFn) -> Case:
    """Draw truths of 0 and 1, and probabilities."""
    size = draw(st.integers(1, 6))
    truth = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    kind = draw(st.sampled_from([float, float, int]))
    return np.array(truth, kind), draw_probabilities(size, draw(st.booleans()), draw(SEEDS))


@st.composite
def categorical_cases(draw: st.DrawFn) -> Case:
    """Draw one-hot rows, and rows of probabilities that add up to one."""
    rows, classes = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    kind = draw(st.sampled_from([float, float, int]))
    truth: np.ndarray = np.zeros((rows, classes), kind)
    truth[np.arange(rows), draw(st.lists(st.integers(0, classes - 1), min_size=rows, max_size=rows))] = 1
    shares = np.random.default_rng(draw(SEEDS)).uniform(0.1, 1.0, (rows, classes))
    return truth, shares / shares.sum(1, keepdims=True)


@st.composite
def sure_binary_cases(draw: st.DrawFn) -> Case:
    """Draw truths and probabilities that are often exactly 0 or 1."""
    size = draw(st.integers(1, 4))
    truth = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    chosen = draw(st.lists(st.sampled_from([0.5, 0.25, 0.0, 1.0]), min_size=size, max_size=size))
    return np.array(truth, float), np.array(chosen)


SURE_ROWS = ([0.5, 0.5, 0.0], [0.25, 0.0, 0.75], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5])


@st.composite
def sure_categorical_cases(draw: st.DrawFn) -> Case:
    """Draw one-hot rows, and rows with probabilities that are often exactly 0 or 1."""
    rows = draw(st.integers(1, 3))
    right = draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    return np.eye(3)[right], np.array(draw(st.lists(st.sampled_from(SURE_ROWS), min_size=rows, max_size=rows)))


def sizes(truth: Any, prediction: Any) -> dict[str, int]:
    """Return the number of examples, and of classes where there are several."""
    return {"N": len(truth), "C": truth.shape[-1]}


# What 10⁻⁷ more or less makes of a logarithm.
SLACK = 1e-6

exercise = Exercise(
    name="cross-entropy",
    title="Cross-entropy",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.neuron"],
    reference=reference,
    entries={BINARY: [BINARY], CATEGORICAL: [CATEGORICAL]},
    rounding=4,
    tolerance=1e-5,
    sizes=sizes,
    checks=[
        Check(
            "two classes",
            BINARY,
            binary_cases(),
            edges=[
                (np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.1, 0.8])),
                (np.array([1.0]), np.array([0.5])),
                (np.array([0]), np.array([0.25])),
                (np.array([1.0, 1.0]), np.array([0.25, 0.35])),
                (np.array([0.0, 0.0]), np.array([0.25, 0.35])),
            ],
            absolute=SLACK,
            examples=32,
        ),
        SureCheck(
            "two classes, probabilities of exactly 0 and 1",
            BINARY,
            sure_binary_cases(),
            edges=[
                (np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, 1.0, 0.5, 0.25])),
            ],
            absolute=SLACK,
            examples=6,
        ),
        Check(
            "several classes",
            CATEGORICAL,
            categorical_cases(),
            edges=[
                (np.array([[0.0, 1.0]]), np.array([[0.5, 0.5]])),
                (np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.75, 0.25], [0.5, 0.5]])),
                (np.array([[0, 0, 1], [1, 0, 0]]), np.array([[0.2, 0.3, 0.5], [0.3, 0.6, 0.1]])),
                (np.array([[0.0, 0.0, 1.0]] * 2), np.array([[0.2, 0.5, 0.3], [0.15, 0.25, 0.6]])),
            ],
            absolute=SLACK,
            examples=32,
        ),
        SureCheck(
            "several classes, probabilities of exactly 0 and 1",
            CATEGORICAL,
            sure_categorical_cases(),
            edges=[
                (np.eye(3), np.array([[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])),
                (np.array([[1.0]]), np.array([[1.0]])),
            ],
            absolute=SLACK,
            examples=6,
        ),
    ],
    mistakes=MISTAKES,
)
