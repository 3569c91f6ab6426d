"""Several directions: the walk that is drawn is the step's walk."""

import numpy as np
import pytest
import torch

from groundup.base.errors import UserError
from groundup.formulas.expression import parse_expression
from groundup.lessons.pages.directions.views import AFTER, AT_ONCE, LEG, MOST_STEPS, ONE_AT_A_TIME, VIEWS
from groundup.steps.c1_descent.descent import minimize

SLICES, COMPASS = (VIEWS[name].make_frame for name in ("slices", "compass"))
TILTED = {"formula": "x^2 + y^2 + 1.8*x*y", "rate": 0.25}


def walk(values):
    """Return the frame of the hill for the text's start."""
    return VIEWS["hill"].make_frame({"x": 2.0, "y": 5.0, **values})


def test_the_path_is_that_of_the_descent_on_any_function():
    path = np.array(walk(TILTED)["path"])
    walked = minimize(parse_expression("x^2 + y^2 + 1.8*x*y"), [2.0, 5.0], 0.25, MOST_STEPS)
    np.testing.assert_allclose(path[:, :2], walked.points, rtol=1e-5)
    np.testing.assert_allclose(path[:, 2], walked.values, rtol=1e-5)
    np.testing.assert_allclose(path[:, 3:], walked.gradients, rtol=1e-5)


def test_one_knob_at_a_time_zigzags_and_ends_far_higher():
    path = np.array(walk({**TILTED, "way": ONE_AT_A_TIME})["path"])
    moved = np.diff(path[:, :2], axis=0) != 0
    assert moved[:LEG].tolist() == [[True, False]] * LEG
    assert moved[LEG : 2 * LEG].tolist() == [[False, True]] * LEG
    assert path[LEG, 0] == pytest.approx(-4.5, abs=0.01)
    assert path[40, 2] == pytest.approx(2.52, abs=0.005)
    assert path[LEG, 0] == pytest.approx(-4.494, abs=5e-4)
    assert walk({**TILTED, "way": AT_ONCE})["path"][40][2] == pytest.approx(0.0074, abs=5e-5)


def test_a_step_with_the_new_x_is_another_step():
    paths = {way: walk({**TILTED, "way": way})["path"] for way in (AT_ONCE, AFTER)}
    assert paths[AT_ONCE][1][:2] == pytest.approx([-1.25, 1.6])
    assert paths[AFTER][1][:2] == pytest.approx([-1.25, 3.0625])
    assert paths[AFTER][0][2] > paths[AFTER][1][2] > paths[AFTER][40][2]
    assert [paths[way][40][2] for way in (AT_ONCE, AFTER)] == pytest.approx([0.0074, 0.0065], abs=5e-5)
    slower = [walk({**TILTED, "rate": 0.1, "way": way})["path"][40][2] for way in (AT_ONCE, AFTER)]
    assert slower == pytest.approx([0.089, 0.118], abs=5e-4)


def test_the_numbers_of_the_text():
    valley = {"formula": "0.1*x^2 + 4*y^2", "x": 5.0, "y": 2.0}
    assert walk({**valley, "rate": 0.2})["path"][40][0] == pytest.approx(0.98, abs=0.005)
    assert walk({**valley, "rate": 0.26})["path"][40][1] == pytest.approx(43, abs=0.5)
    assert walk({})["path"][0][3:] == [4, 80]
    for start in (0.5, -0.5):
        end = walk({"formula": "(x^2-4)^2/8 + y^2", "x": start, "y": 4.0, "rate": 0.1})["path"][40][0]
        assert end == pytest.approx(4 * start, abs=0.01)


def test_cuts_have_the_partial_derivatives_as_slopes():
    frame = SLICES({"formula": "x^3 + sin(y)*x", "x": 1.0, "y": 2.0})
    for place, name in enumerate(("along_x", "along_y")):
        curve = np.array(frame[name])
        at = np.argmin(np.abs(curve[:, 0] - frame["point"][place]))
        assert curve[at, 1] == pytest.approx(frame["value"], abs=1e-4)
        near = np.gradient(curve[:, 1], curve[:, 0])[at]
        assert near == pytest.approx(frame["slopes"][place], abs=0.02)
    assert frame["derivatives"] == ["3·x^2 + sin(y)", "x·cos(y)"]


@pytest.mark.parametrize("direction", [0, 45, 100, 135, 290])
def test_the_slope_in_a_direction_is_that_of_a_small_move(direction):
    formula = "x^3 / 20 + sin(y)*x"
    frame = COMPASS({"formula": formula, "x": 1.0, "y": 2.0, "direction": direction})
    height = parse_expression(formula)
    h, way = 1e-6, np.array(frame["arrow"])
    above, below = (height(torch.tensor([1.0, 2.0]) + torch.tensor(side * h * way)).item() for side in (1, -1))
    assert frame["slope"] == pytest.approx((above - below) / (2 * h), abs=1e-4)
    turn = np.array(frame["turn"])
    assert turn[direction // 5] == pytest.approx([direction, frame["slope"]], abs=1e-5)
    away = np.radians(turn[:, 0] - frame["steepest"])
    assert turn[:, 1] == pytest.approx(np.linalg.norm(frame["slopes"]) * np.cos(away), abs=1e-4)
    assert turn[turn[:, 1].argmax(), 0] == pytest.approx(frame["steepest"], abs=2.5)
    assert turn[:, 1].max() <= np.linalg.norm(frame["slopes"]) == pytest.approx(turn[:, 1].max(), rel=0.01)


def test_along_a_contour_line_the_slope_is_0():
    frame = COMPASS({"direction": 135})
    assert (frame["slope"], frame["steepest"]) == pytest.approx((0, 45))
    assert frame["says"].endswith("(−0.7071) · 4 + 0.7071 · 4 = 0, level.")
    assert COMPASS({"x": 0.0, "y": 0.0})["steepest"] is None


def test_contours_join_places_of_equal_height():
    axis = np.linspace(-6.3, 6.3, 64)
    for outline in walk({})["contours"][:3]:
        points = np.array([pair.split(",") for pair in outline[1:-1].split("L")], dtype=float)
        heights = points[:, 0] ** 2 + 8 * points[:, 1] ** 2
        assert np.ptp(heights) < 0.1 * (axis[1] - axis[0]) * heights.mean() + 1


@pytest.mark.parametrize("formula", ["x+", "3", "q^2 + x", "sqrt(-1-x^2)", "log(x) + q"])
def test_bad_text_is_refused_in_one_line(formula):
    for view in (walk, SLICES, COMPASS):
        with pytest.raises(UserError) as refused:
            view({"formula": formula})
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("formula", ["y", "1/x", "log(x)", "exp(9*x)", "x*y", "abs(x)+abs(y)", "relu(x) + 0*y"])
@pytest.mark.parametrize("way", [AT_ONCE, ONE_AT_A_TIME, AFTER])
def test_any_function_has_a_frame_and_a_start_without_value_is_refused(formula, way):
    frame = walk({"formula": formula, "way": way, "rate": 1.2, "x": 1.0, "steps": MOST_STEPS})
    assert len(frame["derivatives"]) == 2
    assert frame["path"][0][:2] == [1, 5]
    assert torch.isfinite(torch.tensor(frame["path"][0])).all()


def test_a_start_where_the_function_has_no_value_is_refused():
    with pytest.raises(UserError, match="no finite value"):
        walk({"formula": "log(x)", "x": -1.0})
