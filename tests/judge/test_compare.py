"""Which numbers count as the same."""

import numpy as np
import pytest

from groundup.judge.compare import Tolerance, is_close


@pytest.mark.parametrize("wanted", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("rounding", [None, 4])
def test_nothing_finite_is_close_to_what_is_not(wanted, rounding):
    got = np.array([0.0, 14.1621, -1e300, wanted])
    assert is_close(got, np.full(4, wanted), Tolerance(rounding)).tolist() == [False, False, False, True]


def test_an_infinity_beside_them_leaves_finite_numbers_as_strict_as_they_are():
    wanted = np.array([np.inf, 2.0, 2.0])
    assert is_close(np.array([np.inf, 2.0 + 1e-7, 2.1]), wanted, Tolerance()).tolist() == [True, True, False]


@pytest.mark.parametrize("places", [4, 5, 6, 8, 12])
def test_rounding_to_more_places_than_are_asked_for_is_no_mistake(places):
    wanted = np.array([0.123456789123, 12.987654321987])
    got = np.round(wanted, places)
    assert is_close(got, wanted, Tolerance(4, 1e-9)).all()
    assert is_close(np.round(wanted, 3), wanted, Tolerance(4, 1e-9)).tolist() == [False, False]


def test_some_numbers_may_be_rounded_and_others_not():
    wanted = np.array([0.123456789, 2.718281828, -0.000123456])
    got = np.array([0.123456789, 2.71828, -0.00012])
    assert is_close(got, wanted, Tolerance(5, 1e-9)).all()
    assert is_close(np.array([0.1234591, 2.71828, -0.0001]), wanted, Tolerance(5, 1e-9)).tolist() == [
        False,
        True,
        False,
    ]


def test_large_numbers_that_nearly_cancel_may_err_by_their_size_in_single_precision():
    # What two right ways to the mean of masked vectors gave.
    got, wanted = np.array([5623.074, -9.595093]), np.array([5623.074, -9.594922])
    closeness = Tolerance(relative=1e-5)
    assert is_close(got, wanted, closeness).tolist() == [True, False]
    assert is_close(got.astype(np.float32), wanted.astype(np.float32), closeness).all()
    assert not is_close(np.float32([5623.074, -9.6]), wanted.astype(np.float32), closeness).all()
