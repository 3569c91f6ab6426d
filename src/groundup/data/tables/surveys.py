"""What a column contains and how it is written: decided for the whole column, never for a single cell.

The first chunk of a table tells, and where it leaves something open (no value yet, ``1,234``, ``01/02/2015``) the
chunks after it. A column is read as numbers or dates only where all or most of its cells can be read in one way; where
two ways are left that give different numbers, the run stops and asks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from groundup.base.errors import UserError
from groundup.data.tables import date_cells
from groundup.data.tables.date_cells import Meaning, find_dates
from groundup.data.tables.dates import Dates
from groundup.data.tables.evidence import (
    DATES,
    EITHER,
    EMPTY,
    NUMBERS,
    UNCLEAR,
    WORDS,
    Evidence,
    Finding,
    choose_unit,
    count_related,
    is_scaled,
    marks_missing,
    unite,
    vote,
)
from groundup.data.tables.quoting import quote
from groundup.data.tables.spellings import Shape, Spelling
from groundup.data.tables.table import Table, TableChunk, tidy

DECIMALS = {"point": ".", "comma": ","}
ORDERS = {"day-first": date_cells.DAY_FIRST, "month-first": date_cells.MONTH_FIRST, "year-first": date_cells.YEAR_FIRST}


@dataclass(frozen=True)
class Said:
    """What the user has said about the spelling, and what is known of it from elsewhere.

    Attributes
    ----------
    decimal : str or None
        ``point`` or ``comma``.
    dates : str or None
        ``day-first``, ``month-first`` or ``year-first``.
    readings : dict
        Column → how it was written where the run was trained.
    settable : bool
        Whether more can be said, as in training; messages then tell how.
    """

    decimal: str | None = None
    dates: str | None = None
    readings: dict[str, Spelling | Dates] = field(default_factory=dict)
    settable: bool = True


class Survey:
    """Finds out what the columns of a table hold.

    Parameters
    ----------
    table : Table
        The table.
    said : Said
        What is known beforehand.
    skip_ragged : bool
        As of `groundup.data.tables.table.ReadChunks`.
    """

    def __init__(self, table: Table, said: Said, skip_ragged: bool) -> None:
        self.table, self.said, self.skip_ragged = table, said, skip_ragged
        self.evidence: dict[str, Evidence] = {}
        self._whole: set[str] = set()

    def is_whole(self, name: str) -> bool:
        """Tell whether all cells of a column have been looked at for its own sake."""
        return name in self._whole

    def begin(self, chunk: TableChunk) -> None:
        """Look at the first chunk, at all of its columns: one may tell how another is written."""
        for name in chunk.columns:
            self.evidence[name] = Evidence()
            self.evidence[name].add(chunk, name)

    def infer(self, name: str) -> Finding | None:
        """Return what a column contains, as far as is known; ``None`` if that is open or cannot be found."""
        try:
            return self._judge(name)
        except UserError:
            return None

    def may_hold_numbers(self, name: str) -> bool:
        """Tell whether a column contains numbers, or cells that may be numbers, so that the notation is still open."""
        seen, found = self.evidence[name], self.infer(name)
        if found is not None or seen.present == 0:
            return found is not None and found.kind == NUMBERS
        return (
            self._choose_meaning(name, seen, False) is date_cells.SEASON
            and sum(seen.shapes.values()) * 2 >= seen.present
        )

    def finish(self, names: Sequence[str], whole: bool = False) -> dict[str, Finding]:
        """Return what columns hold; read on for those that are open.

        Parameters
        ----------
        names : sequence of str
            The columns.
        whole : bool
            Go by all cells, not by the first chunk.

        Raises
        ------
        UserError
            A column can be read in two ways.
        """
        self._whole |= set(names) if whole else set()
        found = {} if whole else {name: finding for name in names if (finding := self._judge(name)) is not None}
        left = [name for name in names if name not in found]
        if left:
            self.evidence |= {name: Evidence() for name in left}
            for chunk in self.table.read(left, self.skip_ragged):
                for name in left:
                    self.evidence[name].add(chunk, name)
                if not whole and all(self._judge(name) is not None for name in left):
                    break
        for name in left:
            found[name] = self._judge(name, last=True) or Finding(EMPTY)
        return found

    def _judge(self, name: str, last: bool = False) -> Finding | None:
        """Return what a column contains, ``None`` for open; at the ``last`` call an open column is refused."""
        seen = self.evidence[name]
        if seen.present == 0:
            return Finding(EMPTY) if last else None
        if seen.typed is not None:
            reading, known = seen.typed.reading, self.said.readings.get(name)
            if isinstance(reading, Dates) and isinstance(known, Dates):
                reading = Dates(reading.meaning, known.origin)
            return Finding(seen.typed.kind, reading, seen.binary, seen.digits)
        if seen.plain == seen.present:
            return Finding(NUMBERS, None, seen.binary, seen.digits)
        meaning = self._choose_meaning(name, seen, last)
        if meaning is None:
            return None
        if meaning is not date_cells.SEASON:
            return self._infer_dates(name, seen, meaning)
        return self._judge_numbers(name, seen, last)

    # Dates ------------------------------------------------------------------------------------------------------

    def _choose_meaning(self, name: str, seen: Evidence, last: bool) -> Meaning | None:
        """Return what most cells of a column mean as dates (`SEASON` for nothing); ``None`` for open."""
        counts = +seen.meanings
        if not counts:
            return date_cells.SEASON
        without = counts.pop(date_cells.NO_YEAR, 0), counts.pop(date_cells.PERHAPS_NO_YEAR, 0)
        if without[0] and sum(without) * 10 >= 9 * seen.present:
            return date_cells.NO_YEAR
        for plain in (date_cells.POINT_MONTH, date_cells.COMPACT):  # numbers, where not every one of some is a date
            if counts[plain] < seen.present or len(seen.numbers) < 3:
                del counts[plain]
        most = max(counts.values(), default=0)
        if counts[date_cells.TWO_DIGITS] and (most + counts[date_cells.TWO_DIGITS]) * 2 >= seen.present:
            return date_cells.TWO_DIGITS
        best = [meaning for meaning, count in counts.items() if count == most]
        if most == 0 or most * 2 < seen.present or date_cells.SEASON in best:
            return date_cells.SEASON
        for sure in (date_cells.ISO, date_cells.NAMED, date_cells.TIME, date_cells.QUARTER, date_cells.MONTH):
            if sure in best:
                return sure
        if len(best) == 1:
            return best[0]
        wished = ORDERS.get(self.said.dates or "", getattr(self.said.readings.get(name), "meaning", None))
        if wished in best:
            return wished
        cell, row = seen.cells.get(EITHER, seen.cells[best[0]])
        if date_cells.DAY_FIRST in best and "." in cell:
            return date_cells.DAY_FIRST
        others = {order for order in ORDERS.values() if any(self._is_sure(other, order) for other in self.evidence)}
        if len(others & set(best)) == 1:
            return (others & set(best)).pop()
        if not last:
            return None
        names = [order for order, meaning in ORDERS.items() if meaning in best]
        shown = [
            Dates(ORDERS[order]).write(find_dates(cell)[ORDERS[order]])
            + (f" with --set dates={order}" if self.said.settable else "")
            for order in names
        ]
        remedy = "Choose one." if self.said.settable else "Write dates like 2015-01-31."
        raise UserError(
            f'{self.table.source}, row {row}, column "{name}": "{cell}" can be {" or ".join(shown)}, and no other cell '
            f"of the column decides. {remedy}"
        )

    def _is_sure(self, name: str, order: Meaning) -> bool:
        counts = self.evidence[name].meanings
        return counts[order] > 0 and all(counts[order] > counts[other] for other in ORDERS.values() if other != order)

    def _infer_dates(self, name: str, seen: Evidence, meaning: Meaning) -> Finding:
        cell = seen.cells[meaning][0]
        if meaning[0] not in ("day", "month", "quarter", "hour"):
            if self.said.decimal == "point" and meaning == date_cells.NO_YEAR:
                return Finding(NUMBERS, None, seen.binary, seen.digits)
            return Finding(UNCLEAR, example=cell)
        known = self.said.readings.get(name)
        if isinstance(known, Dates):
            return Finding(DATES, Dates(meaning, known.origin, cell), example=cell)
        origin = 0.0 if meaning == date_cells.TIME else min(
            find_dates(text)[meaning] for text in (*seen.words, *seen.numbers) if meaning in find_dates(text)
        )  # fmt: skip
        return Finding(DATES, Dates(meaning, float(np.floor(origin)), self._find_date(seen, meaning)), example=cell)

    def _find_date(self, seen: Evidence, meaning: Meaning) -> str:
        """Return a cell that shows how dates are written: one that could be read otherwise, if there is one."""
        cells = [text for text in (*seen.words, *seen.numbers) if meaning in find_dates(text)]
        return max(cells, key=lambda cell: len({*find_dates(cell).values()}), default="")

    # Numbers ----------------------------------------------------------------------------------------------------

    def _judge_numbers(self, name: str, seen: Evidence, last: bool) -> Finding | None:
        shapes = unite(seen.shapes, seen.plain, seen.pointed)
        alike = choose_unit(shapes)
        after = tuple(dict.fromkeys(shape.after for shape in alike))
        marked = sum(seen.words[word] for word in seen.words if marks_missing(word, after))
        present, scaled = seen.present - marked, is_scaled(alike)
        sure = scaled or all(shape.known for shape in alike)
        rest = present - sum(alike.values())
        words = [word for word, _ in seen.words.most_common() if not marks_missing(word, after)]
        if (rest - count_related(shapes, alike)) * 2 > present:
            if len(seen.numbers) >= 10 and 0 < len(words) <= 3 and sure:
                self._refuse_word(name, seen, words[0])
            return Finding(WORDS)
        # Marks made of letters and figures are no numbers with a slip here and there.
        if (len(words) >= 20 and rest * 10 >= present) or (
            not sure and rest and (rest * 10 > present or len(seen.numbers) < 10)
        ):
            return Finding(WORDS)
        decimal = self._choose_decimal(name, alike, seen, last)
        if decimal is None:
            return None
        if decimal == "." and seen.castable:
            return Finding(NUMBERS, None, seen.binary, seen.digits)
        written = [shape for shape in alike if (shape.point if decimal == "." else shape.comma)]
        before, after = (
            tuple(dict.fromkeys(getattr(shape, part) for shape in written)) for part in ("before", "after")
        )
        example = _find_example(seen, written)
        grouped = decimal == "," and any("." in text for text in seen.numbers)
        reading = Spelling(
            decimal, before if any(before) else (), after if any(after) else (), scaled, grouped, example
        )
        return Finding(NUMBERS, reading, seen.binary, seen.digits, example)

    def _refuse_word(self, name: str, seen: Evidence, word: str) -> None:
        row = seen.cells[word][1]
        as_words = f", or read the column as words with --set categories={quote(name)}" if self.said.settable else ""
        raise UserError(
            f'{self.table.source}, row {row}, column "{name}": "{tidy(word)}" stands among numbers such as '
            f'"{tidy(min(seen.numbers, key=len))}". Leave the cell empty if it means that there is no value{as_words}.'
        )

    def _choose_decimal(self, name: str, alike: Counter[Shape], seen: Evidence, last: bool) -> str | None:
        """Return the decimal sign of a column's numbers; ``None`` for open."""
        point = sum(count for shape, count in alike.items() if shape.point)
        comma = sum(count for shape, count in alike.items() if shape.comma)
        unclear = next((shape for shape in alike if shape.ambiguous), None)
        if point != comma or unclear is None:
            return "." if point >= comma else ","
        if self.said.decimal:
            return DECIMALS[self.said.decimal]
        known = self.said.readings.get(name)
        if isinstance(known, Spelling):
            return known.decimal
        cell, row = seen.cells[unclear]
        votes = {sign for other, one in self.evidence.items() if other != name and (sign := vote(one))}
        if len(votes) == 1:
            return votes.pop()
        commas = "," in cell
        if not votes and self.table.delimiter == ",":
            return "."  # a comma inside a cell had to be put in quotes: it is no usual decimal sign here
        if not votes and not commas and self.table.delimiter != ";":
            return "."
        if not last:
            return None
        thousand, fraction = ("point", "comma") if commas else ("comma", "point")
        digits = re.sub(r"[^\d.,]", "", cell)
        where = f'{self.table.source}, row {row}, column "{name}": "{tidy(cell)}" can be '
        large, small = digits.replace(",", "").replace(".", ""), digits.replace(",", ".")
        if not self.said.settable:
            raise UserError(
                f"{where}{large} or {small}, and nothing else in the table decides. Write numbers like 1234.5."
            )
        raise UserError(
            f"{where}{large} (say so with --set decimal={thousand}) or {small} (--set decimal={fraction}), and "
            "nothing else in the table decides."
        )


def _find_example(seen: Evidence, shapes: Sequence[Shape]) -> str:
    """Return a cell that shows how a column is written: one with the most signs in it, and not 0."""

    def rank(cell: str) -> tuple[bool, int, int]:
        signs = sum(not letter.isdigit() for letter in cell.lstrip("-"))
        return not set("123456789").isdisjoint(cell), signs, -len(cell)

    return max((cell for cell, shape in seen.numbers.items() if shape in shapes), key=rank, default="")
