r"""Perplexity and bits per character: two forms of a language model's loss on a text.

A text is measured in windows. Window w has T_w predicted tokens, and the sum of their losses −log p is S_w, in nats.

.. math:: L = \frac{\sum_w S_w}{\sum_w T_w}, \qquad \mathrm{perplexity} = e^L,
   \qquad \mathrm{bits} = \frac{\sum_w S_w}{\log 2 \cdot C}

The last window of a text is often shorter than the others, so L is not the mean of the windows' means: each token is
counted once. A perplexity of 10 means that the model is as uncertain as if it had to choose among 10 equally likely
tokens (Jelinek et al., "Perplexity: a measure of the difficulty of speech recognition tasks", 1977). Models with
different tokens are compared by the bits per character, where C is the number of characters: 1 bit is log 2 nats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

# e to a larger power overflows.
LARGEST_EXPONENT = 700.0


def average_loss(sums: Sequence[float], counts: Sequence[int]) -> float:
    """Return the mean loss per token.

    Parameters
    ----------
    sums : sequence of float
        The sum of the losses of each window, in nats.
    counts : sequence of int
        The number of predicted tokens of each window, at least 1 in all.

    Examples
    --------
    >>> average_loss([6.0, 1.0], [3, 1])
    1.75
    """
    return math.fsum(sums) / sum(counts)


def measure_perplexity(loss: float) -> float:
    """Return e to the power of the mean loss per token in nats.

    Examples
    --------
    >>> round(measure_perplexity(math.log(10)), 6)
    10.0
    """
    return math.exp(min(loss, LARGEST_EXPONENT))


def measure_bits(sums: Sequence[float], characters: int) -> float:
    """Return the bits per character of a text of so many characters.

    Examples
    --------
    >>> round(measure_bits([2 * math.log(2), math.log(2)], characters=6), 6)
    0.5
    """
    return math.fsum(sums) / math.log(2) / characters
