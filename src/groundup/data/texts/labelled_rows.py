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
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import Any, NamedTuple

from groundup.base.errors import UserError

TEXT_COLUMNS = (
    "sentence", "text", "review", "content", "comment", "message", "body", "tweet", "phrase",
    "reviewtext", "review_text", "review_body", "verified_reviews", "tweet_text", "clean_text", "reviews", "title",
)  # fmt: skip
LABEL_COLUMNS = (
    "label", "sentiment", "class", "target", "polarity", "category", "y",
    "labels", "stars", "star", "rating", "star_rating", "overall", "score", "airline_sentiment", "feedback",
)  # fmt: skip
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
FASTTEXT = "__label__"
_DELIMITERS = ",;\t|"
_LOOK_AT_ROWS, _LOOK_AT_LETTERS = 200, 1 << 20
_TELL_BY_ROWS = 1000

# Tells whether a cell can be a label.
LooksLikeLabel = Callable[[str], bool]


class Row(NamedTuple):
    """A text and its label as they are written, with the number of the line, or of the item in a list."""

    number: int
    text: str
    label: str


class Cells(NamedTuple):
    """A row of columns and the number of its line."""

    number: int
    cells: Sequence[str]


def read_rows(
    text: str, name: str, text_column: str = "", label_column: str = "", looks_like_label: LooksLikeLabel = bool
) -> tuple[list[Row], bool]:
    """Read the rows of a file.

    Parameters
    ----------
    text : str
        Its content.
    name : str
        Its path, for its suffix and for messages.
    text_column, label_column : str
        Columns by their names, or by their numbers from 1 on; found where left empty.
    looks_like_label : callable
        Tells two columns without names apart.

    Returns
    -------
    list of Row
    bool
        Whether the columns have names.

    Raises
    ------
    UserError
        A row or a column cannot be used; it is named.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in JSON_SUFFIXES or (suffix not in (".csv", ".tsv") and _begins_with_object(text)):
        return _read_objects(text, name, text_column, label_column), True
    if suffix not in (".csv", ".tsv") and _is_fasttext(text):
        return list(_read_fasttext(text, name)), True
    delimiter = "\t" if suffix in (".tsv", ".tab") else _choose_delimiter(text, looks_like_label)
    rows = list(_cut_at_tabs(text) if delimiter == "\t" and suffix != ".csv" else _cut_columns(text, name, delimiter))
    if not rows:
        raise UserError(f"{name}: no rows in it. It needs labelled texts, one a line.")
    return _choose_columns(rows, name, text_column, label_column, looks_like_label)


def _choose_columns(
    rows: list[Cells], name: str, text_column: str, label_column: str, looks_like_label: LooksLikeLabel
) -> tuple[list[Row], bool]:
    first = [_on_one_line(cell).strip('"').strip() for cell in rows[0].cells]
    lowered = [cell.lower() for cell in first]
    wanted = [column for column in (text_column, label_column) if column]
    numbered = [column.isdecimal() for column in (text_column, label_column)]
    if any(numbered) and not all(column.lower() in lowered for column in wanted):
        if not all(numbered):
            raise UserError(f"{name}: say both columns by number: --set text_column=N --set label_column=N.")
        text_at, label_at = (_check_number(name, first, column) for column in (text_column, label_column))
        named = not looks_like_label(rows[0].cells[label_at])
    elif text_column or label_column or {*TEXT_COLUMNS, *LABEL_COLUMNS} & set(lowered):
        text_at = _find_column(name, first, text_column, TEXT_COLUMNS, "text")
        label_at = _find_column(name, first, label_column, LABEL_COLUMNS, "label")
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
            raise UserError(
                f"{name}, row {number}: {len(cells)} column{'s' * (len(cells) != 1)} where {len(first)} belong. "
                "Correct the row or leave it out."
            )
        found.append(Row(number, cells[text_at], cells[label_at]))
    return found, named


def _find_column(name: str, names: Sequence[str], wanted: str, usual: Sequence[str], kind: str) -> int:
    names = [_on_one_line(one) for one in names]
    lowered = [one.lower() for one in names]
    found = _on_one_line(wanted).lower() if wanted else next((one for one in usual if one in lowered), None)
    listed = ", ".join(map(show_cell, names[:20])) + (", …" if len(names) > 20 else "")
    if found is None:
        raise UserError(f"{name}: no {kind} column found among {listed}. Name it with --set {kind}_column=NAME.")
    if found not in lowered:
        raise UserError(f'{name}: no column "{show_cell(wanted)}". The columns are {listed}.')
    if lowered.count(found) > 1:
        raise UserError(
            f'{name}: {lowered.count(found)} columns are called "{show_cell(found)}". Give each a name of its own.'
        )
    return lowered.index(found)


def show_cell(text: str, longest: int = 40) -> str:
    """Return a cell or a name as it can be shown: on one line, not too long, control signs written out.

    Examples
    --------
    >>> len(show_cell("a" + chr(27) + "b"))
    6
    """
    line = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _check_number(name: str, first: Sequence[str], column: str) -> int:
    if len(column) > 9 or not 1 <= int(column) <= len(first):
        raise UserError(f"{name}: no column {column[:12]}. Its columns are 1 to {len(first)}.")
    return int(column) - 1


def _infer_columns(name: str, rows: Sequence[Cells], looks_like_label: LooksLikeLabel) -> tuple[int, int]:
    """Return which of two nameless columns holds the texts and which the labels."""
    number, cells = rows[0]
    if len(cells) != 2:
        raise UserError(
            f"{name}, row {number}: {len(cells)} column{'s' * (len(cells) != 1)} without names where two belong, text "
            "and label. Separate them with a tab (.tsv), name the columns in the first line, or say which they are by "
            "number: --set text_column=N --set label_column=N."
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

    def rate(delimiter: str) -> tuple[float, float, int]:
        rows = cut(delimiter)
        width, alike = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width < 2:
            return 0, 0, first.count(delimiter)
        labelled = sum(looks_like_label(cells[0]) or looks_like_label(cells[-1]) for cells in rows)
        return alike / len(rows), labelled / len(rows), first.count(delimiter)

    return max(_DELIMITERS, key=rate)


def _is_fasttext(text: str) -> bool:
    lines = [line for line in islice(io.StringIO(text), _LOOK_AT_ROWS) if line.strip()]
    return bool(lines) and all(line.lstrip("\ufeff ").startswith(FASTTEXT) for line in lines)


def _read_fasttext(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        label, *rest = line.strip().split(None, 1)
        words = rest[0] if rest else ""
        if not label.startswith(FASTTEXT):
            raise UserError(f"{name}, row {number}: no {FASTTEXT} in front. Correct the row or leave it out.")
        if words.startswith(FASTTEXT):
            raise UserError(f"{name}, row {number}: more than one label. Keep one a line, or leave the row out.")
        yield Row(number, words.removeprefix(", "), label.rstrip(","))


def _begins_with_object(text: str) -> bool:
    start = text.lstrip()
    if not start.startswith(("{", "[{", "[\n", "[\r")):
        return False
    try:
        return isinstance(json.loads(start.split("\n", 1)[0]), dict) or start.startswith("[")
    except (ValueError, RecursionError):
        return start.startswith("[")


def _read_objects(text: str, name: str, text_column: str, label_column: str) -> list[Row]:
    records = list(_list_objects(text, name))
    if not records:
        raise UserError(f"{name}: no objects in it. It needs labelled texts, one a line.")
    names = list(records[0][1])
    columns = (
        names[_find_column(name, names, text_column, TEXT_COLUMNS, "text")],
        names[_find_column(name, names, label_column, LABEL_COLUMNS, "label")],
    )
    rows = []
    for number, record in records:
        found = []
        for column, kind in zip(columns, ("text", "label"), strict=True):
            if column not in record:
                raise UserError(f'{name}, row {number}: no "{show_cell(column)}". Correct the row or leave it out.')
            found.append(_as_cell(name, number, column, kind, record[column]))
        rows.append(Row(number, *found))
    return rows


def _list_objects(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    items = None
    if PurePath(name).suffix.lower() == ".json" or text.lstrip().startswith("["):
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
        raise UserError(f"{name}{place}: not JSON ({error}). Correct the row or leave it out.") from error


def _as_cell(name: str, number: int, column: str, kind: str, value: Any) -> str:
    where = f'{name}, row {number}, column "{show_cell(column)}": the {kind}'
    if isinstance(value, dict | list):
        shown = json.dumps(value, ensure_ascii=True)
        shown = shown if len(shown) <= 40 else shown[:37] + "..."
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
    return str(value).lower() if isinstance(value, bool) else str(value)
