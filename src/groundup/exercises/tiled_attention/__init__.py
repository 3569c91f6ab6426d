"""Attention in tiles: one more tile for a running softmax, and causal attention that never has T × T weights."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.exercises.tiled_attention.mistakes import ADD, ATTENTION, MISTAKES
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise
from groundup.judge.gradient_check import GradientCheck

NOTHING_LARGE, LARGE_SCORES, LARGE_MASK = "nothing with T × T values", "T × T scores", "a mask of T × T"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {ADD: step.add_tile, ATTENTION: step.tiled_attention}


def draw_tile(seed: int, queries: int, keys: int, width: int, size: float, first: bool) -> Case:
    """Return a running softmax, at its beginning or not, and one more tile; some of its keys may be hidden."""
    import torch

    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> Any:
        return torch.randn(*shape, generator=generator)

    scores, values = size * draw(queries, keys), draw(keys, width)
    if first:
        beginning = torch.full((queries, 1), -torch.inf), torch.zeros(queries, 1), torch.zeros(queries, width)
        return *beginning, scores, values
    scores = scores.masked_fill(torch.rand(scores.shape, generator=generator) < 0.2, -torch.inf)
    return size * draw(queries, 1), 1 + draw(queries, 1).abs(), draw(queries, width), scores, values


@st.composite
def tiles(draw: st.DrawFn) -> Case:
    """Draw a running softmax and one more tile."""
    counts = draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    return draw_tile(draw(SEEDS), *counts, draw(st.sampled_from([1.0, 3.0, 200.0])), draw(st.booleans()))


def draw_inputs(seed: int, batch: tuple[int, ...], time: int, width: int, tile: int, size: float = 1.0) -> Case:
    """Return queries, keys and values, and how large a tile is."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    parts = [torch.randn(*batch, time, width, generator=generator) for _ in range(3)]
    return parts[0] * size, parts[1], parts[2], tile


@st.composite
def inputs(draw: st.DrawFn, size: float = 1.0) -> Case:
    """Draw a few queries, keys and values."""
    batch = draw(st.sampled_from([(), (1,), (2,), (2, 2)]))
    return draw_inputs(
        draw(SEEDS), batch, draw(st.integers(1, 8)), draw(st.integers(2, 4)), draw(st.integers(1, 9)), size
    )


def look_at_state(answer: Answer, *case: Any) -> Any:
    """Return the three parts by their names."""
    found = answer.call(ADD, *case)
    if not isinstance(found, list | tuple) or len(found) != 3:
        return found
    return dict(zip(("largest", "total", "result"), found, strict=True))


def look_at_sizes(answer: Answer, queries: Any, keys: Any, values: Any, tile: int) -> dict[str, str]:
    """Return what appears on the way that has as many values as all weights together."""
    found = answer.largest(ATTENTION, queries, keys, values, tile)
    whole = queries.shape[-2] ** 2
    large = LARGE_SCORES if found["floats"] >= whole else LARGE_MASK if found["others"] >= whole else NOTHING_LARGE
    return {"appears on the way": large}


def sizes(*case: Any) -> dict[str, int]:
    """Return the numbers of tokens and channels."""
    return {"T": case[0].shape[-2], "d": case[0].shape[-1] if len(case) == 4 else case[2].shape[-1]}


def worked() -> Case:
    """Return the statement's tile."""
    import torch

    one = torch.ones(1, 1)
    return 0 * one, one, one, torch.tensor([[2.0, 1.0]]).log(), torch.tensor([[4.0], [6.0]])


def benchmark_case() -> tuple[str, None, Case]:
    """Return 512 tokens in tiles of 128."""
    return ATTENTION, None, draw_inputs(0, (4,), 512, 32, 128)


exercise = Exercise(
    name="tiled-attention",
    title="Attention in tiles",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c7_beyond.tiled_attention"],
    reference=reference,
    entries={ADD: [ADD], ATTENTION: [ATTENTION]},
    tolerance=1e-4,
    forbidden=["torch.nn.functional.scaled_dot_product_attention", "torch.nn.MultiheadAttention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "one more tile",
            ADD,
            tiles(),
            edges=[
                worked(),
                draw_tile(0, 2, 3, 2, 1.0, first=True),
                draw_tile(1, 3, 2, 2, 3.0, first=False),
                draw_tile(2, 2, 2, 1, 300.0, first=False),
            ],
            observer=look_at_state,
            absolute=1e-6,
        ),
        Check(
            "the attention",
            ATTENTION,
            inputs(),
            edges=[
                draw_inputs(0, (), 3, 2, 2),
                draw_inputs(1, (), 1, 2, 4),
                draw_inputs(2, (2,), 6, 3, 3),
                draw_inputs(3, (2, 2), 7, 4, 2),
                draw_inputs(4, (), 5, 2, 1),
            ],
            absolute=1e-6,
            examples=20,
        ),
        Check(
            "the attention of large scores",
            ATTENTION,
            inputs(size=200.0),
            edges=[draw_inputs(5, (), 6, 2, 2, 200.0)],
            absolute=1e-4,
            tolerance=1e-3,
            examples=6,
        ),
        Check(
            "how much is computed at once",
            ATTENTION,
            st.tuples(st.integers(0, 3)).map(lambda drawn: draw_inputs(drawn[0], (), 40, 2, 8)),
            edges=[draw_inputs(0, (), 40, 2, 8)],
            observer=look_at_sizes,
            examples=1,
        ),
        GradientCheck(
            "the gradients through the tiles",
            ATTENTION,
            inputs(),
            edges=[draw_inputs(0, (), 5, 2, 2)],
            along=((0, "queries"), (1, "keys"), (2, "values")),
            examples=5,
        ),
    ],
    mistakes=MISTAKES,
)
