"""What all rules are made of: one rewriting of an answer's tree, in all of the places that show a mistake or in some.

A rule knows nothing of what the answer computes: `groundup.judge.repairing` runs what it makes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import ClassVar

LIBRARIES = ("np", "numpy", "torch", "math", "F", "functional")
LOOPS = ast.For | ast.While
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


# What rewritten code calls; it stands at the end of the changed file.
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
