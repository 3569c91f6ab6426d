"""Reads a submitted answer: a Python file, or the cells of a notebook that belong to the answer."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.exercises.cells import Cell, cut_out, leave_out_magics, read_cell
from groundup.exercises.extracts import Extract, Fragment, lay_out
from groundup.exercises.file_names import read_name
from groundup.exercises.program import DISPLAY, SHELL, Statement, is_python, read_statements, slice_program
from groundup.exercises.registry import list_names, load_exercise
from groundup.exercises.sources import MOST_BYTES, decode_source, is_notebook, read_bytes

MOST_STATEMENTS = 5000
_CHECKED = re.compile(r"^\s*%{1,2}check[ \t]+([\w-]+)", re.MULTILINE)
_OUTSIDE = "a magic or an awaited call gave it, and a notebook's file does not hold values"
_SHELL_ONLY = "only a notebook has it"


@dataclass(frozen=True)
class NumberedCell:
    """A code cell of a notebook's file.

    Attributes
    ----------
    number : int
        Its place among all cells, from 1.
    source : str
        As it stands in the notebook.
    """

    number: int
    source: str


def read_answer(path: Path, exercise: str, *, follow: bool = True, name: str | None = None) -> Extract:
    """Return an answer's source.

    Parameters
    ----------
    path : Path
        A Python file, or a notebook.
    exercise : str
        Its name: what to look for in a notebook.
    follow : bool
        Whether the file may be a link.
    name : str, optional
        What messages call the file; its own name if left out.

    Raises
    ------
    UserError
        It cannot be read, is no regular file, too large, no text in the encoding that it declares, or no notebook.
    """
    name = path.name if name is None else name
    return extract_answer(read_bytes(path, name, follow), path, exercise, name)


def extract_answer(raw: bytes, path: Path, exercise: str, name: str) -> Extract:
    """Return the source in a file's bytes; parameters and errors as in `read_answer`."""
    if is_notebook(path):
        return find_answer(read_cells(raw, name), exercise, load_exercise(exercise).entries, name)
    text = decode_source(raw, name)
    # Notebooks that are exported as Python call magics by the notebook's own function.
    return Extract(leave_out_magics(text) if SHELL in text and is_python(text) else text)


def list_checked(path: Path) -> tuple[str, ...]:
    """Return the exercises that a notebook's cells are checked for (``%%check NAME``); none if it cannot be read."""
    try:
        cells = read_cells(read_bytes(path, path.name, follow=False), path.name)
    except UserError:
        return ()
    told = {name.replace("_", "-") for cell in cells for name in _CHECKED.findall(cell.source)}
    return tuple(name for name in list_names() if name in told)


def read_cells(raw: bytes, name: str) -> list[NumberedCell]:
    """Return the code cells of a notebook's file.

    Raises
    ------
    UserError
        It is no notebook, or none of Python.
    """
    try:
        book = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError, MemoryError):
        raise UserError(f"{name}: no notebook, or a damaged one. Save it again in Jupyter.") from None
    sheets = book.get("worksheets") if isinstance(book, dict) else None
    sheet = sheets[0] if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else book
    cells = sheet.get("cells") if isinstance(sheet, dict) else None
    if not isinstance(cells, list):
        raise UserError(f"{name}: no notebook, or a damaged one. Save it again in Jupyter.")
    language = _find_language(book.get("metadata"))
    if language and "python" not in language.lower():
        raise UserError(f"{name}: a notebook of {language}. Answers are written in Python.")
    found = list(_list_code(cells, name))
    if sum(len(cell.source) for cell in found) > MOST_BYTES:
        raise UserError(f"{name}: its cells hold more than 1 MiB of code, which no answer does.")
    return found


def _find_language(metadata: Any) -> str:
    for key, part in (("kernelspec", "language"), ("language_info", "name")):
        told = metadata.get(key) if isinstance(metadata, dict) else None
        if isinstance(told, dict) and isinstance(told.get(part), str):
            return str(told[part])
    return ""


def _list_code(cells: Sequence[Any], name: str) -> Iterator[NumberedCell]:
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        text = "".join(map(str, source)) if isinstance(source, list) else str(source)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise UserError(f"{name}, cell {number}, line {line}: half of a pair of surrogates. Correct it.") from None
        yield NumberedCell(number, text)


def find_answer(
    cells: Sequence[NumberedCell], exercise: str, entries: Mapping[str, Sequence[str]], name: str
) -> Extract:
    """Return the answer to an exercise out of a notebook's cells, with what it needs of them, in the order of the file.

    What is checked by ``%%check``, or written into a file of the exercise's name, is the answer; else the last
    functions and classes of the names asked for.

    Parameters
    ----------
    cells : sequence of NumberedCell
        The notebook.
    exercise : str
        Its name.
    entries : mapping
        As `groundup.judge.exercise.Exercise.entries`.
    name : str
        What messages call the file.

    Raises
    ------
    UserError
        There are more statements than any answer needs.
    """
    read = {cell.number: read_cell(cell.source) for cell in cells}
    chosen = [number for number, cell in read.items() if _is_meant(cell, exercise)]
    names = {known for several in entries.values() for known in several}
    broken = {number for number, cell in read.items() if not is_python(cell.text)}
    if chosen and chosen[-1] in broken:
        return _take_whole(read[chosen[-1]], chosen[-1])
    try:
        program = _read_program({number: cell for number, cell in read.items() if number not in broken}, name)
    except (RecursionError, MemoryError):
        raise UserError(f"{name}: its code is nested too deeply.") from None
    defined = {known for _, statement in program if not _shadows(statement) for known in statement.binds & names}
    program = [one for one in program if not (_shadows(one[1]) and one[1].binds & defined)]
    program = [one for one in program if not _is_of_another(one[1], names)]
    wanted = {*names, "Solution"} & {known for _, statement in program for known in statement.binds}
    if chosen:
        program, wanted = _prefer(program, chosen[-1], wanted, entries)
    if not wanted:
        pattern = re.compile(rf"^\s*(?:def|class)\s+(?:{'|'.join(map(re.escape, names))})\b", re.MULTILINE)
        defining = [number for number in sorted(broken) if pattern.search(read[number].text)]
        return _take_whole(read[defining[-1]], defining[-1]) if defining else Extract("")
    sliced = slice_program([statement for _, statement in program], sorted(wanted))
    numbers = {number: None for number, _ in (program[place] for place in sliced.order)}
    several = len(numbers) > 1
    pieces = [Fragment(f"{DISPLAY} = print", label=" of the judge")] if DISPLAY in sliced.missing else []
    texts = {number: leave_out_magics(read[number].text) for number in numbers}
    for number, statement in (program[place] for place in sliced.order):
        text, first = cut_out(texts[number], statement)
        pieces.append(Fragment(text, first, f" of cell {number}" if several else ""))
    lost = {**dict.fromkeys(sliced.shut_out, _OUTSIDE), SHELL: _SHELL_ONLY}
    return lay_out(pieces, lost, _name_cells(sorted(numbers)))


def _is_meant(cell: Cell, exercise: str) -> bool:
    """Tell whether a cell is checked for an exercise, or kept in a file that is named for it."""
    told = cell.checked.split()
    if told and told[0].replace("_", "-") == exercise:
        return True
    return bool(cell.file) and read_name(Path(cell.file).stem).exercises == (exercise,)


def _read_program(read: Mapping[int, Cell], name: str) -> list[tuple[int, Statement]]:
    """Return the statements of cells with the cells' numbers."""
    bodies = [(number, node) for number, cell in read.items() for node in ast.parse(leave_out_magics(cell.text)).body]
    if len(bodies) > MOST_STATEMENTS:
        raise UserError(f"{name}: more than {MOST_STATEMENTS} statements, which no answer's notebook has.")
    statements = read_statements(ast.Module([node for _, node in bodies], []))
    return [(number, statement) for (number, _), statement in zip(bodies, statements, strict=True)]


def _is_of_another(statement: Statement, names: set[str]) -> bool:
    """Tell whether a statement is a class `Solution` for another exercise: a notebook may hold several answers."""
    node = statement.node
    if not isinstance(node, ast.ClassDef) or node.name != "Solution" or "Solution" in names:
        return False
    methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
    return bool(methods) and not methods & names


def _shadows(statement: Statement) -> bool:
    """Tell whether a statement gives names something that is no answer: a library's function, or data."""
    node = statement.node
    several = isinstance(node, ast.Assign) and any(isinstance(target, ast.Tuple | ast.List) for target in node.targets)
    return several or isinstance(node, ast.Import | ast.ImportFrom | ast.For | ast.With)


def _prefer(
    program: list[tuple[int, Statement]], chosen: int, wanted: set[str], entries: Mapping[str, Sequence[str]]
) -> tuple[list[tuple[int, Statement]], set[str]]:
    """Return the program and the names wanted of it where one cell is known to hold the answer."""
    own = wanted & {known for number, statement in program if number == chosen for known in statement.binds}
    if not own:
        return program, wanted
    if "Solution" not in own:
        found = [known for known in entries.values() if not own & set(known)]
        own |= {name for known in found for name in known if name in wanted}
    earlier = [one for one in program if one[0] <= chosen or not one[1].binds & own]
    return earlier, own


def _take_whole(cell: Cell, number: int) -> Extract:
    return Extract(cell.text, where=f"cell {number}")


def _name_cells(numbers: Sequence[int]) -> str:
    *most, last = map(str, numbers)
    return f"cells {', '.join(most)} and {last}" if most else f"cell {last}"
