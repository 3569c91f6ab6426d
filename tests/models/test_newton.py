"""Newton's method ends where the course's plain loop ends."""

import numpy as np
import pytest

from groundup.models.newton import fit
from groundup.steps.c2_regression import logistic


def make_rows(classes, rows=150, features=4):
    random = np.random.default_rng(3)
    X = random.normal(size=(rows, features))
    scores = X @ random.normal(size=(features, classes)) + random.gumbel(size=(rows, classes))
    return X, scores.argmax(axis=1)


@pytest.mark.parametrize("most_weights", [1000, 0], ids=["newton", "l-bfgs"])
@pytest.mark.parametrize("penalty", [0.0, 0.02])
def test_two_classes_end_where_the_loop_ends(penalty, most_weights):
    X, classes = make_rows(2)
    weights, bias = logistic.train(X, classes.astype(float), 700, 2.0, penalty)
    found = fit(X, classes[:, None].astype(float), penalty, most_weights=most_weights)
    assert found.converged
    np.testing.assert_allclose(found.weights[:, 0], weights, atol=1e-6)
    assert found.bias[0] == pytest.approx(bias, abs=1e-6)
    plain = logistic.log_loss(logistic.predict(X, weights, bias), classes.astype(float))
    assert found.losses[-1] == pytest.approx(plain + penalty / 2 * np.sum(weights**2), abs=1e-9)
    assert found.losses[0] == pytest.approx(np.log(2))
    assert np.all(np.diff(found.losses) <= 1e-12)


@pytest.mark.parametrize("most_weights", [1000, 0], ids=["newton", "l-bfgs"])
def test_more_classes_end_where_the_loop_ends(most_weights):
    X, classes = make_rows(3)
    truth = logistic.one_hot(classes, 3)
    weights, bias = logistic.train_classes(X, truth, 700, 2.0, 0.01)
    found = fit(X, truth, 0.01, most_weights=most_weights)
    assert found.converged
    np.testing.assert_allclose(found.weights, weights, atol=1e-6)
    np.testing.assert_allclose(found.bias, bias, atol=1e-6)


def test_classes_told_apart_without_a_mistake_need_no_more_than_the_penalty():
    X = np.linspace(-3, 3, 40)[:, None]
    found = fit(X, (X > 0).astype(float), 1e-6)
    assert found.converged
    assert np.all((logistic.predict(X, found.weights[:, 0], found.bias[0]) > 0.5) == (X[:, 0] > 0))


def test_one_point_that_is_far_out_ends_nevertheless():
    X = np.append(np.random.default_rng(0).normal(size=99), 1e6)[:, None]
    truth = (X < 0.3).astype(float)
    assert fit(X, truth, 0.01).converged
