"""The digit recogniser: a picture's pixels in, a score for each of the ten digits out.

    784 pixels → linear → 512 nodes → ReLU → dropout 0.2 → linear → 10 scores

The scores are logits: cross-entropy turns them into probabilities by a softmax of its own. With ``head="sigmoid"``
the network squashes them to (0, 1) first, as the course has it; a cross-entropy on top then squashes twice, and can
never fall below ln(1 + 9/e) ≈ 1.461 for ten classes: see docs/sigmoid.md for what that costs.
"""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c3_networks.activation import sigmoid
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear

# Steps that this computes by other means, and the tests that hold the two equal.
EQUALS = {
    "network": "tests/steps/c4_training/test_network.py::test_digit_network_without_dropout_is_a_network",
}


class DigitNetwork(nn.Module):
    """Two linear layers with a ReLU and dropout between them.

    Parameters
    ----------
    features : int
        Pixels of a picture.
    hidden : int
        Nodes of the hidden layer.
    classes : int
        How many different answers.
    dropout : float
        The probability that a hidden node is off in training.
    head : {"logits", "sigmoid"}
        What comes out: scores as they are, or squashed to (0, 1).

    Examples
    --------
    >>> import torch
    >>> DigitNetwork()(torch.zeros(2, 784)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        features: int = 784,
        hidden: int = 512,
        classes: int = 10,
        dropout: float = 0.2,
        head: Literal["logits", "sigmoid"] = "logits",
    ) -> None:
        super().__init__()
        self.first_linear = Linear(features, hidden)
        self.relu = nn.ReLU()
        self.drop = Dropout(dropout)
        self.second_linear = Linear(hidden, classes)
        self.head = head

    def forward(self, images: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch class"]:
        """Return a score for every class.

        Parameters
        ----------
        images : Tensor
            Pixels, a row a picture.
        """
        hidden = self.relu(self.first_linear(images))
        scores = self.second_linear(self.drop(hidden))
        return sigmoid(scores) if self.head == "sigmoid" else scores
