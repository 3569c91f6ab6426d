"""The functions of `groundup.formulas.expression` for sympy: each knows its slope, and nothing else.

sympy's own ask of every argument whether it is real, positive or zero, and of every part of it: the slope of a formula
that fits one line could then take minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from groundup.formulas.expression import FUNCTIONS, settle

# By sympy's names; each is told how to write another function of the same argument.
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
    """Return every function that an expression may hold, for sympy's expressions."""
    import sympy

    functions: dict[str, Callable[[Any], Any]] = {ours: _symbol(name) for name, ours in _OURS.items()}
    functions["relu"] = lambda x: _symbol("Max")(0, x)
    functions["sqrt"] = sympy.sqrt
    functions["sigmoid"] = lambda x: 1 / (1 + _symbol("exp")(-x))
    return functions


@cache
def _symbol(name: str) -> Any:
    """Return a function of sympy's with a slope; of several arguments the last one counts."""
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

    # Under sympy's own name it would be computed by sympy's means, with millions of digits if need be.
    members = {"fdiff": slope, "eval": classmethod(evaluate), "_sympystr": write}
    return type(f"{name} of symbols", (sympy.Function,), members)
