"""Finds the source of what a notebook's cells define: IPython keeps every cell that it has run."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType
from typing import Any


@dataclass(frozen=True)
class Definition:
    """The source of a function or class.

    Attributes
    ----------
    name : str
        As it is defined.
    text : str
        The statement.
    decorated : bool
        Whether it has decorators.
    later : dict of str to object
        Of a class: attributes that were given to it after it was made.
    """

    name: str
    text: str
    decorated: bool
    later: dict[str, Any] = field(default_factory=dict)


def is_of_a_cell(function: Any) -> bool:
    """Return whether a function was made by a notebook's own code, and not by a library's decorator."""
    return isinstance(function, FunctionType) and function.__globals__.get("__name__") == "__main__"


def find_function(function: FunctionType, decorated: bool) -> Definition | None:
    """Return the statement that defines a function, with its decorators or without; None if it is not known."""
    code = function.__code__
    lines = linecache.getlines(code.co_filename)
    for node in ast.walk(_parse(lines)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == code.co_name:
            first = _find_first(node)
            if first == code.co_firstlineno:
                text = _cut(lines, node, first if decorated else node.lineno)
                return Definition(node.name, text, bool(node.decorator_list))
    return None


def find_lambda(code: CodeType) -> str | None:
    """Return the expression that makes a function without a name; None if it is not known."""
    lines = linecache.getlines(code.co_filename)
    known = [
        node
        for node in ast.walk(_parse(lines))
        if isinstance(node, ast.Lambda) and node.lineno <= code.co_firstlineno <= (node.end_lineno or 0)
    ]
    # Of several in a line, the one whose body the code's instructions come from.
    places = {place[0:1] + place[2:3] for place in code.co_positions()}
    exact = [node for node in known if (node.body.lineno, node.body.col_offset) in places]
    arguments = list(code.co_varnames[: code.co_argcount])
    exact = [node for node in exact or known if [one.arg for one in _list_arguments(node)] == arguments]
    return ast.get_source_segment("".join(lines), exact[-1]) if exact else None


def _list_arguments(node: ast.Lambda) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args]


def find_class(kind: type) -> Definition | None:
    """Return the statement that defines a class, and what was changed of it since; None if it is not known.

    Methods tell the cell; a class without methods of its own is the last one of its name.
    """
    own = [inside for value in vars(kind).values() if inspect.isfunction(inside := inspect.unwrap(value))]
    files = dict.fromkeys(function.__code__.co_filename for function in own if is_of_a_cell(function))
    for lines in [*map(linecache.getlines, files), *reversed(list(_list_cells()))]:
        for node in reversed(list(ast.walk(_parse(lines)))):
            if isinstance(node, ast.ClassDef) and node.name == kind.__name__ and _fits(node, kind):
                text = _cut(lines, node, _find_first(node))
                return Definition(node.name, text, bool(node.decorator_list), _find_later(node, kind, lines))
    return None


def find_assignment(name: str) -> str | None:
    """Return the statement by which a name was last given a value in a cell; None if none is known."""
    for lines in reversed(list(_list_cells())):
        for node in reversed(_parse(lines).body):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                return ast.get_source_segment("".join(lines), node)
    return None


def _fits(node: ast.ClassDef, kind: type) -> bool:
    """Return whether a class may be what a statement made."""
    held = {*vars(kind), *inspect.get_annotations(kind)}
    methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.ClassDef)}
    return methods <= held and {*_list_annotated(node)} <= held


def _list_annotated(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            yield part.target.id


def _find_later(node: ast.ClassDef, kind: type, lines: Sequence[str]) -> dict[str, Any]:
    """Return a class's attributes that its statement does not give it."""
    told = {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    constants: dict[str, Any] = {}
    for part in node.body:
        targets = part.targets if isinstance(part, ast.Assign) else [getattr(part, "target", None)]
        for target in targets:
            if isinstance(target, ast.Name):
                told.add(target.id)
                constants[target.id] = getattr(part, "value", None)
    later = {}
    for name, value in vars(kind).items():
        inside = inspect.unwrap(value) if callable(value) else value
        if is_of_a_cell(inside):
            code, cell = inside.__code__, linecache.getlines(inside.__code__.co_filename)
            within = cell == list(lines) and node.lineno <= code.co_firstlineno <= (node.end_lineno or 0)
            if cell and not (name in told and within):  # what dataclasses make has no cell
                later[name] = value
        elif not name.startswith("_") and type(value) in (bool, int, float, str, list, dict, tuple):
            given = constants.get(name)
            with_value = isinstance(given, ast.Constant)
            if name not in told or (with_value and isinstance(given, ast.Constant) and given.value != value):
                later[name] = value
    return later


def _find_first(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    return min(part.lineno for part in (node, *node.decorator_list))


def _cut(lines: Sequence[str], node: ast.stmt, first: int) -> str:
    """Return a statement's lines; what is inside of something else gets something around it."""
    text = "".join(lines[first - 1 : node.end_lineno]).rstrip("\n")
    return f"if True:\n{text}" if node.col_offset else text


def _list_cells() -> Iterator[list[str]]:
    """Yield the lines of every cell that was run, and of whatever else was never a file."""
    for entry in list(linecache.cache.values()):
        if len(entry) == 4 and entry[1] is None:
            yield entry[2]


def _parse(lines: Sequence[str]) -> ast.Module:
    return _parse_text("".join(lines))


@functools.lru_cache(maxsize=512)
def _parse_text(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])
