"""The layout of a delimited text: its separator, its header line, and the names of its columns.

Lines above the header are passed over: empty ones, a title, ``# comments`` and Excel's ``sep=;``. A file without a
header is refused, as its first row would be taken for the names of the columns.
"""

from __future__ import annotations

import csv
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from groundup.base.errors import UserError
from groundup.data.tables.quoting import unquote
from groundup.data.tables.records import LONGEST_ROW, cut_rows, lost_quote
from groundup.data.tables.table import MISSING, as_number, tidy

DELIMITERS = ",;\t|"
_NO_DELIMITER = "\x1f"
_BOM = b"\xef\xbb\xbf"
_LOOKED_AT, _ENOUGH_BYTES = 200, 1 << 18
_SEPARATOR = re.compile(rb'"?sep=([\x09\x20-\x7e])"?\r?\n', re.IGNORECASE)
_NUMBER = re.compile(r"\s*[-+−(]?[^\w\s]{0,3}\d[\d.,'’ \u00a0\u202f]*[^\d;|\t,]{0,6}\s*")
_MISSING = set(MISSING)
_LONGEST_NAME = 1000


# The limit is the whole process's: two threads at once would leave it changed.
_LIMIT = threading.Lock()


@dataclass(frozen=True)
class Layout:
    """How a delimited text is laid out.

    Attributes
    ----------
    delimiter : str
        What stands between its cells.
    names : list of str
        Its columns.
    start : int
        Bytes before the first row under the header.
    row : int
        The number of that row, as a spreadsheet counts.
    padded : bool
        Whether blanks stand between delimiters and quotes.
    """

    delimiter: str
    names: list[str]
    start: int
    row: int
    padded: bool = False


@dataclass(frozen=True)
class _Row:
    text: str
    end: int  # bytes before the next row

    def cut(self, delimiter: str, padded: bool = False) -> list[str]:
        with _LIMIT:
            allowed = csv.field_size_limit(LONGEST_ROW)
            try:
                return next(csv.reader([self.text], delimiter=delimiter, skipinitialspace=padded), [])
            except csv.Error:  # with this delimiter a line end stands outside quotes
                return [self.text]
            finally:
                csv.field_size_limit(allowed)


def find_layout(source: str, head: bytes, whole: bool, tabbed: bool, only: str | None = None) -> Layout | None:
    """Find the layout in the first bytes of a text; ``None`` if more of them are needed.

    Parameters
    ----------
    source : str
        What messages call the table.
    head : bytes
        The first bytes, UTF-8.
    whole : bool
        Whether these are all there are.
    tabbed : bool
        The file's name says that tabs stand between its cells.
    only : str, optional
        The name of a column that may be the only one.

    Raises
    ------
    UserError
        There is no header, or it cannot be used.
    """
    start = len(_BOM) if head.startswith(_BOM) else 0
    told = _SEPARATOR.match(head, start)
    if told:
        start = told.end()  # spreadsheets do not show this line, and do not count it
    rows = _first_rows(source, head, start, whole)
    if rows is None:
        return None
    delimiter = told[1].decode() if told else "\t" if tabbed else _choose_delimiter(rows)
    first = next((row for row in rows if row.text.strip()), None)
    if only is not None and first is not None and tidy(unquote(first.text)) == only:
        return Layout(_NO_DELIMITER, [only], first.end, rows.index(first) + 2)
    padded = _is_padded(rows, delimiter)
    cells = [row.cut(delimiter, padded) for row in rows]
    width = _usual_width(cells)
    if width < 2:
        raise UserError(
            f"{source}, row {_first_filled(cells) + 1}: only one column. A table needs a target and at least one "
            "feature, with commas, semicolons, tabs or bars between them, not blanks."
        )
    place, names = _find_header(cells, width)
    if "\ufffd" in rows[place].text:
        _refuse_bytes(source, head[rows[place - 1].end if place else start : rows[place].end], place + 1)
    below = [row for row in cells[place + 1 :] if any(map(str.strip, row))]
    names = _fit(names, below)
    _check_header(source, place + 1, names, below)
    if all(len(name) > 1 and name[0] == name[-1] == "'" for name in names):
        names = [name[1:-1] for name in names]
    names = [tidy(unquote(name)) or f"column {number}" for number, name in enumerate(names, start=1)]
    long = next((name for name in names if len(name) > _LONGEST_NAME), None)
    if long is not None:
        raise UserError(
            f'{source}, row {place + 1}: a name of {len(long):,} letters. Shorten it; is a quote (") missing?'
        )
    return Layout(delimiter, names, rows[place].end, place + 2, padded)


def _is_padded(rows: Sequence[_Row], delimiter: str) -> bool:
    """Tell whether quotes open after blanks, and nowhere directly after a delimiter."""
    if delimiter == "\t":
        return False
    padded, bare = (re.compile(re.escape(delimiter) + gap + '"') for gap in (" +", ""))
    return any(padded.search(row.text) for row in rows) and not any(bare.search(row.text) for row in rows)


def _first_rows(source: str, head: bytes, start: int, whole: bool) -> list[_Row] | None:
    """Return the first rows that are there whole."""
    body = head[start:]
    cut = cut_rows(body, DELIMITERS.encode())
    ends = cut.ends.tolist()
    if (cut.opened is not None and (whole or len(body) > LONGEST_ROW)) or cut.torn is not None:
        if not ends:
            raise lost_quote(source, 1)
    elif whole and (not ends or ends[-1] < len(body)):
        ends.append(len(body))
    if not whole and len(ends) < 3 and len(body) <= LONGEST_ROW:
        return None
    rows: list[_Row] = []
    before = 0
    for end in ends[:_LOOKED_AT]:
        if len(rows) > 2 and end > _ENOUGH_BYTES:
            break
        text = body[before:end].decode("utf-8", "replace").rstrip("\r\n")
        if not rows and "\r" in text and '"' not in text:
            raise UserError(
                f"{source}, row 1: lines end with a carriage return alone, as on old Macs. "
                "Save it with usual line ends."
            )
        rows.append(_Row(text, start + end))
        before = end
    return rows


def _choose_delimiter(rows: Sequence[_Row]) -> str:
    """Return the delimiter that cuts the most rows into equally many cells; of several, the one that leaves numbers."""
    scores = []
    for delimiter in DELIMITERS:
        cells = [row.cut(delimiter) for row in rows if row.text.strip()]
        width = _usual_width(cells)
        fitting = [row for row in cells if len(row) == width > 1]
        below = [cell for row in fitting[1:] for cell in row]
        numbers = sum(_NUMBER.fullmatch(cell) is not None for cell in below)
        scores.append((len(fitting) / max(1, len(cells)), numbers / max(1, len(below)), width))
    return DELIMITERS[max(range(len(scores)), key=lambda place: scores[place])]


def _usual_width(cells: Iterable[Sequence[str]]) -> int:
    """Return how many cells most rows have; of counts equally frequent the largest."""
    counts = Counter(len(row) for row in cells if any(map(str.strip, row)))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _first_filled(cells: Sequence[Sequence[str]]) -> int:
    return next((place for place, row in enumerate(cells) if any(map(str.strip, row))), 0)


def _find_header(cells: Sequence[Sequence[str]], width: int) -> tuple[int, list[str]]:
    """Return which row is the header, and the names in it."""
    comment = None
    for place, row in enumerate(cells):
        filled = [cell for cell in row if cell.strip()]
        if not filled:
            continue
        if row[0].lstrip().startswith("#"):
            comment = place
            continue
        title = (
            2 * len(filled) <= width if len(row) < width else len(filled) == 1 and width > 2 and bool(row[0].strip())
        )
        if title and place + 1 < len(cells):
            continue
        # The names may stand in a comment, as NumPy writes them: then the row below holds numbers.
        if comment is not None and len(cells[comment]) == len(row) and any(map(_is_number, row)):
            return comment, _bare_comment(cells[comment])
        return place, list(row)
    if comment is None:
        return 0, list(cells[0])
    return comment, _bare_comment(cells[comment])


def _bare_comment(row: Sequence[str]) -> list[str]:
    return [row[0].lstrip("# ") or "#", *row[1:]]


def _fit(names: list[str], below: Sequence[Sequence[str]]) -> list[str]:
    """Return as many names as the rows have cells, where one is lacking or too many for a known reason."""
    width = _usual_width(below)
    rows = [row for row in below if len(row) == width]
    if len(names) == width + 1 and not names[-1].strip():
        return names[:-1]
    if len(names) != width - 1 or not rows:
        return names
    if not any(row[-1].strip() for row in rows):  # every row ends in a delimiter, the header does not
        return [*names, ""]
    first = [row[0].strip() for row in rows]
    counted = first[0] in ("0", "1") and first == [str(int(first[0]) + place) for place in range(len(first))]
    different = len(set(first)) == len(first) and not any(map(_is_number, first))
    # R gives the column of row names no name.
    return ["", *names] if counted or different else names


def _check_header(source: str, row: int, names: Sequence[str], below: Sequence[Sequence[str]]) -> None:
    """Refuse a first row of values."""
    if names and _are_numbers(names):
        raise UserError(f"{source}, row {row}: holds numbers where column names belong. Add a header line on top.")
    columns = [[cells[place].strip() for cells in below if len(cells) > place] for place in range(len(names))]
    numbers = [place for place, name in enumerate(names) if _is_number(name)]
    years, even = _count_up([as_number(names[place].strip()) for place in numbers])
    values = [place for place in numbers if _is_value(names[place], columns[place], years)]
    values = [] if (years or even) and len(values) < len(numbers) else values
    blanks = [name.split() for name in names]
    values += [place for place, found in enumerate(blanks) if len(found) > 2 and _are_numbers(found)]
    if values:
        raise UserError(
            f'{source}, row {row}: "{tidy(names[values[0]])}" looks like a value of its column, not like its name. Add '
            "a header line on top, or put a letter into the name."
        )
    for place, name in enumerate(names):
        counts = Counter(cell for cell in columns[place] if cell not in _MISSING)
        own = counts[name.strip()]
        if name.strip() and len(counts) > 1 and own >= max(2, 0.1 * counts.total()) and not _is_number(name):
            raise UserError(
                f'{source}, row {row}: "{tidy(name)}" is a frequent word of its column (in {own} of the next '
                f"{len(columns[place])} rows), so this row may hold values. Add a header line on top, or rename the "
                "column."
            )


def _count_up(numbers: Sequence[float]) -> tuple[bool, bool]:
    """Tell whether numbers may be names: years one after the other, or three and more whole ones, evenly spaced."""
    if len(numbers) < 2 or not all(map(float.is_integer, numbers)):
        return False, False
    steps = np.diff(numbers)
    years = min(numbers) >= 1500 and max(numbers) <= 2200 and bool(np.all(steps > 0) or np.all(steps < 0))
    return years, len(numbers) > 2 and bool(np.all(steps == steps[0]) and steps[0] != 0)


def _is_value(name: str, column: Sequence[str], year: bool) -> bool:
    """Tell whether a number above a column of numbers is like them: a year, no whole one, or whole and among them."""
    present = [cell for cell in column if cell not in _MISSING]
    values = np.array([as_number(cell) for cell in present if _is_number(cell)])
    number = as_number(name.strip())
    if not len(values) or 2 * len(values) < len(present):
        return False
    if year:
        return bool(np.mean((values >= 1500) & (values <= 2200)) > 0.5)
    whole = bool(np.mean(values == np.rint(values)) > 0.5)
    return not float.is_integer(number) or (whole and bool(values.min() <= number <= values.max()))


def _are_numbers(texts: Iterable[str]) -> bool:
    return all(map(_is_number, texts))


def _is_number(text: str) -> bool:
    return bool(text.strip()) and bool(np.isfinite(as_number(text.strip())))


def _refuse_bytes(source: str, line: bytes, row: int) -> None:
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{source}, row {row}: not UTF-8 (byte {error.start}). Save the file as UTF-8.") from error
