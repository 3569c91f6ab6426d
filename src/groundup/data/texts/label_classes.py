"""From labels to classes: positive and negative, neutral between them, or every label a class of its own.

Certain readings are taken, and told; where two are possible, the user is asked (`UnknownLabel`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from groundup.data.texts.column_names import show_cell, speaks_of_kinds, speaks_of_rating
from groundup.data.texts.sentiment_labels import (
    BINARY,
    EACH,
    SIGNS,
    STARS,
    Label,
    Mapping,
    Meaning,
    Scale,
    UnknownLabel,
    parse_label,
    read_labels,
)

NEGATIVE, NEUTRAL, POSITIVE = "negative", "neutral", "positive"
TWO = (NEGATIVE, POSITIVE)
THREE = (NEGATIVE, NEUTRAL, POSITIVE)
MOST_CLASSES = 100
_FEWEST_TEXTS = 2
_SHOWN = 8


@dataclass(frozen=True)
class Classes:
    """What the labels of some data are.

    Attributes
    ----------
    names : tuple of str
        The classes; `TWO` where only positive and negative are told apart.
    places : list of int or None
        Each text's class, as its place in ``names``; ``None`` if the text is left out. Of `TWO`, a bool.
    scale : Scale or None
        The scale of their numbers.
    told : str
        What the user should know, or nothing.
    """

    names: tuple[str, ...]
    places: list[int | None]
    scale: Scale | None = None
    told: str = ""


def find_classes(
    cells: Sequence[str], mapping: Mapping, known_scale: str = "", known: Sequence[str] = (), column: str = ""
) -> Classes:
    """Return the classes of labels.

    Parameters
    ----------
    cells : sequence of str
        All labels of the data, as they are written.
    mapping : Mapping
        What the user says of them.
    known_scale : str
        The name of a scale to take where it fits: that of the data a run was trained on.
    known : sequence of str
        The classes of the run that the data is for; of a new run none.
    column : str
        The name of the labels' column.

    Raises
    ------
    UnknownLabel
        A label is not understood, or is none of the known classes.

    Examples
    --------
    >>> find_classes(["sport", "tech", "Tech", "tech", "sport"], Mapping({})).names
    ('sport', 'tech')
    """
    known = tuple(known)
    if known == TWO:
        return _read_two(cells, mapping, known_scale)
    parsed = {cell: parse_label(cell) for cell in dict.fromkeys(cells)}
    if known and known != THREE:
        return _place(cells, parsed, mapping, known)
    if not known and (mapping.whole == EACH or _are_topics(cells, parsed, mapping)):
        return _take_each(cells, parsed, mapping)
    try:
        two = _read_two(cells, mapping, known_scale)
    except UnknownLabel as unknown:
        raise UnknownLabel(unknown.place, _name_classes(known) if known else unknown.remedy) from None
    if not known and not known_scale and mapping.whole != STARS:
        _ask_what_numbers_are(cells, parsed, mapping, two.scale, column)
    neutral = {
        cell
        for cell, label in parsed.items()
        if label.key in mapping.neutral
        or (label.key not in mapping and (label.is_neutral or (two.scale is SIGNS and label.number == 0)))
    }
    places = [
        1 if cell in neutral else None if place is None else 2 * place
        for cell, place in zip(cells, two.places, strict=True)
    ]
    counts = Counter(places)
    if not known and (counts[1] < _FEWEST_TEXTS or not counts[0] or not counts[2]):
        return two
    told = f"{_count(THREE, places)} (--set labels={_leave_out(neutral, parsed, two.scale)} leaves neutral texts out)"
    return Classes(THREE, places, two.scale, two.told if known else told)


def _read_two(cells: Sequence[str], mapping: Mapping, known_scale: str) -> Classes:
    meanings, scale = read_labels(cells, mapping.meanings, known_scale)
    told = f"{scale.said} (--set labels=… says otherwise)" if scale not in (None, BINARY) and scale else ""
    return Classes(TWO, list(meanings), scale, told)


def _are_topics(cells: Sequence[str], parsed: dict[str, Label], mapping: Mapping) -> bool:
    """Tell whether labels, but those to leave out, are words that say nothing of good or bad, each there repeatedly.

    Raises
    ------
    UnknownLabel
        Two or more are there repeatedly, and one is not: it may be misspelled.
    """
    asked = {cell: label for cell, label in parsed.items() if label.key not in mapping}
    if mapping.whole or mapping.neutral or not set(mapping.meanings.values()) <= {None}:
        return False
    counts = Counter(asked[cell].key for cell in cells if cell in asked)
    words = all(label.number is None and not label.is_word and _is_short(label.text) for label in asked.values())
    repeated = [key for key, count in counts.items() if count >= _FEWEST_TEXTS]
    if not words or len(repeated) < 2 or len(counts) > MOST_CLASSES:
        return False
    if (rare := next((cell for cell in cells if cell in asked and asked[cell].key not in repeated), None)) is not None:
        raise UnknownLabel(
            cells.index(rare),
            f"It occurs once, others again and again. Correct it, add texts, or leave it out: "
            f'--set labels="{show_cell(parsed[rare].key)}=none".',
        )
    return True


def _is_short(text: str) -> bool:
    return len(text) <= 60 and len(text.split()) <= 6 and text.isprintable()


def _take_each(cells: Sequence[str], parsed: dict[str, Label], mapping: Mapping) -> Classes:
    kept = {cell: label for cell, label in parsed.items() if label.key not in mapping}
    spellings: dict[str, Counter[str]] = {}
    for cell in cells:
        if cell in kept:
            shown = _shorten(cell) if kept[cell].number is None else kept[cell].key
            spellings.setdefault(kept[cell].key, Counter())[shown] += 1
    if len(spellings) > MOST_CLASSES:
        raise UnknownLabel(0, f"{len(spellings)} different labels are too many: at most {MOST_CLASSES} classes.")
    order = sorted(spellings, key=lambda key: (not _is_number(key), float(key) if _is_number(key) else 0, key))
    names = tuple(spellings[key].most_common(1)[0][0] for key in order)
    at = {key: place for place, key in enumerate(order)}
    places = [at[kept[cell].key] if cell in kept else None for cell in cells]
    return Classes(names, places, told=_count(names, places))


def _place(cells: Sequence[str], parsed: dict[str, Label], mapping: Mapping, known: tuple[str, ...]) -> Classes:
    at = {parse_label(name).key: place for place, name in enumerate(known)}
    for number, cell in enumerate(cells):
        if (key := parsed[cell].key) not in at and key not in mapping:
            raise UnknownLabel(number, _name_classes(known))
    return Classes(known, [at.get(parsed[cell].key) for cell in cells])


def _name_classes(known: Sequence[str]) -> str:
    listed = ", ".join(show_cell(name) for name in known[:_SHOWN]) + (", …" if len(known) > _SHOWN else "")
    return f"The run's classes are {listed}. Correct the label or leave the row out."


def _ask_what_numbers_are(
    cells: Sequence[str], parsed: dict[str, Label], mapping: Mapping, scale: Scale | None, column: str
) -> None:
    """Raise `UnknownLabel` if numbers that fit a scale may just as well be numbers of topics."""
    asked = {cell: label for cell, label in parsed.items() if label.number is not None and label.key not in mapping}
    numbers = {label.number for label in asked.values()}
    if scale is None or len(numbers) < 3 or min(number or 0 for number in numbers) < 0:
        return
    if any(label.rated_of for label in asked.values()) or speaks_of_rating(column):
        return
    # Four topics are often numbered like this; four stars of five, or SST's 0 to 4, mostly go up to the last.
    if speaks_of_kinds(column) or numbers in ({0, 1, 2, 3}, {1, 2, 3, 4}):
        raise UnknownLabel(
            cells.index(next(iter(asked))),
            f"Are {', '.join(f'{number:g}' for number in sorted(n for n in numbers if n is not None))} numbers of "
            f"classes (--set labels={EACH}), or do higher numbers mean better (--set labels={STARS})?",
        )


def _count(names: Sequence[str], places: Iterable[int | None]) -> str:
    counts = Counter(places)
    shown = ", ".join(f"{show_cell(name)} ({counts[place]})" for place, name in enumerate(names[:_SHOWN]))
    return f"{len(names)} classes: {shown}" + (", …" if len(names) > _SHOWN else "")


def _leave_out(neutral: set[str], parsed: dict[str, Label], scale: Scale | None) -> str:
    """Return the setting that leaves neutral texts out: where a number is named, all must be."""
    keys = sorted({parsed[cell].key for cell in neutral})
    numbers = sorted({label.number for label in parsed.values() if label.number is not None}) if scale else []
    if not any(parsed[cell].number is not None for cell in neutral) or scale is None:
        return ",".join(f"{key}=none" for key in keys)
    meant: dict[Meaning, str] = {True: "1", False: "0", None: "none"}
    return ",".join(f"{number:g}={meant[scale.judge(number)]}" for number in numbers)


def _shorten(cell: str) -> str:
    """Return a label as it is shown and kept: without what programs put around it."""
    text = " ".join(cell.replace("\ufeff", "").replace("\u200b", "").split()).strip("\"'“”").strip()
    return (text[9:] if text.casefold().startswith("__label__") else text) or text


def _is_number(key: str) -> bool:
    return parse_label(key).number is not None
