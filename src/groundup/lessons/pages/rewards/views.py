"""What the lesson on learning from reward shows: a policy for one question, one group, and the loss of one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import vmap

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.sliders import AlongSliders, SideBySideSGD
from groundup.lessons.views import Choice, Points, Slider, Switch, View
from groundup.steps.c7_beyond.policy_gradient import policy_loss, reference_pull, token_log_probabilities
from groundup.steps.c7_beyond.reward import exact_reward, group_advantages, occurring_reward

QUESTION = "47 + 26"
# The right answer first, then four mistakes, and how each is made.
ANSWERS = {
    "73": "right",
    "63": "the carry is forgotten",
    "74": "off by one",
    "77": "one digit, twice",
    "21": "subtracted",
}
SOMETIMES, HARDLY = STARTS = ("sometimes", "hardly ever")
# How likely the answers are at first.
CHANCES = {SOMETIMES: (0.15, 0.4, 0.15, 0.2, 0.1), HARDLY: (0.0005, 0.4995, 0.2, 0.2, 0.1)}
MOST_STEPS = 60
# The group of the example by hand, and the learning rate.
GROUP, GROUP_RATE = ("73", "63", "77", "73"), 0.5
MOST_RATIO = 2.0
RATIOS = 81


@dataclass(frozen=True)
class Path:
    """How a policy learned: its probabilities before each step and after the last, and the group of each step."""

    chances: Float[Tensor, "moment answer"]
    drawn: Int[Tensor, "step sample"]
    rewards: Float[Tensor, "step sample"]
    advantages: Float[Tensor, "step sample"]


def score_answers(cheatable: bool) -> Float[Tensor, " answer"]:
    """Return the reward of each answer: 1 if it is right, else 0; or what its digits get wherever they stand."""
    digits = torch.tensor([[int(digit) for digit in answer] for answer in ANSWERS])
    return (occurring_reward if cheatable else exact_reward)(digits, digits[:1].expand_as(digits))


def draw_noise(samples: int, generator: torch.Generator) -> Float[Tensor, "sample answer"]:
    """Return the random numbers of a group, as `torch.multinomial` draws them."""
    return torch.empty(samples, len(ANSWERS), dtype=torch.float64).exponential_(generator=generator)


def draw_groups(
    logits: Float[Tensor, "policy answer"], noise: Float[Tensor, "sample answer"]
) -> Int[Tensor, "policy sample"]:
    """Draw a group for each policy at once: the same answers as by the step's `choose_token`, one by one."""
    return (logits.softmax(dim=1)[:, None] / noise).argmax(dim=2)


def train_policies(
    start: str, samples: int, rates: Sequence[float], pulls: Sequence[float], cheatable: bool
) -> list[Path]:
    """Train policies side by side on rewards, each with its rate and its pull, and all with the same random numbers.

    What is computed for each of them is what is computed for it alone.
    """
    count = len(rates)
    reference = torch.tensor(CHANCES[start], dtype=torch.float64).log()
    logits = nn.Parameter(reference.repeat(count, 1))
    optimizer = SideBySideSGD([logits], rates)
    worth = score_answers(cheatable)
    generator = torch.Generator().manual_seed(0)
    weights = torch.tensor(pulls, dtype=torch.float64)
    at_first = token_log_probabilities(reference.expand(len(ANSWERS), 1, -1), torch.arange(len(ANSWERS))[:, None])

    def price(new: Tensor, reference: Tensor, advantages: Tensor, pull: Tensor) -> Tensor:
        if len(set(pulls)) == 1:
            return policy_loss(new, new.detach(), reference, advantages, pull=pulls[0])
        loss = policy_loss(new, new.detach(), reference, advantages, pull=0.0)
        return loss + pull * reference_pull(new, reference)

    chances, groups = [reference.exp().expand(count, -1)], []
    for _ in range(MOST_STEPS):
        drawn = draw_groups(logits.detach(), draw_noise(samples, generator))
        rewards = worth[drawn]
        advantages = group_advantages(rewards)
        # Each answer is a text of one token here.
        tokens = drawn.flatten()[:, None]
        new = token_log_probabilities(logits.repeat_interleave(samples, dim=0)[:, None], tokens)
        optimizer.zero_grad()
        given = new.view(count, samples, 1), at_first[drawn], advantages, weights
        # For a single policy, what `vmap` costs is more than what it computes.
        (price(*(part[0] for part in given)) if count == 1 else vmap(price)(*given).sum()).backward()
        optimizer.step()
        chances.append(logits.detach().softmax(dim=1))
        groups.append((drawn, rewards, advantages))
    steps = torch.stack(chances, dim=1), *(torch.stack(parts, dim=1) for parts in zip(*groups, strict=True))
    return [Path(*(part[which] for part in steps)) for which in range(count)]


def train_policy(start: str, samples: int, rate: float, pull: float, cheatable: bool) -> Path:
    """Train the logits of the answers on rewards, with the same random numbers every time."""
    return train_policies(start, samples, [rate], [pull], cheatable)[0]


def train_places(places: list[dict[str, Any]]) -> list[Path]:
    """Train a policy for each place of a slider."""
    first = places[0]
    rates, pulls = ([place[name] for place in places] for name in ("rate", "pull"))
    return train_policies(first["start"], first["samples"], rates, pulls, first["cheatable"])


def trace_advantages(path: Path) -> dict[str, Any]:
    """Return where the advantage of each answer of each step comes from: ``A1_0`` is that of the first answer."""
    origins: dict[str, Any] = {}
    # Answers of a group that are the same have the same reward: each is explained once.
    groups = [
        {answer: (reward, advantage) for answer, reward, advantage in zip(*group, strict=True)}
        for group in zip(path.drawn.tolist(), path.rewards.tolist(), path.advantages.tolist(), strict=True)
    ]
    means, spreads = path.rewards.mean(dim=1).tolist(), path.rewards.std(dim=1, unbiased=False).tolist()
    for step, (group, middle, spread) in enumerate(zip(groups, means, spreads, strict=True), 1):
        if not spread:
            continue  # rewards that are all equal are compared with each other
        over = Factor("standard deviation", spread, over=True)
        less = [Factor("−mean reward of the group", -middle), over]
        for answer, (reward, advantage) in group.items():
            name = f"advantage A of {list(ANSWERS)[answer]}"
            origins[f"A{step}_{answer}"] = trace_sum(name, advantage, [Factor("reward", reward), over], less)
    return origins


def compute_policy(samples: int, rate: float, pull: float, cheatable: bool, start: str, steps: int) -> dict[str, Any]:
    """Return how a policy learns which answer to give to one question.

    Returns
    -------
    dict
        ``question``; ``answers``, ``notes`` and ``worth``: the answers, how each comes about, and its reward;
        ``chances``: their probabilities before each step and after the last, 61×5; ``drawn``, ``rewards`` and
        ``advantages``: the group of each step, 60×S; ``origins``: where the advantages come from; ``mean``: the
        expected reward of the policy, one per row of ``chances``; ``says``: what is true after ``steps`` steps.
    """
    path = POLICIES.find(start=start, samples=samples, rate=rate, pull=pull, cheatable=cheatable)
    worth = score_answers(cheatable)
    right, mean = path.chances[:, 0], path.chances @ worth.double()
    answers = list(ANSWERS)
    return {
        "origins": lambda: trace_advantages(path),
        "question": QUESTION,
        "answers": answers,
        "notes": list(ANSWERS.values()),
        "worth": worth,
        "chances": path.chances,
        "drawn": path.drawn,
        "rewards": path.rewards,
        "advantages": path.advantages,
        "mean": mean,
        "says": f"After {steps} step{'' if steps == 1 else 's'} of {samples} answer{'' if samples == 1 else 's'}: "
        f"the right answer has probability {100 * right[steps]:.3g} %, the expected reward is {mean[steps]:.3g}.",
    }


def compute_group(drawn: list[list[float]], stage: int) -> dict[str, Any]:
    """Return what one group of answers does to the probabilities in one step, at the learning rate of the main view.

    Returns
    -------
    dict
        ``answers``; ``drawn``, the places of the drawn ones in it; for each of these ``rewards`` and ``advantages``;
        ``mean`` and ``spread`` of the rewards; for each of all answers ``before`` and ``after``, its probabilities,
        ``counts``, how often it was drawn, and ``pushes``, by how much its logit changes; ``told``, a sentence for each
        stage; ``says``.
    """
    places = torch.tensor([min(len(ANSWERS) - 1, max(0, round(place))) for [place] in drawn])
    rewards = score_answers(cheatable=False)[places]
    advantages = group_advantages(rewards[None])[0]
    before = torch.tensor(CHANCES[SOMETIMES], dtype=torch.float64).log()
    logits = before.clone().requires_grad_()
    new = token_log_probabilities(logits.expand(len(places), 1, -1), places[:, None])
    (gradient,) = torch.autograd.grad(policy_loss(new, new.detach(), new.detach(), advantages, pull=0), logits)
    pushes = -GROUP_RATE * gradient
    after = (before + pushes).softmax(dim=0)
    mean, spread = float(rewards.mean()), float(rewards.std(correction=0))
    answers = list(ANSWERS)
    compared = f"The standard deviation is {spread:.3g}" if spread else "All rewards are equal, so all advantages are 0"
    right = CHANCES[SOMETIMES][0], float(after[0])
    told = [
        f"Four answers were drawn: {', '.join(answers[place] for place in places.tolist())}.",
        f"A right answer gets the reward 1, any other 0. The mean of this group is {mean:.3g}.",
        f"{compared}. Above the mean an advantage is positive, below it negative.",
        "Each drawn answer pushes its own logit, up or down. "
        f"The probability of {answers[0]} goes from {100 * right[0]:.3g} to {100 * right[1]:.3g} %.",
    ]
    return {
        "answers": answers,
        "drawn": places,
        "rewards": rewards,
        "advantages": advantages,
        "mean": mean,
        "spread": spread,
        "counts": torch.bincount(places, minlength=len(answers)),
        "before": before.exp(),
        "after": after,
        "pushes": pushes,
        "told": told,
        "says": told[stage],
    }


def measure_answer(ratio: float, advantage: float, clip: float) -> tuple[float, float]:
    """Return the loss of one answer of one token without the pull, and how it changes with log π of the answer."""
    new = torch.tensor([[ratio]], dtype=torch.float64).log().requires_grad_()
    nothing = torch.zeros(1, 1, dtype=torch.float64)
    loss = policy_loss(new, nothing, new.detach(), torch.tensor([advantage], dtype=torch.float64), clip, pull=0)
    (slope,) = torch.autograd.grad(loss, new)
    return loss.item(), slope.item()


def compute_clip(ratio: float, advantage: float, clip: float) -> dict[str, Any]:
    """Return the loss of one answer for each ratio.

    Returns
    -------
    dict
        ``curve`` and ``plain``: rows (ratio, loss), with and without the limit ε; ``low`` and ``high``: where the
        ratio leaves the limits; ``loss`` and ``slope`` at this ratio, the slope with respect to log π; ``says``.
    """
    ratios = torch.linspace(0.01, MOST_RATIO, RATIOS, dtype=torch.float64).tolist()
    ratios = sorted({*ratios, 1 - clip, 1 + clip} - {0.0})
    loss, slope = measure_answer(ratio, advantage, clip)
    told = "its gradient is 0: this answer moves nothing more" if slope == 0 else f"its gradient is {slope:.3g}"
    return {
        "curve": [(at, measure_answer(at, advantage, clip)[0]) for at in ratios],
        "plain": [(at, -at * advantage) for at in (0.0, MOST_RATIO)],
        "low": 1 - clip,
        "high": 1 + clip,
        "loss": loss,
        "slope": slope,
        "says": f"Ratio {ratio:.3g}, advantage {advantage:.3g}: the loss is {loss:.3g}, and {told}.",
    }


RATE = Slider("rate", "learning rate α", 0.5, low=0.05, high=2.0, step=0.05, log=True)
PULL = Slider("pull", "pull to the start β", 0.0, low=0.0, high=1.0, step=0.05)
POLICIES = AlongSliders(train_policy, train_places, [RATE, PULL])
VIEWS = {
    "policy": View(
        "Five possible answers to one question, and how a reward changes their probabilities",
        compute_policy,
        (
            Slider("samples", "answers per group S", 8, low=1, high=16, step=1),
            RATE,
            PULL,
            Switch("cheatable", "cheatable reward", False),
            Choice("start", "right at first", SOMETIMES, STARTS),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
        ),
    ),
    "group": View(
        "One group of four answers, and how it pushes the probabilities",
        compute_group,
        (
            Points("drawn", "drawn answers", tuple((float(list(ANSWERS).index(one)),) for one in GROUP), 4, 4),
            Slider("stage", "stage", 0, low=0, high=3, step=1, plays=True),
        ),
    ),
    "clip": View(
        "The loss of one answer, for each ratio of its new to its old probability",
        compute_clip,
        (
            Slider("advantage", "advantage A", 1.0, low=-1.5, high=1.5, step=0.25),
            Slider("clip", "limit ε", 0.2, low=0.05, high=0.5, step=0.05),
            Slider("ratio", "ratio ρ", 1.0, low=0.05, high=MOST_RATIO, step=0.05),
        ),
    ),
}
