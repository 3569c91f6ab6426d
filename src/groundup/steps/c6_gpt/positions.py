r"""Positional encoding: numbers that represent the position of each token, because attention alone ignores order.

Attention is a weighted average, and an average does not depend on the order of its terms. (With a causal mask, a stack
of several blocks can learn something about the order; a single block cannot.) This file has two methods.

*Sinusoidal* (Vaswani et al., "Attention is all you need", 2017, section 3.5) adds a vector to the embedding at
position p:

.. math:: P_{p,2i} = \sin(p / 10000^{2i/C}), \qquad P_{p,2i+1} = \cos(p / 10000^{2i/C})

*Rotary* (Su et al., "RoFormer", 2021, equation 34) rotates each pair of channels of a query or key by the angle p·θᵢ,
where θᵢ = base^(−2i/d) and d is the head width. When a query and a key are rotated in this way, their dot product
depends only on the difference of their positions. The pairs are channels i and i + d/2, as in checkpoints of Llama and
Qwen. RoFormer itself pairs neighboring channels; the two layouts differ by a fixed reordering of the channels, so
weights trained with one do not work with the other.

*Scaled rotary* positions let a trained model see farther than the L positions of its training: slow rotations, which
never came round once, become slower still. Pair i comes round L·θᵢ/2π times in L positions. From how often it does,
the share gᵢ of its rate that stays is computed (Llama 3.1, 2024, ``apply_scaling`` in Meta's published model code):

.. math:: g_i = \text{clip}\left(\frac{L\theta_i/2\pi - \text{low}}{\text{high} - \text{low}}, 0, 1\right), \qquad
          \theta_i' = \theta_i \left(g_i + \frac{1 - g_i}{\text{factor}}\right)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


def sinusoidal_positions(time: int, channel: int, base: float = 10000.0) -> Float[Tensor, "time channel"]:
    """Return the table of sinusoidal positions.

    Parameters
    ----------
    time : int
        T, the number of positions.
    channel : int
        C, the width of the table, an even number.
    base : float
        The slowest wave has a period of ``2π · base^((channel - 2) / channel)`` positions, which is nearly
        ``2π · base`` for a large width.

    Examples
    --------
    >>> sinusoidal_positions(2, 4)[1]
    tensor([0.8415, 0.5403, 0.0100, 0.9999])
    """
    if channel % 2:
        raise ValueError(f"sines and cosines come in pairs: the width must be even, not {channel}")
    angles = place_angles(torch.arange(time), channel, base)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


@dataclass(frozen=True)
class RotaryScaling:
    """How slow rotary angles are slowed down further.

    Attributes
    ----------
    factor : float
        What the rates of the slowest pairs are divided by.
    low, high : float
        A pair that comes round at most ``low`` times in ``context`` positions is slowed by ``factor``; one that comes
        round at least ``high`` times is not slowed.
    context : int
        L, the positions that the model was first trained with.
    """

    factor: float
    low: float
    high: float
    context: int


def slow_rates(rates: Float[Tensor, " half"], scaling: RotaryScaling) -> Float[Tensor, " half"]:
    """Return θᵢ′, the scaled rate of each pair of channels.

    Examples
    --------
    >>> rates = torch.tensor([1.0, 0.001])
    >>> slow_rates(rates, RotaryScaling(factor=8.0, low=1.0, high=4.0, context=4096))
    tensor([1.0000e+00, 1.2500e-04])
    """
    rounds = scaling.context * rates / (2 * math.pi)
    kept = ((rounds - scaling.low) / (scaling.high - scaling.low)).clamp(0, 1)
    return rates * (kept + (1 - kept) / scaling.factor)


def place_angles(
    places: Int[Tensor, " time"], channel: int, base: float, scaling: RotaryScaling | None = None
) -> Float[Tensor, "time half"]:
    """Return p·θᵢ in radians for each position p and each pair of channels i."""
    rates = 1.0 / base ** (torch.arange(0, channel, 2, dtype=torch.float32, device=places.device) / channel)
    if scaling is not None:
        rates = slow_rates(rates, scaling)
    return places[:, None].float() * rates


def rotary_table(
    time: int, channel: int, base: float = 10000.0, scaling: RotaryScaling | None = None
) -> tuple[Tensor, Tensor]:
    """Return cosines and sines of the rotary angles, each T×d; both halves of the channels are the same."""
    angles = place_angles(torch.arange(time), channel, base, scaling)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def rotate(
    x: Float[Tensor, "*batch time channel"],
    cosines: Float[Tensor, "time channel"],
    sines: Float[Tensor, "time channel"],
) -> Float[Tensor, "*batch time channel"]:
    """Rotate the pairs of channels (i, i + d/2) of each vector by the angles of its position.

    Examples
    --------
    >>> import torch

    A rotation by 90° turns the pair (1, 0) into (0, 1):

    >>> rotate(torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2), torch.ones(1, 2))
    tensor([[0., 1.]])
    """
    first, second = x.chunk(2, dim=-1)
    return x * cosines + torch.cat([-second, first], dim=-1) * sines
