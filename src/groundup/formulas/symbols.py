"""The functions of `groundup.formulas.expression` for sympy: each defines only its derivative and its value at numbers.

sympy's own functions check whether their argument, and every part of it, is real, positive or zero. With them, the
derivative of a formula of one line could take minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from groundup.formulas.expression import FUNCTIONS, settle

# Derivatives by sympy's names; `of` creates another function of the same argument.
SLOPES: dict[str, Callable[[Any, Callable[[str], Any]], Any]] = {
    "sin": lambda _, of: of("cos"),
    "cos": lambda _, of: -of("sin"),
    "tan": lambda _, of: 1 + of("tan") ** 2,
    "exp": lambda _, of: of("exp"),
    "log": lambda x, _: 1 / x,
    "tanh": lambda _, of: 1 - of("tanh") ** 2,
    "Abs": lambda _, of: of("sign"),
    "Max": lambda _, of: of("Heaviside"),
}
_OURS = {name: name for name in SLOPES} | {"Abs": "abs", "Max": "relu"}


def make_functions() -> dict[str, Callable[[Any], Any]]:
    """Return sympy versions of all functions that an expression may contain."""
    import sympy

    functions: dict[str, Callable[[Any], Any]] = {ours: _symbol(name) for name, ours in _OURS.items()}
    functions["relu"] = lambda x: _symbol("Max")(0, x)
    functions["sqrt"] = sympy.sqrt
    functions["sigmoid"] = lambda x: 1 / (1 + _symbol("exp")(-x))
    return functions


@cache
def _symbol(name: str) -> Any:
    """Return a sympy function with a derivative; if it has several arguments, only the last one is used."""
    import sympy

    def slope(self: Any, _argument: int = 1) -> Any:
        x = self.args[-1]
        return SLOPES[name](x, lambda other: _symbol(other)(x))

    def evaluate(_cls: type, *arguments: Any) -> Any:
        if name not in _OURS or not arguments[-1].is_Number:
            return None
        value = FUNCTIONS[_OURS[name]](torch.tensor(float(arguments[-1]), dtype=torch.float64)).item()
        return sympy.sympify(settle(value)) if math.isfinite(value) else None

    def write(self: Any, printer: Any) -> str:
        return f"{name}({', '.join(map(printer.doprint, self.args))})"

    # With sympy's own name, sympy would evaluate the function itself, if necessary with millions of digits.
    members = {"fdiff": slope, "eval": classmethod(evaluate), "_sympystr": write}
    return type(f"{name} of symbols", (sympy.Function,), members)
