"""The block of the modern preset: RMS norms, rotary positions, normalised queries and keys, a gated feed-forward."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import Tensor

from groundup.exercises.attention_mistakes import ATTENTION
from groundup.exercises.gated_feed_forward.mistakes import TRANSFORMER
from groundup.exercises.modern_block.mistakes import MISTAKES, NORMALISATION
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck
from groundup.exercises.rotary_positions.mistakes import POSITIONS
from groundup.exercises.strategies import SEEDS, scaled_tensors
from groundup.judge.exercise import Case, Exercise
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.positions import rotary_table

NAME, SHOWN = "ModernBlock", ("built with", "inputs", "seed")


def reference(transformer: ModuleType, *_: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signature."""

    class ModernBlock(transformer.Block):  # type: ignore[name-defined]
        def __init__(self, model_dim: int, num_heads: int, hidden_dim: int) -> None:
            super().__init__(
                GPTSettings(vocabulary=1, layers=1, heads=num_heads, width=model_dim, hidden=hidden_dim), 0
            )

        def forward(self, embedded: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
            found: Tensor = super().forward(embedded, (cosines, sines))
            return found

    return {NAME: ModernBlock}


def make_case(width: int, heads: int, hidden: int, x: Tensor, seed: int) -> Case:
    """Return a case with the angles of as many positions as ``x`` has tokens."""
    return (width, heads, hidden), (x, *rotary_table(x.shape[1], width // heads)), seed


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw heads and widths, an input and a seed."""
    heads = draw(st.integers(1, 3))
    width = heads * draw(st.sampled_from([2, 4]))
    hidden = draw(st.integers(1, 7))
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 5))
    return make_case(width, heads, hidden, draw(scaled_tensors(batch, time, width)), draw(SEEDS))


def one_case(width: int, heads: int, hidden: int, batch: int, time: int) -> Case:
    """Return a case of these sizes: the smallest ones, and a text longer than a mask of a fixed size is likely to be."""
    import torch

    x = torch.randn(batch, time, width, generator=torch.Generator().manual_seed(time))
    return make_case(width, heads, hidden, x, 0)


def sizes(built: Any, inputs: Any, *_: Any) -> dict[str, int]:
    """Return the number of tokens and of heads, and the widths."""
    return {
        "T": inputs[0].shape[1],
        "C": built[0],
        "a": built[0],
        "H": built[1],
        "d": built[0] // built[1],
        "f": built[2],
    }


def benchmark_case() -> tuple[str, Case, Case]:
    """Return a block of 64 channels over 4 texts of 256 tokens."""
    built, inputs, _ = one_case(64, 4, 192, 4, 256)
    return NAME, built, inputs


exercise = Exercise(
    name="modern-block",
    title="The block of today's models",
    folder=Path(__file__).parent,
    modules=[TRANSFORMER, POSITIONS, ATTENTION, NORMALISATION],
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
            st.just((4, 2, 3)),
            examples=1,
            arguments=("model_dim", "num_heads", "hidden_dim"),
        ),
        LearningCheck(
            "what the block puts out",
            NAME,
            cases(),
            edges=[one_case(4, 2, 3, 2, 3), one_case(2, 1, 1, 1, 1), one_case(12, 3, 5, 1, 70)],
            examples=18,
            arguments=SHOWN,
            gradients=False,
            tolerance=None,
        ),
        LearningCheck("its gradients", NAME, cases(), edges=[one_case(8, 2, 6, 2, 4)], examples=6, arguments=SHOWN),
    ],
    mistakes=MISTAKES,
)
