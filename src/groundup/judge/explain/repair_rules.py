"""Rules that take one of the commonest mistakes of beginners out of an answer's source, each a rewriting of its tree.

A rule knows nothing of what the answer computes: `groundup.judge.repairing` runs what it makes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import ClassVar

LIBRARIES = ("np", "numpy", "torch", "math", "F", "functional")
LOOPS = ast.For | ast.While
COMPREHENSIONS = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp
PREFIX = "_repaired_"


class Rule(ast.NodeTransformer):
    """Rewrites all places that show a mistake, or only some of them.

    Parameters
    ----------
    chosen : sequence of int, optional
        Which places, by their numbers in the order of `visit`; all if left out.
    variant : int
        Which of several ways to rewrite them.

    Attributes
    ----------
    lines : list of int
        The line of every place that was found.
    """

    name: ClassVar[str]
    says: ClassVar[str]
    variants: ClassVar[int] = 1
    # Whether some of its places may be as they should, so that each is tried by itself.
    mixed: ClassVar[bool] = True
    # Whether the mistake can only show in results that are no numbers, such as an error.
    breaks: ClassVar[bool] = False

    def __init__(self, chosen: Sequence[int] | None = None, variant: int = 0) -> None:
        self.chosen, self.variant = chosen, variant
        self.lines: list[int] = []

    def takes(self, node: ast.expr | ast.stmt) -> bool:
        """Count a place, and tell whether it is to be rewritten."""
        self.lines.append(node.lineno)
        return self.chosen is None or len(self.lines) - 1 in self.chosen

    def describe(self, place: int) -> tuple[str, str]:  # noqa: ARG002 - for rules whose places differ
        """Return the name and the sentence of the mistake in one place."""
        return self.name, self.says


def call_helper(name: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of one of the functions in `HELPERS`."""
    return ast.Call(func=ast.Name(id=PREFIX + name, ctx=ast.Load()), args=list(arguments), keywords=[])


def name_call(node: ast.Call) -> str:
    """Return the last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def find_subject(node: ast.Call) -> ast.expr | None:
    """Return what a library's function or a value's method is applied to: x of np.round(x, 2) and of x.round(2)."""
    if isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id in LIBRARIES
    ):
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


class NaturalLogarithm(Rule):
    """Takes the natural logarithm where one to another base stands."""

    name = "log10 taken for the natural logarithm"
    mixed = False
    says = (
        "log10 and log2 are logarithms to another base. The formula means the natural one: np.log, torch.log, math.log."
    )

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Rename log10 and log2."""
        self.generic_visit(node)
        if name_call(node) in ("log10", "log2") and self.takes(node):
            if isinstance(node.func, ast.Attribute):
                node.func.attr = "log"
            elif isinstance(node.func, ast.Name):
                node.func = ast.Attribute(value=ast.Name(id="math", ctx=ast.Load()), attr="log", ctx=ast.Load())
        return node


class LargestOfEach(Rule):
    """Takes the larger of two values number by number, where Python's max compares two arrays."""

    name = "Python's max on an array"
    mixed, breaks = False, True
    says = (
        "Python's max and min compare whole things, not the numbers in an array one by one. Use np.maximum or "
        "np.minimum; in PyTorch torch.relu or clamp."
    )

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace max(a, b) and min(a, b)."""
        self.generic_visit(node)
        builtin = isinstance(node.func, ast.Name) and node.func.id in ("max", "min")
        if builtin and len(node.args) == 2 and not node.keywords and self.takes(node):
            return call_helper(f"each_{name_call(node)}", *node.args)
        return node


class SumOfAll(Rule):
    """Sums over all numbers, or over another dimension, where Python's sum adds the rows of a matrix."""

    name = "Python's sum on a matrix"
    says = (
        "Python's sum and max go through the rows of a matrix, not through all its numbers. Use np.sum(…) or x.sum(), "
        "with axis or dim if it is over one dimension."
    )
    variants = 4

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Replace sum(x), max(x) and min(x)."""
        self.generic_visit(node)
        builtin = isinstance(node.func, ast.Name) and node.func.id in ("sum", "max", "min")
        plain = len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], COMPREHENSIONS | ast.List)
        if builtin and plain and self.takes(node):
            return call_helper("total", ast.Constant(name_call(node)), node.args[0], ast.Constant(self.variant))
        return node


class ArraysForLists(Rule):
    """Computes with lists as with arrays."""

    name = "a list where an array is meant"
    mixed = False
    says = (
        "A list is no array: + joins two lists end to end, and * repeats one. Make it an array first, with np.array or "
        "torch.tensor, or go through its numbers in a loop."
    )
    SIGNS: ClassVar[dict[type[ast.operator], str]] = {
        ast.Add: "+",
        ast.Sub: "-",
        ast.Mult: "*",
        ast.Div: "/",
        ast.Pow: "**",
        ast.MatMult: "@",
    }

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Replace an operation of two values."""
        self.generic_visit(node)
        sign = self.SIGNS.get(type(node.op))
        # [0.0] * n is how a list of n zeros is written.
        written = isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List)
        if sign and not written and self.takes(node):
            return call_helper("combine", ast.Constant(sign), node.left, node.right)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """Replace an operation on a variable."""
        self.generic_visit(node)
        sign = self.SIGNS.get(type(node.op))
        if sign and isinstance(node.target, ast.Name) and self.takes(node):
            old = ast.Name(id=node.target.id, ctx=ast.Load())
            value = call_helper("combine", ast.Constant(f"{sign}="), old, node.value)
            return ast.Assign(targets=[node.target], value=value)
        return node


class Fractions(Rule):
    """Makes arrays of fractions where arrays of whole numbers are made."""

    name = "an array of whole numbers"
    says = (
        "An array of whole numbers cuts the fraction off whatever is put into it. Make it one of fractions: "
        "dtype=float, or 0.0 instead of 0."
    )
    TAKING = (
        "array",
        "asarray",
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "full",
        "tensor",
        "copy",
        "clone",
    )
    MAKING = ("zeros", "ones", "empty", "arange")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Rewrite what makes an array, or converts one."""
        self.generic_visit(node)
        called = name_call(node)
        if called in ("int", "long", "astype", "to", "type") and isinstance(node.func, ast.Attribute):
            whole = called in ("int", "long") or (len(node.args) == 1 and is_whole_type(node.args[0]))
            return call_helper("fractions", node.func.value) if whole and self.takes(node) else node
        whole_keywords = [one for one in node.keywords if one.arg == "dtype" and is_whole_type(one.value)]
        whole_place = called in ("array", "asarray", "zeros", "ones", "empty") and len(node.args) == 2
        whole_argument = whole_place and is_whole_type(node.args[1])
        made = bool(whole_keywords or whole_argument) if called in self.MAKING else called in self.TAKING
        if made and not (called == "copy" and node.args) and self.takes(node):
            node.keywords = [one for one in node.keywords if one not in whole_keywords]
            if whole_argument:
                node.args = node.args[:1]
            return call_helper("fractions", node)
        return node


def is_whole_type(node: ast.expr) -> bool:
    """Tell whether an expression names a type of whole numbers: int, np.int64, torch.long, "int"."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", getattr(node, "value", ""))
    return isinstance(name, str) and name.rstrip("0123456789_") in ("int", "uint", "long", "short", "intp")


class NoCut(Rule):
    """Leaves the fraction of a number that int(…) cuts off."""

    name = "cut to a whole number"
    says = "int(…) cuts the fraction off: leave it out."

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave out int(…)."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "int" and len(node.args) == 1 and self.takes(node):
            return node.args[0]
        return node


class NoRounding(Rule):
    """Leaves out rounding."""

    name = "rounded on the way"
    says = (
        "A rounded number makes everything wrong that is computed from it. Round the result, at the end, or not at all."
    )

    def __init__(self, chosen: Sequence[int] | None = None, variant: int = 0, allowed: int | None = None) -> None:
        super().__init__(chosen, variant)
        self.allowed, self.loops, self.returns = allowed, 0, 0
        self.where: list[tuple[bool, bool]] = []

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Go on below a node, knowing whether that is in a loop or a return."""
        looping, returning = isinstance(node, LOOPS | COMPREHENSIONS), isinstance(node, ast.Return)
        self.loops += looping
        self.returns += returning
        super().generic_visit(node)
        self.loops -= looping
        self.returns -= returning
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Leave out round(…), np.round(…), x.round(…) and the like."""
        self.generic_visit(node)
        subject = find_subject(node)
        if name_call(node) not in ("round", "around") or subject is None:
            return node
        others = node.args[1:] if subject in node.args else node.args
        given = [*others, *(one.value for one in node.keywords)]
        places = given[0].value if given and isinstance(given[0], ast.Constant) else 0 if not given else None
        ends = not self.loops and self.allowed is not None and isinstance(places, int) and places >= self.allowed
        if ends:
            return node
        self.where.append((bool(self.loops), bool(self.returns)))
        return subject if self.takes(node) else node

    def describe(self, place: int) -> tuple[str, str]:
        """Return the name and the sentence, by where the rounding stands."""
        loops, returns = self.where[place]
        if returns:
            return "rounded to too few places", "This rounds the result to fewer places than are asked for."
        return ("rounded inside the loop" if loops else self.name), self.says


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


class Returned(Rule):
    """Returns what a function computes last, or prints."""

    name = "nothing returned"
    mixed, breaks = False, True
    says = (
        "The function ends without a return, so its caller gets None. print only shows a value: return hands it back."
    )
    variants = 4

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Let a function return something wherever it ends."""
        self.generic_visit(node)
        ends = list(list_ends(node.body))
        if node.name.startswith("__") or not ends or any(isinstance(one, ast.Yield) for one in ast.walk(node)):
            return node
        values = [find_value(body[-1]) if self.variant == 0 else choose_local(node, self.variant) for body in ends]
        if not self.takes(ends[-1][-1]):
            return node
        for body, value in zip(ends, values, strict=True):
            if value is None:
                continue
            if isinstance(body[-1], ast.Return) or (isinstance(body[-1], ast.Expr) and not acts(body[-1], value)):
                body.pop()
            body.append(ast.Return(value=value))
        return node


def acts(statement: ast.Expr, returned: ast.expr) -> bool:
    """Tell whether a statement may do more than show a value, and is not what is returned: it must stay then."""
    value = statement.value
    return isinstance(value, ast.Call) and value is not returned and name_call(value) != "print"


def list_ends(body: list[ast.stmt]) -> list[list[ast.stmt]]:
    """Return the blocks with which a function may end without a return of a value."""
    last = body[-1]
    if isinstance(last, ast.Return):
        printing = isinstance(last.value, ast.Call) and name_call(last.value) == "print"
        return [body] if last.value is None or printing else []
    if isinstance(last, ast.If):
        return [*list_ends(last.body), *(list_ends(last.orelse) if last.orelse else [])]
    if isinstance(last, ast.With):
        return list_ends(last.body)
    return [] if isinstance(last, ast.Raise | ast.Try) else [body]


def find_value(statement: ast.stmt) -> ast.expr | None:
    """Return the value of a function's last statement: what is printed, computed or assigned; None if it has none."""
    value: ast.expr | None = None
    if isinstance(statement, ast.Expr | ast.Return):
        value = statement.value
        if isinstance(value, ast.Constant):
            return None
        if isinstance(value, ast.Call) and name_call(value) == "print":
            arguments = value.args
            return arguments[0] if len(arguments) == 1 else ast.Tuple(elts=arguments, ctx=ast.Load())
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        value = load(statement.targets[0])
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        value = load(statement.target)
    return value


def load(target: ast.expr) -> ast.expr | None:
    """Return a variable, or several, as a value; None where it is a place in something else."""
    if isinstance(target, ast.Name):
        return ast.Name(id=target.id, ctx=ast.Load())
    if isinstance(target, ast.Tuple) and all(isinstance(one, ast.Name) for one in target.elts):
        return ast.Tuple(
            elts=[ast.Name(id=getattr(one, "id", ""), ctx=ast.Load()) for one in target.elts], ctx=ast.Load()
        )
    return None


def choose_local(function: ast.FunctionDef, place: int) -> ast.expr | None:
    """Return one of a function's variables: 1 is the first that it sets, which often collects the result."""
    names = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    different = list(dict.fromkeys(names))
    return ast.Name(id=different[place - 1], ctx=ast.Load()) if place <= len(different) else None


class LaterReturn(Rule):
    """Returns after the loop where a return stands inside it."""

    name = "returned inside the loop"
    says = "The return inside the loop ends it in its first round. Indent it less, so that it comes after the loop."
    variants = 6

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Move the end of a block, with its return, behind a loop around it."""
        for loop in [one for one in ast.walk(node) if isinstance(one, LOOPS)]:
            for block in list_blocks(loop):
                count, outwards = 1 + self.variant // 2, self.variant % 2
                moved = block[-count:]
                if len(moved) < count or not any(isinstance(one, ast.Return) for one in ast.walk(moved[-1])):
                    continue
                behind = find_outer(node, loop) if outwards else loop
                if behind is not None and self.takes(moved[-1]):
                    del block[-count:]
                    if not block:
                        block.append(ast.Pass())
                    around = next(one for one in list_all_blocks(node) if behind in one)
                    place = around.index(behind) + 1
                    around[place:place] = moved
        return node


def list_blocks(loop: ast.For | ast.While) -> list[list[ast.stmt]]:
    """Return a loop's body and the blocks of the if statements at its end."""
    blocks = [loop.body]
    last = loop.body[-1]
    while isinstance(last, ast.If):
        blocks.append(last.body)
        last = last.body[-1]
    return blocks


def list_all_blocks(function: ast.FunctionDef) -> list[list[ast.stmt]]:
    """Return every list of statements of a function."""
    fields = (getattr(node, name, None) for node in ast.walk(function) for name in ("body", "orelse", "finalbody"))
    return [field for field in fields if isinstance(field, list)]


def find_outer(function: ast.FunctionDef, loop: ast.stmt) -> ast.stmt | None:
    """Return the loop directly around a loop; None where there is none."""
    around = [one for one in ast.walk(function) if isinstance(one, LOOPS) and one is not loop]
    inner = [one for one in around if any(node is loop for node in ast.walk(one))]
    return min(inner, key=lambda one: sum(1 for _ in ast.walk(one)), default=None)


HELPERS = """
def _repaired_each_max(one, other):
    return _repaired_each("max", one, other)


def _repaired_each_min(one, other):
    return _repaired_each("min", one, other)


def _repaired_each(name, one, other):
    if not (hasattr(one, "ndim") or hasattr(other, "ndim")):
        return max(one, other) if name == "max" else min(one, other)
    if hasattr(one, "clamp") or hasattr(other, "clamp"):
        array, number = (one, other) if hasattr(one, "clamp") else (other, one)
        return array.clamp(min=number) if name == "max" else array.clamp(max=number)
    import numpy

    return numpy.maximum(one, other) if name == "max" else numpy.minimum(one, other)


def _repaired_total(name, x, variant):
    if not hasattr(x, "ndim") or x.ndim < 2:
        return {"sum": sum, "max": max, "min": min}[name](x)
    if variant == 0:
        return getattr(x, name)()
    axis = {1: -1, 2: 1, 3: -1}[variant]
    if hasattr(x, "clamp"):
        return getattr(x, {"sum": "sum", "max": "amax", "min": "amin"}[name])(axis, keepdim=variant == 3)
    return getattr(x, name)(axis=axis, keepdims=variant == 3)


def _repaired_combine(sign, one, other):
    import operator

    names = {"+": "add", "-": "sub", "*": "mul", "/": "truediv", "**": "pow", "@": "matmul"}
    name = names[sign.rstrip("=")]
    compute = getattr(operator, "i" + name if sign.endswith("=") else name)
    repeats = name == "mul" and any(type(x) is int for x in (one, other))
    if not any(isinstance(x, (list, tuple)) for x in (one, other)) or repeats:
        return compute(one, other)
    try:
        return getattr(operator, name)(_repaired_array(one), _repaired_array(other))
    except (TypeError, ValueError):
        return compute(one, other)


def _repaired_array(x):
    import numpy

    if not isinstance(x, (list, tuple)) or not x:
        return x
    array = numpy.array([one.tolist() if hasattr(one, "tolist") else one for one in x])
    if array.dtype.kind not in "iuf":
        raise TypeError
    return array


def _repaired_fractions(x):
    if getattr(getattr(x, "dtype", None), "kind", "") in ("i", "u"):
        return x.astype(float)
    if hasattr(x, "is_floating_point") and not x.is_floating_point() and str(x.dtype) != "torch.bool":
        return x.float()
    return x


def _repaired_copied(x):
    import copy

    if hasattr(x, "clone"):
        return x.clone()
    return copy.deepcopy(x) if isinstance(x, (list, dict)) or hasattr(x, "ndim") else x
"""
