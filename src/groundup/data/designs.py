"""A table folded, in one pass, into what linear regression needs: the triangles of its rows.

Several processes can share the reading: each collects from its share of the rows (`groundup.data.collecting`), and all
add up what all have collected, in one order, so that all end with the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from groundup.data.collecting import Collected, Plan
from groundup.data.columns import MAX_LEVELS, choose_target, list_names, looks_like_identifier, tell_kinds
from groundup.data.finishing import Design, Finisher
from groundup.data.sharing import Team, add_up, together
from groundup.data.tables import Table, open_table
from groundup.errors import UserError


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
    team: Team | None = None,
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
    team : Team, optional
        The processes that share the reading; each of them calls this with the same arguments, and gets the same.

    Raises
    ------
    UserError
        The table cannot be used; file, row and column are named.
    """
    held = table if isinstance(table, Table) else together(team, partial(open_table, table))
    plan, notes = together(
        team, lambda: _plan(held, target, features, held_out, seed, fill_missing, skip_bad_rows, categories)
    )
    chosen = list(plan.numeric)
    while crowded := (found := add_up(team, together(team, partial(_collect, held, plan, team)))).crowded:
        if features is not None:
            some = found.levels[crowded[0]]
            raise UserError(
                f'{held.source}, column "{crowded[0]}": more than {MAX_LEVELS} different words ("{some[0]}", '
                f'"{some[1]}", …). Leave the column out, or group its words.'
            )
        # Read anew: rows were left out because a word was missing there.
        plan = replace(plan, numeric={name: kind for name, kind in plan.numeric.items() if name not in crowded})
    notes += [
        f"Left out {name}: more than {MAX_LEVELS} different words." for name in chosen if name not in plan.numeric
    ]
    return Finisher(plan, found, features is None).finish(notes)


def _plan(
    table: Table,
    target: str | None,
    features: Sequence[str] | None,
    held_out: float,
    seed: int,
    fill_missing: bool,
    skip_bad_rows: bool,
    categories: Sequence[str],
) -> tuple[Plan, list[str]]:
    """Choose the columns; return also what the user should know about them."""
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
            notes.append(f"Left out {list_names(identifiers)}: it only numbers or names the rows.")
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
    kinds = tell_kinds(table, first, [name for name in wanted if name not in categories], skip_bad_rows)
    numeric = {name: kinds.get(name, False) for name in wanted}
    first_row = int(first.rows[0])
    return Plan(table.source, target, numeric, fill_missing, skip_bad_rows, held_out, seed, first_row), notes


def _collect(table: Table, plan: Plan, team: Team | None) -> Collected:
    """Collect from this process's share of the rows; stop early where a column is crowded."""
    rank, size = (team.rank, team.size) if team is not None else (0, 1)
    collected = Collected()
    for piece in table.read([plan.target, *plan.numeric], plan.skip_bad, rank, size):
        collected.add(piece, plan)
        if collected.crowded:
            break
    return collected
