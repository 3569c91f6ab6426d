"""One small change of an answer's own file that makes it right: then what is wrong stands in that place.

The changes are those of `groundup.judge.explain.mutations`, made in the answer and not in the reference, so that they
also help where an answer goes a way of its own. A change is told only where the judge accepts the changed file.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any

from groundup.judge.explain.mutation_kinds import list_changed_files
from groundup.judge.explain.mutation_places import NO_CONDITION, Replacement
from groundup.judge.explain.repairs import Repair, Repairs

NAME = "one small error"
RIGHT = "the answer would be right"


def list_slips(tree: ast.Module) -> Iterator[Repairs]:
    """Yield a file with one piece of it replaced, the likeliest replacement first."""
    tree = copy.deepcopy(tree)
    plain = ast.unparse(tree).splitlines()
    for replacement, text in list_changed_files(tree, likeliest_first=True):
        says = describe(find_line(replacement), plain, text.splitlines())
        if says:
            yield Repairs(Repair(NAME, says, text), lambda: iter(()), False)


def describe(line: int, wrong: list[str], right: list[str]) -> str:
    """Return what makes a file right, as a sentence; nothing where it is more than one line, or two exchanged.

    Examples
    --------
    >>> describe(7, ["def f(x):", "    return x - 1"], ["def f(x):", "    return x + 1"])
    'Line 7: with `return x + 1` in place of `return x - 1`, the answer would be right.'
    """
    pairs = list(zip(wrong, right, strict=False))
    differs = [(one.strip(), other.strip()) for one, other in pairs if one != other]
    if len(wrong) != len(right) or len(differs) not in {1, 2}:
        return ""
    before, after = differs[0]
    if len(differs) == 2:
        exchanged = differs[1] == (after, before)
        return f"Line {line}: with `{after}` before `{before}`, {RIGHT}." if exchanged else ""
    # It would only take lines out.
    if re.search(NO_CONDITION, after):
        return ""
    if after == "pass":
        return f"Line {line}: without `{before}`, {RIGHT}."
    return f"Line {line}: with `{after}` in place of `{before}`, {RIGHT}."


def find_line(replacement: Replacement) -> int:
    """Return in which line of the file a replacement begins; it must not be made now."""
    old: Any = getattr(replacement.holder, replacement.field)
    if isinstance(old, list) and replacement.index is not None:
        old = old[replacement.index]
    elif isinstance(old, list):
        old = next(one for one, other in zip(old, replacement.new, strict=False) if one is not other)
    found = [node.lineno for node in (*ast.walk(old), *ast.walk(replacement.holder)) if hasattr(node, "lineno")]
    return found[0]
