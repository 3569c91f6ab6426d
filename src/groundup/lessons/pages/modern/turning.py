"""Positions that are added to a query and a key, or that turn them, and the score of the two."""

from __future__ import annotations

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.steps.c6_gpt.positions import place_angles, rotary_table, rotate

PAIRS, BASE = 4, 16.0  # with this base, each pair turns half as far as the one before it
MOST_PLACES, MOST_APART, MOST_BACK = 40, 24, 8
ADDED, TURNED = WAYS = "added", "turned"


def compute_turning(way: str, place: int, apart: int, back: int) -> dict[str, Any]:
    """Return what positions do to the pairs of a key and of a query, and the score of the two at every distance.

    Parameters
    ----------
    way : str
        `ADDED`: the cosine and sine of a pair's angle are added to it, as the first transformer does; `TURNED`: the
        pair is turned by this angle.
    place : int
        The position of the key's token.
    apart : int
        How many positions later the query's token stands.
    back : int
        The distance for which the head's weights turned the query back before.

    Returns
    -------
    dict
        ``degrees``, how far each pair's angle goes per position; ``key`` and ``query``, the two numbers of each pair
        with its position; ``bare``, the same two pairs without; ``products``, one per pair; ``score``, their sum;
        ``curve``, the score at each distance from 0 to 24; ``origins``: where the products come from; ``says``.
    """
    cosines, sines = rotary_table(MOST_PLACES + MOST_APART + 1, 2 * PAIRS, BASE)
    directions = torch.tensor([0.3, 1.2, 2.4, -0.8])
    content = torch.cat([directions.cos(), directions.sin()])[None]
    turned_back = rotate(content, cosines[back : back + 1], -sines[back : back + 1])

    def put(vector: Float[Tensor, "1 channel"], position: int) -> Float[Tensor, "1 channel"]:
        if way == TURNED:
            return rotate(vector, cosines[position : position + 1], sines[position : position + 1])
        return vector + torch.cat([cosines[position, :PAIRS], sines[position, :PAIRS]])

    key, query = put(content, place), put(turned_back, place + apart)
    products = (key * query).reshape(2, PAIRS).sum(dim=0)
    terms = " + ".join(f"{product:.2f}" for product in products).replace("+ -", "− ")
    scores = [float((key * put(turned_back, place + later)).sum()) for later in range(MOST_APART + 1)]
    ends = (key * query).flatten().tolist(), key.flatten().tolist(), query.flatten().tolist()
    origins = {}
    for pair, product in enumerate(products.tolist()):
        parts = [
            [Factor(f"query {side}", ends[2][at]), Factor(f"key {side}", ends[1][at])]
            for side, at in (("x", pair), ("y", pair + PAIRS))
        ]
        origins[f"m{pair + 1}"] = trace_sum(f"product of pair {pair + 1}", product, *parts)
    return {
        "degrees": place_angles(torch.tensor([1]), 2 * PAIRS, BASE)[0].rad2deg(),
        "key": key.reshape(2, PAIRS).T,
        "query": query.reshape(2, PAIRS).T,
        "bare": [content.reshape(2, PAIRS).T, turned_back.reshape(2, PAIRS).T],
        "way": way,
        "products": products,
        "score": float(products.sum()),
        "origins": origins,
        "curve": list(enumerate(scores)),
        "says": f"The key stands at position {place}, the query at {place + apart}: {apart} later. "
        f"The {PAIRS} pairs give {terms} = {products.sum():.2f}.",
    }
