"""What was collected from a table, made ready for linear regression: useless columns out, means and levels in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from groundup.data.collecting import MISSING, ONE, TARGET, VALUE, Collected, Plan, level_key
from groundup.data.columns import MISSING_LEVEL, ColumnCode, list_names, refuse_empty
from groundup.errors import UserError
from groundup.steps.triangle import Triangle

# Above this share of a column's variation told by the columns before it, it is a copy of them.
COPY = 0.999


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
    """

    def __init__(self, plan: Plan, found: Collected, by_default: bool) -> None:
        self.source, self.target = plan.source, plan.target
        self.plan, self.found, self.by_default = plan, found, by_default
        self.wanted, self.train, self.test = list(plan.numeric), found.train, found.test
        self.left_out = {reason: count for reason, count in found.left_out.items() if count}
        self.notes: list[str] = []

    def finish(self, notes: list[str]) -> Design:
        """Put means and levels in, leave useless columns out, and check that something can be learned."""
        self._check_rows()
        if self.by_default:
            rows = self.train.rows + self.test.rows
            names = [name for name, levels in self.found.levels.items() if len(levels) > max(5, rows / 2)]
            self.wanted = [name for name in self.wanted if name not in names]
            self.notes += [f"Left out {name}: almost every row has a word of its own there." for name in names]
        kept = self._drop_useless([self._code(name) for name in self.wanted])
        design = Design(
            self.source, self.target, kept, self._arrange(self.train, kept), self._arrange(self.test, kept),
            self.found.sample @ self._place(kept), self.found.rows_left_out, self.left_out, [*notes, *self.notes],
        )  # fmt: skip
        count = len(design.feature_names)
        if design.train.rows <= count:
            raise UserError(
                f"{self.source}: {count + 1} weights to learn ({count} features and the bias) from {design.train.rows} "
                "rows. Give more rows, or fewer columns with --features."
            )
        return design

    def _check_rows(self) -> None:
        rows = self.train.rows + self.test.rows
        empty = next((name for name, present in self.found.present.items() if not present), None)
        if rows == 0 or empty in self.wanted:
            refuse_empty(self.source, empty)
        if rows == 0:
            raise UserError(f"{self.source}: no usable row; left out: {_count_words(self.left_out)}.")
        if rows == 1:
            raise UserError(f"{self.source}: only one usable row. A line needs at least two; give more rows.")
        if self.train.rows == 0:
            raise UserError(f"{self.source}: all of its {rows} rows fell to the held-out part. Give more rows.")
        if _spread(self.train, 1) == 0:
            raise UserError(
                f'{self.source}, column "{self.target}": the target is the same in every row, so there is nothing to '
                "learn. Choose another with --target."
            )

    def _code(self, name: str) -> ColumnCode:
        if not self.plan.numeric[name]:
            words = sorted(self.found.levels[name], key=lambda word: (word == MISSING_LEVEL, word))
            return ColumnCode(name, tuple(words))
        if not self.plan.fill_missing:
            return ColumnCode(name)
        sums = self.train.factor[0, 0] * self.train.factor[0]
        lacking, value = (float(sums @ self.found.find((name, kind))) for kind in (MISSING, VALUE))
        return ColumnCode(name, fill=value / (self.train.rows - lacking))

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

    def _drop_useless(self, codes: list[ColumnCode]) -> list[ColumnCode]:
        """Leave out columns that never change and copies of columns before them, or refuse what was asked for."""
        kept: list[ColumnCode] = []
        for code in codes:
            triangle = self._arrange(self.train, [*kept, code])
            places = range(len(triangle.factor) - 1 - len(code.feature_names), len(triangle.factor) - 1)
            if all(_spread(triangle, place) == 0 for place in places):
                if not self.by_default:
                    raise UserError(
                        f'{self.source}, column "{code.name}": the same in every row, so nothing can be learned from '
                        "it. Leave it out of the features."
                    )
                self.notes.append(f"Left out {code.name}: it is the same in every row.")
                continue
            own = [abs(triangle.factor[place, place]) / max(_spread(triangle, place), 1e-300) for place in places]
            if all(share**2 < 1 - COPY for share in own):
                told = f"{code.name}: the columns {list_names([other.name for other in kept])} tell it almost exactly"
                if self.by_default:
                    self.notes.append(f"Left out {told}.")
                    continue
                self.notes.append(f"{told}, so their weights cannot be told apart.")
            target = triangle.factor[1:, -1]
            for place in places:
                feature = triangle.factor[1:, place]
                both = np.linalg.norm(feature) * np.linalg.norm(target)
                if both > 0 and (feature @ target / both) ** 2 > COPY:
                    self.notes.append(f"{code.name} tells {self.target} almost exactly: is it known beforehand?")
            kept.append(code)
        if not kept:
            raise UserError(
                f'{self.source}: no usable column to predict "{self.target}" from. {" ".join(self.notes)}'.rstrip()
            )
        return kept


def _spread(triangle: Triangle, place: int) -> float:
    """Return the root of the sum of squares of a column around its mean, 0 where that is rounding."""
    column = triangle.factor[:, place]
    spread = float(np.linalg.norm(column[1:]))
    return spread if spread > 1e-13 * abs(float(column[0])) else 0.0


def _count_words(left_out: dict[str, int]) -> str:
    return ", ".join(f"{count} with {reason}" for reason, count in left_out.items()) or "none"
