"""Diagnostics: the figures are those of the layers run one by one, and each threshold is where it is said to be."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from groundup.steps.c4_training import diagnostics as step
from groundup.steps.c4_training.network import Network

seeds = st.integers(0, 2**32 - 1)


def make_model(seed, inplace=False):
    torch.manual_seed(seed)
    layers = [nn.Linear(3, 5), nn.ReLU(inplace), nn.Linear(5, 4), nn.ReLU(inplace), nn.Linear(4, 2)]
    return nn.Sequential(*layers).double()


def act(mean=0.0, std=1.0, dead=0.0):
    return {"mean": mean, "std": std, "dead_fraction": dead}


def slope(norm=1.0):
    return {"mean": 0.0, "std": 1.0, "norm": norm}


@given(seeds, st.integers(1, 6), st.booleans())
def test_activation_figures_are_those_of_the_layers_run_by_hand(seed, rows, inplace):
    model = make_model(seed, inplace)
    x = torch.randn(rows, 3, dtype=torch.float64)
    first = functional.linear(x, model[0].weight, model[0].bias)
    second = functional.linear(first.relu(), model[2].weight, model[2].bias)
    third = functional.linear(second.relu(), model[4].weight, model[4].bias)
    found = step.compute_activation_stats(model, x)
    for figures, a in zip(found, [first, second, third], strict=True):
        assert figures["mean"] == pytest.approx(a.mean().item(), rel=1e-9, abs=1e-12)
        assert figures["std"] == pytest.approx(a.std().item(), rel=1e-9)
        dead = sum(all(value <= 0 for value in column) for column in a.T.tolist())
        assert figures["dead_fraction"] == pytest.approx(dead / a.shape[1])
    assert step.detect_dead_neurons(model, x) == pytest.approx([figures["dead_fraction"] for figures in found[:2]])


@given(seeds, st.integers(1, 6))
def test_gradient_figures_are_those_of_backward(seed, rows):
    model = make_model(seed)
    x, y = torch.randn(rows, 3, dtype=torch.float64), torch.randn(rows, 2, dtype=torch.float64)
    model[0].weight.grad = torch.ones_like(model[0].weight)
    found = step.compute_gradient_stats(model, x, y)
    assert torch.equal(model[0].weight.grad, torch.ones_like(model[0].weight))
    assert model[2].weight.grad is None
    model.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    for figures, layer in zip(found, [model[0], model[2], model[4]], strict=True):
        gradient = layer.weight.grad
        expected = {"mean": gradient.mean(), "std": gradient.std(), "norm": gradient.square().sum().sqrt()}
        assert figures == pytest.approx({name: value.item() for name, value in expected.items()}, rel=1e-9, abs=1e-15)


def test_layers_of_the_course_count_and_hooks_are_gone_afterwards():
    model = Network([4, 6, 6, 2])
    x = torch.randn(8, 4)
    assert len(step.compute_activation_stats(model, x)) == 3
    assert len(step.compute_gradient_stats(model, x, torch.zeros(8, 2))) == 3
    assert not any(layer._forward_hooks for layer in model.modules())


def test_a_node_awake_for_one_example_is_not_dead():
    model = nn.Sequential(nn.ReLU(), nn.ReLU())
    x = torch.tensor([[[1.0, -1.0], [-1.0, 0.0]], [[-1.0, -1.0], [-1.0, -1.0]]])
    assert step.detect_dead_neurons(model, x) == [0.5, 0.5]
    assert step.detect_dead_neurons(model, x[1]) == [1.0, 1.0]


def test_a_weight_that_is_not_used_has_no_slope_and_one_number_no_spread():
    model = nn.Sequential(nn.Linear(1, 1))
    model[0].spare = nn.Linear(2, 2)
    found = step.compute_gradient_stats(model, torch.ones(1, 1), torch.zeros(1, 1))
    assert found[0]["std"] == 0.0
    assert found[1] == {"mean": 0.0, "std": 0.0, "norm": 0.0}


@pytest.mark.parametrize(
    ("activations", "gradients", "name"),
    [
        ([act(), act(dead=0.51)], [slope(2000)], "dead_neurons"),
        ([act(dead=0.5)], [slope(1000)], "healthy"),
        ([act(std=0.01)], [slope(1001), slope(1e-9)], "exploding_gradients"),
        ([act(std=20)], [slope(), slope(9e-6)], "vanishing_gradients"),
        ([act()], [slope(9e-6), slope()], "healthy"),
        ([act(std=0.1), act(std=10)], [slope(1e-5)], "healthy"),
        ([act(), act(std=0.09)], [slope()], "vanishing_gradients"),
        ([act(), act(std=10.1)], [slope()], "exploding_gradients"),
        ([act(std=10.1), act(std=0.09)], [slope()], "exploding_gradients"),
        ([act(std=0.09), act(std=10.1)], [slope()], "vanishing_gradients"),
        ([], [], "healthy"),
    ],
)
def test_diagnosis(activations, gradients, name):
    assert step.diagnose(activations, gradients) == name


@pytest.mark.parametrize(
    ("fractions", "fix"),
    [
        ([0.0, 0.51], "use_leaky_relu"),
        ([0.5, 0.5], "reinitialize"),
        ([0.3, 0.2], "healthy"),
        ([0.3, 0.4], "reduce_learning_rate"),
        ([0.0, 0.05, 0.1], "healthy"),
        ([0.0, 0.2, 0.2], "healthy"),
        ([0.2], "reduce_learning_rate"),
        ([0.0], "healthy"),
        ([], "healthy"),
    ],
)
def test_fix(fractions, fix):
    assert step.suggest_fix(fractions) == fix


def test_gradients_vanish_in_the_first_layers_where_the_rule_does_not_look():
    torch.manual_seed(0)
    model = nn.Sequential(*(layer for _ in range(11) for layer in (nn.Linear(32, 32), nn.Sigmoid())), nn.Linear(32, 1))
    norms = [layer["norm"] for layer in step.compute_gradient_stats(model, torch.randn(64, 32), torch.randn(64, 1))]
    assert norms[0] < 1e-8
    assert norms[-1] > 0.1
    assert step.diagnose([act()] * 12, [slope(norm) for norm in norms]) == "healthy"


def test_a_model_that_has_learned_all_it_can_is_said_to_have_vanishing_gradients():
    model = make_model(0)
    x = torch.randn(8, 3, dtype=torch.float64)
    gradients = step.compute_gradient_stats(model, x, model(x).detach())
    assert step.diagnose([act()] * 3, gradients) == "vanishing_gradients"


def test_the_last_layer_is_counted_among_the_dead_though_no_relu_follows_it():
    model = make_model(0)
    model[4].bias.data -= 10
    x = torch.randn(8, 3, dtype=torch.float64)
    activations = step.compute_activation_stats(model, x)
    assert activations[-1]["dead_fraction"] == 1.0
    assert step.diagnose(activations, step.compute_gradient_stats(model, x, model(x).detach() + 0.1)) == "dead_neurons"


def test_a_dead_node_comes_back_only_if_the_layers_before_it_move():
    first, second = nn.Linear(1, 1), nn.Linear(1, 1)
    for layer, weight, bias in ((first, 1.0, -2.0), (second, 1.0, -1.0)):
        layer.weight.data.fill_(weight)
        layer.bias.data.fill_(bias)
    x = torch.tensor([[1.0], [2.5]])
    second(first(x).relu()).relu().sum().backward()
    assert second.weight.grad.item() == second.bias.grad.item() == 0
    assert step.detect_dead_neurons(nn.Sequential(first, nn.ReLU(), second, nn.ReLU()), x) == [0.0, 1.0]
    first.bias.data += 2
    assert step.detect_dead_neurons(nn.Sequential(first, nn.ReLU(), second, nn.ReLU()), x) == [0.0, 0.0]
