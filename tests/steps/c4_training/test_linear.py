"""The linear layer is the function, and begins with the weights that PyTorch's layer begins with."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from groundup.steps.c4_training.linear import Linear, linear

sizes = st.integers(1, 400)


@given(sizes, sizes, st.booleans(), st.integers(0, 2**31))
def test_it_begins_as_that_of_pytorch(features, nodes, bias, seed):
    torch.manual_seed(seed)
    ours = Linear(features, nodes, bias)
    torch.manual_seed(seed)
    theirs = nn.Linear(features, nodes, bias)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, weight in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], weight)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 4, 3)])
def test_the_layer_is_the_function(shape):
    layer = Linear(3, 5).double()
    x = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(layer(x), linear(x, layer.weight, layer.bias))
