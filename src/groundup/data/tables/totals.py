"""The last row of a table that holds the sums of the rows above it, as spreadsheets often end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from groundup.data.tables.dates import Dates
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.table import TableChunk, read_numbers

_LEAST_ROWS = 5
_ENOUGH_ROWS = 10
_ROUNDING = 1e-4


@dataclass(frozen=True)
class Sums:
    """A column's last cell, and what is known of all cells above it.

    Attributes
    ----------
    total : float
        The sum of the cells above.
    filled : int
        How many of them are numbers other than 0.
    largest : float
        The largest absolute value among them.
    last : float
        The number in the last cell; 0 if there is none.
    empty : bool
        Whether the last cell is missing.
    """

    total: float
    filled: int
    largest: float
    last: float
    empty: bool

    def __add__(self, below: Sums) -> Sums:
        """Return the same of these rows and those below them.

        Examples
        --------
        >>> Sums(3.0, 2, 2.0, 4.0, False) + Sums(1.0, 1, 1.0, 8.0, False)
        Sums(total=8.0, filled=4, largest=4.0, last=8.0, empty=False)
        """
        return Sums(
            self.total + self.last + below.total,
            self.filled + (self.last != 0) + below.filled,
            max(self.largest, abs(self.last), below.largest),
            below.last,
            below.empty,
        )

    @property
    def is_total(self) -> bool:
        """Whether the last cell is the sum of those above, and none of them is as large."""
        clear = self.filled >= _LEAST_ROWS and abs(self.last) > self.largest
        return clear and abs(self.last - self.total) <= _ROUNDING * abs(self.last)


def measure_sums(values: np.ndarray, missing: np.ndarray, bad: np.ndarray, reading: Spelling | Dates | None) -> Sums:
    """Return the sums of a column's cells, one at least, as `groundup.data.tables.table.read_numbers` gives them."""
    numbers = np.where(bad | missing, 0.0, values)
    if isinstance(reading, Dates):
        numbers = np.zeros(len(values))  # dates have no sum
    above = numbers[:-1]
    largest = float(np.max(np.abs(above), initial=0.0))
    return Sums(float(np.sum(above)), int(np.count_nonzero(above)), largest, float(numbers[-1]), bool(missing[-1]))


def name_totals(sums: Mapping[str, Sums], fill_missing: bool) -> list[str]:
    """Return the columns whose last cell is the sum of all cells above it, if that cannot be chance.

    Parameters
    ----------
    sums : mapping
        Column of numbers → its sums.
    fill_missing : bool
        Whether a row with a missing cell is learned from all the same.

    Returns
    -------
    list of str
        The columns; none if the last row is left out anyway, because a number is missing in it.
    """
    if not fill_missing and any(found.empty for found in sums.values()):
        return []
    totals = [name for name, found in sums.items() if found.is_total]
    clear = len(totals) > 1 or any(sums[name].filled >= _ENOUGH_ROWS for name in totals)
    return totals if clear else []


def find_totals(
    chunk: TableChunk, readings: Mapping[str, Spelling | Dates | None], fill_missing: bool = False
) -> list[str]:
    """Return what `name_totals` does, of a table that is one chunk.

    Parameters
    ----------
    chunk : TableChunk
        All rows of a table.
    readings : mapping
        Column of numbers → how it is written, ``None`` for plain numbers.
    fill_missing : bool
        As of `name_totals`.
    """
    return name_totals(
        {name: measure_sums(*read_numbers(chunk, name, reading), reading) for name, reading in readings.items()},
        fill_missing,
    )
