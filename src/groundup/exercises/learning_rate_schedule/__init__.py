"""A schedule of the learning rate: a warm-up, then half a cosine."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.learning_rate_schedule.mistakes import MISTAKES
from groundup.exercises.strategies import SEEDS
from groundup.judge.exercise import Case, Check, Exercise

RATE = "learning_rate"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    def learning_rate(number: int, steps: int, warm_up: int, peak: float, lowest: float) -> Any:
        return step.learning_rate(number, steps, warm_up, peak, lowest)

    return {RATE: learning_rate}


@st.composite
def schedules(draw: st.DrawFn) -> Case:
    """Draw a schedule and one of its steps; peak and lowest have few digits or many, and are large or tiny."""
    steps = draw(st.integers(1, 12) | st.integers(20, 400))
    warm_up = draw(st.integers(0, steps - 1))
    peak = draw(st.sampled_from([1.0, 0.8, 0.1]) | SEEDS.map(lambda seed: 0.05 + seed / 2**31))
    scale, share = draw(st.sampled_from([1.0, 1e-4, 1e-2])), draw(st.sampled_from([0.1, 0.25, 0.0, 1 / 3]))
    return draw(st.integers(0, steps)), steps, warm_up, scale * peak, share * scale * peak


exercise = Exercise(
    name="learning-rate-schedule",
    title="A schedule of the learning rate",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c4_training.schedule"],
    reference=reference,
    entries={RATE: [RATE, "get_lr", "schedule"]},
    checks=[
        Check(
            "in the warm-up and after it",
            RATE,
            schedules(),
            edges=[
                (60, 100, 20, 0.8, 0.2),
                (10, 100, 20, 0.8, 0.2),
                (19, 100, 20, 0.8, 0.2),
                (20, 100, 20, 0.8, 0.2),
                (30, 100, 20, 0.8, 0.2),
                (100, 100, 20, 0.8, 0.2),
                (7, 10, 3, 0.5, 0.0),
            ],
            examples=40,
            absolute=1e-15,
        ),
        Check(
            "without a warm-up, and at the ends",
            RATE,
            schedules().map(lambda case: (case[0], case[1], 0, *case[3:])),
            edges=[(0, 10, 0, 0.8, 0.2), (0, 10, 4, 0.8, 0.2), (3, 10, 0, 0.8, 0.2), (1, 1, 0, 0.8, 0.2)],
            examples=10,
            absolute=1e-15,
        ),
    ],
    mistakes=MISTAKES,
)
