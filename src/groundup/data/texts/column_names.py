"""Which column of a table holds the texts, and which the labels: told by their names, else by what is in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten

TEXT_COLUMNS = (
    "sentence", "text", "review", "content", "comment", "message", "body", "tweet", "phrase",
    "reviewtext", "review_text", "review_body", "verified_reviews", "tweet_text", "clean_text", "reviews", "title",
    "headline", "description", "utterance", "document", "sms", "question", "post", "email",
)  # fmt: skip
LABEL_COLUMNS = (
    "label_text", "label", "sentiment", "class", "target", "polarity", "category", "y",
    "labels", "stars", "star", "rating", "star_rating", "overall", "score", "airline_sentiment", "feedback",
)  # fmt: skip
# A word in a longer name that tells what a column is, and words that tell that it is about another column.
_TEXT_WORDS = {"text", "review", "sentence", "tweet", "comment", "message", "content", "headline"}
_LABEL_WORDS = {"label", "sentiment", "polarity", "class", "category", "rating", "stars", "emotion", "topic", "intent"}
_ABOUT_OTHERS = {
    "id", "ids", "confidence", "gold", "reason", "count", "number", "date", "time", "timestamp", "url", "link",
    "author", "user", "by", "probability", "length", "title", "helpful", "votes", "source", "language", "lang",
    "name", "index",
}  # fmt: skip
_LONGEST_NAME, _LONGEST_LABEL = 40, 40
_LOOK_AT_ROWS, _FEWEST_ROWS, _LEAST_REPEATS = 1000, 8, 4

# Tells whether a cell can be a label.
LooksLikeLabel = Callable[[str], bool]


class Columns(NamedTuple):
    """Where the texts and the labels are, and what to tell the user where that was guessed."""

    text: int
    label: int
    note: str = ""


def show_cell(text: str, longest: int = 40) -> str:
    """Return a cell or a name as it can be shown: on one line, not too long, control signs written out.

    Examples
    --------
    >>> len(show_cell("a" + chr(27) + "b"))
    6
    """
    line = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in line)
    return shorten(shown, longest)


def on_one_line(text: str) -> str:
    """Return a name without line ends, and with single spaces."""
    return " ".join(text.split())


def look_like_names(cells: Sequence[str], looks_like_label: LooksLikeLabel) -> bool:
    """Tell whether a first row names the columns: one cell is a usual name, or is written as programs write names."""
    lowered = {on_one_line(cell).lower() for cell in cells}
    if {*TEXT_COLUMNS, *LABEL_COLUMNS} & lowered:
        return True
    if any(looks_like_label(cell) or len(cell) > _LONGEST_NAME for cell in cells):
        return False
    return any(_split_name(cell) & (_TEXT_WORDS | _LABEL_WORDS) and _is_written_as_name(cell) for cell in cells)


class ColumnsNotFoundError(UserError):
    """The columns of texts and labels are not certain.

    Attributes
    ----------
    fault : str
        Why.
    """

    def __init__(self, fault: str, remedy: str) -> None:
        super().__init__(f"{fault} {remedy}")
        self.fault = fault


def find_columns(
    name: str,
    names: Sequence[str],
    text_column: str,
    label_column: str,
    sample: Callable[[int], Sequence[str]],
    looks_like_label: LooksLikeLabel,
) -> Columns:
    """Return which of the named columns hold the texts and the labels.

    Parameters
    ----------
    name : str
        The file, for messages.
    names : sequence of str
        The columns' names.
    text_column, label_column : str
        What the user calls them; found where left empty.
    sample : callable
        The cells of a column.
    looks_like_label : callable
        Tells whether a cell can be a label.

    Raises
    ------
    UserError
        A column is not there, is there twice, or cannot be found with certainty.
    """
    names = [on_one_line(one) for one in names]
    text = _find_one(name, names, text_column, TEXT_COLUMNS, _TEXT_WORDS)
    label = _find_one(name, names, label_column, LABEL_COLUMNS, _LABEL_WORDS)
    if text is not None and text == label:
        text, label = (text, None) if names[text].lower() in TEXT_COLUMNS else (None, label)
    guessed = []
    if label is None and text is not None and len(names) == 2:
        cells = sample(1 - text)[:_LOOK_AT_ROWS]
        if len(set(cells)) > 1 and (all(map(looks_like_label, cells)) or repeats(cells)):
            label = 1 - text
    if text is None and label is not None and len(names) == 2:
        cells = sample(1 - label)[:_LOOK_AT_ROWS]
        if sum(len(cell.split()) > 1 for cell in cells) * 2 > len(cells) and not repeats(cells):
            text = 1 - label
    for place, kind, usual in ((text, "text", TEXT_COLUMNS), (label, "label", LABEL_COLUMNS)):
        if place is None:
            listed = ", ".join(map(show_cell, names[:20])) + (", …" if len(names) > 20 else "")
            raise ColumnsNotFoundError(
                f"{name}: no {kind} column found among {listed}.", f"Name it with --set {kind}_column=NAME."
            )
        if not (text_column if kind == "text" else label_column) and names[place].lower() not in usual:
            guessed.append(f'{kind}s are taken from the column "{show_cell(names[place])}"')
    assert text is not None
    assert label is not None
    note = f"{name}: {' and '.join(guessed)} (--set text_column=… and label_column=… name others)." if guessed else ""
    return Columns(text, label, note)


def _find_one(name: str, names: Sequence[str], wanted: str, usual: Sequence[str], words: set[str]) -> int | None:
    lowered = [one.lower() for one in names]
    found = on_one_line(wanted).lower() if wanted else next((one for one in usual if one in lowered), None)
    if found is not None:
        if found not in lowered:
            listed = ", ".join(map(show_cell, names[:20])) + (", …" if len(names) > 20 else "")
            raise UserError(f'{name}: no column "{show_cell(wanted)}". The columns are {listed}.')
        if lowered.count(found) > 1:
            raise UserError(
                f'{name}: {lowered.count(found)} columns are called "{show_cell(found)}". Give each a name of its own.'
            )
        return lowered.index(found)
    parts = [_split_name(one) for one in names]
    meant = [place for place, part in enumerate(parts) if part & words and not part & _ABOUT_OTHERS]
    return meant[0] if len(meant) == 1 else None


def repeats(cells: Sequence[str]) -> bool:
    """Tell whether short cells occur again and again, as names of classes do.

    Examples
    --------
    >>> repeats(["sport", "tech"] * 8), repeats(["one text", "and another"])
    (True, False)
    """
    counts = Counter(cell.strip() for cell in cells)
    enough = len(cells) >= max(_FEWEST_ROWS, _LEAST_REPEATS * len(counts))
    return enough and len(counts) > 1 and all(0 < len(cell) <= _LONGEST_LABEL for cell in counts)


def speaks_of_kinds(column: str) -> bool:
    """Tell whether a column's name speaks of kinds rather than of better and worse.

    Examples
    --------
    >>> [speaks_of_kinds(column) for column in ("Class Index", "category_id", "stars", "label")]
    [True, True, False, False]
    """
    return bool(_split_name(column) & {"class", "category", "topic", "index", "emotion", "intent", "genre", "type"})


def speaks_of_rating(column: str) -> bool:
    """Tell whether a column's name speaks of better and worse."""
    words = {"star", "stars", "rating", "ratings", "score", "overall", "sentiment", "polarity", "grade", "rank"}
    return bool(_split_name(column) & words)


def _split_name(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return {word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word}


def _is_written_as_name(cell: str) -> bool:
    words = cell.split()
    return len(words) <= 3 and (all(word[0].isupper() for word in words) or (len(words) == 1 and "_" in cell))
