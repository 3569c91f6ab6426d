"""Tables from CSV, TSV and Parquet files, read once from top to bottom, a piece at a time.

Only one piece is in memory, so a file may be larger than memory. Every cell's row number is kept, as a spreadsheet
counts (the header of a CSV file is row 1; a Parquet file has no header, its first row is row 1).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundup.data.names import locate
from groundup.errors import UserError

MISSING = ("", "NA", "N/A", "na", "n/a", "NULL", "null", "None", "none", "?", ".", "-")


class RowError(UserError):
    """A row that cannot be used.

    Attributes
    ----------
    row : int
        Its number in the file.
    """

    def __init__(self, message: str, row: int) -> None:
        super().__init__(message)
        self.row = row


@dataclass(frozen=True)
class Piece:
    """Some rows of a table.

    Attributes
    ----------
    rows : array of int64
        Row numbers in the file.
    columns : dict
        Column name → pyarrow array of text or of numbers.
    """

    rows: np.ndarray
    columns: dict[str, pa.Array]


class ReadPieces(Protocol):
    """Reads a table, or the share of it that is one process's: every row is in one share."""

    def __call__(self, names: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[Piece]:
        """Yield the pieces.

        Parameters
        ----------
        names : sequence of str
            The columns wanted.
        skip_ragged : bool
            Leave out rows of the wrong length instead of refusing them.
        rank, size : int
            Whose share, from 0, of how many.
        """
        ...


@dataclass(frozen=True)
class Table:
    """A table that can be read from its first row to its last, as often as needed.

    Attributes
    ----------
    source : str
        What messages call it.
    names : list of str
        Its columns.
    read : ReadPieces
        Yields its rows, a `Piece` at a time.
    """

    source: str
    names: list[str]
    read: ReadPieces

    def require(self, names: Sequence[str]) -> None:
        """Raise `UserError` for a name that is no column of this table."""
        for name in names:
            if name not in self.names:
                near = difflib.get_close_matches(name, self.names, n=1)
                hint = f'Did you mean "{near[0]}"?' if near else f"The columns are {', '.join(self.names)}."
                raise UserError(f'{self.source}: no column "{name}". {hint}')


def open_table(path: str | Path) -> Table:
    """Open a table; its rows are read later.

    Parameters
    ----------
    path : str or Path
        ``.csv`` (commas, semicolons, tabs or bars), ``.tsv``, either one compressed as ``.gz``, or ``.parquet``. In
        text also a name, see `groundup.data.names.locate`.

    Raises
    ------
    UserError
        The file is missing, empty, binary, or its header cannot be used.
    """
    from groundup.data.table_files import open_parquet, open_text

    path = locate(path) if isinstance(path, str) else path
    if path.is_dir():
        raise UserError(f"{path}: a folder. Give one table: a .csv, .tsv or .parquet file.")
    if not path.exists():
        raise UserError(f"{path}: no such file. Give a table as .csv, .tsv or .parquet.")
    try:
        return open_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else open_text(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def hold_table(source: str, columns: dict[str, Any]) -> Table:
    """Make a table of columns in memory; row 1 is the first."""
    arrays = {name: pa.array(values) for name, values in columns.items()}

    def read(names: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[Piece]:
        rows = len(next(iter(arrays.values())))
        first, end = rows * rank // size, rows * (rank + 1) // size
        if first < end:
            columns = {name: simplify(arrays[name].slice(first, end - first)) for name in names}
            yield Piece(np.arange(first + 1, end + 1), columns)

    return Table(source, list(columns), read)


def read_numbers(piece: Piece, column: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read a column's cells as numbers.

    Returns
    -------
    values : array of float64
        0 where there is none.
    missing : array of bool
        Cells that are empty or say so (``NA``, ``null``, …).
    bad : array of bool
        Cells that hold anything else than a finite number.
    """
    cells = piece.columns[column]
    if pa.types.is_string(cells.type):
        cells = _blank_missing(cells)
    missing = np.asarray(cells.is_null())
    try:
        values = pc.fill_null(pc.cast(cells, pa.float64(), safe=False), 0.0).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        values = np.array([as_number(cell) for cell in cells.to_pylist()])
    bad = ~np.isfinite(values)
    return np.where(bad, 0.0, values), missing, bad


def read_words(piece: Piece, column: str) -> tuple[np.ndarray, list[str]]:
    """Read a column's cells as words: a code for each cell (-1: missing), and the word of each code."""
    cells = piece.columns[column]
    if not pa.types.is_string(cells.type):
        cells = pc.cast(cells, pa.string())
    coded = _blank_missing(cells).dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return codes, coded.dictionary.to_pylist()


def show_cell(piece: Piece, column: str, index: int) -> str:
    """Return a cell for a message, shortened where it is long."""
    text = str(piece.columns[column][index].as_py())
    return text if len(text) <= 40 else text[:37] + "..."


def as_number(cell: str | None) -> float:
    """Return the number that a cell writes, NaN where it writes none, 0 for no cell."""
    if cell is None:
        return 0.0
    try:
        return float(cell) if "_" not in cell else float("nan")
    except ValueError:
        return float("nan")


def _blank_missing(cells: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(MISSING)), pa.scalar(None, pa.string()), trimmed)


def simplify(cells: pa.Array) -> pa.Array:
    """Turn a typed column into text or float64; what is neither becomes text."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    kind = cells.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pc.cast(cells, pa.float64(), safe=False)
    return pc.cast(cells, pa.string())
