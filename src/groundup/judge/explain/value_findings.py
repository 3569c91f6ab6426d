"""What wrong values of the right shape tell: a factor, an offset, another order, another function, certain places.

Each finding holds for all cases that failed, or is not made.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from groundup.judge.compare import Tolerance, are_arrays_equal, is_close
from groundup.judge.verdict import CaseResult, show_value

Sizes = Callable[..., Mapping[str, int]]
Pair = tuple[np.ndarray, np.ndarray]
LEAST_CASES, LEAST_VALUES = 3, 6


def find_values(
    failed: Sequence[CaseResult], pairs: Sequence[Pair], closeness: Tolerance, sizes: Sizes | None
) -> Iterator[str]:
    """Say how values of the right shape differ."""
    floats = [(got.astype(float), wanted.astype(float)) for got, wanted in pairs]
    infinite = [(~np.isfinite(got) & np.isfinite(wanted)).any() for got, wanted in floats]
    if all(infinite):
        name = name_infinite([got for got, _ in floats])
        yield f"The result holds {name}: look for a division by zero, or exp or log of something too large or zero."
        return
    if any(infinite):
        name = name_infinite([got for (got, _), bad in zip(floats, infinite, strict=True) if bad])
        yield f"For some inputs the result holds {name}, for others it is another wrong number."
        return
    if all(np.all(got == 0) for got, _ in floats) and any(np.any(wanted != 0) for _, wanted in floats):
        yield "The result is 0 in every failing case."
        return
    if len(pairs) > 2 and all(np.array_equal(got, pairs[0][0]) for got, _ in pairs):
        yield f"It returns {show_value(pairs[0][0])} whatever the input."
        return
    if not is_enough(floats):
        return
    yield from itertools.islice(
        itertools.chain(
            find_factor(failed, floats, closeness, sizes),
            find_whole_numbers(pairs, floats),
            find_offset(floats, closeness),
            find_order(floats, closeness),
            find_transforms(floats, closeness),
            find_places(floats, closeness),
            find_nearness(floats),
        ),
        3,
    )


def name_infinite(results: Sequence[np.ndarray]) -> str:
    """Return what numbers without a size some results hold, in words."""
    flat = np.concatenate([result.ravel() for result in results])
    kinds = [("NaN (not a number)", np.isnan(flat).any()), ("infinity", np.isinf(flat).any())]
    return " and ".join(words for words, found in kinds if found)


def is_enough(pairs: Sequence[Pair]) -> bool:
    """Tell whether there are enough different values for a pattern in them to be no coincidence."""
    different = {float(f"{value:.6g}") for _, wanted in pairs for value in wanted.ravel()[:100]}
    return len(pairs) >= LEAST_CASES and len(different) >= LEAST_VALUES


def find_factor(
    failed: Sequence[CaseResult], pairs: Sequence[Pair], closeness: Tolerance, sizes: Sizes | None
) -> Iterator[str]:
    """Notice a constant factor, and what it is: −1, 2, N or √d, for example."""
    ratios = []
    for got, wanted in pairs:
        large = np.abs(wanted) > 1e-3
        if not large.any():
            if not np.all(is_close(got, wanted, loosen(closeness))):
                return
            continue
        found = got[large] / wanted[large]
        ratio = float(np.median(found))
        if not np.all(is_close(got, ratio * wanted, loosen(closeness))) or abs(ratio) < 1e-9:
            return
        ratios.append(ratio)
    if not ratios:
        return
    tolerance = 2e-3 if closeness.rounding else 1e-4
    if np.ptp(ratios) <= tolerance * abs(ratios[0]):
        yield from describe_factor(ratios[0], tolerance)
        return
    # Any one number is a multiple of any other.
    several = all(wanted.size > 1 for _, wanted in pairs)
    if sizes is None or len(ratios) != len(failed):
        if several:
            yield "Each result is a multiple of the right one, but by another factor in every case: look for a size."
        return
    known = [dict(sizes(*result.case)) for result in failed]
    for name, (power, words) in itertools.product(known[0], POWERS.items()):
        for sign, minus in ((1, ""), (-1, "minus ")):
            guess = [sign * float(size[name]) ** power for size in known]
            if np.allclose(guess, ratios, rtol=10 * tolerance):
                told = f" ({name} = {known[0][name]} in the failing case)" if known[0][name] > 1 else ""
                yield f"Every value is {minus}{words.format(name)} times what is asked for{told}."
                return
    if several:
        yield "Each result is a multiple of the right one, but by another factor in every case: look for a size."


POWERS = {1.0: "{}", -1.0: "1/{}", 0.5: "√{}", -0.5: "1/√{}", 2.0: "{}²", -2.0: "1/{}²"}


def describe_factor(ratio: float, tolerance: float) -> Iterator[str]:
    """Say which factor every value has that it should not have."""
    if abs(ratio + 1) < tolerance:
        yield "Every value has the wrong sign: it is exactly the negative of what is asked for."
        return
    if abs(ratio - 1) <= tolerance:
        return
    yield f"Every value is {name_ratio(ratio)} what is asked for: a constant factor is too much or missing."
    for base in (2, 10):
        if abs(ratio * math.log(base) - 1) < tolerance:
            yield f"log{base} is the natural logarithm times this factor: np.log and torch.log are the natural one."


def name_ratio(ratio: float) -> str:
    """Return a factor in words."""
    inverse = 1 / ratio
    if abs(inverse - round(inverse)) < 1e-3 and abs(inverse) >= 1.5:
        return f"1/{round(inverse)} of" if inverse > 0 else f"−1/{-round(inverse)} times"
    return f"{ratio:.4g} times"


def loosen(closeness: Tolerance) -> Tolerance:
    """Return a closeness for values that were scaled after they were rounded."""
    return Tolerance(closeness.rounding, max(closeness.relative, 2e-3 if closeness.rounding else 1e-4))


def find_whole_numbers(pairs: Sequence[Pair], floats: Sequence[Pair]) -> Iterator[str]:
    """Notice values cut or rounded to whole numbers."""
    if all(np.all(wanted == np.round(wanted)) for _, wanted in floats):
        return
    for change, words in ((np.trunc, "cut"), (np.floor, "rounded down"), (np.round, "rounded")):
        if all(np.all(got == change(wanted)) for got, wanted in floats):
            kind = " The result's dtype is that of whole numbers." if pairs[0][0].dtype.kind in "iu" else ""
            yield f"The values are {words} to whole numbers.{kind}"
            return
    for places in (1, 2, 3, 4, 5, 6):
        if all(np.allclose(got, np.round(wanted, places), rtol=0, atol=1e-9) for got, wanted in floats):
            yield f"The result is right but rounded to {places} places, fewer than is asked for."
            return
    if all(got.dtype.kind in "iu" for got, _ in pairs):
        yield (
            "The result holds whole numbers only. An array made of whole numbers cuts the fraction off whatever is put "
            "into it: make it one of fractions, with dtype=float or 0.0 instead of 0."
        )


def find_offset(pairs: Sequence[Pair], closeness: Tolerance) -> Iterator[str]:
    """Notice a constant difference."""
    offsets = [got - wanted for got, wanted in pairs if got.size]
    if offsets and sum(offset.size for offset in offsets) > 2:
        flat = np.concatenate([offset.ravel() for offset in offsets])
        if np.ptp(flat) < 10 * closeness.relative + (2 * 10.0 ** -(closeness.rounding or 9)):
            yield f"Every value is {abs(flat[0]):.5g} too {'large' if flat[0] > 0 else 'small'}: a constant is off."


def find_order(pairs: Sequence[Pair], closeness: Tolerance) -> Iterator[str]:
    """Notice the right values in other places."""
    several = [(got, wanted) for got, wanted in pairs if wanted.size > 1]
    if len(several) < len(pairs):
        return
    tests: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = [
        ("in reverse order", lambda x: np.flip(x, 0)),
        ("with rows and columns exchanged", lambda x: x.swapaxes(-1, -2) if x.ndim > 1 else x),
        ("with the last dimension reversed", lambda x: np.flip(x, -1)),
        ("shifted by one place", lambda x: np.roll(x, 1, -1)),
        ("shifted back by one place", lambda x: np.roll(x, -1, -1)),
    ]
    for words, change in tests:
        if all(
            change(got).shape == wanted.shape and are_arrays_equal(change(got), wanted, closeness)
            for got, wanted in several
        ):
            yield f"The values are right, but {words}."
            return
    if all(are_arrays_equal(np.sort(got.ravel()), np.sort(wanted.ravel()), closeness) for got, wanted in several):
        yield "The right values are there, in another order."


TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "the square of": np.square,
    "the square root of": np.sqrt,
    "the exponential of": np.exp,
    "the logarithm of": np.log,
    "the absolute value of": np.abs,
    "one divided by": np.reciprocal,
    "one minus": lambda x: 1 - x,
    "one plus": lambda x: 1 + x,
}


def find_transforms(pairs: Sequence[Pair], closeness: Tolerance) -> Iterator[str]:
    """Notice a function applied too often, or not."""
    with np.errstate(all="ignore"):
        for words, change in TRANSFORMS.items():
            if change is np.abs and not any((got * wanted > 0).any() for got, wanted in pairs):
                continue  # the negative, which is a factor
            if all(are_arrays_equal(got, change(wanted), closeness) for got, wanted in pairs):
                yield f"What comes out is {words} what is asked for."
                return
            if all(are_arrays_equal(change(got), wanted, closeness) for got, wanted in pairs):
                yield f"What is asked for is {words} what comes out: the last step is missing."
                return


def find_places(pairs: Sequence[Pair], closeness: Tolerance) -> Iterator[str]:
    """Say in which places the values are wrong, where that is telling."""
    right = [is_close(got, wanted, closeness) for got, wanted in pairs]
    large = [(ok, got, wanted) for ok, (got, wanted) in zip(right, pairs, strict=True) if ok.ndim and len(ok) > 1]
    if not large or len(large) < len(pairs) / 2:
        return
    for axis, name in ((0, "row" if large[0][0].ndim > 1 else "value"), (-1, "column")):
        lines = [all_along(ok, axis) for ok, _, _ in large if ok.ndim > -axis]
        lines = [line for line in lines if len(line) > 1]
        if not lines:
            continue
        if all(line[1:].all() for line in lines):
            yield f"Only the first {name} is wrong."
            return
        if all(line[:-1].all() for line in lines):
            yield f"Only the last {name} is wrong."
            return
        if all(line[0] and not line[1:].any() for line in lines):
            yield f"The first {name} is right, all after it are wrong."
            return
    if any(ok.any() for ok, _, _ in large):
        for words, test in SIGNS.items():
            if all(np.array_equal(~ok, test(wanted)) for ok, _, wanted in large):
                yield f"It is wrong exactly where the right value is {words}."
                return
        count = sum(int((~ok).sum()) for ok, _, _ in large)
        yield f"{count} of {sum(ok.size for ok, _, _ in large)} values are wrong, the others are right."


def all_along(right: np.ndarray, axis: int) -> np.ndarray:
    """Tell, for every place along an axis, whether all values there are right."""
    return np.asarray(np.moveaxis(right, axis, 0).reshape(right.shape[axis], -1).all(1))


SIGNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "negative": lambda x: x < 0,
    "positive": lambda x: x > 0,
    "zero": lambda x: x == 0,
}


def find_nearness(pairs: Sequence[Pair]) -> Iterator[str]:
    """Notice values that are nearly right everywhere."""
    if sum(wanted.size for _, wanted in pairs) < 3 or all(np.all(wanted == np.round(wanted)) for _, wanted in pairs):
        return
    off = max(float(np.abs(got - wanted).max(initial=0)) for got, wanted in pairs)
    typical = float(np.median(np.concatenate([np.abs(wanted).ravel() for _, wanted in pairs])))
    if off < 0.02 * typical:
        yield (
            f"Every value is nearly right, off by {off:.1g} at most: look for rounding on the way (round at the end "
            "only) or for a small constant such as ε."
        )
