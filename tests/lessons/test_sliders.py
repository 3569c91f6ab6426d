"""Where a hand moves a slider, the results for all its values are computed at once; else, one at a time."""

import pytest

from groundup.lessons import sliders
from groundup.lessons.sliders import AlongSliders
from groundup.lessons.views import Slider

RATE = Slider("rate", "rate", 0.3, low=0.01, high=2.0, step=0.01, log=True)
COUNT = Slider("count", "count", 2, low=1, high=4, step=1)


@pytest.fixture
def asked():
    return []


@pytest.fixture
def results(asked):
    def compute(**values):
        asked.append(1)
        return sorted(values.items())

    def compute_all(places):
        asked.append(len(places))
        return [sorted(place.items()) for place in places]

    return AlongSliders(compute, compute_all, [RATE, COUNT])


@pytest.mark.parametrize(
    ("slider", "some", "number"),
    [
        (RATE, [0.01, 0.011, 0.099, 0.1, 0.11, 0.99, 1.0, 1.1, 2.0], 191),
        (COUNT, [1, 2, 3, 4], 4),
        (Slider("x", "x", 0.0, low=0.05, high=1.0, step=0.05), [0.05, 0.15, 0.3, 0.95, 1.0], 20),
        (Slider("x", "x", 0.0, low=-3.0, high=3.0, step=0.25), [-3, -2.75, 0, 3], 25),
    ],
)
def test_a_slider_lists_the_values_that_the_hand_gives_it(slider, some, number):
    values = slider.list_values()
    assert set(some) <= set(values)
    assert len(values) == number
    assert values == sorted(values)
    assert all(slider.check(value) == value for value in values)


def test_the_third_value_of_a_slider_brings_all(results, asked):
    for rate in (0.3, 0.31, 0.32, 0.33, 0.3):
        assert results.find(rate=rate, count=2, other=True) == [("count", 2), ("other", True), ("rate", rate)]
    assert asked == [1, 1, 191]
    for count in (1, 3, 4):
        assert dict(results.find(rate=0.3, count=count, other=True))["count"] == count
    assert asked == [1, 1, 191, 1, 4]


def test_another_control_or_a_value_between_is_computed_alone(results, asked):
    for rate in (0.3, 0.31, 0.32, 0.325):
        results.find(rate=rate, count=2, other=True)
    results.find(rate=0.3, count=2, other=False)
    assert asked == [1, 1, 191, 1, 1]


def test_what_was_asked_long_ago_is_computed_again(results, asked, monkeypatch):
    monkeypatch.setattr(sliders, "MOST_RESULTS", 200)
    monkeypatch.setattr(sliders, "MOST_MOVES", 4)
    for rate in (0.3, 0.31, 0.32):
        results.find(rate=rate, count=2)
    for other in range(100):
        results.find(rate=0.3, count=3, other=other)
    assert len(results._kept) == 200
    assert len(results._asked) == 4
    assert asked == [1, 1, 191] + [1] * 100
    assert results.find(rate=0.02, count=2) == [("count", 2), ("rate", 0.02)]
    assert asked[-1] == 1
