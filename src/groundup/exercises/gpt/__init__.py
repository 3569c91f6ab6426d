"""The whole GPT: embeddings, blocks, a last norm, logits."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.strategies import SEEDS
from groundup.judge.exercise import Case, Edit, Exercise, Mistake
from groundup.judge.module_check import ModuleCheck

PLAIN, ATTENTION = "groundup.steps.plain_gpt", "groundup.steps.attention"
FORMS = ("without projection", "probabilities", "probabilities without projection")


def reference(plain: ModuleType, attention: ModuleType) -> dict[str, Any]:
    """Return the step in the forms that the course has had: logits or probabilities, heads with a last map or without."""

    def make(probabilities: bool, projection: bool) -> Any:
        def build(vocab_size: int, context_length: int, model_dim: int, num_blocks: int, num_heads: int) -> nn.Module:
            model = plain.PlainGPT(vocab_size, context_length, model_dim, num_blocks, num_heads)
            if not projection:
                for block in model.blocks:
                    block.attention.output = nn.Identity()
            if probabilities:
                model.register_forward_hook(lambda _, inputs, output: output.softmax(-1))
            return model

        return build

    return {
        "GPT": make(probabilities=False, projection=True),
        "without projection": make(probabilities=False, projection=False),
        "probabilities": make(probabilities=True, projection=True),
        "probabilities without projection": make(probabilities=True, projection=False),
    }


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw sizes, a batch of tokens that fits the context, and a seed."""
    vocabulary, context = draw(st.integers(3, 6)), draw(st.integers(2, 6))
    heads = draw(st.integers(1, 2))
    built = vocabulary, context, heads * draw(st.integers(3, 4)), draw(st.integers(1, 2)), heads
    batch, time = draw(st.integers(1, 2)), draw(st.integers(1, context))
    row = st.lists(st.integers(0, vocabulary - 1), min_size=time, max_size=time)
    tokens = draw(st.lists(row, min_size=batch, max_size=batch))
    return built, (as_tokens(tokens),), draw(SEEDS)


def as_tokens(rows: list[list[int]]) -> Any:
    """Return rows of token numbers as a tensor."""
    import torch

    return torch.tensor(rows, dtype=torch.int64)


def sizes(built: Any, inputs: Any, *_: Any) -> dict[str, int]:
    """Return the sizes by name."""
    names = ("V", "context", "d", "blocks", "H")
    return {**dict(zip(names, built, strict=True)), "T": inputs[0].shape[1]}


def large() -> tuple[str, Case, Case]:
    """Return two blocks of 64 channels over 4 texts of 128 tokens."""
    return "GPT", (65, 128, 64, 2, 4), (as_tokens([[(7 * i + j) % 65 for i in range(128)] for j in range(4)]),)


MODEL, BLOCK, SHOWN = "PlainGPT.forward", "PlainBlock", ("built with", "inputs", "seed")

exercise = Exercise(
    name="gpt",
    title="The whole GPT",
    room="transformer",
    folder=Path(__file__).parent,
    modules=[PLAIN, ATTENTION],
    reference=reference,
    entries={"GPT": ["GPT", "PlainGPT"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.TransformerEncoderLayer", "torch.nn.Transformer"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    large=large,
    after=["transformer-block"],
    checks=[
        ModuleCheck("what the model puts out", "GPT", cases(), examples=15, arguments=SHOWN, variants=FORMS),
        ModuleCheck(
            "its gradients", "GPT", cases(), examples=5, arguments=SHOWN, gradients=True, variants=FORMS, tolerance=2e-3
        ),
    ],
    mistakes=[
        Mistake(
            "positions forgotten",
            "You add no position embedding. Without it a block knows which tokens came before, but not in what order: at the full stop of “dog bites "
            "man.” it returns the same as at that of “man bites dog.”",
            [
                Edit(
                    "self.token_embedding(tokens) + self.position_embedding(places)",
                    "self.token_embedding(tokens)",
                    MODEL,
                )
            ],
        ),
        Mistake(
            "every place the first",
            "Every token gets the embedding of position 0: the positions are 0, 1, 2, … T − 1.",
            [Edit("torch.arange(time, device=tokens.device)", "torch.zeros(time, dtype=torch.int64)", MODEL)],
        ),
        Mistake(
            "positions looked up by token",
            "You look the position embedding up with the token's number: look it up with its place, 0 … T − 1.",
            [
                Edit(
                    "self.position_embedding(places)",
                    "self.position_embedding(tokens.clamp(max=self.settings.context - 1))",
                    MODEL,
                )
            ],
        ),
        Mistake(
            "positions multiplied",
            "You multiply token and position embedding: they are added.",
            [Edit("self.token_embedding(tokens) + self", "self.token_embedding(tokens) * self", MODEL)],
        ),
        Mistake(
            "positions backwards",
            "Your positions run backwards: the first token has position 0.",
            [Edit("torch.arange(time, device=tokens.device)", "torch.arange(time).flip(0)", MODEL)],
        ),
        Mistake(
            "last norm forgotten",
            "The final norm is missing: what the last block leaves in the stream is normalised before it is mapped to logits.",
            [Edit("self.output(self.final_norm(x))", "self.output(x)", MODEL)],
        ),
        Mistake(
            "norm before the first block, too",
            "You apply the final norm before the blocks as well: it comes once, after the last one.",
            [
                Edit(
                    "for block in self.blocks:\n            x = block(x)",
                    "x = self.final_norm(x)\n        for block in self.blocks:\n            x = block(x)",
                    MODEL,
                )
            ],
        ),
        Mistake(
            "the last block left out",
            "One of your {blocks} blocks takes no part.",
            [Edit("for block in self.blocks:", "for block in self.blocks[:-1]:", MODEL)],
        ),
        Mistake(
            "one block, repeated",
            "Your {blocks} blocks are one and the same, with one set of weights: [Block()] * n repeats a block, it does not "
            "build n of them. Build one in every turn of a loop.",
            [
                Edit(
                    "nn.ModuleList(PlainBlock(width, heads, dropout) for _ in range(blocks))",
                    "nn.ModuleList([PlainBlock(width, heads, dropout)] * blocks)",
                    "PlainGPT",
                )
            ],
        ),
        Mistake(
            "blocks side by side",
            "Each of your blocks reads the embeddings: each reads what the one before it returned.",
            [
                Edit("for block in self.blocks:", "start = x\n        for block in self.blocks:", MODEL),
                Edit("x = block(x)", "x = block(start)", MODEL),
            ],
        ),
        Mistake(
            "blocks in reverse order",
            "Your blocks run from the last to the first.",
            [Edit("for block in self.blocks:", "for block in self.blocks[::-1]:", MODEL)],
        ),
        Mistake(
            "residual around the attention forgotten",
            "In your blocks the attention's result replaces the stream: add it.",
            [Edit("x = x + self.attention(", "x = self.attention(", BLOCK)],
        ),
        Mistake(
            "residual around the feed-forward forgotten",
            "In your blocks the feed-forward's result replaces the stream: add it.",
            [Edit("return x + self.feed_forward(", "return self.feed_forward(", BLOCK)],
        ),
        Mistake(
            "normalised after, not before",
            "Your blocks normalise the sums. They are to normalise what attention and feed-forward read.",
            [
                Edit("x + self.attention(self.first_norm(x))", "self.first_norm(x + self.attention(x))", BLOCK),
                Edit("x + self.feed_forward(self.second_norm(x))", "self.second_norm(x + self.feed_forward(x))", BLOCK),
            ],
        ),
        Mistake(
            "mask missing",
            "The future leaks: a later token changes the logits of an earlier place. Mask the scores above the diagonal.",
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
            "softmax over the wrong dimension",
            "Your probabilities add up to one over the tokens of the text. They belong to the {V} tokens of the vocabulary, "
            "the last dimension. (Better return the logits: the loss wants those.)",
            [
                Edit(
                    "return self.output(self.final_norm(x))",
                    "return self.output(self.final_norm(x)).softmax(-2)",
                    MODEL,
                )
            ],
        ),
        Mistake(
            "only the last token's logits",
            "You return the logits of the last place only. Every place guesses its next token: shape (B, T, V).",
            [Edit("return self.output(self.final_norm(x))", "return self.output(self.final_norm(x))[:, -1]", MODEL)],
        ),
    ],
)
