"""A table folded, in one pass, into what linear regression needs: the triangles of its rows.

Nothing has to be known beforehand. A word met late in a column of words adds a column that was 0 so far. A missing
number is read as 0 with a 1 in a column of its own, so that the mean, known only at the end, can still be put in its
place. A row falls to the held-out part by a random number that depends on the seed and on its place alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from groundup.data.columns import (
    MAX_LEVELS,
    MISSING_LEVEL,
    ColumnCode,
    choose_target,
    holds_numbers,
    looks_like_identifier,
    take_numbers,
)
from groundup.data.tables import Piece, Table, open_table, read_words
from groundup.errors import UserError
from groundup.steps.triangle import Triangle, fold, fold_onto

SAMPLE_ROWS = 2000
# Above this share of a column's variation told by the columns before it, it is a copy of them.
COPY = 0.999

_ONE, _TARGET, _MISSING = ("", "one"), ("", "target"), "missing"
Key = tuple[str, str]


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


def read_design(
    table: Table | str | Path,
    target: str | None = None,
    features: Sequence[str] | None = None,
    *,
    held_out: float = 0.2,
    seed: int = 0,
    fill_missing: bool = False,
    skip_bad_rows: bool = False,
    categories: Sequence[str] = (),
) -> Design:
    """Read a table once and fold it.

    Parameters
    ----------
    table : Table, str or Path
        The table or its file.
    target : str, optional
        The column to predict; the last column of numbers if left out.
    features : sequence of str, optional
        The columns to predict from; every usable one if left out.
    held_out : float
        The share of rows kept away from training.
    seed : int
        Chooses these rows.
    fill_missing : bool
        Put the training rows' mean in the place of a missing number (a missing word counts as a word); otherwise rows
        with a missing cell are left out.
    skip_bad_rows : bool
        Leave out rows that hold text where numbers belong or that have too many or too few cells.
    categories : sequence of str
        Columns of numbers to be read as words.

    Raises
    ------
    UserError
        The table cannot be used; file, row and column are named.
    """
    table = table if isinstance(table, Table) else open_table(table)
    table.require([*(features or []), *categories])
    if features is not None and len(set(features)) < len(features):
        raise UserError(f"{table.source}: a feature is named twice in {', '.join(features)}. Name each once.")
    first = next(table.read(table.names, skip_bad_rows), None)
    if first is None:
        raise UserError(f"{table.source}: no rows under the header. A table needs rows to learn from.")
    target = choose_target(table, first, target, features or [])
    if features is not None and target in features:
        raise UserError(f'{table.source}: "{target}" is the target and a feature. Take it out of the features.')
    notes: list[str] = []
    if features is None:
        wanted = [name for name in table.names if name != target]
        identifiers = [name for name in wanted if name not in categories and looks_like_identifier(first, name)]
        wanted = [name for name in wanted if name not in identifiers]
        if identifiers:
            notes.append(f"Left out {_list(identifiers)}: it only numbers or names the rows.")
    else:
        wanted = list(features)
        notes += [
            f"{name} seems to number or name the rows: what is learned from it holds for these rows only."
            for name in wanted
            if looks_like_identifier(first, name)
        ]
    if not wanted:
        why = " ".join([*notes, "Name some with --features."])
        raise UserError(f'{table.source}: no column to predict "{target}" from. {why}')
    collector = _Collector(table.source, target, wanted, features is None, fill_missing, skip_bad_rows, set(categories))
    # A stream of its own: with the plain seed, data simulated with the same one would be parted by its own values.
    random = np.random.default_rng([seed, len("held out")])
    for piece in table.read([target, *wanted], skip_bad_rows):
        collector.add(piece, random.random(len(piece.rows)), held_out)
    return collector.finish(notes)


@dataclass
class _Collector:
    source: str
    target: str
    wanted: list[str]
    by_default: bool
    fill_missing: bool
    skip_bad: bool
    categories: set[str]
    keys: list[Key] = field(default_factory=lambda: [_ONE, _TARGET])
    numeric: dict[str, bool] = field(default_factory=dict)
    levels: dict[str, list[str]] = field(default_factory=dict)
    rows_left_out: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    present: dict[str, bool] = field(default_factory=dict)
    train: Triangle | None = None
    test: Triangle | None = None
    sample: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    lots: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def add(self, piece: Piece, lots: np.ndarray, held_out: float) -> None:
        """Fold one piece's rows."""
        entries: dict[Key, np.ndarray] = {}
        flaws: dict[str, np.ndarray] = {}
        empty = self._read_target(piece, entries, flaws)
        for name in list(self.wanted):
            empty = empty & self._read_column(piece, name, entries, flaws)
        usable = ~np.any([empty, *flaws.values()], axis=0)
        self.rows_left_out += int(np.sum(~usable & ~empty))
        for reason, rows in flaws.items():
            if np.any(rows & ~empty):
                self.left_out[reason] = self.left_out.get(reason, 0) + int(np.sum(rows & ~empty))
        self._grow(entries)
        matrix = np.zeros((int(usable.sum()), len(self.keys)))
        matrix[:, 0] = 1
        for place, key in enumerate(self.keys):
            if key in entries:
                matrix[:, place] = entries[key][usable]
        lots = lots[usable]
        self.train = _fold_more(self.train, matrix[lots >= held_out], len(self.keys))
        self.test = _fold_more(self.test, matrix[lots < held_out], len(self.keys))
        sample, drawn = np.vstack([self.sample, matrix[lots < held_out]]), np.r_[self.lots, lots[lots < held_out]]
        kept = np.sort(np.argsort(drawn, kind="stable")[:SAMPLE_ROWS])
        self.sample, self.lots = sample[kept], drawn[kept]

    def _read_target(self, piece: Piece, entries: dict[Key, np.ndarray], flaws: dict[str, np.ndarray]) -> np.ndarray:
        values, missing, bad = take_numbers(self.source, piece, self.target, self.skip_bad)
        self.present[self.target] = self.present.get(self.target, False) or not np.all(missing)
        entries[_TARGET] = values
        flaws[f'no "{self.target}" given'] = missing
        flaws[f'"{self.target}" not a finite number'] = bad
        return missing

    def _read_column(
        self, piece: Piece, name: str, entries: dict[Key, np.ndarray], flaws: dict[str, np.ndarray]
    ) -> np.ndarray:
        """Read a feature column into ``entries``, note its ``flaws`` and return which cells are missing."""
        if name not in self.numeric:
            found = False if name in self.categories else holds_numbers(piece, name)
            if found is not None:
                self.numeric[name] = found
        if self.numeric.get(name, True):
            values, missing, bad = take_numbers(self.source, piece, name, self.skip_bad)
            entries[name, "value"] = values
            flaws[f'"{name}" not a finite number'] = bad
            if np.any(missing) and self.fill_missing:
                entries[name, _MISSING] = missing.astype(float)
        else:
            codes, words = read_words(piece, name)
            missing = codes < 0
            if not self._read_levels(name, codes, words, entries):
                return missing
        self.present[name] = self.present.get(name, False) or not np.all(missing)
        if not self.fill_missing:
            flaws[f'no "{name}" given'] = missing
        return missing

    def _read_levels(self, name: str, codes: np.ndarray, words: list[str], entries: dict[Key, np.ndarray]) -> bool:
        """Read a column of words; return ``False`` where it has too many and is given up."""
        if self.fill_missing and np.any(codes < 0):
            codes, words = np.where(codes < 0, len(words), codes), [*words, MISSING_LEVEL]
        known = self.levels.setdefault(name, [])
        known.extend(word for word in words if word not in known)
        if len(known) > MAX_LEVELS:
            if not self.by_default:
                raise UserError(
                    f'{self.source}, column "{name}": more than {MAX_LEVELS} different words ("{known[0]}", '
                    f'"{known[1]}", …). Leave the column out, or group its words.'
                )
            self.wanted.remove(name)
            self.levels.pop(name)
            self.notes.append(f"Left out {name}: more than {MAX_LEVELS} different words.")
            return False
        for code, word in enumerate(words):
            # The first word has no column: it is where all the others are 0.
            if word != known[0]:
                entries[name, f"level {word}"] = (codes == code).astype(float)
        return True

    def _grow(self, entries: dict[Key, np.ndarray]) -> None:
        new = [key for key in entries if key not in self.keys]
        if new:
            self.keys += new
            self.train = self.train and self.train.append_columns(len(new))
            self.test = self.test and self.test.append_columns(len(new))
            self.sample = np.pad(self.sample, ((0, 0), (0, len(self.keys) - self.sample.shape[1])))

    def finish(self, notes: list[str]) -> Design:
        """Put means and levels in, leave useless columns out, and check that something can be learned."""
        assert self.train is not None
        assert self.test is not None
        self._check_rows()
        if self.by_default:
            rows = self.train.rows + self.test.rows
            names = [name for name, levels in self.levels.items() if len(levels) > max(5, rows / 2)]
            self.wanted = [name for name in self.wanted if name not in names]
            self.notes += [f"Left out {name}: almost every row has a word of its own there." for name in names]
        kept = self._drop_useless([self._code(name) for name in self.wanted])
        matrix = self._place(kept)
        design = Design(
            self.source, self.target, kept, self.train.transform(matrix), self.test.transform(matrix),
            self.sample @ matrix, self.rows_left_out, self.left_out, [*notes, *self.notes],
        )  # fmt: skip
        count = len(design.feature_names)
        if design.train.rows <= count:
            raise UserError(
                f"{self.source}: {count + 1} weights to learn ({count} features and the bias) from {design.train.rows} "
                "rows. Give more rows, or fewer columns with --features."
            )
        return design

    def _check_rows(self) -> None:
        assert self.train is not None
        assert self.test is not None
        rows = self.train.rows + self.test.rows
        empty = next((name for name, present in self.present.items() if not present), None)
        if empty is not None and (rows == 0 or empty in self.wanted):
            raise UserError(
                f'{self.source}, column "{empty}": every value is missing. '
                "Fill it in, or leave the column out with --features."
            )
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
        assert self.train is not None
        if not self.numeric.get(name, True):
            return ColumnCode(name, tuple(sorted(self.levels[name], key=lambda word: (word == MISSING_LEVEL, word))))
        if not self.fill_missing:
            return ColumnCode(name)
        sums = self.train.factor[0, 0] * self.train.factor[0]
        lacking = sums[self.keys.index((name, _MISSING))] if (name, _MISSING) in self.keys else 0.0
        return ColumnCode(name, fill=float(sums[self.keys.index((name, "value"))] / (self.train.rows - lacking)))

    def _place(self, codes: Sequence[ColumnCode]) -> np.ndarray:
        """Return the matrix that turns the columns collected into ``[1, features, target]``."""
        columns = [self._unit(_ONE)]
        for code in codes:
            if code.levels is None:
                column = self._unit((code.name, "value"))
                columns.append(column + (code.fill or 0.0) * self._unit((code.name, _MISSING)))
                continue
            known = self.levels[code.name]
            units = {word: self._unit((code.name, f"level {word}")) for word in known[1:]}
            units[known[0]] = self._unit(_ONE) - sum(units.values())
            columns += [units[word] for word in code.levels[1:]]
        return np.column_stack([*columns, self._unit(_TARGET)])

    def _unit(self, key: Key) -> np.ndarray:
        unit = np.zeros(len(self.keys))
        if key in self.keys:
            unit[self.keys.index(key)] = 1
        return unit

    def _drop_useless(self, codes: list[ColumnCode]) -> list[ColumnCode]:
        """Leave out columns that never change and copies of columns before them, or refuse what was asked for."""
        assert self.train is not None
        kept: list[ColumnCode] = []
        for code in codes:
            triangle = self.train.transform(self._place([*kept, code]))
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
                told = f"{code.name}: the columns {_list([other.name for other in kept])} tell it almost exactly"
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


def _fold_more(triangle: Triangle | None, rows: np.ndarray, columns: int) -> Triangle:
    if triangle is None:
        triangle = Triangle(0, np.zeros((columns, columns)))
    return triangle if len(rows) == 0 else fold(rows) if triangle.rows == 0 else fold_onto(triangle, rows)


def _spread(triangle: Triangle, place: int) -> float:
    """Return the root of the sum of squares of a column around its mean, 0 where that is rounding."""
    column = triangle.factor[:, place]
    spread = float(np.linalg.norm(column[1:]))
    return spread if spread > 1e-13 * abs(float(column[0])) else 0.0


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _count_words(left_out: dict[str, int]) -> str:
    return ", ".join(f"{count} with {reason}" for reason, count in left_out.items()) or "none"
