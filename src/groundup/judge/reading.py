"""What can be read off an answer's source without running it: what it imports, and which names it never defines."""

from __future__ import annotations

import ast
import builtins
from typing import Any

from groundup.judge.isolation.lending import LIBRARIES, USUAL


def list_imports(tree: ast.AST) -> list[str]:
    r"""Return the full names of the modules that a file imports, wherever it does.

    Examples
    --------
    >>> list_imports(ast.parse("import torch.nn as nn\nfrom sklearn import metrics"))
    ['sklearn', 'sklearn.metrics', 'torch.nn']
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            # What is taken from a module may be a module, too.
            found |= {f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*"}
    return sorted(found)


def find_unbound(tree: ast.AST) -> list[str]:
    """Return the names that a file uses and neither defines, imports nor finds among Python's own."""
    used: set[str] = set()
    bound: set[str] = set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
    return sorted(used - bound)


def has_star_import(tree: ast.AST) -> bool:
    """Tell whether a file imports everything of some module, so that its names cannot be known."""
    names = [one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names]
    return "*" in names


def describe_names(tree: ast.AST) -> dict[str, Any]:
    """Return what `groundup.judge.isolation.runner.load` wants to know of a file besides its source."""
    return {"borrowed": find_unbound(tree), "imports": list_imports(tree), "stars": has_star_import(tree)}


def choose_modules(tree: ast.AST) -> list[str]:
    """Return which modules to load for an answer before its limits begin: those that it imports, or borrows."""
    borrowed = [USUAL[name][0] for name in find_unbound(tree) if name in USUAL]
    wanted = {name for name in (*list_imports(tree), *borrowed) if name.partition(".")[0] in LIBRARIES}
    if "torch.optim" in wanted or any(
        isinstance(node, ast.Attribute) and node.attr == "optim" for node in ast.walk(tree)
    ):
        # The first optimizer loads it, in a second and more.
        wanted |= {"torch", "torch._dynamo"}
    return sorted(wanted - {"numpy"})
