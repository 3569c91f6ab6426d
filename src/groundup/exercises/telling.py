"""A verdict as a person reads it: in a terminal, as a text, and as HTML."""

from __future__ import annotations

import ast
import inspect
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import Markdown, TableElement
from rich.padding import Padding
from rich.table import Table
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from groundup.console import PlainConsole
from groundup.judge.answer import Raised
from groundup.judge.compare import Closeness, is_equal
from groundup.judge.exercise import Exercise
from groundup.judge.module_check import ModuleCheck
from groundup.judge.naming import find_reference
from groundup.judge.verdict import Trace, Verdict, show_value

# Readable on white and on black: what is dim is between the first two.
GREY, GREEN, YELLOW, RED = (125, 133, 144), (26, 145, 78), (168, 121, 15), (224, 68, 74)
_BOTH_PAGES = TerminalTheme(GREY, GREY, [GREY, RED, GREEN, YELLOW, *[GREY] * 4])
COLUMNS = 88


class _WholeTable(TableElement):
    """A table in a statement: a signature too long for its column goes on in the next line and is never cut."""

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
    if verdict.failing is not None:
        _print_case(console, exercise, verdict.failing)
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


def _print_case(console: Console, exercise: Exercise, failing: Trace) -> None:
    console.print(Text("  The smallest input found that shows it:", style="bold"))
    names = name_arguments(exercise, failing)
    for name, value in flatten_case(exercise, failing, names):
        console.print(Text(f"    {name} = {_indent(show_value(value), len(name) + 7)}"))
    got, wanted = leave_differences(failing.got, failing.wanted, exercise.tolerance)
    console.print(Text.assemble(("    your answer  ", "red"), _indent(show_value(got), 17)))
    if wanted is None and failing.context is not None:
        return  # a module whose weights fit nowhere: there is nothing to compare it with
    told = "an error" if isinstance(wanted, Raised) else _indent(show_value(wanted), 17)
    console.print(Text.assemble(("    expected     ", "green"), told))


def flatten_case(exercise: Exercise, failing: Trace, names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Yield names and values of a case; what a class is built with has the stub's names."""
    check = next(check for check in exercise.checks if check.name == failing.check)
    for name, value in zip(names, failing.case, strict=True):
        if isinstance(check, ModuleCheck) and isinstance(value, tuple):
            sizes = name_sizes(exercise, check.entry) if name == names[0] else []
            single = [f"{name}, {place + 1}" for place in range(len(value))] if len(value) > 1 else [name]
            yield from zip(sizes if len(sizes) >= len(value) else single, value, strict=False)
        else:
            yield name, value


def name_sizes(exercise: Exercise, entry: str) -> list[str]:
    """Return the names of what the stub's class is built with; none where it has none."""
    for node in ast.walk(ast.parse(exercise.read("stub.py"))):
        if isinstance(node, ast.ClassDef) and node.name in exercise.entries[entry]:
            built = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
            return [argument.arg for argument in built[0].args.args[1:]] if built else []
    return []


def leave_differences(got: Any, wanted: Any, tolerance: float) -> tuple[Any, Any]:
    """Return two observations, of dictionaries with equal keys only what differs."""
    if not (isinstance(got, dict) and isinstance(wanted, dict) and got.keys() == wanted.keys()):
        return got, wanted
    wrong = [key for key in wanted if not is_equal(got[key], wanted[key], Closeness(4, tolerance))]
    return ({key: got[key] for key in wrong}, {key: wanted[key] for key in wrong}) if wrong else (got, wanted)


def _indent(text: str, columns: int) -> str:
    return text.replace("\n", "\n" + " " * columns)


def name_arguments(exercise: Exercise, failing: Trace) -> list[str]:
    """Return the names of a case's values: the check's own, or those of the function's signature."""
    check = next(check for check in exercise.checks if check.name == failing.check)
    if check.arguments:
        return list(check.arguments)
    function: Any = find_reference(exercise)[check.entry]
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    if check.observe is None and len(names) >= len(failing.case):
        return names[: len(failing.case)]
    return [f"input {place + 1}" for place in range(len(failing.case))]
