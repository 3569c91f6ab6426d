"""Whether counts are what chance makes of shares: Pearson's chi-square test, and nothing that a seed could decide.

An answer that draws at random is judged by its distribution. The tests are so strict (`SELDOM`) that a right answer
fails one of them once in a million times, and so many draws are made that a wrong distribution shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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
    statistic, freedom = _compare(_put_together(cells))
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
    pooled = sorted(zip(first, second, strict=True), key=sum)
    for pair in _pool(pooled, FEWEST * sum(totals) / min(totals)):
        both = sum(pair)
        freedom += 1
        for count, total in zip(pair, totals, strict=True):
            expected = both * total / sum(totals)
            statistic += (count - expected) ** 2 / expected
    return freedom < 1 or find_tail(statistic, freedom) > SELDOM


def find_tail(statistic: float, freedom: int) -> float:
    """Return how likely chi-square is so large or larger, with so many degrees of freedom.

    Examples
    --------
    >>> round(find_tail(3.841, 1), 3), round(find_tail(5.991, 2), 3), round(find_tail(7.815, 3), 3)
    (0.05, 0.05, 0.05)
    """
    half = statistic / 2
    if freedom % 2:
        tail, term, place = math.erfc(math.sqrt(half)), math.sqrt(half) / math.gamma(1.5), 1.5
    else:
        tail, term, place = 0.0, 1.0, 1.0
    for _ in range(freedom // 2):
        tail += math.exp(-half) * term
        term *= half / place
        place += 1
    return tail


def _put_together(cells: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return count and expectation of each cell, those with small expectations together."""
    found: list[tuple[float, float]] = []
    for count, expected in sorted(cells, key=lambda cell: cell[1]):
        if found and found[-1][1] < FEWEST:
            found[-1] = found[-1][0] + count, found[-1][1] + expected
        else:
            found.append((count, expected))
    return found


def _compare(cells: Sequence[tuple[float, float]]) -> tuple[float, int]:
    """Return chi-square and its degrees of freedom."""
    return sum((count - expected) ** 2 / expected for count, expected in cells), len(cells) - 1


def _pool(pairs: Sequence[tuple[int, int]], fewest: float) -> list[tuple[int, int]]:
    """Return pairs of counts, rare ones together."""
    found: list[tuple[int, int]] = []
    for pair in pairs:
        if found and sum(found[-1]) < fewest:
            found[-1] = found[-1][0] + pair[0], found[-1][1] + pair[1]
        else:
            found.append(pair)
    return [pair for pair in found if sum(pair)]
