"""The output of every command: text on standard output, or one JSON object with ``--json``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.base.plain_text import fold

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from groundup.tasks.protocol import Report

# What NumPy, PyTorch and Python all take for a seed.
MOST_SEED = 2**32 - 1

MOST_TYPED = 100_000_000

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON object on standard output.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Let the workers of this Dask cluster do what can be shared out, in place of this machine's processes.",
    ),
]
Temperature = Annotated[float, typer.Option(help="0 always takes the likeliest token; large values are more random.")]
TopK = Annotated[int | None, typer.Option(help="Choose only among the k likeliest tokens.")]
TopP = Annotated[
    float | None, typer.Option(help="Choose only among the likeliest tokens that together reach this probability.")
]

RunsFolder = Annotated[
    str, typer.Option("--runs", envvar="GROUNDUP_RUNS", help="The folder of all runs.", show_default=True)
]


def emit(report: Report, as_json: bool) -> None:
    """Write a command's answer; exit with code 2 if a part of what was asked is bad input, 1 if the answer is "no"."""
    if as_json:
        print_json(report.facts)
    else:
        _print_for_people(report)
    sys.stdout.flush()
    for message in report.refused:
        print(f"groundup: {fold(message)}", file=sys.stderr)
    if report.refused:
        raise typer.Exit(2)
    if not report.passed:
        raise typer.Exit(1)


def print_json(facts: dict[str, Any]) -> None:
    """Write one JSON object, in UTF-8 whatever the terminal's encoding; see `write_json`."""
    from groundup.base.reporting import write_json

    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    sys.stdout.write(write_json(facts, ascii_only=encoding != "utf8") + "\n")


def _print_for_people(report: Report) -> None:
    from rich.table import Table

    from groundup.base.console import PlainConsole, read_markup
    from groundup.base.narrow import choose_widths

    console = PlainConsole()
    for line in report.lines:
        console.print_line(read_markup(line))
    if report.table:
        columns, rows = report.table
        table = Table(box=None, pad_edge=False, header_style="bold")
        cells = [[read_markup(cell) for cell in row] for row in rows]
        # With its markup a heading would count as wider than it is shown.
        names = [read_markup(heading).plain for heading in columns]
        texts = [[name, *(row[place].plain for row in cells)] for place, name in enumerate(names)]
        widths = choose_widths(texts, console.width)
        if widths is None:
            _print_below_each_other(console, names, cells)
            return
        for heading, chosen in zip(columns, widths, strict=True):
            table.add_column(heading, width=chosen, overflow="fold")
        for row in cells:
            table.add_row(*row)
        console.print(table)


def _print_below_each_other(console: Console, names: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Print a table whose columns do not fit beside each other: the cells of a row below the first of them."""
    from rich.padding import Padding
    from rich.text import Text

    for first, *others in rows:
        console.print(Text.assemble(first, style="bold"))
        for name, cell in zip(names[1:], others, strict=True):
            if cell.plain:
                console.print(Padding(Text.assemble(f"{name}: " if name else "", cell), (0, 0, 0, 2), expand=False))


def read_standard_input() -> str:
    """Return the text on standard input.

    Raises
    ------
    UserError
        It is not UTF-8, is binary, or is too long.
    """
    from groundup.base.decoding import decode_text
    from groundup.base.errors import UserError

    raw = sys.stdin.buffer.read(MOST_TYPED + 1)
    if len(raw) > MOST_TYPED:
        raise UserError(f"standard input: more than {MOST_TYPED // 10**6} MB. Give it in parts.")
    return decode_text(raw, "standard input")
