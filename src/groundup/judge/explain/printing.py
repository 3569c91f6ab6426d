"""Shows a verdict to people: in a terminal, as text, and as HTML."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown, TableElement
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from groundup.base.console import PlainConsole
from groundup.base.narrow import align, choose_widths, fit_line
from groundup.judge.exercise import Exercise
from groundup.judge.verdict import Shown, Verdict

# Readable on white and on black: what is dim is between the first two.
GREY, GREEN, YELLOW, RED = (125, 133, 144), (26, 145, 78), (168, 121, 15), (224, 68, 74)
_BOTH_PAGES = TerminalTheme(GREY, GREY, [GREY, RED, GREEN, YELLOW, *[GREY] * 4])
COLUMNS = 88
# A narrower column of sentences is hard to read.
READABLE = 18


class _WholeTable(TableElement):
    """A table in a statement: no signature is cut, and none is broken in a word. Too wide a table becomes a list."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for table in super().__rich_console__(console, options):
            yield from _fit_table(table, options.max_width) if isinstance(table, Table) else [table]


def _fit_table(table: Table, width: int) -> Iterator[RenderableType]:
    headings = [str(column.header) for column in table.columns]
    cells = [[Text(str(cell)) if isinstance(cell, str) else cell for cell in column.cells] for column in table.columns]
    texts = [[heading, *map(str, column)] for heading, column in zip(headings, cells, strict=True)]
    widths = choose_widths(texts, width - 2, readable=READABLE)
    if widths is not None:
        for column, chosen in zip(table.columns, widths, strict=True):
            column.width = chosen
        yield table
        return
    for place, (first, *others) in enumerate(zip(*cells, strict=True)):
        if place:
            yield Text()
        yield first
        for heading, cell in zip(headings[1:], others, strict=True):
            yield Padding(Text.assemble((f"{heading}: ", "bold"), cell), (0, 0, 0, 4))


class _WholeCode(CodeBlock):
    """Formulas and code: a line that fits is not broken, and the lines of one that does not are indented."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines, width = str(self.text).rstrip().splitlines(), options.max_width
        beside = 1 if all(cell_len(line) <= width - 2 for line in lines) else 0
        code = "\n".join(part for line in lines for part in fit_line(line, width))
        yield Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, padding=(1, beside))


class NumberedCode:
    """A file with the numbers of its lines: what is too long for the screen goes on farther in than it began."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        syntax = Syntax("", "python", background_color="default")
        lines = syntax.highlight(self.source.rstrip("\n")).split("\n")
        beside = len(str(len(lines))) + 3
        for number, line in enumerate(lines, start=1):
            for place, part in enumerate(_hang(line, max(options.max_width - beside, READABLE))):
                label = f"{number:>{beside - 1}} " if place == 0 else " " * beside
                yield Text.assemble((label, "dim"), part, no_wrap=True, overflow="fold")


def _hang(line: Text, width: int) -> list[Text]:
    """Return a line of code in parts that fit, the later ones indented by four more than the first."""
    plain = line.plain
    if cell_len(plain) <= width:
        return [line]
    indent = " " * (len(plain) - len(plain.lstrip()))
    parts, end = list[Text](), 0
    deeper = f"{indent}    "
    broken = textwrap.TextWrapper(
        width, initial_indent=indent, subsequent_indent=deeper, replace_whitespace=False, break_on_hyphens=False
    )
    for part in broken.wrap(plain.lstrip()):
        start = plain.index(part.strip(), end)
        end = start + len(part.strip())
        parts.append(Text.assemble(deeper if parts else indent, line[start:end]))
    return parts


class Statement(Markdown):
    """A statement or hint, ready to print."""

    elements: ClassVar = {
        **Markdown.elements,
        "table_open": _WholeTable,
        "fence": _WholeCode,
        "code_block": _WholeCode,
    }


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
        _print_value(console, Text(f"{name} = "), value)
    _print_value(console, Text("your answer  ", style="red"), shown.got)
    if shown.expected:
        _print_value(console, Text("expected     ", style="green"), shown.expected)


def _print_value(console: Console, name: Text, value: str) -> None:
    value = align(str(name), value).removeprefix(str(name))
    console.print(Padding(Text.assemble(name, value), (0, 0, 0, 4)))
