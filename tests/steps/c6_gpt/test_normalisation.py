"""Normalisation: forward and slopes are PyTorch's, and the running variance is the biased one."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from groundup.steps.c6_gpt.normalisation import LayerNorm, RMSNorm, batch_norm, layer_norm, rms_norm

seeds = st.integers(0, 2**32 - 1)
epsilons = st.sampled_from([1e-8, 1e-5, 0.1])


def draw(seed, *shapes):
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=random, dtype=torch.float64).requires_grad_() for shape in shapes]


def assert_same_with_slopes(found, expected, inputs):
    torch.testing.assert_close(found, expected)
    weights = torch.linspace(-1, 2, found.numel(), dtype=found.dtype).reshape(found.shape)
    slopes = [torch.autograd.grad((out * weights).sum(), inputs) for out in (found, expected)]
    torch.testing.assert_close(*slopes, rtol=1e-6, atol=1e-8)


@given(seeds, st.sampled_from([(5,), (3, 4), (2, 3, 6), (2, 1)]), epsilons)
def test_layer_norm_is_that_of_pytorch(seed, shape, epsilon):
    x, gamma, beta = draw(seed, shape, shape[-1:], shape[-1:])
    expected = functional.layer_norm(x, shape[-1:], gamma, beta, epsilon)
    assert_same_with_slopes(layer_norm(x, gamma, beta, epsilon), expected, [x, gamma, beta])


@given(seeds, st.sampled_from([(5,), (3, 4), (2, 3, 6)]), epsilons)
def test_rms_norm_is_that_of_pytorch(seed, shape, epsilon):
    x, gamma = draw(seed, shape, shape[-1:])
    assert_same_with_slopes(rms_norm(x, gamma, epsilon), functional.rms_norm(x, shape[-1:], gamma, epsilon), [x, gamma])


@given(seeds, st.integers(2, 6), st.integers(1, 5), epsilons, st.floats(0, 1), st.booleans())
def test_batch_norm_is_that_of_pytorch(seed, rows, features, epsilon, momentum, training):
    x, gamma, beta, mean, variance = draw(seed, (rows, features), *[(features,)] * 4)
    mean, variance = mean.detach(), variance.detach().square() + 0.1
    theirs_mean, theirs_variance = mean.clone(), variance.clone()
    expected = functional.batch_norm(x, theirs_mean, theirs_variance, gamma, beta, training, momentum, epsilon)
    before = mean.clone(), variance.clone()
    out, new_mean, new_variance = batch_norm(x, gamma, beta, mean, variance, momentum, epsilon, training)
    assert_same_with_slopes(out, expected, [x, gamma, beta])
    torch.testing.assert_close(new_mean, theirs_mean)
    assert torch.equal(mean, before[0])
    assert torch.equal(variance, before[1])
    if training:
        # PyTorch averages the variance with N - 1 underneath, the course that with N.
        kept = (1 - momentum) * variance
        torch.testing.assert_close(new_variance - kept, (theirs_variance - kept) * (rows - 1) / rows)
        assert not new_variance.requires_grad
    else:
        torch.testing.assert_close(new_variance, variance)


def test_one_example_does_not_hang_on_its_neighbours_in_use():
    x, gamma, beta, mean = (tensor.detach() for tensor in draw(0, (4, 3), (3,), (3,), (3,)))
    variance = torch.ones(3, dtype=torch.float64)
    together = batch_norm(x, gamma, beta, mean, variance, training=False)[0]
    alone = batch_norm(x[:1], gamma, beta, mean, variance, training=False)[0]
    torch.testing.assert_close(together[:1], alone)


@pytest.mark.parametrize("shift", [0.0, 1e3])
def test_layer_norm_ignores_shift_and_scale_and_rms_norm_scale_alone(shift):
    x = torch.tensor([1.0, -2.0, 4.0], dtype=torch.float64)
    one, zero = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    torch.testing.assert_close(layer_norm(5 * x + shift, one, zero, 0.0), layer_norm(x, one, zero, 0.0))
    torch.testing.assert_close(rms_norm(5 * x, one, 0.0), rms_norm(x, one, 0.0))
    if shift:
        assert not torch.allclose(rms_norm(x + shift, one), rms_norm(x, one))


def test_equal_numbers_stay_finite():
    one, zero = torch.ones(4), torch.zeros(4)
    assert layer_norm(7 * one, one, zero).tolist() == [0.0] * 4
    assert rms_norm(zero, one).tolist() == [0.0] * 4
    assert batch_norm(torch.full((3, 4), 7.0), one, zero, zero, one)[0].tolist() == [[0.0] * 4] * 3


@given(seeds, st.sampled_from([(5,), (3, 4), (2, 3, 6)]), epsilons)
def test_the_layers_are_the_functions(seed, shape, epsilon):
    x, gamma, beta = draw(seed, shape, shape[-1:], shape[-1:])
    layer, rms = LayerNorm(shape[-1], epsilon), RMSNorm(shape[-1], epsilon)
    layer.weight, layer.bias, rms.weight = (nn.Parameter(value.detach()) for value in (gamma, beta, gamma))
    assert_same_with_slopes(layer(x), layer_norm(x, layer.weight, layer.bias, epsilon), [x, layer.weight, layer.bias])
    assert_same_with_slopes(rms(x), rms_norm(x, rms.weight, epsilon), [x, rms.weight])


def test_the_layers_begin_as_those_of_pytorch():
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(LayerNorm(4)(x), nn.LayerNorm(4)(x))
    assert torch.equal(RMSNorm(4)(x), nn.RMSNorm(4, eps=1e-6)(x))
    assert list(LayerNorm(4).state_dict()) == list(nn.LayerNorm(4).state_dict())
