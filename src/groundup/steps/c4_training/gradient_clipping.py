"""Gradient clipping: gradients that are too long together are shortened, and keep their direction.

    norm   = √(Σ g²)                                  over every number of every gradient
    factor = min(1, longest / (norm + ε))             ε = 10⁻⁶ keeps the division defined where all are 0
    g      ← factor · g

One unusual batch can have a gradient a thousand times as long as others, and one such step undoes what was learned. All
gradients are multiplied by the same factor, so the step goes where it would have gone, only less far.
`torch.nn.utils.clip_grad_norm_` does it in place, and so do the jobs.
Source: R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training recurrent neural networks" (2013).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

EPSILON = 1e-6


def clip_gradients(gradients: Sequence[Tensor], longest: float) -> tuple[list[Tensor], float]:
    """Shorten gradients to a largest length, all by the same factor.

    Parameters
    ----------
    gradients : sequence of Tensor of float, of any shapes
        The gradient of each weight tensor; at least one. They are not changed.
    longest : float
        The largest length of all of them together, above 0.

    Returns
    -------
    clipped : list of Tensor
        The gradients, of the same shapes.
    norm : float
        How long they were before.

    Examples
    --------
    >>> clipped, norm = clip_gradients([torch.tensor([3.0]), torch.tensor([4.0])], 1.0)
    >>> [round(one.item(), 4) for one in clipped], norm
    ([0.6, 0.8], 5.0)
    """
    norm = torch.stack([(gradient**2).sum() for gradient in gradients]).sum().sqrt().item()
    factor = min(1.0, longest / (norm + EPSILON))
    return [factor * gradient for gradient in gradients], norm
