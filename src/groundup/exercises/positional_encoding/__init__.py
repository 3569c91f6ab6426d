"""Sinusoidal positions."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.positional_encoding.mistakes import MISTAKES
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the course's signature."""

    def get_positional_encoding(seq_len: int, d_model: int) -> Any:
        return step.sinusoidal_positions(seq_len, d_model)

    return {"get_positional_encoding": get_positional_encoding}


def sizes(seq_len: int, d_model: int) -> dict[str, int]:
    """Return the number of places and the width."""
    return {"T": seq_len, "C": d_model}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 4,000 places of 256 channels."""
    return "get_positional_encoding", None, (4000, 256)


exercise = Exercise(
    name="positional-encoding",
    title="Positional encoding",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.positions"],
    reference=reference,
    entries={"get_positional_encoding": ["get_positional_encoding", "sinusoidal_positions", "positional_encoding"]},
    rounding=5,
    tolerance=2e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the table",
            "get_positional_encoding",
            st.tuples(st.integers(1, 9), st.integers(1, 5).map(lambda half: 2 * half)),
            edges=[(2, 4), (1, 2), (50, 6), (3, 2), (1, 6), (4, 4), (6, 6), (2, 64), (7, 8), (30, 12)],
            examples=30,
        )
    ],
    mistakes=MISTAKES,
)
