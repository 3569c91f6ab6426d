"""The transformer block: attention and feed-forward, each normalised before and added after."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.strategies import SEEDS, random_tensors
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck

NAME = "TransformerBlock"
PLAIN, ATTENTION = "groundup.steps.plain_gpt", "groundup.steps.attention"


def reference(plain: ModuleType, attention: ModuleType) -> dict[str, Any]:
    """Return the step, and the same without the heads' output projection."""

    def without_projection(model_dim: int, num_heads: int) -> nn.Module:
        block: nn.Module = plain.PlainBlock(model_dim, num_heads)
        block.attention.output = nn.Identity()  # type: ignore[union-attr]
        return block

    return {NAME: plain.PlainBlock, "without projection": without_projection}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw heads and width, an input and a seed."""
    heads = draw(st.integers(1, 3))
    width = heads * draw(st.integers(3, 4))
    batch, time = draw(st.integers(1, 2)), draw(st.integers(1, 4))
    return (width, heads), (draw(random_tensors(batch, time, width)),), draw(SEEDS)


def sizes(built: Any, *_: Any) -> dict[str, int]:
    """Return the width and the number of heads."""
    return {"d": built[0], "H": built[1]}


def drop_in_training(answer: Answer, width: int, seed: int) -> dict[str, bool]:
    """Tell whether passes differ in training, from each other and from evaluation, and agree in evaluation."""
    import torch

    block = answer.make(NAME, width, 2, seed=seed)
    x = torch.randn(4, 3, width, generator=torch.Generator().manual_seed(seed))
    passes = []
    for mode in (True, False):
        answer.mode(block, mode)
        passes += [answer.use(block, x, seed=seed + number) for number in (1, 2)]
    return {
        "two passes differ in training": not torch.equal(passes[0], passes[1]),
        "training differs from evaluation": not torch.equal(passes[0], passes[2]),
        "two passes agree in evaluation": torch.equal(passes[2], passes[3]),
    }


def large() -> tuple[str, Case, Case]:
    """Return a block of 64 channels over 4 texts of 256 tokens."""
    import torch

    return NAME, (64, 4), (torch.randn(4, 256, 64, generator=torch.Generator().manual_seed(0)),)


BLOCK, FEED, SHOWN = "PlainBlock", "FeedForward", ("built with", "inputs", "seed")
FORMS = ("without projection",)
FIRST, SECOND = "self.attention(self.first_norm(x))", "self.feed_forward(self.second_norm(x))"

exercise = Exercise(
    name="transformer-block",
    title="The transformer block",
    room="transformer",
    folder=Path(__file__).parent,
    modules=[PLAIN, ATTENTION],
    reference=reference,
    entries={NAME: [NAME, "Block"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    part="block",
    after=["multi-head-attention"],
    checks=[
        ModuleCheck("what the block puts out", NAME, cases(), examples=20, arguments=SHOWN, variants=FORMS),
        ModuleCheck(
            "its gradients", NAME, cases(), examples=6, arguments=SHOWN, gradients=True, variants=FORMS, tolerance=2e-3
        ),
        Check(
            "dropout in training, and only there",
            NAME,
            st.tuples(st.just(8), SEEDS),
            observe=drop_in_training,
            examples=3,
            arguments=("model_dim", "seed"),
        ),
    ],
    mistakes=[
        Mistake(
            "residual around the attention forgotten",
            "You replace the stream by the attention's result. The block only adds to it: x + attention(norm(x)). Without "
            "that, neither tokens nor gradients get through many blocks.",
            [Edit(f"x + {FIRST}", FIRST, BLOCK)],
        ),
        Mistake(
            "residual around the feed-forward forgotten",
            "You return the feed-forward's result by itself: add it to what went into it.",
            [Edit(f"x + {SECOND}", SECOND, BLOCK)],
        ),
        Mistake(
            "normalised after, not before",
            "You normalise the sums (as the transformer of 2017 did). Here attention and feed-forward each read a normalised "
            "stream and add to the stream as it is.",
            [
                Edit(f"x + {FIRST}", "self.first_norm(x + self.attention(x))", BLOCK),
                Edit(f"x + {SECOND}", "self.second_norm(x + self.feed_forward(x))", BLOCK),
            ],
        ),
        Mistake(
            "normalised x carried on",
            "You add to the normalised x instead of to x itself: the stream keeps its own values, the norm is only for what "
            "the attention reads.",
            [Edit(f"x = x + {FIRST}", f"x = self.first_norm(x) + {FIRST}", BLOCK)],
        ),
        Mistake(
            "attention reads the stream unnormalised",
            "Your attention reads x as it is: normalise what it reads.",
            [Edit("self.attention(self.first_norm(x))", "self.attention(x)", BLOCK)],
        ),
        Mistake(
            "feed-forward reads the stream unnormalised",
            "Your feed-forward reads x as it is: normalise what it reads, with the second norm.",
            [Edit("self.feed_forward(self.second_norm(x))", "self.feed_forward(x)", BLOCK)],
        ),
        Mistake(
            "one norm used twice",
            "You use the first norm in both places: each has a scale and a shift of its own.",
            [Edit("self.second_norm(x))", "self.first_norm(x))", BLOCK)],
        ),
        Mistake(
            "feed-forward reads what the attention read",
            "Your feed-forward reads the stream as it was before the attention added to it. It comes after: let it read the sum.",
            [
                Edit(f"x = x + {FIRST}", f"before = x\n        x = x + {FIRST}", BLOCK),
                Edit("self.second_norm(x))", "self.second_norm(before))", BLOCK),
            ],
        ),
        Mistake(
            "feed-forward before the attention",
            "You think first and look afterwards: the attention comes first, then the feed-forward.",
            [
                Edit(FIRST, "self.feed_forward(self.second_norm(x))", BLOCK),
                Edit(f"return x + {SECOND}", f"return x + {FIRST}", BLOCK),
            ],
        ),
        Mistake(
            "feed-forward not widened",
            "Your feed-forward keeps the width d = {d} in between. It is to be four times as wide there, {d} → 4 · {d} → {d}: "
            "that is where a block has most of its weights.",
            [
                Edit("nn.Linear(width, 4 * width)", "nn.Linear(width, width)", FEED),
                Edit("nn.Linear(4 * width, width)", "nn.Linear(width, width)", FEED),
            ],
        ),
        Mistake(
            "ReLU forgotten",
            "Your feed-forward has no activation between its two linear maps, so that both together are only one linear map.",
            [Edit("self.relu(self.expand(x))", "self.expand(x)", FEED)],
        ),
        Mistake(
            "GELU instead of ReLU",
            "Your feed-forward uses GELU. GPT-2 does so, too, but this block asks for ReLU.",
            [Edit("self.relu = nn.ReLU()", "self.relu = nn.GELU()", FEED)],
        ),
        Mistake(
            "ReLU after the second map",
            "Your activation stands after the second linear map: it belongs between the two, where the layer is wide.",
            [Edit("self.contract(self.relu(self.expand(x)))", "self.relu(self.contract(self.expand(x)))", FEED)],
        ),
        Mistake(
            "dropout active in evaluation",
            "You drop in evaluation as well. nn.Dropout switches itself off; functional dropout needs training=self.training.",
            [Edit("return self.drop(", "return nn.functional.dropout(p=0.2, training=True, input=", FEED)],
        ),
        Mistake(
            "dropout forgotten",
            "Nothing is dropped in training: the feed-forward ends in a dropout of 0.2.",
            [Edit("return self.drop(", "return (", FEED)],
        ),
        Mistake(
            "seed fixed inside forward",
            "You set the seed inside forward, so that the same nodes are dropped at every step: that is no dropout. Seed "
            "once, outside, if at all.",
            [Edit("        return self.drop(", "        torch.manual_seed(0)\n        return self.drop(", FEED)],
        ),
        Mistake(
            "mask missing",
            "Every token sees the ones after it: your attention is not causal.",
            [
                Edit(
                    "scores.masked_fill(~allowed, -torch.inf).softmax", "scores.softmax", "attention_weights", ATTENTION
                )
            ],
        ),
        Mistake(
            "scale missing",
            "Your attention's scores are not divided by the root of a head's width.",
            [Edit(" / math.sqrt(queries.shape[-1])", "", "attention_weights", ATTENTION)],
        ),
        Mistake(
            "a fixed two heads",
            "Your block has two heads whatever it is asked for: use num_heads = {H}.",
            [Edit("MultiHeadAttention(width, heads)", "MultiHeadAttention(width, 2, head_width=width // 2)", BLOCK)],
        ),
    ],
)
