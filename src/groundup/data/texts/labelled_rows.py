"""Rows of a text and a label, from every kind of file that people keep them in.

Columns with commas, semicolons, tabs or bars; JSON, one object per line or a list of them; and fastText's lines, which
begin with ``__label__``. The kind is known by the suffix, or by the content where the suffix tells nothing.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

from groundup.base.errors import UserError
from groundup.base.json_faults import describe_json_error
from groundup.base.plain_text import shorten
from groundup.data.texts.column_names import (
    ColumnsNotFoundError,
    LooksLikeLabel,
    find_columns,
    look_like_names,
    on_one_line,
    repeats,
    show_cell,
)
from groundup.data.texts.fasttext_lines import is_fasttext, read_fasttext

JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
_DELIMITERS = ",;\t|"
_ABOUT_DELIMITERS = {
    ",": "A text with a comma in it must stand in quotes. ",
    ";": "A text with a semicolon in it must stand in quotes. ",
    "|": "A text with a bar in it must stand in quotes. ",
    "\t": "A text must not have a tab in it. ",
}
_LOOK_AT_ROWS, _LOOK_AT_LETTERS = 200, 1 << 20
_TELL_BY_ROWS = 1000


class Row(NamedTuple):
    """A text and its label as they are written, with the number of the line, or of the item in a list."""

    number: int
    text: str
    label: str


class Rows(NamedTuple):
    """The rows of a file.

    Attributes
    ----------
    rows : list of Row
        In their order.
    label_column : str or None
        The name of the column of labels, empty if labels are not in a column; ``None`` if columns have no names, so
        that the first row may be their names after all.
    note : str
        What the user should know: which columns were guessed.
    """

    rows: list[Row]
    label_column: str | None
    note: str = ""


class Cells(NamedTuple):
    """A row of columns and the number of its line."""

    number: int
    cells: Sequence[str]


def read_rows(
    text: str,
    name: str,
    text_column: str = "",
    label_column: str = "",
    looks_like_label: LooksLikeLabel = bool,
    suffix: str | None = None,
) -> Rows:
    """Read the rows of a file.

    Parameters
    ----------
    text : str
        Its content.
    name : str
        Its path, for messages.
    text_column, label_column : str
        Columns by their names, or by their numbers from 1 on; found where left empty.
    looks_like_label : callable
        Tells two columns without names apart.
    suffix : str, optional
        What its name ends in, where that is not the end of ``name``.

    Raises
    ------
    UserError
        A row or a column cannot be used; it is named.
    """
    suffix = PurePath(name).suffix.lower() if suffix is None else suffix
    if suffix in JSON_SUFFIXES or (suffix not in (".csv", ".tsv") and _begins_with_object(text)):
        records = list(_list_objects(text, name, suffix))
        return read_records(records, name, text_column, label_column, looks_like_label)
    if suffix not in (".csv", ".tsv") and is_fasttext(text):
        return Rows([Row(*found) for found in read_fasttext(text, name)], "")
    delimiter = "\t" if suffix in (".tsv", ".tab") else _choose_delimiter(text, looks_like_label)
    rows = list(_cut_at_tabs(text) if delimiter == "\t" and suffix != ".csv" else _cut_columns(text, name, delimiter))
    if not rows:
        raise UserError(f"{name}: no rows in it. It needs labelled texts, one a line.")
    return _choose_columns(rows, name, text_column, label_column, looks_like_label, delimiter)


def _choose_columns(
    rows: list[Cells],
    name: str,
    text_column: str,
    label_column: str,
    looks_like_label: LooksLikeLabel,
    delimiter: str,
) -> Rows:
    first = [on_one_line(cell).strip('"').strip() for cell in rows[0].cells]
    lowered = [cell.lower() for cell in first]
    wanted = [column for column in (text_column, label_column) if column]
    numbered = [column.isdecimal() for column in (text_column, label_column)]
    note = ""
    if any(numbered) and not all(column.lower() in lowered for column in wanted):
        if not all(numbered):
            raise UserError(f"{name}: say both columns by number: --set text_column=N --set label_column=N.")
        text_at, label_at = (_check_number(name, first, column) for column in (text_column, label_column))
        label = rows[0].cells[label_at]
        # A label of one's own occurs again, a column's name does not.
        again = any(len(row.cells) > label_at and row.cells[label_at] == label for row in rows[1:])
        named = not again and not looks_like_label(label)
    elif text_column or label_column or look_like_names(first, looks_like_label):

        def sample(place: int) -> list[str]:
            return [row.cells[place] for row in rows[1:] if len(row.cells) == len(first)]

        text_at, label_at, note = find_columns(name, first, text_column, label_column, sample, looks_like_label)
        named = True
    else:
        text_at, label_at = _infer_columns(name, rows, looks_like_label)
        named = False
    rows = rows[1:] if named else rows
    if not rows:
        raise UserError(f"{name}: no rows under the column names. It needs labelled texts, one a line.")
    found = []
    for number, cells in rows:
        if len(cells) != len(first):
            hint = _ABOUT_DELIMITERS.get(delimiter, "") if len(cells) > len(first) else ""
            raise UserError(
                f"{name}, row {number}: {len(cells)} column{'s' * (len(cells) != 1)} where {len(first)} belong. "
                f"{hint}Correct the row or leave it out."
            )
        found.append(Row(number, cells[text_at], cells[label_at]))
    return Rows(found, first[label_at] if named else None, note)


def _check_number(name: str, first: Sequence[str], column: str) -> int:
    if len(column) > 9 or not 1 <= int(column) <= len(first):
        raise UserError(f"{name}: no column {column[:12]}. Its columns are 1 to {len(first)}.")
    return int(column) - 1


def _infer_columns(name: str, rows: Sequence[Cells], looks_like_label: LooksLikeLabel) -> tuple[int, int]:
    """Return which of two nameless columns holds the texts and which the labels."""
    number, cells = rows[0]
    if len(cells) != 2:
        raise ColumnsNotFoundError(
            f"{name}, row {number}: {len(cells)} column{'s' * (len(cells) != 1)} without names where two belong, text "
            "and label.",
            "Separate them with a tab (.tsv), name the columns in the first line, or say which they are by number: "
            "--set text_column=N --set label_column=N.",
        )
    columns = [[row.cells[at].strip() for row in rows[:_TELL_BY_ROWS] if len(row.cells) == 2] for at in (0, 1)]
    # A column of labels has labels only; of two such, a number is no text, and texts differ more than labels.
    ranks = [
        (
            sum(map(looks_like_label, column)),
            sum(not any(map(str.isalpha, cell)) for cell in column),
            -len(set(column)),
        )
        for column in columns
    ]
    if ranks[0] == ranks[1] and ranks[0][0]:
        raise UserError(f"{name}: both columns could be labels. Name them in the first line, text and label.")
    if not ranks[0][0] and not ranks[1][0]:
        # Labels that are no words for good or bad, such as topics, occur again and again.
        return (1, 0) if repeats(columns[0]) and not repeats(columns[1]) else (0, 1)
    return (1, 0) if ranks[0] > ranks[1] and ranks[0][0] else (0, 1)


def _cut_at_tabs(text: str) -> Iterator[Cells]:
    # Tab-separated files quote nothing: a text may begin with a quotation mark.
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.strip():
            yield Cells(number, line.split("\t"))


def _cut_columns(text: str, name: str, delimiter: str) -> Iterator[Cells]:
    skipped, text = _skip_delimiter_line(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Cells(start + skipped, cells)
            start = reader.line_num + 1
    except csv.Error as error:
        reason = str(error)
        if "field larger" in reason or "unexpected end" in reason:
            reason += ": is a quotation mark in it never closed?"
        raise UserError(f"{name}, row {start + skipped}: {reason} Correct the row or leave it out.") from error


def _skip_delimiter_line(text: str) -> tuple[int, str]:
    """Return a text without the line by which spreadsheets note the delimiter, and how many lines that took."""
    line, _, rest = text.partition("\n")
    return (1, rest) if re.fullmatch(r'"?sep=."?\s*', line, re.I) else (0, text)


def _choose_delimiter(text: str, looks_like_label: LooksLikeLabel) -> str:
    """Return what separates the columns: what cuts the first rows alike, best with a label at one end."""
    if _skip_delimiter_line(text)[0]:
        return text.lstrip('"')[4]
    if len(text) > _LOOK_AT_LETTERS:
        text = text[:_LOOK_AT_LETTERS].rpartition("\n")[0] or text
    first = text.lstrip("\r\n").split("\n", 1)[0]

    def cut(delimiter: str) -> list[list[str]]:
        if delimiter == "\t":
            return [list(row.cells) for row in islice(_cut_at_tabs(text), _LOOK_AT_ROWS)]
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            return [cells for cells in islice(reader, _LOOK_AT_ROWS) if any(map(str.strip, cells))]
        except csv.Error:
            return []

    def rate(delimiter: str) -> tuple[float, float, bool, int]:
        rows = cut(delimiter)
        width, alike = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width < 2:
            return 0, 0, False, first.count(delimiter)
        labelled = sum(looks_like_label(cells[0]) or looks_like_label(cells[-1]) for cells in rows)
        named = any(repeats([cells[end] for cells in rows[1:]]) for end in (0, -1))
        return alike / len(rows), labelled / len(rows), named, first.count(delimiter)

    return max(_DELIMITERS, key=rate)


def _begins_with_object(text: str) -> bool:
    start = text.lstrip()
    if not start.startswith(("{", "[{", "[\n", "[\r")):
        return False
    try:
        return isinstance(json.loads(start.split("\n", 1)[0]), dict) or start.startswith("[")
    except (ValueError, RecursionError):
        return start.startswith("[")


def read_records(
    records: Sequence[tuple[int, dict[str, Any]]],
    name: str,
    text_column: str,
    label_column: str,
    looks_like_label: LooksLikeLabel = bool,
) -> Rows:
    """Take the text and the label out of numbered records, column → value; see `read_rows`."""
    if not records:
        raise UserError(f"{name}: no objects in it. It needs labelled texts, one a line.")
    names = [name for name in records[0][1] if name != "label_text" or all(name in record for _, record in records)]

    def sample(place: int) -> list[str]:
        return [_show_value(record.get(names[place])) for _, record in records[:_TELL_BY_ROWS]]

    columns = find_columns(name, names, text_column, label_column, sample, looks_like_label)
    text, label = names[columns.text], names[columns.label]
    rows = []
    for number, record in records:
        found = []
        for column, kind in ((text, "text"), (label, "label")):
            if column not in record:
                raise UserError(f'{name}, row {number}: no "{show_cell(column)}". Correct the row or leave it out.')
            found.append(_as_cell(name, number, column, kind, record[column]))
        rows.append(Row(number, *found))
    return Rows(rows, label, columns.note)


def _list_objects(text: str, name: str, suffix: str) -> Iterator[tuple[int, dict[str, Any]]]:
    items = None
    if suffix == ".json" or text.lstrip().startswith("["):
        try:
            items = _find_items(_parse(text, name, ""))
        except UserError:
            if text.lstrip().startswith("["):
                raise
    for number, record in enumerate(items, start=1) if items is not None else _parse_lines(text, name):
        if not isinstance(record, dict):
            raise UserError(f'{name}, row {number}: expected an object such as {{"text": "…", "label": 1}}.')
        yield number, record


def _find_items(whole: Any) -> list[Any]:
    """Return the rows of a JSON file that is one value: a list, an object with one, or columns as pandas has them."""
    if isinstance(whole, list):
        return whole
    values = list(whole.values()) if isinstance(whole, dict) else []
    lists = [value for value in values if isinstance(value, list) and value and isinstance(value[0], dict)]
    if len(lists) == 1:
        return lists[0]
    if values and all(isinstance(value, list) and len(value) == len(values[0]) for value in values):
        return [dict(zip(whole, cells, strict=True)) for cells in zip(*values, strict=True)]
    if values and all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values):
        return [{column: whole[column][row] for column in whole} for row in values[0]]
    return [whole]


def _parse_lines(text: str, name: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _parse(line, name, f", row {number}")


def _parse(text: str, name: str, place: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
        if twice:
            raise UserError(f'{name}{place}: "{show_cell(twice[0])}" is there twice. Correct it or leave it out.')
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        why = describe_json_error(error, lines=not place)
        remedy = "Correct the row or leave it out." if place else "Correct it."
        raise UserError(f"{name}{place}: not JSON ({why}). {remedy}") from error


def _as_cell(name: str, number: int, column: str, kind: str, value: Any) -> str:
    where = f'{name}, row {number}, column "{show_cell(column)}": the {kind}'
    if kind == "label" and isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]
    if isinstance(value, dict | list):
        shown = json.dumps(value, ensure_ascii=True)
        shown = shorten(shown, 40)
        raise UserError(f'{where} is {shown}. Write it as one text or number, such as "{column}": "…".')
    if value is None:
        raise UserError(f"{where} is missing (null). Correct the row or leave it out.")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise UserError(
                f"{where} has half of a pair (a lone surrogate) at character {error.start}, which UTF-8 cannot write. "
                "Correct the row or leave it out."
            ) from error
    return _show_value(value)


def _show_value(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
