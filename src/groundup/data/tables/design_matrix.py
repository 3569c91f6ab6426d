"""What was collected from a table, made ready for linear regression: useless columns out, means and levels in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from groundup.base.errors import UserError
from groundup.data.tables.columns import MISSING_LEVEL, ColumnCode, list_names, refuse_empty
from groundup.data.tables.evidence import Finding
from groundup.data.tables.spans import Span
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.table_statistics import MISSING, ONE, TARGET, VALUE, Collected, Plan, level_key
from groundup.models.qr import Triangle

# Above this share of a column's variation told by other columns, it is nearly a copy of them.
NEAR = 0.999
# How much further apart than rounding alone leaves them copies may be.
_SLACK = 1.5
_TOO_SMALL = 1e-100


@dataclass(frozen=True)
class Design:
    """A table ready for linear regression.

    Attributes
    ----------
    source, target : str
        The table, and the column to predict.
    codes : list of ColumnCode
        How each column becomes features.
    train, test : Triangle
        Of ``[1, features, target]``; ``test`` of the rows held out, which may be none.
    sample : array of float64, shape (batch, 1 + feature + 1)
        Some held-out rows themselves, to draw.
    rows_left_out : int
        Rows that could not be used, empty lines aside.
    left_out : dict
        Why: reason → count; a row may have several reasons.
    notes : list of str
        What the user should know about the columns.
    units : dict
        Column → the unit that stands in its cells.
    binary : set of str
        Columns of 0 and 1.
    rows, held_rows : array of float64, shape (batch, 1 + feature + 1)
        The rows themselves, to learn from and held out, where they were to be kept; else empty.
    """

    source: str
    target: str
    codes: list[ColumnCode]
    train: Triangle
    test: Triangle
    sample: np.ndarray
    rows_left_out: int
    left_out: dict[str, int]
    notes: list[str]
    units: dict[str, str] = field(default_factory=dict)
    binary: set[str] = field(default_factory=set)
    rows: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    held_rows: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def feature_names(self) -> list[str]:
        """The names of the features, in the order of the triangles' columns."""
        return [name for code in self.codes for name in code.feature_names]


class Finisher:
    """Takes the design out of what was collected.

    Parameters
    ----------
    plan : Plan
        What was to be collected.
    found : Collected
        What was.
    by_default : bool
        Whether the columns were chosen here: useless ones are left out then, and else refused.
    findings : mapping, optional
        Column → what it holds.
    """

    def __init__(
        self, plan: Plan, found: Collected, by_default: bool, findings: Mapping[str, Finding] | None = None
    ) -> None:
        self.source, self.target = plan.source, plan.target
        self.plan, self.found, self.by_default, self.findings = plan, found, by_default, findings or {}
        self.wanted, self.train, self.test = list(plan.numeric), found.train, found.test
        self.left_out = {reason: count for reason, count in found.left_out.items() if count}
        self.notes: list[str] = []

    def finish(self, notes: list[str]) -> Design:
        """Put means and levels in, leave useless columns out, and check that something can be learned."""
        self.notes = list(notes)
        self._check_rows()
        if self.by_default:
            rows = self.train.rows + self.test.rows
            names = [name for name, levels in self.found.levels.items() if len(levels) > max(5, rows / 2)]
            self.wanted = [name for name in self.wanted if name not in names]
            self.notes += [f"Left out {name}: almost every row has a different word." for name in names]
        codes = self._drop_constant([self._code(name) for name in self.wanted])
        self._check_weights(codes)
        kept = self._drop_copies(codes)
        self._note_lost_rows()
        units = {name: one.unit for name, one in self.plan.readings.items() if isinstance(one, Spelling) and one.unit}
        return Design(
            self.source, self.target, kept, self._arrange(self.train, kept), self._arrange(self.test, kept),
            self.found.sample @ self._place(kept), self.found.rows_left_out, self.left_out, self.notes,
            units, {name for name, one in self.findings.items() if one.binary}, *self._gather(kept),
        )  # fmt: skip

    def _gather(self, codes: Sequence[ColumnCode]) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows that were kept: those to learn from, and those held out."""
        width, place = len(self.found.keys), self._place(codes)
        empty = np.zeros((0, place.shape[1]))
        parts: tuple[list[np.ndarray], list[np.ndarray]] = ([empty], [empty])
        for block, held in self.found.kept:
            rows = np.pad(block, ((0, 0), (0, width - block.shape[1]))) @ place
            parts[0].append(rows[~held])
            parts[1].append(rows[held])
        return np.concatenate(parts[0]), np.concatenate(parts[1])

    def _check_weights(self, codes: Sequence[ColumnCode]) -> None:
        count = sum(len(code.feature_names) for code in codes)
        if self.train.rows <= count:
            raise too_few_rows(self.source, count, self.train.rows, self.left_out)

    def _check_rows(self) -> None:
        rows = self.train.rows + self.test.rows
        empty = next((name for name, present in self.found.present.items() if not present), None)
        if rows == 0 or empty in self.wanted:
            refuse_empty(self.source, empty)
        if rows == 0:
            raise UserError(
                f"{self.source}: no usable row; left out: {_count_words(self.left_out)}. Fill missing numbers in with "
                "--set missing=mean, or name fuller columns with --features."
            )
        if rows == 1:
            raise UserError(f"{self.source}: only one usable row. A line needs at least two; give more rows.")
        if self.train.rows == 0:
            raise UserError(f"{self.source}: all of its {rows} rows were held out. Give more rows.")
        if _spread(self.train, 1) == 0:
            raise UserError(
                f'{self.source}, column "{self.target}": the target is {self._format_constant(TARGET)}, so there is '
                "nothing to learn. Choose another with --target."
            )

    def _format_constant(self, key: tuple[str, str]) -> str:
        """Return why nothing can be learned from a column, in words: it does not change, or too little."""
        low, high = self.found.extremes.get(key, (0.0, 0.0))
        if low == high:
            return "the same in every row"
        if max(abs(low), abs(high)) < _TOO_SMALL:
            return f"too small to compute with (at most {max(abs(low), abs(high)):.3g}; write it in another unit)"
        return f"nearly the same in every row (from {low:.17g} to {high:.17g}; subtract the constant part)"

    def _note_lost_rows(self) -> None:
        """If most rows are left out, note which column causes the largest loss."""
        rows = self.train.rows + self.test.rows
        lost = {name: self.left_out.get(f'no "{name}" given', 0) for name in self.wanted}
        name = max(lost, key=lambda one: lost[one], default="")
        if name and lost[name] > rows:
            self.notes.append(
                f"Most rows are left out because {name} is missing in them ({lost[name]}): --set missing=mean keeps "
                "them; so does leaving out the column with --features."
            )

    def _code(self, name: str) -> ColumnCode:
        if not self.plan.numeric[name]:
            words = sorted(self.found.levels[name], key=lambda word: (word == MISSING_LEVEL, word))
            return ColumnCode(name, tuple(words))
        if not self.plan.fill_missing:
            return ColumnCode(name, reading=self.plan.readings.get(name))
        sums = self.train.factor[0, 0] * self.train.factor[0]
        lacking, value = (float(sums @ self.found.find((name, kind))) for kind in (MISSING, VALUE))
        present = round(self.train.rows - lacking)  # none, where the held-out rows alone have a value
        return ColumnCode(name, fill=value / present if present else 0.0, reading=self.plan.readings.get(name))

    def _arrange(self, triangle: Triangle, codes: Sequence[ColumnCode]) -> Triangle:
        """Return the triangle of ``[1, features, target]``."""
        triangle = triangle.transform(self._place(codes))
        of_words = np.array([False, *(code.levels is not None for code in codes for _ in code.feature_names), False])
        # A column of 0 and 1 has at least length 1, or is 0: that of a word met in held-out rows only.
        nothing = of_words & (np.linalg.norm(triangle.factor, axis=0) < 0.5)
        return Triangle(triangle.rows, np.where(nothing, 0.0, triangle.factor))

    def _place(self, codes: Sequence[ColumnCode]) -> np.ndarray:
        """Return the matrix that turns the columns collected into ``[1, features, target]``."""
        columns = [self.found.find(ONE)]
        for code in codes:
            if code.levels is None:
                column = self.found.find((code.name, VALUE))
                columns.append(column + (code.fill or 0.0) * self.found.find((code.name, MISSING)))
                continue
            columns += [self.found.find(level_key(code.name, word)) for word in code.levels[1:]]
        return np.column_stack([*columns, self.found.find(TARGET)])

    def _drop_constant(self, codes: Sequence[ColumnCode]) -> list[ColumnCode]:
        """Leave out columns that never change, or refuse them if the user named them."""
        triangle, kept = self._arrange(self.train, codes), []
        for code, places in _places(codes):
            if any(_spread(triangle, place) for place in places):
                kept.append(code)
                continue
            fault = self._format_constant((code.name, VALUE)) if code.levels is None else "the same in every row"
            if not self.by_default:
                raise UserError(
                    f'{self.source}, column "{code.name}": {fault}, so nothing can be learned from it. Leave it out of '
                    "the features."
                )
            self.notes.append(f"Left out {code.name}: it is {fault}.")
        if not kept:
            raise UserError(
                f'{self.source}: no usable column to predict "{self.target}" from. {" ".join(self.notes)}'.rstrip()
            )
        return kept

    def _drop_copies(self, codes: Sequence[ColumnCode]) -> list[ColumnCode]:
        """Leave out copies of columns before them, and tell which are nearly copies, of these or of the target.

        A copy says nothing that those columns do not say: what is left of it is no more than the rounding of its own
        numbers and of theirs. What is left of a near copy may be what the target depends on, so it stays.
        """
        triangle, kept = self._arrange(self.train, codes), list[tuple[ColumnCode, range]]()
        target = triangle.factor[1:, -1]
        grains = [grain for code in codes for grain in self._grains(code)]
        span = Span(triangle.factor[1:, 1:-1], np.array(grains) * np.sqrt(triangle.rows / 12))
        for code, places in _places(codes):
            spreads = [_spread(triangle, place) for place in places]
            left, rounding = span.measure([place - 1 for place in places])
            pairs = list(zip(left, rounding, spreads, strict=True))
            if all(rest**2 < (1 - NEAR) * spread**2 for rest, _, spread in pairs):
                others = self._find_relatives(triangle, kept, places)
                tell = f"the column {others[0]} tells" if len(others) == 1 else f"the columns {list_names(others)} tell"
                copy = all(rest <= _SLACK * noise + 1e-9 * spread for rest, noise, spread in pairs)
                if copy and self.by_default:
                    self.notes.append(f"Left out {code.name}: {tell} it almost exactly.")
                    continue
                why = "cannot be told apart" if copy else "rest on the small differences between them"
                self.notes.append(f"{code.name}: {tell} it almost exactly, so their weights {why}.")
            span.take()
            for place in places:
                feature = triangle.factor[1:, place]
                both = np.linalg.norm(feature) * np.linalg.norm(target)
                if both > 0 and (feature @ target / both) ** 2 > NEAR:
                    self.notes.append(
                        f"{code.name} tells {self.target} almost exactly: will you know it before you predict?"
                    )
            kept.append((code, places))
        return [code for code, _ in kept]

    def _find_relatives(
        self, triangle: Triangle, places_before: Sequence[tuple[ColumnCode, range]], places: range
    ) -> list[str]:
        """Return which columns tell a column: the one that does alone, or all before it."""
        column = triangle.factor[1:, places[0]]
        for code, own in places_before:
            other = triangle.factor[1:, own[0]]
            both = np.linalg.norm(column) * np.linalg.norm(other)
            if len(own) == 1 and both > 0 and (column @ other / both) ** 2 > NEAR:
                return [code.name]
        return [code.name for code, _ in places_before]

    def _grains(self, code: ColumnCode) -> list[float]:
        """Return by how much neighbouring numbers of a column's features differ at least."""
        if code.levels is not None:
            return [0.0] * len(code.feature_names)
        found = self.findings.get(code.name)
        if found is not None and found.digits is not None:
            return [10.0**-found.digits]
        low, high = self.found.extremes.get((code.name, VALUE), (0.0, 0.0))
        return [1e-7 * max(abs(low), abs(high))]  # as single precision rounds


def too_few_rows(source: str, count: int, rows: int, left_out: Mapping[str, int] | None = None) -> UserError:
    """Return the error for more weights than rows; ``left_out``: why other rows were left out, and how many."""
    lost, remedy = "", "Give more rows"
    if left_out and sum(left_out.values()) > rows:
        lost = f"; left out: {_count_words(left_out)}"
        remedy = "Keep these rows with --set missing=mean, give more"
    return UserError(
        f"{source}: {count + 1} weights to learn ({count} features and the bias) from {rows} rows{lost}. {remedy}, or "
        "fewer columns with --features."
    )


def _places(codes: Sequence[ColumnCode]) -> Iterator[tuple[ColumnCode, range]]:
    """Yield each code with the places of its features in a triangle of ``[1, features, target]``."""
    start = 1
    for code in codes:
        yield code, range(start, start := start + len(code.feature_names))


def _spread(triangle: Triangle, place: int) -> float:
    """Return the root of the sum of squares of a column around its mean, 0 if that is rounding."""
    column = triangle.factor[:, place]
    spread = float(np.linalg.norm(column[1:]))
    return spread if spread > 1e-13 * abs(float(column[0])) else 0.0


def _count_words(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count} with {reason}" for reason, count in left_out.items()) or "none"
