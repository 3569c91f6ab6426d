"""How every command answers: for people on standard output, or one JSON object with ``--json``."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from groundup.tasks.protocol import Report

# What NumPy, PyTorch and Python all take for a seed.
MOST_SEED = 2**32 - 1

MOST_TYPED = 100_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")
# Written as JSON's escapes: what a terminal would obey, and what its encoding may lack.
_OBEYED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
_NOT_ASCII = re.compile("[^\x00-\x7e]")

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
    """Write one JSON object, in UTF-8 whatever the terminal's encoding.

    A number that JSON lacks (NaN, infinity) becomes ``null``; half a surrogate pair is written out.
    """
    from groundup.errors import UserError
    from groundup.training.reporting import replace_infinite

    try:
        text = json.dumps(replace_infinite(facts), ensure_ascii=False, default=str)
    except RecursionError as error:
        raise UserError("The answer is nested too deeply for JSON. Leave --json out.") from error
    text = _SURROGATE.sub(lambda found: f"\\\\u{ord(found.group()):04x}", text)
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    hidden = _OBEYED if encoding == "utf8" else _NOT_ASCII
    text = hidden.sub(lambda found: json.dumps(found.group())[1:-1], text)
    sys.stdout.write(text + "\n")


def _print_for_people(report: Report) -> None:
    from rich.table import Table

    from groundup.console import PlainConsole, read_markup

    console = PlainConsole()
    for line in report.lines:
        console.print(read_markup(line), soft_wrap=True)
    if report.table:
        columns, rows = report.table
        table = Table(*columns, box=None, pad_edge=False, header_style="bold")
        for row in rows:
            table.add_row(*map(read_markup, row))
        console.print(table)


def read_standard_input() -> str:
    """Return the text on standard input.

    Raises
    ------
    UserError
        It is not UTF-8, binary, or too much for one question.
    """
    from groundup.data.texts import decode_text
    from groundup.errors import UserError

    raw = sys.stdin.buffer.read(MOST_TYPED + 1)
    if len(raw) > MOST_TYPED:
        raise UserError(f"standard input: more than {MOST_TYPED // 10**6} MB. Give it in parts.")
    return decode_text(raw, "standard input")
