"""Formulas that a user types: checked against a whitelist, computed by torch, differentiated by sympy.

``eval`` would run any code that is typed. Here Python's own parser turns the text into a tree, which may contain only
numbers, variables, arithmetic and the functions below. Anything else is rejected, and the message names its position.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from groundup.base.errors import UserError

LONGEST = 500
DEEPEST = 60
# Whole numbers up to this one are exact in floating point.
MOST_WHOLE = 2**53
MOST_DEGREE = 500
_NO_VALUE = "A part of the expression has no finite real value"

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.Pow: lambda left, right: left**right,
}


@dataclass(frozen=True)
class Expression:
    """A formula in one or several variables.

    Attributes
    ----------
    text : str
        The formula as typed, with runs of white space replaced by single spaces.
    variables : tuple of str
        The variables in alphabetical order, which is the order of a point's coordinates.
    tree : ast.expr
        The checked formula, with constant parts already computed.
    """

    text: str
    variables: tuple[str, ...]
    tree: ast.expr

    def __call__(self, point: Tensor) -> Tensor:
        """Return the value at a point, or the values at many points at once.

        Parameters
        ----------
        point : Tensor, shape (variable, ...)
            One coordinate per variable, in the order of ``variables``. Gradients with respect to it can be computed.

        Returns
        -------
        Tensor, shape (...)
        """
        values = dict(zip(self.variables, point.unbind(), strict=True))
        result = _compute(self.tree, values, FUNCTIONS)
        return result if isinstance(result, Tensor) else torch.as_tensor(result, dtype=point.dtype) + 0 * point.sum(0)

    def derivatives(self) -> dict[str, str]:
        """Return the derivative with respect to each variable, as a formula."""
        import sympy

        formula = self.symbolic()
        return {name: str(sympy.diff(formula, sympy.Symbol(name, real=True))) for name in self.variables}

    def symbolic(self) -> Any:
        """Return the formula as a sympy expression, built node by node, so that sympy never parses the text."""
        import sympy

        from groundup.formulas.symbols import make_functions

        values = {name: sympy.Symbol(name, real=True) for name in self.variables}
        tree = copy.deepcopy(self.tree)
        _find_degree(tree)
        return sympy.sympify(_compute(tree, values, make_functions()))


def _find_degree(node: ast.expr) -> float | int:
    """Return the degree of a formula as if it were a polynomial; change exponents that make it too high to floats.

    With exact exponents sympy multiplies powers out: for (7*x)**10000000 it would write eight million digits.
    """
    match node:
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=exponent)):
            power = float(exponent)  # type: ignore[arg-type]
            degree = _find_degree(left) * abs(power)
            if degree > MOST_DEGREE:
                node.right = ast.Constant(power)
            return degree
        case ast.BinOp(left=left, op=operator, right=right):
            degrees = _find_degree(left), _find_degree(right)
            return max(degrees) if isinstance(operator, ast.Add | ast.Sub) else sum(degrees)
        case ast.UnaryOp(operand=operand):
            return _find_degree(operand)
        case ast.Call(args=[argument]):
            _find_degree(argument)
    return 1


def parse_expression(text: str) -> Expression:
    """Parse a formula such as ``x**2 + 3*sin(y)``; powers may also be written ``x^2`` or ``x²``.

    Raises
    ------
    UserError
        The text is not a formula, has no variable, is too long or nested too deeply, or contains something that is not
        allowed.

    Examples
    --------
    >>> parse_expression("x**2").derivatives()
    {'x': '2*x'}
    >>> parse_expression("x**2 + y**2")(torch.tensor([2.0, 5.0]))
    tensor(29.)
    """
    text = " ".join(text.split())
    if not text:
        raise UserError('The expression is empty. Write one such as "x**2 + y**2".')
    if len(text) > LONGEST:
        raise UserError(f"The expression has {len(text)} characters; {LONGEST} are the most.")
    source = text.replace("^", "**").replace("²", "**2").replace("³", "**3")
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        place = f" at character {error.offset}" if isinstance(error, SyntaxError) and error.offset else ""
        told = "Write products with a star and powers with ^ or **: 2*x, x^2."
        raise UserError(f'"{text}" is no formula{place}. {told}') from error
    names: set[str] = set()
    _check(tree, source, names, depth=0)
    if not names:
        raise UserError(f'"{text}" has no variable to change. Write one such as "x**2".')
    return Expression(text, tuple(sorted(names)), _fold(tree))


def _check(node: ast.expr, source: str, names: set[str], depth: int) -> None:
    """Reject every node that is not allowed, and collect the variables in ``names``."""
    if depth > DEEPEST:
        raise UserError(f"The expression is nested more than {DEEPEST} deep.")
    match node:
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            children = [left, right]
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            children = [operand]
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            children = [argument]
        case ast.Constant(value=bool() | complex()):
            raise _refusal(node, source)
        case ast.Constant(value=int() | float() as value):
            if not -1e300 < value < 1e300:
                raise UserError(f'"{ast.get_source_segment(source, node)}" is too large a number.')
            children = []
        case ast.Name(id=name) if name not in FUNCTIONS:
            if name not in CONSTANTS:
                names.add(name)
            children = []
        case _:
            raise _refusal(node, source)
    for child in children:
        _check(child, source, names, depth + 1)


def _refusal(node: ast.expr, source: str) -> UserError:
    piece = ast.get_source_segment(source, node) or source
    return UserError(
        f'"{piece}" at character {node.col_offset + 1} is not allowed in an expression: use numbers, variables, '
        f"+ - * / **, pi, e and {', '.join(FUNCTIONS)}, each with one value in parentheses."
    )


def _fold(node: ast.expr) -> ast.expr:
    """Compute the parts without variables in floating point, so that 9**9**9**9 gives an error instead of hanging."""
    match node:
        case ast.Name(id=name) if name in CONSTANTS:
            return ast.Constant(CONSTANTS[name])
        case ast.Constant(value=int() as value) if abs(value) >= MOST_WHOLE:
            return ast.Constant(float(value))
        case ast.Call(args=[argument]):
            known = node.args = [_fold(argument)]
        case ast.UnaryOp(operand=operand):
            node.operand = _fold(operand)
            known = [node.operand]
        case ast.BinOp(left=left, right=right):
            node.left, node.right = _fold(left), _fold(right)
            known = [node.left, node.right]
        case _:
            return node
    constants = [part for part in known if isinstance(part, ast.Constant)]
    if len(constants) < len(known):
        return node
    for part in constants:
        part.value = float(part.value)  # type: ignore[arg-type]  # whole numbers would grow without limit
    try:
        result = float(_compute(node, {}, FUNCTIONS))
    except (OverflowError, ZeroDivisionError, TypeError) as error:
        raise UserError(f"{_NO_VALUE} ({error}).") from error
    if not math.isfinite(result):
        raise UserError(f"{_NO_VALUE}.")
    return ast.Constant(settle(result))


def settle(value: float) -> int | float:
    """Return a whole number as an int, and any other number unchanged."""
    return int(value) if value.is_integer() and abs(value) < MOST_WHOLE else value


def _compute(node: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable[[Any], Any]]) -> Any:
    """Evaluate the tree with torch's numbers or with sympy's symbols, depending on ``values`` and ``functions``."""
    match node:
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATORS[type(operator)](_compute(left, values, functions), _compute(right, values, functions))
        case ast.UnaryOp(op=operator, operand=operand):
            value = _compute(operand, values, functions)
            return -value if isinstance(operator, ast.USub) else value
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            value = _compute(argument, values, functions)
            if functions is FUNCTIONS and not isinstance(value, Tensor):
                value = torch.tensor(float(value), dtype=torch.float64)
            return functions[name](value)
        case ast.Name(id=name):
            return values[name] if name in values else CONSTANTS[name]
        case ast.Constant(value=value):
            return value
    raise AssertionError(f"{ast.dump(node)} passed the whitelist")
