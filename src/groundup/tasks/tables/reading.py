"""How a task on a table reads it: the settings that say so, and what a run keeps of the columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.data.named.resolve import is_address
from groundup.data.tables.columns import ColumnCode
from groundup.data.tables.dates import Dates
from groundup.data.tables.design_matrix import Design
from groundup.data.tables.distributed_read import ClusterReading
from groundup.data.tables.quoting import split_names
from groundup.data.tables.read_design import read_design
from groundup.data.tables.surveys import DECIMALS, ORDERS
from groundup.data.tables.table import Table
from groundup.runs.folder import Run
from groundup.tasks.tables.units import choose_units
from groundup.training.distributed import ProcessGroup
from groundup.training.settings import setting


@dataclass(frozen=True)
class TableSettings:
    """The settings of every task on a table (``--set KEY=VALUE``)."""

    target: str | None = setting(None, "column to predict; default: a likely one")
    features: str | None = setting(None, "columns to predict from, separated by commas; default: all usable ones")
    units: str | None = setting(None, "one unit for all numbers (inch), or column:unit, separated by commas")
    decimal: str | None = setting(
        None, "what 1,234 and 1.234 mean if the table does not show it", choices=tuple(DECIMALS)
    )
    dates: str | None = setting(None, "what 01/02/2015 means if the table does not show it", choices=tuple(ORDERS))
    missing: str = setting("drop", "rows with a missing cell: drop them, or fill in the mean", choices=("drop", "mean"))
    skip_bad_rows: bool = setting(
        False, "leave out rows with text in a column of numbers, or with too few or too many cells"
    )
    categories: str | None = setting(None, "columns of numbers to read as words, separated by commas")
    held_out: float = setting(0.2, "share of the rows that are held out of training", low=0.0, high=0.9)


def read(
    table: Table,
    settings: TableSettings,
    seed: int,
    team: ProcessGroup | None = None,
    cluster: ClusterReading | None = None,
    keep_rows: bool = False,
) -> Design:
    """Read a table as the settings say; see `read_design`."""
    return read_design(
        table,
        settings.target,
        split_names(settings.features, table.names) if settings.features else None,
        held_out=settings.held_out,
        seed=seed,
        fill_missing=settings.missing == "mean",
        skip_bad_rows=settings.skip_bad_rows,
        categories=split_names(settings.categories or "", table.names),
        decimal=settings.decimal,
        dates=settings.dates,
        team=team,
        cluster=cluster,
        keep_rows=keep_rows,
    )


def open_again(run: Run, open_data: Callable[[str | None], Table]) -> Table:
    """Open the table that a run has learned from.

    Raises
    ------
    UserError
        It is gone.
    """
    data = run.config.get("data")
    if data is not None and not is_address(data) and (data.startswith(("/dev/", "/proc/")) or Path(data).is_fifo()):
        raise UserError(f"{run.folder}: its table came through a pipe ({data}), which is gone. Give one with --data.")
    return open_data(data)


def find_units(table: Table, design: Design, given: str | None) -> dict[str, str]:
    """Return the unit of each column that has a known one; days and hours of dates go without saying."""
    columns = [code.name for code in design.codes]
    units = choose_units(table.names, design.target, columns, given, design.units, design.binary)
    dated = {code.name for code in design.codes if isinstance(code.reading, Dates)}
    return {name: unit for name, unit in units.items() if name not in dated}


def describe_columns(design: Design) -> dict[str, Any]:
    """Return how each column becomes numbers, and the mean of each column of numbers; of dates as one."""
    means = (design.train.factor[0, 1:-1] / design.train.factor[0, 0]).tolist()
    named = dict(zip(design.feature_names, means, strict=True))
    return {
        "columns": [code.to_json() for code in design.codes],
        "means": {code.name: _show_mean(code, named) for code in design.codes if code.levels is None},
    }


def format_left_out(design: Design) -> list[str]:
    """Return a line on the rows that could not be used, if there are some."""
    if not design.rows_left_out:
        return []
    reasons = ", ".join(f"{count} with {reason}" for reason, count in design.left_out.items())
    return [f"{design.rows_left_out} rows left out: {reasons}."]


def _show_mean(code: ColumnCode, means: dict[str, float]) -> float | str:
    mean = means[code.name]
    return code.reading.write(mean) if isinstance(code.reading, Dates) else mean
