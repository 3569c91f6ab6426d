"""A softmax over a row that is read tile by tile: what it keeps, and the average that it gives."""

from __future__ import annotations

from typing import Any

import torch

from groundup.lessons.origins import Factor, trace_sum
from groundup.steps.c7_beyond.tiled_attention import add_tile

SCORES = (1.0, 0.0, 2.0, 1.0, 2.5, 0.5, 4.0, 1.0)
VALUES = (2.0, 4.0, 1.0, 3.0, 2.0, 5.0, 6.0, 1.0)


def compute_tiles(tile: int, read: int, late: float) -> dict[str, Any]:
    """Return a running softmax over eight keys, after some of their tiles.

    Parameters
    ----------
    tile : int
        How many keys are read at once.
    read : int
        How many tiles were read; all, if there are fewer.
    late : float
        The score of the seventh key.

    Returns
    -------
    dict
        ``scores`` and ``values``, 8 each; ``count``, the keys read; ``weights``, the exponential of each key that was
        read, as it is counted now; ``largest``, ``total``, ``result`` and ``mean``: m, l, o and o / l, None before the
        first tile; ``shrink``: by what the last tile multiplied what stood there; ``whole``, the average by a softmax
        over the whole row; ``origins``; ``says``.
    """
    scores = torch.tensor([*SCORES[:6], late, SCORES[7]], dtype=torch.float64)
    values = torch.tensor(VALUES, dtype=torch.float64)
    largest, total, result = scores.new_full((1, 1), -torch.inf), scores.new_zeros(1, 1), scores.new_zeros(1, 1)
    count, shrink = 0, 1.0
    for begin in list(range(0, len(scores), tile))[:read]:
        count, before = min(begin + tile, len(scores)), largest
        largest, total, result = add_tile(largest, total, result, scores[None, begin:count], values[begin:count, None])
        shrink = float((before - largest).exp())
    whole = float(scores.softmax(dim=0) @ values)
    frame = {"scores": scores, "values": values, "count": count, "whole": whole, "shrink": shrink, "origins": {}}
    if not count:
        says = "Nothing is read yet: m = −∞, l = 0, o = 0."
        return {**frame, "weights": [], "largest": None, "total": None, "result": None, "mean": None, "says": says}
    m, l, o = float(largest), float(total), float(result)  # noqa: E741 - the formula's letters
    says = f"After {count} of 8 keys: m = {m:g}, l = {l:.4g}, o = {o:.4g}, so the average is o / l = {o / l:.4f}. "
    if count > tile and shrink < 1:
        says += f"This tile had a larger score: what stood there before was multiplied by {shrink:.4g}. "
    if count == len(scores):
        says += f"A softmax over the whole row gives {whole:.4f}."
    weights = (scores[:count] - m).exp()
    powers = [Factor(f"exp(s{place} − m)", float(weight), f"w{place}") for place, weight in enumerate(weights, 1)]
    valued = [Factor(f"v{place}", float(value)) for place, value in enumerate(values[:count], 1)]
    origins = {
        "l": trace_sum("l", l, *([power] for power in powers)),
        "o": trace_sum("o", o, *zip(powers, valued, strict=True)),
        "mean": trace_sum("o / l", o / l, [Factor("o", o, "o"), Factor("l", l, "l", over=True)]),
    }
    for place, weight in enumerate(weights, 1):
        terms = [Factor(f"s{place}", float(scores[place - 1]), f"s{place}")], [Factor("−m", -m, "m")]
        origins[f"w{place}"] = trace_sum(f"exp(s{place} − m)", float(weight), *terms, then="exp(·)")
    numbers = {"weights": weights, "largest": m, "total": l, "result": o, "mean": o / l, "origins": origins}
    return {**frame, **numbers, "says": says.strip()}
