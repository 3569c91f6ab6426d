"""What the lessons say in words, held against the steps' own code."""

import numpy as np
import pytest
import torch
from torch import nn

from groundup.steps.c3_networks.neuron import differentiate_neuron, neuron
from groundup.steps.c4_training.diagnostics import compute_activation_stats, compute_gradient_stats, diagnose
from groundup.steps.c4_training.initialisation import kaiming_init, xavier_init


def send_signal(first, bend, layers=15, width=128):
    torch.manual_seed(0)
    model = nn.Sequential()
    for _ in range(layers):
        linear = nn.Linear(width, width, bias=False)
        linear.weight.data = first(width, width)
        model.extend([linear, bend()])
    x = torch.randn(256, width)
    return compute_activation_stats(model, x), compute_gradient_stats(model, x, torch.randn(256, width))


def test_large_weights_under_tanh_make_slopes_explode_though_the_spread_looks_steady():
    activations, slopes = send_signal(lambda i, o: torch.randn(o, i), nn.Tanh)
    assert diagnose(activations, slopes) == "exploding_gradients"
    assert activations[-1]["std"] == pytest.approx(activations[0]["std"], rel=0.1)
    assert slopes[0]["norm"] > 1000 * slopes[-1]["norm"]


def test_kaiming_carries_a_signal_through_forty_relus_and_xavier_loses_half_of_the_square_at_each():
    assert diagnose(*send_signal(kaiming_init, nn.ReLU, 40)) == "healthy"
    activations, _ = send_signal(xavier_init, nn.ReLU, 40)
    kept = (activations[-1]["std"] / activations[0]["std"]) ** (2 / 39)
    assert kept == pytest.approx(0.5, abs=0.05)


def test_weights_of_zero_never_move():
    for bend in (nn.ReLU, nn.Tanh):
        activations, slopes = send_signal(lambda i, o: torch.zeros(o, i), bend)
        assert all(layer["std"] == layer["mean"] == 0 for layer in activations)
        assert all(layer["norm"] == 0 for layer in slopes)


def test_equal_weights_learn_but_the_nodes_of_a_hidden_layer_stay_copies():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)).double()
    for weights in model.parameters():
        weights.data.fill_(0.1)
    x, y = torch.randn(16, 3).double(), torch.randn(16, 2).double()
    for _ in range(20):
        model.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        for weights in model.parameters():
            weights.data -= 0.1 * weights.grad
    for layer in (model[0], model[2]):
        assert torch.allclose(layer.weight, layer.weight[:1].expand_as(layer.weight), atol=1e-12)
    assert model[0].weight[0].std() > 0.001
    assert not torch.allclose(model[4].weight[0], model[4].weight[1])


def test_sizes_grow_with_the_inputs_forwards_and_with_the_nodes_on_the_way_back():
    torch.manual_seed(0)
    inputs, nodes, spread = 400, 100, 0.3
    weights = spread * torch.randn(nodes, inputs)
    # Not centred on 0: what counts is the mean square.
    x, slopes = torch.rand(2000, inputs), torch.randn(2000, nodes)
    assert measure_size(x @ weights.T) == pytest.approx(spread * inputs**0.5 * measure_size(x), rel=0.1)
    assert measure_size(slopes @ weights) == pytest.approx(spread * nodes**0.5 * measure_size(slopes), rel=0.05)


def measure_size(numbers):
    return numbers.square().mean().sqrt().item()


@pytest.mark.parametrize("weights", [[0.5, -0.5], [0.5, 0.0], [4.0, 0.1]])
def test_a_weight_is_answerable_for_its_input_and_not_for_what_it_adds_now(weights):
    slopes, _ = differentiate_neuron(np.array([1.0, 2.0]), np.array(weights), 0.1, 1.0)
    assert slopes[1] == pytest.approx(2 * slopes[0])


def test_a_second_weight_of_four_saturates_the_neuron():
    prediction = neuron(np.array([1.0, 2.0]), np.array([0.5, 4.0]), 0.1)
    assert prediction * (1 - prediction) < 0.02
