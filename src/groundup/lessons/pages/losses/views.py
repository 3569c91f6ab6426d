"""What the views of losses show: scores that become probabilities and slopes, and what a sigmoid in between costs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from groundup.data.images.images import load_builtin
from groundup.lessons.origins import Factor, trace_softmax, trace_sum
from groundup.lessons.views import Choice, Slider, View
from groundup.steps.c3_networks.activation import sigmoid, softmax
from groundup.steps.c3_networks.loss import cross_entropy

ANIMALS = ("cat", "dog", "owl")
OTHERS = -8.0
SCORES = np.linspace(-10.0, 10.0, 81)
TRAINED_ON = 1400
BATCH = 64
STEPS = 300
STEPS_PER_FRAME = 3


def measure(logits: Float[Tensor, "batch class"], right: int, squashed: bool) -> tuple[Tensor, Tensor]:
    """Return the loss of each row whose right class is ``right``, and its slope along every logit."""
    logits = logits.clone().requires_grad_()
    scores = sigmoid(logits) if squashed else logits
    target = torch.tensor([right])
    losses = torch.stack([cross_entropy(row[None], target) for row in scores])
    (slopes,) = torch.autograd.grad(losses.sum(), logits)
    return losses.detach(), slopes


def write_share(share: float) -> str:
    """Return a probability in percent, as the bars show it."""
    return f"{100 * share:.1f}%" if share >= 0.00995 else f"{100 * share:.2g}%"


def compute_bars(cat: float, dog: float, owl: float, right: str, shift: int) -> dict[str, Any]:
    """Return the probabilities of three classes, the loss, and its slope along every score.

    Returns
    -------
    dict
        ``names``; ``logits``, ``powers`` of e, ``probabilities``, ``slopes``, shape (3,); ``total`` of the powers;
        ``right``, a place; ``loss``; ``origins``: where these come from; ``says``.
    """
    logits = torch.tensor([[cat, dog, owl]], dtype=torch.float64) + shift
    place = ANIMALS.index(right)
    losses, slopes = measure(logits, place, squashed=False)
    probabilities = softmax(logits)[0]
    powers = logits[0].exp()
    given = float(probabilities[place])
    names = [f"the {name}" for name in ANIMALS]
    origins = trace_softmax("probability of", probabilities.tolist(), logits[0].tolist(), ("p", "z"), names)
    for at, name in enumerate(names):
        share = [Factor(f"probability of {name}", float(probabilities[at]), f"p{at + 1}")]
        truth = [[Factor("−1, since it is the right one", -1.0)]] if at == place else []
        origins[f"d{at + 1}"] = trace_sum(f"slope along the score of {name}", float(slopes[0, at]), share, *truth)
    return {
        "names": ANIMALS,
        "logits": logits[0],
        "powers": powers,
        "total": powers.sum(),
        "probabilities": probabilities,
        "slopes": slopes[0],
        "right": place,
        "loss": losses[0],
        "origins": origins,
        "says": (
            f"The {right} has a probability of {write_share(given)}. The loss is −log {given:.4g} ≈ "
            f"{float(losses[0]):.4g}. The slopes sum to 0."
        ),
    }


@lru_cache(maxsize=32)
def trace_losses(classes: int) -> dict[str, Any]:
    """Return loss and slope along the right class's score for every score, with and without a sigmoid."""
    logits = torch.full((len(SCORES), classes), OTHERS, dtype=torch.float64)
    logits[:, 0] = torch.tensor(SCORES)
    found = {}
    for name, squashed in (("plain", False), ("squashed", True)):
        losses, slopes = measure(logits, 0, squashed)
        found[name] = np.c_[SCORES, losses.numpy(), slopes[:, 0].abs().numpy()]
    return found


def compute_squashed(score: float, classes: int) -> dict[str, Any]:
    """Return the cross-entropy of logits, and of logits behind a sigmoid.

    Returns
    -------
    dict
        ``plain`` and ``squashed``, one row (score of the right class, loss, size of the slope along it) each; ``at``,
        both rows of ``score``; ``floor``, below which the loss behind a sigmoid cannot fall; ``says``.
    """
    logits = torch.full((1, classes), OTHERS, dtype=torch.float64)
    logits[0, 0] = score
    at = []
    for squashed in (False, True):
        losses, slopes = measure(logits, 0, squashed)
        at.append([score, float(losses[0]), abs(float(slopes[0, 0]))])
    # The surest answer that a sigmoid allows: 1 for the right class and 0 for all others.
    surest = torch.zeros(1, classes, dtype=torch.float64)
    surest[0, 0] = 1
    floor = float(cross_entropy(surest, torch.tensor([0])))
    return {
        **trace_losses(classes),
        "at": at,
        "floor": floor,
        "says": (
            f"On logits: loss {at[0][1]:.4g}, slope {at[0][2]:.2g}. With the sigmoid: loss {at[1][1]:.4g}, slope "
            f"{at[1][2]:.2g}; it cannot fall below {floor:.4f}."
        ),
    }


@cache
def load_digits() -> tuple[Tensor, Tensor, int]:
    """Return the small pictures of digits, one row of pixels each, their labels, and how many classes there are."""
    images = load_builtin()
    pixels = torch.tensor(images.pixels.reshape(len(images), -1) / 255, dtype=torch.float32)
    return pixels, torch.tensor(images.labels), len(images.classes)


def compute_race(rate: float) -> Iterator[dict[str, Any]]:
    """Train two equal networks of one layer on small pictures of digits, one with a sigmoid before the loss.

    Yields
    ------
    dict
        ``steps``; ``losses``, one row (step, on logits, with the sigmoid) per step so far; ``right``, one row
        (step, share of new pictures right on logits, with the sigmoid) per frame; ``most``; ``floor``; ``says``.
    """
    torch.set_num_threads(1)
    X, y, classes = load_digits()
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(0))
    train, test = order[:TRAINED_ON], order[TRAINED_ON:]
    draw = torch.Generator().manual_seed(1)
    weights = [torch.zeros(X.shape[1], classes, requires_grad=True) for _ in range(2)]
    losses: list[list[float]] = []
    right: list[list[float]] = []
    surest = torch.eye(classes)[:1]
    floor = float(cross_entropy(surest, torch.tensor([0])))
    for step in range(STEPS + 1):
        if step % STEPS_PER_FRAME == 0:
            shares = [float(((X[test] @ w.detach()).argmax(1) == y[test]).double().mean()) for w in weights]
            right.append([step, *shares])
            read = f"{shares[0]:.1%} of {len(test)} new pictures are right on logits, {shares[1]:.1%} with the sigmoid"
            says = f"After {step} steps: {read}."
            if losses:
                says += f" The losses of the last batch: {losses[-1][1]:.3g} and {losses[-1][2]:.3g}."
            yield {
                "steps": step,
                "losses": list(losses),
                "right": list(right),
                "most": STEPS,
                "floor": floor,
                "says": says,
            }
        batch = train[torch.randint(len(train), (BATCH,), generator=draw)]
        now = []
        for w, squashed in zip(weights, (False, True), strict=True):
            logits = X[batch] @ w
            loss = cross_entropy(sigmoid(logits) if squashed else logits, y[batch])
            (gradient,) = torch.autograd.grad(loss, w)
            with torch.no_grad():
                w -= rate * gradient
            now.append(float(loss.detach()))
        losses.append([step + 1, *now])


VIEWS = {
    "bars": View(
        "Three scores, their probabilities, and the slope of the loss",
        compute_bars,
        (
            Choice("right", "the picture shows a", "cat", ANIMALS),
            Slider("shift", "added to all", 0, low=-50, high=50, step=10),
            *(
                Slider(name, f"score of {name}", value, low=-6.0, high=6.0, step=0.1, hidden=True)
                for name, value in zip(ANIMALS, (1.0, 2.0, -1.0), strict=True)
            ),
        ),
    ),
    "squashed": View(
        "The loss on logits, and behind a sigmoid",
        compute_squashed,
        (
            Slider("score", "score of the right class", -6.0, low=-10.0, high=10.0, step=0.1),
            Slider("classes", "classes", 10, low=2, high=20, step=1),
        ),
    ),
    "race": View(
        "Two networks learn to read digits",
        compute_race,
        (Slider("rate", "learning rate α", 0.1, low=0.01, high=1.0, step=0.01, log=True),),
        stream=True,
        lazy=True,
    ),
}
