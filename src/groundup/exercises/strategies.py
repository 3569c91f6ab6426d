"""Random inputs for checks: small, readable numbers that shrink to the simplest ones."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**31 - 1)
WHOLE_SEEDS = 16


def numbers(low: float = -4.0, high: float = 4.0, places: int = 2) -> st.SearchStrategy[float]:
    """Draw a number: whole, which is the simplest, with few digits, so that it can be followed by hand, or with all.

    Those with all digits tell what is rounded on the way, and some are close to 0.
    """
    scale = 10**places
    whole = st.integers(math.ceil(low), math.floor(high)).map(float)
    few = st.integers(round(low * scale), round(high * scale)).map(lambda n: _place(n, low, high, scale))
    return whole | few | SEEDS.map(lambda seed: _draw_many(1, low, high, seed)[0])


def lists_of_numbers(length: int, low: float, high: float) -> st.SearchStrategy[list[float]]:
    """Draw a list of `numbers`, all of one kind: one choice for all is quicker than one for each."""
    whole = st.lists(st.integers(math.ceil(low), math.floor(high)), min_size=length, max_size=length)
    places = st.lists(st.integers(round(low * 100), round(high * 100)), min_size=length, max_size=length)
    return (
        whole.map(lambda x: [float(n) for n in x])
        | places.map(lambda x: [_place(n, low, high, 100) for n in x])
        | SEEDS.map(lambda seed: _draw_many(length, low, high, seed))
    )


def _place(n: int, low: float, high: float, scale: int) -> float:
    """Return ``n`` as a number with few digits; where it lies between the bounds itself, as the whole number it is."""
    return float(n) if low <= n <= high else n / scale


def _draw_many(length: int, low: float, high: float, seed: int) -> list[float]:
    """Return numbers between two bounds with all their digits; every fifth list is of a small size.

    The smallest seeds, to which a failing case shrinks, give whole numbers.
    """
    drawn = random.Random(seed)
    if seed < WHOLE_SEEDS and math.ceil(low) <= math.floor(high):
        return [float(drawn.randint(math.ceil(low), math.floor(high))) for _ in range(length)]
    size = 0.01 if seed % 5 == 0 else 1.0
    inside = low <= 0 <= high
    return [drawn.uniform(low, high) * (size if inside else 1.0) for _ in range(length)]


def vectors(length: int, low: float = -4.0, high: float = 4.0) -> st.SearchStrategy[Any]:
    """Draw a NumPy vector of float64, shape (length,)."""
    return lists_of_numbers(length, low, high).map(lambda x: np.array(x, dtype=float))


def matrices(rows: int, columns: int, low: float = -4.0, high: float = 4.0) -> st.SearchStrategy[Any]:
    """Draw a NumPy matrix of float64, shape (rows, columns)."""
    return vectors(rows * columns, low, high).map(lambda x: x.reshape(rows, columns))


@st.composite
def examples_of(draw: st.DrawFn, most_rows: int, most_features: int) -> tuple[Any, Any]:
    """Draw X, shape (N, d), and a truth, shape (N,)."""
    rows, features = draw(st.integers(1, most_rows)), draw(st.integers(1, most_features))
    return draw(matrices(rows, features)), draw(vectors(rows))


def tensors(*shape: int, low: float = -3.0, high: float = 3.0) -> st.SearchStrategy[Any]:
    """Draw a PyTorch tensor of float32."""

    def build(values: list[float]) -> Any:
        import torch

        return torch.tensor(values, dtype=torch.float32).reshape(shape)

    count = math.prod(shape)
    return lists_of_numbers(count, low, high).map(build)


def random_tensors(*shape: int) -> st.SearchStrategy[Any]:
    """Draw a PyTorch tensor of float32 from the normal distribution: quicker than `tensors`, but it cannot shrink."""

    def build(seed: int) -> Any:
        import torch

        return torch.randn(shape, generator=torch.Generator().manual_seed(seed))

    return SEEDS.map(build)


def exact_tensors(*shape: int, low: int = -2, high: int = 2) -> st.SearchStrategy[Any]:
    """Draw a PyTorch tensor of float32 with halves alone: no sum of a few products is rounded, so 0 is 0."""

    def build(values: list[int]) -> Any:
        import torch

        return torch.tensor(values, dtype=torch.float32).reshape(shape) / 2

    count = math.prod(shape)
    return st.lists(st.integers(2 * low, 2 * high), min_size=count, max_size=count).map(build)


WIDTHS = (1.0, 2.5, 0.1)
# A gradient divides by the square of a softmax's sum, which is 0 in float32 where scores lie some 50 apart.
GENTLE = (1.0, 0.1)


def scaled_tensors(*shape: int, widths: Sequence[float] = WIDTHS) -> st.SearchStrategy[Any]:
    """Draw a PyTorch tensor of float32 from normal distributions of several widths, so that sizes tell as well."""
    return st.tuples(st.sampled_from(widths), random_tensors(*shape)).map(lambda drawn: drawn[0] * drawn[1])
