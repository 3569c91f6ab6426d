"""Weights told in words, with their units."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from groundup.data import cohort
from groundup.data.columns import ColumnCode
from groundup.errors import UserError

# Tables that many people have, known by their columns: Galton's families (1886) and the Berkeley child guidance study
# (Tuddenham and Snyder, 1954).
_KNOWN_TABLES = (
    dict.fromkeys(("father", "mother", "midparentHeight", "childHeight"), "inch"),
    {"weight_10": "kg", "height_10": "cm", "height_18": "cm"},
    {name: unit for name, unit in cohort.COLUMNS.items() if unit},
)
_IN_BRACKETS = re.compile(r".*[(\[]\s*([^()\[\]]+?)\s*[)\]]")
_AT_THE_END = re.compile(
    r".*[_ ](mm|cm|m|km|inch|inches|in|ft|feet|g|kg|lb|lbs|years|months|days|hours|minutes|s|ms|usd|eur|percent)",
    re.IGNORECASE,
)
_ONE_OF = {"inches": "inch", "in": "inch", "feet": "foot", "ft": "foot", "lbs": "lb"} | {
    f"{unit}s": unit for unit in ("year", "month", "day", "hour", "minute")
}


def choose_units(names: Sequence[str], target: str, columns: Sequence[str], given: str | None) -> dict[str, str]:
    """Return the unit of each column that has a known one.

    What is given counts first (``inch`` for all, or ``column:unit`` with commas), then a unit in the column's name
    (``weight (kg)``, ``height_cm``), then what is known of well-known tables.

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

    Examples
    --------
    >>> choose_units(["a (kg)", "b_inches", "c"], "c", ["a (kg)", "b_inches"], "c:cm")
    {'c': 'cm', 'a (kg)': 'kg', 'b_inches': 'inch'}
    """
    wanted = [target, *columns]
    known = next((table for table in _KNOWN_TABLES if set(table) <= set(names)), {})
    said: dict[str, str] = {}
    if given and ":" not in given:
        said = dict.fromkeys(wanted, given.strip())
    elif given:
        for part in given.split(","):
            name, colon, unit = (piece.strip() for piece in part.rpartition(":"))
            if not colon or not unit or name not in names:
                raise UserError(
                    f'--set units={given}: "{part.strip()}" is not column:unit. Write for example {target}:cm; '
                    f"the columns are {', '.join(names)}."
                )
            said[name] = unit
    units = {name: said.get(name) or _read_unit(name) or known.get(name, "") for name in wanted}
    return {name: unit for name, unit in units.items() if unit}


def tell_weights(codes: Sequence[ColumnCode], weights: np.ndarray, units: dict[str, str], target: str) -> list[str]:
    """Return a sentence for every weight.

    Examples
    --------
    >>> codes = [ColumnCode("father"), ColumnCode("gender", ("female", "male"))]
    >>> for line in tell_weights(codes, np.array([0.39, 5.2]), {"father": "inch", "height": "inch"}, "height"):
    ...     print(line)
      each extra inch of the father adds 0.39 inch;
      gender male instead of female adds 5.2 inch;
    """
    lines, place = [], 0
    target_unit = units.get(target, "")
    for code in codes:
        name = f"the {code.name}" if code.name in ("father", "mother") else code.name
        if code.levels is None:
            lines.append(
                f"  each extra {units.get(code.name, '1')} of {name} {_tell_change(weights[place], target_unit)};"
            )
            place += 1
            continue
        for level in code.levels[1:]:
            change = _tell_change(weights[place], target_unit)
            lines.append(f"  {name} {level} instead of {code.levels[0]} {change};")
            place += 1
    return lines


def tell_with_unit(value: float, unit: str) -> str:
    """Return a figure with its unit, if it has one."""
    return f"{round_figures(value)} {unit}".rstrip()


def round_figures(value: float) -> str:
    """Return three significant figures, more before the point where there are more.

    Examples
    --------
    >>> round_figures(0.391872), round_figures(176.84), round_figures(12345.6), round_figures(0.0)
    ('0.392', '176.8', '12346', '0')
    """
    if not np.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def _tell_change(weight: float, unit: str) -> str:
    verb = "adds" if weight >= 0 else "takes away"
    return f"{verb} {tell_with_unit(abs(float(weight)), unit)}"


def _read_unit(name: str) -> str | None:
    found = _IN_BRACKETS.fullmatch(name) or _AT_THE_END.fullmatch(name)
    return _ONE_OF.get(found[1].lower(), found[1]) if found else None
