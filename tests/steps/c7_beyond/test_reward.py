"""Rewards and advantages: laws of a group, and a plain loop."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c7_beyond.reward import exact_reward, group_advantages, occurring_reward, token_reward

GROUPS = st.integers(1, 6).flatmap(
    lambda size: st.lists(st.lists(st.integers(-8, 8), min_size=size, max_size=size), min_size=1, max_size=4)
)


@given(GROUPS, st.floats(0.001, 1000))
def test_advantages_are_those_of_a_plain_loop(rows, scale):
    found = group_advantages(torch.tensor(rows, dtype=torch.float64) * scale)
    for row, advantages in zip(rows, found.tolist(), strict=True):
        mean = sum(row) / len(row)
        spread = math.sqrt(sum((one - mean) ** 2 for one in row) / len(row))
        wanted = [(one - mean) / spread if spread else 0.0 for one in row]
        assert advantages == pytest.approx(wanted, abs=1e-9)


@given(GROUPS, st.integers(1, 9), st.integers(-9, 9))
def test_neither_the_scale_of_a_reward_nor_a_constant_changes_an_advantage(rows, scale, more):
    rewards = torch.tensor(rows, dtype=torch.float64)
    assert torch.allclose(group_advantages(scale * rewards + more), group_advantages(rewards), atol=1e-9)


def test_equal_rewards_that_cannot_be_averaged_exactly_teach_nothing():
    assert not group_advantages(torch.full((1, 7), 0.1)).any()
    assert not group_advantages(torch.full((3, 1), 5.0)).any()


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 6), min_size=1, max_size=5))
def test_rewards_are_those_of_plain_loops(rows):
    answers, truths = torch.tensor(rows)[:, :3], torch.tensor(rows)[:, 3:]
    for place, row in enumerate(rows):
        answer, truth = row[:3], row[3:]
        assert exact_reward(answers, truths)[place] == float(answer == truth)
        right = sum(one == other for one, other in zip(answer, truth, strict=True))
        assert float(token_reward(answers, truths)[place]) == pytest.approx(right / 3)
        assert float(occurring_reward(answers, truths)[place]) == pytest.approx(sum(one in truth for one in answer) / 3)
