"""Several heads side by side: the queries, keys, values and results of one token, with random weights."""

from __future__ import annotations

import math
from typing import Any

import torch

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.attention.weights import trace_head
from groundup.steps.c6_gpt.attention import MultiHeadAttention, attention_weights, causal_attention, split_heads

CHANNELS = 32
SENTENCE = ("The", "tall", "man", "runs")


@torch.inference_mode()
def compute_heads(heads: str) -> dict[str, Any]:
    """Return what several heads make of the last of four tokens, with random weights; ``heads`` is their number H.

    Returns
    -------
    dict
        ``tokens``; ``x`` and ``new``, the last token's vector before and after, C numbers; per head its ``queries`` and
        ``results`` (H×d), its ``weights`` (H×T), its ``keys`` and ``values`` (H×T×d); ``origins``: where they come
        from; ``says``.
    """
    count = int(heads)
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(1, len(SENTENCE), CHANNELS, generator=generator)
    attention = MultiHeadAttention(CHANNELS, count)
    for linear in (attention.query, attention.key, attention.value, attention.output):
        linear.weight.copy_(torch.randn(CHANNELS, CHANNELS, generator=generator) * 1.3 / math.sqrt(CHANNELS))
    maps = (attention.query, attention.key, attention.value)
    queries, keys, values = (split_heads(linear(x), count) for linear in maps)
    width = CHANNELS // count
    last, asked = x[0, -1], queries[0, :, -1]
    heads_weights = attention_weights(queries, keys)[0, :, -1]
    results, new = causal_attention(queries, keys, values)[0, :, -1], attention(x)[0, -1]
    places = [(head, channel) for head in range(count) for channel in range(1, width + 1)]
    mixed = [
        Factor(f"head {head + 1}, {channel}", value, f"h{head}new{channel}")
        for (head, channel), value in zip(places, results.flatten().tolist(), strict=True)
    ]
    origins = {}
    for row, (value, row_of_weights) in enumerate(zip(new.tolist(), attention.output.weight.tolist(), strict=True), 1):
        terms = [[one, Factor("w", weight)] for one, weight in zip(mixed, row_of_weights, strict=True)]
        origins[f"new{row}"] = trace_sum(f"new vector, number {row}", value, *terms)
    for head in range(count):
        of = asked[head], keys[0, head], values[0, head], heads_weights[head]
        origins |= trace_head(*of, list(SENTENCE), True, begins=f"h{head}", what=f"result of head {head + 1}")
    number = "One head makes" if count == 1 else f"Each of {count} heads makes"
    return {
        "tokens": SENTENCE,
        "x": last,
        "queries": asked,
        "keys": keys[0],
        "values": values[0],
        "weights": heads_weights,
        "results": results,
        "new": new,
        "origins": origins,
        "says": f"{number} {width} of the {CHANNELS} numbers that are joined.",
    }
