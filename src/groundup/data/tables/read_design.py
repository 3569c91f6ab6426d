"""A table folded, in one pass, into what linear regression needs: the triangles of its rows.

Several processes can share the reading: each collects from its share of the rows
(`groundup.data.tables.table_statistics`), and all add up what all have collected, in one order, so that all end with
the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from groundup.base.errors import UserError
from groundup.data.tables.columns import (
    MAX_LEVELS,
    choose_target,
    counts_rows,
    is_called_identifier,
    list_names,
    refuse_empty,
)
from groundup.data.tables.dates import Dates
from groundup.data.tables.design_matrix import Design, Finisher, too_few_rows
from groundup.data.tables.distributed_read import (
    ClusterReading,
    ProcessGroup,
    collect,
    merge_statistics,
    together,
)
from groundup.data.tables.evidence import DATES, EMPTY, NUMBERS, UNCLEAR, WORDS, Finding
from groundup.data.tables.formatting import format_readings, format_unclear
from groundup.data.tables.quoting import quote
from groundup.data.tables.spellings import Spelling
from groundup.data.tables.surveys import DECIMALS, ORDERS, Said, Survey
from groundup.data.tables.table import RowError, Table, TableChunk, open_table, read_numbers
from groundup.data.tables.table_statistics import RAGGED, Collected, Plan
from groundup.data.tables.totals import find_totals, name_totals

# So many features take minutes and gigabytes; more would take the machine.
MOST_FEATURES = 4096
_WIDE = 256
_CODE = r"^\s*0[0-9]+\s*$"


def read_design(  # noqa: PLR0913 - what a table can be read by, all named
    table: Table | str | Path,
    target: str | None = None,
    features: Sequence[str] | None = None,
    *,
    held_out: float = 0.2,
    seed: int = 0,
    fill_missing: bool = False,
    skip_bad_rows: bool = False,
    categories: Sequence[str] = (),
    decimal: str | None = None,
    dates: str | None = None,
    team: ProcessGroup | None = None,
    cluster: ClusterReading | None = None,
    keep_rows: bool = False,
) -> Design:
    """Read a table once and compute its statistics.

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
    decimal : str, optional
        ``"point"`` or ``"comma"``: what ``1,234`` and ``1.234`` mean where the table itself does not tell.
    dates : str, optional
        ``"day-first"``, ``"month-first"`` or ``"year-first"``: likewise of ``01/02/2015``.
    team : ProcessGroup, optional
        The processes that share the reading; each of them calls this with the same arguments, and gets the same.
    cluster : ClusterReading, optional
        The workers that read in place of this process; without ``team``.
    keep_rows : bool
        Keep the rows themselves, too; for one process.

    Raises
    ------
    UserError
        The table cannot be used; file, row and column are named.
    """
    for given, known in ((decimal, DECIMALS), (dates, ORDERS)):
        if given is not None and given not in known:
            raise UserError(f'"{given}": expected one of {", ".join(known)}.')
    held = table if isinstance(table, Table) else together(team, partial(open_table, table, team.size if team else 1))
    wish = _Wish(
        target, features, fill_missing, skip_bad_rows, held_out, seed, categories, Said(decimal, dates), keep_rows
    )
    planner = together(team, partial(_Planner, held, wish))
    plan = together(team, planner.plan)
    while True:
        found = _collect_all(held, plan, planner, team, cluster)
        if isinstance(found, Plan):
            plan = found  # a later chunk has shown more about a column: read again
            continue
        if not found.crowded:
            break
        if features is not None:
            some = found.levels[found.crowded[0]]
            raise UserError(
                f'{held.source}, column "{found.crowded[0]}": more than {MAX_LEVELS} different words ("{some[0]}", '
                f'"{some[1]}", …). Leave the column out, or group its words.'
            )
        # Read again: rows were left out because a word was missing there.
        plan = replace(plan, numeric={name: kind for name, kind in plan.numeric.items() if name not in found.crowded})
        planner.notes += [f"Left out {name}: more than {MAX_LEVELS} different words." for name in found.crowded]
    planner.refuse_totals(name_totals(found.sums, fill_missing), found.last_row)
    design = Finisher(plan, found, features is None, planner.findings).finish(planner.notes)
    used = {design.target, *(code.name for code in design.codes)}
    readings = {name: reading for name, reading in plan.readings.items() if name in used}
    return replace(design, notes=[*format_readings(readings), *design.notes])


@dataclass(frozen=True)
class _Wish:
    """What was asked for; see `read_design`."""

    target: str | None
    features: Sequence[str] | None
    fill_missing: bool
    skip_bad: bool
    held_out: float
    seed: int
    categories: Sequence[str]
    said: Said
    keep_rows: bool = False


class _Planner:
    """Chooses the columns, and how each is read.

    Attributes
    ----------
    notes : list of str
        What the user should know about the columns.
    findings : dict
        Column → what it holds.
    """

    def __init__(self, table: Table, wish: _Wish) -> None:
        features = None if wish.features is None else [table.find(name) for name in wish.features]
        wish = replace(wish, features=features, categories=[table.find(name) for name in wish.categories])
        self.table, self.wish = table, wish
        if wish.features is not None and len(set(wish.features)) < len(wish.features):
            raise UserError(f"{table.source}: a feature is named twice in {', '.join(wish.features)}. Name each once.")
        self.first = first = self._read_first()
        self.survey = Survey(table, wish.said, wish.skip_bad)
        self.survey.begin(first)
        self.target = choose_target(table, first, self.survey, wish.target, wish.features or [])
        if wish.features is not None and self.target in wish.features:
            raise UserError(
                f'{table.source}: "{self.target}" is the target and a feature. Take it out of the features.'
            )
        self.notes: list[str] = []
        self.findings: dict[str, Finding] = {}
        self.wanted = self._choose_features(first)

    def _read_first(self) -> TableChunk:
        ragged = 0
        self.rest = self.table.read(self.table.names, self.wish.skip_bad)
        for chunk in self.rest:
            if len(chunk.rows):
                return chunk
            ragged += chunk.ragged
        if ragged:
            raise UserError(f"{self.table.source}: no usable row; left out: {ragged} with {RAGGED}.")
        raise UserError(f"{self.table.source}: no rows under the header. A table needs rows to learn from.")

    def plan(self) -> Plan:
        """Return what to collect."""
        asked = [name for name in (self.target, *self.wanted) if name not in self.wish.categories]
        self.findings = self.survey.finish(asked)
        self._check_target()
        self._check_width()
        kept = [name for name in self.wanted if name in self.wish.categories or self._is_usable(name)]
        if not kept:
            self._refuse_all()
        numeric = {name: name in self.findings and self.findings[name].kind in (NUMBERS, DATES) for name in kept}
        wish = self.wish
        plan = Plan(
            self.table.source, self.target, numeric, wish.fill_missing, wish.skip_bad, wish.held_out, wish.seed,
            int(self.first.rows[0]), self._readings([self.target, *kept]), wish.keep_rows,
        )  # fmt: skip
        self._look_for_totals(plan)
        self._note_codes(plan)
        if len(kept) > _WIDE:
            self._count_weights(plan)
        return plan

    def _look_for_totals(self, plan: Plan) -> None:
        """Refuse a last row of sums in a table of one chunk, before a word such as "Total" in that row is refused."""
        numbers = [plan.target, *(name for name, is_number in plan.numeric.items() if is_number)]
        sums = find_totals(self.first, {name: plan.readings.get(name) for name in numbers}, plan.fill_missing)
        if sums and not any(len(chunk.rows) for chunk in self.rest):
            self.refuse_totals(sums, int(self.first.rows[-1]))

    def refuse_totals(self, columns: Sequence[str], row: int) -> None:
        """Refuse the table if there are columns in which its last row holds the sums of the rows above it."""
        if columns:
            raise UserError(
                f"{self.table.source}, row {row}: it holds the sums of the rows above it (in {list_names(columns)}), "
                "and would count as one row more. Take it out."
            )

    def _note_codes(self, plan: Plan) -> None:
        """Note columns of figures that begin with 0, as postcodes and article numbers do."""
        for name, is_number in plan.numeric.items():
            if not is_number or name in plan.readings or not pa.types.is_string(self.first.columns[name].type):
                continue
            codes = pc.match_substring_regex(self.first.columns[name], _CODE)
            if pc.any(codes).as_py():
                code = self.first.columns[name][pc.index(codes, True).as_py()].as_py().strip()
                self.notes.append(
                    f'{name}: "{code}" is read as the number {int(code)}. If it is a code, read the column as words: '
                    f"--set categories={quote(name)}."
                )

    def look_again(self, plan: Plan, column: str) -> Plan | None:
        """Return a plan that reads a column by all of its cells, ``None`` if that changes nothing."""
        if column not in self.findings or self.survey.is_whole(column):
            return None
        try:
            found = self.survey.finish([column], whole=True)[column]
        except UserError:
            return None  # what was met first is told
        known, self.findings[column] = self.findings[column], found
        if (found.kind, found.reading) == (known.kind, known.reading) or found.kind not in (NUMBERS, DATES, WORDS):
            return None
        if column == self.target:
            self._check_target()
        numeric = {name: found.kind != WORDS if name == column else kind for name, kind in plan.numeric.items()}
        return replace(plan, numeric=numeric, readings=self._readings([self.target, *plan.numeric]))

    def _readings(self, names: Sequence[str]) -> dict[str, Spelling | Dates]:
        found = {name: self.findings[name].reading for name in names if name in self.findings}
        return {name: reading for name, reading in found.items() if reading is not None}

    def _choose_features(self, first: TableChunk) -> list[str]:
        table, wish = self.table, self.wish
        if wish.features is not None:
            self.notes += [
                f"{name} seems to number or name the rows: what is learned from it is true only for these rows."
                for name in wish.features
                if is_called_identifier(name) or counts_rows(first, self.survey, name)
            ]
            return list(wish.features)
        others = [name for name in table.names if name != self.target]
        free = [name for name in others if name not in wish.categories]
        called = [name for name in free if is_called_identifier(name)]
        counting = [name for name in free if name not in called and counts_rows(first, self.survey, name)]
        wanted = [name for name in others if name not in called and name not in counting]
        if not wanted and counting:
            wanted, counting = counting, []
            self.notes.append(
                f"{list_names(wanted)} counts the rows, and there is no other column to predict {self.target} from."
            )
        left = [name for name in others if name in called or name in counting]
        if left:
            self.notes.append(f"Left out {list_names(left)}: it only numbers or names the rows.")
        if not wanted:
            self._refuse_all()
        return wanted

    def _refuse_all(self) -> None:
        why = " ".join([*self.notes, "Name some with --features."])
        raise UserError(f'{self.table.source}: no column to predict "{self.target}" from. {why}')

    def _check_target(self) -> None:
        found = self.findings[self.target] if self.target in self.findings else Finding(NUMBERS)
        where = f'{self.table.source}, column "{self.target}"'
        if found.kind == EMPTY:
            refuse_empty(self.table.source, self.target)
        if found.kind == DATES:
            raise UserError(f"{where}: holds dates or times, which cannot be predicted. Choose another with --target.")
        if found.kind == UNCLEAR:
            raise UserError(f"{where}: {format_unclear(found)}")

    def _is_usable(self, name: str) -> bool:
        """Tell whether something can be learned from a column; note or refuse it if not."""
        found, asked = self.findings[name], self.wish.features is not None
        if found.kind not in (EMPTY, UNCLEAR):
            return True
        if found.kind == EMPTY:
            if asked:
                refuse_empty(self.table.source, name)
            self.notes.append(f"Left out {name}: it has no value in any row.")
            return False
        if asked:
            raise UserError(f'{self.table.source}, column "{name}": {format_unclear(found)}')
        self.notes.append(f"Left out {name}: {format_unclear(found)}")
        return False

    def _check_width(self) -> None:
        """Refuse more features than can be weighed against each other in reasonable time and memory."""
        if len(self.wanted) > MOST_FEATURES:
            raise UserError(
                f"{self.table.source}: {len(self.wanted)} columns to predict from; "
                f"at most {MOST_FEATURES} are possible. Name fewer with --features."
            )

    def _count_weights(self, plan: Plan) -> None:
        """Refuse a wide table with more weights than rows before the long computation of its statistics."""
        numbers = [name for name, is_number in plan.numeric.items() if is_number]
        rows, low, high = 0, dict.fromkeys(numbers, float("inf")), dict.fromkeys(numbers, float("-inf"))
        for chunk in self.table.read([plan.target, *numbers], plan.skip_bad):
            rows += len(chunk.rows)
            if rows > len(numbers):
                return
            for name in numbers:
                values, missing, bad = read_numbers(chunk, name, plan.readings.get(name))
                values = values[~(missing | bad)]
                if len(values):
                    low[name], high[name] = min(low[name], values.min()), max(high[name], values.max())
        changing = sum(low[name] < high[name] for name in numbers)
        if changing >= rows:
            raise too_few_rows(self.table.source, changing, rows)


def _collect_all(
    table: Table, plan: Plan, planner: _Planner, team: ProcessGroup | None, cluster: ClusterReading | None
) -> Collected | Plan:
    """Return what all processes have collected, or a better plan if cells of a later chunk need one."""
    rank, size = (team.rank, team.size) if team is not None else (0, 1)
    try:
        if cluster is not None:
            found = cluster.collect(table, plan)
        else:
            found = merge_statistics(team, partial(collect, table, plan, rank, size))
    except RowError as error:
        again = None if error.column is None else together(team, partial(planner.look_again, plan, error.column))
        if again is None:
            raise
        return again
    for name in found.odd:
        again = together(team, partial(planner.look_again, plan, name))
        if again is not None:
            return again
    return found
