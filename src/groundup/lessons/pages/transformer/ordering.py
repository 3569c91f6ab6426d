"""What one layer of attention makes of some words in both orders, with and without positions."""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError
from groundup.lessons.origins import trace_score, trace_softmax
from groundup.steps.c6_gpt.attention import SingleHeadAttention, attention_weights
from groundup.steps.c6_gpt.positions import sinusoidal_positions

WIDTH, LEAST, MOST = 8, 2, 4
LARGER = 2.5  # than first weights are: after a training, heads choose more clearly
END = "."


@cache
def make_attention() -> SingleHeadAttention:
    """Return one head whose weights are random and always the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        head = SingleHeadAttention(WIDTH, WIDTH).requires_grad_(False)
    for matrix in head.parameters():
        matrix.mul_(LARGER)
    return head


def embed(word: str) -> Float[Tensor, " channel"]:
    """Return a word's vector: random numbers, always the same for a word."""
    return torch.randn(WIDTH, generator=torch.Generator().manual_seed(zlib.crc32(word.encode())))


def compute_order(words: str, positions: bool) -> dict[str, Any]:
    """Return what a full stop takes from the words before it, read forwards and backwards.

    Parameters
    ----------
    words : str
        Two to four words.
    positions : bool
        Whether the pattern of each position is added to its vector.

    Returns
    -------
    dict
        ``orders``, two of them: ``tokens``, the words and a full stop; ``vectors``, T×C; ``patterns``, T×C, what is
        added to them, or ``None``; ``weights``, T, of the full stop on all; ``new``, the C numbers that it takes;
        ``distance``, between both new vectors; ``origins``, of the weights; ``says``.

    Raises
    ------
    UserError
        There are fewer words or more.
    """
    read = words.split()
    if not LEAST <= len(read) <= MOST:
        raise UserError(f"Type {LEAST} to {MOST} words.")
    head, pattern = make_attention(), sinusoidal_positions(len(read) + 1, WIDTH)
    orders: list[dict[str, Any]] = []
    origins: dict[str, Any] = {}
    for sign, order in zip("ab", (read, read[::-1]), strict=True):
        tokens = [*order, END]
        vectors = torch.stack([embed(word) for word in tokens])
        x = (vectors + pattern if positions else vectors)[None]
        queries, keys = head.query(x)[0], head.key(x)[0]
        weights = attention_weights(queries, keys)[-1]
        scores = keys @ queries[-1] / WIDTH**0.5
        names = [f"“{token}”" for token in tokens]
        origins |= trace_softmax("weight on", weights.tolist(), scores.tolist(), (f"{sign}w", f"{sign}s"), names)
        for place, (name, key) in enumerate(zip(names, keys, strict=True), 1):
            origins[f"{sign}s{place}"] = trace_score(f"score of {name}", queries[-1].tolist(), key.tolist())
        orders.append(
            {
                "tokens": tokens,
                "vectors": vectors,
                "patterns": pattern if positions else None,
                "weights": weights,
                "new": head(x)[0, -1],
            }
        )
    distance = float((orders[0]["new"] - orders[1]["new"]).norm())
    same = distance < 1e-5  # float32 adds up in another order
    told = "the same in both orders" if same else f"another one in each order: they are {distance:.2f} apart"
    return {
        "orders": orders,
        "distance": 0.0 if same else distance,
        "origins": origins,
        "says": f"{'With' if positions else 'Without'} positions, the new vector of the full stop is {told}.",
    }
