"""Self-attention: one causal head."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.exercise import Case, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"SingleHeadAttention": step.SingleHeadAttention}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw the widths of embedding and head, an input and a seed."""
    width, head = draw(st.integers(2, 5)), draw(st.integers(1, 4))
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    return (width, head), (draw(random_tensors(batch, time, width)),), draw(SEEDS)


def sizes(built: Any, inputs: Any, seed: int) -> dict[str, int]:
    """Return batch, time, and the widths of embedding and head."""
    return {"B": inputs[0].shape[0], "T": inputs[0].shape[1], "d": built[0], "a": built[1]}


def large() -> tuple[str, Case, Case]:
    """Return a head of 64 channels over 8 texts of 256 tokens."""
    import torch

    return "SingleHeadAttention", (64, 64), (torch.randn(8, 256, 64, generator=torch.Generator().manual_seed(0)),)


WEIGHTS, HEAD = "attention_weights", "SingleHeadAttention"

exercise = Exercise(
    name="self-attention",
    title="Self-attention: one causal head",
    room="transformer",
    folder=Path(__file__).parent,
    modules=["groundup.steps.attention"],
    reference=reference,
    entries={"SingleHeadAttention": ["SingleHeadAttention"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.functional.scaled_dot_product_attention"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    part="attention",
    checks=[
        ModuleCheck("what the head puts out", HEAD, cases(), examples=25, arguments=("built with", "inputs", "seed")),
        ModuleCheck(
            "its gradients", HEAD, cases(), examples=10, arguments=("built with", "inputs", "seed"), gradients=True
        ),
    ],
    mistakes=[
        Mistake(
            "mask missing",
            "Every token sees the ones after it. A GPT guesses the next token: what comes later has to be hidden, so fill the "
            "scores above the diagonal with −∞ before the softmax.",
            [Edit("scores.masked_fill(~allowed, -torch.inf).softmax", "scores.softmax", WEIGHTS)],
        ),
        Mistake(
            "mask leaks the next token",
            "Each token sees the one after it as well: your mask is off by one. Token t may look at 0 … t, itself included.",
            [Edit("~allowed", "~allowed.roll(-1, 0).logical_or(allowed)", WEIGHTS)],
        ),
        Mistake(
            "a token does not see itself",
            "Your mask hides the diagonal: a token may look at itself, too. (The first one would have nothing else.)",
            [
                Edit(
                    "masked_fill(~allowed, -torch.inf)",
                    "masked_fill(~allowed | torch.eye(len(allowed), dtype=torch.bool), -1e9)",
                    WEIGHTS,
                )
            ],
        ),
        Mistake(
            "mask turned round",
            "Your mask hides the past and shows the future: it is the upper triangle that has to be filled, not the lower.",
            [Edit("~allowed", "~allowed.T", WEIGHTS)],
        ),
        Mistake(
            "masked after the softmax",
            "You set weights to zero after the softmax, so the rows no longer add up to one. Mask the scores before it, with −∞.",
            [
                Edit(
                    "scores.masked_fill(~allowed, -torch.inf).softmax(dim=-1)",
                    "scores.softmax(dim=-1).masked_fill(~allowed, 0.0)",
                    WEIGHTS,
                )
            ],
        ),
        Mistake(
            "masked with zero instead of −∞",
            "You fill the masked scores with 0, but e⁰ = 1 is not nothing: −∞ becomes exactly 0 in the softmax.",
            [Edit("~allowed, -torch.inf", "~allowed, 0.0", WEIGHTS)],
        ),
        Mistake(
            "scale missing",
            "The scores are not divided by √a (a = {a}, the head's width). Without it they grow with the width, and the "
            "softmax hardens.",
            [Edit(" / math.sqrt(queries.shape[-1])", "", WEIGHTS)],
        ),
        Mistake(
            "scaled by the width, not its root",
            "You divide the scores by a = {a} itself. Their spread grows with the root of the width: divide by √a.",
            [Edit("math.sqrt(queries.shape[-1])", "queries.shape[-1]", WEIGHTS)],
        ),
        Mistake(
            "scaled by the embedding's width",
            "You divide the scores by √{d}, the embedding's width. The dot products run over the head's {a} channels: "
            "divide by √{a}.",
            [
                Edit(
                    "return causal_attention(self.query(x), self.key(x), self.value(x))",
                    "width = self.query.weight.shape\n"
                    "        return causal_attention(self.query(x) * (width[0] / width[1]) ** 0.5, self.key(x), self.value(x))",
                    HEAD,
                ),
            ],
        ),
        Mistake(
            "scaled by the number of tokens",
            "You divide the scores by √T (T = {T} tokens). It is the width of queries and keys that makes them large: √{a}.",
            [Edit("math.sqrt(queries.shape[-1])", "math.sqrt(queries.shape[-2])", WEIGHTS)],
        ),
        Mistake(
            "softmax over the queries",
            "Your softmax runs down the columns. Each token's own weights, a row over the keys (the last dimension), add up to one.",
            [
                Edit(
                    ".softmax(dim=-1)",
                    ".softmax(dim=-2).nan_to_num(0.0)",
                    WEIGHTS,
                )
            ],
        ),
        Mistake(
            "softmax missing",
            "You use the scores themselves as weights: a softmax makes them positive and lets each row add up to one.",
            [Edit("masked_fill(~allowed, -torch.inf).softmax(dim=-1)", "masked_fill(~allowed, 0.0)", WEIGHTS)],
        ),
        Mistake(
            "queries and keys swapped",
            "Your scores are keys times queries: row t then tells who looks at t, not whom t looks at. The query of the row "
            "meets the key of the column.",
            [Edit("causal_attention(self.query(x), self.key(x)", "causal_attention(self.key(x), self.query(x)", HEAD)],
        ),
        Mistake(
            "keys averaged instead of values",
            "You average the keys instead of the values: what a token says (value) is another map than what it is found by (key).",
            [Edit("self.value(x))", "self.key(x))", HEAD)],
        ),
        Mistake(
            "bias left on",
            "Your linear maps add a bias: this head has none (bias=False).",
            [
                Edit(
                    "self.query = nn.Linear(width, head_width, bias=False)",
                    "self.query = nn.Linear(width, head_width)",
                    HEAD,
                ),
                Edit(
                    "self.key = nn.Linear(width, head_width, bias=False)",
                    "self.key = nn.Linear(width, head_width)",
                    HEAD,
                ),
                Edit(
                    "self.value = nn.Linear(width, head_width, bias=False)",
                    "self.value = nn.Linear(width, head_width)",
                    HEAD,
                ),
            ],
        ),
        Mistake(
            "gradients detached",
            "The output is right, but no gradient flows back through the attention weights: something is detached or computed "
            "under no_grad, so queries and keys never learn.",
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
