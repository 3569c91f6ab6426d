"""How the learning rate goes: factors of progress, from 0 at a run's start towards 1 at its end."""

from __future__ import annotations

from collections.abc import Callable

from groundup.steps.c4_training.schedule import learning_rate

Schedule = Callable[[float], float]


def warmup_stable_decay(warm_up: float = 0.0, fall: float = 0.6, end: float = 0.0) -> Schedule:
    """Rise linearly, hold, then fall linearly.

    Parameters
    ----------
    warm_up : float
        The share of the run in which the factor rises to 1.
    fall : float
        The share of the run, at its end, in which it falls to ``end``.
    end : float
        The factor at the end.

    Returns
    -------
    callable
        Progress in [0, 1] → factor.

    Examples
    --------
    >>> schedule = warmup_stable_decay(warm_up=0.1, fall=0.5)
    >>> [schedule(progress) for progress in (0.0, 0.05, 0.3, 0.75, 1.0)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """

    def factor(progress: float) -> float:
        if progress < warm_up:
            return progress / warm_up
        if progress <= 1 - fall:
            return 1.0
        return end + (1 - end) * (1 - progress) / fall

    return factor


def cosine(warm_up: float = 0.0, end: float = 0.1) -> Schedule:
    """Rise linearly, then fall along half a cosine: `groundup.steps.c4_training.schedule` in shares of a run.

    Parameters
    ----------
    warm_up : float
        The share of the run in which the factor rises to 1.
    end : float
        The factor at the end.

    Examples
    --------
    >>> schedule = cosine(warm_up=0.1, end=0.1)
    >>> [round(schedule(progress), 3) for progress in (0.05, 0.1, 0.55, 1.0)]
    [0.5, 1.0, 0.55, 0.1]
    """

    def factor(progress: float) -> float:
        return learning_rate(progress, 1.0, warm_up, 1.0, end)

    return factor
