"""What columns before it leave of a column: the part of it that is no sum of multiples of theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_PANEL = 64


class Span:
    """The columns taken so far, and what they leave of the next ones.

    Parameters
    ----------
    matrix : array of float64, shape (row, column)
        The columns, in the order in which they are measured.
    noise : array of float64, shape (column,)
        Length of what rounding has put into each.

    Examples
    --------
    >>> span = Span(np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.01, 4.0]]), np.array([0.01, 0.01, 0.01]))
    >>> left, _ = span.measure([0])
    >>> span.take()
    >>> left, noise = span.measure([1])
    >>> left.round(3).tolist(), noise.round(4).tolist()
    ([0.01], [0.0224])
    """

    def __init__(self, matrix: np.ndarray, noise: np.ndarray) -> None:
        self._matrix, self._noise = matrix, noise
        self._basis = np.zeros((len(matrix), matrix.shape[1]))
        self._weights = np.zeros((matrix.shape[1], matrix.shape[1]))  # of the columns taken, along the basis
        self._taken: list[int] = []
        self._panel: tuple[int, int, np.ndarray, np.ndarray] = (0, 0, np.zeros((0, 0)), np.zeros((0, 0)))
        self._next: tuple[list[int], np.ndarray, np.ndarray] = ([], np.zeros((0, 0)), np.zeros((0, 0)))

    def measure(self, places: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the length of what is left of each column, and of the rounding in it.

        Of several columns, those before are taken from each as well. Rounding is told of one column alone, and where
        little is left of it.
        """
        count = len(self._taken)
        rest, along = self._look_up(places)
        left, noises = np.zeros(len(places)), np.zeros(len(places))
        own = np.zeros((len(places), len(places)))
        for place in range(len(places)):
            for before in range(place):
                base = rest[:, before] / left[before] if left[before] > 0 else np.zeros(len(rest))
                own[before, place] = base @ rest[:, place]
                rest[:, place] -= own[before, place] * base
            left[place] = own[place, place] = np.linalg.norm(rest[:, place])
        if len(places) == 1 and left[0] < 0.1 * np.linalg.norm(self._matrix[:, places[0]]):
            noises[0] = self._sum_noise(along[:, 0], places[0])
        self._next = ([*places], np.vstack([along[:count], own]), rest)
        return left, noises

    def take(self) -> None:
        """Count the columns measured last among those before the next ones."""
        places, along, rest = self._next
        for column, place in enumerate(places):
            count, length = len(self._taken), np.linalg.norm(rest[:, column])
            self._basis[:, count] = rest[:, column] / length if length > 0 else 0.0
            self._weights[: len(along), count] = along[:, column]
            self._taken.append(place)

    def _look_up(self, places: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return what is left of columns, and their weights along the basis; many columns are projected at once."""
        start, known, rest, along = self._panel
        count = len(self._taken)
        if not start <= places[0] <= places[-1] < start + rest.shape[1]:
            start, known = places[0], count
            end = max(places[-1] + 1, min(start + _PANEL, self._matrix.shape[1]))
            rest, along = _project(self._basis[:, :count], self._matrix[:, start:end].copy())
            self._panel = (start, known, rest, along)
        inside = slice(places[0] - start, places[-1] + 1 - start)
        newer, more = _project(self._basis[:, known:count], rest[:, inside].copy())
        return newer, np.vstack([along[:, inside], more])

    def _sum_noise(self, along: np.ndarray, place: int) -> float:
        """Return the length of the rounding in a column and in the columns that it is told by."""
        count = len(self._taken)
        weights = self._weights[:count, :count]
        weights = weights + np.diag(np.where(np.diag(weights) == 0, 1.0, 0.0))
        shares = np.linalg.solve(weights, along[:count])
        return float(np.hypot(self._noise[place], np.linalg.norm(shares * self._noise[self._taken])))


def _project(basis: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what directions leave of columns, and the columns' parts along them; twice, for the digits."""
    along = basis.T @ columns
    columns -= basis @ along
    more = basis.T @ columns
    columns -= basis @ more
    return columns, along + more
