"""Known mistakes applied to the reference's own source, one or several at once.

An edit is cut down to the characters that change, so that two mistakes in one line compose. Edited files run as
modules of their own, with everything of the steps that depends on them; the real ones are never touched.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import importlib
import itertools
import re
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from groundup.judge.exercise import Edit, Exercise, Mistake

STEPS = "groundup.steps."


class EditError(Exception):
    """An edit does not fit its source."""


class Clash(EditError):
    """Two edits change the same characters in different ways, so they cannot be combined."""


Change = tuple[int, int, str]


def edit_modules(exercise: Exercise, mistakes: Sequence[Mistake]) -> list[ModuleType]:
    """Return the exercise's modules with mistakes made in them.

    Raises
    ------
    EditError
        An edit's ``old`` does not stand exactly once in its scope, or the edited file does not run.
    Clash
        Two edits exclude each other: they rewrite the same expression.
    """
    changes: dict[str, list[Change]] = {}
    for mistake in mistakes:
        for edit in mistake.edits:
            name = edit.module or exercise.modules[0]
            changes.setdefault(name, []).extend(find_changes(name, edit))
    sources = {name: apply_changes(read_source(name), found) for name, found in changes.items()}
    try:
        return load_modules(exercise.modules, sources)
    except EditError as error:
        if len(mistakes) > 1:
            raise Clash(f"the edits do not go together: {error}") from None
        raise


@cache
def read_source(name: str) -> str:
    """Return the source of a module of the steps."""
    module = importlib.import_module(name)
    assert module.__file__ is not None
    return Path(module.__file__).read_text(encoding="utf-8")


@cache
def find_scope(name: str, within: str | None) -> tuple[int, int]:
    """Return the positions of a function's or class's first and last character in a module's source."""
    source = read_source(name)
    if within is None:
        return 0, len(source)
    body: Sequence[ast.stmt] = ast.parse(source).body
    found: ast.stmt | None = None
    for part in within.split("."):
        named = (node for node in body if getattr(node, "name", None) == part)
        found = next(named, None)
        if not isinstance(found, ast.FunctionDef | ast.ClassDef):
            raise EditError(f"{name} has no {within}")
        body = found.body
    assert found is not None
    assert found.end_lineno is not None
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: found.lineno - 1])), sum(map(len, lines[: found.end_lineno]))


def find_changes(name: str, edit: Edit) -> list[Change]:
    """Return the characters of a module's source that an edit changes: from, to, what they become."""
    source = read_source(name)
    start, end = find_scope(name, edit.within)
    count = source.count(edit.old, start, end)
    if count != 1:
        raise EditError(f"{name}, {edit.within or 'the file'}: {edit.old!r} stands there {count} times, not once")
    place = source.index(edit.old, start, end)
    old, new = split_tokens(edit.old), split_tokens(edit.new)
    ends = [0]
    for token in old:
        ends.append(ends[-1] + len(token))
    changes = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            changes.append((place + ends[i], place + ends[j], "".join(new[k:m])))
    return changes


def find_terms(exercise: Exercise, mistake: Mistake) -> frozenset[tuple[str, int, int]]:
    """Return the terms of formulas that a mistake changes, each by its module and where it begins and ends.

    A term is all that signs such as + and * join, without what stands in the brackets of calls.
    """
    found = set()
    for edit in mistake.edits:
        name = edit.module or exercise.modules[0]
        for start, end, _ in find_changes(name, edit):
            around = [one for one in list_terms(name) if one[0] <= start and end <= one[1]]
            (begin, stop), term = min(((one[:2], one[2]) for one in around), key=_measure, default=((start, end), None))
            found.add((name, *(term or (begin, stop))))
    return frozenset(found)


def _measure(one: tuple[tuple[int, int], object]) -> int:
    return one[0][1] - one[0][0]


@cache
def list_terms(name: str) -> list[tuple[int, int, tuple[int, int]]]:
    """Return where every expression of a module of the steps begins and ends, and the term that it belongs to."""
    lines = read_source(name).splitlines(keepends=True)
    begins = list(itertools.accumulate(map(len, lines), initial=0))

    def place(line: int, column: int) -> int:
        return begins[line - 1] + len(lines[line - 1].encode()[:column].decode())

    found = []

    def visit(node: ast.AST, term: tuple[int, int] | None) -> None:
        if isinstance(node, ast.expr):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            own = place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)
            term = term or own
            found.append((*own, term))
            term = term if isinstance(node, ast.BinOp | ast.UnaryOp) else None
        for child in ast.iter_child_nodes(node):
            visit(child, term)

    visit(ast.parse(read_source(name)), None)
    return found


def split_tokens(text: str) -> list[str]:
    """Cut text into words, runs of white space, and single other characters."""
    return re.findall(r"\w+|\s+|[^\w\s]", text)


def apply_changes(source: str, changes: Sequence[Change]) -> str:
    """Return the changed source.

    Raises
    ------
    Clash
        Two changes overlap.
    """
    ordered = sorted(set(changes), key=lambda change: change[:2])
    parts, done = [], 0
    for start, end, new in ordered:
        if start < done:
            raise Clash("two edits change the same characters")
        parts += [source[done:start], new]
        done = end
    return "".join([*parts, source[done:]])


def load_modules(names: Sequence[str], sources: Mapping[str, str]) -> list[ModuleType]:
    """Return modules by name, those in ``sources`` and all that depend on them executed again from there.

    Raises
    ------
    EditError
        A source does not run.
    """
    loaded: dict[str, ModuleType] = {}

    def load(name: str) -> ModuleType:
        if name not in loaded:
            loaded[name] = run(name) if depends(name, frozenset(sources)) else importlib.import_module(name)
        return loaded[name]

    def run(name: str) -> ModuleType:
        module = ModuleType(name)

        def redirect(
            asked: str, names: Any = None, places: Any = None, attributes: Sequence[str] | None = (), level: int = 0
        ) -> Any:
            if asked.startswith(STEPS) and attributes:
                return load(asked)
            return builtins.__import__(asked, names, places, attributes or (), level)

        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": redirect}
        text = sources.get(name) or read_source(name)
        try:
            with warnings.catch_warnings():
                # What Python only doubts, such as subscripting a number, cannot be what two edits together mean.
                warnings.simplefilter("error", SyntaxWarning)
                code = compile(text, f"<{name}, edited>", "exec", dont_inherit=True)
            exec(code, module.__dict__)
        except (SyntaxError, NameError, TypeError, ValueError, AttributeError) as error:
            raise EditError(f"{name} does not run when edited: {error}") from None
        return module

    return [load(name) for name in names]


def depends(name: str, edited: frozenset[str]) -> bool:
    """Tell whether a module of the steps is one of ``edited`` or imports one, however far down."""
    return bool(find_imports(name) & edited)


@cache
def find_imports(name: str) -> frozenset[str]:
    """Return a module of the steps and all those it imports, however far down."""
    found, waiting = {name}, [name]
    while waiting:
        pattern = rf"^\s*from ({re.escape(STEPS)}[\w.]+) import"
        for other in re.findall(pattern, read_source(waiting.pop()), re.MULTILINE):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return frozenset(found)
