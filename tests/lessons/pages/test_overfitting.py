"""The lesson on over-fitting: its frames are the steps' results, and its text tells what they give."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.overfitting.network import train_network
from groundup.lessons.pages.overfitting.polynomials import HIGHEST, NEW, START
from groundup.lessons.pages.overfitting.views import compute_polynomial
from groundup.steps.c4_training.early_stopping import stop_early


def test_the_training_error_never_rises_and_ends_at_zero() -> None:
    frame = compute_polynomial(START, 9, False)
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(frame["training"]))
    assert frame["training"][HIGHEST] < 1e-12


def test_the_text_s_table_of_errors() -> None:
    frame = compute_polynomial(START, 3, False)
    shown = [0, 1, 3, 5, 7, 8, 9]
    assert [round(frame["training"][d], 2) for d in shown] == [0.87, 0.87, 0.18, 0.11, 0.08, 0.01, 0.0]
    assert [round(frame["test"][d], 2) for d in shown] == [0.51, 0.51, 0.21, 0.18, 0.19, 0.67, 2.24]
    assert frame["best"] == 5


def test_a_hundred_points_hold_even_the_highest_degree() -> None:
    frame = compute_polynomial(START, 9, True)
    assert len(frame["extra"]) == 90
    assert frame["test"][9] < 0.25


def test_degree_nine_passes_through_ten_points() -> None:
    frame = compute_polynomial(START, 9, False)
    x, y = np.array(START).T
    assert np.interp(x, frame["x"], frame["curves"][9]) == pytest.approx(y, abs=0.05)
    assert frame["fitted"][9] == pytest.approx(y, abs=1e-6)


@pytest.mark.parametrize("points", [[[0.0, 1.0]], [[0.5, 1.0], [0.5, -1.0]], START * 3])
@pytest.mark.parametrize("degree", [0, HIGHEST])
def test_any_points_give_a_curve(points: Any, degree: int) -> None:
    frame = compute_polynomial(points, degree, False)
    assert np.isfinite(frame["curves"]).all()
    assert frame["new"] is NEW


def test_the_network_learns_by_heart_as_the_text_says() -> None:
    *_, frame = train_network()
    assert frame["test"][-1][0] == pytest.approx(1.24, abs=0.05)
    assert frame["training"][-1][1] == 1
    assert frame["training"][-1][0] == pytest.approx(0.001, abs=0.0005)
    assert frame["test"][4][0] == pytest.approx(0.33, abs=0.02)
    assert frame["surface"].shape == (41, 41)


def test_a_network_of_one_node_trains() -> None:
    frame = next(train_network(1, 0.8, "200"))
    assert torch.isfinite(frame["surface"]).all()


@pytest.mark.parametrize(
    ("points", "more", "errors"),
    [
        (START[1::2], False, {4: 2.98, 9: 0.45}),
        (START, False, {5: 0.18, 9: 2.24}),
        (START, True, {8: 0.12, 9: 0.12}),
    ],
)
def test_more_points_lower_the_best_test_error_and_as_many_coefficients_as_points_are_worst(
    points: Any, more: bool, errors: dict[int, float]
) -> None:
    test = compute_polynomial(points, 9, more)["test"]
    for degree, error in errors.items():
        assert round(test[degree], 2) == error
    assert round(min(test), 2) == min(errors.values())
    if not more:
        assert max(test) == test[len(points) - 1]


def test_the_text_s_five_points_are_five_of_the_ten() -> None:
    values = next(values for _, values in load_text("overfitting").settings if len(values.get("points", [])) == 5)
    assert [tuple(point) for point in values["points"]] == list(START[1::2])


def test_a_network_that_learns_by_heart_grows_surer_of_its_wrong_answers() -> None:
    *_, frame = train_network(64, 0.0, "20")
    assert [round(frame["test"][place][1], 2) for place in (4, -1)] == [0.85, 0.83]
    assert [frame["sure"][place] for place in (4, -1)] == pytest.approx([0.73, 0.93], abs=0.01)


@pytest.mark.parametrize(
    ("hidden", "points", "lowest", "last", "right"), [(4, "20", 0.377, 0.38, 0.85), (64, "200", 0.26, 0.62, 0.88)]
)
def test_fewer_nodes_and_more_points_help_as_the_text_says(
    hidden: int, points: str, lowest: float, last: float, right: float
) -> None:
    *_, frame = train_network(hidden, 0.0, points)
    assert min(loss for loss, _ in frame["test"]) == pytest.approx(lowest, abs=0.01)
    assert frame["test"][-1] == pytest.approx([last, right], abs=0.01)


def test_the_epochs_by_hand_are_those_of_the_step() -> None:
    losses = [0.9, 0.5, 0.6, 0.7, 0.4]
    assert stop_early(losses, 2) == (1, 3)
    assert stop_early(losses, 3) == (4, 4)
