"""Tests whether counts fit given shares: Pearson's chi-square test, so that no seed decides.

An answer that draws at random is judged by its distribution. The tests are so strict (`SELDOM`) that a right answer
fails one of them once in a million times, and so many draws are made that a wrong distribution shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

SELDOM = 1e-6
# Below so many expected draws a cell tells little, and the test is too rash: such cells are put together.
FEWEST = 5.0
# With fewer degrees of freedom counts that are exactly even come by chance, too.
FEWEST_FREEDOM = 5


def fits(counts: Sequence[int], shares: Sequence[float]) -> bool:
    """Tell whether counts may come from draws with these shares.

    Parameters
    ----------
    counts : sequence of int
        How often each came.
    shares : sequence of float
        How often each should come, summing to 1. What has the share 0 must not come at all.
    """
    total = sum(counts)
    if any(count and share <= 0 for count, share in zip(counts, shares, strict=True)):
        return False
    cells = [(count, total * share) for count, share in zip(counts, shares, strict=True) if share > 0]
    compared = _put_together(cells, itemgetter(1), FEWEST)
    statistic = sum((count - expected) ** 2 / expected for count, expected in compared)
    freedom = len(compared) - 1
    return freedom < 1 or find_tail(statistic, freedom) > SELDOM


def is_too_even(counts: Sequence[int]) -> bool:
    """Tell whether counts of things equally likely are nearer to each other than chance brings them."""
    mean = sum(counts) / len(counts)
    freedom = len(counts) - 1
    statistic = sum((count - mean) ** 2 for count in counts) / mean if mean else 0.0
    return freedom >= FEWEST_FREEDOM and 1 - find_tail(statistic, freedom) < SELDOM


def are_alike(first: Sequence[int], second: Sequence[int]) -> bool:
    """Tell whether two lots of counts may come from the same shares.

    Parameters
    ----------
    first, second : sequence of int
        Of the same things, in the same order.
    """
    totals = sum(first), sum(second)
    if not all(totals):
        return totals[0] == totals[1]
    statistic, freedom = 0.0, -1
    for pair in _put_together(zip(first, second, strict=True), sum, FEWEST * sum(totals) / min(totals)):
        both = sum(pair)
        if not both:
            continue
        freedom += 1
        for count, total in zip(pair, totals, strict=True):
            expected = both * total / sum(totals)
            statistic += (count - expected) ** 2 / expected
    return freedom < 1 or find_tail(statistic, freedom) > SELDOM


def is_same_draw(answer: Mapping[str, Any] | None, candidate: Mapping[str, Any] | None) -> bool:
    """Tell whether an answer draws as a candidate does: both correctly, or both wrongly in the same way.

    Two lots of counts are alike by chance more often than one is right by chance: without the first condition a wrong
    answer would be taken for the reference.

    Parameters
    ----------
    answer, candidate : mapping or None
        ``counts``, and ``right``: whether they fit the shares that are asked for. ``None`` if nothing was counted.
    """
    if not answer or not candidate or answer["right"] != candidate["right"]:
        return False
    return are_alike(answer["counts"], candidate["counts"])


def find_tail(statistic: float, freedom: int) -> float:
    """Return how likely chi-square is so large or larger, with so many degrees of freedom.

    Examples
    --------
    >>> round(find_tail(3.841, 1), 3), round(find_tail(5.991, 2), 3), round(find_tail(7.815, 3), 3)
    (0.05, 0.05, 0.05)
    """
    import torch

    half = torch.tensor([freedom, statistic], dtype=torch.float64) / 2
    return float(torch.special.gammaincc(*half))


def _put_together(
    pairs: Iterable[tuple[float, float]], size: Callable[[tuple[float, float]], float], fewest: float
) -> list[tuple[float, float]]:
    """Return pairs, small ones added up until they have the size that tells something."""
    found: list[tuple[float, float]] = []
    for pair in sorted(pairs, key=size):
        if found and size(found[-1]) < fewest:
            found[-1] = found[-1][0] + pair[0], found[-1][1] + pair[1]
        else:
            found.append(pair)
    return found
