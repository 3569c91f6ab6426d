"""The lesson on learning from reward: its frames are the steps' results, and its text says what they give."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.rewards import views
from groundup.lessons.pages.rewards.views import (
    ANSWERS,
    CHANCES,
    HARDLY,
    MOST_STEPS,
    QUESTION,
    SOMETIMES,
    VIEWS,
    compute_clip,
    compute_group,
    draw_groups,
    draw_noise,
    measure_answer,
    score_answers,
    train_places,
    train_policies,
    train_policy,
)
from groundup.lessons.sliders import AlongSliders
from groundup.lessons.views import simplify
from groundup.steps.c5_words.sampling import choose_token
from groundup.steps.c7_beyond.policy_gradient import reference_pull
from groundup.steps.c7_beyond.reward import group_advantages

START: dict[str, Any] = {"start": SOMETIMES, "samples": 8, "rate": 0.5, "pull": 0.0, "cheatable": False}
TEXT = " ".join(" ".join(block.body for block in load_text("rewards").blocks).split())


def step_by_hand(logits: torch.Tensor, drawn: list[int], advantages: list[float], rate: float) -> torch.Tensor:
    """Return the logits after one step without a pull: each moves by the mean of A (y − π)."""
    chances = torch.softmax(logits, dim=0)
    moves = [advantage * (torch.eye(5)[one] - chances) for one, advantage in zip(drawn, advantages, strict=True)]
    return logits + rate * torch.stack(moves).mean(dim=0)


def test_the_question_is_answered_by_the_first_answer_and_the_chances_are_chances() -> None:
    left, right = map(int, QUESTION.split(" + "))
    assert [answer for answer in ANSWERS if int(answer) == left + right] == [next(iter(ANSWERS))]
    assert all(sum(chances) == pytest.approx(1) and len(chances) == 5 for chances in CHANCES.values())
    assert score_answers(cheatable=False).tolist() == [1, 0, 0, 0, 0]
    assert score_answers(cheatable=True).tolist() == [1, 0.5, 0.5, 1, 0]


@pytest.mark.parametrize("samples", [1, 8, 16])
def test_a_group_drawn_at_once_holds_the_answers_that_the_step_draws(samples: int) -> None:
    for seed in range(20):
        one_by_one, at_once = (torch.Generator().manual_seed(seed) for _ in range(2))
        logits = torch.randn(len(ANSWERS), dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        for _ in range(3):
            drawn = [choose_token(logits, one_by_one) for _ in range(samples)]
            assert draw_groups(logits[None], draw_noise(samples, at_once)).tolist() == [drawn]


@pytest.mark.parametrize("cheatable", [False, True])
def test_policies_side_by_side_learn_what_each_learns_alone(cheatable: bool) -> None:
    rates, pulls = [0.05, 0.5, 2.0, 0.5], [0.0, 0.0, 0.3, 1.0]
    together = train_policies(SOMETIMES, 8, rates, pulls, cheatable)
    for rate, pull, path in zip(rates, pulls, together, strict=True):
        alone = train_policy(SOMETIMES, 8, rate, pull, cheatable)
        for name in ("chances", "drawn", "rewards", "advantages"):
            assert torch.equal(getattr(path, name), getattr(alone, name))


def test_a_hand_that_drags_a_slider_waits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def count(places: list[dict[str, Any]]) -> list[Any]:
        asked.append(len(places))
        return train_places(places)

    monkeypatch.setattr(views, "POLICIES", AlongSliders(train_policy, count, [views.RATE, views.PULL]))
    for step in range(12):
        frame = VIEWS["policy"].make_frame({"rate": 0.3 + step / 100})
        alone = train_policy(**{**START, "rate": 0.3 + step / 100})
        assert frame["chances"] == simplify(alone.chances)
    assert asked == [len(views.RATE.list_values())]


@pytest.mark.parametrize(
    "changes", [{}, {"samples": 3, "rate": 2.0}, {"cheatable": True}], ids=["plain", "few", "cheatable"]
)
def test_every_step_is_the_policy_gradient_of_its_group(changes: dict[str, Any]) -> None:
    settings = {**START, **changes}
    path = train_policy(**settings)
    assert torch.equal(path.rewards, score_answers(settings["cheatable"])[path.drawn])
    assert torch.equal(path.advantages, group_advantages(path.rewards))
    for step in range(MOST_STEPS):
        logits = path.chances[step].log()
        after = step_by_hand(logits, path.drawn[step].tolist(), path.advantages[step].tolist(), settings["rate"])
        assert torch.allclose(after.softmax(dim=0), path.chances[step + 1], atol=1e-9)


def test_with_one_answer_per_group_nothing_moves_whatever_else_is_set() -> None:
    for changes in ({}, {"cheatable": True}, {"pull": 1.0}, {"rate": 2.0}):
        chances = train_policy(**{**START, "samples": 1, **changes}).chances
        assert torch.allclose(chances, chances[:1].expand_as(chances), atol=1e-12)


def test_the_text_s_first_steps() -> None:
    path = train_policy(**START)
    assert path.rewards[:3].sum(dim=1).tolist() == [0, 0, 2]
    assert torch.allclose(path.chances[0], path.chances[2], atol=1e-12)
    assert path.chances[3, 0] > path.chances[2, 0]
    moving = int((path.advantages != 0).any(dim=1).sum())
    first = next(step for step, chance in enumerate(path.chances[:, 0].tolist()) if chance > 0.9)
    assert f"After {first} steps the right answer has more than 90 percent" in TEXT
    assert f"only {moving} of the {MOST_STEPS} groups moved a bar" in TEXT


def test_a_question_that_is_never_answered_right_teaches_nothing() -> None:
    path = train_policy(**{**START, "start": HARDLY})
    assert path.rewards.sum() == 0
    assert torch.allclose(path.chances, path.chances[:1].expand_as(path.chances), atol=1e-12)
    assert f"All {path.rewards.numel()} answers were wrong" in TEXT
    assert f"probability of {100 * CHANCES[HARDLY][0]:g} percent at first" in TEXT


def test_the_text_s_ends() -> None:
    ends = {
        (cheatable, pull): train_policy(**{**START, "cheatable": cheatable, "pull": pull}).chances[-1]
        for cheatable in (False, True)
        for pull in (0.0, 1.0)
    }
    told = {key: f"{100 * float(chances[0]):.1f}" for key, chances in ends.items()}
    assert f"the right answer reaches {told[False, 0.0]} percent in {MOST_STEPS} steps" in TEXT
    assert f"It is {told[False, 1.0]} percent" in TEXT
    assert f"73 ends at {told[True, 1.0]} percent instead of {told[True, 0.0]}" in TEXT
    cheated = ends[True, 0.0]
    mean = float(cheated @ score_answers(cheatable=True).double())
    assert (
        f"Here the expected reward rises to {mean:.3f}, and the right answer has only {told[True, 0.0]} percent" in TEXT
    )
    assert cheated[0] < CHANCES[SOMETIMES][0]
    assert list(ANSWERS)[int(cheated.argmax())] == "77"
    held = ends[True, 1.0]
    assert float(held[0] / held[3]) == pytest.approx(3 / 4, abs=0.1)


def test_cheating_is_no_luck() -> None:
    """Of two answers with the same reward, the likelier one gains more: the mean of r (y − π) over all answers."""
    chances = torch.tensor(CHANCES[SOMETIMES])
    worth = score_answers(cheatable=True)
    gain = chances * (worth - chances @ worth)
    assert gain[3] > gain[0] > 0


def test_which_of_two_equal_rewards_wins_is_mostly_the_start_s_and_sometimes_the_draws() -> None:
    first = CHANCES[SOMETIMES]
    winners = [int(learn_with_seed(first, seed).argmax()) for seed in range(60)]
    assert set(winners) == {0, 3}
    assert winners.count(3) > 40
    turned = (first[3], first[1], first[2], first[0], first[4])
    assert sum(int(learn_with_seed(turned, seed).argmax()) == 0 for seed in range(20)) > 12


def learn_with_seed(chances: tuple[float, ...], seed: int) -> torch.Tensor:
    """Return the probabilities after 60 steps on the cheatable reward, with other random numbers."""
    logits, worth = torch.tensor(chances, dtype=torch.float64).log(), score_answers(cheatable=True)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(MOST_STEPS):
        drawn = torch.multinomial(logits.softmax(dim=0), 8, replacement=True, generator=generator)
        advantages = group_advantages(worth[drawn][None])[0]
        logits = step_by_hand(logits, drawn.tolist(), advantages.tolist(), START["rate"])
    return logits.softmax(dim=0)


def test_the_pull_is_never_negative_and_has_the_mean_of_minus_d() -> None:
    """The mean of e^d − d − 1 over the answers of π is that of −d, which is negative for some answers."""
    new, reference = (
        torch.tensor(chances, dtype=torch.float64).log() for chances in ((0.6, 0.3, 0.1), (0.2, 0.3, 0.5))
    )
    d = reference - new
    pairs = zip(new.split(1), reference.split(1), strict=True)
    each = torch.stack([reference_pull(one[None], at_first[None]) for one, at_first in pairs])
    assert float(each.min()) >= 0 > float((-d).min())
    assert float(new.exp() @ each) == pytest.approx(float(new.exp() @ -d))


@pytest.mark.parametrize("drawn", [(0, 1, 3, 0), (1, 1, 1, 1), (0, 0, 0, 2), (4, 3, 2, 0)])
def test_a_group_pushes_each_bar_by_the_mean_of_a_times_y_minus_pi(drawn: tuple[int, ...]) -> None:
    frame = compute_group([[float(place)] for place in drawn], 3)
    rewards = score_answers(cheatable=False)[list(drawn)]
    assert frame["rewards"].tolist() == rewards.tolist()
    assert frame["advantages"].tolist() == group_advantages(rewards[None])[0].tolist()
    before = torch.tensor(CHANCES[SOMETIMES], dtype=torch.float64)
    after = step_by_hand(before.log(), list(drawn), frame["advantages"].tolist(), START["rate"])
    assert frame["after"].tolist() == pytest.approx(after.softmax(dim=0).tolist())
    assert frame["pushes"].tolist() == pytest.approx((after - before.log()).tolist(), abs=1e-9)
    assert frame["counts"].tolist() == [drawn.count(place) for place in range(len(ANSWERS))]
    if len(set(rewards.tolist())) == 1:
        assert frame["after"].tolist() == pytest.approx(before.tolist())
        assert "all advantages are 0" in frame["told"][2]


def test_the_group_of_the_picture_is_that_of_the_example_by_hand() -> None:
    frame = VIEWS["group"].make_frame({})
    assert frame["drawn"] == [list(ANSWERS).index(answer) for answer in ("73", "63", "77", "73")]
    assert (frame["mean"], frame["spread"]) == (0.5, 0.5)
    assert frame["pushes"] == pytest.approx([0.25, -0.125, 0, -0.125, 0], abs=1e-6)


def test_the_derivative_of_a_log_probability_by_the_logits_is_y_minus_pi() -> None:
    logits = torch.tensor(CHANCES[SOMETIMES]).log().requires_grad_()
    logits.log_softmax(dim=0)[1].backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == pytest.approx((torch.eye(len(logits))[1] - logits.softmax(dim=0)).tolist())


def test_the_step_by_hand() -> None:
    drawn = [list(ANSWERS).index(answer) for answer in ("73", "63", "77", "73")]
    advantages = group_advantages(score_answers(cheatable=False)[drawn][None])[0].tolist()
    assert advantages == [1, -1, -1, 1]
    before = torch.tensor(CHANCES[SOMETIMES]).log()
    after = step_by_hand(before, drawn, advantages, START["rate"])
    assert (after - before).tolist() == pytest.approx([0.25, -0.125, 0, -0.125, 0], abs=1e-6)
    assert f"73 goes from 15 to {100 * float(after.softmax(dim=0)[0]):.1f} percent" in TEXT
    assert group_advantages(torch.tensor([[1.0, 0, 0, 0]]))[0, 0] == pytest.approx(1.73, abs=0.005)


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "slope"),
    [
        (1.0, 1.0, -1.0, -1.0),
        (1.5, 1.0, -1.2, 0.0),
        (0.5, 1.0, -0.5, -0.5),
        (1.5, -1.0, 1.5, 1.5),
        (0.5, -1.0, 0.8, 0.0),
        (1.5, 0.0, 0.0, 0.0),
    ],
)
def test_the_limit_stops_what_went_far_enough_and_nothing_else(
    ratio: float, advantage: float, loss: float, slope: float
) -> None:
    assert measure_answer(ratio, advantage, 0.2) == pytest.approx((loss, slope))
    frame = VIEWS["clip"].make_frame({"ratio": ratio, "advantage": advantage, "clip": 0.2})
    assert ("moves nothing more" in frame["says"]) == (slope == 0)


def test_the_curve_bends_at_the_limit() -> None:
    frame = compute_clip(1.0, 1.0, 0.3)
    curve = dict(frame["curve"])
    assert curve[frame["high"]] == pytest.approx(-1.3)
    assert [loss for ratio, loss in frame["curve"] if ratio >= frame["high"]] == pytest.approx(
        [-1.3] * sum(r >= 1.3 for r in curve)
    )


@pytest.mark.parametrize("pull", [0.0, 1.0])
@pytest.mark.parametrize("start", [SOMETIMES, HARDLY])
def test_the_largest_steps_stay_finite(start: str, pull: float) -> None:
    settings = {"start": start, "pull": pull, "rate": 2.0, "samples": 16, "cheatable": True, "steps": MOST_STEPS}
    frame = VIEWS["policy"].make_frame(settings)
    assert "null" not in json.dumps(frame, allow_nan=False)
    assert all(sum(chances) == pytest.approx(1, abs=1e-4) for chances in frame["chances"])


def test_what_is_said_of_the_runs_stands_in_their_page() -> None:
    page = Path(__file__).parents[3] / "docs" / "sums.md"
    if not page.is_file():
        pytest.skip("installed without its repository")
    measured = " ".join(page.read_text(encoding="utf-8").replace("*", "").split())
    rows = re.findall(r"\| ([a-z][^|]+?) \| (?:`--set ([^`]+)` )?\| ([\d.]+) % \|", TEXT)
    assert len(rows) == 5
    names = {
        "one answer per question": "`samples=1`",
        "the defaults": "the defaults",
        "the cheatable reward": "`reward=cheatable`",
        "no pull": "`pull=0`",
    }
    for name, command, share in rows:
        assert f"| {names[name]} | {share} %" in measured if name in names else f"answers {share} %" in measured
        assert names.get(name, "").strip("`") == command or (name, command) == ("the defaults", "")
    for command in ("groundup train sums --set steps=120 --run early", "groundup train reward --from early"):
        assert command in measured
        assert command in TEXT
    assert "(900 steps each" in measured
    assert "What each choice does in 900 steps" in TEXT
    for text in (measured, TEXT):
        assert "the mean reward rose to 1.0" in text
