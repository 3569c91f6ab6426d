"""What an answer's outputs tell where no known mistake fits: shapes, factors, signs, order, types.

Each finding looks at every case that failed and holds for all of them, or is not made. The most telling come first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from groundup.judge.answer import Raised
from groundup.judge.compare import Closeness, are_arrays_equal, is_close
from groundup.judge.verdict import Trace, show_value
from groundup.judge.wire import Opaque

Sizes = Callable[..., Mapping[str, int]]
Pair = tuple[np.ndarray, np.ndarray]


def find(traces: Sequence[Trace], closeness: Closeness, sizes: Sizes | None = None) -> list[str]:
    """Return sentences about the failing ones of ``traces``.

    Parameters
    ----------
    traces : sequence of Trace
        Of one check.
    closeness : Closeness
        Of that check.
    sizes : callable, optional
        `Exercise.sizes`.
    """
    failed = [trace for trace in traces if not trace.agrees]
    if not failed:
        return []
    found = [*find_type(failed), *find_parts(failed, closeness)]
    pairs = pair_arrays(failed)
    if pairs and len(pairs) >= len(failed):
        if any(got.shape != wanted.shape for got, wanted in pairs):
            found += find_shape([pair for pair in pairs if pair[0].shape != pair[1].shape], closeness)
        else:
            found += find_values(failed, pairs, closeness, sizes)
    found += find_where(traces, failed)
    return list(dict.fromkeys(found))


def pair_arrays(failed: Sequence[Trace]) -> list[Pair]:
    """Return what was got and wanted wherever both are numbers."""
    return [
        (trace.got, trace.wanted)
        for trace in failed
        if isinstance(trace.got, np.ndarray) and isinstance(trace.wanted, np.ndarray)
    ]


def find_type(failed: Sequence[Trace]) -> Iterator[str]:
    """Notice nothing returned, errors raised, and things that are no numbers."""
    first = failed[0]
    if all(trace.got is None for trace in failed):
        yield "It returns None: is a return statement missing?"
    elif all(isinstance(trace.got, Raised) for trace in failed):
        kinds = {trace.got.kind for trace in failed}
        if kinds == {"NotImplementedError"}:
            yield "It is not written yet: it still raises NotImplementedError."
        elif len(kinds) == 1:
            yield f"It raises {show_value(first.got)}."
    elif all(isinstance(trace.wanted, Raised) for trace in failed):
        yield f"It returns {show_value(first.got)} for input that must be refused."
    elif all(isinstance(trace.got, Opaque) for trace in failed):
        yield f"It returns a {first.got.type_name}; {describe_kind(first.wanted)} is asked for."
    elif all(isinstance(trace.got, str) and isinstance(trace.wanted, str) for trace in failed):
        yield f"It says {first.got!r} where {first.wanted!r} is right."
    elif all(isinstance(trace.got, str) != isinstance(trace.wanted, str) for trace in failed):
        yield f"It returns {describe_kind(first.got)}; {describe_kind(first.wanted)} is asked for."


def describe_kind(value: Any) -> str:
    """Return what kind of thing a value is, in words."""
    if isinstance(value, np.ndarray):
        return "one number" if value.ndim == 0 else f"numbers of shape {value.shape}"
    if isinstance(value, str):
        return "text"
    return "nothing" if value is None else f"a {type(value).__name__}"


def find_parts(failed: Sequence[Trace], closeness: Closeness) -> Iterator[str]:
    """Name the parts of a dictionary or list that are wrong."""
    if all(isinstance(trace.got, dict) and isinstance(trace.wanted, dict) for trace in failed):
        first = failed[0]
        lost, extra = first.wanted.keys() - first.got.keys(), first.got.keys() - first.wanted.keys()
        if lost:
            yield f"The result has no {' and no '.join(sorted(map(repr, lost)))}."
        if extra:
            yield f"The result has {', '.join(sorted(map(repr, extra)))}, which nobody asked for."
        same = all(trace.got.keys() == trace.wanted.keys() == first.wanted.keys() for trace in failed)
        if not lost and not extra and same:
            yield from describe_wrong_parts(failed, list(first.wanted), closeness)
    elif all(isinstance(trace.got, list) and isinstance(trace.wanted, list) for trace in failed):
        if all(len(trace.got) == len(trace.wanted) for trace in failed):
            length = len(failed[0].wanted)
            if length <= 4 and all(len(trace.wanted) == length for trace in failed):
                yield from describe_wrong_parts(failed, list(range(length)), closeness)
        elif all(len(trace.got) != len(trace.wanted) for trace in failed):
            first = failed[0]
            yield f"It returns {len(first.got)} things; {len(first.wanted)} are asked for."


def describe_wrong_parts(failed: Sequence[Trace], keys: Sequence[Any], closeness: Closeness) -> Iterator[str]:
    """Say which parts are right in every case and what is wrong with the others."""
    # Parts that hang together with a wrong one may be a little off: they are not what is wrong.
    close = Closeness(relative=max(1e-4, closeness.relative), rounding=4)
    wrong = []
    for key in keys:
        parts = [Trace(t.check, t.case, t.got[key], t.wanted[key], False) for t in failed]
        parts = [
            part
            for part in parts
            if not (
                are_arrays_equal(part.got, part.wanted, close)
                if isinstance(part.got, np.ndarray) and isinstance(part.wanted, np.ndarray)
                else type(part.got) is type(part.wanted) and part.got == part.wanted
            )
        ]
        if parts:
            wrong.append((key, parts))
    if wrong and len(wrong) < len(keys):
        names = ", ".join(name_part(key) for key, _ in wrong)
        yield f"Only {names} {'is' if len(wrong) == 1 else 'are'} wrong; the rest of the result is right."
    for key, parts in wrong[:2]:
        for finding in find(parts, close)[:1]:
            yield f"{name_part(key)}: {finding}"


def name_part(key: Any) -> str:
    """Return a dictionary's key, or a place in a list, in words."""
    return f"part {key + 1}" if isinstance(key, int) else repr(key)


def find_shape(pairs: Sequence[Pair], closeness: Closeness) -> Iterator[str]:
    """Say how shapes differ."""
    got, wanted = max(pairs, key=lambda pair: pair[1].size)
    words = f"The result has the shape {got.shape}; {wanted.shape} is asked for"
    if all(g.ndim == 2 and g.T.shape == w.shape for g, w in pairs):
        right = all(are_arrays_equal(g.T, w, closeness) for g, w in pairs)
        yield f"{words}: it is transposed{', with the right values' if right else ''}."
    elif all(g.size == w.size for g, w in pairs):
        right = all(are_arrays_equal(g.reshape(w.shape), w, closeness) for g, w in pairs)
        lost = "a dimension of length 1 is left over" if got.ndim > wanted.ndim else "a dimension is lost"
        if got.ndim == wanted.ndim:
            lost = "the same numbers are laid out differently"
        yield f"{words}: {lost}{', the values are right' if right else ''}."
    elif wanted.ndim == 0:
        yield f"{words}: one number, not one for each. Is a sum or mean missing?"
    elif got.ndim == 0:
        yield f"{words}: everything was summed or averaged into one number."
    elif got.ndim < wanted.ndim:
        yield f"{words}: a dimension was summed or picked away."
    elif got.ndim > wanted.ndim:
        yield f"{words}: a dimension is too many."
    else:
        axis = next(i for i, (a, b) in enumerate(zip(got.shape, wanted.shape, strict=True)) if a != b)
        step = got.shape[axis] - wanted.shape[axis]
        more = f"{abs(step)} too {'many' if step > 0 else 'few'}"
        yield f"{words}: dimension {axis} has {got.shape[axis]} places, {more}."


def find_values(
    failed: Sequence[Trace], pairs: Sequence[Pair], closeness: Closeness, sizes: Sizes | None
) -> Iterator[str]:
    """Say how values of the right shape differ."""
    floats = [(got.astype(float), wanted.astype(float)) for got, wanted in pairs]
    if any((~np.isfinite(got) & np.isfinite(wanted)).any() for got, wanted in floats):
        bad = next(got[~np.isfinite(got)] for got, wanted in floats if not np.isfinite(got).all())
        name = "NaN (not a number)" if np.isnan(bad).any() else "infinity"
        yield f"The result holds {name}: look for a division by zero, or exp or log of something too large or zero."
        return
    if all(np.all(got == 0) for got, _ in floats) and any(np.any(wanted != 0) for _, wanted in floats):
        yield "The result is 0 in every failing case."
        return
    if len(pairs) > 2 and all(np.array_equal(got, pairs[0][0]) for got, _ in pairs):
        yield f"It returns {show_value(pairs[0][0])} whatever the input."
        return
    yield from itertools.islice(
        itertools.chain(
            find_factor(failed, floats, closeness, sizes),
            find_whole_numbers(pairs, floats),
            find_offset(floats, closeness),
            find_order(floats, closeness),
            find_transforms(floats, closeness),
            find_places(floats, closeness),
        ),
        3,
    )


def find_factor(
    failed: Sequence[Trace], pairs: Sequence[Pair], closeness: Closeness, sizes: Sizes | None
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
    if sum(wanted.size for _, wanted in pairs) < 3 or not ratios:
        return
    tolerance = 2e-3 if closeness.rounding else 1e-4
    if np.ptp(ratios) <= tolerance * abs(ratios[0]):
        ratio = ratios[0]
        if abs(ratio + 1) < tolerance:
            yield "Every value has the wrong sign: it is exactly the negative of what is asked for."
        elif abs(ratio - 1) > tolerance:
            yield f"Every value is {name_ratio(ratio)} what is asked for: a constant factor is too much or missing."
        return
    # Any one number is a multiple of any other.
    several = all(wanted.size > 1 for _, wanted in pairs)
    if sizes is None or len(ratios) != len(failed):
        if several:
            yield "Each result is a multiple of the right one, but by another factor in every case: look for a size."
        return
    known = [dict(sizes(*trace.case)) for trace in failed]
    for name, (power, words) in itertools.product(known[0], POWERS.items()):
        for sign, minus in ((1, ""), (-1, "minus ")):
            guess = [sign * float(size[name]) ** power for size in known]
            if np.allclose(guess, ratios, rtol=10 * tolerance):
                yield (
                    f"Every value is {minus}{words.format(name)} times what is asked for "
                    f"({name} = {known[0][name]} in the failing case)."
                )
                return
    if several:
        yield "Each result is a multiple of the right one, but by another factor in every case: look for a size."


POWERS = {1.0: "{}", -1.0: "1/{}", 0.5: "√{}", -0.5: "1/√{}", 2.0: "{}²", -2.0: "1/{}²"}


def name_ratio(ratio: float) -> str:
    """Return a factor in words."""
    inverse = 1 / ratio
    if abs(inverse - round(inverse)) < 1e-3 and abs(inverse) >= 1.5:
        return f"1/{round(inverse)} of" if inverse > 0 else f"−1/{-round(inverse)} times"
    return f"{ratio:.4g} times"


def loosen(closeness: Closeness) -> Closeness:
    """Return a closeness for values that were scaled after they were rounded."""
    return Closeness(closeness.rounding, max(closeness.relative, 2e-3 if closeness.rounding else 1e-4))


def find_whole_numbers(pairs: Sequence[Pair], floats: Sequence[Pair]) -> Iterator[str]:
    """Notice values cut or rounded to whole numbers."""
    if any(np.all(wanted == np.round(wanted)) for _, wanted in floats):
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


def find_offset(pairs: Sequence[Pair], closeness: Closeness) -> Iterator[str]:
    """Notice a constant difference."""
    offsets = [got - wanted for got, wanted in pairs if got.size]
    if offsets and sum(offset.size for offset in offsets) > 2:
        flat = np.concatenate([offset.ravel() for offset in offsets])
        if np.ptp(flat) < 10 * closeness.relative + (2 * 10.0 ** -(closeness.rounding or 9)):
            yield f"Every value is {abs(flat[0]):.5g} too {'large' if flat[0] > 0 else 'small'}: a constant is off."


def find_order(pairs: Sequence[Pair], closeness: Closeness) -> Iterator[str]:
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


def find_transforms(pairs: Sequence[Pair], closeness: Closeness) -> Iterator[str]:
    """Notice a function applied too often, or not."""
    with np.errstate(all="ignore"):
        for words, change in TRANSFORMS.items():
            if all(are_arrays_equal(got, change(wanted), closeness) for got, wanted in pairs):
                yield f"What comes out is {words} what is asked for."
                return
            if all(are_arrays_equal(change(got), wanted, closeness) for got, wanted in pairs):
                yield f"What is asked for is {words} what comes out: the last step is missing."
                return


def find_places(pairs: Sequence[Pair], closeness: Closeness) -> Iterator[str]:
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


def find_where(traces: Sequence[Trace], failed: Sequence[Trace]) -> Iterator[str]:
    """Say for which kind of input it fails, where some cases pass."""
    passed = [trace for trace in traces if trace.agrees]
    if len(passed) < 3 or len(failed) < 3:
        return
    places = range(min(len(trace.case) for trace in traces))
    for place in places:
        for words, test in INPUT_TESTS.items():
            hits = [test(trace.case[place]) for trace in failed]
            if all(hits) and not any(test(trace.case[place]) for trace in passed):
                yield f"It fails only where input {place + 1} {words}."
                return


def numbers_of(value: Any) -> np.ndarray:
    """Return the numbers of an argument, none where it has none."""
    if isinstance(value, np.ndarray):
        return value.astype(float) if value.dtype.kind in "biuf" else np.zeros(0)
    if type(value).__module__ == "torch":
        return np.asarray(value.double().numpy())
    return np.asarray([value], float) if isinstance(value, int | float) else np.zeros(0)


INPUT_TESTS: dict[str, Callable[[Any], bool]] = {
    "is 0": lambda x: numbers_of(x).size == 1 and bool(numbers_of(x).ravel()[0] == 0),
    "is empty": lambda x: hasattr(x, "__len__") and getattr(x, "ndim", 1) > 0 and len(x) == 0,
    "holds negative numbers": lambda x: bool((numbers_of(x) < 0).any()),
    "holds no negative number": lambda x: numbers_of(x).size > 0 and not bool((numbers_of(x) < 0).any()),
    "holds numbers above 1": lambda x: bool((numbers_of(x) > 1).any()),
    "has more than one row": lambda x: getattr(x, "ndim", 0) > 0 and len(x) > 1,
    "has only one row": lambda x: getattr(x, "ndim", 0) > 0 and len(x) == 1,
}
