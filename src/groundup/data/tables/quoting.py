"""Names and words typed on the command line: lists with commas, rows of ``column=value``, quotes as in a CSV file.

A name or a word with a comma, an equals sign or a colon in it stands in double quotes, and a quote in it is doubled.
Without quotes it is understood too where only one understanding makes sense.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from groundup.base.errors import UserError

_SPECIAL = set(',=:"')


def quote(text: str) -> str:
    """Return a name or a word as it can be typed.

    Examples
    --------
    >>> quote("area"), quote("size, m2")
    ('area', '"size, m2"')
    """
    if text and not _SPECIAL & set(text) and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'


def unquote(text: str) -> str:
    """Return what `quote` was given; a text without quotes is only stripped."""
    text = text.strip()
    if len(text) >= 2 and text[0] == '"' and _find_end(text, 0) == len(text) - 1:
        return text[1:-1].replace('""', '"')
    return text


def split_outside(text: str, separator: str) -> list[str]:
    """Cut a text at every separator outside quotes; a quote opens only where a name or a word may begin.

    Examples
    --------
    >>> split_outside('city="New York, NY",inch=5",a=1', ",")
    ['city="New York, NY"', 'inch=5"', 'a=1']
    """
    parts, start, place, fresh = [], 0, 0, True
    while place < len(text):
        letter = text[place]
        end = _find_end(text, place) if letter == '"' and fresh else -1
        if end > 0:
            place, fresh = end + 1, False
            continue
        if letter == separator:
            parts.append(text[start:place])
            start = place + 1
        fresh = letter in ",=:" or (fresh and letter.isspace())
        place += 1
    return [*parts, text[start:]]


def split_names(text: str, known: Collection[str]) -> list[str]:
    """Return the names in a list with commas; of known names, also those with commas in them and no quotes around.

    Examples
    --------
    >>> split_names('"size, m2",city', ["size, m2", "city"]), split_names("size, m2, city", ["size, m2", "city"])
    (['size, m2', 'city'], ['size, m2', 'city'])
    """
    parts, names, place = split_outside(text, ","), [], 0
    while place < len(parts):
        ends = range(len(parts), place, -1) if parts[place].strip() not in known else [place + 1]
        end = next((end for end in ends if ",".join(parts[place:end]).strip() in known), place + 1)
        name = ",".join(parts[place:end]).strip() if end > place + 1 else unquote(parts[place])
        names += [name] if name else []
        place = end
    return names


def split_row(text: str, known: Collection[str]) -> dict[str, str]:
    """Return the cells of a row such as ``city="New York, NY",size=50``: column → what was typed.

    Parameters
    ----------
    text : str
        The row.
    known : collection of str
        The columns; one that is not among them is returned too.

    Raises
    ------
    UserError
        A column is given twice, or it is not clear where its name ends.
    """
    raw: dict[str, str] = {}
    name = ""
    for part in split_outside(text, ","):
        pieces = split_outside(part, "=")
        if len(pieces) == 1 and name:
            raw[name] += f",{part}" if part.strip() else ""  # what follows a comma inside a word
            continue
        if not part.strip():
            continue
        names = [unquote("=".join(pieces[:end])) for end in range(1, len(pieces))] or [unquote(part)]
        meant = [found for found in names if found in known]
        if len(meant) > 1:
            raise UserError(
                f'"{part.strip()}" can be read in two ways. Put the name of the column in quotes: '
                f'"{meant[0]}"=… or "{meant[1]}"=…'
            )
        name = meant[0] if meant else names[0]
        if name in raw:
            raise UserError(f'"{name}" is given twice')
        raw[name] = "=".join(pieces[names.index(name) + 1 :])
    return {name: unquote(value) for name, value in raw.items()}


def join_row(cells: Mapping[str, str]) -> str:
    """Return cells as a row that `split_row` reads."""
    return ",".join(f"{quote(name)}={quote(value)}" for name, value in cells.items())


def _find_end(text: str, start: int) -> int:
    """Return where the quote that opens at ``start`` closes, -1 for never."""
    place = text.find('"', start + 1)
    while place >= 0 and text[place + 1 : place + 2] == '"':
        place = text.find('"', place + 2)
    return place
