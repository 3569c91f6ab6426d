"""Which size of GPT, and how many steps, fit a time budget.

A model too large for its time has seen too little when it ends; one too small has long stopped learning. The sizes
were compared on tiny Shakespeare with two processor cores, so each is the largest for its budget; what a step takes is
measured on the machine at hand, and a slower one takes a smaller size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """The sizes that the user may leave open.

    Attributes
    ----------
    layers, heads, width, context
        As in `GPTSettings`.
    batch_size : int
        Windows a step learns from.
    """

    layers: int
    heads: int
    width: int
    context: int
    batch_size: int


TINY = Size(layers=2, heads=2, width=64, context=64, batch_size=8)
QUICK = Size(layers=2, heads=4, width=128, context=64, batch_size=16)
SMALL = Size(layers=4, heads=4, width=128, context=64, batch_size=16)
MIDDLE = Size(layers=4, heads=6, width=192, context=64, batch_size=24)
LONG = Size(layers=6, heads=8, width=256, context=128, batch_size=16)

MOST_EVALUATIONS = 10
EVALUATION_SHARE = 0.05
# With fewer steps, the next smaller size learns more in the same time.
LEAST_STEPS = 150
# What of the budget one evaluation may take, and from how many tokens on its figure says something: there its standard
# error is about 0.02 nats.
ONE_EVALUATION_SHARE = 0.1
LEAST_MEASURED = 8192


def choose_size(minutes: float | None) -> Size:
    """Return the size for a time budget in minutes; ``None`` for a run whose steps are given.

    Examples
    --------
    >>> choose_size(5).context
    128
    """
    if minutes is None:
        return SMALL
    return next((size for limit, size in ((0.2, QUICK), (0.6, SMALL), (2.0, MIDDLE)) if minutes <= limit), LONG)


def list_sizes(minutes: float) -> list[Size]:
    """Return the sizes that a time budget may have, the largest, that of `choose_size`, first.

    Examples
    --------
    >>> [size.width for size in list_sizes(0.5)]
    [128, 128, 64]
    """
    sizes = [LONG, MIDDLE, SMALL, QUICK, TINY]
    return sizes[sizes.index(choose_size(minutes)) :]


def fit_size(
    sizes: Sequence[Size], seconds: float, time_size: Callable[[Size], float], cost: Callable[[Size], float]
) -> tuple[Size, float | None]:
    """Return the largest size that gets at least ``LEAST_STEPS`` steps, and what one takes; else the smallest.

    Parameters
    ----------
    sizes : sequence of Size
        The largest first.
    seconds : float
        For the steps.
    time_size : callable
        Measures the seconds that a step takes.
    cost : callable
        How much a step computes, in any unit. A smaller size takes at least its share of a larger one's time, so
        that a size which cannot fit is not timed.

    Returns
    -------
    size : Size
        The choice.
    step_seconds : float or None
        What a step takes; ``None`` where it was not measured, because it is the last size.

    Examples
    --------
    >>> fit_size([LONG, MIDDLE, QUICK], 60, lambda size: size.width / 500, lambda size: size.width)[0].width
    192
    """
    per_cost = 0.0
    for size in sizes[:-1]:
        if LEAST_STEPS * per_cost * cost(size) > seconds:
            continue
        step_seconds = time_size(size)
        if LEAST_STEPS * step_seconds <= seconds:
            return size, step_seconds
        per_cost = step_seconds / cost(size)
    return sizes[-1], None


def fit_measured(seconds: float, token_seconds: float, tokens: int) -> int:
    """Return how many of the tokens an evaluation measures, so that it takes a tenth of the budget at most.

    Parameters
    ----------
    seconds : float
        The whole budget.
    token_seconds : float
        What measuring a token takes.
    tokens : int
        How many there are.

    Examples
    --------
    >>> fit_measured(60.0, 1e-5, 100_000), fit_measured(60.0, 1e-4, 100_000), fit_measured(60.0, 0.1, 100_000)
    (100000, 60000, 8192)
    """
    return max(1, min(tokens, max(LEAST_MEASURED, round(ONE_EVALUATION_SHARE * seconds / max(token_seconds, 1e-12)))))


def fit_steps(seconds: float, step_seconds: float, evaluation_seconds: float) -> dict[str, int]:
    """Return how many steps fit, and after how many of them each to evaluate.

    Parameters
    ----------
    seconds : float
        What is left of the budget.
    step_seconds, evaluation_seconds : float
        What a step and an evaluation take. Evaluations before the last one take at most a twentieth of the time.

    Examples
    --------
    >>> fit_steps(60.0, 0.05, 1.0)
    {'steps': 1140, 'evaluate_every': 380}
    """
    extra = min(MOST_EVALUATIONS - 1, int(EVALUATION_SHARE * seconds / max(evaluation_seconds, 1e-9)) - 1)
    evaluations = 1 + max(0, extra)
    steps = max(1, int((seconds - evaluations * evaluation_seconds) / step_seconds))
    return {"steps": steps, "evaluate_every": -(-steps // evaluations)}
