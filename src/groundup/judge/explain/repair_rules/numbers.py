"""Rules for numbers and arrays: logarithms, maxima, sums, lists, fractions, cuts and rounding."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import ClassVar

from groundup.judge.explain.repair_rules.rule import LOOPS, Rule, call_helper, find_subject, name_call

COMPREHENSIONS = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp


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
