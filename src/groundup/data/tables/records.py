"""Delimited text as bytes, cut at the ends of rows: at line ends that are not inside quotes.

A quote opens where a cell begins and nowhere else, and closes at the next one that is not doubled, as pyarrow reads
them. In most files every second quote closes, which is checked for all of them at once; only where that fails are the
cells gone through one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from groundup.data.tables.table import RowError

# A cell that goes on for longer than this has most likely lost the quote that closes it.
LONGEST_ROW = 1 << 24
_LINE_END, _QUOTE = ord("\n"), ord('"')


class Stream(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to this many bytes, none at the end."""
        ...


@dataclass(frozen=True)
class Cut:
    """Where rows end in some bytes.

    Attributes
    ----------
    ends : array of int64
        Positions after the line ends that end a row.
    opened : int or None
        Where a quote opens that is not closed.
    torn : int or None
        Where a quote opens that is closed in another row, with text directly after it: the closing quote is missing.
    """

    ends: np.ndarray
    opened: int | None = None
    torn: int | None = None


def cut_rows(block: bytes, delimiters: bytes) -> Cut:
    """Find where rows end, in bytes that begin with a row."""
    letters = np.frombuffer(block, np.uint8)
    lines = np.flatnonzero(letters == _LINE_END)
    if b'"' not in block:
        return Cut(lines + 1)
    quotes = np.flatnonzero(letters == _QUOTE)
    if not _alternate(letters, quotes, delimiters):
        quotes = _pair_quotes(block, delimiters)
    before = np.searchsorted(quotes, lines)
    opened = int(quotes[-1]) if len(quotes) % 2 else None
    return Cut(lines[before % 2 == 0] + 1, opened, _find_torn(letters, quotes, before, delimiters))


def _find_torn(letters: np.ndarray, quotes: np.ndarray, before: np.ndarray, delimiters: bytes) -> int | None:
    """Return where the first cell opens that goes over a line end and has text after its closing quote."""
    inside = np.unique(before[before % 2 == 1])
    inside = inside[inside < len(quotes)]
    closing = quotes[inside]
    followers = letters[np.minimum(closing + 1, len(letters) - 1)]
    allowed = np.zeros(256, bool)
    allowed[[*delimiters, *b'\r\n" \t']] = True
    torn = inside[~allowed[followers] & (closing + 1 < len(letters))]
    return int(quotes[torn[0] - 1]) if len(torn) else None


def _alternate(letters: np.ndarray, quotes: np.ndarray, delimiters: bytes) -> bool:
    """Tell whether every second quote opens: at the beginning of a cell, or as the second of a doubled one."""
    opening = quotes[::2]
    begins = np.zeros(256, bool)
    begins[[*delimiters, _LINE_END, ord("\r")]] = True
    first = begins[letters[opening - 1]]
    first[0] |= opening[0] == 0
    first[1:] |= opening[1:] == quotes[1::2][: len(opening) - 1] + 1
    return bool(np.all(first))


def _pair_quotes(block: bytes, delimiters: bytes) -> np.ndarray:
    """Return where quotes open and close, by turns; the last may not close."""
    cell = re.compile(rb'(?<![^%s\r\n])"[^"]*+(?:""[^"]*+)*+("?)' % re.escape(delimiters))
    places = []
    for found in cell.finditer(block):
        places += [found.start(), found.end() - 1] if found[1] else [found.start()]
    return np.array(places, np.int64)


def read_rows(stream: Stream, size: int, delimiter: str, source: str, row: int) -> Iterator[tuple[bytes, int]]:
    """Yield whole rows, about ``size`` bytes of them at a time, and how many they are.

    Parameters
    ----------
    stream : Stream
        Stands where a row begins.
    size : int
        How much to read at a time.
    delimiter : str
        What stands between cells.
    source : str
        What messages call the table.
    row : int
        The number of the first row.

    Raises
    ------
    RowError
        A quote is opened and never closed.
    """
    held, count, rest = b"", 0, b""
    while block := stream.read(size):
        rest += block
        if b'"' in rest:
            cut = cut_rows(rest, delimiter.encode())
            end, rows = int(cut.ends[-1]) if len(cut.ends) else 0, len(cut.ends)
            if cut.torn is not None:
                raise lost_quote(source, row + count + int(np.searchsorted(cut.ends, cut.torn, "right")))
            if cut.opened is not None and len(rest) - end > LONGEST_ROW:
                raise lost_quote(source, row + count + rows)
        else:
            end = rest.rfind(b"\n") + 1
            rows = int(np.count_nonzero(np.frombuffer(rest, np.uint8)[:end] == _LINE_END))
        if end:
            if held:
                yield held, count
                row += count
            held, count, rest = rest[:end], rows, rest[end:]
    if rest:
        cut = cut_rows(rest, delimiter.encode())
        if cut.opened is not None or cut.torn is not None:
            raise lost_quote(source, row + count)
    if held or rest:
        yield held + rest, count + bool(rest)  # the last row may have no line end


def lost_quote(source: str, row: int) -> RowError:
    """Return the error for a row that never ends."""
    return RowError(
        f'{source}, row {row}: a quote (") opens a cell and is not closed. Add the closing quote, or remove this one.',
        row,
    )
