"""One neuron: its slopes are autograd's, its functions PyTorch's, and no size of number overflows."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from groundup.steps.c3_networks import neuron as step

seeds = st.integers(0, 2**32 - 1)
numbers = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8)


@given(numbers)
def test_activations_are_those_of_pytorch(values):
    z, same = np.array(values), torch.tensor(values, dtype=torch.float64)
    np.testing.assert_allclose(step.sigmoid(z), torch.sigmoid(same), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(step.relu(z), torch.relu(same), rtol=0)
    np.testing.assert_allclose(step.softmax(z), torch.softmax(same, -1), rtol=1e-12, atol=1e-300)


@given(numbers)
def test_sigmoids_of_opposites_sum_to_one(values):
    z = np.array(values)
    np.testing.assert_allclose(step.sigmoid(z) + step.sigmoid(-z), 1, rtol=1e-15)


def test_softmax_works_along_the_last_side_and_ignores_a_shift():
    z = np.random.default_rng(0).normal(size=(2, 3, 4))
    np.testing.assert_allclose(step.softmax(z).sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(step.softmax(z + 1e3), step.softmax(z), rtol=1e-9)


@given(seeds, st.integers(1, 6), st.floats(-2, 2), st.floats(0, 1))
def test_slopes_are_those_of_autograd(seed, features, bias, truth):
    random = np.random.default_rng(seed)
    x, w = random.normal(size=(2, features))
    weights = torch.tensor(w, requires_grad=True)
    b = torch.tensor(bias, dtype=torch.float64, requires_grad=True)
    answer = torch.sigmoid(weights @ torch.tensor(x) + b)
    (0.5 * (answer - truth) ** 2).backward()
    dw, db = step.differentiate_neuron(x, w, bias, truth)
    assert step.neuron(x, w, bias) == pytest.approx(answer.item(), rel=1e-12)
    np.testing.assert_allclose(dw, weights.grad, rtol=1e-10, atol=1e-15)
    assert db == pytest.approx(b.grad.item(), rel=1e-10, abs=1e-15)


def test_relu_neuron_answers_the_sum_or_nothing():
    x, w = np.array([1.0, 2.0]), np.array([0.5, 0.5])
    assert step.neuron(x, w, 0.1, "relu") == pytest.approx(1.6)
    assert step.neuron(x, -w, 0.1, "relu") == 0.0


def test_unknown_activation_is_named():
    with pytest.raises(ValueError, match="'tanh': not one of sigmoid, relu"):
        step.neuron(np.ones(1), np.ones(1), 0.0, "tanh")


@given(seeds, st.integers(1, 6), st.integers(2, 5))
def test_cross_entropies_are_those_of_pytorch(seed, rows, classes):
    random = np.random.default_rng(seed)
    probabilities, right = random.dirichlet(np.ones(classes), rows), random.integers(0, classes, rows)
    probabilities = np.clip(probabilities, 1e-6, 1 - 1e-6)
    truth = np.eye(classes)[right]
    expected = functional.nll_loss(torch.tensor(probabilities).log(), torch.tensor(right))
    assert step.categorical_cross_entropy(truth, probabilities) == pytest.approx(expected.item(), rel=1e-12)
    expected = functional.binary_cross_entropy(torch.tensor(probabilities), torch.tensor(truth))
    assert step.binary_cross_entropy(truth, probabilities) == pytest.approx(expected.item(), rel=1e-9)


def test_certainty_that_was_wrong_costs_much_but_not_everything():
    cost = -np.log(1e-7)
    assert step.binary_cross_entropy(np.array([1, 0]), np.array([0.0, 1.0])) == pytest.approx(cost, rel=1e-6)
    assert step.categorical_cross_entropy(np.array([[1, 0]]), np.array([[0.0, 1.0]])) == pytest.approx(cost)
