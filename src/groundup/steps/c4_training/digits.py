"""The digit recognizer: takes the pixels of a picture, returns one score per digit.

    784 pixels → linear → 512 nodes → ReLU → dropout 0.2 → linear → 10 scores

The scores are logits: cross-entropy applies a softmax to turn them into probabilities. With ``head="sigmoid"`` the
network first maps each score into (0, 1). The softmax of cross-entropy then gets numbers between 0 and 1, and the loss
cannot fall below ln(1 + 9/e) ≈ 1.461 for ten classes; docs/sigmoid.md shows the consequences.
"""

from __future__ import annotations

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from groundup.steps.c3_networks.activation import sigmoid
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c4_training.linear import Linear

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "network": "tests/steps/c4_training/test_network.py::test_digit_network_without_dropout_is_a_network",
}


class DigitNetwork(nn.Module):
    """Two linear layers with a ReLU and dropout between them.

    Parameters
    ----------
    features : int
        The number of pixels per picture.
    hidden : int
        The number of nodes in the hidden layer.
    classes : int
        C, the number of classes.
    dropout : float
        The probability that a hidden node is dropped in training.
    head : {"logits", "sigmoid"}
        The output: the scores themselves, or their sigmoid, in (0, 1).

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
        """Return one score per class.

        Parameters
        ----------
        images : Tensor
            Pixels, one row per picture.
        """
        hidden = self.relu(self.first_linear(images))
        scores = self.second_linear(self.drop(hidden))
        return sigmoid(scores) if self.head == "sigmoid" else scores
