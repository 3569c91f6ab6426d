"""Where a number in a picture comes from: the values that give it, for the panel that opens at it.

A frame's key ``origins`` holds what `trace_sum` returns, by a key for each number. A drawing marks the element that
shows a number with ``data-number`` and this key, and the page does the rest (``lab/static/views/numbers.js``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

MOST_TERMS = 9
LARGE = 100.0  # exp(100) is 3 · 10⁴³: a larger score is made smaller first


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

    def describe(self) -> dict[str, Any]:
        """Return it as the page takes it: no empty key, and ``over`` only where it is true."""
        found: dict[str, Any] = {"label": self.label, "value": self.value}
        return found | ({"key": self.key} if self.key else {}) | ({"over": True} if self.over else {})


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
        ``name``, ``value``, ``then``, ``sum``; ``terms``: for each its ``factors`` (`Factor.describe`) and its
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
    rows = [{"factors": [factor.describe() for factor in terms[place]], "product": products[place]} for place in kept]
    if count := len(terms) - len(kept):
        rest = sum(product for place, product in enumerate(products) if place not in set(kept))
        rows.append({"factors": [Factor(f"the other {count}", rest).describe()], "product": rest})
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


def trace_score(
    name: str, query: Sequence[float], key: Sequence[float], keys: tuple[str, str] = ("", ""), scale: bool = True
) -> dict[str, Any]:
    """Return where a score of attention comes from: the products of query and key, added up and divided by √d.

    Parameters
    ----------
    name : str
        What the score is called.
    query, key : sequence of float
        Their d numbers.
    keys : tuple of str
        As of `dot`.
    scale : bool
        Whether it is divided.
    """
    size = len(query)
    total = math.fsum(float(one) * float(other) for one, other in zip(query, key, strict=True))
    value, then = (total / math.sqrt(size), f"· ÷ √{size}") if scale else (total, "")
    return trace_sum(name, value, *dot(("q", "k"), query, key, keys), then=then)


def average(
    names: Sequence[str], shares: Sequence[float], values: Sequence[float], keys: tuple[Sequence[str], Sequence[str]]
) -> list[Term]:
    """Return the terms of an average of values, each times its weight.

    Parameters
    ----------
    names : sequence of str
        What each place is called.
    shares, values : sequence of float
        The weight and the value of each place.
    keys : tuple of sequences of str
        The keys of the weights and those of the values.
    """
    rows = zip(names, shares, values, *keys, strict=True)
    return [
        [Factor(f"weight on {name}", float(share), share_key), Factor("v", float(value), value_key)]
        for name, share, value, share_key, value_key in rows
    ]


def trace_softmax(
    name: str,
    weights: Sequence[float],
    scores: Sequence[float],
    keys: tuple[str, str],
    places: Sequence[str] = (),
) -> dict[str, dict[str, Any]]:
    """Return where each weight of a softmax comes from: its exponential over the sum of all.

    Parameters
    ----------
    name : str
        What a weight is called.
    weights, scores : sequence of float
        After and before the softmax. There may be more scores than weights: those of the others, which are one number
        in the sum.
    keys : tuple of str
        The beginnings of the keys of weights and of scores; the place, from 1, is added.
    places : sequence of str
        What each place is called; its number if left out.
    """
    # Any number may be taken from all scores: of the largest, no exponential overflows.
    largest = max(float(score) for score in scores)
    shift = largest if largest > LARGE else 0.0
    powers = [math.exp(float(score) - shift) for score in scores]
    total = math.fsum(powers)
    first, second = keys
    found = {}
    called = places or [str(place) for place in range(1, len(weights) + 1)]
    for place, (one, weight) in enumerate(zip(called, weights, strict=True), 1):
        exponent, power = f"{first}e{place}", powers[place - 1]
        terms = [[Factor(f"score of {one}", float(scores[place - 1]), f"{second}{place}")]]
        if shift:
            terms.append([Factor("− the largest score", -shift)])
        found[exponent] = trace_sum(f"exponential of the score of {one}", power, *terms, then="exp(·)")
        found[f"{first}{place}"] = trace_sum(
            f"{name} {one}",
            float(weight),
            [Factor("its exponential", power, exponent), Factor("sum of all", total, f"{first}sum", over=True)],
        )
    terms = [
        [Factor(f"exponential of {one}", power, f"{first}e{place}")]
        for place, (one, power) in enumerate(zip(called, powers, strict=False), 1)
    ]
    if others := powers[len(called) :]:
        terms.append([Factor(f"the other {len(others)}", math.fsum(others))])
    found[f"{first}sum"] = trace_sum("sum of the exponentials", total, *terms)
    return found
