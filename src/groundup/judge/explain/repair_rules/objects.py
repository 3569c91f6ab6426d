"""Rules for a class's own names, the preparation of a module, changed arguments, and what is kept between calls."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import ClassVar

from groundup.judge.explain.repair_rules.rule import Rule, call_helper, name_call


class NamedSelf(Rule):
    """Gives a method its first parameter."""

    name = "self is missing"
    mixed, breaks = False, True
    says = "The first parameter of a method is self: write def name(self, …)."

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Look at a class's methods."""
        self.generic_visit(node)
        for item in node.body:
            if not isinstance(item, ast.FunctionDef) or item.decorator_list:
                continue
            first = next((one.arg for one in (*item.args.posonlyargs, *item.args.args)), "")
            if first not in ("self", "cls") and self.takes(item):
                item.args.args.insert(0, ast.arg(arg="self"))
        return node


class PreparedModule(Rule):
    """Calls the constructor of nn.Module first in that of a class derived from it."""

    name = "super().__init__() is missing"
    mixed, breaks = False, True
    says = "The first line of a module's __init__ is super().__init__(): it prepares the module before a layer is kept."

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Look at the constructor of a module."""
        self.generic_visit(node)
        if not any(
            isinstance(base, ast.Name | ast.Attribute) and ast.unparse(base).endswith("Module") for base in node.bases
        ):
            return node
        made = next((item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None)
        if made is None:
            return node
        calls = [item for item in made.body if ast.unparse(item).endswith("__init__()")]
        if not (calls and calls[0] is made.body[0]) and self.takes(made):
            made.body = [ast.parse("super().__init__()").body[0], *(item for item in made.body if item not in calls)]
        return node


class OwnNames(Rule):
    """Writes self in front of names that are the object's own."""

    name = "self is missing"
    mixed, breaks = False, True
    says = "`{it}` belongs to the object: write self.{it}."

    def __init__(
        self, chosen: Sequence[int] | None = None, variant: int = 0, own: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(chosen, variant)
        self.own = own

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Rewrite a name that is read."""
        if node.id in self.own and isinstance(node.ctx, ast.Load) and self.takes(node):
            return ast.Attribute(value=ast.Name(id="self", ctx=ast.Load()), attr=node.id, ctx=ast.Load())
        return node


MUTATING = ("append", "extend", "insert", "pop", "remove", "sort", "reverse", "clear", "update", "fill")


class CopiedInput(Rule):
    """Lets a function work on copies of its arguments."""

    name = "the input changed in place"
    mixed = False
    says = (
        "This changes the caller's own array, which is used again. Make a copy first: x = x.copy(), in PyTorch "
        "x.clone()."
    )

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Copy the arguments of a function that changes something in place."""
        self.generic_visit(node)
        names = [one.arg for one in node.args.args if one.arg != "self"]
        parts = (part for one in node.body for part in ast.walk(one))
        changing = next((part for part in parts if isinstance(part, ast.expr | ast.stmt) and changes(part)), None)
        if changing is not None and names and self.takes(changing):
            copies: list[ast.stmt] = [
                ast.Assign(
                    targets=[ast.Name(id=name, ctx=ast.Store())],
                    value=call_helper("copied", ast.Name(id=name, ctx=ast.Load())),
                )
                for name in names
            ]
            node.body = copies + node.body
        return node


def changes(node: ast.AST) -> bool:
    """Tell whether a piece of code may change a value in place."""
    if isinstance(node, ast.AugAssign):
        return True
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store | ast.Del)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr in MUTATING or (node.func.attr.endswith("_") and not node.func.attr.endswith("__")))
    )


class NewEachTime(Rule):
    """Makes a new value where one is changed in place, and keeps copies of what is kept."""

    name = "an array changed in place that is used elsewhere, too"
    says = (
        "An array is changed in place, and all that holds the same array changes with it: another variable, a list, "
        "the caller. Write p = p - … instead of p -= …, or keep a copy."
    )

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Rewrite p -= q as p = p - q."""
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and self.takes(node):
            old = ast.Name(id=node.target.id, ctx=ast.Load())
            return ast.Assign(targets=[node.target], value=ast.BinOp(left=old, op=node.op, right=node.value))
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Rewrite points.append(p) as points.append(copy of p)."""
        self.generic_visit(node)
        kept = node.args[0] if len(node.args) == 1 else None
        if name_call(node) == "append" and isinstance(kept, ast.Name) and self.takes(node):
            node.args = [call_helper("copied", kept)]
        return node


class OwnState(Rule):
    """Makes for each object, or call, what stands once in a class or as a default value."""

    name = "shared by all objects"
    mixed = False
    says = (
        "What stands in the class itself belongs to all of its objects: each one finds what another has put there. "
        "Make it in __init__, with self."
    )
    DEFAULT = (
        "shared by all calls",
        "A list or dictionary as a default value is made once, and all calls without the argument share it. Write "
        "None there, and make a new one inside the function.",
    )
    MAKERS: ClassVar[tuple[str, ...]] = ("list", "dict", "set", "deque", "defaultdict", "Counter", "OrderedDict")

    def __init__(self, chosen: Sequence[int] | None = None, variant: int = 0) -> None:
        super().__init__(chosen, variant)
        self.defaults: list[bool] = []

    def describe(self, place: int) -> tuple[str, str]:
        """Return the name and the sentence, by what is shared."""
        return self.DEFAULT if self.defaults[place] else (self.name, self.says)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Make default values inside the function."""
        self.generic_visit(node)
        for name, default in list_defaults(node):
            if not self._is_mutable(default):
                continue
            self.defaults.append(True)
            if self.takes(default):
                made = ast.Assign(targets=[ast.Name(id=name, ctx=ast.Store())], value=default)
                test = ast.Compare(
                    left=ast.Name(id=name, ctx=ast.Load()), ops=[ast.Is()], comparators=[ast.Constant(None)]
                )
                node.body.insert(0, ast.If(test=test, body=[made], orelse=[]))
                node.args.defaults = [ast.Constant(None) if one is default else one for one in node.args.defaults]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """Make in the constructor what methods change in the class."""
        self.generic_visit(node)
        through_class = {
            one.attr
            for one in ast.walk(node)
            if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store) and is_class(one.value, node.name)
        }
        made: dict[str, ast.expr] = {}
        for item in node.body:
            if not isinstance(item, ast.Assign) or not self._is_shared(item, through_class):
                continue
            self.defaults.append(False)
            if self.takes(item):
                made |= {one.id: item.value for one in item.targets if isinstance(one, ast.Name)}
        if made:
            for one in ast.walk(node):
                if isinstance(one, ast.Attribute) and one.attr in made and is_class(one.value, node.name):
                    one.value = ast.Name(id="self", ctx=ast.Load())
            make_in_constructor(node, made)
        return node

    def _is_shared(self, item: ast.Assign, through_class: set[str]) -> bool:
        names = {one.id for one in item.targets if isinstance(one, ast.Name)}
        return bool(names) and (self._is_mutable(item.value) or bool(names & through_class))

    def _is_mutable(self, value: ast.expr) -> bool:
        return isinstance(value, ast.List | ast.Dict | ast.Set) or (
            isinstance(value, ast.Call) and name_call(value) in self.MAKERS
        )


def list_defaults(function: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    """Return a function's parameters that have default values, and these."""
    given = [*function.args.posonlyargs, *function.args.args]
    defaults = function.args.defaults
    return [(one.arg, default) for one, default in zip(given[len(given) - len(defaults) :], defaults, strict=True)]


def is_class(node: ast.expr, name: str) -> bool:
    """Tell whether an expression is a class of this name: itself, type(self) or self.__class__."""
    if isinstance(node, ast.Name):
        return node.id == name
    return ast.unparse(node) in ("type(self)", "self.__class__")


def make_in_constructor(node: ast.ClassDef, made: dict[str, ast.expr]) -> None:
    """Let each object of a class make attributes of its own."""
    found = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
    if found is None:
        found = ast.parse("def __init__(self):\n    pass").body[0]  # type: ignore[assignment]
        assert isinstance(found, ast.FunctionDef)
        if node.bases:
            found.body = ast.parse("super().__init__()").body
        node.body.append(found)
    place = 1 if ast.unparse(found.body[0]).endswith("__init__()") else 0
    owner = found.args.args[0].arg if found.args.args else "self"
    found.body[place:place] = [
        ast.Assign(
            targets=[ast.Attribute(value=ast.Name(id=owner, ctx=ast.Load()), attr=name, ctx=ast.Store())], value=value
        )
        for name, value in made.items()
    ]
