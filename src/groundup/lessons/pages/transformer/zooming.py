"""One score of attention in the learner's model, to its last product."""

from __future__ import annotations

import math
from typing import Any

import torch

from groundup.lessons.origins import trace_score, trace_softmax
from groundup.lessons.pages.transformer.tracing import quote, read_tokens
from groundup.lessons.trained import open_newest_gpt, tell_waiting
from groundup.models.attention_maps import catch_inputs, head_queries_and_keys, head_weights


@tell_waiting
@torch.inference_mode()
def compute_zoom(text: str, block: int, head: int, query: int, key: int) -> dict[str, Any]:
    """Return one attention score of a model, product by product.

    Returns
    -------
    dict
        ``tokens``; ``block``, ``head``, ``query`` and ``key``, from 0, as far as there are so many; ``q``, ``k`` and
        ``products``, d each; ``score``, their sum; ``scaled``, divided by √d; ``scores`` and ``weights`` of the query
        with every key up to it; ``origins``; ``says``.
    """
    opened = open_newest_gpt()
    tokens = read_tokens(opened, text)
    texts = [opened.tokenizer.decode([number]) for number in tokens]
    caught = catch_inputs(opened.model, tokens)
    layer = min(block, len(caught)) - 1
    queries, keys = (part[0].float() for part in head_queries_and_keys(*caught[layer]))
    number = min(head, len(queries)) - 1
    row = min(query, len(tokens)) - 1
    column = min(key - 1, row)
    q, k = queries[number, row], keys[number, column]
    size = math.sqrt(len(q))
    scores = keys[number, : row + 1] @ q / size
    weights = head_weights(*caught[layer])[0, number, row, : row + 1].float()
    score = float(q @ k)
    places = [f"{place}, {quote(text)}" for place, text in enumerate(texts[: row + 1], 1)]
    origins = trace_softmax("weight on token", weights.tolist(), scores.tolist(), ("w", "s"), places)
    for place, one in enumerate(keys[number, : row + 1], 1):
        keys_of = ("q", "k") if place == column + 1 else ("", "")
        origins[f"s{place}"] = trace_score(f"score of token {places[place - 1]}", q.tolist(), one.tolist(), keys_of)
    shown = [quote(text) for text in texts]
    return {
        "tokens": texts,
        "block": layer,
        "head": number,
        "query": row,
        "key": column,
        "q": q,
        "k": k,
        "products": q * k,
        "score": score,
        "scaled": score / size,
        "scores": scores,
        "weights": weights,
        "origins": origins,
        "says": f"Head {layer + 1}.{number + 1}: token {row + 1}, {shown[row]}, looks at token {column + 1}, "
        f"{shown[column]}. {len(q)} products add up to {score:.3g}. Divided by √{len(q)} = {size:.3g} that is "
        f"{score / size:.3g}, and the softmax over {row + 1} scores makes it {float(weights[column]):.1%}.",
    }
