"""One step of gradient descent, and one of Adam."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.strategies import vectors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the steps, Adam with its usual betas and epsilon."""

    def adam_step(weights: Any, gradient: Any, m: Any, v: Any, step_number: int, learning_rate: float) -> Any:
        return step.adam_step(weights, gradient, m, v, step_number, learning_rate)

    return {"sgd_step": step.sgd_step, "adam_step": adam_step}


RATES = st.sampled_from([0.1, 0.01, 0.5])


@st.composite
def sgd_cases(draw: st.DrawFn) -> Case:
    """Draw weights, a gradient and a learning rate."""
    size = draw(st.integers(1, 4))
    return draw(vectors(size)), draw(vectors(size)), draw(RATES)


@st.composite
def adam_cases(draw: st.DrawFn) -> Case:
    """Draw weights, a gradient, moments (the second not negative), the step's number and a learning rate."""
    size = draw(st.integers(1, 4))
    moments = draw(vectors(size)), draw(vectors(size, low=0.0))
    return draw(vectors(size)), draw(vectors(size)), *moments, draw(st.integers(1, 20)), draw(RATES)


@st.composite
def walks(draw: st.DrawFn) -> Case:
    """Draw weights and several gradients that come one after the other."""
    size = draw(st.integers(1, 3))
    return draw(vectors(size)), [draw(vectors(size)) for _ in range(draw(st.integers(1, 4)))], 0.1


def walk(answer: Answer, weights: Any, gradients: list[Any], learning_rate: float) -> Any:
    """Take a step for each gradient, handing on what the answer returned."""
    first = second = np.zeros_like(weights)
    for number, gradient in enumerate(gradients, start=1):
        weights, first, second = answer.call("adam_step", weights, gradient, first, second, number, learning_rate)
    return weights


def large() -> tuple[str, None, Case]:
    """Return a step of a million weights."""
    draw = np.random.default_rng(0)
    weights, gradient, first, second = draw.normal(size=(4, 1_000_000))
    return "adam_step", None, (weights, gradient, first, second**2, 3, 0.01)


ADAM = "adam_step"

exercise = Exercise(
    name="optimiser",
    title="Optimisers: descent and Adam",
    room="pytorch",
    folder=Path(__file__).parent,
    modules=["groundup.steps.optimisers"],
    reference=reference,
    entries={"sgd_step": ["sgd_step"], "adam_step": ["adam_step"]},
    large=large,
    part="optimiser",
    checks=[
        Check(
            "a step of gradient descent",
            "sgd_step",
            sgd_cases(),
            edges=[(np.array([1.0, 2.0]), np.array([3.0, -1.0]), 0.1)],
            examples=20,
        ),
        Check(
            "a step of Adam",
            "adam_step",
            adam_cases(),
            edges=[
                (np.array([1.0]), np.array([4.0]), np.array([0.0]), np.array([0.0]), 1, 0.1),
                (np.array([1.0]), np.array([0.0]), np.array([0.0]), np.array([0.0]), 1, 0.1),
                # So small that epsilon counts, and where it stands.
                (np.array([1.0]), np.array([1e-4]), np.array([0.0]), np.array([0.0]), 1, 0.1),
            ],
        ),
        Check(
            "several steps of Adam, one after the other",
            "adam_step",
            walks(),
            observe=walk,
            arguments=("weights", "gradients", "learning_rate"),
            examples=20,
        ),
    ],
    mistakes=[
        Mistake(
            "descent climbs",
            "Your sgd_step goes along the gradient, uphill. Subtract it.",
            [Edit("weights - learning_rate", "weights + learning_rate", "sgd_step")],
        ),
        Mistake(
            "learning rate ignored in descent",
            "Your sgd_step subtracts the whole gradient: multiply it by the learning rate.",
            [Edit("learning_rate * gradient", "gradient", "sgd_step")],
        ),
        Mistake(
            "no bias correction",
            "You use the moments as they are. They begin at zero, so early ones are far too small: divide them by "
            "1 − β₁ᵗ and 1 − β₂ᵗ.",
            [
                Edit(" / (1 - betas[0] ** step)", "", ADAM),
                Edit(" / (1 - betas[1] ** step)", "", ADAM),
            ],
        ),
        Mistake(
            "first moment not corrected",
            "Only your second moment is corrected for starting at zero: divide the first by 1 − β₁ᵗ.",
            [Edit(" / (1 - betas[0] ** step)", "", ADAM)],
        ),
        Mistake(
            "second moment not corrected",
            "Only your first moment is corrected for starting at zero: divide the second by 1 − β₂ᵗ.",
            [Edit(" / (1 - betas[1] ** step)", "", ADAM)],
        ),
        Mistake(
            "step counted from 0",
            "Your correction is that of the step before: the first step has the number 1, and 1 − β is what its "
            "moments are divided by.",
            [
                Edit("betas[0] ** step", "betas[0] ** max(step - 1, 1e-12)", ADAM),
                Edit("betas[1] ** step", "betas[1] ** max(step - 1, 1e-12)", ADAM),
            ],
        ),
        Mistake(
            "gradient not squared",
            "Your second moment gathers the gradient itself: it is the running mean of its square.",
            [Edit("gradient**2", "gradient", ADAM)],
        ),
        Mistake(
            "root forgotten",
            "You divide by the second moment, not by its root. Without the root the step depends on the gradient's size "
            "the wrong way round.",
            [Edit("square**0.5", "square", ADAM)],
        ),
        Mistake(
            "epsilon inside the root",
            "Your ε stands under the root, where it counts √ε = 10⁻⁴: it is added after the root.",
            [Edit("(square**0.5 + epsilon)", "(square + epsilon) ** 0.5", ADAM)],
        ),
        Mistake(
            "epsilon forgotten",
            "You divide by the bare root, which is 0/0 where the gradient was always zero: add ε = 10⁻⁸.",
            [Edit(" + epsilon", "", ADAM)],
        ),
        Mistake(
            "betas exchanged",
            "Your first moment remembers with 0.999 and your second with 0.9: it is the other way round.",
            [Edit("betas: tuple[float, float] = (0.9, 0.999)", "betas: tuple[float, float] = (0.999, 0.9)", ADAM)],
        ),
        Mistake(
            "gradient not weighed by 1 − β₁",
            "Your first moment adds the whole gradient. A running mean keeps β₁ of what it was and takes 1 − β₁ of the "
            "new: the shares add up to one.",
            [Edit("(1 - betas[0]) * gradient", "gradient", ADAM)],
        ),
        Mistake(
            "corrected moments handed on",
            "You return the corrected moments, and they are corrected again in the next step. Keep the running means as "
            "they are; correct copies.",
            [Edit("epsilon), first_moment, second_moment", "epsilon), mean, square", ADAM)],
        ),
        Mistake(
            "Adam climbs",
            "Your Adam goes uphill: subtract the step.",
            [Edit("weights - learning_rate", "weights + learning_rate", ADAM)],
        ),
        Mistake(
            "Adam forgets the first moment",
            "You divide the gradient itself by the root: it is the running mean of gradients that sets the direction.",
            [Edit("mean / (square", "gradient / (square", ADAM)],
        ),
    ],
)
