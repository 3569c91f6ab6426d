r"""A convolutional digit recogniser: the same small detector looks at every place of the picture.

.. math:: y_{o,r,c} = b_o + \sum_{i,u,v} W_{o,i,u,v}\; x_{i,\,r+u,\,c+v}

A dense layer must learn a stroke anew at every place; a convolution shares one set of weights over all of them (LeCun
et al., "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86, 1998). Max-pooling keeps
the strongest answer of each 2 × 2 places, so that a shifted digit looks much the same; LeCun et al. averaged there.

    28 × 28 → 5 × 5 convolution, pool → 3 × 3 convolution, pool → 3 × 3 convolution, pool → linear → 10 scores
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from groundup.steps.c4_training.dropout import Dropout


class ConvolutionalNetwork(nn.Module):
    """Three convolutions with pooling, then two linear layers with a ReLU and dropout between them.

    Parameters
    ----------
    channels : int
        Detectors in the first convolution; the others have twice as many.
    hidden : int
        Nodes of the hidden layer.
    classes : int
        How many different answers.
    dropout : float
        The probability that a hidden node is off in training.
    side : int
        Height and width of a picture, at least 8 pixels.

    Examples
    --------
    >>> ConvolutionalNetwork()(torch.zeros(2, 784)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self, channels: int = 16, hidden: int = 128, classes: int = 10, dropout: float = 0.2, side: int = 28
    ) -> None:
        super().__init__()
        self.side = side
        self.first = nn.Conv2d(1, channels, 5, padding=2)
        self.second = nn.Conv2d(channels, 2 * channels, 3, padding=1)
        self.third = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1)
        self.first_linear = nn.Linear(2 * channels * (side // 8) ** 2, hidden)
        self.drop = Dropout(dropout)
        self.second_linear = nn.Linear(hidden, classes)

    def forward(self, images: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch class"]:
        """Return a score (logit) for every class.

        Parameters
        ----------
        images : Tensor
            Pixels, a row a picture, line after line from the top.
        """
        maps = images.view(-1, 1, self.side, self.side)
        # A pixel's channels side by side in memory: what the processor's convolutions read fastest.
        maps = maps.contiguous(memory_format=torch.channels_last)
        for convolution in (self.first, self.second, self.third):
            maps = functional.max_pool2d(torch.relu(convolution(maps)), 2)
        hidden = torch.relu(self.first_linear(maps.flatten(1)))
        return self.second_linear(self.drop(hidden))
