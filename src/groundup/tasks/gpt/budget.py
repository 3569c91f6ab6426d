"""Which size of GPT, and how many steps, fit a time budget.

A model too large for its time has seen too little when it ends; one too small has long stopped learning. The sizes
were compared on tiny Shakespeare with two processor cores; what a step takes is measured on the machine at hand.
"""

from __future__ import annotations

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


QUICK = Size(layers=2, heads=4, width=128, context=64, batch_size=16)
SMALL = Size(layers=4, heads=4, width=128, context=64, batch_size=16)
MIDDLE = Size(layers=4, heads=6, width=192, context=64, batch_size=24)
LONG = Size(layers=6, heads=8, width=256, context=128, batch_size=16)

MOST_EVALUATIONS = 10
EVALUATION_SHARE = 0.05


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
