"""What the lesson on schedules and clipping shows."""

from __future__ import annotations

import math
from typing import Any

import torch

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.schedules.helped import HELPED
from groundup.lessons.views import Points, Slider, View
from groundup.steps.c4_training.gradient_clipping import EPSILON, clip_gradients
from groundup.steps.c4_training.schedule import learning_rate

SCHEDULED, PEAK = 200, 0.1


def compute_schedule(warm_up: int, lowest: float, step: int) -> dict[str, Any]:
    """Return the learning rate of every step of a training.

    Parameters
    ----------
    warm_up : int
        How many steps rise.
    lowest : float
        The learning rate at the end.
    step : int
        The step that is told.

    Returns
    -------
    dict
        ``rates``, one per step from 0 to the last; ``origins``: of the rate of the step that is told (``rate20``);
        ``says``.
    """
    rates = [learning_rate(place, SCHEDULED, warm_up, PEAK, lowest) for place in range(SCHEDULED + 1)]
    part = "warm-up" if step < warm_up else "cosine"
    if step < warm_up:
        terms = [
            [Factor("α max", PEAK), Factor("t", float(step)), Factor("steps of the warm-up", float(warm_up), over=True)]
        ]
        origins = {}
    else:
        past, falling = float(step - warm_up), float(SCHEDULED - warm_up)
        cosine = math.cos(math.pi * past / falling)
        angle = [
            Factor("π", math.pi),
            Factor("steps since the warm-up", past),
            Factor("steps that fall", falling, over=True),
        ]
        origins = {f"cosine{step}": trace_sum("cosine", cosine, angle, then="cos(·)")}
        half = [Factor("(α max − α min)", PEAK - lowest), Factor("2", 2.0, over=True)]
        terms = [[Factor("α min", lowest)], half, [*half, Factor("cosine", cosine, f"cosine{step}")]]
    origins[f"rate{step}"] = trace_sum(f"rate of step {step}", rates[step], *terms)
    return {
        "rates": rates,
        "origins": origins,
        "says": f"Step {step} of {SCHEDULED}, {part}: the learning rate is {rates[step]:.3g}.",
    }


WIDEST = 6.0


def compute_clip(gradient: list[list[float]], longest: float) -> dict[str, Any]:
    """Clip the gradients of two weights.

    Parameters
    ----------
    gradient : list of one pair
        Both of them, each of a weight tensor that holds one number.
    longest : float
        The largest length.

    Returns
    -------
    dict
        ``gradient``, ``clipped`` and ``singly`` (each clipped by itself): pairs; ``norm``, ``factor``; ``origins``;
        ``says``.
    """
    pair = [min(WIDEST, max(-WIDEST, number)) for number in gradient[0]]
    tensors = [torch.tensor([number], dtype=torch.float64) for number in pair]
    clipped, norm = clip_gradients(tensors, longest)
    singly = [clip_gradients([tensor], longest)[0][0].item() for tensor in tensors]
    ends = [tensor.item() for tensor in clipped]
    factor = min(1.0, longest / (norm + EPSILON))
    names = ("first", "second")
    both = [Factor(f"{name} gradient", number) for name, number in zip(names, pair, strict=True)]
    origins = {"norm": trace_sum("length", norm, *[[one, one] for one in both], then="√(·)")}
    below = [Factor("c", longest), Factor("(length + ε)", norm + EPSILON, "norm", over=True)]
    origins["factor"] = trace_sum("factor", factor, below, then="min(1, ·)")
    for name, one, end in zip(names, both, ends, strict=True):
        origins[name] = trace_sum(f"clipped {name} gradient", end, [Factor("factor", factor, "factor"), one])
    told = f"it is multiplied by {factor:.3g}" if factor < 1 else "it stays as it is"
    return {
        "gradient": pair,
        "clipped": ends,
        "singly": singly,
        "norm": norm,
        "factor": factor,
        "origins": origins,
        "says": f"The gradient is {norm:.3g} long; {told}.",
    }


VIEWS = {
    "helped": HELPED,
    "schedule": View(
        "The learning rate of every step",
        compute_schedule,
        (
            Slider("warm_up", "steps of the warm-up", 20, low=0, high=100, step=1),
            Slider("lowest", "lowest rate", 0.0, low=0.0, high=0.1, step=0.005),
            Slider("step", "step t", 0, low=0, high=SCHEDULED, step=1),
        ),
    ),
    "clip": View(
        "A gradient and its largest length",
        compute_clip,
        (
            Points("gradient", "gradient", ((1.0, 0.5),), least=1, most=1),
            Slider("longest", "largest length c", 2.0, low=0.5, high=6.0, step=0.1),
        ),
    ),
}
