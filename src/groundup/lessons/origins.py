"""Where a number in a picture comes from: the values that give it, for the panel that opens at it.

A frame's key ``origins`` holds what `trace_sum` returns, by a key for each number. A drawing marks the element that
shows a number with ``data-number`` and this key, and the page does the rest (``lab/static/views/numbers.js``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

MOST_TERMS = 9


class Factor(NamedTuple):
    """A number in a product.

    Attributes
    ----------
    label : str
        Its symbol, or its name in a word or two.
    value : float
        Its value.
    key : str
        The key of the number in the picture; empty if it stands nowhere.
    over : bool
        Whether the product is divided by it.
    """

    label: str
    value: float
    key: str = ""
    over: bool = False

    def scale(self, product: float) -> float:
        """Return a product times this factor."""
        return product / self.value if self.over else product * self.value


Term = Sequence[Factor]


def trace_sum(name: str, value: float, *terms: Term, then: str = "") -> dict[str, Any]:
    """Return where a number comes from: a sum of products, and what is done with the sum.

    Parameters
    ----------
    name, value : str and float
        The number.
    terms : sequences of Factor
        The products. Of many, the largest are kept, and the others become one.
    then : str
        What turns the sum into the number, with · in place of the sum; empty if the sum is the number.

    Returns
    -------
    dict
        ``name``, ``value``, ``then``, ``sum``; ``terms``: for each its ``factors`` (label, value, key, over) and its
        ``product``.

    Examples
    --------
    >>> found = trace_sum("z", 1.1, [Factor("w", 0.5), Factor("x", 2.0, "x")], [Factor("b", 0.1)])
    >>> found["sum"], [term["product"] for term in found["terms"]]
    (1.1, [1.0, 0.1])
    """
    products = [_multiply(term) for term in terms]
    kept = list(range(len(terms)))
    if len(terms) > MOST_TERMS:
        kept = sorted(sorted(kept, key=lambda place: -abs(products[place]))[: MOST_TERMS - 1])
    rows = [{"factors": [factor._asdict() for factor in terms[place]], "product": products[place]} for place in kept]
    if count := len(terms) - len(kept):
        rest = sum(product for place, product in enumerate(products) if place not in set(kept))
        rows.append({"factors": [Factor(f"the other {count}", rest)._asdict()], "product": rest})
    return {"name": name, "value": value, "then": then, "sum": math.fsum(products), "terms": rows}


def _multiply(term: Term) -> float:
    product = 1.0
    for factor in term:
        product = factor.scale(product)
    return product


def dot(
    names: tuple[str, str], left: Sequence[float], right: Sequence[float], keys: tuple[str, str] = ("", "")
) -> list[Term]:
    """Return the terms of a sum of products of two rows of numbers.

    Parameters
    ----------
    names, keys : tuple of str
        What the rows are called, and the beginnings of their numbers' keys; the place, from 1, is added to both.
    left, right : sequence of float
        The numbers.
    """
    rows = zip(left, right, strict=True)
    return [
        [
            Factor(f"{name}{place}", float(number), f"{key}{place}" if key else "")
            for name, number, key in zip(names, pair, keys, strict=True)
        ]
        for place, pair in enumerate(rows, 1)
    ]


def trace_softmax(
    name: str, weights: Sequence[float], scores: Sequence[float], keys: tuple[str, str]
) -> dict[str, dict[str, Any]]:
    """Return where each weight of a softmax comes from: its exponential over the sum of all.

    Parameters
    ----------
    name : str
        What a weight is called.
    weights, scores : sequence of float
        After and before the softmax.
    keys : tuple of str
        The beginnings of the keys of weights and of scores; the place, from 1, is added.
    """
    # Any number may be taken from all scores: of the largest, no exponential overflows.
    largest = max(float(score) for score in scores)
    shift = f" − {largest:.4g}".replace("− -", "+ ") if largest > 50 else ""
    powers = [math.exp(float(score) - (largest if shift else 0)) for score in scores]
    total = math.fsum(powers)
    first, second = keys
    found = {}
    for place, (weight, score, power) in enumerate(zip(weights, scores, powers, strict=True), 1):
        exponent = f"{first}e{place}"
        found[f"{first}{place}"] = trace_sum(
            f"{name} {place}",
            float(weight),
            [Factor("its exponential", power, exponent), Factor("sum of all", total, f"{first}sum", over=True)],
        )
        found[exponent] = trace_sum(
            "exponential",
            power,
            [Factor(f"score {place}{shift}", float(score) - (largest if shift else 0), f"{second}{place}")],
            then="exp(·)",
        )
    found[f"{first}sum"] = trace_sum(
        "sum of the exponentials",
        total,
        *([Factor(f"exponential {place}", power, f"{first}e{place}")] for place, power in enumerate(powers, 1)),
    )
    return found
