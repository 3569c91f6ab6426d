"""Chance is told from what is no chance, whatever the seed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.exercises.chance import are_alike, find_tail, fits, is_same_draw, is_too_even

SHARES = st.lists(st.integers(0, 9), min_size=2, max_size=8).filter(any).map(lambda parts: np.array(parts) / sum(parts))
SEEDS = st.integers(0, 2**32 - 1)


def draw(shares, count, seed):
    return np.random.default_rng(seed).multinomial(count, shares).tolist()


@given(shares=SHARES, seed=SEEDS, count=st.integers(1, 3000))
def test_draws_fit_their_shares_and_one_another(shares, seed, count):
    counts = draw(shares, count, seed)
    assert fits(counts, shares)
    assert are_alike(counts, draw(shares, 2 * count, seed + 1))


@given(seed=SEEDS)
def test_other_shares_do_not_fit(seed):
    counts = draw([0.5, 0.3, 0.2], 2000, seed)
    assert not fits(counts, [0.3, 0.5, 0.2])
    assert not fits(counts, [0.5, 0.5, 0.0]), "what has no share came"
    assert not are_alike(counts, draw([0.3, 0.5, 0.2], 2000, seed))
    assert not is_too_even(draw([0.1] * 10, 2000, seed))
    assert is_too_even([200] * 10)


@pytest.mark.parametrize("freedom", [2, 4, 10])
def test_the_tail_is_that_of_poissons_sum(freedom):
    # With an even number of degrees of freedom it is a finite sum: Abramowitz and Stegun, 26.4.21.
    wanted = sum(math.exp(-3.5) * 3.5**term / math.factorial(term) for term in range(freedom // 2))
    assert find_tail(7.0, freedom) == pytest.approx(wanted, rel=1e-9)


def test_a_wrong_draw_is_never_that_of_a_right_one():
    few = {"counts": [16, 44, 0], "right": False}
    right = {"counts": [0, 60, 0], "right": True}
    assert are_alike(few["counts"], right["counts"])
    assert not is_same_draw(few, right)
    assert is_same_draw(few, {"counts": [14, 46, 0], "right": False})
    assert not is_same_draw(None, right)
