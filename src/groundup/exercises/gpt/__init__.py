"""The whole GPT: embeddings, blocks, a last norm, logits."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.attention_mistakes import ATTENTION
from groundup.exercises.block_mistakes import PLAIN
from groundup.exercises.gpt.mistakes import GPT, MISTAKES, SHOWN
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck
from groundup.exercises.strategies import SEEDS
from groundup.judge.exercise import Case, Exercise
from groundup.judge.module_check import ModuleCheck

FORMS = ("without projection", "probabilities", "probabilities without projection")


def reference(gpt: ModuleType, block: ModuleType, attention: ModuleType, plain: ModuleType) -> dict[str, Any]:
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
    vocabulary, context = draw(st.integers(2, 7)), draw(st.integers(1, 6))
    heads = draw(st.integers(1, 3))
    built = vocabulary, context, heads * draw(st.integers(2 if heads > 1 else 3, 4)), draw(st.integers(1, 3)), heads
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, context))
    row = st.lists(st.integers(0, vocabulary - 1), min_size=time, max_size=time)
    tokens = draw(st.lists(row, min_size=batch, max_size=batch))
    return built, (as_tokens(tokens),), draw(SEEDS)


def as_tokens(rows: list[list[int]]) -> Any:
    """Return rows of token numbers as a tensor."""
    import torch

    return torch.tensor(rows, dtype=torch.int64)


def sizes(built: Any, inputs: Any, *_: Any) -> dict[str, int]:
    """Return the sizes by name."""
    names = ("V", "context", "C", "blocks", "H")
    return {
        **dict(zip(names, built, strict=True)),
        "T": inputs[0].shape[1],
        "a": built[2],
        "d": built[2] // built[4],
    }


def one_case(vocabulary: int, context: int, width: int, blocks: int, heads: int, batch: int, time: int) -> Case:
    """Return a case of these sizes: the smallest ones, or more tokens than anything of a fixed size is likely to have."""
    tokens = [[(7 * row + 3 * place + 1) % vocabulary for place in range(time)] for row in range(batch)]
    return (vocabulary, context, width, blocks, heads), (as_tokens(tokens),), 0


def benchmark_case() -> tuple[str, Case, Case]:
    """Return two blocks of 64 channels over 4 texts of 128 tokens."""
    return "GPT", (65, 128, 64, 2, 4), (as_tokens([[(7 * i + j) % 65 for i in range(128)] for j in range(4)]),)


WITHOUT_DROPOUT = (
    "It drops nothing in training. That is accepted; the course's block has a dropout of 0.2 at the end of its "
    "feed-forward, which helps a large model on a small text."
)


exercise = Exercise(
    name="gpt",
    title="The whole GPT",
    folder=Path(__file__).parent,
    modules=[GPT, PLAIN, ATTENTION, "groundup.steps.c6_gpt.plain_gpt"],
    reference=reference,
    entries={"GPT": ["GPT", "PlainGPT"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.TransformerEncoderLayer", "torch.nn.Transformer"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        RegisteredCheck(
            "PyTorch knows of all its layers",
            "GPT",
            st.just((3, 4, 4, 2, 2)),
            examples=1,
            arguments=("vocab_size", "context_length", "model_dim", "num_blocks", "num_heads"),
            variants=FORMS,
        ),
        ModuleCheck(
            "what the model puts out",
            "GPT",
            cases(),
            edges=[
                one_case(5, 4, 4, 2, 2, 2, 3),
                one_case(4, 5, 6, 1, 3, 2, 4),
                one_case(3, 1, 2, 1, 1, 1, 1),
                one_case(7, 70, 4, 1, 2, 1, 70),
            ],
            examples=14,
            arguments=SHOWN,
            variants=FORMS,
        ),
        LearningCheck(
            "its gradients",
            "GPT",
            cases(),
            edges=[one_case(5, 4, 6, 2, 2, 2, 4)],
            examples=4,
            arguments=SHOWN,
            variants=FORMS,
        ),
        # Of one block: where each block sets the seed, as in the course's template, all drop the same nodes.
        TrainingCheck(
            "dropout in training, and only there",
            "GPT",
            st.just(one_case(5, 3, 6, 1, 2, 1, 2)),
            examples=1,
            arguments=SHOWN,
            variants=FORMS,
            without=WITHOUT_DROPOUT,
        ),
    ],
    mistakes=MISTAKES,
)
