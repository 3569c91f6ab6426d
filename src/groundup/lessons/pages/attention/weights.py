"""Attention weights with parts switched off, and where the numbers of a head come from."""

from __future__ import annotations

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.lessons.origins import average, trace_score, trace_softmax, trace_sum
from groundup.steps.c6_gpt.attention import attention_weights


def attend(
    queries: Float[Tensor, "*batch time channel"], keys: Float[Tensor, "*batch time channel"], mask: bool, scale: bool
) -> Float[Tensor, "*batch time time"]:
    """Return attention weights by the step itself; without its mask or its division by √d where they are off."""
    size = math.sqrt(queries.shape[-1])
    if mask:
        return attention_weights(queries if scale else queries * size, keys)
    scores = queries @ keys.transpose(-2, -1)
    return torch.softmax(scores / size if scale else scores, dim=-1)


def trace_head(
    query: Float[Tensor, " channel"],
    keys: Float[Tensor, "time channel"],
    values: Float[Tensor, "time channel"],
    weights: Float[Tensor, " time"],
    names: list[str],
    scale: bool,
    begins: str = "",
    what: str = "new vector",
) -> dict[str, Any]:
    """Return where the weights of one query and its new vector come from.

    Parameters
    ----------
    query, keys, values, weights
        Those of a head.
    names : list of str
        What the tokens are called.
    scale : bool
        Whether scores are divided by √d.
    begins : str
        The beginning of the keys of its numbers: q, k, s, w, value and new, each followed by the token's place, that of
        the channel, or both, from 1.
    what : str
        What the average of the values is called.
    """
    scores = keys @ query / (math.sqrt(len(query)) if scale else 1)
    origins = trace_softmax("weight on", weights.tolist(), scores.tolist(), (f"{begins}w", f"{begins}s"), names)
    for place, (name, key) in enumerate(zip(names, keys.tolist(), strict=True), 1):
        found = f"{begins}q", f"{begins}k{place}_"
        origins[f"{begins}s{place}"] = trace_score(f"score of {name}", query.tolist(), key, found, scale)
    places = range(1, len(names) + 1)
    for channel, (new, column) in enumerate(zip((weights @ values).tolist(), values.T.tolist(), strict=True), 1):
        of = [f"{begins}w{place}" for place in places], [f"{begins}value{place}_{channel}" for place in places]
        terms = average(names, weights.tolist(), column, of)
        origins[f"{begins}new{channel}"] = trace_sum(f"{what}, number {channel}", new, *terms)
    return origins
