"""A line through people: what is drawn is what the step computes."""

import numpy as np
import pytest

from groundup.data.tables.galton import load_families
from groundup.lessons.pages.regression.views import ALL, MOST_STEPS, VIEWS, choose_people
from groundup.steps.c2_regression.regression import measure_error, predict, train_with_bias

LINE, GUESS = (VIEWS[name].make_frame for name in ("line", "guess"))


@pytest.mark.parametrize("people", ["twelve people", ALL])
def test_the_path_is_that_of_the_training(people):
    above, children = choose_people(people)
    path = np.array(LINE({"people": people, "w": -0.5, "b": 160.0, "rate": 0.02})["path"])
    for steps in (0, 1, 30, MOST_STEPS):
        weights, bias = train_with_bias(above[:, None], children, steps, np.array([-0.5]), 160.0, 0.02)
        error = measure_error(predict(above[:, None], weights, bias), children)
        np.testing.assert_allclose(path[steps], [weights[0], bias, error], rtol=1e-5)


def test_the_best_line_is_that_of_least_squares():
    for people in ("twelve people", ALL):
        frame = LINE({"people": people})
        above, children = choose_people(people)
        np.testing.assert_allclose(frame["best"], np.polyfit(above, children, 1), rtol=1e-5)
        assert sum(count for _, _, count in frame["dots"]) == len(children)


def test_with_standard_deviations_one_step_arrives():
    path = LINE({"people": ALL, "w": -1.0, "b": 160.0, "scaled": True, "rate": 0.5})["path"]
    assert path[1][:2] == pytest.approx([0.646, 172.94], abs=0.005)


def test_the_bowl_is_round_with_standard_deviations_and_long_with_centimeters():
    spread = choose_people(ALL)[0].std()
    for scaled, unit, length in ((True, spread, 1), (False, 1, spread)):
        frame = LINE({"people": ALL, "scaled": scaled})
        assert frame["unit"] == pytest.approx(unit, rel=1e-5)
        for ring in frame["contours"][1:4]:
            across, up = np.ptp([[*map(float, point.split(","))] for point in ring.strip("MZ").split("L")], axis=0)
            assert up / across == pytest.approx(length, rel=0.05)


def test_a_rate_above_the_limit_runs_away_and_one_below_does_not():
    above, _ = choose_people(ALL)
    assert 2 / (2 * above.var()) == pytest.approx(0.0486, abs=5e-5)
    start = {"people": ALL, "w": 0.0, "b": 160.0}
    assert abs(LINE({**start, "rate": 0.05})["path"][-1][0]) > 5
    assert LINE({**start, "rate": 0.045})["path"][-1][0] == pytest.approx(0.646, abs=0.01)


def test_in_centimeters_the_weight_jumps_from_side_to_side_and_the_bias_creeps():
    above, _ = choose_people(ALL)
    assert above.mean() == pytest.approx(0, abs=1e-9)
    assert 2 * np.mean(above**2) == pytest.approx(41.2, abs=0.05)
    frame = LINE({"people": ALL, "w": -1.0, "b": 160.0, "rate": 0.045})
    away = np.array(frame["path"])[:11, :2] - frame["best"]
    assert away[1:] / away[:-1] == pytest.approx(np.tile([-0.85, 0.91], (10, 1)), abs=0.01)


def test_the_numbers_of_the_text():
    parents, children = load_families()
    assert (children.mean(), children.std(), parents.mean()) == pytest.approx((172.9, 6.4, 173.5), abs=0.05)
    assert LINE({"people": ALL, "scaled": True, "rate": 0.5})["typical"][1] == pytest.approx(5.7, abs=0.05)
    X, y = np.array([[4.0], [-2.0]]), np.array([178.0, 171.0])
    weights, bias = train_with_bias(X, y, 1, np.array([0.0]), 170.0, 0.02)
    assert (weights[0], bias) == pytest.approx((0.6, 170.18))
    assert measure_error(predict(X, weights, bias), y) == pytest.approx(16.73, abs=0.005)


def test_the_average_has_the_least_squared_error_and_the_median_the_least_absolute_one():
    frame = GUESS({"people": [[h, 0] for h in (160, 165, 168, 170, 173, 176, 230)], "guess": 170.0})
    assert frame["best"] == pytest.approx([177.429, 170], abs=1e-3)
    for name, best in zip(("squared", "absolute"), frame["best"], strict=True):
        rows = np.array(frame[name])
        assert rows[rows[:, 1].argmin(), 0] == pytest.approx(best, abs=0.5)
    assert frame["slopes"][1] is None
    assert frame["says"].endswith("The absolute error has none: a corner.")
    alone = GUESS({"people": [[170, 0]], "guess": 171.0})
    assert alone["slopes"] == [2, 1]


def test_the_slope_of_the_mean_absolute_error_of_seven_falls_in_stairs_and_jumps_at_the_median():
    between = (185.0, 178.0, 174.5, 171.5, 169.0)
    slopes = [GUESS({"guess": guess})["slopes"][1] for guess in between]
    assert slopes == pytest.approx([1, 5 / 7, 3 / 7, 1 / 7, -1 / 7], abs=1e-5)
