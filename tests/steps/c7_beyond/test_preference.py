"""The preference loss: values and gradients of a plain loop, and what it asks for."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c7_beyond.preference import preference_loss


@given(st.integers(0, 2**31 - 1), st.sampled_from([0.05, 0.1, 2.0]), st.sampled_from([1.0, 50.0]))
def test_values_and_gradients_are_those_of_a_plain_loop(seed, beta, scale):
    random = torch.Generator().manual_seed(seed)
    values = [scale * torch.randn(3, generator=random, dtype=torch.float64) for _ in range(4)]
    chosen, rejected = (value.requires_grad_() for value in values[:2])
    loss = preference_loss(chosen, rejected, *values[2:], beta)
    loss.backward()
    total, rows = 0.0, zip(*(value.detach().tolist() for value in values), strict=True)
    for place, (win, lose, win_before, lose_before) in enumerate(rows):
        margin = beta * ((win - win_before) - (lose - lose_before))
        total += math.log1p(math.exp(-margin)) if margin > -500 else -margin
        slope = -beta / (1 + math.exp(min(margin, 500))) / 3
        assert float(chosen.grad[place]) == pytest.approx(slope, abs=1e-12)
        assert float(rejected.grad[place]) == pytest.approx(-slope, abs=1e-12)
    assert float(loss.detach()) == pytest.approx(total / 3)


def test_a_pair_that_is_far_wrong_has_a_finite_loss():
    far = torch.tensor([-1e4])
    assert float(preference_loss(far, -far, torch.zeros(1), torch.zeros(1), 1.0)) == pytest.approx(2e4)


def test_only_the_difference_to_the_reference_counts():
    chosen, rejected = torch.tensor([-1.0, -9.0]), torch.tensor([-2.0, -3.0])
    plain = preference_loss(chosen, rejected, chosen - 1, rejected + 1)
    moved = preference_loss(chosen + 7, rejected - 4, chosen + 6, rejected - 3)
    assert float(plain) == pytest.approx(float(moved))
