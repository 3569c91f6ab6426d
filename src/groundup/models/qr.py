"""QR factorization: reduce a table with any number of rows to a small triangular matrix that keeps all sums of squares.

    A = Q R          R is square and upper triangular, with one row and one column per column of A
    AᵀA = RᵀR        so ‖A v‖ = ‖R v‖ for every v: R can replace A wherever only sums of squares are needed

With A = [1, X, y], the error of a linear regression on N rows can be computed from the few rows of R. The triangles of
two tables can be combined: stack one on the other and compute the triangle of the result. So the rows can be processed
in pieces, from several files or by several processes, and in any order. Unlike AᵀA, whose entries are squared, R loses
no digits if the numbers in a column are far from 0.

Later pieces are multiplied by the inverse of the first piece's triangle. The columns of the product are nearly
orthogonal, so forming its Gram matrix AᵀA loses no digits, and this costs one matrix product. Source: G. Golub and C.
Van Loan, "Matrix Computations" (2013), 5.2 and 5.3; J. Demmel et al., "Communication-optimal parallel and sequential QR
and LU factorizations" (2012), for combining triangles; T. Fukaya et al., "Shifted Cholesky QR" (2020), for the
multiplication.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

# If the columns of a piece are this far from orthogonal after the multiplication, the slower but safe QR is used.
_WORST_CONDITION = 1e4


@dataclass(frozen=True)
class Triangle:
    """The triangular matrix R of all rows so far.

    Attributes
    ----------
    rows : int
        The number of rows so far.
    factor : array of float64, shape (column, column)
        R: upper triangular, ``factor.T @ factor == table.T @ table``.

    Examples
    --------
    >>> rows = np.arange(12.0).reshape(6, 2)
    >>> whole, parts = fold(rows), fold(rows[:2]) + fold(rows[2:])
    >>> np.allclose(whole.factor.T @ whole.factor, parts.factor.T @ parts.factor)
    True
    """

    rows: int
    factor: Float[np.ndarray, "column column"]

    def __add__(self, other: Triangle) -> Triangle:
        """Return the triangle of both tables together."""
        return Triangle(self.rows + other.rows, _triangularise(np.vstack([self.factor, other.factor])))

    def take(self, columns: Sequence[int]) -> Triangle:
        """Return the triangle of the table with only these columns, in this order."""
        return Triangle(self.rows, _triangularise(self.factor[:, list(columns)]))

    def transform(self, matrix: Float[np.ndarray, "column other"]) -> Triangle:
        """Return the triangle of the table multiplied by ``matrix`` from the right."""
        return Triangle(self.rows, _triangularise(self.factor @ matrix))

    def append_columns(self, count: int) -> Triangle:
        """Return the triangle of the table with ``count`` more columns on the right, which are 0 in all rows so far."""
        return Triangle(self.rows, np.pad(self.factor, (0, count)))


def fold(table: Float[np.ndarray, "batch column"]) -> Triangle:
    """Return the triangle of a table; it may have fewer rows than columns."""
    first = max(4096, 8 * table.shape[1])
    triangle = Triangle(len(table), _triangularise(table[:first]))
    if len(table) <= first:
        return triangle
    return Triangle(len(table), fold_onto(triangle, table[first:]).factor)


def fold_onto(triangle: Triangle, table: Float[np.ndarray, "batch column"]) -> Triangle:
    """Return ``triangle + fold(table)``, at the cost of two matrix products if the tables are similar."""
    rows = triangle.rows + len(table)
    inverse = _invert(triangle.factor)
    if inverse is not None and len(table) >= 2 * table.shape[1]:
        level = table @ inverse
        products = level.T @ level + np.eye(level.shape[1])  # the identity is (R R⁻¹)ᵀ (R R⁻¹), from the old rows
        if np.linalg.cond(products) <= _WORST_CONDITION:
            return Triangle(rows, np.linalg.cholesky(products).T @ triangle.factor)
    step = max(4096, 8 * table.shape[1])
    factor = triangle.factor
    for start in range(0, len(table), step):
        factor = _triangularise(np.vstack([factor, table[start : start + step]]))
    return Triangle(rows, factor)


def _triangularise(table: Float[np.ndarray, "batch column"]) -> Float[np.ndarray, "column column"]:
    columns = table.shape[1]
    factor = np.linalg.qr(table, mode="r")
    return np.pad(factor, ((0, columns - len(factor)), (0, 0)))


def _invert(factor: Float[np.ndarray, "column column"]) -> Float[np.ndarray, "column column"] | None:
    """Return the inverse of a triangle, or ``None`` if a column is numerically linearly dependent on the others."""
    own, whole = np.abs(np.diag(factor)), np.linalg.norm(factor, axis=0)
    if not np.all(own > 1e-10 * whole) or not np.all(np.isfinite(whole)):
        return None
    return np.linalg.inv(factor)
