"""Linear regression by full-batch gradient descent, as a scikit-learn estimator whose cost does not grow with N × k."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from groundup.models.closed_form_descent import prepare, solve
from groundup.models.qr import Triangle, fold, fold_onto

if TYPE_CHECKING:
    from groundup.data.tables.distributed_read import ProcessGroup

_BLOCK_ROWS = 16384


class LinearRegression(RegressorMixin, BaseEstimator):
    """Least squares by gradient descent, or exactly.

    The weights are those of the plain loop `groundup.steps.c2_regression.regression.train_with_bias` after
    ``iterations`` steps, but the rows are read once: a triangle of the size of the features stands for them
    (`groundup.models.qr`), and iteration k is computed directly (`groundup.models.closed_form_descent`).

    Parameters
    ----------
    learning_rate : float or "auto", default="auto"
        The share of the slope that a step takes. ``"auto"`` takes half the largest rate that does not diverge.
    iterations : int, default=1000
        How many steps to take; their number costs nothing.
    standardize : bool, default=False
        Descend on features shifted to mean 0 and scaled to standard deviation 1, which is far faster to the end.
        ``coef_`` and ``intercept_`` are in the features' own units either way.
    fit_intercept : bool, default=True
        Learn a bias too.
    method : {"descent", "exact"}, default="descent"
        ``"exact"`` gives the least-squares answer, where descent ends.
    initial_weights : array-like of shape (n_features,) or (n_features + 1,), default=None
        Where to start, in the features descended on; the bias last, 0 if it is left out. ``None`` starts at 0.

    Attributes
    ----------
    coef_ : ndarray of shape (n_features,)
        Change of the prediction for each extra unit of a feature.
    intercept_ : float
        Prediction where every feature is 0.
    n_iter_ : int
        Iterations taken; 0 for ``method="exact"``.
    loss_curve_ : ndarray
        Mean squared error on the training rows, at the iterations in ``loss_iterations_`` (log-spaced, 0 and the last
        included).
    learning_rate_ : float
        The learning rate used.
    stability_limit_ : float
        The learning rate above which descent diverges on these rows.
    triangle_ : Triangle
        What the rows have told, of the columns ``[1, X, y]``; triangles of several parts of a table can be added and
        given to `fit_triangle`.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of str
        Names of the features, where ``X`` has names.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> model = LinearRegression(learning_rate=0.1, iterations=500).fit(X, 2 * X[:, 0] + 1)
    >>> model.predict([[10.0]]).round(6)
    array([21.])
    """

    def __init__(
        self,
        learning_rate: float | str = "auto",
        iterations: int = 1000,
        *,
        standardize: bool = False,
        fit_intercept: bool = True,
        method: str = "descent",
        initial_weights: ArrayLike | None = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.iterations = iterations
        self.standardize = standardize
        self.fit_intercept = fit_intercept
        self.method = method
        self.initial_weights = initial_weights

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows in memory.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Raises
        ------
        ValueError
            A parameter or the data cannot be used, or descent diverged until the numbers overflowed.

        Warns
        -----
        ConvergenceWarning
            The learning rate is above the stability limit.
        """
        self._check_parameters()
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        return self._finish(_fold_rows(X, y))

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Learn from these rows and from all that were given before; parameters as in `fit`.

        The weights are those of one `fit` on all the rows together.
        """
        self._check_parameters()
        known = getattr(self, "triangle_", None)
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True, reset=known is None)
        return self._finish(_fold_rows(X, y, known))

    def fit_triangle(self, triangle: Triangle) -> Self:
        """Learn from a triangle of the columns ``[1, X, y]``, for example a sum of triangles.

        Examples
        --------
        >>> X, y = np.arange(8.0).reshape(-1, 1), np.arange(8.0)
        >>> parts = [LinearRegression().fit(X[:5], y[:5]), LinearRegression().fit(X[5:], y[5:])]
        >>> whole = LinearRegression(method="exact").fit_triangle(parts[0].triangle_ + parts[1].triangle_)
        >>> whole.coef_.round(9)
        array([1.])
        """
        self._check_parameters()
        self.n_features_in_ = len(triangle.factor) - 2
        return self._finish(triangle)

    def combine(self, *others: LinearRegression) -> Self:
        """Learn from the rows that others have learned from too, for example in other processes.

        The weights are those of one `fit` on all the rows together, whatever the order. The others are not changed;
        of them only their rows count, not their parameters.

        Parameters
        ----------
        *others : LinearRegression
            Fitted on rows of the same features.

        Raises
        ------
        ValueError
            Their features are others than these.

        Examples
        --------
        >>> X, y = np.arange(8.0).reshape(-1, 1), np.arange(8.0)
        >>> one, other = (LinearRegression(method="exact").fit(X[part], y[part]) for part in (slice(5), slice(5, 8)))
        >>> one.combine(other).coef_.round(9)
        array([1.])
        """
        check_is_fitted(self)
        self._check_parameters()
        names = [list(getattr(model, "feature_names_in_", [])) for model in (self, *others)]
        for other, found in zip(others, names[1:], strict=True):
            check_is_fitted(other)
            if other.n_features_in_ != self.n_features_in_ or found != names[0]:
                ours, theirs = (", ".join(map(str, some)) or "without names" for some in (names[0], found))
                raise ValueError(
                    f"combine: {other.n_features_in_} features ({theirs}) cannot be added to {self.n_features_in_} "
                    f"({ours}). Fit every part on the same columns in the same order."
                )
        return self._finish(sum((other.triangle_ for other in others), start=self.triangle_))

    def fit_table(
        self,
        path: str | Path,
        target: str,
        features: Sequence[str] | None = None,
        *,
        decimal: str | None = None,
        dates: str | None = None,
        team: ProcessGroup | None = None,
    ) -> Self:
        """Learn from a CSV, TSV or Parquet file of any size, which is read once, in chunks.

        Parameters
        ----------
        path : str or Path
            The file.
        target : str
            The column to predict.
        features : sequence of str, optional
            The columns to predict from; all usable ones if left out. Columns of words become a column of 0 and 1 for
            each word but the first.
        decimal : {"point", "comma"}, optional
            What ``1,234`` and ``1.234`` mean where the table itself does not tell.
        dates : {"day-first", "month-first", "year-first"}, optional
            Likewise of ``01/02/2015``.
        team : ProcessGroup, optional
            Processes that share the reading: `groundup.training.distributed.join_process_group` gives those of
            ``torchrun``, and any object does that has ``rank``, ``size`` and ``gather`` (a message of bytes from each
            to all). Each process calls this with the same arguments, and each gets the weights of the whole table.

        Raises
        ------
        groundup.UserError
            The file cannot be read or used; file, row and column are named.
        """
        from groundup.data.tables.read_design import read_design

        design = read_design(path, target, features, held_out=0.0, decimal=decimal, dates=dates, team=team)
        self.fit_triangle(design.train)
        self.feature_names_in_ = np.array(design.feature_names, dtype=object)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the prediction for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return X @ self.coef_ + self.intercept_

    def _finish(self, triangle: Triangle) -> Self:
        """Take the weights out of the triangle of ``[1, X, y]``."""
        means, scales = _centre(triangle)
        ready, shift, scale = triangle, np.zeros_like(means), np.ones_like(means)
        if self.standardize:
            shift, scale = means, scales
            matrix = np.eye(len(triangle.factor))
            matrix[0, 1:-1] = -shift / scale
            matrix[1:-1, 1:-1] /= scale
            ready = triangle.transform(matrix)
        features = list(range(1, len(triangle.factor) - 1))
        # The bias is the weight of the column of ones.
        descent = prepare(ready.take([*features, *([0] if self.fit_intercept else []), -1]))
        self.stability_limit_ = descent.stability_limit
        self.learning_rate_ = self._choose_rate(descent.stability_limit)
        start = self._read_initial_weights(len(features))
        self.n_iter_ = 0 if self.method == "exact" else int(self.iterations)
        self.loss_iterations_ = _spread_iterations(self.n_iter_)
        if self.method == "exact":
            weights = _solve_exactly(ready, self.fit_intercept)
            self.loss_curve_ = np.array([_measure(ready, weights, self.fit_intercept)])
        else:
            weights = descent.weights_after(self.n_iter_, self.learning_rate_, start)
            self.loss_curve_ = descent.losses_after(self.loss_iterations_, self.learning_rate_, start)
            self._check_stability(weights)
        coefficients = weights[: len(features)] / scale
        bias = float(weights[-1]) if self.fit_intercept else 0.0
        self.coef_ = coefficients
        self.intercept_ = bias - float(shift @ coefficients) if self.fit_intercept or self.standardize else 0.0
        self.triangle_ = triangle
        return self

    def _choose_rate(self, limit: float) -> float:
        if self.learning_rate != "auto":
            return float(self.learning_rate)
        return limit / 2 if np.isfinite(limit) else 1.0

    def _check_stability(self, weights: np.ndarray) -> None:
        if self.learning_rate_ <= self.stability_limit_ or self.n_iter_ == 0:
            return
        story = (
            f"learning_rate={self.learning_rate_:g} is too large for these rows: above {self.stability_limit_:.4g} "
            "every step overshoots by more than the last."
        )
        remedy = "Choose a smaller one, learning_rate='auto', or standardize=True."
        if not np.all(np.isfinite(weights)):
            raise ValueError(f"{story} The weights ran away beyond what a number can hold. {remedy}")
        warnings.warn(f"{story} {remedy}", ConvergenceWarning, stacklevel=4)

    def _check_parameters(self) -> None:
        rate = self.learning_rate
        good_rate = isinstance(rate, Real) and not isinstance(rate, bool) and np.isfinite(rate) and rate > 0
        if not good_rate and not (isinstance(rate, str) and rate == "auto"):
            raise ValueError(f"learning_rate={rate!r}: expected a number above 0, or 'auto'.")
        count = self.iterations
        if not isinstance(count, Integral) or isinstance(count, bool) or count < 0:
            raise ValueError(f"iterations={count!r}: expected a whole number, 0 or more.")
        if self.method not in ("descent", "exact"):
            raise ValueError(f"method={self.method!r}: expected 'descent' or 'exact'.")
        for name in ("standardize", "fit_intercept"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise ValueError(f"{name}={getattr(self, name)!r}: expected True or False.")

    def _read_initial_weights(self, features: int) -> np.ndarray:
        length = features + bool(self.fit_intercept)
        if self.initial_weights is None:
            return np.zeros(length)
        start: np.ndarray = check_array(self.initial_weights, ensure_2d=False, dtype=np.float64)
        if start.shape not in ((features,), (length,)):
            raise ValueError(f"initial_weights: expected {features} or {length} numbers, got shape {start.shape}.")
        return np.pad(start, (0, length - len(start)))

    def __sklearn_tags__(self) -> Any:
        """Say what scikit-learn's checks may expect."""
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        return tags


def _fold_rows(X: np.ndarray, y: np.ndarray, triangle: Triangle | None = None) -> Triangle:
    """Fold ``[1, X, y]``, built a block of rows at a time so that the rows are never copied whole."""
    for start in range(0, len(X), _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        table = np.column_stack([np.ones(len(X[rows])), X[rows], y[rows]])
        triangle = fold(table) if triangle is None else fold_onto(triangle, table)
    assert triangle is not None
    return triangle


def _centre(triangle: Triangle) -> tuple[np.ndarray, np.ndarray]:
    """Return each feature's mean and standard deviation; 1 for the deviation of a feature that never changes."""
    factor = triangle.factor
    means = factor[0, 1:-1] / factor[0, 0]
    scales = np.linalg.norm(factor[1:, 1:-1], axis=0) / np.sqrt(triangle.rows)
    noise = 100 * np.finfo(float).eps * np.abs(means)
    return means, np.where(scales > noise, scales, 1.0)


def _solve_exactly(triangle: Triangle, fit_intercept: bool) -> np.ndarray:
    factor = triangle.factor
    if not fit_intercept:
        return solve(Triangle(triangle.rows, factor).take(range(1, len(factor))))
    # Without its first row and column the triangle is that of the centred table.
    weights = solve(Triangle(triangle.rows, factor[1:, 1:]))
    bias = (factor[0, -1] - factor[0, 1:-1] @ weights) / factor[0, 0]
    return np.append(weights, bias)


def _measure(triangle: Triangle, weights: np.ndarray, fit_intercept: bool) -> float:
    """Return the mean squared error of weights on the rows a triangle stands for."""
    features = len(triangle.factor) - 2
    vector = np.concatenate([[weights[-1] if fit_intercept else 0.0], weights[:features], [-1.0]])
    return float(np.sum((triangle.factor @ vector) ** 2)) / triangle.rows


def _spread_iterations(last: int) -> np.ndarray:
    """Return 0, the last iteration and up to 200 between them, evenly spread on a logarithmic scale."""
    if last == 0:
        return np.zeros(1)
    return np.unique(np.concatenate([[0.0], np.rint(np.geomspace(1, last, 200))]))
