r"""Where a token stands, told to a network that has no order of its own.

Attention is a weighted average, and an average does not care for order. (A causal mask lets several blocks find out
something of it, one block nothing.) Two ways to tell it:

*Sinusoidal* (Vaswani et al., "Attention is all you need", 2017, section 3.5) adds to the embedding at place p

.. math:: P_{p,2i} = \sin(p / 10000^{2i/d}), \qquad P_{p,2i+1} = \cos(p / 10000^{2i/d})

*Rotary* (Su et al., "RoFormer", 2021, equation 34) turns each pair of channels of a query or key by the angle
p·θᵢ, θᵢ = base^(−2i/d). Turning both by their own place leaves in their dot product only the difference of the
places. The pairs are channels i and i + d/2, the layout of Llama and Qwen checkpoints (RoFormer's own pairs are
neighbours; the two differ by a fixed reordering of channels, so weights trained with one do not fit the other).
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def sinusoidal_positions(time: int, channel: int, base: float = 10000.0) -> Float[Tensor, "time channel"]:
    """Return the table of sinusoidal positions.

    Parameters
    ----------
    time : int
        How many places.
    channel : int
        The width of the table, an even number.
    base : float
        The slowest wave turns once in ``2π · base^((channel - 2) / channel)`` places, which is nearly ``2π · base`` in
        wide tables.

    Examples
    --------
    >>> sinusoidal_positions(2, 4)[1]
    tensor([0.8415, 0.5403, 0.0100, 0.9999])
    """
    if channel % 2:
        raise ValueError(f"sines and cosines come in pairs: the width must be even, not {channel}")
    angles = place_angles(torch.arange(time), channel, base)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def place_angles(places: Int[Tensor, " time"], channel: int, base: float) -> Float[Tensor, "time half"]:
    """Return p·θᵢ in radians for each place p and each pair of channels i."""
    rates = 1.0 / base ** (torch.arange(0, channel, 2, dtype=torch.float32, device=places.device) / channel)
    return places[:, None].float() * rates


def rotary_table(time: int, channel: int, base: float = 10000.0) -> tuple[Tensor, Tensor]:
    """Return cosines and sines of the rotary angles, each ``[time, channel]``, both halves alike."""
    angles = place_angles(torch.arange(time), channel, base)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def rotate(
    x: Float[Tensor, "*batch time channel"],
    cosines: Float[Tensor, "time channel"],
    sines: Float[Tensor, "time channel"],
) -> Float[Tensor, "*batch time channel"]:
    """Turn the pairs of channels (i, i + d/2) of each vector by its place's angles.

    Examples
    --------
    >>> import torch

    A quarter turn takes the pair (1, 0) to (0, 1):

    >>> rotate(torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2), torch.ones(1, 2))
    tensor([[0., 1.]])
    """
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat([-second, first], dim=-1) * sines
