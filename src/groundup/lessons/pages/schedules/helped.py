"""A training of digits with and without a schedule and clipping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from groundup.lessons.digits import NEW, VALIDATED, load_digits, make_network, shuffle
from groundup.lessons.views import Choice, Slider, Switch, View
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c4_training.gradient_clipping import clip_gradients
from groundup.steps.c4_training.optimisers import SGD, Adam
from groundup.steps.c4_training.schedule import learning_rate
from groundup.steps.c4_training.training_loop import accuracy

HELPED_EPOCHS, HELPED_BATCH, LONGEST, ODD_STEP, ODD_FACTOR = 3, 32, 1.0, 50, 100


def train_helped(
    optimizer: str, rate: float, warm_up: int, cosine: bool, clip: bool, odd: bool
) -> Iterator[dict[str, Any]]:
    """Train the same network on digits twice: with a constant rate, and with a schedule and clipping.

    Parameters
    ----------
    optimizer : {"plain", "Adam"}
        The rule of both.
    rate : float
        The constant learning rate of the first, and the highest of the second.
    warm_up : int
        How many steps the second one's rate rises.
    cosine : bool
        Whether it then falls along half a cosine.
    clip : bool
        Whether the second one's gradients are clipped to the length 1.
    odd : bool
        Whether one batch of both is unusual: its pixels are multiplied by 100.

    Yields
    ------
    dict
        ``losses``: two lists, one number per step so far (the first one is trained before the second one begins);
        ``rates`` and ``lengths``: the second one's learning rates and the lengths of its gradients before clipping;
        ``right``: both accuracies on digits that are not trained on; ``step``, ``steps``; ``says``. The very first
        frame is ``partial``: nothing is trained in it.
    """
    x, y = load_digits()
    models = [make_network() for _ in range(2)]
    rules = [{"plain": SGD, "Adam": Adam}[optimizer](model.parameters(), rate) for model in models]
    batches = shuffle(HELPED_EPOCHS, HELPED_BATCH)
    steps = len(batches)
    losses: list[list[float]] = [[], []]
    rates: list[float] = []
    lengths: list[float] = []

    right = [accuracy(model, x[NEW], y[NEW]) for model in models]

    def draw(partial: bool = False) -> dict[str, Any]:
        told = f"Step {len(rates)} of {steps}" if rates else "Not trained yet"
        says = f"{told}: {right[1]:.1%} of {VALIDATED} new digits are right"
        says += "." if partial else f", {right[0]:.1%} without the help."
        found = {"losses": losses, "rates": rates, "lengths": lengths, "right": right, "clip": clip, "rate": rate}
        return {**found, "partial": partial, "step": len(rates), "steps": steps, "longest": LONGEST, "says": says}

    def compute_gradients(place: int, step: int) -> None:
        rows = batches[step]
        inputs = x[rows] * (ODD_FACTOR if odd and step == ODD_STEP else 1)
        rules[place].zero_grad()
        loss = cross_entropy(models[place](inputs), y[rows])
        loss.backward()
        losses[place].append(min(loss.item(), 1e6))

    yield draw(partial=True)  # before the training that is only for comparison: it takes longer than a hand waits
    for step in range(steps):
        compute_gradients(0, step)
        rules[0].step()
    right[0] = accuracy(models[0], x[NEW], y[NEW])
    yield draw()
    for step in range(steps):
        compute_gradients(1, step)
        helped = learning_rate(step, steps, warm_up, rate, 0.0 if cosine else rate)
        rules[1].param_groups[0]["lr"] = helped
        rates.append(helped)
        weights = [weight for weight in models[1].parameters() if weight.grad is not None]
        clipped, length = clip_gradients([weight.grad for weight in weights if weight.grad is not None], LONGEST)
        lengths.append(length)
        if clip:
            for weight, gradient in zip(weights, clipped, strict=True):
                weight.grad = gradient
        rules[1].step()
        if (step + 1) % 4 == 0:
            right[1] = accuracy(models[1], x[NEW], y[NEW])
            yield draw()


HELPED = View(
    "The same training with and without a schedule and clipping",
    train_helped,
    (
        Choice("optimizer", "optimizer", "Adam", ("plain", "Adam")),
        Slider("rate", "highest rate", 0.1, low=0.001, high=2.0, step=0.001, log=True),
        Slider("warm_up", "steps of the warm-up", 0, low=0, high=48, step=1),
        Switch("cosine", "then fall along a cosine", False),
        Switch("clip", "clip at c = 1", False),
        Switch("odd", "one batch 100 times as bright", False),
    ),
    stream=True,
    lazy=True,
)
