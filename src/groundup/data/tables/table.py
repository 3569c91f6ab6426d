"""Tables from CSV, TSV and Parquet files, read once from top to bottom, chunk by chunk.

Only one chunk is in memory, so a file may be larger than memory. Every cell's row number is kept, as a spreadsheet
counts (the header of a CSV file is row 1; a Parquet file has no header, its first row is row 1).
"""

from __future__ import annotations

import difflib
import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten
from groundup.data.named.resolve import locate
from groundup.data.tables.quoting import quote

# What pandas, NumPy, R, Excel, SQL, SAS and people write for a missing value, in small letters.
_MARKS = (
    *("", "na", "n/a", "n.a.", "nan", "-nan", "+nan", "<na>", "nat", "null", "(null)", "none", "nil", "missing", "\\n"),
    *("#n/a", "#n/a n/a", "#na", "#value!", "#ref!", "#div/0!", "#num!", "#name?", "#null!"),
    *("1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "?", ".", "..", "...", "…", "-", "--", "---", "–", "—"),
    *("0000-00-00", "0000-00-00 00:00:00"),
)
_FORMS = (str.lower, str.upper, str.title, str.capitalize)
MISSING = tuple(dict.fromkeys([*(form(mark) for mark in _MARKS for form in _FORMS), "NaN", "-NaN", "+NaN", "NaT"]))
_MISSING = pa.array(MISSING)
_COPIED = 1 << 20
# What to do about a row or a cell that cannot be used, where training can leave it out.
REMEDY = "Correct it, or leave such rows out with --set skip_bad_rows=true."
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class RowError(UserError):
    """A row that cannot be used.

    Attributes
    ----------
    row : int
        Its number in the file.
    column : str or None
        The column of the cell that is to blame.
    """

    def __init__(self, message: str, row: int, column: str | None = None) -> None:
        super().__init__(message)
        self.row, self.column = row, column


@dataclass(frozen=True)
class TableChunk:
    """Some rows of a table.

    Attributes
    ----------
    rows : array of int64
        Row numbers in the file.
    columns : dict
        Column name → pyarrow array of text, of numbers (float64) or of dates and times.
    ragged : int
        How many rows with too many or too few cells were left out here.
    stretch : int
        Which stretch of the table they belong to, see `Table`.
    """

    rows: np.ndarray
    columns: dict[str, pa.Array]
    ragged: int = 0
    stretch: int = 0


class ReadChunks(Protocol):
    """Reads a table, or the share of it that is one process's: every row is in one share."""

    def __call__(
        self, names: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /
    ) -> Iterator[TableChunk]:
        """Yield the chunks.

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
    read : ReadChunks
        Yields its rows, a `TableChunk` at a time.
    delimiter : str
        What stands between its cells, empty if it is no text.
    path : Path or None
        Its file, if every process can open that for itself.
    stretches : int
        About how many parts a large table has whose sums are computed one by one. They depend on the table alone, so
        that sums are the same to the last bit whichever process reads which. More readers than stretches share the
        rows in another way.
    sought : bool
        Whether a stretch can be read without going through those before it.
    """

    source: str
    names: list[str]
    read: ReadChunks
    delimiter: str = ""
    path: Path | None = None
    stretches: int = 1
    sought: bool = False

    def find(self, name: str) -> str:
        """Return the column of this name; blanks, line ends and the two ways to write an accent make no difference.

        Raises
        ------
        UserError
            There is none.
        """
        if name in self.names:
            return name
        same = [own for own in self.names if _as_read(own) == _as_read(name)]
        if len(same) == 1:
            return same[0]
        folded = {own.casefold(): own for own in self.names}
        near = difflib.get_close_matches(name.casefold(), folded, n=1)
        hint = f'Did you mean "{folded[near[0]]}"?' if near else f"The columns are {name_some(self.names)}."
        raise UserError(f'{self.source}: no column "{tidy(name)}". {hint}')

    def call(self, names: Sequence[str]) -> Table:
        """Return this table with the columns that `find` finds called by exactly these names."""
        found = {name: self.find(name) for name in names}
        given = {own: name for name, own in found.items()}
        if all(own == name for own, name in given.items()):
            return self

        def read(wanted: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[TableChunk]:
            for chunk in self.read([found.get(name, name) for name in wanted], skip_ragged, rank, size):
                columns = {given.get(own, own): cells for own, cells in chunk.columns.items()}
                yield replace(chunk, columns=columns)

        return replace(self, names=[given.get(own, own) for own in self.names], read=read)


def open_table(path: str | Path, processes: int = 1, only: str | None = None, remedy: str = REMEDY) -> Table:
    """Open a table; its rows are read later.

    Parameters
    ----------
    path : str or Path
        ``.csv`` (commas, semicolons, tabs or bars), ``.tsv``, either one compressed as ``.gz``, or ``.parquet``. In
        text also a name, see `groundup.data.named.resolve.locate`. A pipe is read to its end first.
    processes : int
        How many open it together.
    only : str, optional
        The name of a column that may be the only one of a text.
    remedy : str
        What is said to do about a row with too many or too few cells.

    Raises
    ------
    UserError
        The file is missing, empty, binary, or its header cannot be used.
    """
    from groundup.data.tables.files import open_parquet, open_text

    path = locate(path) if isinstance(path, str) else path
    if path.is_dir():
        raise UserError(f"{path}: a folder. Give one table: a .csv, .tsv or .parquet file.")
    if not path.exists():
        raise UserError(f"{path}: no such file. Give a table as .csv, .tsv or .parquet.")
    try:
        if path.is_file():
            parquet = path.suffix.lower() in (".parquet", ".pq")
            return open_parquet(path) if parquet else open_text(path, only=only, remedy=remedy)
        if processes > 1:
            raise UserError(f"{path}: a pipe can be read by one process only. Give a file, or leave --processes out.")
        return _open_pipe(path, only, remedy)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def _open_pipe(path: Path, only: str | None, remedy: str) -> Table:
    """Open what can be read only once, by way of a copy that goes with the table."""
    from groundup.data.tables.files import PARQUET, check_text, open_parquet, open_text

    copy = tempfile.NamedTemporaryFile(suffix=path.suffix)  # noqa: SIM115, it is closed with the last reference to it
    with path.open("rb", buffering=0) as pipe:
        head = pipe.read(_COPIED) or b""
        parquet = head.startswith(PARQUET)
        if not parquet:
            check_text(path, head)
        block = head
        while block:
            copy.write(block)
            block = pipe.read(_COPIED) or b""
    copy.flush()
    name, source = Path(copy.name), str(path)
    opened = open_parquet(name, source) if parquet else open_text(name, source, only, remedy)

    def read(names: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[TableChunk]:
        assert copy.name  # keeps the copy for as long as the table is there
        return opened.read(names, skip_ragged, rank, size)

    return Table(str(path), opened.names, read, opened.delimiter)


def hold_table(source: str, columns: dict[str, Any]) -> Table:
    """Make a table of columns in memory; row 1 is the first."""
    arrays = {name: pa.array(values) for name, values in columns.items()}

    def read(names: Sequence[str], _skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[TableChunk]:
        rows = len(next(iter(arrays.values())))
        first, end = rows * rank // size, rows * (rank + 1) // size
        if first < end:
            columns = {name: simplify(arrays[name].slice(first, end - first)) for name in names}
            yield TableChunk(np.arange(first + 1, end + 1), columns)

    return Table(source, list(columns), read)


class Reading(Protocol):
    """How to read the cells of a column as numbers, if they are not plain ones."""

    def read(self, cells: pa.Array) -> np.ndarray:
        """Return the number in each cell: NaN if there is none; undefined if the cell is null."""
        ...

    def find_missing(self, cells: pa.Array) -> pa.Array:
        """Return cells with null where they say that there is no number."""
        ...


def read_numbers(
    chunk: TableChunk, column: str, reading: Reading | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read a column's cells as numbers.

    Parameters
    ----------
    chunk, column
        Which cells.
    reading : Reading, optional
        How they are written; plain numbers if left out.

    Returns
    -------
    values : array of float64
        0 if there is none.
    missing : array of bool
        Cells that are empty or say so (``NA``, ``null``, …).
    bad : array of bool
        Cells that hold anything else than a finite number.
    """
    cells = chunk.columns[column]
    plain = _cast(cells) if reading is None else None
    if plain is not None and plain.null_count == 0:
        values = plain.to_numpy(zero_copy_only=False)
        if np.all(np.isfinite(values)):
            return values, np.zeros(len(values), bool), np.zeros(len(values), bool)
    cells = blank_missing(cells)
    cells = cells if reading is None else reading.find_missing(cells)
    missing = np.asarray(cells.is_null())
    if reading is not None:
        values = np.where(missing, 0.0, reading.read(cells))
    elif (plain := _cast(cells)) is not None:
        values = pc.fill_null(plain, 0.0).to_numpy(zero_copy_only=False)
    else:
        values = np.array([as_number(cell) for cell in cells.to_pylist()])
    bad = ~np.isfinite(values)
    return np.where(bad, 0.0, values), missing, bad


def _cast(cells: pa.Array) -> pa.Array | None:
    """Return cells as float64 where every one of them writes a number as programs do."""
    if not pa.types.is_string(cells.type) and not pa.types.is_floating(cells.type):
        return None
    try:
        return pc.cast(cells, pa.float64(), safe=False)
    except pa.ArrowInvalid:
        return None


def read_words(chunk: TableChunk, column: str) -> tuple[np.ndarray, list[str]]:
    """Read a column's cells as words: a code for each cell (-1: missing), and the word of each code."""
    cells = chunk.columns[column]
    if not pa.types.is_string(cells.type):
        cells = pc.cast(cells, pa.string())
    coded = blank_missing(cells).dictionary_encode()
    codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    written = coded.dictionary.to_pylist()
    words = list(dict.fromkeys(map(tidy, written)))
    if words != written:
        places = {word: place for place, word in enumerate(words)}
        codes = np.array([*(places[tidy(word)] for word in written), -1])[codes]
    return codes, words


def show_cell(chunk: TableChunk, column: str, index: int) -> str:
    """Return a cell for a message, shortened where it is long."""
    return shorten(tidy(str(chunk.columns[column][index].as_py())), 40)


def tidy(text: str) -> str:
    r"""Return a cell or a name as it may stand in a line: line ends become blanks, other control characters are shown.

    Examples
    --------
    >>> tidy(" area\n(m2)"), len(tidy(chr(27)))
    ('area (m2)', 4)
    """
    if text.isprintable():
        return text.strip()
    text = re.sub(r"\s*[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+\s*", " ", text.strip())
    return _UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def _as_read(name: str) -> str:
    """Return a name as it is seen: a blank for any white space, and an accent always in the same form."""
    return " ".join(unicodedata.normalize("NFC", tidy(name)).split())


def name_some(names: Sequence[str], most: int = 40) -> str:
    """Return names for a message as they can be typed, with commas; of very many, the first."""
    shown = ", ".join(quote(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def as_number(cell: str | None) -> float:
    """Return the number in a cell, NaN if there is none, 0 for no cell."""
    if cell is None:
        return 0.0
    try:
        return float(cell) if "_" not in cell else float("nan")
    except ValueError:
        return float("nan")


def blank_missing(cells: pa.Array) -> pa.Array:
    """Return cells, of text without white space around it, null where they are empty or mark a missing value."""
    if pa.types.is_floating(cells.type):
        return pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    if not pa.types.is_string(cells.type):
        return cells
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(trimmed, value_set=_MISSING), pa.scalar(None, pa.string()), trimmed)


def simplify(cells: pa.Array) -> pa.Array:
    """Turn a typed column into text, float64, dates or times; what is none of these becomes text."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    kind = cells.type
    if pa.types.is_duration(kind):
        # Days, as of dates.
        cells = pc.divide(pc.cast(pc.cast(cells, pa.duration("us"), safe=False), pa.int64()), 8.64e10)
        kind = cells.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pc.cast(cells, pa.float64(), safe=False)
    if pa.types.is_temporal(kind):
        return cells
    try:
        return pc.cast(cells, pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists, structures, bytes
        return pa.array([None if cell is None else str(cell) for cell in cells.to_pylist()], pa.string())
