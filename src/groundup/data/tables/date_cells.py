"""What one cell can mean as a date or a time of day: a number of days, months, quarters or hours.

Days are counted as Python does, from 1 January of the year 1.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

# What a date can be counted in, and the order its parts are written in: (unit, order).
Meaning = tuple[str, str]
ISO, DAY_FIRST, MONTH_FIRST, YEAR_FIRST = ("day", "ymd"), ("day", "dmy"), ("day", "mdy"), ("day", "y2md")
COMPACT, NAMED = ("day", "compact"), ("day", "named")
MONTH, POINT_MONTH, SEASON = ("month", "ym"), ("month", "y.m"), ("season", "")
QUARTER, TIME, CLOCK = ("quarter", ""), ("hour", ""), ("minutes", "")
MEANINGS = (
    *(ISO, DAY_FIRST, MONTH_FIRST, YEAR_FIRST, COMPACT, NAMED),
    *(MONTH, POINT_MONTH, SEASON, QUARTER, TIME, CLOCK),
)
NO_YEAR, PERHAPS_NO_YEAR, TWO_DIGITS = ("unclear", "no year"), ("unclear", "perhaps no year"), ("unclear", "two digits")

_NAMES = """jan january januar janvier janv ene enero gen gennaio jän jänner|feb february februar février fév févr
febrero febbraio|mar march märz mär mrz mars marzo|apr april avril avr abr abril aprile|may mai mayo maggio mag|jun june
juni juin junio giugno giu|jul july juli juillet juil julio luglio lug|aug august août aou agosto ago|sep sept september
septembre septiembre settembre set|oct october oktober okt octobre octubre ott ottobre|nov november novembre noviembre|
dec december dezember dez décembre déc diciembre dic dicembre"""
_MONTHS = {name: month for month, names in enumerate(_NAMES.split("|"), start=1) for name in names.split()}

_CLOCK = r"(?P<hour>\d{1,3})[:h](?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_TIME = rf"(?:(?:,?\s+|[Tt]){_CLOCK}\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d{{2}}(?::?\d{{2}})?)?|T(?P<compact>\d{{6}})Z?)?"
_NAME = r"(?P<name>[^\W\d_]{3,10})\.?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,\s*)?"
_SHAPES = [
    (kind, re.compile(pattern + (_TIME if timed else "")))
    for kind, timed, pattern in (
        ("ymd", True, r"(?P<y>\d{4})(?P<sign>[-/.])(?P<m>\d{1,2})(?P=sign)(?P<d>\d{1,2})"),
        ("numbers", True, _WEEKDAY + r"(?P<a>\d{1,2})(?P<sign>[-/.])\s?(?P<b>\d{1,2})(?P=sign)\s?(?P<c>\d{4}|\d{2})"),
        ("named", True, _WEEKDAY + rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?[-\s/.]*{_NAME}[-\s/.,]*(?P<y>\d{{4}})"),
        ("named", True, _WEEKDAY + rf"{_NAME}[-\s/]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[-\s/]+(?P<y>\d{{4}})"),
        (
            "named",
            False,
            rf"[^\W\d_]{{2,5}}\.?\s+{_NAME}\s+(?P<d>\d{{1,2}})\s+{_CLOCK}\s+(?:[A-Z]{{3,4}}\s+)?(?P<y>\d{{4}})",
        ),
        ("named", True, rf"(?P<d>\d{{1,2}})[-\s/.]*{_NAME}[-\s/.,']+(?P<y>\d{{2}})"),
        ("compact", True, r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
        ("month", False, r"(?P<y>\d{4})\s?[-/M:]\s?(?P<m>\d{1,2})"),
        ("month", False, r"(?P<m>\d{1,2})\s?[-/]\s?(?P<y>\d{4})"),
        ("month", False, rf"{_NAME}[-\s/.,']*(?P<y>\d{{4}})"),
        ("month", False, rf"(?P<y>\d{{4}})[-\s/.]*{_NAME}"),
        ("point month", False, r"(?P<y>\d{4})\.(?P<m>\d{2})"),
        ("quarter", False, r"(?P<y>\d{4})[-\s/:.]?[QqKk](?P<q>\d)"),
        ("quarter", False, r"[QqKk](?P<q>\d)[-\s/:.]*(?P<y>\d{4})"),
        ("week", False, r"(?P<y>\d{4})-?W(?P<w>\d{2})(?:-?(?P<d>\d))?"),
        ("time", False, _CLOCK),
        ("no year", False, r"(?P<a>\d{2})\.(?P<b>\d{2})|(?P<c>\d{1,2})\.\s?(?P<d>\d{1,2})\."),
        ("no year", False, rf"{_NAME}[-\s]+(?P<a>\d{{1,2}})"),
        ("no year", False, rf"(?P<a>\d{{1,2}})\.?[-\s]*{_NAME}"),
        ("no year", False, r"(?P<a>\d{2})/(?P<b>\d{2})"),
    )
]
_DIGIT = re.compile(r"\d", re.ASCII)
_PERHAPS = re.compile(r".*\d.*[-/.:TMWQKhqk\s].*|.*[^\W\d_]{3}.*\d|\d{8}|[QK].*\d", re.DOTALL)


def find_dates(cell: str) -> dict[Meaning, float]:
    """Return what a cell can mean as a date or a time: meaning → days, months, quarters or hours.

    Examples
    --------
    >>> find_dates("2015-01-31"), sorted(find_dates("01/02/2015"))
    ({('day', 'ymd'): 735629.0}, [('day', 'dmy'), ('day', 'mdy')])
    >>> find_dates("31. Dezember 1999"), find_dates("1974Q2"), find_dates("1:30 PM")
    ({('day', 'named'): 730119.0}, {('quarter', ''): 7897.0}, {('hour', ''): 13.5})
    """
    if len(cell) > 50 or not _PERHAPS.fullmatch(cell):
        return {}
    found: dict[Meaning, float] = {}
    for kind, shape in _find_shapes(_DIGIT.sub("0", cell)):
        match = shape.fullmatch(cell)
        if match is not None:
            try:
                for meaning, value in _read(kind, match.groupdict()).items():
                    found.setdefault(meaning, value)
            except ValueError:
                continue  # a 13th month, a 31 April, an hour 25
    return found


@lru_cache(maxsize=1024)
def _find_shapes(likeness: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return the shapes that cells may have that look like this one, every digit being 0."""
    return [(kind, shape) for kind, shape in _SHAPES if shape.fullmatch(likeness)]


def _read(kind: str, part: dict[str, str | None]) -> dict[Meaning, float]:
    month, day = (int(part.get(name) or 0) for name in ("m", "d"))
    year = _read_year(part.get("y") or "0000")
    if year is None:
        return {TWO_DIGITS: 0.0}
    if part.get("name"):
        month = _MONTHS.get((part["name"] or "").casefold(), 0)
        if not month:
            return {}
    if kind == "compact" and not 1500 <= year < 2200:
        return {}
    if kind in ("ymd", "named", "compact"):
        timed = part.get("compact") or part.get("hour")
        meaning = {"ymd": ISO, "named": NAMED, "compact": ISO if timed else COMPACT}[kind]
        return {meaning: date(year, month, day).toordinal() + _read_time(part)}
    if kind == "numbers":
        return _read_numbers(part["a"] or "", part["b"] or "", part["c"] or "", part["sign"] or "", _read_time(part))
    if kind in ("month", "point month"):
        date(year, month, 1)
        season = kind == "month" and month == (year + 1) % 100
        return {(POINT_MONTH if kind == "point month" else MONTH): 12.0 * year + month - 1} | (
            {SEASON: 0.0} if season else {}
        )
    if kind == "quarter":
        if part["q"] not in ("1", "2", "3", "4"):
            return {}
        return {QUARTER: 4.0 * year + int(part["q"] or 0) - 1}
    if kind == "week":
        return {ISO: float(date.fromisocalendar(year, int(part["w"] or 0), day or 1).toordinal())}
    if kind == "time":
        return _read_clock(part)
    if month:
        return {NO_YEAR: 0.0}
    sure = bool(part.get("c"))
    low, high = sorted(int(part[name] or 0) for name in (("c", "d") if sure else ("a", "b")))
    date(2000, low, high)
    # 01.02 is written by nobody who means a number a little above 1; 10.02 may be.
    return {NO_YEAR if sure or (part["a"] or "").startswith("0") else PERHAPS_NO_YEAR: 0.0}


def _read_numbers(a: str, b: str, c: str, sign: str, time: float) -> dict[Meaning, float]:
    """Return what three numbers can mean: day, month and year in the orders that people write."""
    orders = [(DAY_FIRST, (c, b, a))]
    orders += [(MONTH_FIRST, (c, a, b))] if len(c) == 4 or sign != "." else []
    orders += [(YEAR_FIRST, (a, b, c))] if len(c) == 2 and len(a) == 2 and sign != "." else []
    found: dict[Meaning, float] = {}
    for meaning, (digits, month, day) in orders:
        year = _read_year(digits)
        if year is None:
            found[TWO_DIGITS] = 0.0
            continue
        try:
            found[meaning] = date(year, int(month), int(day)).toordinal() + time
        except ValueError:
            continue
    return found


def _read_year(digits: str) -> int | None:
    """Return a year; ``None`` for two digits that Excel and Unix put into different centuries."""
    year = int(digits)
    if len(digits) != 2:
        return year
    return None if 30 <= year <= 68 else year + (2000 if year < 30 else 1900)


def _read_time(part: dict[str, str | None]) -> float:
    """Return the part of a day; with a time zone, of the day in Greenwich."""
    digits = part.get("compact")
    if digits:
        part = {"hour": digits[:2], "minute": digits[2:4], "second": digits[4:], "half": None, "zone": None}
    if part["hour"] is None:
        return 0.0
    hours = _read_clock(part)[TIME]
    zone = part.get("zone") or ""
    if zone[:1] in "+-" and zone:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        hours -= (1 if zone[0] == "+" else -1) * (int(digits[:2]) + int(digits[2:]) / 60)
    return hours / 24


def _read_clock(part: dict[str, str | None]) -> dict[Meaning, float]:
    hour, minute = int(part["hour"] or 0), int(part["minute"] or 0)
    second = float((part["second"] or "0").replace(",", "."))
    if minute > 59 or second >= 61:
        raise ValueError("no time")
    if part["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no time")
        hour = hour % 12 + 12 * (part["half"][0] in "pP")
    hours = hour + minute / 60 + second / 3600
    if hour > 24 and not part["second"]:
        return {CLOCK: hours}  # a duration, perhaps of minutes and seconds
    return {TIME: hours} if part["second"] or part["half"] else {TIME: hours, CLOCK: hours}
