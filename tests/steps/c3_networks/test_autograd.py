"""A graph of values has the gradients of PyTorch, whatever its shape, and trains a network as PyTorch does."""

import math
import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c1_descent.numerical_gradient import is_same, numerical_gradient
from groundup.steps.c3_networks.autograd import Value, sort_graph

OPERATIONS = ("sum", "product", "square", "inverse", "tanh", "relu", "exp", "number")


def compute(leaves, seed, count=8):
    """Return a random result of some numbers: of values, or of tensors of PyTorch."""
    chance = random.Random(seed)
    known = list(leaves)
    for _ in range(count):
        one, other = chance.choice(known), chance.choice(known)
        operation = chance.choice(OPERATIONS)
        if operation == "sum":
            known.append(one + other)
        elif operation == "product":
            known.append((one * other).tanh())
        elif operation == "square":
            known.append((one**2).tanh())
        elif operation == "inverse":
            known.append((one**2 + 1.5) ** -1)
        elif operation == "number":
            known.append(one * -0.5 + 2)
        else:
            known.append(getattr(one.tanh(), operation)())
    result = known[-1]
    for one in known[len(leaves) : -1]:
        result = result + one
    return result


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_its_gradients_are_those_of_pytorch(numbers, seed):
    values = [Value(number) for number in numbers]
    tensors = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
    result, wanted = compute(values, seed), compute(tensors, seed)
    result.backward()
    wanted.backward()
    assert result.data == pytest.approx(wanted.item(), rel=1e-12, abs=1e-12)
    for value, tensor in zip(values, tensors, strict=True):
        right = 0.0 if tensor.grad is None else tensor.grad.item()
        assert value.grad == pytest.approx(right, rel=1e-12, abs=1e-12)


def test_its_gradients_are_those_of_small_steps():
    point = np.array([0.3, -0.7, 1.1])
    values = [Value(number) for number in point]
    result = compute(values, 5)
    result.backward()
    numerical = numerical_gradient(lambda x: compute([Value(number) for number in x], 5).data, point)
    assert is_same(np.array([value.grad for value in values]), numerical, result.data)


def test_inputs_come_before_what_uses_them_and_each_value_once():
    values = [Value(0.5), Value(-1.0)]
    order = sort_graph(compute(values, 3, count=20))
    places = {id(value): place for place, value in enumerate(order)}
    assert len(places) == len(order)
    assert all(places[id(one)] < places[id(value)] for value in order for one in value.inputs)


def test_a_chain_may_be_longer_than_python_calls_go_deep():
    start = Value(1.0)
    total = start
    for _ in range(5000):
        total = total + start
    total.backward()
    assert start.grad == 5001


def test_two_results_add_up_as_in_pytorch():
    a = Value(3.0)
    (a * 2).backward()
    (a * a).backward()
    assert a.grad == 2 + 6


def predict(weights, x, one):
    """Return the output of a network 2-3-1 with tanh, from 13 numbers."""
    hidden = [
        (weights[3 * node] * x[0] + weights[3 * node + 1] * x[1] + weights[3 * node + 2]).tanh() for node in range(3)
    ]
    total = weights[12] * one
    for node in range(3):
        total = total + weights[9 + node] * hidden[node]
    return total


def test_it_trains_a_network_as_pytorch_does():
    examples = [((0.0, 0.0), 0.0), ((0.0, 1.0), 1.0), ((1.0, 0.0), 1.0), ((1.0, 1.0), 0.0)]
    draw = random.Random(2)
    start = [draw.uniform(-1, 1) for _ in range(13)]
    values = [Value(number) for number in start]
    tensors = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in start]
    losses = []
    for _ in range(300):
        loss, wanted = Value(0.0), torch.tensor(0.0, dtype=torch.float64)
        for x, truth in examples:
            loss = loss + (predict(values, x, 1.0) + -truth) ** 2
            wanted = wanted + (predict(tensors, x, 1.0) + -truth) ** 2
        loss.backward()
        slopes = torch.autograd.grad(wanted, tensors)
        losses.append(loss.data)
        for value in values:
            value.data, value.grad = value.data - 0.05 * value.grad, 0.0
        with torch.no_grad():
            for tensor, slope in zip(tensors, slopes, strict=True):
                tensor -= 0.05 * slope
    # The lesson on backpropagation says so.
    assert round(losses[0], 2) == 3.27
    assert losses[-1] < 1e-8
    assert [value.data for value in values] == pytest.approx([tensor.item() for tensor in tensors], abs=1e-9)
    assert math.isclose(loss.data, wanted.item(), abs_tol=1e-9)
