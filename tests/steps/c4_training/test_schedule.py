"""The schedule rises to its peak, falls to its lowest, and is PyTorch's cosine after the warm-up."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c4_training.schedule import learning_rate


@given(st.integers(2, 200), st.floats(0, 0.9), st.floats(0.001, 2), st.floats(0, 1))
def test_it_rises_to_the_peak_and_falls_to_the_lowest(steps, share, peak, end):
    warm_up, lowest = int(share * steps), end * peak
    rates = [learning_rate(step, steps, warm_up, peak, lowest) for step in range(steps + 1)]
    assert rates[warm_up] == pytest.approx(peak)
    assert rates[-1] == pytest.approx(lowest)
    assert all(one < other for one, other in pairwise(rates[: warm_up + 1]))
    assert all(one >= other - 1e-12 for one, other in pairwise(rates[warm_up:]))


def test_after_the_warm_up_it_is_the_cosine_of_pytorch():
    steps, peak, lowest = 12, 0.3, 0.02
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=peak)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=lowest)
    for step in range(steps):
        assert learning_rate(step, steps, 0, peak, lowest) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)
        optimizer.step()
        schedule.step()
