"""What the lesson on preferences shows: the loss of one pair of answers, and two ways from comparisons to a model."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from groundup.lessons.origins import Factor, trace_softmax, trace_sum
from groundup.lessons.views import Points, Slider, View
from groundup.steps.c3_networks.activation import sigmoid
from groundup.steps.c7_beyond.preference import preference_loss

QUESTION = "How do I boil an egg?"
# The answers, and how likely each is at first.
ANSWERS = {
    "Eight minutes in boiling water.": 0.15,
    "Boil it.": 0.5,
    "Ask a cook.": 0.25,
    "Eggs are healthy.": 0.1,
}
LETTERS = "ABCD"
# The log-probabilities of the first two as texts: a short answer is likelier, whatever it is worth.
AT_FIRST = (-14.0, -9.0)
LEAST_LOG, MOST_MARGIN, MARGINS = -20.0, 40.0, 81
PAIRS = tuple(combinations(range(len(ANSWERS)), 2))
# How many of ten people prefer the first answer of each pair. Were all of one mind, no finite reward would fit.
PEOPLE, VOTES = 10, (8, 9, 9, 7, 8, 6)
NEWTON_STEPS = 6
STAGES = ("examples", "votes", "reward model", "rewards", "DPO")


def weigh_pair(
    chosen: float, rejected: float, reference_chosen: float, reference_rejected: float, beta: float
) -> tuple[float, Float[Tensor, " 2"]]:
    """Return the loss of one pair of answers, and how it changes with log π of the chosen and of the rejected one."""
    new = torch.tensor([chosen, rejected], dtype=torch.float64, requires_grad=True)
    at_first = torch.tensor([reference_chosen, reference_rejected], dtype=torch.float64)
    loss = preference_loss(new[:1], new[1:], at_first[:1], at_first[1:], beta)
    (slopes,) = torch.autograd.grad(loss, new)
    return loss.item(), slopes


def compute_preference(
    beta: float, chosen: float, rejected: float, reference_chosen: float, reference_rejected: float
) -> dict[str, Any]:
    """Return the loss of two answers to one question, of which somebody chose one.

    Parameters
    ----------
    beta : float
        β.
    chosen, rejected, reference_chosen, reference_rejected : float
        The log-probabilities of both answers under the model that learns, and under the reference.

    Returns
    -------
    dict
        ``question`` and ``answers``; ``gains``, how much likelier each answer has become; ``margin``, their difference;
        ``sigma``, σ(β m), ``loss``, and ``slopes``, the derivatives of the loss along both log-probabilities;
        ``curve``, rows (margin, σ, loss); ``origins``; ``says``.
    """
    loss, slopes = weigh_pair(chosen, rejected, reference_chosen, reference_rejected, beta)
    gains = (chosen - reference_chosen, rejected - reference_rejected)
    margin = gains[0] - gains[1]
    margins = torch.linspace(-MOST_MARGIN, MOST_MARGIN, MARGINS, dtype=torch.float64)
    nothing = torch.zeros(1, dtype=torch.float64)
    losses = [float(preference_loss(at, nothing, nothing, nothing, beta)) for at in margins.split(1)]
    sigma = float(sigmoid(torch.tensor(beta * margin, dtype=torch.float64)))
    strength = float(slopes[1])
    first, second = (
        Factor("gain of the chosen", gains[0], "gain1"),
        Factor("− gain of the rejected", -gains[1], "gain2"),
    )
    origins = {
        "margin": trace_sum("m", margin, [first], [second]),
        "sigma": trace_sum("σ(β m)", sigma, [Factor("β", beta), Factor("m", margin, "margin")], then="σ(·)"),
        "loss": trace_sum("loss", loss, [Factor("σ(β m)", sigma, "sigma")], then="−log ·"),
        "slope": trace_sum("slope", -strength, [Factor("−β", -beta), Factor("(1 − σ)", 1 - sigma)]),
    }
    for place, (name, now, before) in enumerate(
        (("chosen", chosen, reference_chosen), ("rejected", rejected, reference_rejected)), 1
    ):
        terms = [Factor("log π now", now, name)], [Factor("−log π at first", -before, f"reference_{name}")]
        origins[f"gain{place}"] = trace_sum(f"gain of the {name} answer", now - before, *terms)
    return {
        "origins": origins,
        "question": QUESTION,
        "answers": list(ANSWERS)[:2],
        "gains": gains,
        "margin": margin,
        "sigma": sigma,
        "loss": loss,
        "slopes": slopes,
        "curve": list(zip(margins.tolist(), sigmoid(beta * margins).tolist(), losses, strict=True)),
        "says": f"The chosen answer gained {gains[0]:.3g}, the rejected one {gains[1]:.3g}: the margin is "
        f"{margin:.3g}, σ(β m) is {sigma:.3g}, and the loss {loss:.3g}. The gradient is {-strength:.3g} for the chosen "
        f"answer and {strength:.3g} for the rejected one.",
    }


def list_choices(votes: list[int]) -> tuple[Int[Tensor, " choice"], Int[Tensor, " choice"]]:
    """Return the chosen and the rejected answer of each single comparison, by their places."""
    chosen, rejected = [], []
    for (first, second), count in zip(PAIRS, votes, strict=True):
        chosen += [first] * count + [second] * (PEOPLE - count)
        rejected += [second] * count + [first] * (PEOPLE - count)
    return torch.tensor(chosen), torch.tensor(rejected)


def find_least(
    measure: Callable[[Float[Tensor, " answer"]], Float[Tensor, ""]], start: Float[Tensor, " answer"]
) -> Float[Tensor, " answer"]:
    """Return where a loss of four numbers is least, by Newton's method: gradient descent takes many steps more."""
    at = start
    for _ in range(NEWTON_STEPS):
        here = at.clone().requires_grad_()
        (slope,) = torch.autograd.grad(measure(here), here, create_graph=True)
        curvature = torch.stack([torch.autograd.grad(one, here, retain_graph=True)[0] for one in slope])
        # The same number added to all changes nothing, so the curvature has no inverse.
        at = at - torch.linalg.pinv(curvature, hermitian=True) @ slope.detach()
    return at


def learn_rewards(votes: list[int]) -> Float[Tensor, " answer"]:
    """Return the rewards that explain the votes best: an answer is chosen with probability σ of the difference.

    This is the preference loss without a reference and with β = 1.
    """
    chosen, rejected = list_choices(votes)
    nothing = torch.zeros(len(chosen), dtype=torch.float64)
    rewards = find_least(
        lambda scores: preference_loss(scores[chosen], scores[rejected], nothing, nothing, 1),
        torch.zeros(len(ANSWERS), dtype=torch.float64),
    )
    return rewards - rewards.mean()


def maximise_reward(
    reference: Float[Tensor, " answer"], rewards: Float[Tensor, " answer"], beta: float
) -> Float[Tensor, " answer"]:
    """Return the probabilities with the largest mean of reward − β log(π / π_ref): where all answers have the same."""
    return (reference + rewards / beta).softmax(dim=0)


def prefer_directly(reference: Float[Tensor, " answer"], votes: list[int], beta: float) -> Float[Tensor, " answer"]:
    """Return the probabilities with the least preference loss over all votes."""
    chosen, rejected = list_choices(votes)

    def measure(logits: Float[Tensor, " answer"]) -> Float[Tensor, ""]:
        new = logits.log_softmax(dim=0)
        return preference_loss(new[chosen], new[rejected], reference[chosen], reference[rejected], beta)

    return find_least(measure, reference).softmax(dim=0)


def compute_stages(votes: list[list[float]], beta: float, stage: int) -> dict[str, Any]:
    """Return how votes become a model: through a reward model, and at once.

    Returns
    -------
    dict
        ``question``, ``answers`` and their ``letters``; ``pairs``, places in them, and ``votes`` for the first of each
        pair; ``before``, the probabilities at first; ``rewards``, those of the reward model; ``after``, the
        probabilities that these rewards and the pull give, and ``direct``, those of DPO; ``origins``; ``told``, a
        sentence for each stage; ``says``.
    """
    counts = [min(PEOPLE - 1, max(1, round(count))) for [count] in votes]
    before = torch.tensor(list(ANSWERS.values()), dtype=torch.float64)
    rewards = learn_rewards(counts)
    after = maximise_reward(before.log(), rewards, beta)
    direct = prefer_directly(before.log(), counts, beta)
    likeliest = list(ANSWERS)[int(after.argmax())]
    best = list(ANSWERS)[int(rewards.argmax())]
    chance = f"the likeliest answer, with {100 * float(after.max()):.3g} %,"
    told = [
        "The model has learned from examples (SFT). This is the start, and the reference.",
        f"{PEOPLE} people compare each pair of answers. In the first pair, {counts[0]} prefer the long one.",
        f"The reward model has a number for each answer. The largest, {float(rewards.max()):.3g}, has “{best}”",
        f"Rewards, and a pull of β = {beta:.3g} to the start: {chance} is now “{likeliest}”",
        f"DPO (circles), without a reward model: {chance} is “{likeliest}”, as before.",
    ]
    scores = before.log() + rewards / beta
    origins = trace_softmax("π of", after.tolist(), scores.tolist(), ("after", "score"), LETTERS)
    for place, (score, reward, first) in enumerate(zip(scores, rewards, before.log(), strict=True), 1):
        terms = [Factor("log π at first", float(first))], [Factor("r", float(reward)), Factor("β", beta, over=True)]
        origins[f"score{place}"] = trace_sum("log π at first + r / β", float(score), *terms)
    return {
        "origins": origins,
        "question": QUESTION,
        "answers": list(ANSWERS),
        "letters": LETTERS,
        "pairs": PAIRS,
        "people": PEOPLE,
        "votes": counts,
        "before": before,
        "rewards": rewards,
        "after": after,
        "direct": direct,
        "told": told,
        "says": told[stage],
    }


def _log_probability(name: str, label: str, value: float) -> Slider:
    return Slider(name, label, value, low=LEAST_LOG, high=0.0, step=0.5, hidden=True)


STAGES_CONTROLS = (
    Points("votes", "votes for the first of each pair", tuple((float(count),) for count in VOTES), 6, 6),
    Slider("beta", "pull to the start β", 0.5, low=0.2, high=5.0, step=0.05, log=True),
)

VIEWS = {
    "preference": View(
        "Two answers to one question, and the loss of preferring one",
        compute_preference,
        (
            Slider("beta", "β", 0.3, low=0.05, high=2.0, step=0.05, log=True),
            _log_probability("chosen", "log π of the chosen answer", AT_FIRST[0]),
            _log_probability("rejected", "log π of the rejected answer", AT_FIRST[1]),
            _log_probability("reference_chosen", "log π of the chosen answer at first", AT_FIRST[0]),
            _log_probability("reference_rejected", "log π of the rejected answer at first", AT_FIRST[1]),
        ),
    ),
    "stages": View(
        "From comparisons to a model: three stages, or one",
        compute_stages,
        (*STAGES_CONTROLS, Slider("stage", "step", 0, low=0, high=len(STAGES) - 1, step=1, plays=True)),
    ),
    # The same picture beside the question on DPO, which is far below the first.
    "direct": View(
        "From comparisons to a model at once: DPO",
        compute_stages,
        (*STAGES_CONTROLS, Slider("stage", "step", len(STAGES) - 1, low=0, high=len(STAGES) - 1, step=1, hidden=True)),
    ),
}
