"""Shows a verdict to people: in a terminal, as text, and as HTML."""

from __future__ import annotations

import io
from pathlib import Path
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, TableElement
from rich.padding import Padding
from rich.table import Table
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from groundup.base.console import PlainConsole
from groundup.judge.exercise import Exercise
from groundup.judge.verdict import Shown, Verdict

# Readable on white and on black: what is dim is between the first two.
GREY, GREEN, YELLOW, RED = (125, 133, 144), (26, 145, 78), (168, 121, 15), (224, 68, 74)
_BOTH_PAGES = TerminalTheme(GREY, GREY, [GREY, RED, GREEN, YELLOW, *[GREY] * 4])
COLUMNS = 88


class _WholeTable(TableElement):
    """A table in a statement: a signature too long for its column is continued on the next line, never cut."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            if isinstance(table, Table):
                for column in table.columns:
                    column.overflow = "fold"
            yield table


class Statement(Markdown):
    """A statement or hint, ready to print."""

    elements: ClassVar = {**Markdown.elements, "table_open": _WholeTable}


def print_verdict(exercise: Exercise, verdict: Verdict, path: Path | str, console: Console | None = None) -> None:
    """Print a verdict: the headline, what is wrong, the smallest failing case, remarks."""
    console = console or PlainConsole()
    sign, color = ("✓", "green") if verdict.accepted else ("✗", "red")
    console.print(Text.assemble((f"{sign} {exercise.title}: ", f"bold {color}"), verdict.headline))
    for finding in verdict.findings:
        console.print(Padding(Text(finding), (0, 0, 0, 2)))
    if verdict.shown is not None:
        _print_case(console, verdict.shown)
    if len(verdict.checks) > 1 and not verdict.accepted:
        for check, passed in verdict.checks.items():
            console.print(Text.assemble("  ", ("✓ ", "green") if passed else ("✗ ", "red"), check))
    for remark in verdict.remarks:
        console.print(Padding(Text(remark, style="yellow"), (0, 0, 0, 2)))
    told = f"{verdict.cases} cases in {verdict.seconds:.2f} s"
    console.print(Text(f"  {told} · {path}", style="dim"))


def write_text(exercise: Exercise, verdict: Verdict, path: Path | str) -> str:
    """Return a verdict as a plain text."""
    console = PlainConsole(file=io.StringIO(), width=COLUMNS, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        print_verdict(exercise, verdict, path, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def write_html(exercise: Exercise, verdict: Verdict, path: Path | str) -> str:
    """Return a verdict as HTML that goes into a ``<pre>``, in colours for light and dark pages."""
    console = PlainConsole(file=io.StringIO(), width=COLUMNS, record=True, force_jupyter=False)
    print_verdict(exercise, verdict, path, console)
    return console.export_html(theme=_BOTH_PAGES, inline_styles=True, code_format="{code}")


def _print_case(console: Console, shown: Shown) -> None:
    console.print(Text("  The smallest failing input that was found:", style="bold"))
    for name, value in shown.inputs:
        console.print(Text(f"    {name} = {_indent(value, len(name) + 7)}"))
    console.print(Text.assemble(("    your answer  ", "red"), _indent(shown.got, 17)))
    if shown.expected:
        console.print(Text.assemble(("    expected     ", "green"), _indent(shown.expected, 17)))


def _indent(text: str, columns: int) -> str:
    return text.replace("\n", "\n" + " " * columns)
