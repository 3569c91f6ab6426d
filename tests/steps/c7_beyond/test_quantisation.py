"""No weight moves by more than half a scale, and the layer is that of the weights that are left."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c4_training.linear import linear
from groundup.steps.c7_beyond.quantisation import dequantise, quantise, quantised_linear

# From 1e-30 on, a weight divided by 127 is a normal number of float32.
SCALES = st.sampled_from([1e-30, 1e-6, 1.0, 1e6, 1e30])
WEIGHTS = st.tuples(st.integers(1, 5), st.integers(1, 9), SCALES, st.integers(0, 2**31)).map(
    lambda drawn: torch.randn(drawn[0], drawn[1], generator=torch.Generator().manual_seed(drawn[3])) * drawn[2]
)


@given(WEIGHTS)
def test_no_weight_moves_by_more_than_half_a_scale(weight):
    numbers, scales = quantise(weight)
    moved = (weight.double() - numbers.double() * scales.double()[:, None]).abs()
    # The division rounds w/s, at most 127, to the 24 bits of float32.
    assert (moved <= scales.double()[:, None] * (0.5 + 127 * 2**-23)).all()
    assert numbers.dtype == torch.int8
    assert numbers.abs().max() <= 127


@given(WEIGHTS)
def test_the_largest_weight_of_each_row_is_kept(weight):
    numbers, scales = quantise(weight)
    assert (numbers.abs().amax(1) == 127).all()
    found = dequantise(numbers, scales).abs().amax(1)
    assert torch.allclose(found, weight.abs().amax(1), rtol=1e-6, atol=0)


@given(WEIGHTS)
def test_the_opposite_weights_are_the_opposite_numbers(weight):
    numbers, scales = quantise(weight)
    opposite, same = quantise(-weight)
    assert torch.equal(opposite, -numbers)
    assert torch.equal(same, scales)


def test_a_row_of_zeros_stays_one():
    numbers, scales = quantise(torch.zeros(2, 3))
    assert torch.equal(dequantise(numbers, scales), torch.zeros(2, 3))


@pytest.mark.parametrize("bias", [None, torch.randn(4, dtype=torch.float64)], ids=["without bias", "with bias"])
def test_the_layer_is_a_linear_one_of_the_rounded_weights(bias):
    x = torch.randn(2, 3, 5, dtype=torch.float64)
    numbers, scales = quantise(torch.randn(4, 5, dtype=torch.float64))
    expected = linear(x, dequantise(numbers, scales), torch.zeros(4, dtype=torch.float64) if bias is None else bias)
    assert torch.allclose(quantised_linear(x, numbers, scales, bias), expected, rtol=0, atol=1e-12)
