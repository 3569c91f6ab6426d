"""What a person should know about how the columns of a table were read, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from groundup.data.tables import date_cells
from groundup.data.tables.columns import list_names
from groundup.data.tables.date_cells import find_dates
from groundup.data.tables.dates import Dates
from groundup.data.tables.evidence import Finding
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.table import tidy


def format_readings(readings: Mapping[str, Spelling | Dates]) -> list[str]:
    """Return a sentence for every way in which numbers and dates are written that is not plain.

    Examples
    --------
    >>> comma = Spelling(",", example="85,05")
    >>> format_readings({"area": comma, "rooms": comma, "sold": Dates(("day", "dmy"), 735599.0)})
    ['area and rooms: "85,05" is read as 85.05.', 'sold is read as days since 2015-01-01.']
    """
    groups: dict[tuple[object, ...], list[str]] = {}
    for name, reading in readings.items():
        if isinstance(reading, Spelling):
            key: tuple[object, ...] = (reading.decimal, reading.before, reading.after, reading.scaled)
        else:
            key = (reading.unit, reading.origin)
        groups.setdefault(key, []).append(name)
    return [_format(readings[names[0]], list_names(names), len(names)) for names in groups.values()]


def _format(reading: Spelling | Dates, names: str, count: int) -> str:
    if isinstance(reading, Spelling):
        value = float(reading.read(pa.array([reading.example]))[0])
        unit = f" (in {reading.unit})" if reading.unit else ""
        return f'{names}: "{tidy(reading.example)}" is read as {value:.15g}{unit}.'
    since = "" if reading.unit == "hour" else f" since {reading.write(0.0)}"
    value = float(reading.read(pa.array([reading.example]))[0])
    read = (
        reading.example if not reading.example else f"{value:.6g}" if reading.unit == "hour" else reading.write(value)
    )
    such = f' ("{tidy(reading.example)}" is {read})' if read != reading.example else ""
    return f"{names} {'is' if count == 1 else 'are'} read as {reading.unit}s{since}{such}."


def format_unclear(found: Finding) -> str:
    """Return what is lacking in a column's dates, and what to do, as a sentence."""
    cell, meanings = tidy(found.example), find_dates(found.example)
    if date_cells.TWO_DIGITS in meanings:
        return f'"{cell}" does not say in which century its year is. Write years with four digits, such as 1945-05-12.'
    if date_cells.CLOCK in meanings:
        return f'"{cell}" can be hours and minutes, or minutes and seconds. Write it as one number, or as h:mm:ss.'
    number = "; a number is read with --set decimal=point" if cell.replace(".", "", 1).isdecimal() else ""
    return f'"{cell}" looks like a date without a year. Write it such as 2015-02-01{number}.'
