"""The lesson on preferences: frames are the steps' results, both ways to a model meet, the text says what they give."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.preferences.views import (
    ANSWERS,
    AT_FIRST,
    PAIRS,
    PEOPLE,
    STAGES,
    VIEWS,
    VOTES,
    compute_preference,
    compute_stages,
    learn_rewards,
    maximise_reward,
    prefer_directly,
    weigh_pair,
)
from groundup.steps.c7_beyond.preference import preference_loss

TEXT = " ".join(" ".join(block.body for block in load_text("preferences").blocks).split())
AT_START = torch.tensor(list(ANSWERS.values()), dtype=torch.float64)
VOTES_OF = [list(VOTES), [5] * 6, [9] * 6, [2, 9, 9, 7, 8, 6], [9, 1, 9, 9, 1, 9]]


@pytest.mark.parametrize(
    ("chosen", "rejected", "beta"), [(-14.0, -9.0, 0.3), (-17.0, -16.0, 0.3), (-18.0, -3.0, 2.0), (0.0, -20.0, 0.05)]
)
def test_a_pair_costs_what_the_step_says_and_the_gradient_is_its_slope(
    chosen: float, rejected: float, beta: float
) -> None:
    frame = compute_preference(beta, chosen, rejected, -14.0, -9.0)
    sigma, margin = frame["sigma"], frame["margin"]
    four = (torch.tensor([number]) for number in (chosen, rejected, -14.0, -9.0))
    assert frame["loss"] == pytest.approx(float(preference_loss(*four, beta)), rel=1e-5)
    assert frame["loss"] == pytest.approx(-math.log(sigma))
    assert margin == (chosen + 14) - (rejected + 9)
    assert frame["slopes"].tolist() == pytest.approx([-beta * (1 - sigma), beta * (1 - sigma)])
    for at, share, loss in frame["curve"][::20]:
        assert (share, loss) == pytest.approx((1 / (1 + math.exp(-beta * at)), weigh_pair(at, 0, 0, 0, beta)[0]))


def test_the_text_s_pair() -> None:
    values = next(values for view, values in load_text("preferences").settings if view == "preference")
    frame = VIEWS["preference"].make_frame(values)
    assert frame["gains"] == [-3, -7]
    assert f"It is {frame['loss']:.3f}, as the margin is $-3 - (-7) = {frame['margin']:g}$" in TEXT
    assert frame["loss"] < math.log(2) == pytest.approx(VIEWS["preference"].make_frame({})["loss"], abs=1e-5)


@pytest.mark.parametrize("votes", VOTES_OF)
def test_rewards_explain_the_votes_best(votes: list[int]) -> None:
    """Where the likelihood is largest, each answer is expected to win as often as it did."""
    rewards = learn_rewards(votes)
    assert float(rewards.sum()) == pytest.approx(0, abs=1e-9)
    won, expected = [0.0] * len(ANSWERS), [0.0] * len(ANSWERS)
    for (first, second), count in zip(PAIRS, votes, strict=True):
        chance = 1 / (1 + math.exp(float(rewards[second] - rewards[first])))
        won[first] += count
        won[second] += PEOPLE - count
        expected[first] += PEOPLE * chance
        expected[second] += PEOPLE * (1 - chance)
    assert expected == pytest.approx(won, abs=1e-6)


@pytest.mark.parametrize("votes", VOTES_OF)
@pytest.mark.parametrize("beta", [0.2, 0.5, 5.0])
def test_both_ways_from_votes_to_a_model_end_at_the_same_place(votes: list[int], beta: float) -> None:
    through_rewards = maximise_reward(AT_START.log(), learn_rewards(votes), beta)
    assert torch.allclose(prefer_directly(AT_START.log(), votes, beta), through_rewards, atol=1e-9)


def test_no_model_has_more_reward_less_pull_and_there_all_answers_have_the_same_value() -> None:
    beta, rewards = 0.5, learn_rewards(list(VOTES))
    best = maximise_reward(AT_START.log(), rewards, beta)

    def measure(policy: torch.Tensor) -> float:
        return float(policy @ (rewards - beta * (policy / AT_START).log()))

    values = rewards - beta * (best / AT_START).log()
    assert values.tolist() == pytest.approx([float(values[0])] * len(ANSWERS))
    for seed in range(20):
        noise = torch.randn(len(ANSWERS), dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        assert measure((best.log() + 0.1 * noise).softmax(dim=0)) < measure(best)


def test_the_text_s_stages() -> None:
    frame = compute_stages([[float(count)] for count in VOTES], 0.5, len(STAGES) - 1)
    weak, strong = (VIEWS["stages"].make_frame({"beta": beta}) for beta in (0.2, 5.0))
    assert f"answer A goes from 15 to {100 * float(frame['after'][0]):.0f} percent" in TEXT
    assert f"It is {100 * strong['after'][0]:.1f} percent" in TEXT
    assert max(strong["after"]) == strong["after"][1]
    assert weak["after"][0] > 0.99
    first, second = frame["rewards"][:2].tolist()
    assert f"rewards +{first:.3g} of A and +{second:.3g} of B" in TEXT
    difference = round(first, 2) - round(second, 3)
    assert f"$\\sigma({difference:.3f}) = {1 / (1 + math.exp(-difference)):.2f}$, and {VOTES[0]} of" in TEXT
    assert VIEWS["direct"].make_frame({})["says"].startswith("DPO")
    undecided = compute_stages([[5.0]] * 6, 0.5, 4)
    assert undecided["direct"].tolist() == pytest.approx(AT_START.tolist())
    turned = compute_stages([[2.0], *([float(count)] for count in VOTES[1:])], 0.5, 3)
    assert int(turned["after"].argmax()) == 1


def test_the_pair_by_hand_is_that_of_the_first_question() -> None:
    loss, slopes = weigh_pair(-17, -16, *AT_FIRST, 0.3)
    sigma = 1 / (1 + math.exp(-0.3 * 4))
    assert f"$\\sigma(\\beta m) = \\sigma(1.2) = {sigma:.3f}$ and $L = -\\log {sigma:.3f} = {loss:.3f}$" in TEXT
    assert f"$-0.3 \\cdot {1 - sigma:.3f} = {-0.3 * (1 - sigma):.3f}$" in TEXT
    assert slopes.tolist() == pytest.approx([-0.3 * (1 - sigma), 0.3 * (1 - sigma)])


def test_votes_beyond_their_bounds_count_as_the_nearest() -> None:
    assert compute_stages([[-3.0], [99.0], [1.4], [8.6], [5.0], [9.0]], 0.5, 0)["votes"] == [1, 9, 1, 9, 5, 9]


def test_what_is_said_of_the_run_stands_in_its_page() -> None:
    page = Path(__file__).parents[3] / "docs" / "sums.md"
    if not page.is_file():
        pytest.skip("installed without its repository")
    measured = " ".join(page.read_text(encoding="utf-8").replace("*", "").split())
    assert "| `method=preference` | 99.45 %" in measured
    assert "| the defaults | 99.50 %" in measured
    assert "In 900 steps it goes from 55.20 to 99.45 percent" in TEXT
    assert "it was 99.50" in TEXT
