"""Linear regression: the loop against the course and autograd, the recurrence against the loop."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.models import closed_form_descent as recurrence
from groundup.models.qr import Triangle, fold, fold_onto
from groundup.steps.c2_regression import regression

seeds = st.integers(0, 2**32 - 1)


def make_table(seed, rows, features, offset=0.0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(rows, features)) * random.uniform(0.2, 3, features) + offset
    return X, X @ random.normal(size=features) + random.normal(size=rows)


def column_of_ones(X):
    return np.column_stack([np.ones(len(X)), X])


def test_prediction_and_error_of_the_course():
    X, truth = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.0, 1.0, 0.0])
    prediction = regression.predict(X, np.array([0.5, -0.5]))
    assert prediction.tolist() == [-0.5, -0.5, -0.5]
    assert round(regression.measure_error(prediction, truth), 5) == 0.91667


def test_training_of_the_course():
    X, truth = np.array([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]), np.array([6.0, 3.0])
    start = np.array([0.2, 0.1, 0.6])
    weights = regression.train(X, truth, 10, start)
    assert weights.round(5).tolist() == [0.50678, 0.59057, 1.27435]
    assert start.tolist() == [0.2, 0.1, 0.6]


def test_training_with_bias_of_the_course():
    weights, bias = regression.train_with_bias(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([5.0, 11.0]), 2)
    assert [*weights.round(4), round(bias, 4)] == [0.64, 0.9092, 0.2692]


@given(seeds, st.integers(1, 30), st.integers(1, 6))
def test_slopes_are_those_of_autograd(seed, rows, features):
    X, truth = make_table(seed, rows, features)
    weights = torch.tensor(np.random.default_rng(seed).normal(size=features), requires_grad=True)
    bias = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    ((torch.tensor(X) @ weights + bias - torch.tensor(truth)) ** 2).mean().backward()
    prediction = regression.predict(X, weights.detach().numpy(), 0.7)
    slopes = regression.differentiate(prediction, truth, X)
    np.testing.assert_allclose(slopes, weights.grad, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(regression.differentiate_bias(prediction, truth), bias.grad, rtol=1e-10, atol=1e-12)
    one_by_one = [regression.differentiate_one_weight(prediction, truth, X, index) for index in range(features)]
    np.testing.assert_allclose(one_by_one, slopes, rtol=1e-10, atol=1e-12)


@given(seeds, st.integers(1, 40), st.integers(1, 6), st.integers(0, 300), st.floats(0.01, 1.05), st.booleans())
def test_recurrence_is_the_loop(seed, rows, features, iterations, share, far):
    X, truth = make_table(seed, rows, features, 30.0 if far else 0.0)
    start = np.random.default_rng(seed + 1).normal(size=features)
    ready = recurrence.prepare(fold(np.column_stack([X, truth])))
    rate = share * ready.stability_limit
    expected = regression.train(X, truth, iterations, start, rate)
    found = ready.weights_after(iterations, rate, start)
    assert np.linalg.norm(found - expected) <= 1e-9 * np.linalg.norm(expected)
    loss = regression.measure_error(regression.predict(X, expected), truth)
    scale = regression.measure_error(np.zeros(rows), truth)
    assert ready.losses_after(np.array([float(iterations)]), rate, start)[0] == pytest.approx(
        loss, rel=1e-7, abs=1e-12 * scale
    )


@pytest.mark.parametrize("offset", [0.0, 100.0])
def test_recurrence_with_bias_is_the_loop(offset):
    X, truth = make_table(3, 5000, 3, offset)
    rate = 0.9 / (offset**2 * 3 + 10)
    weights, bias = regression.train_with_bias(X, truth, 2000, learning_rate=rate)
    found = recurrence.prepare(fold(np.column_stack([column_of_ones(X), truth]))).weights_after(2000, rate)
    np.testing.assert_allclose(found, [bias, *weights], rtol=1e-9)


def test_recurrence_of_dependent_columns_is_the_loop_and_never_drifts():
    X, truth = make_table(5, 50, 2)
    X = np.column_stack([X, X[:, 0] + X[:, 1], np.zeros(50)])
    ready = recurrence.prepare(fold(np.column_stack([X, truth])))
    start = np.array([1.0, -2.0, 0.5, 7.0])
    np.testing.assert_allclose(ready.weights_after(500, 0.01, start), regression.train(X, truth, 500, start), rtol=1e-9)
    far, farther = (ready.weights_after(count, 0.01, start) for count in (10**9, 10**15))
    np.testing.assert_allclose(far, farther, rtol=1e-12)
    assert far[3] == 7.0


def test_stability_limit_parts_descent_from_divergence():
    X, truth = make_table(8, 100, 3)
    ready = recurrence.prepare(fold(np.column_stack([X, truth])))
    steps = np.array([0.0, 1000.0])
    below = ready.losses_after(steps, 0.99 * ready.stability_limit)
    above = ready.losses_after(steps, 1.01 * ready.stability_limit)
    assert below[1] < below[0]
    assert above[1] > 1e3 * above[0]
    assert not np.all(np.isfinite(ready.weights_after(10**7, 1.5 * ready.stability_limit)))


@given(seeds, st.integers(2, 60), st.integers(1, 5))
def test_solution_is_least_squares(seed, rows, features):
    X, truth = make_table(seed, rows, features, 5.0)
    expected = np.linalg.lstsq(X, truth)[0]
    np.testing.assert_allclose(recurrence.solve(fold(np.column_stack([X, truth]))), expected, rtol=1e-6, atol=1e-9)


def test_solution_survives_columns_of_very_different_size():
    random = np.random.default_rng(1)
    X = random.normal(size=(500, 3)) * [1e6, 1.0, 1e-6] + [3e6, 2000.0, 0.0]
    weights = np.array([1e-6, 2.0, 3e6])
    found = recurrence.solve(fold(np.column_stack([X, X @ weights])))
    np.testing.assert_allclose(found, weights, rtol=1e-8)


@given(seeds, st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_sum_of_triangles_is_the_triangle_of_all_rows(seed, sizes):
    table = np.random.default_rng(seed).normal(size=(sum(sizes), 4)) + 10
    pieces = np.split(table, np.cumsum(sizes)[:-1])
    total = sum((fold(piece) for piece in pieces[1:]), fold(pieces[0]))
    assert total.rows == len(table)
    np.testing.assert_allclose(total.factor.T @ total.factor, table.T @ table, rtol=1e-10)
    shuffled = fold(np.random.default_rng(seed).permutation(table))
    np.testing.assert_allclose(shuffled.factor.T @ shuffled.factor, table.T @ table, rtol=1e-10)


@pytest.mark.parametrize("kind", ["alike", "new ground", "dependent", "few"])
def test_folding_onto_a_triangle_keeps_every_digit(kind):
    random = np.random.default_rng(4)
    away = np.array([0, 1e4, 0, 0])
    first = random.normal(size=(5000, 4)) + away
    second = random.normal(size=(3 if kind == "few" else 9000, 4)) + away
    if kind == "new ground":
        first[:, 2] *= 1e-6
    if kind == "dependent":
        first[:, 3], second[:, 3] = first[:, 2], second[:, 2]
    found = fold_onto(fold(first), second)
    expected = np.linalg.qr(np.vstack([first, second]), mode="r")
    assert found.rows == len(first) + len(second)
    np.testing.assert_allclose(np.abs(found.factor), np.abs(expected), rtol=1e-9, atol=1e-8)


def test_a_column_can_be_added_later():
    table = np.random.default_rng(2).normal(size=(30, 2))
    late = np.column_stack([table, np.r_[np.zeros(20), np.ones(10)]])
    grown = fold(table[:20]).append_columns(1) + fold(late[20:])
    np.testing.assert_allclose(grown.factor.T @ grown.factor, late.T @ late, atol=1e-12)
    taken = grown.take([2, 0])
    np.testing.assert_allclose(taken.factor.T @ taken.factor, late[:, [2, 0]].T @ late[:, [2, 0]], atol=1e-12)
    assert isinstance(taken, Triangle)
    assert taken.factor.shape == (2, 2)
