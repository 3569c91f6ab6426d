"""What is judged of a notebook: a cell or a definition, with what it takes from other cells."""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
import symtable
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

MOST_LETTERS = 10_000
_DEFINING = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Expr)
_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


def complete(source: str, namespace: Mapping[str, Any]) -> str:
    r"""Return a cell's code as a file that stands alone: with the imports and definitions of other cells that it uses.

    What is only tried out (calls, prints, magics, plots) is left out. Imports and numbers go on a first line of their
    own, so that line numbers are those the notebook shows under ``%%check``; for that, functions and classes of other
    cells come last, unless one may be needed before the answer is called.

    Parameters
    ----------
    source : str
        Python. What is no Python is returned as it is, for the judge to say so.
    namespace : mapping
        The notebook's names.

    Examples
    --------
    >>> print(complete("def half(z):\n    return np.exp(z) / PARTS", {"np": ast, "PARTS": 2}))
    import ast as np; PARTS = 2
    def half(z):
        return np.exp(z) / PARTS
    """
    if not is_python(source):
        return "\n" + source
    tree, missing = ast.parse(source), list_missing(source)
    lines = source.split("\n")
    first: list[str] = []
    for node in reversed(tree.body):  # so that places in a line stay true
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if future:
            first.insert(0, ast.unparse(node))
        if future or isinstance(node, ast.Expr):
            lines = _blank(lines, node)
    found: dict[str, str] = {}
    _gather(missing, namespace, found, set())
    pieces = {name: text for name, text in found.items() if "\n" in text}
    first += [text for text in found.values() if "\n" not in text]
    only_defines = all(isinstance(node, _DEFINING) for node in tree.body)
    before = not only_defines or pieces.keys() & set(list_missing(source, at_once=True))
    parts = ["; ".join(first), *([] if before else lines), *pieces.values(), *(lines if before else [])]
    return "\n".join(parts)


def is_python(source: str) -> bool:
    """Return whether code can be read as Python."""
    try:
        ast.parse(source)
        symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _blank(lines: list[str], node: ast.stmt) -> list[str]:
    """Return a cell's lines without a statement, which may share them with others (``a = 1; print(a)``)."""
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    first, last = node.lineno - 1, node.end_lineno - 1
    blanked = [*lines[:first], *[""] * (last - first + 1), *lines[last + 1 :]]
    # Offsets count bytes.
    blanked[first] = lines[first].encode()[: node.col_offset].decode() + "pass"
    rest = lines[last].encode()[node.end_col_offset :].decode()
    blanked[last] += rest if first == last else f"pass{rest}"
    return blanked


def find_definitions(entries: Iterable[Iterable[str]], namespace: Mapping[str, Any]) -> str | None:
    """Return the code of a notebook's answer to an exercise, complete as in `complete`; None where there is none.

    Parameters
    ----------
    entries : iterable of iterable of str
        The names that each function or class asked for may have.
    namespace : mapping
        The notebook's names. A class ``Solution`` counts where none of the others is there.
    """
    names = [next((name for name in known if _read_source(namespace.get(name))), None) for known in entries]
    found = dict.fromkeys(name for name in names if name is not None) or {"Solution": None}
    sources = [text for name in found if (text := _read_source(namespace.get(name)))]
    return complete("\n".join(sources), namespace).lstrip("\n") if sources else None


def list_missing(source: str, at_once: bool = False) -> list[str]:
    r"""Return the names that code uses and does not define; ``at_once``: those it needs before a function is called.

    Examples
    --------
    >>> list_missing("class A(B):\n    def run(self, z):\n        return np.exp(z)")
    ['B', 'np']
    >>> list_missing("class A(B):\n    def run(self, z):\n        return np.exp(z)", at_once=True)
    ['B']
    """
    table = symtable.symtable(source, "cell", "exec")
    own = {name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported()}
    used = dict.fromkeys(_list_global(table, at_once))
    return [name for name in used if name not in own and not hasattr(builtins, name)]


def _list_global(table: symtable.SymbolTable, at_once: bool) -> Iterator[str]:
    top = table.get_type() == "module"
    for name in table.get_symbols():
        if name.is_referenced() and (top or name.is_global()):
            yield name.get_name()
    for inner in table.get_children():
        if not at_once or inner.get_type() != "function" or inner.get_name() in _COMPREHENSIONS:
            yield from _list_global(inner, at_once)


def _gather(names: Iterable[str], namespace: Mapping[str, Any], found: dict[str, str], seen: set[str]) -> None:
    """Put into ``found`` the statements that give names their values, each after those that it needs."""
    for name in names:
        if name in seen or name not in namespace:
            continue
        seen.add(name)
        text = _write(name, namespace[name])
        if text is not None and "\n" in text:
            _gather(list_missing(text), namespace, found, seen)
        if text is not None:
            found[name] = text


def _write(name: str, value: Any) -> str | None:
    """Return the statement that gives a name its value; None where there is none."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__}" if value.__name__ == name else f"import {value.__name__} as {name}"
    if inspect.isroutine(value) or inspect.isclass(value):
        module, own = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if module == "__main__":
            return _read_source(value)
        return f"from {module} import {own} as {name}" if module and own else None
    if isinstance(value, bool | int | float | complex | str | bytes | tuple | list | dict | set | None):
        text = repr(value)
        try:
            if len(text) <= MOST_LETTERS and ast.literal_eval(text) == value:
                return f"{name} = {text}"
        except (ValueError, SyntaxError):
            return None
    return None


def _read_source(value: Any) -> str | None:
    """Return the code of a function or class of the notebook's own; None for anything else.

    `inspect.getsource` knows the functions of cells, but not the classes.
    """
    if getattr(value, "__module__", None) != "__main__" or not callable(value):
        return None
    value = inspect.unwrap(value)
    made = [value] if inspect.isfunction(value) else filter(inspect.isfunction, vars(value).values())
    for function in made:
        lines = linecache.getlines(function.__code__.co_filename)
        for node in ast.parse("".join(lines)).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == value.__name__:
                first = min(part.lineno for part in (node, *node.decorator_list))
                return "".join(lines[first - 1 : node.end_lineno]).rstrip("\n") + "\n"
    return None
