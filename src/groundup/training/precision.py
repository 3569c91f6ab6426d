"""Which numbers the matrices are multiplied in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten

CHOICES = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Precision:
    """How a training step computes: ``float32``, or ``bfloat16`` in matrix products.

    The weights and the optimiser's state are float32 either way; autocast rounds the operands of matrix
    products to bfloat16 (Micikevicius et al., "Mixed precision training", ICLR 2018; bfloat16 has
    float32's range, so no loss scale is needed).
    """

    name: str = "float32"
    device: str = "cpu"

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which a forward pass runs."""
        if self.name == "bfloat16":
            return torch.autocast(self.device, dtype=torch.bfloat16)
        return nullcontext()

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, computed in this precision; its backward pass follows it."""
        if self.name != "bfloat16":
            return function

        def computed(*arguments: Any) -> Any:
            with self.autocast():
                return function(*arguments)

        return computed


def pick_precision(choice: str = "auto", device: str = "cpu") -> Precision:
    """Choose the precision of matrix products.

    ``auto`` takes bfloat16 where that is faster (see `has_fast_bfloat16`), and float32 elsewhere. The processor's
    features decide, not a stopwatch, so that the same machine always gives the same weights.

    Raises
    ------
    UserError
        The choice is none of ``auto``, ``float32`` and ``bfloat16``.
    """
    if choice not in CHOICES:
        raise UserError(f"--set precision={shorten(choice)}: choose one of {', '.join(CHOICES)}.")
    if choice == "auto":
        choice = "bfloat16" if has_fast_bfloat16(device) else "float32"
    return Precision(choice, device)


def has_fast_bfloat16(device: str = "cpu") -> bool:
    """Tell whether the device multiplies bfloat16 matrices faster than float32 ones.

    A processor does with matrix tiles (AMX). AVX-512 BF16 alone is not enough: without AMX, an Intel Xeon of 2023
    reached 163 GFLOP/s in bfloat16 and 308 in float32.
    """
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device == "cpu" and torch.backends.mkldnn.is_available() and torch.cpu._is_amx_tile_supported()
