"""Which unit a column has: what the user says, what its cells and its name say, what is known of well-known tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from groundup.base.errors import UserError
from groundup.data.tables import cohort
from groundup.data.tables.quoting import split_outside, unquote
from groundup.data.tables.table import name_some
from groundup.data.tables.units import Unit, find_unit

# Tables that many people have, known by their columns: Galton's families (1886) and the Berkeley child guidance study
# (Tuddenham and Snyder, 1954).
_KNOWN_TABLES = (
    dict.fromkeys(("father", "mother", "midparentHeight", "childHeight"), "inch"),
    {"weight_10": "kg", "height_10": "cm", "height_18": "cm"},
    {name: unit for name, unit in cohort.COLUMNS.items() if unit},
)
_IN_BRACKETS = re.compile(r"(?P<name>.*[^\s_(\[])?(?P<gap>[\s_]*)[(\[]\s*(?:in\s+)?(?P<unit>[^()\[\]]+?)\s*[)\]]\s*")
_WORDS = re.compile(r"[A-Za-zµ°%]+\d?|\d+")
# A short ending is a unit only behind a word for what it measures: a class, a size or a little word looks the same.
_SHORT_UNITS = """m s g l t h d c f k a w v j y in ft ms mi yd oz min mo pa ha bar cc px kn kt bit cal rad cl dl hl kr
rs ct std ton tons second pounds pound stone degree degrees yards yard mile knot"""
_SHORT = {*_SHORT_UNITS.split()}
_MEASURED = {
    "length": "height width length depth distance dist altitude elevation radius diameter thickness perimeter waist "
    "hip chest neck wrist ankle thigh arm leg girth circumference wheelbase clearance displacement rain rainfall snow "
    "snowfall precipitation precip visibility wavelength range stature span tall long wide deep high draft beam",
    "mass": "weight mass load payload fat protein sugar sugars carbs carb carbohydrate carbohydrates fiber fibre salt "
    "sodium cholesterol serving tonnage cargo emissions emission",
    "area": "area surface land lot plot field region forest",
    "volume": "volume capacity tank content engine displacement consumption fuel water milk beer wine",
    "time": "time duration delay latency elapsed period interval runtime wait response age tenure uptime lag timeout "
    "ping",
    "temperature": "temp temperature temperatures dewpoint tmax tmin tavg",
    "voltage": "voltage volt potential",
    "current": "current",
    "power": "power load output",
    "energy": "energy work heat consumption",
    "pressure": "pressure press",
    "angle": "angle heading direction latitude longitude slope inclination bearing",
    "speed": "speed velocity wind gust",
    "data": "size memory storage file disk ram",
    "money": "price cost income salary wage amount revenue sales rent budget fee profit value pay spend total",
}
_STEMS = {measure: set(words.split()) for measure, words in _MEASURED.items()}
_NAME_UNITS = {
    "c": "°C",
    "f": "°F",
    "k": "K",
    "w": "W",
    "v": "V",
    "a": "A",
    "j": "J",
    "cc": "cc",
    "pct": "%",
    "perc": "%",
}
# Two endings that belong together: km_h, kg_m3.
_BELOW = {
    "h",
    "s",
    "min",
    "l",
    "dl",
    "m2",
    "m3",
    "cm3",
    "kg",
    "km",
    "ha",
    "day",
    "year",
    "sqm",
    "sqft",
    "hour",
    "100km",
}
_ABOVE = {
    "km",
    "m",
    "mi",
    "ft",
    "kg",
    "g",
    "mg",
    "l",
    "kwh",
    "wh",
    "usd",
    "eur",
    "gbp",
    "w",
    "mol",
    "mmol",
    "ml",
    "t",
    "°",
}


def choose_units(
    names: Sequence[str],
    target: str,
    columns: Sequence[str],
    given: str | None,
    written: Mapping[str, str] | None = None,
    binary: Collection[str] = (),
) -> dict[str, str]:
    """Return the unit of each column that has a known one.

    What is given counts first (``inch`` for all, or ``column:unit`` with commas), then what stands in the column's
    cells (``85 m2``), then a unit in its name (``weight (kg)``, ``height_cm``), then what is known of the table.

    Parameters
    ----------
    names : sequence of str
        Every column of the table.
    target : str
        The column predicted.
    columns : sequence of str
        The columns it is predicted from.
    given : str or None
        The setting ``units``.
    written : mapping, optional
        Column → the unit in its cells.
    binary : collection of str
        Columns of 0 and 1, which have no unit unless one is given for them by name.

    Examples
    --------
    >>> choose_units(["a (kg)", "b_inches", "c"], "c", ["a (kg)", "b_inches"], "c:cm")
    {'c': 'cm', 'a (kg)': 'kg', 'b_inches': 'inch'}
    """
    wanted = [target, *columns]
    known = next((table for table in _KNOWN_TABLES if set(table) <= set(names)), {})
    said, for_all = _read_given(given, target, names)
    found = {}
    for name in wanted:
        if name in said:
            found[name] = said[name]
        elif name not in binary:
            found[name] = for_all or (written or {}).get(name) or read_unit(name) or known.get(name, "")
    return {name: unit for name, unit in found.items() if unit}


def _read_given(given: str | None, target: str, names: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the units given for columns, and the one given for all."""
    if not given:
        return {}, ""
    parts = split_outside(given, ",")
    if not any(len(split_outside(part, ":")) > 1 for part in parts):
        return {}, unquote(given)
    said = {}
    for part in parts:
        *before, unit = split_outside(part, ":")
        name = unquote(":".join(before))
        if not before or not unit.strip() or name not in names:
            raise UserError(
                f'--set units={given}: "{part.strip()}" is not column:unit. Write for example {target}:cm; '
                f"the columns are {name_some(names)}."
            )
        said[name] = unquote(unit)
    return said, ""


def read_unit(name: str) -> str | None:
    """Return the unit that a column's name ends in, ``None`` if it ends in none.

    Examples
    --------
    >>> [read_unit(name) for name in ("weight [kg]", "area_m2", "speed_km_h", "temp_c", "height_in")]
    ['kg', 'm2', 'km/h', '°C', 'inch']
    >>> [read_unit(name) for name in ("checked_in", "size_m", "plan_ms", "notes (see page 3)", "room(s)")]
    [None, None, None, None, None]
    """
    found = _IN_BRACKETS.fullmatch(name)
    if found is not None:
        if len(found["unit"]) == 1 and not found["gap"] and found["unit"].islower() and found["unit"] == "s":
            return None  # the ending of a plural
        unit = find_unit(
            _NAME_UNITS.get(found["unit"].casefold(), found["unit"]) if found["unit"] in "CFK" else found["unit"]
        )
        return None if unit is None else unit.name
    words = _WORDS.findall(name)
    ending = re.search(r"[_ ](?:[A-Za-zµ°%]+\d?)$", name)
    if len(words) < 2 or ending is None:
        return None
    if len(words) > 2 and words[-1].casefold() in _BELOW and words[-2].casefold() in _ABOVE:
        unit = find_unit(f"{words[-2]}/{words[-1]}")
        if unit is not None:
            return unit.name
    unit = _find_ending(words)
    return None if unit is None else unit.name


def _find_ending(words: Sequence[str]) -> Unit | None:
    """Return the unit that the last word of a name, or the last two, stand for."""
    *before, last = [word.casefold() for word in words]
    if before and before[-1] in ("sq", "square") and len(before) > 1:
        return find_unit(f"{before[-1]} {last}")
    unit = find_unit(_NAME_UNITS.get(last, words[-1]))
    if unit is None:
        return None
    if last in _SHORT and not any(word in _STEMS.get(unit.measure, ()) for word in before):
        return None
    return unit
