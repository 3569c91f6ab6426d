"""Why scores are divided by √d: the weights of eight random keys, for queries of any length."""

from __future__ import annotations

import math
from typing import Any

import torch

from groundup.lessons.origins import trace_score, trace_softmax
from groundup.lessons.pages.attention.weights import attend


def compute_scale(width: int, divide: bool, draw: int) -> dict[str, Any]:
    """Return the attention of one query over eight keys of random numbers.

    Returns
    -------
    dict
        ``scores`` and ``weights``, 8 each; ``size``, the spread that scores have without the division; ``origins``:
        where scores and weights come from; ``says``.
    """
    generator = torch.Generator().manual_seed(draw)
    vectors = torch.randn(9, width, generator=generator)
    queries, keys = vectors[:1], vectors[1:]
    weights = attend(queries, keys, True, divide)[0]
    scores = (queries @ keys.T)[0] / (math.sqrt(width) if divide else 1)
    names = [f"key {place}" for place in range(1, len(scores) + 1)]
    origins = trace_softmax("weight of", weights.tolist(), scores.tolist(), ("w", "s"), names)
    for place, (name, key) in enumerate(zip(names, keys.tolist(), strict=True), 1):
        origins[f"s{place}"] = trace_score(f"score of {name}", queries[0].tolist(), key, scale=divide)
    return {
        "origins": origins,
        "scores": scores,
        "weights": weights,
        "size": math.sqrt(width),
        "says": f"The scores run from {float(scores.min()):.2f} to {float(scores.max()):.2f}. "
        f"The largest weight is {float(weights.max()):.0%}.",
    }
