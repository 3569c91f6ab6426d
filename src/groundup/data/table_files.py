"""Tables in files: how CSV, TSV and Parquet are cut into pieces, and shared by several processes.

Of a text file every process goes through all bytes, which is quick, to count the lines; it takes every N-th piece
apart, which is not. So each knows its rows' numbers without asking, and a compressed file can be shared as well. Of a
Parquet file, which knows its rows' numbers, each process reads a run of rows: the row groups that hold them, no others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from groundup.data.tables import Piece, RowError, Table, as_number, simplify
from groundup.errors import UserError

_PIECE_BYTES = 1 << 20
_PIECE_ROWS = 16384
_DELIMITERS = ",;\t|"


def open_parquet(path: Path) -> Table:
    """Open a Parquet file; see `groundup.data.tables.open_table`."""
    try:
        with pa.parquet.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    except pa.ArrowInvalid as error:
        raise UserError(f"{path}: not a Parquet file, or a damaged one ({_first_line(error)}).") from error
    _check_names(path, names)
    if sum(groups) == 0:
        raise UserError(f"{path}: no rows. A table needs rows to learn from.")

    def read(wanted: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[Piece]:
        return _read_parquet(path, groups, wanted, rank, size)

    return Table(str(path), names, read)


def _read_parquet(path: Path, groups: Sequence[int], wanted: Sequence[str], rank: int, size: int) -> Iterator[Piece]:
    ends = np.cumsum(groups)
    first, end = (int(ends[-1]) * share // size for share in (rank, rank + 1))
    held = [number for number in range(len(groups)) if ends[number] > first and ends[number] - groups[number] < end]
    if first == end:
        return
    place = int(ends[held[0]]) - groups[held[0]]
    try:
        # Reading ahead would keep the whole file in memory in the end.
        with pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_PIECE_BYTES) as file:
            for batch in file.iter_batches(_PIECE_ROWS, row_groups=held, columns=list(wanted), use_threads=False):
                rows = np.arange(place, place + len(batch))
                mine = (rows >= first) & (rows < end)
                if np.any(mine):
                    part = batch.slice(int(np.argmax(mine)), int(mine.sum()))
                    yield Piece(rows[mine] + 1, {name: simplify(part.column(name)) for name in wanted})
                place += len(batch)
                if place >= end:
                    return
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise RowError(f"{path}, after row {place}: cannot be read ({_first_line(error)}).", place + 1) from error


def open_text(path: Path) -> Table:
    """Open a CSV or TSV file; see `groundup.data.tables.open_table`."""
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
    if "\r" in header:
        raise UserError(f"{path}, row 1: lines end as on old Macs, in a lone carriage return. Save it with usual ones.")
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

    def read(wanted: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[Piece]:
        return _read_text(path, names, wanted, delimiter, skip_ragged, rank, size)

    return Table(str(path), names, read)


def _read_text(
    path: Path, names: Sequence[str], wanted: Sequence[str], delimiter: str, skip_ragged: bool, rank: int, size: int
) -> Iterator[Piece]:
    row, lines = 2, b""
    try:
        for number, lines in enumerate(_read_lines(path)):
            if number % size == rank:
                piece = _parse(path, lines, row, names, wanted, delimiter, skip_ragged)
                if len(piece.rows):
                    yield piece
            row += int(np.count_nonzero(np.frombuffer(lines, np.uint8) == ord("\n")))
    except OSError as error:
        raise RowError(f"{path}, after row {row - 1}: cannot be read ({_first_line(error)}).", row) from error
    if not lines:
        raise UserError(f"{path}: no rows under the header. A table needs rows to learn from.")


def _read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines under the header, whole ones, about a piece's worth at a time."""
    with pa.input_stream(str(path), compression="detect") as stream:
        lines = rest = b""
        under_header = stream.read(_PIECE_BYTES).partition(b"\n")[2]
        for block in chain([under_header], iter(lambda: stream.read(_PIECE_BYTES), b"")):
            end = block.rfind(b"\n") + 1
            if end:
                if lines:
                    yield lines
                lines, rest = rest + block[:end], b""
            rest += block[end:]
        if lines or rest:
            yield lines + rest  # the last line may have no end


def _parse(
    path: Path,
    lines: bytes,
    first_row: int,
    names: Sequence[str],
    wanted: Sequence[str],
    delimiter: str,
    skip_ragged: bool,
) -> Piece:
    """Take lines apart; the first of them has the number ``first_row``."""
    ragged: list[Any] = []

    def handle_ragged(row: Any) -> str:
        ragged.append(row)
        return "skip" if skip_ragged else "error"

    try:
        table = pa.csv.read_csv(
            pa.BufferReader(lines),
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=len(lines) + 1, column_names=list(names)),
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
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        if ragged and not skip_ragged:
            row = first_row - 1 + ragged[-1].number
            raise RowError(
                f"{path}, row {row}: {ragged[-1].actual_columns} cells where {ragged[-1].expected_columns} belong. "
                "Correct it, or leave such rows out with --set skip_bad_rows=true.",
                row,
            ) from error
        reason = (
            "not UTF-8. Save the file as UTF-8." if "UTF8" in str(error) else f"cannot be read ({_first_line(error)})."
        )
        raise RowError(f"{path}, after row {first_row - 1}: {reason}", first_row) from error
    rows = np.arange(first_row, first_row + len(table))
    for skipped in sorted(first_row - 1 + row.number for row in ragged):
        rows[rows >= skipped] += 1
    return Piece(rows, {name: table.column(name).combine_chunks() for name in wanted})


def _check_names(path: Path, names: Sequence[str]) -> None:
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise UserError(f'{path}: two columns are called "{doubled}". Rename one of them.')


def _is_number(text: str) -> bool:
    return bool(text.strip()) and np.isfinite(as_number(text.strip()))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
