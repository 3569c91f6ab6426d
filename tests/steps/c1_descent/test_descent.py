"""Descent does what the mathematics says, and says truly how it went."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.steps.c1_descent.descent import curvatures, largest_stable_rate, minimize


def square(x):
    return (x**2).sum()


def test_worked_examples():
    assert round(minimize(square, [5.0], 0.01, 10).end.item(), 5) == 4.08536
    assert round(minimize(square, [10.0], 0.1, 3).end.item(), 5) == 5.12
    assert minimize(square, [7.0], 0.1, 0).end.item() == 7.0
    assert float(minimize(square, [2.0, 5.0], 0.1, 1000).end.abs().max()) < 1e-12


@given(st.floats(0.1, 10), st.floats(0.001, 0.9), st.integers(1, 40), st.floats(-5, 5).filter(lambda x: abs(x) > 0.01))
def test_on_a_parabola_it_is_the_closed_form(curvature, fraction, steps, start):
    rate = 2 * fraction / curvature
    path = minimize(lambda x: curvature / 2 * (x**2).sum(), [start], rate, steps)
    expected = start * (1 - rate * curvature) ** steps
    assert math.isclose(path.end.item(), expected, rel_tol=1e-9, abs_tol=1e-12)


def test_all_coordinates_move_from_the_same_old_point():
    path = minimize(lambda p: p[0] * p[1], [2.0, 3.0], 0.1, 1)
    assert path.end.tolist() == pytest.approx([2 - 0.1 * 3, 3 - 0.1 * 2])


@pytest.mark.parametrize(
    ("method", "peer"),
    [
        ("plain", lambda p: torch.optim.SGD(p, lr=0.01)),
        ("momentum", lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.8)),
        ("adam", lambda p: torch.optim.Adam(p, lr=0.01)),
    ],
)
def test_each_method_is_pytorchs(method, peer):
    def bumpy(x):
        return (x**4).sum() / 4 + torch.sin(3 * x).sum() + x.prod()

    path = minimize(bumpy, [1.5, -0.7], 0.01, 200, method=method, momentum=0.8)
    point = torch.tensor([1.5, -0.7], dtype=torch.float64, requires_grad=True)
    optimizer = peer([point])
    for step in range(200):
        assert torch.allclose(path.points[step], point.detach(), rtol=1e-12, atol=1e-13)
        optimizer.zero_grad()
        bumpy(point).backward()
        optimizer.step()


@settings(max_examples=12)
@given(st.floats(0.1, 20), st.sampled_from(["plain", "momentum"]), st.floats(0, 0.8))
def test_the_limit_named_is_the_limit(curvature, method, momentum):
    limit = largest_stable_rate(curvature, method, momentum)

    def bowl(x):
        return curvature / 2 * (x**2).sum()

    below = minimize(bowl, [1.0], 0.97 * limit, 600, method, momentum)
    above = minimize(bowl, [1.0], 1.03 * limit, 600, method, momentum)
    assert abs(below.end.item()) < 1e-3
    assert above.outcome == "overshoots"
    assert f"above {limit:.4g} every step overshoots" in above.message


def test_the_steepest_direction_sets_the_limit():
    valley = minimize(lambda p: 50 * p[0] ** 2 + 0.5 * p[1] ** 2, [1.0, 1.0], 0.021, 100)
    assert "above 0.02 every step overshoots" in valley.message
    assert curvatures(lambda p: 50 * p[0] ** 2 + 0.5 * p[1] ** 2, torch.ones(2, dtype=torch.float64))[-1] == 100


@pytest.mark.parametrize(
    ("function", "start", "rate", "outcome", "words"),
    [
        (
            square,
            [5.0],
            1.1,
            "overshoots",
            "learning rate 1.1 is too large for this curve: above 1 every step overshoots",
        ),
        (square, [5.0], 1.0, "overshoots", "never settle"),
        (lambda x: (x**3).sum(), [-1.0], 0.1, "falls forever", "keeps falling"),
        (lambda x: -(x**2).sum(), [1.0], 0.1, "falls forever", "keeps falling"),
        (lambda x: (x**4).sum(), [3.0], 0.1, "overshoots", "above about"),
        (lambda p: p[0] ** 2 - p[1] ** 2, [1.0, 0.0], 0.1, "level", "no minimum"),
        (square, [0.0], 0.1, "level", "nowhere to go"),
        (lambda x: torch.log(x).sum(), [1.0], 0.5, "overshoots", "left the region"),
        (square, [5.0], 0.001, "on the way", "Take more steps or a learning rate"),
        (square, [5.0], 0.4, "arrived", "arrived"),
        (lambda x: -x.sum(), [5.0], 0.001, "on the way", "as at the start. If it stays so there is no minimum"),
        (lambda x: x.abs().sum(), [5.0], 0.001, "on the way", "as at the start. If it stays so there is no minimum"),
    ],
)
def test_the_outcome_is_told(function, start, rate, outcome, words):
    path = minimize(function, start, rate, 300)
    assert (path.outcome, words in path.message) == (outcome, True), path.message


def test_rounding_each_guess_is_what_stalls_at_2e_05():
    guess = 5.0
    for _ in range(1000):
        guess = round(guess - 0.1 * 2 * guess, 5)
    assert guess == 2e-05
    assert minimize(square, [5.0], 0.1, 1000).end.item() < 1e-90


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 0.0}, "above 0"),
        ({"learning_rate": math.nan}, "above 0"),
        ({"steps": -1}, "0 or more"),
        ({"momentum": 1.0}, "below 1"),
        ({"start": [-1.0], "function": lambda x: torch.log(x).sum()}, "no finite value"),
    ],
)
def test_senseless_requests_are_refused(changes, message):
    request = {"function": square, "start": [1.0], **changes}
    with pytest.raises(UserError, match=message):
        minimize(request.pop("function"), request.pop("start"), **request)
