"""Tables from CSV, TSV and Parquet files, read once from top to bottom, a piece at a time.

Only one piece is in memory, so a file may be larger than memory. Every cell's row number is kept, as a spreadsheet
counts (the header of a CSV file is row 1; a Parquet file has no header, its first row is row 1).
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from groundup.data.names import locate
from groundup.errors import UserError

MISSING = ("", "NA", "N/A", "na", "n/a", "NULL", "null", "None", "none", "?", ".", "-")
_PIECE_BYTES = 1 << 20
_PIECE_ROWS = 16384
_DELIMITERS = ",;\t|"


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


@dataclass(frozen=True)
class Table:
    """A table that can be read from its first row to its last, as often as needed.

    Attributes
    ----------
    source : str
        What messages call it.
    names : list of str
        Its columns.
    read : callable
        Takes the names of the columns wanted and whether rows of the wrong length are left out instead of refused;
        yields `Piece`.
    """

    source: str
    names: list[str]
    read: Callable[[Sequence[str], bool], Iterator[Piece]]

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
    path = locate(path) if isinstance(path, str) else path
    if path.is_dir():
        raise UserError(f"{path}: a folder. Give one table: a .csv, .tsv or .parquet file.")
    if not path.exists():
        raise UserError(f"{path}: no such file. Give a table as .csv, .tsv or .parquet.")
    try:
        return _open_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _open_text(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def hold_table(source: str, columns: dict[str, Any]) -> Table:
    """Make a table of columns in memory; row 1 is the first."""
    arrays = {name: pa.array(values) for name, values in columns.items()}

    def read(names: Sequence[str], skip_ragged: bool) -> Iterator[Piece]:
        rows = len(next(iter(arrays.values())))
        yield Piece(np.arange(1, rows + 1), {name: _simplify(arrays[name]) for name in names})

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
        values = np.array([_as_number(cell) for cell in cells.to_pylist()])
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


def _as_number(cell: str | None) -> float:
    if cell is None:
        return 0.0
    try:
        return float(cell) if "_" not in cell else float("nan")
    except ValueError:
        return float("nan")


def _blank_missing(cells: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(MISSING)), pa.scalar(None, pa.string()), trimmed)


def _simplify(cells: pa.Array) -> pa.Array:
    """Turn a typed column into text or float64; what is neither becomes text."""
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    kind = cells.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pc.cast(cells, pa.float64(), safe=False)
    return pc.cast(cells, pa.string())


def _open_parquet(path: Path) -> Table:
    try:
        with pa.parquet.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            rows = file.metadata.num_rows
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: not a Parquet file, or a damaged one ({_first_line(error)}).") from error
    _check_names(path, names)
    if rows == 0:
        raise UserError(f"{path}: no rows. A table needs rows to learn from.")

    def read(wanted: Sequence[str], skip_ragged: bool) -> Iterator[Piece]:
        first = 1
        try:
            # Reading ahead would keep the whole file in memory in the end.
            with pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_PIECE_BYTES) as file:
                for batch in file.iter_batches(_PIECE_ROWS, columns=list(wanted), use_threads=False):
                    columns = {name: _simplify(batch.column(name)) for name in wanted}
                    yield Piece(np.arange(first, first + len(batch)), columns)
                    first += len(batch)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
            raise UserError(f"{path}, after row {first - 1}: cannot be read ({_first_line(error)}).") from error

    return Table(str(path), names, read)


def _open_text(path: Path) -> Table:
    with pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(_PIECE_BYTES)
    if not head.strip():
        raise UserError(f"{path}: the file is empty. A table needs a header and rows.")
    if b"\0" in head:
        raise UserError(
            f"{path}: a binary file (byte {head.index(0)} is zero). Give a table as .csv, .tsv or .parquet."
        )
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].rstrip(b"\r")
    try:
        header = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}, row 1: not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
    tabbed = any(suffix.lower() in (".tsv", ".tab") for suffix in path.suffixes)
    delimiter = "\t" if tabbed else max(_DELIMITERS, key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    if names and all(_is_number(name) for name in names):
        raise UserError(f"{path}, row 1: holds numbers where column names belong. Add a header line on top.")
    names = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    if len(names) < 2:
        raise UserError(
            f"{path}, row 1: only one column. A table needs a target and at least one feature, with commas, "
            "semicolons, tabs or bars between them."
        )
    _check_names(path, names)

    def read(wanted: Sequence[str], skip_ragged: bool) -> Iterator[Piece]:
        return _read_text(path, names, wanted, delimiter, skip_ragged)

    return Table(str(path), names, read)


def _read_text(
    path: Path, names: Sequence[str], wanted: Sequence[str], delimiter: str, skip_ragged: bool
) -> Iterator[Piece]:
    ragged: list[Any] = []

    def handle_ragged(row: Any) -> str:
        ragged.append(row)
        return "skip" if skip_ragged else "error"

    next_row = 2
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            reader = pa.csv.open_csv(
                stream,
                read_options=pa.csv.ReadOptions(
                    use_threads=False, block_size=_PIECE_BYTES, column_names=list(names), skip_rows=1
                ),
                # Empty lines are read as empty rows: left out here, they would shift the row numbers.
                parse_options=pa.csv.ParseOptions(
                    delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=handle_ragged
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=list(dict.fromkeys(wanted)),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                rows = np.arange(next_row, next_row + len(batch))
                for skipped in sorted(row.number for row in ragged if row.number >= next_row):
                    rows[rows >= skipped] += 1
                if len(batch):
                    next_row = int(rows[-1]) + 1
                    yield Piece(rows, {name: batch.column(name) for name in wanted})
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        if ragged and not skip_ragged:
            row = ragged[-1]
            raise UserError(
                f"{path}, row {row.number}: {row.actual_columns} cells where {row.expected_columns} belong. "
                "Correct it, or leave such rows out with --set skip_bad_rows=true."
            ) from error
        if "UTF8" in str(error):
            raise UserError(f"{path}, after row {next_row - 1}: not UTF-8. Save the file as UTF-8.") from error
        if "mpty CSV" in str(error) or "Could not skip" in str(error):
            raise UserError(f"{path}: no rows under the header. A table needs rows to learn from.") from error
        raise UserError(f"{path}, after row {next_row - 1}: cannot be read ({_first_line(error)}).") from error
    except OSError as error:
        raise UserError(f"{path}, after row {next_row - 1}: cannot be read ({_first_line(error)}).") from error


def _check_names(path: Path, names: Sequence[str]) -> None:
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise UserError(f'{path}: two columns are called "{doubled}". Rename one of them.')


def _is_number(text: str) -> bool:
    return bool(text.strip()) and np.isfinite(_as_number(text.strip()))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
