"""Rows put into a trained model of a table: typed ones, those of a file, and those it is measured on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten
from groundup.data.tables.columns import ColumnCode, encode, take_numbers
from groundup.data.tables.dates import Dates
from groundup.data.tables.evidence import NUMBERS, Finding
from groundup.data.tables.quoting import join_row, quote, split_row
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.surveys import Said, Survey
from groundup.data.tables.table import RowError, Table, TableChunk, as_number, hold_table, open_table, tidy
from groundup.models.qr import Triangle, fold, fold_onto

Row = Mapping[str, str | float]
Readings = dict[str, Spelling | Dates | None]
Found = TypeVar("Found")
_SAMPLE_ROWS, _LONGEST_SHOWN = 2000, 200


@dataclass(frozen=True)
class Encoded:
    """Some rows as features.

    Attributes
    ----------
    names : list of str
        What each row is called.
    features : array of float64, shape (batch, feature)
        The features of every row.
    usable : array of bool, shape (batch,)
        ``False`` for a row with a missing cell.
    """

    names: list[str]
    features: np.ndarray
    usable: np.ndarray


def parse_rows(words: Sequence[str], codes: Sequence[ColumnCode]) -> list[Row | Path]:
    """Read rows such as ``father=70,mother=64`` and paths of tables, as typed.

    Raises
    ------
    UserError
        A row cannot be taken apart.
    """
    return [Path(text) if "=" not in text or os.path.isfile(text) else _parse_row(text, codes) for text in words]


def encode_inputs(inputs: Sequence[Row | Path], codes: Sequence[ColumnCode]) -> Iterator[Encoded]:
    """Yield the features of rows, and of the rows of tables.

    Parameters
    ----------
    inputs : sequence of mapping or Path
        Column → cell, a text as the run's table would write it, or a number; and tables' files.
    codes : sequence of ColumnCode
        The run's columns.

    Raises
    ------
    UserError
        A cell cannot be used; a row given by itself lacks one.
    """
    for one in inputs:
        if isinstance(one, Path):
            yield from _encode_file(str(one), codes)
        else:
            yield _encode_row(one, codes)


def fold_known(table: Table, codes: list[ColumnCode], target: str) -> tuple[Triangle, np.ndarray, int]:
    """Fold a table by codes that are known; return the triangle, some rows, and the number of rows left out."""
    names = [target, *(code.name for code in codes)]
    table = table.call(names)

    def work(readings: Readings) -> tuple[Triangle, np.ndarray, int]:
        triangle: Triangle | None = None
        sample: list[np.ndarray] = []
        left_out = 0
        for chunk in table.read(names, False):
            rows, unused = _encode_with_target(table.source, chunk, codes, target, readings)
            left_out += unused
            if len(rows):
                triangle = fold(rows) if triangle is None else fold_onto(triangle, rows)
                sample = [*sample, rows] if sum(map(len, sample)) < _SAMPLE_ROWS else sample
        if triangle is None:
            raise UserError(f"{table.source}: no row with every cell that is needed ({', '.join(names)}).")
        return triangle, np.vstack(sample)[:_SAMPLE_ROWS], left_out

    return with_readings(table, codes, target, work)


def _encode_with_target(
    source: str, chunk: TableChunk, codes: list[ColumnCode], target: str, readings: Readings
) -> tuple[np.ndarray, int]:
    features, usable = encode(source, chunk, codes, readings)
    values, missing, _ = take_numbers(source, chunk, target, False, "Correct it.", readings.get(target))
    usable &= ~missing
    rows = np.column_stack([np.ones(len(values)), features, values])[usable]
    return rows, int(np.sum(~usable))


def _encode_file(path: str, codes: Sequence[ColumnCode]) -> list[Encoded]:
    names = [code.name for code in codes]
    table = open_table(path, only=names[0] if len(names) == 1 else None, remedy="Correct it.").call(names)

    def work(readings: Readings) -> list[Encoded]:
        found = []
        for chunk in table.read(names, False):
            features, usable = encode(table.source, chunk, codes, readings)
            found.append(Encoded([f"{path}, row {row}" for row in chunk.rows], features, usable))
        return found

    return with_readings(table, codes, None, work)


def with_readings(
    table: Table, codes: Sequence[ColumnCode], target: str | None, work: Callable[[Readings], Found]
) -> Found:
    """Do work with the way in which a table writes numbers and dates, which may be another than the run's own table's.

    The first chunk tells, and all of a column where a later cell does not fit.
    """
    known = {code.name: code.reading for code in codes if code.levels is None}
    said = Said(readings={name: one for name, one in known.items() if one is not None}, settable=False)
    survey = Survey(table, said, False)
    first = next(table.read(table.names, False), None)
    if first is None:
        raise UserError(f"{table.source}: no rows under the header.")
    survey.begin(first)
    readings: Readings = {}
    wanted, whole = [*known, *([target] if target else [])], False
    while True:
        for name, finding in survey.finish(wanted, whole).items():
            readings[name] = _fit(known.get(name), finding)
            _compare_shares(table.source, name, known.get(name), readings[name])
        try:
            return work(readings)
        except RowError as error:
            if error.column not in readings or survey.is_whole(error.column):
                raise
            wanted, whole = [error.column], True


def _fit(known: Spelling | Dates | None, finding: Finding) -> Spelling | Dates | None:
    """Return how to read a column: as found, if the run has learned from the same notation."""
    if isinstance(known, Dates):
        fits = isinstance(finding.reading, Dates) and finding.reading.unit == known.unit
    else:
        fits = finding.kind == NUMBERS
    return finding.reading if fits else known


def _compare_shares(source: str, column: str, known: Spelling | Dates | None, found: Spelling | Dates | None) -> None:
    """Refuse a column whose numbers have a % in one table and none in the other: 12% may be 0.12 there."""
    units = ["%" if isinstance(one, Spelling) and one.unit == "%" else "" for one in (known, found)]
    if units[0] != units[1]:
        there, here = (f"with {unit}" if unit else "without %" for unit in units)
        raise UserError(
            f'{source}, column "{column}": its numbers are written {here}, and {there} where the run was trained. '
            "Write them in the same way."
        )


def _parse_row(text: str, codes: Sequence[ColumnCode]) -> Row:
    source = _name_row(text)
    names = [code.name for code in codes]
    try:
        given = split_row(text, names)
    except UserError as error:
        raise UserError(f"{source}: {error}. Write {_example(codes)}.") from None
    try:
        return _name_cells(source, names, given)
    except UserError as error:
        texts = [*names, *(level for code in codes for level in code.levels or ())]
        odd = next((quote(text) for text in texts if text != quote(text)), None)
        hint = f" Put names and words with a comma or an equals sign in them in quotes, such as {odd}." if odd else ""
        raise UserError(f"{error}{hint} Write {_example(codes)}.") from None


def _name_cells(source: str, names: Sequence[str], row: Mapping[str, Found]) -> dict[str, Found]:
    """Return a row's cells under the names of the run's columns."""
    table = hold_table(source, {name: [""] for name in names})
    return {table.find(name): cell for name, cell in row.items()}


def _encode_row(row: Row, codes: Sequence[ColumnCode]) -> Encoded:
    text = join_row(_write_cells(row))
    source = _name_row(text)
    names = [code.name for code in codes]
    row = _name_cells(source, names, row)
    given = _write_cells(row)
    table = hold_table(source, {name: [given.get(name, "")] for name in names})
    chunk = next(table.read(names, False))
    readings = {
        code.name: _read_typed(source, given.get(code.name, ""), code)
        if isinstance(row.get(code.name, ""), str)
        else None
        for code in codes
        if code.levels is None
    }
    features, usable = encode(source, chunk, codes, readings)
    if not usable[0]:
        absent = next(code.name for code in codes if not given.get(code.name))
        raise UserError(f'{source}: no value for "{absent}". Write {_example(codes)}.')
    return Encoded([text], features, usable)


def _name_row(text: str) -> str:
    return f'the row "{shorten(tidy(text), _LONGEST_SHOWN)}"'


def _write_cells(row: Row) -> dict[str, str]:
    return {name: cell if isinstance(cell, str) else repr(float(cell)) for name, cell in row.items()}


def _read_typed(source: str, cell: str, code: ColumnCode) -> Spelling | Dates | None:
    """Return how to read a typed number: as in the run's table, or as a plain number if that is unambiguous."""
    reading = code.reading
    if not isinstance(reading, Spelling) or not cell:
        return reading
    bare = replace(reading, before=(), after=(), scaled=False)  # the unit may be left out
    used = reading if np.isfinite(_read_one(reading, cell)) else bare
    written, plain = _read_one(used, cell), as_number(cell)
    if np.isfinite(written) and np.isfinite(plain) and written != plain and not reading.grouped:
        number = cell.lstrip("+-")
        raise UserError(
            f'{source}, column "{code.name}": "{cell}" can be {number.replace(".", "")} or {number.replace(".", ",")}, '
            "and the run has learned from numbers with a decimal comma. Write it so."
        )
    return used if np.isfinite(written) else None if np.isfinite(plain) else reading


def _read_one(reading: Spelling, cell: str) -> float:
    return float(reading.read(pa.array([cell.strip()]))[0])


def _example(codes: Sequence[ColumnCode]) -> str:
    return join_row({code.name: code.levels[0] if code.levels else "…" for code in codes})
