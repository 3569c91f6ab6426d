"""Walking downhill: what the text says of learning rates is what the descents do."""

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.lessons.pages.descending.views import MOST_STEPS, VIEWS
from groundup.steps.c1_descent.gradient_descent import square_slope, walk_down

HILL, SLOPE, RATES = (VIEWS[name].make_frame for name in ("hill", "slope", "rates"))


@pytest.mark.parametrize("steps", [10, 60])
def test_the_curve_of_the_rates_is_lowest_at_a_half_and_higher_with_every_rate_further_away(steps):
    frame = RATES({"steps": steps})
    ends = np.array(frame["ends"])
    for rate, end in frame["ends"][:: len(frame["ends"]) // 7]:
        assert end == pytest.approx(abs(walk_down(square_slope, 10.0, rate, steps)), rel=1e-5)
    assert ends[ends[:, 1].argmin()].tolist() == [0.5, 0]
    away = np.abs(ends[:, 0] - 0.5).round(4)
    assert (np.diff(ends[np.argsort(away, kind="stable"), 1]) >= -1e-4 * ends[:, 1].max()).all()


@pytest.mark.parametrize(("rate", "outcome"), [(0.1, "settles"), (0.99, "walks"), (1.0, "jumps"), (1.02, "flies")])
def test_a_rate_below_1_comes_closer_1_jumps_and_above_it_flies_away(rate, outcome):
    frame = HILL({"rate": rate, "start": 9.0})
    away = np.abs([row[0] for row in frame["path"]])
    assert frame["outcome"] == outcome
    assert np.sign(np.diff(away)).tolist() == [np.sign(rate - 1)] * MOST_STEPS


def test_on_a_curve_with_twice_the_slope_half_the_rate_arrives_in_one_step():
    for formula, rate in (("x^2", 0.5), ("2*x^2", 0.25)):
        assert HILL({"formula": formula, "rate": rate, "start": 9.0})["path"][1][0] == 0


def test_every_step_on_the_absolute_value_has_the_length_of_the_rate():
    places = [row[0] for row in HILL({"formula": "abs(x)", "rate": 0.7, "start": 9.0})["path"]]
    assert np.abs(np.diff(places)) == pytest.approx([0.7] * MOST_STEPS, abs=1e-5)
    assert SLOPE({"curve": "absolute", "place": 0.5, "gap": 0.01})["slope"] == 1


def test_a_product_without_a_star_is_refused_with_what_the_field_itself_shows():
    with pytest.raises(UserError, match=r"products with a star and powers with \^ or \*\*: 2\*x, x\^2"):
        HILL({"formula": "2x^2"})
