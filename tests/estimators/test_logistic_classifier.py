"""The classifier: scikit-learn's own checks, the course's loop, and scikit-learn's own logistic regression."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from groundup import LogisticClassifier
from groundup.steps.c2_regression import logistic


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([LogisticClassifier(), LogisticClassifier(standardize=False)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_weights_are_those_of_the_loop():
    X, y = load_breast_cancer(return_X_y=True)
    X = X[:, :4]
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    model = LogisticClassifier(penalty=20).fit(X, y)
    weights, bias = logistic.train((X - mean) / deviation, y.astype(float), 1500, 1.0, 20 / len(X))
    np.testing.assert_allclose(model.coef_[0] * deviation, weights, atol=1e-6)
    probability = logistic.predict((X - mean) / deviation, weights, bias)
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], probability, atol=1e-6)


@pytest.mark.parametrize("load", [load_iris, load_breast_cancer])
def test_probabilities_are_those_of_scikit_learn(load):
    X, y = load(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    model = LogisticClassifier(penalty=0.5).fit(X, y)
    theirs = LogisticRegression(C=2, tol=1e-10, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-12)
    assert model.n_iter_ < 20


@pytest.mark.parametrize(
    "wrong", [{"penalty": -1}, {"penalty": "l2"}, {"iterations": 0}, {"standardize": 1}, {"tolerance": np.nan}]
)
def test_a_wrong_parameter_is_told(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}="):
        LogisticClassifier(**wrong).fit([[0.0], [1.0]], [0, 1])


def test_too_few_iterations_are_told():
    X, y = load_breast_cancer(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match="1 iterations did not reach"):
        LogisticClassifier(iterations=1).fit(X, y)
