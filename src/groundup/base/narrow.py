"""Tables and formulas on a narrow screen: nothing is cut, and no word is broken that fits into a line."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from rich.cells import cell_len


def choose_widths(columns: Sequence[Sequence[str]], width: int, gap: int = 2, readable: int = 0) -> list[int] | None:
    """Return how wide a table's columns may be, so that no word is broken; None if they do not fit beside each other.

    Parameters
    ----------
    columns : sequence of sequence of str
        The cells of each column, its heading among them.
    width : int
        Of the screen, in columns of letters.
    gap : int
        Between two columns.
    readable : int
        How wide a column of sentences must be at least.

    Examples
    --------
    >>> choose_widths([["a name"], ["a very long sentence about it"]], 26), choose_widths([["unbroken"] * 2] * 3, 20)
    ([6, 18], None)
    """
    whole = [max((cell_len(line) for cell in cells for line in cell.splitlines()), default=0) for cells in columns]
    words = [max((cell_len(word) for cell in cells for word in cell.split()), default=0) for cells in columns]
    least = [max(word, min(line, readable)) for word, line in zip(words, whole, strict=True)]
    room = width - gap * (len(columns) - 1)
    if sum(whole) <= room:
        return whole
    if sum(least) > room:
        return None
    # What is left goes to the columns in turn, as long as they can use it.
    left = room - sum(least)
    while left > 0:
        wanting = [place for place, line in enumerate(whole) if least[place] < line]
        share = max(1, left // len(wanting))
        for place in wanting[:left]:
            more = min(share, whole[place] - least[place])
            least[place] += more
            left -= more
    return least


def align(label: str, text: str) -> str:
    r"""Return a text behind a label, all of its lines under the first one.

    Examples
    --------
    >>> print(align("x = ", "[[1, 2],\n [3, 4]]"))
    x = [[1, 2],
         [3, 4]]
    """
    return label + text.replace("\n", "\n" + " " * len(label))


def fit_line(line: str, width: int) -> list[str]:
    """Return a line of a formula in lines that fit: remarks behind it come nearer first; what is left is indented.

    Examples
    --------
    >>> fit_line("y = x       of each", 19), fit_line("y = x       of each", 16), fit_line("y = x       of each", 10)
    (['y = x       of each'], ['y = x  of each'], ['y = x  of', '    each'])
    """
    if cell_len(line) <= width:
        return [line]
    nearer = re.sub(r"(?<=\S) {3,}", "  ", line)
    if cell_len(nearer) <= width:
        return [nearer]
    indent = " " * (len(nearer) - len(nearer.lstrip()))
    return textwrap.wrap(
        nearer, width, subsequent_indent=f"{indent}    ", break_long_words=False, break_on_hyphens=False
    )
