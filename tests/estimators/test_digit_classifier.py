"""`DigitClassifier` keeps scikit-learn's contract and its own promises."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.utils.estimator_checks import parametrize_with_checks

from groundup import DigitClassifier


@parametrize_with_checks([DigitClassifier(hidden=32, epochs=60, random_state=0)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:1200], y[:1200], X[1200:], y[1200:]


def test_reads_the_built_in_digits(digits):
    X, y, X_test, y_test = digits
    model = DigitClassifier(random_state=0).fit(X, y)
    assert model.score(X_test, y_test) > 0.92
    probabilities = model.predict_proba(X_test)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-9)
    assert model.history_[-1]["accuracy"] > model.history_[0]["accuracy"]


def test_same_seed_same_weights_and_no_trace_in_the_random_state(digits):
    X, y, _, _ = digits
    before = torch.get_rng_state()
    first = DigitClassifier(hidden=64, epochs=3, random_state=7).fit(X, y).network_.state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(99)
    again = DigitClassifier(hidden=64, epochs=3, random_state=7).fit(X, y).network_.state_dict()
    other = DigitClassifier(hidden=64, epochs=3, random_state=8).fit(X, y).network_.state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_labels_may_be_words(digits):
    X, y, X_test, _ = digits
    words = np.array(["even", "odd"])[y % 2]
    model = DigitClassifier(hidden=64, random_state=0).fit(X, words)
    assert list(model.classes_) == ["even", "odd"]
    assert set(model.predict(X_test)) == {"even", "odd"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"hidden": 0}, "hidden = 0"),
        ({"batch_size": 2.5}, "batch_size = 2.5"),
        ({"epochs": -1}, "epochs = -1"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"label_smoothing": -0.1}, "label_smoothing"),
        ({"learning_rate": 0}, "learning_rate"),
    ],
)
def test_parameters_out_of_bounds(digits, parameters, message):
    with pytest.raises(ValueError, match=message):
        DigitClassifier(**parameters).fit(*digits[:2])


def test_one_class_is_refused(digits):
    with pytest.raises(ValueError, match="one class"):
        DigitClassifier().fit(digits[0], np.zeros(1200))
