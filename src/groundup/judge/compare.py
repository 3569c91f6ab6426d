"""Decides whether two observations are equal, up to allowed rounding and the order of additions."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.judge.answer import Raised
from groundup.judge.isolation.messages import Opaque

ABSOLUTE = 1e-9
MORE_PLACES = 5


@dataclass(frozen=True)
class Tolerance:
    """The tolerance within which two values are equal.

    Attributes
    ----------
    rounding : int or None
        Places that an answer may be rounded to; it need not be.
    relative : float
        Relative error that another order of computing may make.
    same_errors : bool
        Whether an error must be of the same type; any error will do else.
    absolute : float
        An error that is forgiven whatever the numbers' size.
    """

    rounding: int | None = None
    relative: float = 1e-6
    same_errors: bool = False
    absolute: float = ABSOLUTE


def to_plain(value: Any) -> Any:
    """Return a value in which numbers and regular nested lists of numbers are arrays, and tuples are lists."""
    if value is None or isinstance(value, str | Raised | Opaque | np.ndarray):
        return value
    if type(value).__module__.partition(".")[0] == "torch":
        return value.detach().numpy()
    if isinstance(value, numbers.Number | np.generic):
        return np.asarray(value) if not isinstance(value, int) or abs(value) < 2**63 else np.asarray(float(value))
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    parts = [to_plain(item) for item in value]
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if parts and len(arrays) == len(parts) and len({part.shape for part in arrays}) == 1:
        return np.stack(arrays)
    return parts if parts else np.zeros(0)


def is_same_error(got: Raised, wanted: Raised) -> bool:
    """Tell whether two errors have the same type and, for PyTorch's most general type, the same subject.

    Examples
    --------
    >>> sizes = Raised("RuntimeError", "The size of tensor a (4) must match the size of tensor b (2)", None)
    >>> is_same_error(sizes, Raised("RuntimeError", "The size of tensor a (6) must match the size of tensor b (3)", 7))
    True
    >>> is_same_error(sizes, Raised("RuntimeError", "one of the variables needed for gradient computation", None))
    False
    """
    if got.kind != wanted.kind or got.kind != "RuntimeError":
        return got.kind == wanted.kind
    return got.text.split()[:3] == wanted.text.split()[:3]


def is_equal(got: Any, wanted: Any, closeness: Tolerance) -> bool:
    """Tell whether an observation equals the expected one; both as `to_plain` returns them."""
    if isinstance(wanted, Raised):
        return isinstance(got, Raised) and (not closeness.same_errors or is_same_error(got, wanted))
    if isinstance(wanted, np.ndarray):
        return isinstance(got, np.ndarray) and are_arrays_equal(got, wanted, closeness)
    if isinstance(wanted, dict):
        return (
            isinstance(got, dict)
            and got.keys() == wanted.keys()
            and all(is_equal(got[key], wanted[key], closeness) for key in wanted)
        )
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(got) == len(wanted)
            and all(is_equal(ours, theirs, closeness) for ours, theirs in zip(got, wanted, strict=True))
        )
    return type(got) is type(wanted) and bool(got == wanted)


def are_arrays_equal(got: np.ndarray, wanted: np.ndarray, closeness: Tolerance) -> bool:
    """Tell whether numbers agree in shape and value."""
    if got.shape != wanted.shape:
        return False
    # Most are the same to the last bit.
    return np.array_equal(got, wanted) or bool(np.all(is_close(got, wanted, closeness)))


def is_close(got: np.ndarray, wanted: np.ndarray, closeness: Tolerance) -> np.ndarray:
    """Tell for each number whether arrays of the same shape agree."""
    single = np.float32 in (got.dtype, wanted.dtype)
    got, wanted = got.astype(complex if got.dtype.kind == "c" else float), wanted.astype(float)
    finite = np.isfinite(wanted)
    largest = float(np.abs(wanted[finite]).max()) if finite.any() else 0.0
    # A sum of large numbers that cancel errs by their size, not by its own.
    # What is infinite has no size to err by: nothing finite is close to it.
    size = np.where(finite, np.abs(wanted), 0.0)
    slack = closeness.relative * np.maximum(size, min(largest, 1.0)) + closeness.absolute
    if single:
        slack = slack + np.finfo(np.float32).eps * largest
    with np.errstate(invalid="ignore"):
        away = np.abs(got - wanted)
        same = (away <= slack) | (got == wanted) | (np.isnan(got) & np.isnan(wanted))
        if closeness.rounding is None or not (~same & (away <= slack + find_most_rounded(closeness.rounding))).any():
            return np.asarray(same)
        # To find out how each number may have been rounded takes longest.
        return np.asarray(same | (away <= slack + find_rounding(got, closeness.rounding)))


def find_most_rounded(places: int) -> float:
    """Return how far rounding to so many places may move a number at most."""
    return 0.5000001 * 10.0**-places


def find_rounding(got: np.ndarray, places: int) -> np.ndarray:
    """Return how far rounding may have moved each number, 0 where it does not look rounded.

    Some may be rounded and others not, such as the start of a walk, which is as it was given. Rounding to more places
    than are asked for is no mistake.
    """
    moved = np.zeros(got.shape)
    for place in reversed(range(places, places + MORE_PLACES)):
        moved[looks_rounded(got, place)] = find_most_rounded(place)
    return moved


def is_rounded(numbers_: np.ndarray, places: int) -> bool:
    """Tell whether all numbers look rounded to this many places (also in single precision)."""
    return bool(np.all(looks_rounded(numbers_[np.isfinite(numbers_)], places)))


def has_fractions(numbers_: np.ndarray) -> bool:
    """Tell whether some number is not whole: whole numbers alone do not show that an answer rounds."""
    return not np.array_equal(numbers_, np.round(numbers_))


def looks_rounded(numbers_: np.ndarray, places: int) -> np.ndarray:
    """Tell of each number whether it looks rounded to this many places (also in single precision)."""
    real = np.real(numbers_)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.abs(real - np.round(real, places)) <= 1e-12 + 1.2e-7 * np.abs(real))
