"""Grouped-query attention: several query heads share one head of keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.attention_mistakes import (
    ATTENTION,
    AVERAGES,
    DETACHED,
    MASKS,
    SCALES,
    SOFTMAXES,
    change_result,
    without,
)
from groundup.exercises.head_mistakes import BIAS, DROPPED, LISTED, RESULT
from groundup.exercises.head_mistakes import HEADS as ALL_HEADS
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck, fixed_cases
from groundup.exercises.strategies import GENTLE, SEEDS, WIDTHS, scaled_tensors
from groundup.judge.exercise import Case, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck

NAME = "GroupedQueryAttention"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with its output projection, and without it."""

    def without_projection(model_dim: int, num_heads: int, num_kv_heads: int) -> nn.Module:
        heads: nn.Module = step.MultiHeadAttention(model_dim, num_heads, num_kv_heads)
        heads.output = nn.Identity()
        return heads

    return {NAME: step.MultiHeadAttention, "without projection": without_projection}


@st.composite
def cases(draw: st.DrawFn, scales: Sequence[float] = WIDTHS) -> Case:
    """Draw the width, query heads and a divisor of them, an input and a seed."""
    groups, shared, head_width = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    heads = groups * shared
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    width = heads * head_width
    return (width, heads, shared), (draw(scaled_tensors(batch, time, width, widths=scales)),), draw(SEEDS)


def one_case(width: int, heads: int, shared: int, time: int) -> Case:
    """Return a case of these sizes: the smallest ones, and a text longer than a mask of a fixed size is likely to be."""
    import torch

    x = torch.randn(2, time, width, generator=torch.Generator().manual_seed(time))
    return (width, heads, shared), (x,), 0


def sizes(built: Any, inputs: Any, *_: Any) -> dict[str, int]:
    """Return the number of tokens, the heads, and the widths."""
    width, heads, shared = built
    return {"T": inputs[0].shape[1], "H": heads, "G": shared, "d": width // heads, "a": width, "C": width}


def benchmark_case() -> tuple[str, Case, Case]:
    """Return eight query heads on two of keys and values, over 4 texts of 256 tokens."""
    import torch

    return NAME, (64, 8, 2), (torch.randn(4, 256, 64, generator=torch.Generator().manual_seed(0)),)


HEADS, SHARE, BUILD = "MultiHeadAttention.forward", "repeat_kv_heads", "MultiHeadAttention.__init__"
# What needs as many heads of keys and values as of queries is another exercise's.
GROUPED_HEADS = without(
    ALL_HEADS, "one head only", "one head only, scaled as one of several", "the input cut into heads"
)
SHOWN, FORMS = ("built with", "inputs", "seed"), ("without projection",)
REPEAT = "x.repeat_interleave(groups, dim=1)"

exercise = Exercise(
    name="grouped-query-attention",
    title="Grouped-query attention",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c6_gpt.attention"],
    reference=reference,
    entries={NAME: [NAME]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.functional.scaled_dot_product_attention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        RegisteredCheck(
            "PyTorch knows of all its layers",
            NAME,
            st.just((8, 4, 2)),
            examples=1,
            arguments=("model_dim", "num_heads", "num_kv_heads"),
            variants=FORMS,
        ),
        ModuleCheck(
            "what the heads put out",
            NAME,
            cases(),
            edges=[one_case(12, 6, 3, 4), one_case(4, 4, 4, 3), one_case(1, 1, 1, 1), one_case(8, 4, 2, 70)],
            examples=22,
            arguments=SHOWN,
            variants=FORMS,
        ),
        LearningCheck(
            "their gradients",
            NAME,
            cases(scales=GENTLE),
            edges=[one_case(8, 4, 2, 4)],
            examples=6,
            arguments=SHOWN,
            variants=FORMS,
        ),
        TrainingCheck(
            "the same in training mode", NAME, fixed_cases((8, 4, 2)), examples=1, arguments=SHOWN, variants=FORMS
        ),
    ],
    mistakes=[
        Mistake(
            "heads shared in turns",
            "Query heads take the shared heads in turns (0, 1, 0, 1, …). Neighbors share: of H = {H} query heads "
            "the first H / G use head 0 of keys and values, the next ones head 1 (repeat_interleave, not repeat).",
            [Edit(REPEAT, "x.repeat(1, groups, 1, 1)", SHARE)],
        ),
        Mistake(
            "all queries on the first head",
            "All your query heads use the first head of keys and values: there are {G}.",
            [Edit(REPEAT, "x[:, :1].expand(-1, heads, -1, -1)", SHARE)],
        ),
        Mistake(
            "all queries on the first head, however many there are",
            "All your query heads use the first head of keys and values: there are {G}.",
            [Edit(f"x if groups == 1 else {REPEAT}", "x[:, :1].expand(-1, heads, -1, -1)", SHARE)],
        ),
        Mistake(
            "shared heads in reverse order",
            "Your first query heads use the last head of keys and values. The first H / G query heads use head "
            "0: repeat the heads in their order.",
            [Edit(REPEAT, "x.flip(1).repeat_interleave(groups, dim=1)", SHARE)],
        ),
        Mistake(
            "heads averaged",
            "You average the heads of keys and values into one. Keep all G = {G} of them: each serves its own "
            "query heads.",
            [Edit(REPEAT, "x.mean(1, keepdim=True).expand(-1, heads, -1, -1)", SHARE)],
        ),
        Mistake(
            "shared heads cut to the first query heads",
            "Your keys and values are repeated so often that more heads come than there are queries, and the rest is "
            "cut off. Each shared "
            "head is repeated H / G times.",
            [Edit(REPEAT, "x.repeat_interleave(x.shape[1], dim=1).repeat(1, heads, 1, 1)[:, :heads]", SHARE)],
        ),
        Mistake(
            "repeated along the tokens",
            "You repeat the tokens of keys and values, not their heads: repeat_interleave along dimension 1, the "
            "heads.",
            [
                Edit(
                    REPEAT,
                    "x.repeat_interleave(groups, dim=2)[:, :, : x.shape[2]].repeat_interleave(groups, dim=1)",
                    SHARE,
                )
            ],
        ),
        Mistake(
            "shared heads repeated G times",
            "You repeat each shared head G = {G} times. There are H / G query heads for each: num_heads // "
            "num_kv_heads.",
            [Edit(REPEAT, "x.repeat_interleave(x.shape[1], dim=1)", SHARE)],
        ),
        Mistake(
            "shared heads repeated H times",
            "You repeat each shared head H = {H} times. There are H / G query heads for each: num_heads // "
            "num_kv_heads.",
            [Edit(REPEAT, "x.repeat_interleave(heads, dim=1)", SHARE)],
        ),
        Mistake(
            "shared heads not repeated",
            "You use the G shared heads as they are, which fits only as many query heads, or a single one. Repeat "
            "each of them H / G times.",
            [Edit("return x if groups == 1 else x.repeat_interleave(groups, dim=1)", "return x", SHARE)],
        ),
        Mistake(
            "keys shared in turns, values by neighbors",
            "Your keys are shared in another order than your values: query heads next to each other share both "
            "(repeat_interleave).",
            [Edit("keys = repeat_kv_heads(", "keys = (lambda x, n: x.repeat(1, n // x.shape[1], 1, 1))(", HEADS)],
        ),
        Mistake(
            "values shared in turns, keys by neighbors",
            "Your values are shared in another order than your keys: query heads next to each other share both "
            "(repeat_interleave).",
            [Edit("values = repeat_kv_heads(", "values = (lambda x, n: x.repeat(1, n // x.shape[1], 1, 1))(", HEADS)],
        ),
        Mistake(
            "every query head its own keys and values",
            "You make keys and values for every query head, as in multi-head attention. Only G = {G} heads of "
            "them are made: nn.Linear(C, G * d).",
            [Edit("self.key_value_heads = key_value_heads or heads", "self.key_value_heads = heads", BUILD)],
        ),
        Mistake(
            "one head of keys and values",
            "You make one head of keys and values for all queries (multi-query attention). G = {G} heads of them are "
            "made.",
            [Edit("self.key_value_heads = key_value_heads or heads", "self.key_value_heads = 1", BUILD)],
        ),
        *MASKS,
        *SCALES,
        *SOFTMAXES,
        *AVERAGES,
        *GROUPED_HEADS,
        *change_result(RESULT, HEADS, ATTENTION),
        *BIAS,
        *DETACHED,
        LISTED,
        *DROPPED,
    ],
)
