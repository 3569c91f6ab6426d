"""Initialisation: the sizes are PyTorch's, and a signal keeps its power under Kaiming and loses half under Xavier."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from groundup.steps.c4_training import initialisation as step

fans = st.integers(1, 40)


@given(fans, fans)
def test_draws_are_those_of_pytorch(fan_in, fan_out):
    weights = torch.empty(fan_out, fan_in)
    torch.manual_seed(3)
    nn.init.xavier_normal_(weights)
    torch.manual_seed(3)
    torch.testing.assert_close(step.xavier_init(fan_in, fan_out), weights)
    torch.manual_seed(3)
    nn.init.kaiming_normal_(weights, nonlinearity="relu")
    torch.manual_seed(3)
    torch.testing.assert_close(step.kaiming_init(fan_in, fan_out), weights)


@given(fans, fans)
def test_deviations_meet_in_a_square_layer_without_the_relu(fan_in, fan_out):
    assert step.xavier_deviation(fan_in, fan_out) == step.xavier_deviation(fan_out, fan_in)
    assert step.kaiming_deviation(fan_in) == pytest.approx(math.sqrt(2) * step.xavier_deviation(fan_in, fan_in))


@pytest.mark.parametrize(
    ("init_type", "growth"), [("kaiming", 1.0), ("xavier", math.sqrt(0.5)), ("random", math.sqrt(1000 / 2))]
)
def test_signal_grows_layer_by_layer_as_the_formula_says(init_type, growth):
    torch.manual_seed(1)
    spreads = step.check_activations(6, 1000, 1000, init_type)
    # What a ReLU leaves of a normal number of deviation 1 has the variance 1/2 - 1/(2π).
    first = math.sqrt(2) * math.sqrt(0.5 - 0.5 / math.pi) * growth
    for layer, spread in enumerate(spreads):
        assert spread == pytest.approx(first * growth**layer, rel=0.2)


def test_spread_counts_every_activation_behind_the_relu():
    x = torch.randn(5, 3, dtype=torch.float64)
    weights = [torch.randn(4, 3, dtype=torch.float64), torch.randn(6, 4, dtype=torch.float64)]
    layers = [nn.Sequential(nn.Linear(*W.T.shape, bias=False, dtype=torch.float64), nn.ReLU()) for W in weights]
    for W, layer in zip(weights, layers, strict=True):
        layer[0].weight.data = W
    expected = [layers[0](x).std().item(), layers[1](layers[0](x)).std().item()]
    assert step.measure_spread(x, weights) == pytest.approx(expected, rel=1e-12)


def test_no_layers_and_unknown_names():
    assert step.check_activations(0, 3, 3, "xavier") == []
    with pytest.raises(ValueError, match="'he': not one of xavier, kaiming, random"):
        step.check_activations(1, 3, 3, "he")
