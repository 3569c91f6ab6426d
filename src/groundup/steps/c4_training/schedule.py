"""A schedule of the learning rate: a warm-up, then half a cosine down.

    warm-up   α = peak · step / warm_up                                                            step < warm_up
    after it  α = lowest + (peak - lowest) · (1 + cos(π · (step - warm_up) / (steps - warm_up))) / 2

At the start the weights are random and gradients point anywhere, and Adam's running means have seen little: small steps
until then. In the middle large steps get far. At the end small ones settle in the valley instead of jumping across it.
The cosine falls slowly at first, then fast, then slowly again. `groundup.training.schedules` has others.
Source: I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), equation 5; P. Goyal
and others, "Accurate, large minibatch SGD" (2017), for the warm-up.
"""

from __future__ import annotations

import math


def learning_rate(
    step: float | int, steps: float | int, warm_up: float | int, peak: float | int, lowest: float | int = 0.0
) -> float:
    """Return the learning rate of a step.

    Parameters
    ----------
    step : float
        Which step, from 0 to ``steps``.
    steps : float
        How many there are in all, above 0.
    warm_up : float
        How many of them rise, from 0 on and below ``steps``.
    peak, lowest : float
        The learning rate after the warm-up, and at the end.

    Examples
    --------
    >>> [round(learning_rate(step, 100, 20, 0.8, 0.2), 4) for step in (0, 10, 20, 60, 100)]
    [0.0, 0.4, 0.8, 0.5, 0.2]
    """
    if step < warm_up:
        return peak * step / warm_up
    along = (step - warm_up) / (steps - warm_up)
    return lowest + (peak - lowest) * (1 + math.cos(math.pi * along)) / 2
