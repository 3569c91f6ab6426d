import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c6_gpt.positions import (
    RotaryScaling,
    place_angles,
    rotary_table,
    rotate,
    sinusoidal_positions,
    slow_rates,
)


def test_sinusoidal_by_hand():
    table = sinusoidal_positions(3, 4)
    angle = torch.tensor(2.0)
    expected = torch.stack([angle.sin(), angle.cos(), (angle / 100).sin(), (angle / 100).cos()])
    torch.testing.assert_close(table[2], expected)


@given(first=st.integers(0, 20), second=st.integers(0, 20), shift=st.integers(0, 20))
def test_rotated_products_know_the_distance_only(first, second, shift):
    cosines, sines = (table.double() for table in rotary_table(64, 8))
    query, key = torch.randn(2, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(first)).unbind()

    def product(at, other):
        turned = rotate(torch.stack([query, key])[:, None].expand(2, 64, 8), cosines, sines)
        return turned[0, at] @ turned[1, other]

    torch.testing.assert_close(product(first + shift, second + shift), product(first, second), atol=1e-5, rtol=1e-5)


def test_turning_keeps_lengths():
    cosines, sines = rotary_table(16, 6)
    x = torch.randn(16, 6)
    torch.testing.assert_close(rotate(x, cosines, sines).norm(dim=1), x.norm(dim=1))


@pytest.mark.parametrize("channel", [4, 64, 512])
def test_the_slowest_wave_turns_once_in_as_many_places_as_is_said(channel):
    places = 2 * math.pi * 10000 ** ((channel - 2) / channel)
    angles = place_angles(torch.tensor([round(places)]), channel, 10000.0)
    assert angles[0, -1].item() == pytest.approx(2 * math.pi, rel=1e-3)


def test_in_a_narrow_table_the_slowest_wave_is_much_faster_than_in_a_wide_one():
    assert place_angles(torch.tensor([628]), 4, 10000.0)[0, -1].item() == pytest.approx(2 * math.pi, rel=1e-3)


@given(factor=st.floats(1, 64), low=st.floats(0.5, 2), more=st.floats(0.1, 8), context=st.integers(16, 8192))
def test_scaling_slows_slow_pairs_by_the_factor_and_fast_ones_not(factor, low, more, context):
    rates = 10000.0 ** -torch.linspace(0, 1, 40, dtype=torch.float64)
    slowed = slow_rates(rates, RotaryScaling(factor, low, low + more, context))
    rounds = context * rates / (2 * math.pi)
    fast, slow = rounds >= low + more, rounds <= low
    torch.testing.assert_close(slowed[fast], rates[fast])
    torch.testing.assert_close(slowed[slow], rates[slow] / factor)
    assert (slowed.diff() <= 1e-12).all(), "a pair that was faster stays faster"
