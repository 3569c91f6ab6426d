"""Rotary positions: the angles of each position, and the rotation of queries and keys by them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.rotary_positions.mistakes import MISTAKES, POSITIONS
from groundup.exercises.strategies import scaled_tensors, tensors
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

ANGLES, ROTATE = "angles", "rotate"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signatures."""
    import torch

    def angles(positions: Any, width: int, base: float) -> Any:
        return step.place_angles(positions, width, base)

    def rotate(z: Any, angles: Any) -> Any:
        both = torch.cat([angles, angles], dim=-1)
        return step.rotate(z, both.cos(), both.sin())

    return {ANGLES: angles, ROTATE: rotate}


def make_angles(places: list[int], width: int, base: float = 10000.0) -> Case:
    """Return a case of `ANGLES`."""
    import torch

    return torch.tensor(places), width, base


@st.composite
def angle_cases(draw: st.DrawFn) -> Case:
    """Draw positions, which need not begin at 0, a width and a base."""
    places = draw(st.lists(st.integers(0, 60), min_size=1, max_size=5))
    return make_angles(places, 2 * draw(st.integers(1, 5)), draw(st.sampled_from([10000.0, 100.0, 500000.0, 10.0])))


@st.composite
def rotate_cases(draw: st.DrawFn) -> Case:
    """Draw vectors with none to two leading dimensions, and an angle for each token and pair."""
    time, half = draw(st.integers(1, 4)), draw(st.sampled_from([2, 1, 3, 4]))
    leading = draw(st.sampled_from([(), (2,), (2, 3), (1, 2), (1, 1)]))
    vectors = tensors if draw(st.booleans()) else scaled_tensors
    return draw(vectors(*leading, time, 2 * half)), draw(tensors(time, half, low=-7.0, high=7.0))


def make_rotation(*shape: int, seed: int = 0) -> Case:
    """Return a case of `ROTATE` with vectors of this shape."""
    import torch

    draw = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=draw), 3 * torch.randn(shape[-2], shape[-1] // 2, generator=draw)


def worked() -> Case:
    """Return the case of the statement."""
    import torch

    return torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[0.0], [torch.pi / 2]])


def sizes(first: Any, *rest: Any) -> dict[str, int]:
    """Return the number of tokens and the width of a head."""
    return {"T": len(first), "d": rest[0]} if len(rest) == 2 else {"T": first.shape[-2], "d": first.shape[-1]}


def benchmark_case() -> tuple[str, None, Case]:
    """Return the vectors of 8 heads of 64 channels for 8 texts of 256 tokens."""
    return ROTATE, None, make_rotation(8, 8, 256, 64)


exercise = Exercise(
    name="rotary-positions",
    title="Rotary positions",
    folder=Path(__file__).parent,
    modules=[POSITIONS],
    reference=reference,
    entries={ANGLES: [ANGLES, "rotary_angles"], ROTATE: [ROTATE, "apply_rotary"]},
    rounding=4,
    tolerance=2e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the angles",
            ANGLES,
            angle_cases(),
            edges=[
                make_angles([0, 1], 4),
                make_angles([7, 8, 9], 6),
                make_angles([3], 2),
                make_angles([5, 2, 40, 1], 8, 100.0),
                make_angles([300], 64, 500000.0),
            ],
            examples=25,
        ),
        Check(
            "the rotated vectors",
            ROTATE,
            rotate_cases(),
            edges=[worked(), make_rotation(3, 4), make_rotation(2, 3, 4, 6), make_rotation(1, 2, 2, 4)],
        ),
        GradientCheck(
            "the gradient along the vectors",
            ROTATE,
            rotate_cases(),
            edges=[worked()],
            examples=5,
            along=((0, "z"),),
            arguments=("z", "angles"),
        ),
        Check(
            "a second call with the same tensors",
            ROTATE,
            rotate_cases(),
            edges=[make_rotation(3, 4)],
            observer=partial(call_twice, entry=ROTATE),
            arguments=("z", "angles"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
