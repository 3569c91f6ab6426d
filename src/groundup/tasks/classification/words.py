"""Weights explained as odds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.dates import Dates
from groundup.tasks.figures import round_figures

MOST_LINES = 10


def format_odds(
    codes: Sequence[ColumnCode],
    weights: np.ndarray,
    deviations: Mapping[str, float],
    units: Mapping[str, str],
    binary: Collection[str] = (),
) -> list[str]:
    """Return a line for every weight, the most telling first; of many, the first ones.

    Parameters
    ----------
    codes : sequence of ColumnCode
        The columns.
    weights : array of float64, shape (feature,)
        By how much the logarithm of the odds grows for each extra unit of a feature.
    deviations : mapping
        Feature → its standard deviation.
    units : mapping
        Column → its unit.
    binary : collection of str
        Columns of 0 and 1.

    Examples
    --------
    >>> codes = [ColumnCode("width"), ColumnCode("sex", ("female", "male"))]
    >>> spread = {"width": 2.0, "sex=male": 0.5}
    >>> for line in format_odds(codes, np.log([3.0, 0.5]), spread, {"width": "cm"}):
    ...     print(line)
      each extra cm of width: by 3 (one standard deviation, 2 cm: by 9);
      sex male instead of female: by 0.5;
    """
    told: list[tuple[float, str]] = []
    names = [(code, name) for code in codes for name in code.feature_names]
    for (code, name), weight in zip(names, weights.tolist(), strict=True):
        spread = deviations[name]
        told.append((abs(weight) * spread, f"  {_format_weight(code, name, weight, spread, units, binary)};"))
    told.sort(key=lambda one: -one[0])
    lines = [line for _, line in told[:MOST_LINES]]
    if len(told) > MOST_LINES:
        lines.append(f"  … and {len(told) - MOST_LINES} more, which say less; --json gives all.")
    return lines


def format_factor(weight: float) -> str:
    """Return what a weight multiplies the odds by.

    Examples
    --------
    >>> format_factor(np.log(2.1)), format_factor(1000.0), format_factor(-20.0)
    ('2.1', 'more than 1e+06', 'less than 1e-06')
    """
    if weight > np.log(1e6):
        return "more than 1e+06"
    return round_figures(float(np.exp(weight))) if weight > -np.log(1e6) else "less than 1e-06"


def _format_weight(
    code: ColumnCode,
    name: str,
    weight: float,
    spread: float,
    units: Mapping[str, str],
    binary: Collection[str],
) -> str:
    factor = f"by {format_factor(weight)}"
    if code.levels is not None:
        return f"{code.name} {name.removeprefix(code.name + '=')} instead of {code.levels[0]}: {factor}"
    if code.name in binary:
        return f"{code.name} 1 instead of 0: {factor}"
    dated = isinstance(code.reading, Dates)
    unit = code.reading.unit if isinstance(code.reading, Dates) else units.get(code.name, "")
    both = f"by {format_factor(weight * spread)}"
    if not unit:
        return f"one standard deviation more of {code.name} ({round_figures(spread)}): {both}"
    step = f"each later {unit}" if dated else f"each extra {unit}"
    length = f"{round_figures(spread)} {unit}" + ("s" if dated else "")
    return f"{step} of {code.name}: {factor} (one standard deviation, {length}: {both})"
