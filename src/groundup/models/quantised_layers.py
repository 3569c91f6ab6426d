"""Layers whose weights are int8, for models that are used and not trained.

A model that writes reads each weight once per token, so the time of a token is the time in which its weights come from
memory: with 8 bits in place of 32 they come faster. `multiply` chooses between two ways:

* few rows, on a CPU: PyTorch's kernel for int8 weights. It reads the weights as they are, and rounds the input and the
  sums to bfloat16, as inference in bfloat16 does;
* many rows (a prompt, a text to measure): the weights are converted to the input's dtype, which costs little beside the
  product, and nothing else is rounded.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int, Int8
from torch import Tensor, nn

from groundup.steps.c4_training.linear import Linear
from groundup.steps.c5_words.embedding import Embedding
from groundup.steps.c7_beyond.quantisation import quantise

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "quantisation": "tests/models/test_quantised_layers.py::test_the_layer_is_the_step",
}
# Up to so many rows the kernel for int8 is faster than to convert the weights: benchmarks/quantisation.py measures it.
MOST_ROWS = 16


def multiply(
    x: Float[Tensor, "*batch feature"],
    numbers: Int8[Tensor, "node feature"],
    scales: Float[Tensor, " node"],
    bias: Float[Tensor, " node"] | None = None,
) -> Float[Tensor, "*batch node"]:
    """Return what `groundup.steps.c7_beyond.quantisation.quantised_linear` does, in the faster of two ways."""
    rows = x.reshape(-1, x.shape[-1])
    if len(rows) <= MOST_ROWS and _fits_kernel(x, numbers):
        # The kernel multiplies scales of 8 bits; ours are more exact, and are multiplied afterwards.
        ones = torch.ones((), dtype=torch.bfloat16).expand(len(numbers)).contiguous()
        y = torch.ops.aten._weight_int8pack_mm(rows.bfloat16(), numbers, ones) * scales
    else:
        y = rows @ numbers.to(x.dtype).T * scales
    if bias is not None:
        y = y + bias
    return y.view(*x.shape[:-1], len(numbers))


def _fits_kernel(x: Tensor, numbers: Tensor) -> bool:
    # The kernel loads aligned vectors of 16 and, on some processors, 32 numbers: rows of another length crash it.
    aligned = numbers.shape[1] % 32 == 0 and numbers.data_ptr() % 32 == 0 and numbers.is_contiguous()
    return aligned and x.device.type == "cpu" and x.dtype == torch.float32


class QuantisedLinear(nn.Module):
    """A linear layer with int8 weights.

    Parameters
    ----------
    numbers : Tensor of int8, shape (nodes, features)
        As of `groundup.steps.c7_beyond.quantisation.quantise`.
    scales : Tensor, shape (nodes,)
        Likewise.
    bias : Tensor, shape (nodes,), optional
        What each node adds.
    """

    numbers: Tensor
    scales: Tensor
    bias: Tensor | None

    def __init__(self, numbers: Tensor, scales: Tensor, bias: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("numbers", numbers)
        self.register_buffer("scales", scales)
        self.register_buffer("bias", bias)

    def forward(self, x: Float[Tensor, "*batch feature"]) -> Float[Tensor, "*batch node"]:
        """Return every node's weighted sum plus its bias."""
        return multiply(x, self.numbers, self.scales, self.bias)


class QuantisedEmbedding(nn.Module):
    """An embedding with int8 vectors; parameters as of `QuantisedLinear`, a row per word."""

    numbers: Tensor
    scales: Tensor

    def __init__(self, numbers: Tensor, scales: Tensor) -> None:
        super().__init__()
        self.register_buffer("numbers", numbers)
        self.register_buffer("scales", scales)

    def forward(self, words: Int[Tensor, "*batch"]) -> Float[Tensor, "*batch channel"]:
        """Return each word's vector."""
        return self.numbers[words] * self.scales[words, None]


@torch.no_grad()
def quantise_layers(model: nn.Module, empty: bool = False) -> None:
    """Replace every linear layer and every embedding of a model by a quantised one, in place.

    Parameters
    ----------
    model : nn.Module
        Made of the course's layers. A matrix that two layers share is quantised once, and stays shared.
    empty : bool
        Leave the contents undefined: they will be loaded.
    """
    known: dict[int, tuple[Tensor, Tensor]] = {}
    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            if type(layer) not in (Linear, Embedding):
                continue
            weight = layer.weight
            assert isinstance(weight, Tensor)
            if id(weight) not in known:
                blank = torch.empty_like(weight, dtype=torch.int8), torch.empty_like(weight[:, 0])
                known[id(weight)] = blank if empty else quantise(weight.detach())
            pair = known[id(weight)]
            if isinstance(layer, Linear):
                bias = None if layer.bias is None else layer.bias.detach()
                setattr(parent, name, QuantisedLinear(*pair, bias))
            else:
                setattr(parent, name, QuantisedEmbedding(*pair))
