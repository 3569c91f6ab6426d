"""Which columns of a table to learn from, and how a cell becomes numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from groundup.base.errors import UserError
from groundup.data.tables.date_cells import find_dates
from groundup.data.tables.dates import Dates
from groundup.data.tables.evidence import NUMBERS
from groundup.data.tables.spellings import Spelling, dissect
from groundup.data.tables.surveys import Survey
from groundup.data.tables.table import REMEDY, RowError, Table, TableChunk, read_numbers, read_words, show_cell, tidy

MAX_LEVELS = 50
MISSING_LEVEL = "(missing)"
_TARGET_NAMES = ("target", "y", "label", "outcome")
_IDENTIFIER = re.compile(
    r"(.*[_ ])?(id|index|idx|uuid|row|rownum|family)|column 1|unnamed.*|rownames|#|s\.? ?no\.?|__index_level_\d+__",
    re.IGNORECASE,
)
# Beyond this a square no longer fits into a number.
LARGEST = 1e100


@dataclass(frozen=True)
class ColumnCode:
    """How one column becomes numbers.

    Attributes
    ----------
    name : str
        The column.
    levels : tuple of str or None
        Of a column of words: every word met, the reference first; each of the others becomes a column of 0 and 1.
        ``None`` for a column of numbers, which stays one.
    fill : float or None
        What stands for a missing number; ``None`` if rows with a missing cell are left out.
    reading : Spelling, Dates or None
        How its cells are read as numbers; ``None`` for plain ones.
    """

    name: str
    levels: tuple[str, ...] | None = None
    fill: float | None = None
    reading: Spelling | Dates | None = None

    @property
    def feature_names(self) -> list[str]:
        """The names of its features, such as ``father`` or ``gender=male``."""
        return [self.name] if self.levels is None else [f"{self.name}={level}" for level in self.levels[1:]]

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        told = asdict(replace(self, reading=None))
        return told | {"reading": None if self.reading is None else self.reading.to_json()}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> ColumnCode:
        """Return the code that `to_json` wrote."""
        levels, reading = found["levels"], found.get("reading")
        known: Spelling | Dates | None = None
        if reading is not None:
            known = Dates.from_json(reading) if "dates" in reading else Spelling.from_json(reading)
        return cls(found["name"], None if levels is None else tuple(levels), found["fill"], known)


def refuse_empty(source: str, column: str | None) -> None:
    """Raise `UserError` for a column without a value; ``None`` is no column."""
    if column is not None:
        raise UserError(
            f'{source}, column "{column}": every value is missing. Fill it in, or leave the column out with --features.'
        )


def choose_target(table: Table, chunk: TableChunk, survey: Survey, target: str | None, features: Sequence[str]) -> str:
    """Return the column to predict: the one named, one called so, or the last column of numbers."""
    if target is not None:
        return table.find(target)
    left = [name for name in table.names if name not in features]
    called = next((name for name in left if name.lower() in _TARGET_NAMES), None)
    if called is not None:
        return called
    for name in reversed(left):
        if survey.may_hold_numbers(name) and not is_called_identifier(name) and not counts_rows(chunk, survey, name):
            return name
    raise UserError(f"{table.source}: no column of numbers to predict. Name one with --target.")


def is_called_identifier(column: str) -> bool:
    """Tell whether a column numbers or names its rows, going by its name."""
    return _IDENTIFIER.fullmatch(column) is not None


def counts_rows(chunk: TableChunk, survey: Survey, column: str) -> bool:
    """Tell whether a column counts its rows from 0 or 1, going by its first cells; years do not."""
    found = survey.infer(column)
    if found is None or found.kind != NUMBERS:
        return False
    values, missing, bad = read_numbers(chunk, column, found.reading)
    if len(values) < 20 or np.any(missing | bad):
        return False
    return bool(values[0] in (0, 1) and np.all(np.diff(values) == 1))


def take_numbers(
    source: str,
    chunk: TableChunk,
    column: str,
    skip_bad: bool,
    remedy: str = REMEDY,
    reading: Spelling | Dates | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read a column of numbers as `read_numbers` does, and refuse a bad cell unless such rows are left out.

    Raises
    ------
    RowError
        A cell is no finite number, or one beyond `LARGEST`; its row and column are named.
    """
    values, missing, bad = read_numbers(chunk, column, reading)
    large = np.abs(values) > LARGEST
    bad = bad | large
    if np.any(bad) and not skip_bad:
        index = int(np.argmax(bad))
        row = int(chunk.rows[index])
        fault = _format_fault(reading) if not large[index] else f"beyond what can be computed with ({LARGEST:.0e})"
        raise RowError(
            f'{source}, row {row}, column "{column}": "{show_cell(chunk, column, index)}" is {fault}. {remedy}',
            row,
            column if is_odd(chunk, column, index) else None,
        )
    return np.where(large, 0.0, values), missing, bad


def is_odd(chunk: TableChunk, column: str, index: int) -> bool:
    """Tell whether a cell may be a number or a date after all, written otherwise than was expected."""
    cell = chunk.columns[column][index].as_py()
    return isinstance(cell, str) and (dissect(cell.strip()) is not None or bool(find_dates(cell.strip())))


def _format_fault(reading: Spelling | Dates | None) -> str:
    if isinstance(reading, Dates):
        return f'not read like the other dates and times of the column (such as "{reading.write(0)}")'
    if isinstance(reading, Spelling) and reading.example:
        return f'not a finite number written like "{tidy(reading.example)}"'
    return "not a finite number"


def encode(
    source: str,
    chunk: TableChunk,
    codes: Sequence[ColumnCode],
    readings: Mapping[str, Spelling | Dates | None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Turn rows into features by codes that are known.

    Parameters
    ----------
    source, chunk
        The rows.
    codes : sequence of ColumnCode
        How columns become numbers.
    readings : mapping, optional
        Column → how its cells are read here, where that is not as in the code.

    Returns
    -------
    X : array of float64, shape (batch, feature)
        The features of every row.
    usable : array of bool, shape (batch,)
        ``False`` for a row with a missing cell that no value stands for.

    Raises
    ------
    UserError
        A cell is no number, or a word that did not occur in training.
    """
    usable = np.ones(len(chunk.rows), bool)
    blocks = []
    for code in codes:
        if code.levels is None:
            reading = (readings or {}).get(code.name, code.reading)
            values, missing, _ = take_numbers(source, chunk, code.name, False, "Correct it.", reading)
            if code.fill is None:
                usable &= ~missing
            blocks.append(np.where(missing, code.fill or 0.0, values)[:, None])
            continue
        numbers, words = read_words(chunk, code.name)
        levels = {word: place for place, word in enumerate(code.levels)}
        known = np.array([levels.get(word, -2) for word in [*words, MISSING_LEVEL]])
        places = known[numbers]  # -1, a missing cell, is the last
        strange = (places == -2) & (numbers >= 0)
        if np.any(strange):
            index = int(np.argmax(strange))
            raise UserError(
                f'{source}, row {chunk.rows[index]}, column "{code.name}": "{show_cell(chunk, code.name, index)}" did '
                f"not occur in training, only {', '.join(code.levels)}. Correct it, or train with such rows."
            )
        usable &= places != -2
        blocks.append((places[:, None] == np.arange(1, len(code.levels))).astype(float))
    return np.column_stack([np.zeros((len(chunk.rows), 0)), *blocks]), usable


def list_names(names: Sequence[str], most: int = 8) -> str:
    """Return names as a sentence lists them; of very many, the first."""
    if len(names) == 1:
        return names[0]
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return f"{', '.join(names[:-1])} and {names[-1]}"
