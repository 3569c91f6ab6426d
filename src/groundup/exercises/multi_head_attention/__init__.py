"""Multi-head attention: several causal heads side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st
from torch import nn

from groundup.exercises.attention_mistakes import ATTENTION, AVERAGES, DETACHED, MASKS, SCALES, SOFTMAXES, change_result
from groundup.exercises.head_mistakes import (
    AVERAGE,
    BIAS,
    DROPPED,
    FORWARD,
    HEADS,
    LISTED,
    NO_LAST,
    RESULT,
    build_edit,
    forward_edit,
    scale_edit,
)
from groundup.exercises.module_checks import LearningCheck, RegisteredCheck, TrainingCheck, fixed_cases
from groundup.exercises.strategies import GENTLE, SEEDS, WIDTHS, scaled_tensors
from groundup.judge.exercise import Case, Exercise, Mistake
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
            output = self.get_submodule("output")
            if isinstance(output, step.Linear):
                self.output = step.Linear(output.weight.shape[1], attention_dim, bias=output.bias is not None)

    return {NAME: WithProjection, "without projection": WithoutProjection}


@st.composite
def cases(draw: st.DrawFn, scales: Sequence[float] = WIDTHS) -> Case:
    """Draw widths, heads, an input and a seed."""
    heads = draw(st.integers(1, 4))
    head_width = draw(st.integers(1 if heads > 1 else 2, 3))
    width = draw(st.integers(1, 6) | st.just(heads * head_width))
    batch, time = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    return (width, heads * head_width, heads), (draw(scaled_tensors(batch, time, width, widths=scales)),), draw(SEEDS)


def long_text() -> Case:
    """Return a case of more tokens than a mask of a fixed size is likely to have."""
    import torch

    return (3, 4, 2), (torch.randn(1, 70, 3, generator=torch.Generator().manual_seed(0)),), 0


def sizes(built: Any, inputs: Any, seed: int) -> dict[str, int]:
    """Return the number of tokens, of heads, and the widths."""
    return {"T": inputs[0].shape[1], "H": built[2], "d": built[1] // built[2], "a": built[1], "C": built[0]}


def benchmark_case() -> tuple[str, Case, Case]:
    """Return eight heads over 4 texts of 256 tokens."""
    import torch

    return NAME, (64, 64, 8), (torch.randn(4, 256, 64, generator=torch.Generator().manual_seed(0)),)


SHOWN = ("built with", "inputs", "seed")
FORMS = ("without projection",)
WIDE = build_edit("head_width = head_width or width // heads", "head_width = (head_width or width // heads) * heads")
NARROW_LAST = build_edit("self.output = Linear(heads * head_width,", "self.output = Linear(head_width,")
# Other mistakes of several heads keep the last map's width: these are of this exercise alone, whose last map may have another.
ADDED = [
    Mistake(
        f"{name}, {what} by the last map",
        f"You {verb} the heads, and send the result through the last map. Each head keeps its own columns: join them side by side "
        "along the last dimension, torch.cat(heads, dim=-1).",
        [NARROW_LAST, forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}.{call}(1)")],
    )
    for name, verb, call, what in (
        ("heads summed", "add up", "sum", "brought to the whole width"),
        ("heads averaged", "average", "mean", "brought to the whole width"),
    )
] + [
    Mistake(
        f"heads of the whole width {name}{after}",
        f"Each of your heads has the width {{a}}, and you {verb} them. Each has d = attention_dim / H = {{d}} columns: join them side by "
        "side along the last dimension, torch.cat(heads, dim=-1).",
        [WIDE, last, forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}.{call}(1)")],
    )
    for name, verb, call in (("summed", "add up", "sum"), ("averaged", "average", "mean"))
    for after, last in (("", NO_LAST), (", before the last map", NARROW_LAST))
]

exercise = Exercise(
    name="multi-head-attention",
    title="Multi-head attention",
    folder=Path(__file__).parent,
    modules=[ATTENTION],
    reference=reference,
    entries={NAME: [NAME, "MultiHeadAttention"]},
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
            st.sampled_from([(3, 4, 2), (2, 6, 3)]),
            examples=2,
            arguments=("embedding_dim", "attention_dim", "num_heads"),
            variants=FORMS,
        ),
        ModuleCheck(
            "what the heads put out", NAME, cases(), edges=[long_text()], examples=25, arguments=SHOWN, variants=FORMS
        ),
        LearningCheck(
            "their gradients",
            NAME,
            cases(scales=GENTLE),
            edges=[long_text()],
            examples=8,
            arguments=SHOWN,
            variants=FORMS,
        ),
        TrainingCheck(
            "the same in training mode",
            NAME,
            fixed_cases((3, 4, 2), (4, 6, 3)),
            examples=2,
            arguments=SHOWN,
            variants=FORMS,
        ),
    ],
    mistakes=[
        *MASKS,
        *SCALES,
        *SOFTMAXES,
        *AVERAGES,
        *HEADS,
        Mistake(
            "scaled by the embedding's width",
            "You divide the scores by the root of the embedding's width, √{C}. Each head's dot products run over its own {d} "
            "columns: divide by √{d}.",
            [scale_edit("(head / x.shape[-1]) ** 0.5")],
        ),
        Mistake(
            "head width from the embedding",
            "You divide the embedding's width by the number of heads. The width of a head is d = attention_dim / "
            "H = {d}.",
            [build_edit("head_width = head_width or width // heads", "head_width = width // heads")],
        ),
        *ADDED,
        Mistake(
            "each head as wide as all together",
            "Each of your heads has the width {a}. That is the width of all heads together: each has d = "
            "attention_dim / H = {d}.",
            [
                NO_LAST,
                build_edit(
                    "head_width = head_width or width // heads", "head_width = (head_width or width // heads) * heads"
                ),
            ],
        ),
        *change_result(RESULT, FORWARD, ATTENTION),
        *BIAS,
        *DETACHED,
        LISTED,
        *DROPPED,
    ],
)
