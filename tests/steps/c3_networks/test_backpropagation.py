"""Backpropagation: the slopes are autograd's and those of finite differences, and a network is its layers in a row."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from groundup.steps.c3_networks.backpropagation import forward, forward_and_backward

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 5)


def make_network(seed, features, hidden, outputs):
    random = np.random.default_rng(seed)
    shapes = [(features,), (hidden, features), (hidden,), (outputs, hidden), (outputs,), (outputs,)]
    return [random.normal(size=shape) for shape in shapes]


@given(seeds, sizes, sizes, sizes)
def test_slopes_are_those_of_autograd(seed, features, hidden, outputs):
    arrays = make_network(seed, features, hidden, outputs)
    found = forward_and_backward(*arrays)
    x, W1, b1, W2, b2, truth = (torch.tensor(array, requires_grad=True) for array in arrays)
    prediction = functional.linear(functional.linear(x, W1, b1).relu(), W2, b2)
    loss = functional.mse_loss(prediction, truth)
    loss.backward()
    assert found["loss"] == pytest.approx(loss.item(), rel=1e-12)
    for name, weight in {"dW1": W1, "db1": b1, "dW2": W2, "db2": b2}.items():
        assert found[name].shape == weight.shape
        np.testing.assert_allclose(found[name], weight.grad, rtol=1e-10, atol=1e-13)


def test_slopes_are_those_of_small_steps():
    arrays = make_network(1, 3, 4, 2)
    found = forward_and_backward(*arrays)
    for place, name in enumerate(["dW1", "db1", "dW2", "db2"], start=1):
        for index in np.ndindex(arrays[place].shape):
            losses = []
            for step in (1e-6, -1e-6):
                moved = [array.copy() for array in arrays]
                moved[place][index] += step
                losses.append(forward_and_backward(*moved)["loss"])
            assert found[name][index] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-5, abs=1e-8)


def test_biases_of_the_course():
    found = forward_and_backward(
        np.array([1.0, 2.0]), np.eye(2), np.zeros(2), np.array([[0.5, 0.5]]), np.zeros(1), np.array([1.0])
    )
    assert found["db1"].tolist() == [0.5, 0.5]
    assert found["db2"].tolist() == [1.0]


def test_a_node_at_zero_or_below_passes_nothing_back():
    found = forward_and_backward(
        np.array([1.0]), np.array([[-1.0], [0.0], [1.0]]), np.zeros(3), np.ones((1, 3)), np.zeros(1), np.zeros(1)
    )
    assert found["dW1"][:, 0].tolist() == [0.0, 0.0, 2.0]


@given(seeds, st.lists(sizes, min_size=2, max_size=5), st.integers(0, 4))
def test_network_is_that_of_pytorch_row_by_row(seed, widths, rows):
    random = np.random.default_rng(seed)
    weights = [random.normal(size=pair) for pair in pairwise(widths)]
    biases = [random.normal(size=width) for width in widths[1:]]
    batch = random.normal(size=(rows, widths[0]))
    expected = torch.tensor(batch)
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True)):
        expected = functional.linear(expected if layer == 0 else expected.relu(), torch.tensor(W.T), torch.tensor(b))
    outputs = forward(batch, weights, biases)
    np.testing.assert_allclose(outputs, expected, rtol=1e-10, atol=1e-12)
    for x, output in zip(batch, outputs, strict=True):
        np.testing.assert_allclose(forward(x, weights, biases), output, rtol=1e-10, atol=1e-12)


def test_last_layer_may_answer_below_zero():
    assert forward(np.array([1.0]), [np.array([[-2.0]])], [np.array([0.5])]).tolist() == [-1.5]


@pytest.mark.parametrize(("weights", "biases"), [([], []), ([np.eye(2)], [])])
def test_layers_without_both_are_refused(weights, biases):
    with pytest.raises(ValueError, match="one of both per layer"):
        forward(np.ones(2), weights, biases)
