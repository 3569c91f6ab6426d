"""A learner's file made fit for a real model: what the course's own checking asks for and no model can bear is let go.

Answers to the course's problems round their results and set seeds. Rounding has a gradient of zero everywhere: nothing
in front of it would learn. A seed set in every step drops the same nodes in every step, and draws the same numbers for
whatever else is random. In a part a rounding lets gradients through, and a seed is not set; the library itself and
other code are not touched.
"""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import Tensor

from groundup.judge.isolation.runner import load
from groundup.judge.reading import describe_names

HELPERS = {"round": "_round_in_a_part", "manual_seed": "_seed_in_a_part"}
LIBRARY = "_torch_of_a_part"
ROUNDS = "it rounds, which has no gradient: as a part of a model its gradient is let through"
SEEDS = "it sets a seed, so that every step would draw the same numbers: as a part of a model it sets none"


class _RoundThrough(torch.autograd.Function):
    """Rounding whose gradient is that of no rounding.

    The straight-through estimator: Bengio et al., "Estimating or propagating gradients" (2013).
    """

    @staticmethod
    def forward(context: Any, x: Tensor, decimals: int) -> Tensor:  # noqa: ARG004 - PyTorch's signature
        return torch.round(x, decimals=decimals)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ARG004 - PyTorch's signature
        return gradient, None


def round_in_a_part(thing: Any, *arguments: Any, **named: Any) -> Any:
    """Do what ``thing.round(...)`` does, and let gradients through."""
    if thing is torch and arguments and isinstance(arguments[0], Tensor):
        thing, *rest = arguments
        arguments = tuple(rest)
    if isinstance(thing, Tensor) and set(named) <= {"decimals"}:
        return _RoundThrough.apply(thing, named.get("decimals", arguments[0] if arguments else 0))  # type: ignore[no-untyped-call]  # PyTorch's apply has no types
    return thing.round(*arguments, **named)


def seed_in_a_part(thing: Any, *arguments: Any, **named: Any) -> Any:
    """Do what ``thing.manual_seed(...)`` does, but for PyTorch's own generator, which others draw from, too."""
    return torch.default_generator if thing is torch else thing.manual_seed(*arguments, **named)


class _Rework(ast.NodeTransformer):
    """Puts calls of the functions above in the place of calls of ``round`` and ``manual_seed``."""

    def __init__(self, tree: ast.AST) -> None:
        self.done: set[str] = set()
        # Local name → PyTorch's, of what is taken from it by name.
        self.taken = {
            alias.asname or alias.name: alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "torch"
            for alias in node.names
            if alias.name in HELPERS
        }

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the call, or another one."""
        self.generic_visit(node)
        arguments = list(node.args)
        if isinstance(node.func, ast.Attribute) and node.func.attr in HELPERS:
            name = node.func.attr
            arguments.insert(0, node.func.value)
        elif isinstance(node.func, ast.Name) and node.func.id in self.taken:
            name = self.taken[node.func.id]
            arguments.insert(0, ast.Name(id=LIBRARY, ctx=ast.Load()))
        else:
            return node
        self.done.add(name)
        return ast.Call(func=ast.Name(id=HELPERS[name], ctx=ast.Load()), args=arguments, keywords=node.keywords)


def describe_changes(source: str) -> list[str]:
    """Return in words what is changed about a part's file before a model uses it."""
    tree = ast.parse(source)
    rework = _Rework(tree)
    rework.visit(tree)
    return [text for name, text in (("round", ROUNDS), ("manual_seed", SEEDS)) if name in rework.done]


def load_part(source: str) -> dict[str, Any]:
    """Run a part's file, which the judge has accepted; return its names."""
    tree = ast.parse(source)
    told = describe_names(tree)
    tree = ast.fix_missing_locations(_Rework(tree).visit(tree))
    helpers = {HELPERS["round"]: round_in_a_part, HELPERS["manual_seed"]: seed_in_a_part, LIBRARY: torch}
    return load(tree, helpers=helpers, **told)[0]
