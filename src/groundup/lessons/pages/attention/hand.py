"""Attention over three tokens in a plane, small enough to compute by hand."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from groundup.lessons.origins import average, dot, trace_score, trace_softmax, trace_sum
from groundup.steps.c6_gpt.attention import attention_weights, causal_attention, causal_mask

QUERY, KEY, VALUE = ([[0.0, 1.0], [0.0, 1.0]], [[1.0, -1.0], [0.0, 2.0]], [[2.0, 0.0], [0.0, -1.0]])
NAMES = ("tall", "man", "runs")


def compute_hand(points: list[list[float]]) -> dict[str, Any]:
    """Return attention over three tokens with two numbers each.

    Returns
    -------
    dict
        ``names``; ``x``, ``queries``, ``keys``, ``values``, ``new``, 3×2 each; ``scores``, ``scaled`` and ``weights``,
        3×3, where masked scores are ``None``; ``origins``: where these come from; ``says``.
    """
    x = torch.tensor(points, dtype=torch.float64)
    queries, keys, values = (x @ torch.tensor(matrix, dtype=torch.float64) for matrix in (QUERY, KEY, VALUE))
    scores = (queries @ keys.T).masked_fill(~causal_mask(3, 3), -torch.inf)
    weights = attention_weights(queries, keys)
    new = causal_attention(queries, keys, values)
    told = ", ".join(f"{100 * float(weight):.0f} % {name}" for name, weight in zip(NAMES, weights[2], strict=True))
    return {
        "names": NAMES,
        "x": x,
        "queries": queries,
        "keys": keys,
        "values": values,
        "scores": scores,
        "scaled": scores / math.sqrt(2),
        "weights": weights,
        "new": new,
        "origins": trace_hand(x, queries, keys, values, weights, new),
        "says": f"The new vector of runs is ({float(new[2, 0]):.4f}, {float(new[2, 1]):.4f}): {told}.",
    }


def trace_hand(
    x: Tensor, queries: Tensor, keys: Tensor, values: Tensor, weights: Tensor, new: Tensor
) -> dict[str, Any]:
    """Return where the numbers of three tokens come from, all 3×2 but the weights, which are 3×3."""
    origins: dict[str, Any] = {}
    scaled = queries @ keys.T / math.sqrt(2)
    for part, rows, matrix in (("query", queries, QUERY), ("key", keys, KEY), ("value", values, VALUE)):
        for token, row in enumerate(rows.tolist()):
            for channel, number in enumerate(row):
                terms = dot(("x", "W"), x[token].tolist(), [line[channel] for line in matrix])
                name = f"{part} of {NAMES[token]}, number {channel + 1}"
                origins[f"{part}{token}_{channel + 1}"] = trace_sum(name, number, *terms)
    for row, name in enumerate(NAMES):
        seen = row + 1
        for column in range(seen):
            keys_of = f"query{row}_", f"key{column}_"
            score = trace_score(
                f"score of {name} and {NAMES[column]}", queries[row].tolist(), keys[column].tolist(), keys_of
            )
            origins[f"scaled{row}_{column + 1}"] = score
        keys_of = f"weight{row}_", f"scaled{row}_"
        shares = weights[row, :seen].tolist()
        scores = scaled[row, :seen].tolist()
        origins |= trace_softmax(f"weight of {name} on", shares, scores, keys_of, NAMES[:seen])
        for channel in (0, 1):
            found = (
                [f"weight{row}_{place + 1}" for place in range(seen)],
                [f"value{place}_{channel + 1}" for place in range(seen)],
            )
            terms = average(NAMES[:seen], shares, values[:seen, channel].tolist(), found)
            told = trace_sum(f"new {name}, number {channel + 1}", float(new[row, channel]), *terms)
            origins[f"new{row}_{channel + 1}"] = told
    return origins
