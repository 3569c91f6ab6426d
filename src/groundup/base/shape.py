"""What a JSON value must look like, written down as data, and one line that says where it does not.

A shape is a function of a value and of its place; it raises `Mismatch` where the value does not fit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Shape = Callable[[Any, str], None]


class Mismatch(ValueError):  # noqa: N818, it says what does not fit
    """A value that does not fit: where it stands, what it is, and what belongs there."""

    def __init__(self, place: str, value: Any, wanted: str) -> None:
        super().__init__(f"{place or 'it'} is {_show(value)}, not {wanted}")


def text(value: Any, place: str) -> None:
    """Fit a text that can be written as UTF-8 and has no zero byte in it."""
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise Mismatch(place, value, "a text")


def flag(value: Any, place: str) -> None:
    """Fit true and false."""
    if not isinstance(value, bool):
        raise Mismatch(place, value, "true or false")


def anything(value: Any, place: str) -> None:
    """Fit every value."""


def whole(low: int, high: int) -> Shape:
    """Return the shape of whole numbers between two, both allowed themselves.

    Examples
    --------
    >>> whole(1, 9)(0, "layers")
    Traceback (most recent call last):
    groundup.base.shape.Mismatch: layers is 0, not a whole number from 1 to 9
    """

    def fit(value: Any, place: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Mismatch(place, value, f"a whole number from {low} to {high}")

    return fit


def number(low: float = -1e300, high: float = 1e300) -> Shape:
    """Return the shape of finite numbers between two, both allowed themselves."""

    def fit(value: Any, place: str) -> None:
        if not is_number(value) or not low <= value <= high:
            wanted = "a finite number" if (low, high) == (-1e300, 1e300) else f"a number from {low:g} to {high:g}"
            raise Mismatch(place, value, wanted)

    return fit


def is_number(value: Any) -> bool:
    """Tell whether a value is a number that a float can hold, NaN and infinity among them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def maybe(shape: Shape) -> Shape:
    """Return a shape that ``null`` fits, too."""

    def fit(value: Any, place: str) -> None:
        if value is not None:
            shape(value, place)

    return fit


def one_of(*choices: Any) -> Shape:
    """Return the shape of a few values."""

    def fit(value: Any, place: str) -> None:
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise Mismatch(place, value, " or ".join(map(json.dumps, choices)))

    return fit


def scalar(value: Any, place: str) -> None:
    """Fit a text, a finite number, true, false and ``null``."""
    if isinstance(value, str):
        text(value, place)
    elif value is not None and not isinstance(value, bool) and not (is_number(value) and math.isfinite(value)):
        raise Mismatch(place, value, "a text or a finite number")


def list_of(shape: Shape, least: int = 0) -> Shape:
    """Return the shape of lists."""

    def fit(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) < least:
            raise Mismatch(place, value, "a list" if least == 0 else f"a list of {least} or more")
        for index, item in enumerate(value):
            shape(item, f"{place}[{index}]")

    return fit


def mapping_of(shape: Shape) -> Shape:
    """Return the shape of objects whose values are all alike."""

    def fit(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise Mismatch(place, value, "an object")
        for key, item in value.items():
            text(key, f"a name in {place}")
            shape(item, f"{place}.{key}" if place else key)

    return fit


def fields(needed: Mapping[str, Shape], others: Mapping[str, Shape] | None = None, rest: bool = True) -> Shape:
    """Return the shape of objects with some names.

    Parameters
    ----------
    needed, others : mapping
        Name → shape of the value; of ``needed`` none may be missing.
    rest : bool
        Whether there may be more names.
    """
    known = {**(others or {}), **needed}

    def fit(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise Mismatch(place, value, "an object")
        for name in needed:
            if name not in value:
                raise ValueError(f'{f"{place} lacks" if place else "it lacks"} "{name}"')
        for name, item in value.items():
            if name in known:
                known[name](item, f"{place}.{name}" if place else name)
            elif not rest:
                raise ValueError(f"{place or 'it'} has {_show(name)}, which does not belong there")

    return fit


def either(first: Shape, second: Shape) -> Shape:
    """Return a shape that fits what one of two fits; what fits none is told as of the second."""

    def fit(value: Any, place: str) -> None:
        try:
            first(value, place)
        except ValueError:
            second(value, place)

    return fit


def same_length(shape: Shape, names: Sequence[str]) -> Shape:
    """Return a shape of objects whose lists of these names are equally long."""

    def fit(value: Any, place: str) -> None:
        shape(value, place)
        if len({len(value[name]) for name in names}) > 1:
            raise ValueError(f"{place}: {' and '.join(names)} differ in length")

    return fit


def _show(value: Any) -> str:
    """Return a value as JSON has it, on one line, a long one cut."""
    try:
        shown = json.dumps(value)
    except (ValueError, TypeError, RecursionError):  # a number of more than 4,300 digits cannot be written
        return f"a huge {type(value).__name__}"
    return shown if len(shown) <= 40 else f"{shown[:36]} …"
