"""How people write numbers: decimal commas, thousands separators, units, currencies, signs of other kinds.

`dissect` takes one cell apart, for finding out how a column is written; a `Spelling` reads whole columns that are
written alike. What a cell alone cannot tell (whether ``1,234`` is a thousand and more, or between one and two) is
decided for the column by `groundup.data.tables.surveys`.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundup.data.tables.table import MISSING
from groundup.data.tables.units import find_unit

_BLANK = "[ \u00a0\u2009\u202f]"
_MINUS = "\u2212\u2013\ufe63\uff0d-"  # the plain one last: in brackets it would make a range elsewhere
_SIGN = f"[+({_MINUS}]?"
_GROUPED = rf"[1-9]\d{{0,2}}(?:{_BLANK}\d{{3}})+|[1-9]\d{{0,2}}(?:['’´]\d{{3}})+"
_EXPONENT = r"[eEdD][-+]?\d{1,3}"
_SCALES = {
    **dict.fromkeys(("k", "K", "tsd", "thousand", "thousands"), 1e3),
    **dict.fromkeys(("M", "mn", "mio", "million", "millions"), 1e6),
    **dict.fromkeys(("B", "bn", "mrd", "billion", "billions"), 1e9),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), 1e5),
    **dict.fromkeys(("cr", "crore", "crores"), 1e7),
}
# Letters that stand for a unit but behind a figure rather for a class or a size: 3A, 4K.
_LETTERS = set("AVWJKMBRT")


def _body(decimal: str) -> str:
    """Return the pattern of the digits, with thousands apart or not: ``1,234.5``, ``12,34,567``, ``1'234``, ``.5``."""
    point, other = re.escape(decimal), re.escape("," if decimal == "." else ".")
    whole = rf"[1-9]\d{{0,2}}(?:{other}\d{{2,3}})*{other}\d{{3}}|{_GROUPED}|\d+"
    return rf"(?:{whole})(?:{point}\d+)?|{point}\d+" + (r"|\d+\." if decimal == "." else "")


_POINT, _COMMA = re.compile(_body(".")), re.compile(_body(","))
_CURRENCY = rf"(?:[^\W\d_]{{1,4}}\.?)?[^\w\s.,;:#&()<>=~*/\\'’\"+{_MINUS}]?"
_UNIT = r"(?:[^\W\d_]|[%‰°€$£¥₹₩₽\"'′″¢])[^\d,;:()=<>&|\\]{0,18}?[23²³]?|l/100 ?km|"
_CELL = re.compile(
    rf"(?P<a>{_SIGN}){_BLANK}*(?P<before>{_CURRENCY}){_BLANK}*(?P<b>{_SIGN}){_BLANK}*"
    r"(?P<digits>[\d.,](?:[\d.,'’´ \u00a0\u2009\u202f]*[\d.])?)"
    rf"(?P<exponent>(?:{_EXPONENT})?)(?P<gap>{_BLANK}*)(?P<y>\)?){_BLANK}*(?P<after>{_UNIT})(?P<z>[){_MINUS}]?)"
)
_HEXADECIMAL = re.compile(r"[-+]?0[xX][0-9a-fA-F]{1,12}")
_ORDINALS = {"st", "nd", "rd", "th"}


@dataclass(frozen=True)
class Shape:
    """How one cell writes a number.

    Attributes
    ----------
    point, comma : bool
        Whether it can be read with a decimal point, with a decimal comma.
    separated : bool
        Whether there is a point or a comma in it, so that the two would differ.
    before, after : str
        What stands before and after the number.
    known : bool
        Whether these are a unit, a currency or nothing.
    """

    point: bool
    comma: bool
    separated: bool
    before: str = ""
    after: str = ""
    known: bool = True

    @property
    def ambiguous(self) -> bool:
        """Whether the cell alone does not tell which number it is."""
        return self.point and self.comma and self.separated


def dissect(cell: str) -> Shape | None:
    """Split a cell into its parts; ``None`` if it contains no number.

    Examples
    --------
    >>> dissect("1.234,50 €"), dissect("flat 3")
    (Shape(point=False, comma=True, separated=True, before='', after='€', known=True), None)
    """
    if _HEXADECIMAL.fullmatch(cell):
        return Shape(True, False, False, "0x")
    found = _CELL.fullmatch(cell)
    if found is None or not _signs_fit(found["a"], found["b"], found["y"], found["z"]):
        return None
    before, digits, after = found["before"], found["digits"], found["after"].strip()
    if before and getattr(find_unit(before), "measure", "") != "money":
        return None
    known = not after or find_unit(split_scale(after)[1]) is not None
    if (
        (before and after and known)
        or after.casefold() in _ORDINALS
        or (not found["gap"] and after in _LETTERS - {*_SCALES})
    ):
        return None
    if not known and not found["gap"] and split_scale(after)[0] == 1:
        return None
    point, comma = _POINT.fullmatch(digits) is not None, _COMMA.fullmatch(digits) is not None
    if not (point or comma):
        return None
    return Shape(point, comma, "." in digits or "," in digits, before, after, known)


def _signs_fit(a: str, b: str, y: str, z: str) -> bool:
    opened, closed = f"{a}{b}".count("("), f"{y}{z}".count(")")
    return opened == closed and len(a + b + y + z) <= 1 + opened


def split_scale(after: str) -> tuple[float, str]:
    """Return what a word such as ``M`` or ``Mio.`` multiplies by, 1 for none, and the unit after it."""
    word, _, unit = after.partition(" ")
    word = word.rstrip(".")
    scale = _SCALES.get(word if len(word) == 1 else word.casefold())
    return (1.0, after) if scale is None else (scale, unit.strip())


@dataclass(frozen=True)
class Spelling:
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal : str
        A point or a comma. The other one may stand between thousands, and so may blanks and apostrophes.
    before, after : tuple of str
        What stands before and after every number, in all its forms; empty for nothing.
    scaled : bool
        Whether the words after it multiply: ``K``, ``M``, ``Mio.``.
    grouped : bool
        Whether points stand between thousands: 1.500 is then no number a little above 1.
    example : str
        A cell.
    """

    decimal: str = "."
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    scaled: bool = False
    grouped: bool = False
    example: str = ""

    @property
    def unit(self) -> str:
        """The unit, empty if there is none."""
        after = [split_scale(one)[1] if self.scaled else one for one in self.after]
        written = next((one for one in (*self.before, *after) if one and one != "0x"), "")
        found = find_unit(written)
        return found.name if found else written

    def find_missing(self, cells: pa.Array) -> pa.Array:
        """Return cells with null where a mark for a missing value stands before the unit: ``null bhp``."""
        if not pa.types.is_string(cells.type) or not any(self.after):
            return cells
        marks = pa.array([f"{mark}{gap}{one}" for mark in MISSING if mark for one in self.after for gap in ("", " ")])
        return pc.if_else(pc.is_in(cells, value_set=marks), pa.scalar(None, pa.string()), cells)

    @cached_property
    def _pattern(self) -> str:
        before = f"(?:{'|'.join(map(_escape, self.before))}){_BLANK}*" if any(self.before) else ""
        some = "" if all(self.after) else "?"
        after = (
            f"(?P<after>(?:{'|'.join(map(_escape, filter(None, self.after)))}){some})"
            if any(self.after)
            else "(?P<after>)"
        )
        return (
            rf"^(?P<a>{_SIGN}){_BLANK}*{before}(?P<b>{_SIGN}){_BLANK}*(?P<digits>{_body(self.decimal)})"
            rf"(?P<exponent>(?:{_EXPONENT})?){_BLANK}*(?P<y>\)?){_BLANK}*{after}(?P<z>[){_MINUS}]?)$"
        )

    def read(self, cells: pa.Array) -> np.ndarray:
        """Return the number in each cell: NaN if there is none in this notation, or the cell is null."""
        if not pa.types.is_string(cells.type):
            return np.full(len(cells), np.nan)
        if self.before == ("0x",):
            return np.array([_read_hexadecimal(cell) for cell in cells.to_pylist()], np.float64)
        found = pc.extract_regex(cells, self._pattern)
        part = {name: pc.struct_field(found, name) for name in ("a", "b", "digits", "exponent", "y", "after", "z")}
        digits = pc.replace_substring_regex(part["digits"], rf"[^\d{re.escape(self.decimal)}]", "")
        digits = pc.replace_substring(digits, self.decimal, ".")
        exponent = pc.replace_substring_regex(part["exponent"], "[dD]", "e")
        written = pc.binary_join_element_wise(digits, exponent, "")
        matched = np.asarray(found.is_valid())
        values = pc.cast(pc.if_else(found.is_valid(), written, pa.scalar("nan")), pa.float64()).to_numpy(False)
        signs = pc.binary_join_element_wise(*(part[name] for name in ("a", "b", "y", "z")), "")
        distinct = signs.dictionary_encode()
        factors = np.array([*(_read_signs(sign) for sign in distinct.dictionary.to_pylist()), np.nan])
        values = values * factors[pc.fill_null(distinct.indices, -1).to_numpy(False)]
        if self.scaled:
            behind = part["after"].dictionary_encode()
            scales = np.array([*(split_scale(one)[0] for one in behind.dictionary.to_pylist()), np.nan])
            values = values * scales[pc.fill_null(behind.indices, -1).to_numpy(False)]
        return np.where(matched, values + 0.0, np.nan)  # no number is −0

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {"numbers": asdict(self)}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> Spelling:
        """Return the spelling that `to_json` wrote."""
        told = found["numbers"]
        return cls(**{**told, "before": tuple(told["before"]), "after": tuple(told["after"])})


def _escape(text: str) -> str:
    return re.escape(text).replace(r"\ ", f"{_BLANK}")


def _read_hexadecimal(cell: str | None) -> float:
    return float(int(cell, 16)) if cell is not None and _HEXADECIMAL.fullmatch(cell) else float("nan")


def _read_signs(signs: str) -> float:
    """Return 1 or −1 for the signs around a number, NaN if they do not belong together."""
    if not signs or signs == "+":
        return 1.0
    return -1.0 if signs in ("()", *_MINUS) else float("nan")
