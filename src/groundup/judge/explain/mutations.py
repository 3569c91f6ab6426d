"""Hundreds of small changes of the reference, for mistakes that are not in the list of known ones.

A change replaces one piece of one function that the reference runs: an operator, a number, a dimension, a name, a call.
Where it computes what the answer computes, on many inputs, the judge can say what the answer does, in terms of the
reference. Functions are changed in place, so this belongs into a fork (`groundup.judge.isolation.trials`) and nowhere
else.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from types import CodeType, FrameType, FunctionType
from typing import Any

from groundup.judge.explain.edits import STEPS, read_source
from groundup.judge.explain.mutation_kinds import find_replacements
from groundup.judge.explain.mutation_places import Replacement
from groundup.judge.explain.reworking import REWORKING

# Annotations are not evaluated, as in the steps themselves.
_FLAGS = annotations.compiler_flag


@dataclass(frozen=True)
class Seen:
    """A function that ran.

    Attributes
    ----------
    function : FunctionType
        Of one of the steps' modules.
    lines : frozenset of int
        Which lines of its file ran.
    scalars : mapping
        Its arguments that were single numbers: name → value.
    """

    function: FunctionType
    lines: frozenset[int]
    scalars: Mapping[str, float]


@dataclass(frozen=True)
class Change:
    """One change, ready to be made.

    Attributes
    ----------
    replacement : Replacement
        What it is, in words.
    function : FunctionType
        Which function it changes.
    code : CodeType
        What that becomes.
    """

    replacement: Replacement
    function: FunctionType
    code: CodeType

    @contextmanager
    def made(self) -> Iterator[None]:
        """Change the function for a while."""
        before = self.function.__code__
        self.function.__code__ = self.code
        try:
            yield
        finally:
            self.function.__code__ = before

    def vary(self) -> Iterator[Change]:
        """Yield the change with other numbers, if it puts a number with a fraction into the place of something."""
        new = self.replacement.new
        if not isinstance(new, ast.Constant) or not isinstance(new.value, float) or new.value == 0:
            return
        for factor in (0.5, 2.0):
            other = ast.Constant(new.value * factor)
            replacement = replace(self.replacement, new=other)
            _locate(other, self.function)
            with replacement.made():
                code = _compile(self.function)
            if code is not None:
                yield Change(replacement, self.function, code)


def watch(run: Callable[[], Any]) -> list[Seen]:
    """Run something; return the steps' functions that ran, in the order in which they were first called."""
    order: dict[CodeType, None] = {}
    lines: dict[str, set[int]] = {}
    scalars: dict[CodeType, dict[str, float]] = {}
    folder = str(_folder_of_steps())

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(folder):
            return None
        if event == "call" and code not in scalars:
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            scalars[code] = {
                name: frame.f_locals[name] for name in names if type(frame.f_locals.get(name)) in (int, float)
            }
        order.setdefault(code)
        lines.setdefault(code.co_filename, set()).add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    except Exception:  # noqa: BLE001 - the run is wanted for its trace only
        pass  # the reference may have a reason to refuse this input
    finally:
        sys.settrace(before)
    functions = _list_functions()
    return [
        Seen(functions[code], frozenset(lines[code.co_filename]), scalars.get(code, {}))
        for code in order
        if code in functions
    ]


def _folder_of_steps() -> str:
    import groundup.steps

    return next(iter(groundup.steps.__path__))


def _list_functions() -> dict[CodeType, FunctionType]:
    """Return the functions and methods of every module of the steps that is loaded, by their code."""
    found: dict[CodeType, FunctionType] = {}

    def add(value: Any) -> None:
        value = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        value = value.fget if isinstance(value, property) else value
        function = inspect.unwrap(value) if callable(value) else None
        if isinstance(function, FunctionType):
            found[function.__code__] = function

    for name, module in list(sys.modules.items()):
        if not name.startswith(STEPS):
            continue
        for value in list(vars(module).values()):
            if getattr(value, "__module__", None) != name:
                continue
            add(value)
            if isinstance(value, type):
                for part in list(vars(value).values()):
                    add(part)
    return found


def list_changes(seen: Sequence[Seen]) -> Iterator[Change]:
    """Yield changes of functions that ran, the likeliest first; of one kind, first in what was called first."""
    found: list[tuple[int, int, Seen, Replacement]] = []
    for place, one in enumerate(seen):
        definition = _find_definition(one.function)
        if definition is None:
            continue
        one.function.__globals__.update(REWORKING)
        found += [
            (replacement.rank, place, one, replacement)
            for replacement in find_replacements(definition, one.lines, one.scalars)
        ]
    found.sort(key=lambda item: item[:2])
    known: set[tuple[Any, ...]] = set()
    for _, _, one, replacement in found:
        _locate(replacement.new, one.function)
        with replacement.made():
            code = _compile(one.function)
        if code is None:
            continue
        key = one.function.__qualname__, *_list_parts(code)
        if key not in known:
            known.add(key)
            yield Change(replacement, one.function, code)


@cache
def _parse(module: str) -> ast.Module:
    tree = ast.parse(read_source(module))
    for node in ast.walk(tree):
        # Docstrings are no code.
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _find_definition(function: FunctionType) -> ast.FunctionDef | None:
    body: Sequence[ast.stmt] = _parse(function.__module__).body
    found: ast.stmt | None = None
    for part in function.__qualname__.split("."):
        found = next((node for node in body if getattr(node, "name", None) == part), None)
        if not isinstance(found, ast.FunctionDef | ast.ClassDef):
            return None
        body = found.body
    return found if isinstance(found, ast.FunctionDef) else None


def _list_parts(code: CodeType) -> Iterator[Any]:
    """Yield what tells code from other code: a comprehension in it by its own parts, since its address says nothing."""
    yield from (code.co_code, code.co_names, code.co_varnames)
    for one in code.co_consts:
        yield tuple(_list_parts(one)) if isinstance(one, CodeType) else repr(one)


def _locate(new: Any, function: FunctionType) -> None:
    """Give new pieces of a function its place in the file, which the compiler asks for; those of the tree have one."""
    definition = _find_definition(function)
    assert definition is not None
    for node in new if isinstance(new, list) else [new]:
        if isinstance(node, ast.AST) and getattr(node, "end_lineno", None) is None:
            ast.fix_missing_locations(ast.copy_location(node, definition))


def _compile(function: FunctionType) -> CodeType | None:
    """Return the code of a function's definition as it stands in the tree now; None if it cannot be exchanged."""
    definition = _find_definition(function)
    assert definition is not None
    bare = copy.copy(definition)
    bare.decorator_list = []
    node: ast.stmt = bare
    path = function.__qualname__.split(".")
    for name in reversed(path[:-1]):
        around = ast.ClassDef(name=name, bases=[], keywords=[], body=[node], decorator_list=[])
        node = ast.copy_location(around, definition)
    tree = ast.Module(body=[node], type_ignores=[])
    compiled = partial(compile, tree, function.__code__.co_filename, "exec", _FLAGS, dont_inherit=True)
    try:
        try:
            code: CodeType | None = compiled()
        except TypeError:
            # New deep inside a piece of the tree.
            ast.fix_missing_locations(tree)
            code = compiled()
    except (SyntaxError, ValueError, TypeError):
        return None
    for name in path:
        assert code is not None
        code = next((one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name), None)
        if code is None:
            return None
    return code if code is not None and code.co_freevars == function.__code__.co_freevars else None
