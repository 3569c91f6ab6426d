"""Dates and times of day as numbers: of days, months, quarters or hours.

`groundup.data.tables.date_cells` says what one cell can mean; which of several meanings a column has is decided by
`groundup.data.tables.surveys`, and `Dates` reads it, and counts from its ``origin``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundup.data.tables.date_cells import ISO, NAMED, NO_YEAR, TIME, Meaning, find_dates

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Dates:
    """How the dates or times of a column are read.

    Attributes
    ----------
    meaning : (str, str)
        What they are counted in (day, month, quarter or hour), and the order of their parts.
    origin : float
        The date that counts as 0, in days, months or quarters of the calendar.
    example : str
        A cell.
    """

    meaning: Meaning
    origin: float = 0.0
    example: str = ""

    @property
    def unit(self) -> str:
        """What they are counted in."""
        return self.meaning[0]

    def read(self, cells: pa.Array) -> np.ndarray:
        """Return how long after the origin each cell is: NaN if it is no such date, or null."""
        if pa.types.is_string(cells.type):
            coded = cells.dictionary_encode()
            values = np.array([*map(self._read_cell, coded.dictionary.to_pylist()), np.nan])
            return values[pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)] - self.origin
        values, meaning = read_typed(cells)
        return values - self.origin if meaning[0] == self.unit else np.full(len(cells), np.nan)

    def find_missing(self, cells: pa.Array) -> pa.Array:
        """Return the cells: a missing date has no mark of its own."""
        return cells

    def _read_cell(self, cell: str) -> float:
        found = find_dates(cell)
        # A year of four digits in front, or a month's name, leaves no doubt in whatever column.
        return next((found[one] for one in (self.meaning, ISO, NAMED) if one in found and one[0] == self.unit), np.nan)

    def write(self, value: float) -> str:
        """Return a value's date or time in a form that can be typed."""
        value += self.origin
        if self.unit == "hour":
            minutes = round(value * 60)
            return f"{minutes // 60:02d}:{minutes % 60:02d}"
        if self.unit == "month":
            return f"{int(value) // 12:04d}-{int(value) % 12 + 1:02d}"
        if self.unit == "quarter":
            return f"{int(value) // 4:04d}Q{int(value) % 4 + 1}"
        return date.fromordinal(min(max(1, int(value)), date.max.toordinal())).isoformat()

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {"dates": {"meaning": [*self.meaning], "origin": self.origin, "example": self.example}}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Dates:
        """Return the dates that `to_json` wrote."""
        unit, order = found["dates"]["meaning"]
        return cls((unit, order), float(found["dates"]["origin"]), found["dates"]["example"])


def read_typed(cells: pa.Array) -> tuple[np.ndarray, Meaning]:
    """Return dates and times of a typed column as days or hours, NaN for null, and their meaning."""
    if pa.types.is_time(cells.type):
        hours = pc.divide(pc.cast(pc.cast(cells, pa.time64("us"), safe=False), pa.int64()), 3.6e9)
        return pc.fill_null(hours, np.nan).to_numpy(zero_copy_only=False), TIME
    if not pa.types.is_temporal(cells.type):
        return np.full(len(cells), np.nan), NO_YEAR
    instants = pc.cast(cells, pa.timestamp("us", getattr(cells.type, "tz", None)), safe=False)
    days = pc.divide(pc.cast(instants, pa.int64()), 8.64e10)
    return pc.fill_null(days, np.nan).to_numpy(zero_copy_only=False) + _EPOCH, ISO
