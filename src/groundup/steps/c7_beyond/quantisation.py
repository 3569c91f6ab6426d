r"""Quantisation: weights as whole numbers of n bits, usually 8, with one scale per row.

.. math:: s_i = \frac{\max_j |w_{ij}|}{2^{n-1} - 1}, \qquad
          q_{ij} = \mathrm{round}\left(\frac{w_{ij}}{s_i}\right), \qquad w_{ij} \approx s_i q_{ij}

With 8 bits the divisor is 127. A weight of 32 bits becomes one of 8 bits, so the model's file is a quarter as large.
Rounding changes w/s by at most 1/2, so no weight changes by more than half a scale:

.. math:: |w_{ij} - s_i q_{ij}| \le \frac{s_i}{2}

Each row has a scale of its own, because otherwise one large weight would make the steps coarse for all rows. In a
linear layer the scale belongs to the node, so it is multiplied in once, after the sum over the inputs:

.. math:: y_i = s_i \sum_j q_{ij} x_j + b_i

The range −127 … 127 leaves −128 out, so that w and −w become q and −q. (Jacob et al., "Quantization and training of
neural networks for efficient integer-arithmetic-only inference", 2018; one scale per row as in Dettmers et al.,
"LLM.int8()", 2022, section 2.)
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int8
from torch import Tensor


def quantise(
    weight: Float[Tensor, "node feature"], bits: int = 8
) -> tuple[Int8[Tensor, "node feature"], Float[Tensor, " node"]]:
    """Return a matrix as whole numbers and a scale per row.

    Parameters
    ----------
    weight : Tensor, shape (nodes, features)
        Finite numbers; not changed.
    bits : int
        How many bits a whole number may take, from 2 to 8.

    Returns
    -------
    numbers : Tensor of int8, shape (nodes, features)
        From −127 to 127 with 8 bits, from −7 to 7 with 4. Fewer bits are stored as int8, too.
    scales : Tensor, shape (nodes,)
        In the dtype of the weights. A row of zeros has the scale 0.

    Examples
    --------
    >>> numbers, scales = quantise(torch.tensor([[1.27, -0.5, 0.004], [0.0, 0.0, 0.0]]))
    >>> numbers.tolist()
    [[127, -50, 0], [0, 0, 0]]
    >>> [round(scale, 4) for scale in scales.tolist()]
    [0.01, 0.0]
    """
    largest = 2 ** (bits - 1) - 1
    scales = weight.abs().amax(dim=1) / largest
    # A row of zeros stays one: it is divided by 1 in place of its scale.
    divisors = torch.where(scales > 0, scales, 1.0)
    return torch.round(weight / divisors[:, None]).to(torch.int8), scales


def dequantise(numbers: Int8[Tensor, "node feature"], scales: Float[Tensor, " node"]) -> Float[Tensor, "node feature"]:
    """Return the weights that the whole numbers stand for, in the dtype of the scales.

    Examples
    --------
    >>> dequantise(torch.tensor([[2, -4]], dtype=torch.int8), torch.tensor([0.5]))
    tensor([[ 1., -2.]])
    """
    return numbers * scales[:, None]


def quantised_linear(
    x: Float[Tensor, "*batch feature"],
    numbers: Int8[Tensor, "node feature"],
    scales: Float[Tensor, " node"],
    bias: Float[Tensor, " node"] | None = None,
) -> Float[Tensor, "*batch node"]:
    """Return a linear layer's output from its quantised weights; each scale is multiplied once per node.

    Examples
    --------
    >>> numbers = torch.tensor([[2, -4]], dtype=torch.int8)
    >>> quantised_linear(torch.tensor([[1.0, 0.25]]), numbers, torch.tensor([0.5]), torch.tensor([10.0]))
    tensor([[10.5000]])
    """
    y = x @ numbers.to(x.dtype).T * scales
    return y if bias is None else y + bias
