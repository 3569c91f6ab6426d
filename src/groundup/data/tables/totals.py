"""The last row of a table that holds the sums of the rows above it, as spreadsheets often end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from groundup.data.tables.dates import Dates
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.table import TableChunk, read_numbers

_LEAST_ROWS = 5
_ENOUGH_ROWS = 10
_ROUNDING = 1e-4


def find_totals(
    chunk: TableChunk, readings: Mapping[str, Spelling | Dates | None], fill_missing: bool = False
) -> list[str]:
    """Return the columns whose last cell is the sum of all cells above it, if that cannot be chance.

    Parameters
    ----------
    chunk : TableChunk
        All rows of a table.
    readings : mapping
        Column of numbers → how it is written, ``None`` for plain numbers. Dates have no sum.
    fill_missing : bool
        Whether a row with a missing cell is learned from all the same.

    Returns
    -------
    list of str
        The columns; none if the last row is left out anyway, because a number is missing in it.
    """
    sums, clear = [], False
    for name, reading in readings.items():
        values, missing, bad = read_numbers(chunk, name, reading)
        if missing[-1]:
            if not fill_missing:
                return []
            continue
        if bad[-1] or isinstance(reading, Dates):
            continue
        above, last = values[:-1], float(values[-1])
        filled = int(np.count_nonzero(above))
        largest = float(np.max(np.abs(above), initial=0.0))
        if filled < _LEAST_ROWS or abs(last) <= largest:
            continue
        if abs(last - float(np.sum(above))) <= _ROUNDING * abs(last):
            sums.append(name)
            clear = clear or filled >= _ENOUGH_ROWS
    return sums if clear or len(sums) > 1 else []
