"""Softmax: scores as probabilities."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_on_whole_numbers
from groundup.exercises.softmax.mistakes import MISTAKES
from groundup.exercises.strategies import vectors
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"softmax": step.softmax}


def sizes(z: Any) -> dict[str, int]:
    """Return the number of classes."""
    return {"C": len(z)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a million scores."""
    return "softmax", None, (np.random.default_rng(0).normal(size=1_000_000),)


COUNTS = st.sampled_from([2, 3, 4, 5, 1])
# Far from 0 in either direction, where powers overflow or vanish, the result is the same.
FAR = st.sampled_from([0.0, 0.0, 0.0, 40.0, -40.0, 300.0, -300.0, 650.0, -650.0, 5000.0])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw scores, in half of the cases far from 0."""
    return (draw(COUNTS.flatmap(lambda size: vectors(size, -6, 6))) + draw(FAR),)


exercise = Exercise(
    name="softmax",
    title="Softmax",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c3_networks.neuron"],
    reference=reference,
    entries={"softmax": ["softmax"]},
    rounding=4,
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "scores of any size",
            "softmax",
            cases(),
            edges=[
                (np.array([1.0, 2.0, 3.0]),),
                (np.array([0.0]),),
                (np.array([2.0, 2.0]),),
                (np.array([3.0, 1.0, 3.0]),),
                (np.array([-3.0, -1.0, -2.0]),),
                (np.array([0.004, -0.003, 0.0]),),
                (np.array([1000.0, 1001.0]),),
                (np.array([-1000.0, 0.0]),),
                (np.array([-1000.0, -1001.0]),),
                (np.array([-2000.0, 0.0, 2000.0]),),
                # The first and the smallest score can be told apart: e to the power of 100 is still a number.
                (np.array([500.0, -500.0, 600.0]),),
                # Powers that vanish only nearly: an answer that subtracts too much still gives numbers, but wrong ones.
                (np.array([-740.0, -742.0]),),
                (np.array([-371.0, -373.0]),),
                (np.array([30.0, 28.5, 2.0]),),
                (np.array([60.0, 58.5]),),
                (np.array([300.0, 299.0, -600.0]),),
                (np.array([599.0, 600.5]),),
                (np.array([-599.0, -600.5]),),
                (np.array([1200.0, 1.0, 750.0, 1199.5]),),
            ],
            examples=28,
        ),
        Check(
            "whole-number scores",
            "softmax",
            COUNTS.flatmap(lambda size: st.lists(st.integers(-5, 5), min_size=size, max_size=size)).map(
                lambda scores: (np.array(scores),)
            ),
            edges=[(np.array([1, 2, 3]),), (np.array([1000, 1001]),)],
            observer=partial(call_on_whole_numbers, entry="softmax"),
            examples=12,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
