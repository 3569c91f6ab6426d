"""What people write for good and bad: words, numbers, stars, emoticons, and any labels that they name themselves.

A number says nothing alone: 1 is good beside 0 and bad beside 5. So all labels of the data are looked at together.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from groundup.base.errors import UserError

# True is positive, False is negative, None is neither.
Meaning = bool | None

_STRONG = r"(?:(?:very|extremely|strongly|highly|somewhat|slightly|mostly|weakly)[ _-]+)?"
_POSITIVE = re.compile(
    _STRONG + r"(?:positive|pos|good)|\+|true|t|yes|y|like|happy|fresh|recommended|thumbs up|great|excellent"
    r"|positiv|positivo|positiva|positif|[:=;]-?[)d]|<3|[🙂😀😃😄😁😊😍🥰👍❤♥✅]"
)
_NEGATIVE = re.compile(
    _STRONG + r"(?:negative|neg|bad)|[-−]|false|f|no|n|dislike|unhappy|sad|rotten|not recommended|thumbs down"
    r"|poor|terrible|negativ|negativo|negativa|négatif|negatif|[:=]-?[(]|[🙁☹😞😟😠😡😢😭👎💔❌]"
)
_NEUTRAL = re.compile(r"neutral|neu|neutro|neutre|[:=]-?\||😐")
_NEITHER = re.compile(rf"mixed|{_NEUTRAL.pattern}")
_WORDS: tuple[tuple[re.Pattern[str], Meaning], ...] = ((_POSITIVE, True), (_NEGATIVE, False), (_NEITHER, None))

_NUMBER = r"([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?)"
_RATED = re.compile(_NUMBER + r"(?:\s*(?:/|out of)\s*(5|10)(?:[.,]0)?)?[\s-]*(stars?(?: rating)?)?")
_STARS = re.compile(r"[★⭐]+[☆✩]*|[☆✩]+")
_SIMPLE = re.compile(r"[\w .+-]*")
_MOST_NAMED, _LONGEST_NAMED = 6, 40


@dataclass(frozen=True)
class Scale:
    """Numbers that stand for good and bad.

    Attributes
    ----------
    name : str
        What a run remembers it by.
    said : str
        What the numbers mean, in words.
    values : frozenset of float
        All numbers of it.
    bad_to, good_from : float
        Where bad ends and good begins; numbers between them are neither.
    """

    name: str
    said: str
    values: frozenset[float]
    bad_to: float
    good_from: float

    def judge(self, number: float) -> Meaning:
        """Return what a number means."""
        return None if self.bad_to < number < self.good_from else number >= self.good_from


def _steps(first: float, last: float, step: float = 1) -> frozenset[float]:
    return frozenset(first + step * place for place in range(round((last - first) / step) + 1))


BINARY = Scale("0 and 1", "0 is negative, 1 positive", frozenset({0.0, 1.0}), 0, 1)
SIGNS = Scale("signs", "below 0 is negative, 0 neither, above 0 positive", _steps(-5, 5), -1, 1)
_CLASSES = Scale("1 and 2", "1 is negative, 2 positive", frozenset({1.0, 2.0}), 1, 2)
_FROM_0 = Scale("0 to 4", "0 and 1 are negative, 2 neither, 3 and 4 positive", _steps(0, 4), 1, 3)
_FIVE = Scale("5 stars", "1 and 2 of 5 stars are negative, 3 neither, 4 and 5 positive", _steps(0.5, 5, 0.5), 2.5, 3.5)
_TEN = Scale(
    "10 points", "to 4 of 10 points are negative, 5 and 6 neither, from 7 positive", _steps(0.5, 10, 0.5), 4, 7
)
SCALES = {scale.name: scale for scale in (BINARY, SIGNS, _CLASSES, _FROM_0, _FIVE, _TEN)}


@dataclass(frozen=True)
class Label:
    """One label, as far as it can be understood alone.

    Attributes
    ----------
    text : str
        In lower case, without what programs put around it (``__label__``, quotes, a full stop).
    number : float or None
        The number that it is, if it is one.
    rated_of : int
        5 or 10 where that is written ("4 stars", "7/10"), else 0.
    """

    text: str
    number: float | None = None
    rated_of: int = 0

    @property
    def key(self) -> str:
        """What all spellings of one label have in common."""
        return self.text if self.number is None else f"{self.number:g}"

    @property
    def is_word(self) -> bool:
        """Whether it is a word for good, bad or neither."""
        return any(words.fullmatch(self.text) for words, _ in _WORDS)

    @property
    def is_neutral(self) -> bool:
        """Whether it is a word for neutral, which a mixed judgement is not."""
        return _NEUTRAL.fullmatch(self.text) is not None

    @property
    def meaning(self) -> Meaning:
        """What a word means."""
        return next(meaning for words, meaning in _WORDS if words.fullmatch(self.text))

    @property
    def looks_like_one(self) -> bool:
        """Whether people write this for a label."""
        return self.is_word or any(self.number in scale.values for scale in SCALES.values())


def parse_label(cell: str) -> Label:
    """Split a label into its parts.

    Examples
    --------
    >>> [parse_label(cell).key for cell in ("1.0", " +1 ", "1.", "__label__1", '"1"', "−1", "Pos.")]
    ['1', '1', '1', '1', '1', '-1', 'pos']
    >>> parse_label("4.0 out of 5 stars").rated_of, parse_label("★★★★☆").number
    (5, 4.0)
    """
    text = cell.replace("\ufe0f", "").replace("\ufeff", "").replace("\u200b", "").strip().strip("\"'“”").strip()
    text = " ".join(text.casefold().removeprefix("__label__").split())
    if _STARS.fullmatch(text):
        return Label(text, float(sum(text.count(star) for star in "★⭐")), 5)
    if (found := _RATED.fullmatch(text.replace("−", "-"))) is not None:
        out_of = int(found[2] or 0) or (5 if found[3] else 0)
        return Label(text, float(found[1].replace(",", ".")) + 0.0, out_of)  # -0 is 0
    return Label(text.rstrip(".") or text)


# What `--set labels=` may say of all labels together.
EACH, STARS = "classes", "stars"


@dataclass(frozen=True)
class Mapping:
    """What ``--set labels=`` says.

    Attributes
    ----------
    meanings : dict
        ``True`` for positive, ``False`` for negative, ``None`` for texts to leave out, by the labels' keys.
    neutral : frozenset of str
        Keys of the labels that are neutral, a class of its own; in ``meanings`` they are ``None``.
    whole : str
        `EACH` if every label is a class of its own, `STARS` if numbers rate.
    """

    meanings: dict[str, Meaning]
    neutral: frozenset[str] = frozenset()
    whole: str = ""

    def __contains__(self, key: str) -> bool:
        """Tell whether a label is named."""
        return key in self.meanings


def parse_labels(labels: str) -> Mapping:
    """Read what ``--set labels=`` says: pairs as in `parse_mapping`, and `EACH` or `STARS`.

    Examples
    --------
    >>> parse_labels("classes, unsure=none")
    Mapping(meanings={'unsure': None}, neutral=frozenset(), whole='classes')
    """
    pairs, whole = [], ""
    for pair in _cut_pairs(labels):
        if (said := pair.strip().casefold()) not in (EACH, STARS):
            pairs.append(pair)
        elif whole not in ("", said):
            raise UserError(f"--set labels={labels}: either {EACH} or {STARS}. Keep one.")
        else:
            whole = said
    meanings: dict[str, Meaning] = {}
    neutral = set()
    for pair in pairs:
        name, equals, value = pair.rpartition("=")
        meant, key = parse_label(value), parse_label(name).key
        if not equals or not name.strip() or not (meant.text == "none" or meant.is_word or meant.number in (0, 1)):
            raise UserError(f'--set labels={labels}: "{pair}" is not understood: {_EXPECTED}.')
        meaning = None if meant.text == "none" else meant.meaning if meant.is_word else meant.number == 1
        if meanings.setdefault(key, meaning) is not meaning or (key in neutral and not meant.is_neutral):
            raise UserError(f'--set labels={labels}: "{name.strip()}" has two meanings. Keep one.')
        if meant.is_neutral:
            neutral.add(key)
    if whole == EACH and not (set(meanings.values()) <= {None} and not neutral):
        raise UserError(f"--set labels={labels}: beside {EACH}, labels can only be left out (unsure=none).")
    return Mapping(meanings, frozenset(neutral), whole)


def parse_mapping(labels: str) -> dict[str, Meaning]:
    """Return the meanings of labels in ``--set labels=``: 1, 0, neutral, or none for texts to leave out.

    Raises
    ------
    UserError
        It is written in another way.

    Examples
    --------
    >>> parse_mapping("ham=1, spam=0")
    {'ham': True, 'spam': False}
    >>> parse_mapping('"so, so"=none')
    {'so, so': None}
    """
    return parse_labels(labels).meanings


_EXPECTED = (
    f"expected pairs such as good=1,bad=0,unsure=none, or {EACH}; a label with a comma stands in quotation marks"
)


def _cut_pairs(labels: str) -> list[str]:
    if not labels.strip():
        return []
    if labels.count('"') % 2:
        raise UserError(f"--set labels={labels}: a quotation mark is not closed: {_EXPECTED}.")
    return next(csv.reader([labels], skipinitialspace=True))


class UnknownLabel(Exception):  # noqa: N818, its place in a file is not known here
    """A label that is not understood.

    Attributes
    ----------
    place : int
        Which of the labels.
    remedy : str
        What to do about it.
    """

    def __init__(self, place: int, remedy: str) -> None:
        super().__init__(remedy)
        self.place, self.remedy = place, remedy


def read_labels(
    cells: Sequence[str], mapping: dict[str, Meaning] | None = None, known_scale: str = ""
) -> tuple[list[Meaning], Scale | None]:
    """Return what the labels of some data mean, and the scale of its numbers.

    Parameters
    ----------
    cells : sequence of str
        All labels, as they are written.
    mapping : dict, optional
        What some labels mean, see `parse_mapping`.
    known_scale : str
        The name of a scale to take where it fits.

    Returns
    -------
    list of bool or None
        ``True`` for positive, ``False`` for negative, ``None`` for neither.
    Scale or None
        None if no number is among the labels but those in the mapping.

    Raises
    ------
    UnknownLabel
        A label is not understood.

    Examples
    --------
    >>> read_labels(["1", "5", "3"])[0]
    [False, True, None]
    """
    mapping = mapping or {}
    parsed = {cell: parse_label(cell) for cell in dict.fromkeys(cells)}
    numbers = [label for label in parsed.values() if label.number is not None and label.key not in mapping]
    # Where the user says what some numbers mean, the others are not guessed.
    said = any(label.number is not None and label.key in mapping for label in parsed.values())
    scale = None if said else choose_scale(numbers, known_scale)
    meanings: dict[str, Meaning] = {}
    unknown = []
    for cell, label in parsed.items():
        if label.key in mapping:
            meanings[cell] = mapping[label.key]
        elif label.number is not None and scale is not None:
            meanings[cell] = scale.judge(label.number)
        elif label.is_word:
            meanings[cell] = label.meaning
        else:
            unknown.append(cell)
    if unknown:
        # Beside other numbers 0 and 1 are not what is strange.
        strangest = next((cell for cell in unknown if parsed[cell].number not in BINARY.values), unknown[0])
        raise UnknownLabel(list(cells).index(strangest), _suggest({cell: parsed[cell] for cell in unknown}))
    return [meanings[cell] for cell in cells], scale if numbers else None


def choose_scale(labels: Iterable[Label], known_scale: str = "") -> Scale | None:
    """Return the scale that numbers are of: a known one where it fits, else the one that they suggest."""
    labels = list(labels)
    rated = {label.rated_of for label in labels} - {0}
    found = {label.number for label in labels if label.number is not None}
    if rated:
        wanted = _TEN if 10 in rated else _FIVE
        return wanted if len(rated) == 1 and found <= wanted.values else None
    most = max(found, default=0)
    known = SCALES.get(known_scale)
    # Numbers that are all above 1 are no signs, though a scale around 0 holds them.
    if known is not None and found <= known.values and not (known is SIGNS and most > 1 and min(found) >= 0):
        return known
    suggested = (
        (BINARY, True),
        (SIGNS, min(found, default=0) < 0),
        (_CLASSES, len(found) == 2),
        (_FROM_0, 0 in found and most >= 3),
        (_FIVE, most >= 4),
        (_TEN, most > 5),
    )
    return next((scale for scale, fits in suggested if fits and found <= scale.values), None)


def _suggest(unknown: dict[str, Label]) -> str:
    """Return what to do about labels that are not understood."""
    usual = "Write 1 or positive, 0 or negative"
    each = f"If every label is a class of its own: --set labels={EACH}."
    names = {label.key: " ".join(cell.split()) for cell, label in unknown.items()}
    if len(names) > _MOST_NAMED or any(len(name) > _LONGEST_NAMED or not name.isprintable() for name in names.values()):
        return f'{usual}, or say what is what: --set labels="good=1,bad=0" (none leaves texts out). {each}'
    values = ["1", "0", *["none"] * len(names)] if len(names) > 1 else ["none"]
    if len(names) > 1 and all(label.number is not None for label in unknown.values()):
        names = dict(sorted(names.items(), key=lambda item: float(item[0])))
        values = ["0", *["none"] * (len(names) - 2), "1"]
    simple = all(_SIMPLE.fullmatch(name) for name in names.values())
    shown = [
        name if simple or not {",", '"'} & set(name) else '"' + name.replace('"', '""') + '"' for name in names.values()
    ]
    pairs = ",".join(f"{name}={value}" for name, value in zip(shown, values, strict=False))
    example = f'--set labels="{pairs}"' if simple else f"--set 'labels={pairs}'"
    return f"{usual}, or say what is what, for example {example} (1 is positive, none leaves texts out). {each}"
