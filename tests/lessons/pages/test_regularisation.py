"""Weight decay and dropout: frames are the steps' results, and the text tells what they give."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from groundup.lessons.pages.overfitting.network import train_network
from groundup.lessons.pages.overfitting.polynomials import HIGHEST, START, fit, make_features
from groundup.lessons.pages.overfitting.views import compute_polynomial
from groundup.lessons.pages.regularisation.views import compute_decay, compute_dropout
from groundup.steps.c4_training.optimisers import Adam, sgd_step


def test_dropout_keeps_the_mean_and_does_nothing_in_evaluation() -> None:
    frame = compute_dropout(0.5, 100, True)
    assert torch.allclose(frame["means"], frame["before"], rtol=0.35)
    assert set((frame["after"] / frame["before"]).round(decimals=4).tolist()) <= {0.0, 2.0}
    still = compute_dropout(0.5, 3, False)
    assert torch.equal(still["after"], still["before"])


@pytest.mark.parametrize("decay", [0.1, 1.0])
def test_descent_with_decay_comes_to_rest_where_the_curve_is_fitted(decay: float) -> None:
    points, rate = np.array(START), 0.5
    features, truth = make_features(points[:, 0], HIGHEST), points[:, 1]
    weights = np.zeros(HIGHEST + 1)
    for _ in range(2000):
        gradient = 2 / len(points) * features.T @ (features @ weights - truth)
        weights = sgd_step((1 - rate * decay) * weights, gradient, rate)
    assert fit(points, HIGHEST, decay) == pytest.approx(weights, abs=1e-9)


def test_weight_decay_exchanges_the_errors_as_the_text_says() -> None:
    frame, free = compute_decay(START, 0.1), compute_polynomial(START, 9, False)
    assert [round(frame["training"], 2), round(frame["test"], 2)] == [0.11, 0.15]
    assert round(min(free["test"]), 2) == 0.18
    assert round(frame["squares"], 1) == 3.1
    assert round(frame["free_squares"]) == 34
    assert frame["strengths"][np.argmin(frame["all_test"])] == pytest.approx(0.1, rel=0.4)
    flat = compute_decay(START, 10.0)
    assert flat["training"] > 0.7
    assert flat["test"] > 0.4
    assert np.abs(flat["curve"]).max() < 0.3
    assert all(later >= earlier for earlier, later in pairwise(frame["all_training"]))


def test_weight_decay_keeps_the_network_from_learning_by_heart() -> None:
    *_, frame = train_network(decay=5.0)
    assert frame["test"][-1] == pytest.approx([0.32, 0.86], abs=0.02)
    assert frame["training"][-1][0] == pytest.approx(0.16, abs=0.02)
    assert frame["training"][-1][1] < 1
    *_, frame = train_network(decay=30.0)
    assert frame["training"][-1][0] == pytest.approx(math.log(2), abs=0.01)


def test_dropout_helps_the_network_as_the_text_says() -> None:
    *_, frame = train_network(p=0.5)
    assert frame["test"][-1][0] == pytest.approx(0.67, abs=0.05)
    assert frame["training"][-1][0] == pytest.approx(0.04, abs=0.02)


def test_one_weight_by_hand_comes_to_rest_between_both_pulls() -> None:
    w, kept = 3.0, []
    for _ in range(200):
        w = sgd_step((1 - 0.1 * 0.5) * w, 2 * (w - 3), 0.1)
        kept.append(w)
    assert kept[:3] == pytest.approx([2.85, 2.7375, 2.653125])
    assert kept[-1] == pytest.approx(2.4)


def test_the_course_s_adam_shrinks_a_weight_without_a_slope_by_the_decay_alone() -> None:
    w = torch.nn.Parameter(torch.tensor([2.0]))
    w.grad = torch.zeros(1)
    Adam([w], 0.1, weight_decay=0.5).step()
    assert w.item() == pytest.approx(2.0 * (1 - 0.1 * 0.5))
