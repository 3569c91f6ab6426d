"""A model as a class: three linear layers with ReLU between them, as an nn.Module."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.model_class.mistakes import MISTAKES
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck
from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.exercise import Case, Exercise
from groundup.judge.module_check import ModuleCheck

NAME = "Network"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with its default sizes."""
    return {NAME: lambda: step.Network()}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw one example or several, of usual, small or large size."""
    size = draw(st.sampled_from([1.0, 0.05, 20.0]))
    return (), (draw(random_tensors(draw(st.sampled_from([3, 1, 2, 6])), 4)) * size,), draw(SEEDS)


def fixed_case(count: int) -> Case:
    """Return a case of some examples."""
    import torch

    return (), (torch.randn(count, 4, generator=torch.Generator().manual_seed(count)),), 3


SHOWN = ("built with", "x", "seed")

exercise = Exercise(
    name="model-class",
    title="A model as a class",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.network"],
    reference=reference,
    entries={NAME: [NAME, "Solution", "Model", "Net", "NeuralNetwork"]},
    tolerance=1e-4,
    libraries=("numpy", "torch"),
    checks=[
        RegisteredCheck("PyTorch knows of all its layers", NAME, st.just(()), examples=1),
        ModuleCheck(
            "what the network answers",
            NAME,
            cases(),
            [fixed_case(1), fixed_case(3), fixed_case(6)],
            examples=10,
            arguments=SHOWN,
        ),
        LearningCheck("its gradients", NAME, cases(), [fixed_case(6)], examples=4, arguments=SHOWN),
        TrainingCheck("the same in training mode", NAME, st.just(fixed_case(1)), examples=1, arguments=SHOWN),
    ],
    mistakes=MISTAKES,
)
