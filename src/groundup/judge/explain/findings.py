"""What an answer's outputs show if no known mistake fits: shapes, factors, signs, order, types.

Each finding looks at every case that failed and holds for all of them, or is not made. The most telling come first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from groundup.judge.answer import Raised, is_unwritten
from groundup.judge.compare import Tolerance, are_arrays_equal, is_equal
from groundup.judge.explain.error_advice import advise
from groundup.judge.explain.value_findings import Pair, Sizes, find_values
from groundup.judge.isolation.messages import Opaque
from groundup.judge.verdict import WRONG_KIND, CaseResult, show_value

LEAST_SIDE = 3


def find(
    case_results: Sequence[CaseResult],
    closeness: Tolerance,
    sizes: Sizes | None = None,
    results: Sequence[str] = (),
    arguments: Sequence[str] = (),
) -> list[str]:
    """Return sentences about the failing ones of ``case_results``.

    Parameters
    ----------
    case_results : sequence of CaseResult
        Of one check. Where a sentence gives an example, it is of the first one that failed.
    closeness : Tolerance
        Of that check.
    sizes : callable, optional
        `Exercise.sizes`.
    results : sequence of str
        `Check.results`.
    arguments : sequence of str
        What a case's values are called.
    """
    failed = [result for result in case_results if not result.agrees]
    if not failed:
        return []
    found = [*find_type(failed), *find_parts(failed, closeness, results)]
    pairs = pair_arrays(failed)
    if pairs and len(pairs) >= len(failed):
        if any(got.shape != wanted.shape for got, wanted in pairs):
            found += find_shape([pair for pair in pairs if pair[0].shape != pair[1].shape], closeness)
        else:
            found += find_values(failed, pairs, closeness, sizes)
    found += find_where(case_results, failed, arguments)
    return list(dict.fromkeys(found))


def pair_arrays(failed: Sequence[CaseResult]) -> list[Pair]:
    """Return the answer's value and the expected value of every case in which both are numbers."""
    return [
        (result.got, result.wanted)
        for result in failed
        if isinstance(result.got, np.ndarray) and isinstance(result.wanted, np.ndarray)
    ]


def find_type(failed: Sequence[CaseResult]) -> Iterator[str]:
    """Notice missing results, errors, and results that are not numbers."""
    first = failed[0]
    if all(result.got is None for result in failed):
        yield "It returns None: is a return statement missing? print only shows a value, return hands it back."
    elif all(isinstance(result.got, Raised) for result in failed):
        kinds = {result.got.kind for result in failed}
        if all(is_unwritten(result.got.kind, result.got.text) for result in failed):
            yield "It is not written yet: it still raises NotImplementedError."
        elif kinds == {WRONG_KIND}:
            yield f"What it returns is not of the kind that is asked for: {first.got.text}."
        elif len(kinds) == 1:
            yield f"It raises {show_value(first.got)}."
            if advice := advise(first.got):
                yield advice
    elif all(isinstance(result.wanted, Raised) for result in failed):
        yield f"It returns {show_value(first.got)} for input that must be refused."
    elif all(is_empty(result.got) and isinstance(result.wanted, list) for result in failed):
        yield "It returns an empty list in every failing case."
    elif all(isinstance(result.got, Opaque) for result in failed):
        yield f"It returns {first.got.describe()}; {describe_kind(first.wanted)} is asked for."
    elif all(isinstance(result.got, str) and isinstance(result.wanted, str) for result in failed):
        yield f"It says {first.got!r} where {first.wanted!r} is right."
    elif all(isinstance(result.got, str) != isinstance(result.wanted, str) for result in failed):
        wanted = describe_kind(first.wanted) if isinstance(first.got, str) else show_value(first.wanted)
        yield f"It gives {describe_kind(first.got)}; {wanted} is asked for."


def is_empty(value: Any) -> bool:
    """Tell whether a value is an empty list, which comes as an array without numbers."""
    return isinstance(value, np.ndarray) and value.shape == (0,)


def describe_kind(value: Any) -> str:
    """Return what kind of thing a value is, in words."""
    if is_empty(value):
        return "an empty list"
    if isinstance(value, np.ndarray):
        return "one number" if value.ndim == 0 else f"numbers of shape {value.shape}"
    if isinstance(value, str):
        return "text"
    return "nothing" if value is None else f"a {type(value).__name__}"


def find_parts(failed: Sequence[CaseResult], closeness: Tolerance, results: Sequence[str] = ()) -> Iterator[str]:
    """Name the parts of a dictionary or list that are wrong."""
    if all(isinstance(result.got, dict) and isinstance(result.wanted, dict) for result in failed):
        first = failed[0]
        lost, extra = first.wanted.keys() - first.got.keys(), first.got.keys() - first.wanted.keys()
        if lost:
            yield f"The result has no {' and no '.join(sorted(map(repr, lost)))}."
        if extra:
            yield f"The result has {', '.join(sorted(map(repr, extra)))}, which is not asked for."
        same = all(result.got.keys() == result.wanted.keys() == first.wanted.keys() for result in failed)
        if not lost and not extra and same:
            yield from describe_wrong_parts(failed, {key: repr(key) for key in first.wanted}, closeness)
    elif all(isinstance(result.got, list) and isinstance(result.wanted, list) for result in failed):
        if all(len(result.got) == len(result.wanted) for result in failed):
            length = len(failed[0].wanted)
            if length <= 4 and all(len(result.wanted) == length for result in failed):
                named = dict(enumerate(results)) if len(results) == length else name_places(length)
                yield from describe_wrong_parts(failed, named, closeness)
        elif all(len(result.got) != len(result.wanted) for result in failed):
            first = failed[0]
            yield f"It returns {len(first.got)} things; {len(first.wanted)} are asked for."


def describe_wrong_parts(failed: Sequence[CaseResult], names: dict[Any, str], closeness: Tolerance) -> Iterator[str]:
    """Say which parts are right in every case and what is wrong with the others.

    Parameters
    ----------
    failed : sequence of CaseResult
        Whose observations are dictionaries or lists.
    names : dict
        Key or index → what to call the part.
    closeness : Tolerance
        Of the check.
    """
    # Parts that depend on a wrong one may be a little off: they are not the cause.
    close = Tolerance(relative=max(1e-4, closeness.relative), rounding=4)
    wrong = find_wrong_parts(failed, names, close)
    if not wrong:
        # Only a little off, which is rounding on the way.
        close, wrong = closeness, find_wrong_parts(failed, names, closeness)
    if len(wrong) == 2 == len(names):
        first, second = names
        if all(
            is_equal(t.got[first], t.wanted[second], close) and is_equal(t.got[second], t.wanted[first], close)
            for t in failed
        ):
            yield f"{names[first]} and {names[second]} are exchanged."
            return
    if wrong and len(wrong) < len(names):
        told = ", ".join(names[key] for key in wrong)
        yield f"Only {told} {'is' if len(wrong) == 1 else 'are'} wrong; the rest of the result is right."
    for key in list(wrong)[:2]:
        for finding in find(wrong[key], close)[:1]:
            yield f"{names[key]}: {finding}"


def find_wrong_parts(
    failed: Sequence[CaseResult], names: dict[Any, str], closeness: Tolerance
) -> dict[Any, list[CaseResult]]:
    """Return the results of those parts that are wrong, by the part's key or index."""
    wrong = {}
    for key in names:
        parts = [CaseResult(t.check, t.case, t.got[key], t.wanted[key], False) for t in failed]
        parts = [part for part in parts if not is_equal(part.got, part.wanted, closeness)]
        if parts:
            wrong[key] = parts
    return wrong


def name_places(length: int) -> dict[Any, str]:
    """Return what to call the parts of a result that nobody has named."""
    return {place: f"the {name} result" for place, name in enumerate(("first", "second", "third", "fourth")[:length])}


def find_shape(pairs: Sequence[Pair], closeness: Tolerance) -> Iterator[str]:
    """Say how shapes differ."""
    got, wanted = pairs[0]
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
    elif all(w.ndim == 0 for _, w in pairs):
        yield f"{words}: one number, not one for each. Is a sum or mean missing?"
    elif all(g.ndim == 0 for g, _ in pairs):
        yield f"{words}: everything was summed or averaged into one number."
    elif all(g.ndim < w.ndim for g, w in pairs):
        yield f"{words}: a dimension was summed or picked away."
    elif all(g.ndim > w.ndim for g, w in pairs):
        yield f"{words}: a dimension is too many."
    elif got.ndim != wanted.ndim:
        yield f"{words}."
    else:
        axis = next(i for i, (a, b) in enumerate(zip(got.shape, wanted.shape, strict=True)) if a != b)
        step = got.shape[axis] - wanted.shape[axis]
        more = f"{abs(step)} too {'many' if step > 0 else 'few'}"
        yield f"{words}: dimension {axis} has {got.shape[axis]} places, {more}."


def find_where(
    case_results: Sequence[CaseResult], failed: Sequence[CaseResult], arguments: Sequence[str] = ()
) -> Iterator[str]:
    """Say for which kind of input it fails, if enough cases fail and enough pass."""
    passed = [result for result in case_results if result.agrees]
    if len(passed) < LEAST_SIDE or len(failed) < LEAST_SIDE:
        return
    places = range(min(len(result.case) for result in case_results))
    for place in places:
        for words, test in INPUT_TESTS.items():
            hits = [test(result.case[place]) for result in failed]
            if all(hits) and not any(test(result.case[place]) for result in passed):
                name = arguments[place] if place < len(arguments) else f"input {place + 1}"
                yield f"It fails only where {name} {words}."
                return


def numbers_of(value: Any) -> np.ndarray:
    """Return the numbers of an argument, none if it has none."""
    if isinstance(value, np.ndarray):
        return value.astype(float) if value.dtype.kind in "biuf" else np.zeros(0)
    if type(value).__module__ == "torch":
        return np.asarray(value.double().numpy())
    return np.asarray([value], float) if isinstance(value, int | float) else np.zeros(0)


def texts_of(value: Any) -> list[str]:
    """Return the texts of an argument: itself, or those in a list."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


INPUT_TESTS: dict[str, Callable[[Any], bool]] = {
    "is 0": lambda x: numbers_of(x).size == 1 and bool(numbers_of(x).ravel()[0] == 0),
    "is empty": lambda x: hasattr(x, "__len__") and getattr(x, "ndim", 1) > 0 and len(x) == 0,
    "holds negative numbers": lambda x: bool((numbers_of(x) < 0).any()),
    "holds no negative number": lambda x: numbers_of(x).size > 0 and not bool((numbers_of(x) < 0).any()),
    "holds numbers above 1": lambda x: bool((numbers_of(x) > 1).any()),
    "has more than one row": lambda x: getattr(x, "ndim", 0) > 0 and len(x) > 1,
    "has only one row": lambda x: getattr(x, "ndim", 0) > 0 and len(x) == 1,
    "holds capital letters": lambda x: any(text != text.lower() for text in texts_of(x)),
    "holds punctuation": lambda x: any(re.search(r"[^\w\s]", text) for text in texts_of(x)),
    "holds several spaces in a row": lambda x: any(re.search(r"\s\s", text) for text in texts_of(x)),
    "begins or ends with a space": lambda x: any(text != text.strip() for text in texts_of(x)),
    "holds a word more than once": lambda x: any(len(set(t.split())) < len(t.split()) for t in texts_of(x)),
    "holds a letter twice in a row": lambda x: any(re.search(r"(\S)\1", text) for text in texts_of(x)),
}
