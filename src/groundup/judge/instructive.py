"""How much a failing input teaches: zeros, equal numbers and loops of no rounds hide what is wrong.

In [0, 0] a sum is a mean, a maximum a minimum, and a wrong order the right one. So among the failing inputs the judge
shows the smallest one that shows something, where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

NOTHING, LITTLE, MUCH = 0, 1, 2
# Of larger arrays some numbers may be equal.
SMALL = 16


def grade_case(case: Any) -> int:
    """Return how much a case teaches: `NOTHING` (something in it is empty, or all zero), `LITTLE` or `MUCH`.

    Examples
    --------
    >>> grade_case((np.zeros(2), 3)), grade_case((np.ones(2), 3)), grade_case((np.array([1.0, 2.0]), 3))
    (0, 1, 2)
    >>> grade_case((0, 0.1, 5.0)), grade_case(("", {})), grade_case(([0, 1, 1], True, None))
    (0, 0, 2)
    """
    return min((_grade(value) for value in case), default=MUCH)


def _grade(value: Any) -> int:
    if value is None or isinstance(value, bool):
        return MUCH
    if isinstance(value, str):
        return MUCH if value else NOTHING
    if isinstance(value, Mapping):
        return grade_case(value.values()) if value else NOTHING
    if isinstance(value, list | tuple):
        array = _as_numbers(value)
        return _grade_array(array) if array is not None else grade_case(value)
    if type(value).__module__ == "torch":
        value = value.detach().numpy()
    if isinstance(value, int | float):
        return MUCH if value else NOTHING
    return _grade_array(value) if isinstance(value, np.ndarray) else MUCH


def _as_numbers(values: list[Any] | tuple[Any, ...]) -> np.ndarray | None:
    """Return a list of numbers as an array; None where there is something else in it."""
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
        return None
    return np.array(values)


def _grade_array(array: np.ndarray) -> int:
    if array.dtype.kind not in "iufb" or not array.any():
        return NOTHING if array.dtype.kind in "iufb" else MUCH
    different = np.unique(array)
    if array.size == 1:
        return MUCH
    # Numbers of tokens and classes, and what is either 0 or 1, need not all be different.
    if array.dtype.kind != "f" or array.size > SMALL or set(different.tolist()) <= {0.0, 1.0}:
        return MUCH if different.size > 1 else LITTLE
    return MUCH if different.size == array.size else LITTLE
