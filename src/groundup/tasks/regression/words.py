"""Weights explained in words, with their units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.dates import Dates
from groundup.tasks.figures import format_with_unit


def format_weights(codes: Sequence[ColumnCode], weights: np.ndarray, units: dict[str, str], target: str) -> list[str]:
    """Return a sentence for every weight.

    Examples
    --------
    >>> codes = [ColumnCode("father"), ColumnCode("gender", ("female", "male"))]
    >>> for line in format_weights(codes, np.array([0.39, 5.2]), {"father": "inch", "height": "inch"}, "height"):
    ...     print(line)
      each extra inch of father adds 0.39 inch;
      gender male instead of female adds 5.2 inch;
    """
    lines, place = [], 0
    target_unit = units.get(target, "")
    for code in codes:
        name = code.name
        if code.levels is None:
            step = f"extra {units.get(code.name, '1')}"
            if isinstance(code.reading, Dates):
                step = f"later {code.reading.unit}"
            lines.append(f"  each {step} of {name} {_format_change(weights[place], target_unit)};")
            place += 1
            continue
        for level in code.levels[1:]:
            change = _format_change(weights[place], target_unit)
            lines.append(f"  {name} {level} instead of {code.levels[0]} {change};")
            place += 1
    return lines


def _format_change(weight: float, unit: str) -> str:
    verb = "adds" if weight >= 0 else "takes away"
    return f"{verb} {format_with_unit(abs(float(weight)), unit)}"
