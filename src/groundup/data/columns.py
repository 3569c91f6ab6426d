"""Which columns of a table to learn from, and how a cell becomes numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from groundup.data.tables import Piece, RowError, Table, read_numbers, read_words, show_cell
from groundup.errors import UserError

MAX_LEVELS = 50
MISSING_LEVEL = "(missing)"
_REMEDY = "Correct it, or leave such rows out with --set skip_bad_rows=true."
_TARGET_NAMES = ("target", "y", "label", "outcome")
_IDENTIFIER = re.compile(r"(.*[_ ])?(id|index|idx|uuid|row|rownum|family)|column 1|unnamed.*|rownames", re.IGNORECASE)


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
        What stands for a missing number; ``None`` where rows with a missing cell are left out.
    """

    name: str
    levels: tuple[str, ...] | None = None
    fill: float | None = None

    @property
    def feature_names(self) -> list[str]:
        """The names of its features, such as ``father`` or ``gender=male``."""
        return [self.name] if self.levels is None else [f"{self.name}={level}" for level in self.levels[1:]]

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> ColumnCode:
        """Return the code that `to_json` wrote."""
        levels = found["levels"]
        return cls(found["name"], None if levels is None else tuple(levels), found["fill"])


def holds_numbers(piece: Piece, column: str) -> bool | None:
    """Tell whether a column holds numbers: at least half of its cells that are not missing. ``None``: all are."""
    _, missing, bad = read_numbers(piece, column)
    present = int(np.sum(~missing))
    return None if present == 0 else bool(np.sum(bad) * 2 <= present)


def tell_kinds(table: Table, first: Piece, names: Sequence[str], skip_ragged: bool) -> dict[str, bool]:
    """Return which columns hold numbers; the others hold words.

    The first piece tells, or where a column has no value there, the first that has one.

    Raises
    ------
    UserError
        A column has no value at all.
    """
    kinds = {name: holds_numbers(first, name) for name in names}
    open_ = [name for name in names if kinds[name] is None]
    for piece in table.read(open_, skip_ragged) if open_ else ():
        for name in open_:
            kinds[name] = holds_numbers(piece, name) if kinds[name] is None else kinds[name]
        if all(kinds[name] is not None for name in open_):
            break
    told = {name: kind for name, kind in kinds.items() if kind is not None}
    refuse_empty(table.source, next((name for name in names if name not in told), None))
    return told


def refuse_empty(source: str, column: str | None) -> None:
    """Raise `UserError` for a column without a value; ``None`` is no column."""
    if column is not None:
        raise UserError(
            f'{source}, column "{column}": every value is missing. Fill it in, or leave the column out with --features.'
        )


def choose_target(table: Table, piece: Piece, target: str | None, features: Sequence[str]) -> str:
    """Return the column to predict: the one named, one called so, or the last column of numbers."""
    if target is not None:
        table.require([target])
        return target
    left = [name for name in table.names if name not in features]
    numeric = [name for name in left if holds_numbers(piece, name) and not looks_like_identifier(piece, name)]
    called = next((name for name in left if name.lower() in _TARGET_NAMES), None)
    if called is None and not numeric:
        raise UserError(f"{table.source}: no column of numbers to predict. Name one with --target.")
    return called or numeric[-1]


def looks_like_identifier(piece: Piece, column: str) -> bool:
    """Tell whether a column numbers or names its rows, going by its name or by its first cells."""
    if _IDENTIFIER.fullmatch(column):
        return True
    values, missing, bad = read_numbers(piece, column)
    return bool(len(values) >= 20 and not np.any(missing | bad) and np.all(np.diff(values) == 1))


def take_numbers(
    source: str, piece: Piece, column: str, skip_bad: bool, remedy: str = _REMEDY
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read a column of numbers as `read_numbers` does, and refuse a bad cell unless such rows are left out.

    Raises
    ------
    UserError
        A cell is no finite number; its row and column are named.
    """
    values, missing, bad = read_numbers(piece, column)
    if np.any(bad) and not skip_bad:
        index = int(np.argmax(bad))
        row = int(piece.rows[index])
        raise RowError(
            f'{source}, row {row}, column "{column}": "{show_cell(piece, column, index)}" is not a finite number. '
            f"{remedy}",
            row,
        )
    return values, missing, bad


def encode(source: str, piece: Piece, codes: Sequence[ColumnCode]) -> tuple[np.ndarray, np.ndarray]:
    """Turn rows into features by codes that are known.

    Returns
    -------
    X : array of float64, shape (batch, feature)
        The features of every row.
    usable : array of bool, shape (batch,)
        ``False`` for a row with a missing cell that no value stands for.

    Raises
    ------
    UserError
        A cell is no number, or a word that was never met in training.
    """
    usable = np.ones(len(piece.rows), bool)
    blocks = []
    for code in codes:
        if code.levels is None:
            values, missing, _ = take_numbers(source, piece, code.name, False, "Correct it.")
            if code.fill is None:
                usable &= ~missing
            blocks.append(np.where(missing, code.fill or 0.0, values)[:, None])
            continue
        numbers, words = read_words(piece, code.name)
        known = np.array([code.levels.index(word) if word in code.levels else -2 for word in [*words, MISSING_LEVEL]])
        places = known[numbers]  # -1, a missing cell, is the last
        strange = (places == -2) & (numbers >= 0)
        if np.any(strange):
            index = int(np.argmax(strange))
            raise UserError(
                f'{source}, row {piece.rows[index]}, column "{code.name}": "{show_cell(piece, code.name, index)}" was '
                f"never met in training, only {', '.join(code.levels)}. Correct it, or train with such rows."
            )
        usable &= places != -2
        blocks.append((places[:, None] == np.arange(1, len(code.levels))).astype(float))
    return np.column_stack([np.zeros((len(piece.rows), 0)), *blocks]), usable


def list_names(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
