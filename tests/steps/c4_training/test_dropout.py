"""Dropout drops each node alone with probability p, keeps the mean, and rests in evaluation."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c4_training.dropout import Dropout, dropout, overfitting_gap


@given(st.floats(0.02, 0.98), st.integers(0, 2**31))
def test_the_share_dropped_and_the_mean(p, seed):
    torch.manual_seed(seed)
    count = 40_000
    dropped = dropout(torch.ones(count), p)
    share = (dropped == 0).float().mean().item()
    assert abs(share - p) < 5 * math.sqrt(p * (1 - p) / count) + 1e-4
    kept = dropped[dropped != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 1 / (1 - p)))


def test_nodes_are_independent():
    torch.manual_seed(0)
    off = (dropout(torch.ones(20_000, 8), 0.3) == 0).double()
    correlation = torch.corrcoef(off.T) - torch.eye(8, dtype=torch.float64)
    assert correlation.abs().max() < 0.04
    later = torch.corrcoef(torch.stack([off[:-1].flatten(), off[1:].flatten()]))[0, 1]
    assert abs(later) < 0.02


def test_every_step_drops_others_and_the_seed_decides():
    x = torch.ones(500)
    torch.manual_seed(1)
    first, second = dropout(x, 0.5), dropout(x, 0.5)
    torch.manual_seed(1)
    assert torch.equal(first, dropout(x, 0.5))
    assert not torch.equal(first, second)


@given(st.lists(st.integers(1, 7), min_size=0, max_size=3), st.sampled_from([0.0, 0.3, 1.0]))
def test_any_shape_and_both_ends(shape, p):
    x = torch.ones(shape)
    assert dropout(x, p).shape == x.shape
    assert torch.equal(dropout(x, 0.0), x)
    assert torch.equal(dropout(x, 1.0), torch.zeros(shape))


def test_gradients_flow_through_the_nodes_that_are_on():
    x = torch.ones(1000, requires_grad=True)
    y = dropout(x, 0.4)
    y.sum().backward()
    torch.testing.assert_close(x.grad, y.detach())


def test_evaluation_drops_nothing():
    layer = Dropout(0.9)
    x = torch.randn(50)
    assert layer.eval()(x) is x
    assert not torch.equal(layer.train()(x), x)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_no_probability_is_refused(p):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Dropout(p)
    with pytest.raises(ValueError, match="between 0 and 1"):
        dropout(torch.ones(1), p)


def test_the_gap():
    assert overfitting_gap(0.99, 0.9) == pytest.approx(0.09)


@given(st.floats(0.0, 1.0), st.integers(0, 2**31))
def test_the_layer_draws_the_same_nodes_as_the_function(p, seed):
    x = torch.randn(3, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    torch.manual_seed(seed)
    found = Dropout(p)(x)
    torch.manual_seed(seed)
    torch.testing.assert_close(found, dropout(x, p))
