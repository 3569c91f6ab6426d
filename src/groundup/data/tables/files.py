"""Tables in files: how CSV, TSV and Parquet are cut into chunks, and shared by several processes.

Of a text file every process goes through all bytes, which is quick, to count the rows; it takes every N-th chunk (of a
large file, stretch of chunks) apart, which is not. So each knows its rows' numbers without asking, and a compressed
file can be shared as well. Of a Parquet file, which knows its rows' numbers, each process reads a run of rows: the row
groups that hold them, no others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from groundup.base.decoding import find_kind, is_markup, other_kind
from groundup.base.errors import UserError
from groundup.data.tables.layouts import Layout, find_layout
from groundup.data.tables.records import cut_rows, read_rows
from groundup.data.tables.table import REMEDY, RowError, Table, TableChunk, simplify, tidy

PARQUET = b"PAR1"
_CHUNK_BYTES = 1 << 20
_CHUNK_ROWS = 16384
_CHUNK_CELLS = 1 << 22
_STRETCH_CHUNKS = 16
_STRETCH_ROWS = 100_000
_MOST_STRETCHES = 64
# To add two stretches' sums costs as much as to fold some hundred rows a column: stretches have more.
_ROWS_PER_COLUMN = 200
_HEAD_BYTES = 1 << 20
_START_BYTES = 8
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zstd"}
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\[\s*[\[{]|\{\s*")')
# Numbers that a spreadsheet was told to take for text: ="80.5" and '80.5. Codes that begin with 0 stay so.
_EXCEL_CELL = r"""^\s*(?:="([^0"][^"]*|0?(?:[.,][^"]*)?)"|'([-+]?(?:[1-9][0-9.,]*|0?[.,][0-9]+|0)))\s*$"""
_EXCEL_MARKS = re.compile(rb"""="|'[-+.,0-9]""")
# What a damaged file or one with a column of an unknown kind makes pyarrow raise.
_TROUBLE = (pa.ArrowException, OSError, ValueError, KeyError, IndexError, OverflowError, MemoryError)


def open_parquet(path: Path, source: str | None = None) -> Table:
    """Open a Parquet file; see `groundup.data.tables.table.open_table`."""
    source = source or str(path)
    try:
        with pa.parquet.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            groups = [file.metadata.row_group(number).num_rows for number in range(file.metadata.num_row_groups)]
    except _TROUBLE as error:
        raise UserError(f"{source}: not a Parquet file, or a damaged one ({_first_line(error)}).") from error
    _check_names(source, names)
    if sum(groups) == 0:
        raise UserError(f"{source}: no rows. A table needs rows to learn from.")

    rows = max(_STRETCH_ROWS, _ROWS_PER_COLUMN * len(names))
    stretches = max(1, min(_MOST_STRETCHES, len(groups), sum(groups) // rows))

    def read(wanted: Sequence[str], _skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[TableChunk]:
        if size > stretches:
            yield from _read_parquet(path, source, groups, wanted, rank, size)
            return
        for stretch in range(stretches * rank // size, stretches * (rank + 1) // size):
            for chunk in _read_stretch(path, source, groups, wanted, stretch, stretches):
                yield replace(chunk, stretch=stretch)

    return Table(source, names, read, path=path.absolute(), stretches=stretches, sought=True)


def _read_stretch(
    path: Path, source: str, groups: Sequence[int], wanted: Sequence[str], stretch: int, stretches: int
) -> Iterator[TableChunk]:
    """Read whole row groups, so that the chunks are the same for every reader."""
    bounds = [len(groups) * place // stretches for place in (stretch, stretch + 1)]
    first, end = (sum(groups[:bound]) for bound in bounds)
    return _read_run(path, source, groups, wanted, first, end)


def _read_parquet(
    path: Path, source: str, groups: Sequence[int], wanted: Sequence[str], rank: int, size: int
) -> Iterator[TableChunk]:
    first, end = (sum(groups) * share // size for share in (rank, rank + 1))
    return _read_run(path, source, groups, wanted, first, end)


def _read_run(
    path: Path, source: str, groups: Sequence[int], wanted: Sequence[str], first: int, end: int
) -> Iterator[TableChunk]:
    ends = np.cumsum(groups)
    held = [number for number in range(len(groups)) if ends[number] > first and ends[number] - groups[number] < end]
    if first == end:
        return
    place = int(ends[held[0]]) - groups[held[0]]
    try:
        # Reading ahead would keep the whole file in memory in the end.
        with pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_CHUNK_BYTES) as file:
            rows_at_once = max(1, min(_CHUNK_ROWS, _CHUNK_CELLS // max(1, len(wanted))))
            for batch in file.iter_batches(rows_at_once, row_groups=held, columns=list(wanted), use_threads=False):
                rows = np.arange(place, place + len(batch))
                mine = (rows >= first) & (rows < end)
                if np.any(mine):
                    part = batch.slice(int(np.argmax(mine)), int(mine.sum()))
                    yield TableChunk(rows[mine] + 1, {name: simplify(part.column(name)) for name in wanted})
                place += len(batch)
                if place >= end:
                    return
    except _TROUBLE as error:
        raise RowError(f"{source}, after row {place}: cannot be read ({_first_line(error)}).", place + 1) from error


def open_text(path: Path, source: str | None = None, only: str | None = None, remedy: str = REMEDY) -> Table:
    """Open a CSV or TSV file; see `groundup.data.tables.table.open_table`."""
    source = source or str(path)
    tabbed = any(suffix.lower() in (".tsv", ".tab") for suffix in path.suffixes)
    try:
        with _open_bytes(path) as stream:
            head = b""
            layout = None
            while layout is None:
                block = stream.read(_HEAD_BYTES)
                if not head:
                    check_text(source, block)
                head += block
                layout = find_layout(source, head, not block, tabbed, only)
    except UnicodeError as error:
        raise UserError(f"{source}: not UTF-16, though it begins so. Save the file as UTF-8.") from error
    _check_names(source, layout.names)

    size_in_chunks = -(-path.stat().st_size // _CHUNK_BYTES)
    # As many chunks to a stretch as have enough rows, of which one with 8 bytes to a cell is taken for the usual.
    wide = 8 * _ROWS_PER_COLUMN * len(layout.names) ** 2 // _CHUNK_BYTES
    chunks = max(_STRETCH_CHUNKS, wide, -(-size_in_chunks // _MOST_STRETCHES))
    stretches = -(-size_in_chunks // chunks)

    def read(wanted: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[TableChunk]:
        share = _Share(rank, size, chunks if size <= stretches else 1)
        try:
            yield from _read_text(path, source, layout, wanted, skip_ragged, share)
        except _RaggedRowError as error:
            raise RowError(f"{error} {remedy}", error.row) from error

    return Table(source, layout.names, read, layout.delimiter, path.absolute(), stretches)


@dataclass(frozen=True)
class _Share:
    """The chunks of a text that one of several processes takes apart."""

    rank: int
    size: int
    chunks: int

    def find_stretch(self, number: int) -> int | None:
        """Return the stretch of a chunk, ``None`` if another process takes it apart."""
        stretch = number // self.chunks
        if stretch % self.size != self.rank:
            return None
        return stretch if self.chunks > 1 else self.rank


def check_text(source: Path | str, head: bytes) -> None:
    """Refuse what is no text, going by its first bytes as `_open_bytes` gives them."""
    if head[:2] in _WIDE or any(head.startswith(mark) for mark in _PACKED):
        return  # as it comes out of a pipe
    if not head.strip():
        raise UserError(f"{source}: the file is empty. A table needs a header and rows.")
    found = find_kind(head)
    if found is None and _JSON.match(head):
        found = "JSON", ""
    elif found is None and is_markup(head):
        found = "a web page or XML", "Save the table itself as CSV."
    if found is not None:
        raise other_kind(str(source), found, "a table", "Give a table as .csv, .tsv or .parquet.")
    if b"\0" in head:
        raise UserError(
            f"{source}: a binary file (byte {head.index(0)} is zero). Give a table as .csv, .tsv or .parquet."
        )


@contextmanager
def _open_bytes(path: Path) -> Iterator[pa.NativeFile]:
    """Open a text file, unpacked, in UTF-8."""
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    packed = next((kind for mark, kind in _PACKED.items() if start.startswith(mark)), None)
    with pa.input_stream(str(path), compression=packed) as stream:
        if packed:
            with pa.input_stream(str(path), compression=packed) as again:
                start = again.read(_START_BYTES)
        wide = _WIDE.get(start[:2])
        if wide is None and len(start) == _START_BYTES and not any(start[1::2]) and all(start[::2]):
            wide = "utf-16-le"  # without the mark at its beginning
        yield stream if wide is None else pa.transcoding_input_stream(stream, wide, "utf-8")


def _read_text(
    path: Path, source: str, layout: Layout, wanted: Sequence[str], skip_ragged: bool, share: _Share
) -> Iterator[TableChunk]:
    row, lines = layout.row, b""
    try:
        with _open_bytes(path) as stream:
            left = layout.start
            while left:
                left -= len(stream.read(left)) or left
            for number, (lines, count) in enumerate(
                read_rows(stream, _CHUNK_BYTES, layout.delimiter, source, layout.row)
            ):
                if (stretch := share.find_stretch(number)) is not None:
                    chunk = _parse(source, lines, row, count, layout, wanted, skip_ragged)
                    if len(chunk.rows) or chunk.ragged:
                        yield replace(chunk, stretch=stretch)
                row += count
    except UnicodeError as error:
        raise RowError(f"{source}, after row {row - 1}: not UTF-16. Save the file as UTF-8.", row) from error
    except OSError as error:
        raise RowError(f"{source}, after row {row - 1}: cannot be read ({_first_line(error)}).", row) from error
    if not lines:
        raise UserError(f"{source}: no rows under the header. A table needs rows to learn from.")


def _parse(
    source: str,
    lines: bytes,
    first_row: int,
    count: int,
    layout: Layout,
    wanted: Sequence[str],
    skip_ragged: bool,
) -> TableChunk:
    """Split rows into cells; the first row has the number ``first_row``."""
    ragged: list[Any] = []
    if not lines.isascii():
        _check_bytes(source, lines, layout.delimiter, first_row)
    if layout.padded:
        lines = re.sub(re.escape(layout.delimiter).encode() + rb' +(?=")', layout.delimiter.encode(), lines)

    def handle_ragged(row: Any) -> str:
        ragged.append(row)
        return "skip" if skip_ragged else "error"

    try:
        table = pa.csv.read_csv(
            pa.BufferReader(lines),
            read_options=pa.csv.ReadOptions(
                use_threads=False, block_size=len(lines) + 1, column_names=list(layout.names)
            ),
            # Empty lines are read as empty rows: left out here, they would shift the row numbers.
            parse_options=pa.csv.ParseOptions(
                delimiter=layout.delimiter, ignore_empty_lines=False, invalid_row_handler=handle_ragged
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(layout.names, pa.string()),
                include_columns=list(dict.fromkeys(wanted)),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        if ragged and not skip_ragged:
            raise _describe_ragged(source, ragged[-1], first_row - 1 + ragged[-1].number) from error
        message = f"{source}, after row {first_row - 1}: cannot be read ({_first_line(error)})."
        raise RowError(message, first_row) from error
    if len(table) + len(ragged) != count:
        # Pyarrow ends a row at a lone carriage return too: numbers of rows would be wrong from there on.
        if b"\r\r\n" in lines:
            return _parse(source, lines.replace(b"\r\r\n", b"\n"), first_row, count, layout, wanted, skip_ragged)
        found = re.search(rb"\r(?!\n)", lines)
        row = first_row + _count_ends(lines, layout.delimiter, found.start() if found else 0)
        raise RowError(f"{source}, row {row}: a carriage return inside the row. Take it out.", row)
    rows = np.arange(first_row, first_row + len(table))
    for skipped in sorted(first_row - 1 + row.number for row in ragged):
        rows[rows >= skipped] += 1
    columns = {name: table.column(name).combine_chunks() for name in wanted}
    if _EXCEL_MARKS.search(lines):
        columns = {name: pc.replace_substring_regex(cells, _EXCEL_CELL, r"\1\2") for name, cells in columns.items()}
    return TableChunk(rows, columns, len(ragged))


class _RaggedRowError(RowError):
    """A row with too many or too few cells; what to do about it is not said yet."""


def _describe_ragged(source: str, row: Any, number: int) -> _RaggedRowError:
    hint = ""
    if "\n" in row.text.strip():
        hint = ' Its text goes over several lines, so there may be a quote (") too few or too many.'
    cells = f"{row.actual_columns} cell{'s' * (row.actual_columns != 1)}"
    return _RaggedRowError(f"{source}, row {number}: {cells}, expected {row.expected_columns}.{hint}", number)


def _check_bytes(source: str, lines: bytes, delimiter: str, first_row: int) -> None:
    try:
        lines.decode()
    except UnicodeDecodeError as error:
        row = first_row + _count_ends(lines, delimiter, error.start)
        wrong = f"the byte 0x{lines[error.start]:02x}"
        raise RowError(f"{source}, row {row}: not UTF-8 ({wrong}). Save the file as UTF-8.", row) from error


def _count_ends(lines: bytes, delimiter: str, place: int) -> int:
    """Return how many rows end before a place."""
    return int(np.searchsorted(cut_rows(lines, delimiter.encode()).ends, place, "right"))


def _check_names(source: str, names: Sequence[str]) -> None:
    doubled = next((name for name, count in Counter(names).items() if count > 1), None)
    if doubled is not None:
        raise UserError(f'{source}: two columns are called "{tidy(doubled)}". Rename one of them.')


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
