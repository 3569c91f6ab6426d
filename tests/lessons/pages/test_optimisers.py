"""A ball's factors are those of its way; the balls walk by the steps' rules, and end as the text says."""

import numpy as np
import pytest
import torch

from groundup.lessons.pages.optimisers.racing import LANDSCAPES
from groundup.lessons.pages.optimisers.valley import find_factors
from groundup.lessons.pages.optimisers.views import VIEWS
from groundup.steps.c4_training.optimisers import SGD, Adam


def in_valley(rate, momentum):
    return VIEWS["valley"].make_frame({"rate": rate, "momentum": momentum, "steps": 100})


@pytest.mark.parametrize(
    ("rate", "momentum", "factors", "swings"),
    [
        (0.1, 0.0, [0.998, 0.8], [False, False]),
        (0.99, 0.0, [0.9802, 0.98], [False, True]),
        (1.05, 0.0, [0.979, 1.1], [False, True]),
        (0.1, 0.9, [0.974, 0.949], [False, True]),
        (1.65, 0.67, [0.8185, 0.8185], [True, True]),
        (0.1, 0.99, [0.995, 0.995], [True, True]),
    ],
)
def test_the_factors_are_those_of_the_text(rate, momentum, factors, swings):
    frame = in_valley(rate, momentum)
    assert frame["factors"] == pytest.approx(factors, abs=6e-4)
    assert frame["swings"] == swings


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (1.05, 0.0), (0.1, 0.5), (0.1, 0.9), (1.65, 0.67)])
def test_a_long_walk_shrinks_by_the_factors(rate, momentum):
    for side, curvature in enumerate((0.02, 2.0)):
        w = torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
        optimizer = SGD([w], rate, momentum=momentum)
        distances = []
        for _ in range(400):
            optimizer.zero_grad()
            (0.5 * curvature * w**2).backward()
            optimizer.step()
            distances.append(abs(w.item()))
        # A ball that swings passes the lowest place: its largest distances count.
        shrunk = max(distances[300:400]) / max(distances[200:300])
        assert shrunk ** (1 / 100) == pytest.approx(in_valley(rate, momentum)["factors"][side], abs=0.012)


def count_steps(factor, share):
    return int(np.ceil(np.log(share) / np.log(factor)))


def test_the_numbers_of_steps_are_those_of_the_text():
    assert count_steps(max(in_valley(0.99, 0.0)["factors"]), 1e-3) == 346
    assert count_steps(max(in_valley(1.65, 0.67)["factors"]), 1e-3) == 35
    assert count_steps(in_valley(0.1, 0.9)["factors"][0], 0.1) == 86
    assert count_steps(0.998, 0.1) == 1151
    assert in_valley(0.1, 0.0)["path"][100][0] == pytest.approx(-7.4, abs=0.05)
    assert 0.8**30 < 0.002


def test_no_rate_and_no_momentum_do_it_faster():
    curvatures = np.array([0.02, 2.0])
    rates = np.arange(0.5, 2.0, 0.01)
    plain = [find_factors(rate * curvatures, 0.0).max() for rate in rates]
    assert rates[np.argmin(plain)] == pytest.approx(0.99)
    both = {
        (round(float(rate), 2), round(float(kept), 2)): find_factors(rate * curvatures, kept).max()
        for rate in rates
        for kept in np.arange(0, 1, 0.01)
    }
    assert min(both, key=both.get) == (1.65, 0.67)


def test_where_a_ball_swings_the_factor_is_the_root_of_the_momentum():
    kept = 0.67
    low, high = (1 - kept**0.5) ** 2, (1 + kept**0.5) ** 2
    assert find_factors(np.linspace(low * 1.001, high * 0.999, 9), kept) == pytest.approx(kept**0.5, rel=1e-6)
    assert find_factors(np.array([low * 0.9, high * 1.01]), kept).min() > kept**0.5 + 0.01
    assert find_factors(np.array([2 * (1 + kept)]), kept) == pytest.approx(1)


@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_a_landscapes_gradient_is_its_slope(landscape):
    function, place, gap = LANDSCAPES[landscape], np.array([1.3, -2.1]), 1e-6
    for axis in range(2):
        change = np.eye(2)[axis] * gap
        slope = (function(place + change)[0] - function(place - change)[0]) / (2 * gap)
        assert function(place)[1][axis] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("plain", lambda w: SGD([w], 0.1)),
        ("momentum", lambda w: SGD([w], 0.1, momentum=0.9)),
        ("adam", lambda w: Adam([w], 0.1)),
    ],
)
def test_the_balls_walk_as_the_optimizers_do(name, make):
    path = VIEWS["race"].compute("valley", [[-9.0, 4.0]], 0.1, 0.1, 0.1, 100)["paths"][name]
    w = torch.nn.Parameter(torch.tensor([-9.0, 4.0], dtype=torch.float64))
    optimizer = make(w)
    for row in path[1:51]:
        optimizer.zero_grad()
        (0.01 * w[0] ** 2 + w[1] ** 2).backward()
        optimizer.step()
        assert row[:2] == pytest.approx(w.tolist(), abs=1e-6)


def test_the_race_ends_as_the_text_says():
    says = VIEWS["race"].make_frame({"steps": 100})["says"]
    assert says == "Heights at step 100: plain descent 0.543, momentum 0.00859, Adam 0.0246."
    far = VIEWS["race"].make_frame({"plain": 2.0, "momentum": 2.0, "start": [[1e9, -1e9]]})
    assert all(abs(x) <= 1e6 for path in far["paths"].values() for x, _, _ in path)


def test_the_small_hollows_stop_plain_descent_and_not_momentum():
    says = VIEWS["race"].make_frame({"landscape": "waves", "steps": 100})["says"]
    assert "plain descent 4.65, momentum 1.47," in says


def test_adam_loses_its_gain_in_a_diagonal_valley():
    says = VIEWS["race"].make_frame({"landscape": "diagonal valley", "steps": 100})["says"]
    assert says.endswith("Adam 0.259.")


@pytest.mark.parametrize(
    ("rates", "right"),
    [
        ((0.01, 0.01, 0.01), [0.42, 0.88, 0.94]),
        ((0.3, 0.1, 0.01), [0.90, 0.94, 0.94]),
        ((0.1, 0.1, 0.1), [0.825, 0.94, 0.46]),
    ],
)
def test_three_optimizers_learn_digits_as_the_text_says(rates, right):
    *_, frame = VIEWS["networks"].make_frames(dict(zip(("plain", "momentum", "adam"), rates, strict=True)))
    assert frame["right"][:2] == pytest.approx(right[:2], abs=0.03)
    # Adam at 0.1 goes another way on each processor.
    assert frame["right"][2] == pytest.approx(right[2], abs=0.12 if rates[2] > 0.05 else 0.03)
    assert [len(losses) for losses in frame["losses"]] == [96] * 3
