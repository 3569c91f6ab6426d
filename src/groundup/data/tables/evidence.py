"""Collects, chunk by chunk, evidence about the content of a column."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundup.data.tables import date_cells
from groundup.data.tables.date_cells import Meaning, find_dates
from groundup.data.tables.dates import Dates, read_typed
from groundup.data.tables.spellings import Shape, Spelling, dissect, split_scale
from groundup.data.tables.table import MISSING, TableChunk, as_number, blank_missing
from groundup.data.tables.units import find_unit

NUMBERS, WORDS, DATES, EMPTY, UNCLEAR = "numbers", "words", "dates", "empty", "unclear"
EITHER = "either"  # a cell that can be two different dates
_SAMPLE = 64
_MOST_REMEMBERED = 1000
_ZERO_AND_ONE = {"0", "1", "0.0", "1.0", "0,0", "1,0"}
_DECIMALS = re.compile(r"[.,](\d+)\D*$")
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")


@dataclass(frozen=True)
class Finding:
    """The content of a column.

    Attributes
    ----------
    kind : str
        ``numbers``, ``words``, ``dates``, ``empty`` (no value) or ``unclear`` (dates of which something is lacking).
    reading : Spelling, Dates or None
        How numbers and dates are to be read; ``None`` for numbers as programs write them, and for the rest.
    binary : bool
        Whether there are only 0 and 1 in it, as far as was looked.
    digits : int or None
        The most digits after the point that its numbers have, ``None`` if there is no limit.
    example : str
        A cell that shows why.
    """

    kind: str
    reading: Spelling | Dates | None = None
    binary: bool = False
    digits: int | None = None
    example: str = ""


@dataclass
class Evidence:
    """What is known about the cells of a column so far.

    Attributes
    ----------
    present : int
        Cells that are not missing.
    plain : int
        Of these, numbers as programs write them, which were not looked at one by one.
    shapes : Counter of Shape
        How the other numbers are written.
    meanings : Counter of (str, str)
        What cells can mean as dates.
    words : Counter of str
        Cells that are no numbers; of very many, some.
    numbers : dict
        Some different numbers, as they are written → how.
    cells : dict
        For a shape, a meaning or a word: a cell, and its row.
    pointed : bool
        Some plain number has a point that cannot stand between thousands.
    typed : Finding or None
        What the column holds by its type.
    castable : bool
        Every number is written as programs write them, whether looked at or not.
    binary, digits
        As of `Finding`.
    """

    present: int = 0
    plain: int = 0
    shapes: Counter[Shape] = field(default_factory=Counter)
    meanings: Counter[Meaning] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    numbers: dict[str, Shape] = field(default_factory=dict)
    cells: dict[object, tuple[str, int]] = field(default_factory=dict)
    pointed: bool = False
    typed: Finding | None = None
    castable: bool = True
    binary: bool = True
    digits: int | None = 0

    def add(self, chunk: TableChunk, column: str) -> None:
        """Look at a chunk's cells."""
        cells = blank_missing(chunk.columns[column])
        count = len(cells) - cells.null_count
        self.present += count
        if count == 0:
            return
        if not pa.types.is_string(cells.type):
            self._add_typed(cells)
            return
        try:
            values = pc.cast(cells, pa.float64(), safe=False)
        except pa.ArrowInvalid:
            values = None
        if values is not None and not self.shapes and not self.meanings and not self.words:
            suspicious = _suspect(cells)
            if not suspicious:
                self.plain += count
                self.pointed |= suspicious is None
                self._note_values(values.drop_null().to_numpy())
                return
        self._look(chunk, cells)

    def _add_typed(self, cells: pa.Array) -> None:
        if pa.types.is_temporal(cells.type):
            values, meaning = read_typed(cells)
            origin = 0.0 if meaning == date_cells.TIME else float(np.floor(np.nanmin(values)))
            self.typed = self.typed or Finding(DATES, Dates(meaning, origin))
            return
        self.plain += len(cells) - cells.null_count
        self.typed = Finding(NUMBERS)
        self._note_values(cells.drop_null().to_numpy())

    def _note_values(self, values: np.ndarray) -> None:
        values = values[np.abs(values) < 1e100]
        self.binary = self.binary and bool(np.all((values == 0) | (values == 1)))
        self.digits = None if self.digits is None else _count_digits(values, self.digits)

    def _look(self, chunk: TableChunk, cells: pa.Array) -> None:
        """Split cells into their parts, each different cell once."""
        counted = pc.value_counts(cells.drop_null())
        for text, count in zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True):
            shape, meanings = dissect(text), find_dates(text)
            for key in (shape, *meanings, *([EITHER] if len({*meanings.values()}) > 1 else [])):
                if key is not None and key not in self.cells:
                    self.cells[key] = (text, int(chunk.rows[pc.index(cells, text).as_py()]))
            if shape is not None:
                self.shapes[shape] += count
                self.castable = self.castable and math.isfinite(as_number(text))
                if len(self.numbers) < _MOST_REMEMBERED:
                    self.numbers[text] = shape
            elif len(self.words) < _MOST_REMEMBERED or text in self.words:
                self.words[text] += count
                if len(self.words) <= 3 and text not in self.cells:
                    self.cells[text] = (text, int(chunk.rows[pc.index(cells, text).as_py()]))
            self.meanings.update(dict.fromkeys(meanings, count))
        self.binary = self.binary and {*self.numbers} <= _ZERO_AND_ONE
        if self.digits is not None:
            behind = (found for text in self.numbers if (found := _DECIMALS.search(text)) is not None)
            self.digits = max([self.digits, *(len(found[1]) for found in behind)])


def _suspect(cells: pa.Array) -> bool | None:
    """Tell whether plain numbers may be something else: dates without signs, or thousands with points.

    Returns
    -------
    bool or None
        ``False``: whole numbers or others that are what they seem. ``None``: so are these, and some have decimals.
    """
    if not _suspect_texts(cells.drop_null().slice(0, _SAMPLE).to_pylist()):
        return None if pc.any(pc.match_substring(cells, ".")).as_py() else False
    return _suspect_texts(pc.unique(cells.drop_null()).to_pylist())


def _suspect_texts(texts: Sequence[str]) -> bool:
    pointed = [text for text in texts if "." in text]
    if pointed and all(_GROUPED.fullmatch(text) for text in pointed):
        return True
    meanings = [find_dates(text) for text in texts]
    if all(date_cells.NO_YEAR in found or date_cells.PERHAPS_NO_YEAR in found for found in meanings):
        return any(date_cells.NO_YEAR in found for found in meanings)
    if all(date_cells.POINT_MONTH in found for found in meanings):
        return True
    return all(date_cells.COMPACT in found for found in meanings)


def _count_digits(values: np.ndarray, least: int) -> int | None:
    """Return the most digits after the point that numbers have, ``None`` for more than 6."""
    for digits in range(least, 7):
        scaled = values * 10.0**digits
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(np.abs(scaled), 1)):
            return digits
    return None


def unite(shapes: Counter[Shape], plain: int, pointed: bool) -> Counter[Shape]:
    """Return how all numbers of a column are written, the plain ones too."""
    return shapes + Counter({Shape(True, not pointed, pointed): plain})


def marks_missing(word: str, after: Sequence[str]) -> bool:
    """Tell whether a word is a mark for a missing value with the column's unit after it: ``null bhp``."""
    return any(one and word.endswith(one) and word.removesuffix(one).strip() in MISSING for one in after)


def count_related(shapes: Counter[Shape], alike: Counter[Shape]) -> int:
    """Return how many numbers have another unit of the same measure: pounds where most are in kilograms."""
    measures = {_find_measure(shape) for shape in alike} - {""}
    return sum(count for shape, count in shapes.items() if shape not in alike and _find_measure(shape) in measures)


def _find_measure(shape: Shape) -> str:
    found = find_unit(shape.before or shape.after)
    return found.measure if found is not None and shape.known else ""


def vote(seen: Evidence) -> str:
    """Return the decimal sign that a column has for certain, empty for none."""
    if seen.typed is not None:
        return ""
    if seen.pointed:
        return "."
    sure = Counter({".": 0, ",": 0})
    for shape, count in seen.shapes.items():
        if shape.separated and shape.point != shape.comma and shape.before != "0x":
            sure["." if shape.point else ","] += count
    if (sum(seen.shapes.values()) + seen.plain) * 2 < seen.present:
        return ""
    (sign, most), (_, least) = sure.most_common()
    return sign if most > 10 * least else ""


def choose_unit(shapes: Counter[Shape]) -> Counter[Shape]:
    """Return the shapes that have what most have before and behind the number, in whatever form."""
    counts: Counter[str] = Counter()
    for shape, count in shapes.items():
        counts[_name_unit(shape)] += count
    if not counts:
        return Counter()
    scaled = is_scaled(shapes)
    best = counts.most_common(1)[0][0]
    return Counter({shape: count for shape, count in shapes.items() if scaled or _name_unit(shape) == best})


def _name_unit(shape: Shape) -> str:
    """Return what stands around a number, the same for ``Km``, ``km.`` and ``km``, and for ``room`` and ``rooms``."""
    written = shape.before or shape.after
    found = find_unit(written)
    if shape.before and shape.after:
        return f"{found.name if found else written} {shape.after}"
    return found.name if found else written.casefold().rstrip(".").removesuffix("s")


def is_scaled(shapes: Counter[Shape]) -> bool:
    """Tell whether words such as K and M multiply: with a currency, or where they differ from number to number."""
    scales = {split_scale(shape.after)[0] for shape in shapes}
    units = {_name_unit(Shape(True, True, False, shape.before, split_scale(shape.after)[1])) for shape in shapes}
    return len(units) == 1 and (len(scales) > 1 or (scales != {1.0} and all(shape.before for shape in shapes)))
