"""Logistic regression as a scikit-learn classifier."""

from __future__ import annotations

import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from groundup.models import newton
from groundup.steps.c2_regression import logistic


class LogisticClassifier(ClassifierMixin, BaseEstimator):
    """Classes of rows of numbers, as probabilities: logistic regression, of more than two classes softmax regression.

    The weights are those that the plain loop `groundup.steps.c2_regression.logistic` ends with; they are found by
    Newton's method (`groundup.models.newton`) in about ten steps.

    Parameters
    ----------
    penalty : float, default=1.0
        What large weights cost: ``penalty / 2`` times the sum of their squares is added to the sum of the rows' log
        losses. It is 1 / C of scikit-learn's LogisticRegression.
    standardize : bool, default=True
        Learn on features shifted to mean 0 and scaled to standard deviation 1, so that the penalty treats all alike.
        ``coef_`` and ``intercept_`` are in the features' own units either way.
    iterations : int, default=100
        Steps of Newton's method at most.
    tolerance : float, default=1e-9
        The largest slope of the mean loss at which to stop.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        One row for two classes: how much the logarithm of the odds of ``classes_[1]`` grows for each extra unit of a
        feature. Of more classes a row each.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        The scores where every feature is 0.
    n_iter_ : int
        Steps taken.
    loss_curve_ : ndarray
        Mean log loss with the penalty, before each step and at the end.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str
        Names of the features, where ``X`` has names.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> model = LogisticClassifier().fit(X, ["small", "small", "large", "large"])
    >>> model.predict([[0.5], [2.5]]).tolist()
    ['small', 'large']
    """

    def __init__(
        self, penalty: float = 1.0, *, standardize: bool = True, iterations: int = 100, tolerance: float = 1e-9
    ) -> None:
        self.penalty = penalty
        self.standardize = standardize
        self.iterations = iterations
        self.tolerance = tolerance

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows and their labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Labels of two classes or more.

        Raises
        ------
        ValueError
            A parameter or the data cannot be used.

        Warns
        -----
        ConvergenceWarning
            The iterations were too few.
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, places = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"LogisticClassifier needs two classes or more, y holds one class only: {self.classes_[0]!r}"
            )
        shift, scale = _centre(X) if self.standardize else (np.zeros(X.shape[1]), np.ones(X.shape[1]))
        count = len(self.classes_)
        truth = places[:, None].astype(np.float64) if count == 2 else logistic.one_hot(places, count)
        found = newton.fit((X - shift) / scale, truth, self.penalty / len(X), self.iterations, self.tolerance)
        if not found.converged:
            warnings.warn(
                f"{len(found.losses) - 1} iterations did not reach the lowest loss. Give more, a larger penalty, or "
                "standardize=True.",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.coef_ = found.weights.T / scale
        self.intercept_ = found.bias - self.coef_ @ shift
        self.n_iter_ = max(1, len(found.losses) - 1)
        self.loss_curve_ = np.array(found.losses)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores: shape (n_samples,) for two classes, else (n_samples, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        scores: np.ndarray = X @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return each class's probability, shape (n_samples, n_classes), in the order of ``classes_``."""
        return score_to_probability(self.decision_function(X))

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest label of every row, shape (n_samples,)."""
        scores = self.decision_function(X)
        best = (scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)
        return self.classes_[best]

    def _check_parameters(self) -> None:
        for name, least in (("penalty", 0.0), ("tolerance", 0.0)):
            value = getattr(self, name)
            if not isinstance(value, Real) or isinstance(value, bool) or not least <= float(value) < float("inf"):
                raise ValueError(f"{name}={value!r}: expected a number, 0 or more.")
        count = self.iterations
        if not isinstance(count, Integral) or isinstance(count, bool) or count < 1:
            raise ValueError(f"iterations={count!r}: expected a whole number, 1 or more.")
        if not isinstance(self.standardize, bool | np.bool_):
            raise ValueError(f"standardize={self.standardize!r}: expected True or False.")


def score_to_probability(scores: np.ndarray) -> np.ndarray:
    """Return the probability of every class, from one score of two classes, shape (batch,), or one a class.

    Examples
    --------
    >>> score_to_probability(np.array([0.0])), score_to_probability(np.zeros((1, 4)))
    (array([[0.5, 0.5]]), array([[0.25, 0.25, 0.25, 0.25]]))
    """
    if scores.ndim == 1:
        return np.column_stack([logistic.sigmoid(-scores), logistic.sigmoid(scores)])
    return logistic.softmax(scores)


def _centre(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each feature's mean and standard deviation; 1 for the deviation of a feature that never changes."""
    means, spreads = X.mean(axis=0), X.std(axis=0)
    return means, np.where(spreads > 100 * np.finfo(float).eps * np.abs(means), spreads, 1.0)
