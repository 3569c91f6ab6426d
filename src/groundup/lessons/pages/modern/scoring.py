"""The scores of one query where queries and keys grow, with and without a norm of both."""

from __future__ import annotations

import math
from typing import Any

import torch

from groundup.lessons.origins import trace_score, trace_softmax
from groundup.steps.c6_gpt.attention import attention_weights
from groundup.steps.c6_gpt.normalisation import rms_norm

KEYS, CHANNELS = 6, 4
NAMES = ("without a norm", "with a norm")


def compute_scores(times: float) -> dict[str, Any]:
    """Return the weights of one query on six keys, without and with a norm of queries and keys.

    Parameters
    ----------
    times : float
        What the matrices of queries and keys, and so both vectors, are multiplied by.

    Returns
    -------
    dict
        For both ways: ``scores`` and ``weights``, six each; ``slopes``: by how much the largest weight changes per unit
        of its own score, w (1 − w); ``sizes``, the size of the query; ``origins``: where scores and weights come
        from; ``says``.
    """
    generator = torch.Generator().manual_seed(3)
    keys = times * torch.randn(KEYS, CHANNELS, generator=generator)
    query = times * torch.randn(1, CHANNELS, generator=generator)
    ones = torch.ones(CHANNELS)
    found: dict[str, list[Any]] = {"scores": [], "weights": [], "slopes": [], "sizes": []}
    origins: dict[str, Any] = {}
    for sign, (q, k) in zip("ab", ((query, keys), (rms_norm(query, ones), rms_norm(keys, ones))), strict=True):
        scores = (k @ q[0]) / math.sqrt(CHANNELS)
        weights = attention_weights(q, k)[0]
        largest = float(weights.max())
        found["scores"].append(scores)
        found["weights"].append(weights)
        found["slopes"].append(largest * (1 - largest))
        found["sizes"].append(float(q.square().mean().sqrt()))
        origins |= trace_softmax("weight on key", weights.tolist(), scores.tolist(), (f"{sign}w", f"{sign}s"))
        for place, key in enumerate(k, 1):
            name = f"score of key {place}"
            origins[f"{sign}s{place}"] = trace_score(name, q[0].tolist(), key.tolist())
    most = [float(weights.max()) for weights in found["weights"]]
    return {
        **found,
        "names": NAMES,
        "origins": origins,
        "says": f"Queries and keys times {times:g}. The largest weight is {most[0]:.1%} without a norm, {most[1]:.1%} "
        f"with one. Its slope: {found['slopes'][0]:.2g} and {found['slopes'][1]:.2g}.",
    }
