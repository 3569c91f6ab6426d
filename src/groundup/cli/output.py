"""How every command answers: for people on standard output, or one JSON object with ``--json``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from groundup.tasks.protocol import Report

# What NumPy, PyTorch and Python all take for a seed.
MOST_SEED = 2**32 - 1

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on standard output.")]
RunsFolder = Annotated[
    str, typer.Option("--runs", envvar="GROUNDUP_RUNS", help="The folder of all runs.", show_default=True)
]


def emit(report: Report, as_json: bool) -> None:
    """Write a command's answer; exit with code 1 where the answer is "no"."""
    if as_json:
        print_json(report.facts)
    else:
        _print_for_people(report)
    if not report.passed:
        raise typer.Exit(1)


def print_json(facts: dict[str, Any]) -> None:
    """Write one JSON object; a number that JSON lacks (NaN, infinity) becomes ``null``."""
    from groundup.training.reporting import replace_infinite

    sys.stdout.write(json.dumps(replace_infinite(facts), ensure_ascii=False) + "\n")


def _print_for_people(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for line in report.lines:
        console.print(line, soft_wrap=True)
    if report.table:
        columns, rows = report.table
        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*row)
        console.print(table)
