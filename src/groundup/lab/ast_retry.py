"""Python source parsed by several threads at once, where CPython miscounts.

Lessons run in threads of one process. CPython 3.11 counts how deep a syntax tree is in one place for all threads: where
one thread is interrupted in the middle of a tree by another's, ``ast.parse`` ends with "AST constructor recursion depth
mismatch", and the page with an error 500. The tree itself is sound: asked again, it comes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import wraps
from typing import Any

ATTEMPTS = 20


def parse_patiently() -> None:
    """Let ``ast.parse`` of this process try again where CPython has miscounted; done once."""
    if not hasattr(ast.parse, "__wrapped__"):
        ast.parse = try_again(ast.parse)


def try_again(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``parse`` that is called up to `ATTEMPTS` times while it raises CPython's `SystemError`."""

    @wraps(parse)
    def parse_until_it_counts(*arguments: Any, **options: Any) -> Any:
        for _ in range(ATTEMPTS - 1):
            try:
                return parse(*arguments, **options)
            except SystemError:
                continue
        return parse(*arguments, **options)

    return parse_until_it_counts
