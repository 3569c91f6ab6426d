"""Norms under autocast: the weight is converted to the dtype of what is normalized.

Autocast converts the operands of matrix products, but not the weight of an RMS norm. The norm of a head's queries then
gets bfloat16 numbers and a float32 weight, for which PyTorch has no fused kernel. In float32 nothing changes.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from groundup.steps.c6_gpt.normalisation import RMSNorm


class MatchedRMSNorm(RMSNorm):
    """The course's RMS norm, computed in the dtype of its input.

    Parameters
    ----------
    norm : RMSNorm
        The norm whose weight this one uses.
    """

    def __init__(self, norm: RMSNorm) -> None:
        nn.Module.__init__(self)
        self.epsilon, self.weight = norm.epsilon, norm.weight

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalized vectors."""
        return functional.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.epsilon)


def match_norms(model: nn.Module) -> None:
    """Put a `MatchedRMSNorm` with the same weight in the place of every RMS norm of the course, in place."""
    for parent in model.modules():
        for name, layer in parent.named_children():
            if type(layer) is RMSNorm:
                setattr(parent, name, MatchedRMSNorm(layer))
