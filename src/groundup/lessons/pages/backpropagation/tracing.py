"""Where the numbers of an expression's graph come from: values, local derivatives, and gradients."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from groundup.lessons.origins import Factor, Term, trace_sum

LONGEST_NAME = 22
_WRITTEN = {"**": "^", "*": "×", "/": "÷", "-": "−"}


def write(number: Any) -> str:
    """Return a number as it is written on a box."""
    return f"{float(number):.4g}".replace("-", "−")


def name_part(node: ast.expr) -> str:
    """Return a part of an expression with the signs of the boxes; a long one is cut.

    Examples
    --------
    >>> name_part(ast.parse("x**2 - y*3", mode="eval").body)
    'x^2 − y × 3'
    """
    text = re.sub(r"\d+\.\d{4,}", lambda found: write(found[0]), ast.unparse(node))
    text = re.sub(r" ?\*\* ?", "^", text)
    for typed, written in _WRITTEN.items():
        text = text.replace(typed, written)
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def trace_value(sign: str, name: str, value: float, parts: Sequence[Factor]) -> dict[str, Any]:
    """Return where the value of an operation comes from: one factor for each of its arguments."""
    first, last = parts[0], parts[-1]
    match sign:
        case "+":
            return trace_sum(name, value, [first], [last])
        case "−":
            minus = [last._replace(label=f"−{_enclose(last.label)}", value=-last.value)]
            return trace_sum(name, value, minus) if len(parts) == 1 else trace_sum(name, value, [first], minus)
        case "×":
            return trace_sum(name, value, [first, last])
        case "÷":
            return trace_sum(name, value, [first, last._replace(over=True)])
        case "^" if not first.key:
            return trace_sum(name, value, [last], then=f"{write(first.value)}^·")
        case "^":
            return trace_sum(name, value, [first], then=f"(·)^{write(last.value)}")
    return trace_sum(name, value, [first], then=f"{sign}(·)")


def trace_local(sign: str, value: Factor, parts: Sequence[Factor], place: int) -> list[Term]:
    """Return the terms of an operation's local derivative along one of its arguments; none where it is a fixed number.

    Parameters
    ----------
    sign : str
        The operation.
    value : Factor
        Its value.
    parts : sequence of Factor
        Its arguments.
    place : int
        The argument's place.
    """
    first, last = parts[0], parts[-1]
    one, minus = Factor("1", 1.0), Factor("−1", -1.0)
    match sign:
        case "×":
            return [[parts[1 - place]]]
        case "÷" if place == 0:
            return [[one, last._replace(over=True)]]
        case "÷":
            return [[minus, first, last._replace(over=True), last._replace(over=True)]]
        case "^" if not last.key and first.value:
            less = last.value - 1
            power = Factor(f"{_enclose(first.label)}^{write(less)}", first.value**less)
            return [[Factor(write(last.value), last.value), power]]
        case "exp":
            return [[value]]
        case "tanh":
            return [[one], [minus, value, value]]
        case "sigmoid":
            return [[value, Factor(f"(1 − {value.label})", 1 - value.value)]]
        case "log":
            return [[one, first._replace(over=True)]]
        case "sqrt":
            return [[one, Factor("2", 2.0, over=True), value._replace(over=True)]]
    return []


def _enclose(name: str) -> str:
    return f"({name})" if " " in name and not name.endswith(")") else name
