"""Activations: sigmoid and ReLU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.activations.mistakes import MISTAKES
from groundup.exercises.calling import call_on_whole_numbers
from groundup.exercises.strategies import vectors
from groundup.judge.answer import Answer
from groundup.judge.compare import Tolerance, are_arrays_equal, to_plain
from groundup.judge.exercise import Case, Check, Exercise, Observation
from groundup.judge.gradient_check import PASSED_OVER, GradientCheck
from groundup.steps.c3_networks import neuron


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step; given tensors, what it is for them."""

    def sigmoid(z: Any) -> Any:
        return step.sigmoid(z) if isinstance(z, np.ndarray) else find_for_tensors().sigmoid(z)

    def relu(z: Any) -> Any:
        return step.relu(z) if isinstance(z, np.ndarray) else find_for_tensors().relu(z)

    return {"sigmoid": sigmoid, "relu": relu}


def find_for_tensors() -> ModuleType:
    """Return the module of activations for tensors: PyTorch takes a second to load, and most answers do without."""
    from groundup.steps.c3_networks import activation

    return activation


# Whether PyTorch is loaded where the answer is.
LOADED = """
import sys

def make():
    return lambda: "torch" in sys.modules
"""


@dataclass(frozen=True)
class TensorCheck(GradientCheck):
    """Checks the gradients of an activation whose values are right, where PyTorch is loaded; its cases are arrays."""

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return the gradient, or that the answer is passed over: it takes no tensors, or its values are wrong."""
        if not answer.use(answer.given(LOADED)) or not self.is_right(answer, *case):
            return Observation(PASSED_OVER, {"passed over": True})
        import torch

        return super().observe(answer, tuple(torch.from_numpy(array) for array in case))

    def is_right(self, answer: Answer, z: Any) -> bool:
        """Tell whether the answer's values are right."""
        got, wanted = to_plain(answer.call(self.entry, z)), getattr(neuron, self.entry)(z)
        return isinstance(got, np.ndarray) and are_arrays_equal(got, wanted, Tolerance(rounding=5, relative=1e-4))


def cases(low: float, high: float) -> st.SearchStrategy[Case]:
    """Draw a vector."""
    return st.integers(1, 5).flatmap(lambda size: st.tuples(vectors(size, low, high)))


WHOLE = st.lists(st.integers(-5, 5), min_size=1, max_size=5).map(lambda values: (np.array(values),))
# ReLU has no slope at 0.
TENSORS = cases(-4, 4).map(lambda case: (np.where(case[0] == 0, 0.5, case[0]).astype(np.float32),))
WORKED = (np.array([-1.0, 0.0, 1.0, 2.0]),)
SMALL = (np.array([-0.001, 0.0004, 0.02, -1e-6]),)
FAR = (np.array([-1000.0, 1000.0]),)


def benchmark_case() -> tuple[str, None, Case]:
    """Return a million numbers."""
    return "sigmoid", None, (np.random.default_rng(0).normal(size=1_000_000),)


def list_checks() -> Iterator[Check]:
    """Yield the checks of either function: numbers of any kind, whole ones, tensors."""
    for entry, name in (("sigmoid", "sigmoid"), ("relu", "ReLU")):
        far = (np.array([-50.0, 40.0, -800.0]),) if entry == "sigmoid" else (np.array([-1e6, 1e6, 7.5]),)
        edges = [WORKED, (np.array([0.0]),), FAR, far, SMALL]
        yield Check(name, entry, cases(-8, 8), edges=edges, examples=24)
        yield Check(
            f"{name} of whole numbers",
            entry,
            WHOLE,
            edges=[(np.array([-1, 0, 1, 2]),), (np.array([3]),)],
            observer=partial(call_on_whole_numbers, entry=entry),
            examples=12,
            repeats=True,
        )
        yield TensorCheck(
            f"{name}'s derivative, of tensors",
            entry,
            TENSORS,
            edges=[(np.array([-1.0, 0.5, 2.0], np.float32),)],
            examples=6,
            along=((0, "z"),),
            if_tensors=True,
        )


exercise = Exercise(
    name="activations",
    title="Activations: sigmoid and ReLU",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.neuron"],
    reference=reference,
    entries={"sigmoid": ["sigmoid"], "relu": ["relu"]},
    rounding=5,
    benchmark_case=benchmark_case,
    checks=list(list_checks()),
    mistakes=MISTAKES,
)
