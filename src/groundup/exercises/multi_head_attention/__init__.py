"""Multi-head attention: several causal heads side by side."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.exercise import Case, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck

NAME = "MultiHeadedSelfAttention"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step with the output projection, as the course has it since 2026, and without it, as before."""

    class WithoutProjection(step.MultiHeadAttention):  # type: ignore[name-defined]
        def __init__(self, embedding_dim: int, attention_dim: int, num_heads: int) -> None:
            super().__init__(embedding_dim, num_heads, head_width=attention_dim // num_heads)
            self.output = nn.Identity()

    class WithProjection(step.MultiHeadAttention):  # type: ignore[name-defined]
        def __init__(self, embedding_dim: int, attention_dim: int, num_heads: int) -> None:
            super().__init__(embedding_dim, num_heads, head_width=attention_dim // num_heads)
            self.output = nn.Linear(attention_dim, attention_dim, bias=False)

    return {NAME: WithProjection, "without projection": WithoutProjection}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw widths, heads, an input and a seed."""
    heads, head_width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    width = draw(st.integers(2, 6))
    batch, time = draw(st.integers(1, 2)), draw(st.integers(1, 5))
    return (width, heads * head_width, heads), (draw(random_tensors(batch, time, width)),), draw(SEEDS)


def sizes(built: Any, inputs: Any, seed: int) -> dict[str, int]:
    """Return the number of tokens, of heads, and a head's width."""
    return {"T": inputs[0].shape[1], "H": built[2], "h": built[1] // built[2], "a": built[1]}


def large() -> tuple[str, Case, Case]:
    """Return eight heads over 4 texts of 256 tokens."""
    import torch

    return NAME, (64, 64, 8), (torch.randn(4, 256, 64, generator=torch.Generator().manual_seed(0)),)


WEIGHTS, HEADS, SHOWN = "attention_weights", "MultiHeadAttention.forward", ("built with", "inputs", "seed")
FORMS = ("without projection",)

exercise = Exercise(
    name="multi-head-attention",
    title="Multi-head attention",
    room="transformer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.attention"],
    reference=reference,
    entries={NAME: [NAME, "MultiHeadAttention"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.functional.scaled_dot_product_attention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    part="multi-head-attention",
    after=["self-attention"],
    checks=[
        ModuleCheck("what the heads put out", NAME, cases(), examples=25, arguments=SHOWN, variants=FORMS),
        ModuleCheck("their gradients", NAME, cases(), examples=8, arguments=SHOWN, gradients=True, variants=FORMS),
    ],
    mistakes=[
        Mistake(
            "mask missing",
            "Every token sees the ones after it: each head has to hide them, with −∞ before its softmax.",
            [Edit("scores.masked_fill(~allowed, -torch.inf).softmax", "scores.softmax", WEIGHTS)],
        ),
        Mistake(
            "mask leaks the next token",
            "Each token sees the one after it as well: your mask is off by one.",
            [Edit("~allowed", "~allowed.roll(-1, 0).logical_or(allowed)", WEIGHTS)],
        ),
        Mistake(
            "mask turned round",
            "Your mask hides the past and shows the future.",
            [Edit("~allowed", "~allowed.T", WEIGHTS)],
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
            "The scores are not divided by the root of a head's width, √{h}.",
            [Edit(" / math.sqrt(queries.shape[-1])", "", WEIGHTS)],
        ),
        Mistake(
            "scaled by the whole width",
            "You divide the scores by √{a}, the width of all heads together. Each head's dot products run over its own {h} "
            "channels: divide by √{h}.",
            [
                Edit(
                    "queries = split_heads(self.query(x), self.heads)",
                    "queries = split_heads(self.query(x), self.heads) / self.heads**0.5",
                    HEADS,
                )
            ],
        ),
        Mistake(
            "scaled by the width, not its root",
            "You divide the scores by a head's width itself: divide by its root, √{h}.",
            [Edit("math.sqrt(queries.shape[-1])", "queries.shape[-1]", WEIGHTS)],
        ),
        Mistake(
            "softmax over the queries",
            "Your softmax runs down the columns: each token's own weights over the keys, the last dimension, add up to one.",
            [Edit(".softmax(dim=-1)", ".softmax(dim=-2).nan_to_num(0.0)", WEIGHTS)],
        ),
        Mistake(
            "queries and keys swapped",
            "Your scores are keys times queries: the query belongs to the row, the key to the column.",
            [Edit("causal_attention(queries, keys", "causal_attention(keys, queries", HEADS)],
        ),
        Mistake(
            "keys averaged instead of values",
            "You average the keys instead of the values.",
            [Edit("split_heads(self.value(x)", "split_heads(self.key(x)", HEADS)],
        ),
        Mistake(
            "heads joined in reverse order",
            "You lay the last head's channels first: head 0 comes first, then head 1, and so on.",
            [
                Edit(
                    "join_heads(causal_attention(queries, keys, values))",
                    "join_heads(causal_attention(queries, keys, values).flip(1))",
                    HEADS,
                )
            ],
        ),
        Mistake(
            "heads interleaved",
            "You mix the channels of the heads: each head's {h} channels stay together, one head after the other. Flatten (B, T, H, h), "
            "not (B, T, h, H): the channels are the last dimension.",
            [Edit("return x.transpose(1, 2).flatten(-2)", "return x.permute(0, 2, 3, 1).flatten(-2)", "join_heads")],
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
        Mistake(
            "heads averaged, not joined",
            "You average the heads. Each keeps its own channels in the result: lay them side by side.",
            [
                Edit(
                    "join_heads(causal_attention(queries, keys, values))",
                    "causal_attention(queries, keys, values).mean(1).repeat(1, 1, self.heads)",
                    HEADS,
                )
            ],
        ),
        Mistake(
            "every head the same",
            "All your heads are the first one: each has its own queries, keys and values.",
            [
                Edit(
                    "join_heads(causal_attention(queries, keys, values))",
                    "join_heads(causal_attention(queries, keys, values)[:, :1].expand_as(queries))",
                    HEADS,
                )
            ],
        ),
        Mistake(
            "one head only",
            "You compute one wide head over all {a} channels: they are to be cut into {H} heads with a softmax each.",
            [
                Edit(
                    "queries = split_heads(self.query(x), self.heads)",
                    "queries = split_heads(self.query(x), 1) * self.heads**0.5",
                    HEADS,
                ),
                Edit(
                    "split_heads(self.key(x), self.key_value_heads), self.heads)",
                    "split_heads(self.key(x), 1), 1)",
                    HEADS,
                ),
                Edit(
                    "split_heads(self.value(x), self.key_value_heads), self.heads)",
                    "split_heads(self.value(x), 1), 1)",
                    HEADS,
                ),
            ],
        ),
        Mistake(
            "bias left on",
            "Your maps to queries, keys and values add a bias: here they have none (bias=False). nn.Linear adds one unless it is told.",
            [
                Edit(
                    f"self.{role} = nn.Linear(width, {heads} * head_width, bias=bias)",
                    f"self.{role} = nn.Linear(width, {heads} * head_width)",
                    "MultiHeadAttention",
                )
                for role, heads in (
                    ("query", "heads"),
                    ("key", "self.key_value_heads"),
                    ("value", "self.key_value_heads"),
                )
            ],
        ),
        Mistake(
            "gradients detached",
            "The output is right, but no gradient reaches queries and keys: something is detached or computed under no_grad.",
            [
                Edit(
                    "return attention_weights(queries, keys) @ values",
                    "return attention_weights(queries, keys).detach() @ values",
                    "causal_attention",
                )
            ],
        ),
    ],
)
