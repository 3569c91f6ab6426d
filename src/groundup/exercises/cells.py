"""A notebook's cell as Python: without magics, shell commands and questions for help; lines stay where they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from groundup.exercises.program import SHELL, Statement, is_python

# Magics whose cell is Python that runs in the notebook, or is kept as a file.
_RUNNING = frozenset(("time", "timeit", "capture", "prun", "check", "writefile", "file"))
_KEPT_AS_FILE = frozenset(("writefile", "file"))

_CELL_MAGIC = re.compile(r"\s*%%(\w+)[ \t]*(.*)")
_LINE_MAGIC = re.compile(r"(\s*)(?:%%?\w|!|\?|,\w|;\w|/\w)")
_QUESTION = re.compile(r"(\s*)[%\w.\[\]'\"*]+\?\??\s*$")
_TARGETS = re.compile(r"[\w\s.,*\[\]'\"]+")
_GIVEN = re.compile(r"\s*(?:%\w|!)")
_QUOTE = re.compile(r"[rbuft]{0,2}('''|\"\"\"|'|\")", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A notebook's cell.

    Attributes
    ----------
    text : str
        Its Python, line for line; empty if it is in another language.
    checked : str
        What ``%%check`` says at its top.
    file : str
        The file that it is written into.
    """

    text: str
    checked: str = ""
    file: str = ""


def read_cell(source: str) -> Cell:
    r"""Return what a cell holds.

    Examples
    --------
    >>> read_cell("%%check softmax\nfiles = !ls\n%time x = 1")
    Cell(text='\nfiles = get_ipython()\npass', checked='softmax', file='')
    """
    top = read_top(source)
    text = top.text
    if not is_python(text):
        text = _strip_margin(_leave_out(text.split("\n")))
    return Cell(text, top.checked, top.file)


def read_top(source: str) -> Cell:
    r"""Return a cell with empty lines in the place of the cell magics at its top, and what they say.

    Examples
    --------
    >>> read_top("%%time\nx = 1").text
    '\nx = 1'
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    checked = file = ""
    for number, line in enumerate(lines):
        if not line.strip() or (line.lstrip().startswith("#") and not checked):
            continue
        found = _CELL_MAGIC.match(line)
        if found is None:
            break
        name, rest = found[1], found[2].strip()
        if name not in _RUNNING:
            return Cell("")
        checked = rest if name == "check" else checked
        file = rest.split()[-1] if name in _KEPT_AS_FILE and rest else file
        lines[number] = ""
    return Cell("\n".join(lines), checked, file)


def _strip_margin(text: str) -> str:
    """Return a cell without the white space that all of it begins with."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    margin = first[: len(first) - len(first.lstrip())]
    lines = [line.removeprefix(margin) for line in text.split("\n")]
    return "\n".join(lines) if margin and is_python("\n".join(lines)) else text


def _leave_out(lines: Sequence[str]) -> str:
    """Return lines with ``pass`` in the place of magics; what a magic gives to a name, only a notebook can."""
    kept: list[str] = []
    inside = _Inside()
    going_on = False
    for line in lines:
        if going_on:
            kept.append("")
            going_on = line.endswith("\\")
            continue
        replacement = None
        if inside.nothing:
            if found := _LINE_MAGIC.match(line) or _QUESTION.match(line):
                replacement = f"{found[1]}pass"
            else:
                targets, equals, given = line.partition("=")
                if equals and _TARGETS.fullmatch(targets) and _GIVEN.match(given):
                    replacement = f"{targets}= {SHELL}()"
        if replacement is None:
            inside.read(line)
            kept.append(line)
        else:
            kept.append(replacement)
            going_on = line.endswith("\\")
    return "\n".join(kept)


class _Inside:
    """Whether the end of a line stands in a text, in brackets, or before a line that goes on."""

    def __init__(self) -> None:
        self.quote = ""
        self.depth = 0
        self.goes_on = False

    @property
    def nothing(self) -> bool:
        return not self.quote and self.depth == 0 and not self.goes_on

    def read(self, line: str) -> None:
        """Take a line into account."""
        place = 0
        self.goes_on = False
        while place < len(line):
            sign = line[place]
            if self.quote:
                if sign == "\\":
                    place += 1
                elif line.startswith(self.quote, place):
                    place += len(self.quote) - 1
                    self.quote = ""
            elif sign == "#":
                break
            elif found := _QUOTE.match(line, place):
                self.quote = found[1]
                place = found.end() - 1
            elif sign in "([{":
                self.depth += 1
            elif sign in ")]}":
                self.depth = max(0, self.depth - 1)
            elif sign == "\\" and place == len(line) - 1:
                self.goes_on = True
            place += 1
        if len(self.quote) == 1 and not line.endswith("\\"):
            self.quote = ""  # a text of one line ends with it, closed or not


def leave_out_magics(source: str) -> str:
    """Return Python with ``pass`` for the statements inside of others that only call the notebook's magics."""
    lines = source.split("\n")
    alone = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr) and _calls_shell(node)]
    for node in sorted(alone, key=lambda node: (-node.lineno, -node.col_offset)):  # so that places in a line stay true
        _blank(lines, node)
    return "\n".join(lines)


def _calls_shell(node: ast.Expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == SHELL for part in ast.walk(node))


def _blank(lines: list[str], node: ast.stmt) -> None:
    """Take a statement out of lines, which may share them with others (``a = 1; print(a)``)."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    first, last = node.lineno - 1, node.end_lineno - 1
    # Offsets count bytes.
    before = lines[first].encode()[: node.col_offset].decode() + "pass"
    rest = lines[last].encode()[node.end_col_offset :].decode()
    lines[first : last + 1] = [""] * (last - first + 1)
    lines[last] = rest if first == last else f"pass{rest}"
    lines[first] = before + (rest if first == last else "")


def cut_out(source: str, statement: Statement) -> tuple[str, int]:
    """Return a statement's own text, decorators and all, and its first line."""
    node = statement.node
    lines = source.split("\n")
    first = min(part.lineno for part in (node, *getattr(node, "decorator_list", [])))
    assert node.end_lineno is not None
    chosen = lines[first - 1 : node.end_lineno]
    chosen[-1] = chosen[-1].encode()[: node.end_col_offset].decode()
    if first == node.lineno:
        chosen[0] = chosen[0].encode()[node.col_offset :].decode()
    return "\n".join(chosen), first
