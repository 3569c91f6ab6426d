"""The transformer block: attention and feed-forward, each normalised before and added after."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.attention_mistakes import ATTENTION, change_result, in_turns, without
from groundup.exercises.block_mistakes import ADDITIONS, DROPOUTS, FEEDS, INSIDE, LISTED_BLOCK, NORMS, PLAIN, THINK
from groundup.exercises.head_mistakes import LISTED
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck, fixed_cases
from groundup.exercises.strategies import SEEDS, scaled_tensors
from groundup.judge.exercise import Case, Exercise

NAME = "TransformerBlock"


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
    heads = draw(st.integers(1, 4))
    width = heads * draw(st.integers(2 if heads > 1 else 3, 4))
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    return (width, heads), (draw(scaled_tensors(batch, time, width)),), draw(SEEDS)


def one_case(width: int, heads: int, batch: int, time: int) -> Case:
    """Return a case of these sizes: the smallest ones, and a text longer than a mask of a fixed size is likely to be."""
    import torch

    return (width, heads), (torch.randn(batch, time, width, generator=torch.Generator().manual_seed(time)),), 0


def sizes(built: Any, inputs: Any, *_: Any) -> dict[str, int]:
    """Return the number of tokens and of heads, and the widths."""
    return {"T": inputs[0].shape[1], "C": built[0], "a": built[0], "H": built[1], "d": built[0] // built[1]}


def benchmark_case() -> tuple[str, Case, Case]:
    """Return a block of 64 channels over 4 texts of 256 tokens."""
    import torch

    return NAME, (64, 4), (torch.randn(4, 256, 64, generator=torch.Generator().manual_seed(0)),)


SHOWN, FORMS = ("built with", "inputs", "seed"), ("without projection",)

exercise = Exercise(
    name="transformer-block",
    title="The transformer block",
    folder=Path(__file__).parent,
    modules=[PLAIN, ATTENTION],
    reference=reference,
    entries={NAME: [NAME, "Block"]},
    rounding=4,
    tolerance=1e-4,
    forbidden=["torch.nn.MultiheadAttention", "torch.nn.TransformerEncoderLayer", "torch.nn.TransformerDecoderLayer"],
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        RegisteredCheck(
            "PyTorch knows of all its layers",
            NAME,
            st.just((4, 2)),
            examples=1,
            arguments=("model_dim", "num_heads"),
            variants=FORMS,
        ),
        # It tells a change in place, too: of what is changed so, not even what the output depends on can be found.
        LearningCheck(
            "what the block puts out",
            NAME,
            cases(),
            edges=[one_case(4, 2, 2, 3), one_case(1, 1, 1, 1), one_case(6, 3, 1, 70)],
            examples=18,
            arguments=SHOWN,
            variants=FORMS,
            gradients=False,
            tolerance=None,
        ),
        LearningCheck(
            "its gradients", NAME, cases(), edges=[one_case(6, 2, 2, 4)], examples=6, arguments=SHOWN, variants=FORMS
        ),
        TrainingCheck(
            "dropout in training, and only there",
            NAME,
            fixed_cases((4, 2), (6, 3)),
            examples=2,
            arguments=SHOWN,
            variants=FORMS,
        ),
    ],
    mistakes=[
        *in_turns(
            ADDITIONS,
            # What is missing is told by its name.
            without(NORMS, "norms without scale and shift"),
            without(
                FEEDS,
                "first map of the feed-forward without a bias",
                "second map of the feed-forward without a bias",
            ),
            DROPOUTS,
            INSIDE,
        ),
        LISTED_BLOCK,
        LISTED,
        *change_result(f"x + {THINK}", "PlainBlock.forward", PLAIN),
    ],
)
