"""What an answer needs of a program: the statements that its names come from, without what was only tried out."""

from __future__ import annotations

import ast
import builtins
import symtable
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

_COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, *_IMPORTS)
# The notebook's own; `display` is another name of `print` where there is no notebook.
SHELL, DISPLAY = "get_ipython", "display"
# Calls for their effect on the whole program.
_SETTINGS = {"setrecursionlimit", "set_default_dtype", "seterr", "set_float32_matmul_precision"}
_SETTERS = {"setattr", "delattr", "shuffle", "copyto", "heapify", "update_wrapper"}


def is_python(source: str) -> bool:
    """Return whether code can be read as Python; ``await`` may stand anywhere, as in a notebook."""
    try:
        ast.parse(source)
        symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def list_missing(source: str, at_once: bool = False) -> list[str]:
    r"""Return the names that code uses and does not define; ``at_once``: those it needs before a function is called.

    Names of builtins are among them: a notebook may have given them other values.

    Examples
    --------
    >>> list_missing("class A(B):\n    def run(self, z):\n        return np.exp(z)")
    ['B', 'np']
    >>> list_missing("class A(B):\n    def run(self, z):\n        return np.exp(z)", at_once=True)
    ['B']
    """
    table = symtable.symtable(source, "cell", "exec")
    own = {name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported()}
    return [name for name in dict.fromkeys(_list_global(table, at_once)) if name not in own]


def _list_global(table: symtable.SymbolTable, at_once: bool) -> Iterator[str]:
    top = table.get_type() == "module"
    for name in table.get_symbols():
        if name.is_referenced() and (top or name.is_global()):
            yield name.get_name()
    for inner in table.get_children():
        if not at_once or inner.get_type() != "function" or inner.get_name() in _COMPREHENSIONS:
            yield from _list_global(inner, at_once)


@dataclass(frozen=True)
class Statement:
    """A statement of a program, and what it does to names.

    Attributes
    ----------
    node : ast.stmt
        It.
    binds : frozenset of str
        Names it may give a value to.
    renews : frozenset of str
        Of those the ones whose values before it count no more.
    sets : frozenset of str
        Names of whose values it gives an attribute or an element another value.
    calls : frozenset of str
        Names of whose values it calls a method for its effect.
    uses : frozenset of str
        Names it needs, sooner or later.
    uses_at_once : frozenset of str
        Those it needs when it runs.
    inside : bool
        Whether it can run without a notebook: no magics, and no ``await`` outside of functions.
    always : bool
        Whether it counts for the whole program: a star import, a setting.
    """

    node: ast.stmt
    binds: frozenset[str]
    renews: frozenset[str]
    sets: frozenset[str]
    calls: frozenset[str]
    uses: frozenset[str]
    uses_at_once: frozenset[str]
    inside: bool
    always: bool

    @property
    def defines(self) -> bool:
        """Whether it makes a function or a class, or imports."""
        return isinstance(self.node, _DEFINITIONS)


def read_statements(tree: ast.Module) -> list[Statement]:
    """Return a program's statements with what they do.

    What needs at once a value that only a notebook could give cannot run without one, either.
    """
    statements = []
    given_outside: set[str] = set()
    for node in tree.body:
        statement = _read_statement(node)
        if not statement.defines and statement.uses_at_once & given_outside:
            statement = replace(statement, inside=False)
        given_outside = given_outside - statement.renews if statement.inside else given_outside | statement.binds
        statements.append(statement)
    return statements


def _read_statement(node: ast.stmt) -> Statement:
    own = list(_walk_own(node))
    # A magic that is a statement of its own can be left out of a block; `leave_out_magics` does.
    alone = {id(inner) for part in own if isinstance(part, ast.Expr) for inner in ast.walk(part)}
    inside = not any(
        isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith)
        or (isinstance(part, ast.comprehension) and part.is_async)
        or (isinstance(part, ast.Name) and part.id == SHELL and id(part) not in alone)
        for part in own
    )
    table = symtable.symtable(ast.unparse(ast.Module([node], [])), "cell", "exec")
    binds = frozenset(name.get_name() for name in table.get_symbols() if name.is_assigned() or name.is_imported())
    again = {part.target.id for part in own if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name)}
    sets, calls = frozenset(_list_set(own)), frozenset(_list_called(own))
    uses, at_once = (frozenset(_list_global(table, now)) | again | sets | calls for now in (False, True))
    always = isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*")
    always |= isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name_call(node.value) in _SETTINGS
    if isinstance(node, ast.Delete):
        binds = frozenset()
    return Statement(node, binds, _find_renewed(node), sets, calls, uses, at_once, inside, always)


def _walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement's nodes, but none of the bodies of functions and classes in it."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, _SCOPES):
            waiting += ast.iter_child_nodes(part)


def _list_set(own: Sequence[ast.AST]) -> Iterator[str]:
    for part in own:
        if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load):
            yield from _find_owner(part)
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and part.value.args:
            name = _name_call(part.value)
            if name in _SETTERS or (name.endswith("_") and not name.startswith("_")):
                yield from _find_owner(part.value.args[0])


def _list_called(own: Sequence[ast.AST]) -> Iterator[str]:
    for part in own:
        call = part.value if isinstance(part, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            yield from _find_owner(call.func)


def _find_owner(part: ast.expr) -> Iterator[str]:
    """Yield the name that a chain of attributes and elements begins with, if one does."""
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    if isinstance(part, ast.Name):
        yield part.id


def _name_call(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _find_renewed(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset([node.name])
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    parts = [part for target in targets for part in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return frozenset(part.id for part in parts if isinstance(part, ast.Name))


@dataclass
class Slice:
    """What is needed of a program.

    Attributes
    ----------
    order : list of int
        The places of the statements that are needed, in an order in which each has what it needs.
    missing : list of str
        Names that none of them gives a value to; builtins may be among them.
    shut_out : list of str
        Of those the ones whose values only a notebook could have given.
    """

    order: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    shut_out: list[str] = field(default_factory=list)


def slice_program(statements: Sequence[Statement], wanted: Iterable[str]) -> Slice:
    """Find the statements that some names come from.

    A name that a function uses has the value that it has at the end of the program; one that is needed at once has the
    value that it has there, or, where none is given before (cells were run in another order), the one given after.

    Parameters
    ----------
    statements : sequence of Statement
        The program.
    wanted : iterable of str
        The names.
    """
    sources = _Sources(statements)
    end = len(statements)
    # Where each statement goes, by place; what is given only after it is needed goes before.
    positions: dict[int, float] = {place: place for place in range(end) if statements[place].always}
    waiting: list[tuple[str, int]] = [(name, end) for name in wanted]
    waiting += [(name, place) for place in positions for name in statements[place].uses]
    seen = set(waiting)
    missing: dict[str, bool] = {}
    while waiting:
        name, before = waiting.pop()
        found, outside = sources.find(name, before)
        if not found and not outside and before < end:
            found, outside = sources.find(name, end)
        if not found:
            missing[name] = outside
        for place in found:
            position = place if place < before else before - 0.5
            positions[place] = min(positions.get(place, end), position)
            statement = statements[place]
            demands = [(used, min(place, before)) for used in statement.uses_at_once]
            demands += [(used, end) for used in statement.uses]
            if before < end:  # a function may be called before the end, too
                demands += [(used, before) for used in statement.uses]
            if name not in statement.renews:  # all before it was found with it
                demands = [one for one in demands if one[0] != name]
            for demand in demands:
                if demand not in seen:
                    seen.add(demand)
                    waiting.append(demand)
    order = sorted(positions, key=lambda place: (positions[place], place))
    return Slice(order, list(missing), [name for name, outside in missing.items() if outside])


class _Sources:
    """Finds the statements that a name's value comes from."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self.places: dict[str, list[int]] = {}
        for place, statement in enumerate(statements):
            for name in statement.binds | statement.sets | statement.calls:
                self.places.setdefault(name, []).append(place)

    def find(self, name: str, before: int) -> tuple[list[int], bool]:
        """Return the statements before a place, and whether there is none because only a notebook gives the value."""
        binding: list[int] = []
        changing: list[int] = []
        places = self.places.get(name, [])
        for place in reversed(places[: bisect_left(places, before)]):
            statement = self.statements[place]
            if name not in statement.binds:
                changing.append(place)
            elif not statement.inside:
                return [], True
            else:
                binding.append(place)
                if name in statement.renews:
                    break
        if any(self.statements[place].defines for place in binding):
            # Methods are called for their effect on values, not on functions and classes, and modules stay as they are.
            imported = any(isinstance(self.statements[place].node, _IMPORTS) for place in binding)
            changing = [] if imported else [place for place in changing if name in self.statements[place].sets]
        changing = [place for place in changing if self.statements[place].inside]
        return (binding + changing if binding else []), False


def list_absent(names: Iterable[str]) -> list[str]:
    """Return those of some names that Python itself does not have."""
    return [name for name in names if not hasattr(builtins, name)]
