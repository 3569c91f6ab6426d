"""Grouped-query attention: several query heads share one head of keys and values."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.strategies import SEEDS, random_tensors
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
def cases(draw: st.DrawFn) -> Case:
    """Draw the width, query heads and a divisor of them, an input and a seed."""
    groups, shared, head_width = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 3))
    heads = groups * shared
    batch, time = draw(st.integers(1, 2)), draw(st.integers(1, 5))
    width = heads * head_width
    return (width, heads, shared), (draw(random_tensors(batch, time, width)),), draw(SEEDS)


def sizes(built: Any, inputs: Any, *_: Any) -> dict[str, int]:
    """Return the heads, and a head's width."""
    return {"H": built[1], "K": built[2], "h": built[0] // built[1]}


def large() -> tuple[str, Case, Case]:
    """Return eight query heads on two of keys and values, over 4 texts of 256 tokens."""
    import torch

    return NAME, (64, 8, 2), (torch.randn(4, 256, 64, generator=torch.Generator().manual_seed(0)),)


WEIGHTS, HEADS, SHARE = "attention_weights", "MultiHeadAttention.forward", "share_heads"
SHOWN, FORMS = ("built with", "inputs", "seed"), ("without projection",)
REPEAT = "x.repeat_interleave(groups, dim=1)"

exercise = Exercise(
    name="grouped-query-attention",
    title="Grouped-query attention",
    room="transformer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.attention"],
    reference=reference,
    entries={NAME: [NAME]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.functional.scaled_dot_product_attention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    after=["multi-head-attention"],
    checks=[
        ModuleCheck("what the heads put out", NAME, cases(), examples=25, arguments=SHOWN, variants=FORMS),
        ModuleCheck(
            "their gradients",
            NAME,
            cases(),
            examples=6,
            arguments=SHOWN,
            gradients=True,
            variants=FORMS,
            tolerance=1e-3,
        ),
    ],
    mistakes=[
        Mistake(
            "heads shared in turns",
            "Query heads take the shared heads in turns (0, 1, 0, 1, …). Neighbours share: of H = {H} query heads the first H / K use "
            "head 0 of keys and values, the next ones head 1 (repeat_interleave, not repeat).",
            [Edit(REPEAT, "x.repeat(1, groups, 1, 1)", SHARE)],
        ),
        Mistake(
            "all queries on the first head",
            "All your query heads use the first head of keys and values: there are {K}.",
            [Edit(REPEAT, "x[:, :1].expand(-1, heads, -1, -1)", SHARE)],
        ),
        Mistake(
            "shared heads in reverse order",
            "Your first query heads use the last head of keys and values.",
            [Edit(REPEAT, "x.flip(1).repeat_interleave(groups, dim=1)", SHARE)],
        ),
        Mistake(
            "heads averaged",
            "You average the heads of keys and values into one.",
            [Edit(REPEAT, "x.mean(1, keepdim=True).expand(-1, heads, -1, -1)", SHARE)],
        ),
        Mistake(
            "mask missing",
            "Every token sees the ones after it: hide them with −∞ before the softmax.",
            [Edit("scores.masked_fill(~allowed, -torch.inf).softmax", "scores.softmax", WEIGHTS)],
        ),
        Mistake(
            "mask leaks the next token",
            "Each token sees the one after it as well: your mask is off by one.",
            [Edit("~allowed", "~allowed.roll(-1, 0).logical_or(allowed)", WEIGHTS)],
        ),
        Mistake(
            "masked after the softmax",
            "You set weights to zero after the softmax, so the rows no longer add up to one.",
            [
                Edit(
                    "scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)",
                    "scores.softmax(dim=-1).masked_fill(~allowed, 0.0)",
                    WEIGHTS,
                )
            ],
        ),
        Mistake(
            "scale missing",
            "The scores are not divided by √{h}, the root of a head's width.",
            [Edit(" / math.sqrt(queries.shape[-1])", "", WEIGHTS)],
        ),
        Mistake(
            "scaled by the whole width",
            "You divide the scores by the root of the whole width: each head's dot products run over its own {h} channels.",
            [
                Edit(
                    "queries = split_heads(self.query(x), self.heads)",
                    "queries = split_heads(self.query(x), self.heads) / self.heads**0.5",
                    HEADS,
                )
            ],
        ),
        Mistake(
            "softmax over the queries",
            "Your softmax runs down the columns: each token's weights over the keys, the last dimension, add up to one.",
            [Edit(".softmax(dim=-1)", ".softmax(dim=-2).nan_to_num(0.0)", WEIGHTS)],
        ),
        Mistake(
            "keys averaged instead of values",
            "You average the keys instead of the values.",
            [Edit("split_heads(self.value(x)", "split_heads(self.key(x)", HEADS)],
        ),
        Mistake(
            "query heads joined in reverse order",
            "You lay the last head's channels first.",
            [
                Edit(
                    "join_heads(causal_attention(queries, keys, values))",
                    "join_heads(causal_attention(queries, keys, values).flip(1))",
                    HEADS,
                )
            ],
        ),
        Mistake(
            "reshaped without transposing",
            "You flatten (B, H, T, h) as it lies, so that tokens and heads are mixed up: exchange T and H first.",
            [
                Edit(
                    "return x.transpose(1, 2).flatten(-2)", "return x.reshape(x.shape[0], x.shape[2], -1)", "join_heads"
                )
            ],
        ),
    ],
)
