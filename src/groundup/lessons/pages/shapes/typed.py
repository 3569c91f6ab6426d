"""Expressions of tensors that a learner types: what is listed here is computed by PyTorch, anything else is refused.

``eval`` would run any code that is typed. Here Python's parser turns the text into a tree, and only the names, methods,
operations and numbers of the lists below are computed, each with arguments of a known form.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from groundup.base.errors import UserError

LONGEST = 80
MOST_NUMBERS = 96
MOST_DIMENSIONS = 4
MOST_WHOLE = 1000
TENSORS = {
    "x": torch.arange(1.0, 7.0).reshape(2, 3),
    "W": torch.tensor([[1.0, 0, 2], [0, 1, -1], [2, -1, 0], [1, 1, 1]]),
    "b": torch.tensor([10.0, 20, 30, 40]),
    "t": torch.arange(1.0, 13.0).reshape(2, 3, 2),
}
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Tensor]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.MatMult: operator.matmul,
}
# Methods of a tensor, each with the arguments that may have a name.
METHODS: dict[str, tuple[str, ...]] = {
    "mean": ("dim", "keepdim"),
    "sum": ("dim", "keepdim"),
    "argmax": ("dim", "keepdim"),
    "softmax": ("dim",),
    "relu": (),
    "reshape": (),
    "view": (),
    "transpose": (),
    "permute": (),
    "flatten": (),
    "squeeze": ("dim",),
    "unsqueeze": ("dim",),
}
FUNCTIONS: dict[str, Callable[..., Tensor]] = {"cat": torch.cat, "stack": torch.stack}
_FAILURES = (RuntimeError, IndexError, TypeError, ValueError)


class TensorError(Exception):
    """PyTorch's own error for a part of an expression.

    Attributes
    ----------
    part : str
        The part.
    words : str
        The error's kind and its first line.
    parts : list of (str, Tensor)
        The parts that were computed before.
    """

    def __init__(self, part: str, error: Exception, parts: dict[str, Tensor]) -> None:
        self.part = part
        self.parts = list(parts.items())
        first = str(error).partition("\n")[0].removesuffix(", but expected one of:")
        self.words = f"{type(error).__name__}: {first}"
        super().__init__(self.words)


def compute_typed(text: str) -> list[tuple[str, Tensor]]:
    """Return every part of an expression with its value, each after those that it is made of: the last is the whole.

    Raises
    ------
    UserError
        It is no expression, holds something that is not listed, or a result is too large to be drawn.
    TensorError
        PyTorch refuses a part.

    Examples
    --------
    >>> [(part, tuple(value.shape)) for part, value in compute_typed("x @ W.T")]
    [('x', (2, 3)), ('W', (4, 3)), ('W.T', (3, 4)), ('x @ W.T', (2, 4))]
    """
    text = " ".join(text.split())
    if not text:
        raise UserError('The expression is empty. Write one such as "x.mean(1)".')
    if len(text) > LONGEST:
        raise UserError(f"The expression has {len(text)} characters; {LONGEST} are the most.")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise UserError(f'"{text}" is no expression of Python.') from error
    computation = _Computation()
    computation.compute(tree)
    return list(computation.parts.items())


class _Computation:
    def __init__(self) -> None:
        self.parts: dict[str, Tensor] = {}

    def compute(self, node: ast.expr) -> Tensor:
        """Return a part's value, and keep it."""
        part = ast.unparse(node)
        match node:
            case ast.Name(id=name) if name in TENSORS:
                return self.keep(part, lambda: TENSORS[name])
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                first, second = self.read_operand(left), self.read_operand(right)
                if not isinstance(first, Tensor) and not isinstance(second, Tensor):
                    raise UserError(f'"{part}" holds no tensor: use {", ".join(TENSORS)}.')
                return self.keep(part, lambda: OPERATORS[type(sign)](first, second))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self.compute(operand)
                return self.keep(part, lambda: -value)
            case ast.Attribute(value=whole, attr="T" | "mT" as name):
                value = self.compute(whole)
                if name == "T" and value.ndim != 2:
                    raise UserError(f'".T" is for tables, and "{ast.unparse(whole)}" has {value.ndim} dimensions.')
                return self.keep(part, lambda: value.mT)
            case ast.Subscript(value=whole, slice=index):
                value, place = self.compute(whole), read_index(index)
                return self.keep(part, lambda: value[place])
            case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr=name)) if name in FUNCTIONS:
                return self.join(node, part, name)
            case ast.Call(func=ast.Attribute(value=whole, attr=name), args=given) if name in METHODS:
                value, numbers = self.compute(whole), [read_argument(one) for one in given]
                named = read_named(node, METHODS[name])
                return self.keep(part, lambda: getattr(value, name)(*numbers, **named))
        raise _refuse(node)

    def join(self, node: ast.Call, part: str, name: str) -> Tensor:
        """Return tensors put together by ``torch.cat`` or ``torch.stack``."""
        match node.args:
            case [ast.List(elts=given) | ast.Tuple(elts=given), *rest]:
                tensors, numbers = [self.compute(one) for one in given], [read_argument(one) for one in rest]
                named = read_named(node, ("dim",))
                return self.keep(part, lambda: FUNCTIONS[name](tensors, *numbers, **named))
        raise UserError(f'"{part}": torch.{name} takes a list of tensors, such as torch.{name}([x, x]).')

    def read_operand(self, node: ast.expr) -> Tensor | float:
        """Return one side of an operation: a tensor or a number."""
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                if not abs(value) <= MOST_WHOLE:
                    raise UserError(f'"{ast.unparse(node)}": numbers up to {MOST_WHOLE} are allowed.')
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return -self.read_operand(operand)
        return self.compute(node)

    def keep(self, part: str, run: Callable[[], Tensor]) -> Tensor:
        """Return what a part gives, if it can be drawn."""
        try:
            value = run()
        except _FAILURES as error:
            raise TensorError(part, error, self.parts) from error
        if value.numel() > MOST_NUMBERS or value.ndim > MOST_DIMENSIONS:
            raise UserError(f'"{part}" is too large to draw: {tuple(value.shape)}.')
        self.parts[part] = value
        return value


def read_argument(node: ast.expr) -> Any:
    """Return an argument: a whole number, several in parentheses or brackets, True or False."""
    match node:
        case ast.Constant(value=bool() as value):
            return value
        case ast.Tuple(elts=given) | ast.List(elts=given):
            return tuple(read_whole(one) for one in given)
    return read_whole(node)


def read_whole(node: ast.expr) -> int:
    """Return a whole number, also a negative one."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool) and value <= MOST_WHOLE:
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
            return -read_whole(operand)
    raise UserError(f'"{ast.unparse(node)}" cannot stand here: use a whole number up to {MOST_WHOLE}.')


def read_named(node: ast.Call, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the arguments of a call that have a name, if these are among ``names``."""
    for one in node.keywords:
        if one.arg not in names:
            told = f"with a name it takes {' and '.join(names)}" if names else "it takes no argument with a name"
            raise UserError(f'"{ast.unparse(node)}": {told}.')
    return {str(one.arg): read_argument(one.value) for one in node.keywords}


def read_index(node: ast.expr) -> Any:
    """Return what stands in brackets: whole numbers, ranges, ``None`` and ``...``, one or several."""
    match node:
        case ast.Tuple(elts=given):
            return tuple(read_index(one) for one in given)
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=value) if value is ...:
            return ...
        case ast.Slice(lower=lower, upper=upper, step=step):
            return slice(*(None if one is None else read_whole(one) for one in (lower, upper, step)))
    return read_whole(node)


def _refuse(node: ast.expr) -> UserError:
    methods = ", ".join(f".{name}" for name in METHODS)
    return UserError(
        f'"{ast.unparse(node)}" is not allowed here. Use {", ".join(TENSORS)}, + - * / @, .T, [ ], {methods}, '
        f"{' and '.join(f'torch.{name}' for name in FUNCTIONS)}."
    )
