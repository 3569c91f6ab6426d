r"""A convolutional digit recognizer: the same few weights (a filter) are applied at every position of a picture.

.. math:: y_{o,r,c} = b_o + \sum_{i,u,v} W_{o,i,u,v}\; x_{i,\,r+u,\,c+v}

Here o is the output channel, r and c the row and column, i the input channel, u and v the position in the filter. A
linear layer must learn the same pattern separately at every position; a convolution shares its weights between all
positions (LeCun et al., "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86, 1998).
Max-pooling keeps the largest of each 2 × 2 outputs, so a slightly shifted digit gives similar results; LeCun et al.
averaged instead.

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
        The number of filters in the first convolution; the other two have twice as many.
    hidden : int
        The number of nodes in the hidden layer.
    classes : int
        C, the number of classes.
    dropout : float
        The probability that a hidden node is dropped in training.
    side : int
        Height and width of a picture in pixels, at least 8.

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
        """Return one score (logit) per class.

        Parameters
        ----------
        images : Tensor
            Pixels, one row per picture; a picture's lines follow each other from top to bottom.
        """
        maps = images.view(-1, 1, self.side, self.side)
        # Convolutions on a CPU are fastest if the channels of a pixel are next to each other in memory.
        maps = maps.contiguous(memory_format=torch.channels_last)
        for convolution in (self.first, self.second, self.third):
            maps = functional.max_pool2d(torch.relu(convolution(maps)), 2)
        hidden = torch.relu(self.first_linear(maps.flatten(1)))
        return self.second_linear(self.drop(hidden))
