"""The plainest walks downhill, against the walk on any function."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c1_descent.descent import minimize
from groundup.steps.c1_descent.gradient_descent import square_slope, walk_down, walk_down_together


@given(start=st.floats(-5, 5), rate=st.floats(0.01, 0.9), steps=st.integers(0, 20))
def test_it_walks_as_the_general_walk_does(start, rate, steps):
    general = minimize(lambda x: x[0] ** 2, [start], learning_rate=rate, steps=steps).points[-1]
    # The general walk stops early where nothing moves any more.
    assert abs(walk_down(square_slope, start, rate, steps) - float(general[0])) < 1e-6


def test_all_coordinates_move_from_the_same_old_point():
    def gradient(point):
        return [point[1], point[0]]

    assert walk_down_together(gradient, [1, 3], 1.0, 1) == [[1.0, 3.0], [-2.0, 2.0]]
    assert torch.tensor(walk_down_together(gradient, [1, 3], 0.1, 4)).shape == (5, 2)
    assert walk_down_together(gradient, [1, 3], 0.1, 0) == [[1.0, 3.0]]
