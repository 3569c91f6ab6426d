"""Central differences find the gradient to rounding, and the comparison tells a right one from a wrong one."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c1_descent.numerical_gradient import choose_h, is_same, numerical_gradient, relative_difference

POINTS = st.lists(st.floats(-3, 3), min_size=1, max_size=4)


def bend(x):
    return (x**3).sum() + torch.sin(x).prod() + (x[0] * x[-1]).exp()


@given(POINTS)
def test_it_is_the_gradient_of_autograd(numbers):
    point = torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
    bend(point).backward()
    where = np.array(numbers)
    kept = where.copy()
    numerical = numerical_gradient(lambda x: float(bend(torch.tensor(x))), where, choose_h(where))
    right = point.grad.numpy()
    value = float(bend(torch.tensor(where)))
    assert is_same(right, numerical, value)
    if np.linalg.norm(right) > 0.01 * max(1, abs(value)):
        assert not is_same(1.001 * right, numerical, value)
    assert np.array_equal(where, kept)


@given(POINTS, st.floats(0.01, 2))
def test_it_is_exact_for_parabolas_whatever_h(numbers, h):
    found = numerical_gradient(lambda x: float((x**2).sum() + x[0]), np.array(numbers), h)
    expected = 2 * np.array(numbers)
    expected[0] += 1
    assert found == pytest.approx(expected, abs=1e-9)


def test_its_error_falls_with_the_square_of_h():
    def error(h):
        return abs(float(numerical_gradient(lambda x: float(np.exp(x[0])), np.array([1.0]), h)[0]) - np.e)

    assert error(0.1) / error(0.01) == pytest.approx(100, rel=0.01)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=2), st.floats(1e-6, 1e6))
def test_the_difference_is_relative_and_symmetric(numbers, scale):
    one, other = np.array(numbers), np.array([1.0, -2.0])
    difference = relative_difference(one, other)
    assert 0 <= difference <= 1 + 1e-12
    assert relative_difference(other, one) == difference
    assert relative_difference(scale * one, scale * other) == pytest.approx(difference, abs=1e-12)


def test_what_is_no_number_is_not_taken_for_equal():
    one, nothing = np.array([1.0]), np.array([np.nan])
    assert np.isnan(relative_difference(one, nothing))
    assert not is_same(one, nothing, 1.0)
