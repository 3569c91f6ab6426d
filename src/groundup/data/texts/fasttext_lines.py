"""fastText's lines: a text with its label, ``__label__positive what a day``, in front as a rule or at the end."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice

from groundup.base.errors import UserError

FASTTEXT = "__label__"
_LOOK_AT_LINES = 200
_SHOWN = 4


def is_fasttext(text: str) -> bool:
    """Tell whether at least half of the first lines begin or end with a label."""
    lines = [line.strip("\ufeff \t\r\n") for line in islice(io.StringIO(text), _LOOK_AT_LINES) if line.strip()]
    return 0 < len(lines) <= 2 * sum(_find_end(line) is not None for line in lines)


def read_fasttext(text: str, name: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number, the text and the label of each line.

    Raises
    ------
    UserError
        A line has no label, or more than one.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.strip("\ufeff \t\r\n")
        if not line:
            continue
        labels = [word.rstrip(",") for word in line.split() if word.startswith(FASTTEXT)]
        if len(labels) > 1:
            shown = ", ".join(label.removeprefix(FASTTEXT)[:20] for label in labels[:_SHOWN])
            raise UserError(
                f"{name}, row {number}: more than one label ({ascii(shown)[1:-1]}). One label per text can be learned. "
                "Keep one, or leave the row out."
            )
        if (end := _find_end(line)) is None:
            raise UserError(
                f"{name}, row {number}: no {FASTTEXT} in front or at the end. Correct the row or leave it out."
            )
        label, words = end
        yield number, words.removeprefix(", "), label.rstrip(",")


def _find_end(line: str) -> tuple[str, str] | None:
    """Return the label at either end of a line, and the rest."""
    label, *rest = line.split(None, 1) or [""]
    if label.startswith(FASTTEXT):
        return label, rest[0] if rest else ""
    *rest, label = line.rsplit(None, 1) or [""]
    return (label, rest[0] if rest else "") if label.startswith(FASTTEXT) else None
