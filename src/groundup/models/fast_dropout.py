"""Dropout whose mask costs a quarter of the random numbers: 16 bits decide a node.

Random numbers are the main cost of dropout on a CPU. One 64-bit random number decides four nodes here, which is several
times faster than one random number per node. The probability is exact to within 1/131072. The mask is another one than
that of `groundup.steps.c4_training.dropout` for the same seed; for the same mask, the values are the same.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from groundup.steps.c4_training.dropout import Dropout

LEVELS = 2**16

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "dropout": "tests/models/test_fast_dropout.py::test_it_is_the_dropout_of_the_course",
}


def draw_mask(like: Tensor, p: float) -> Tensor:
    """Draw which nodes are kept: True with probability ``1 - p``, independently for each node.

    Parameters
    ----------
    like : Tensor
        A tensor with the mask's shape and device. The bits come from torch's global generator, which
        ``torch.manual_seed`` sets.
    p : float
        The probability that a node is dropped.

    Returns
    -------
    Tensor of bool
    """
    count = like.numel()
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=like.device).random_(-(2**63), None)
    levels = words.view(torch.int16)[:count].view(like.shape)
    return levels >= round(p * LEVELS) - LEVELS // 2


class FastDropout(Dropout):
    """The course's dropout layer with `draw_mask`."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x`` with nodes dropped at random in training, and unchanged in evaluation."""
        if not self.training or self.p == 0:
            return x
        return x * draw_mask(x, self.p) * (1 / (1 - self.p)) if self.p < 1 else x * 0


def use_fast_dropout(model: nn.Module) -> None:
    """Put a `FastDropout` in the place of every dropout layer of the course, in place.

    Examples
    --------
    >>> model = nn.Sequential(Dropout(0.2))
    >>> use_fast_dropout(model)
    >>> model
    Sequential(
      (0): FastDropout(p=0.2)
    )
    """
    for parent in model.modules():
        for name, layer in parent.named_children():
            if type(layer) is Dropout:
                setattr(parent, name, FastDropout(layer.p).train(layer.training))
