"""Every replacement that one function, or a file, allows: for a piece of it, or for an argument wherever it stands."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Mapping
from functools import partial

from groundup.judge.explain.mutation_places import BY_THE_STEP, Replacement, list_locals, say, walk, write
from groundup.judge.explain.mutation_rules import RATES, SHARES, SMALL, replace_piece
from groundup.judge.explain.reworking import PREFIX

# Statements whose order may be mistaken.
SIMPLE = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr


def list_changed_files(tree: ast.Module, likeliest_first: bool = False) -> Iterator[tuple[Replacement, str]]:
    """Yield a file with one piece of its functions replaced, in each way that needs no helper of the judge's.

    Parameters
    ----------
    tree : ast.Module
        The file. It is as before after each step.
    likeliest_first : bool
        Whether to sort by what is likely, and not by place.

    Yields
    ------
    replacement : Replacement
        What is replaced; it is not made now.
    text : str
        The file with it, without comments; none comes twice, nor the file as it is.
    """
    known = {ast.unparse(tree)}
    found = [
        replacement
        for definition in ast.walk(tree)
        if isinstance(definition, ast.FunctionDef)
        for replacement in find_replacements(
            definition, frozenset(range(definition.lineno, (definition.end_lineno or 0) + 1)), {}
        )
    ]
    for replacement in sorted(found, key=lambda one: one.rank) if likeliest_first else found:
        # What is new has no place yet, without which it is not written.
        for node in replacement.new if isinstance(replacement.new, list) else [replacement.new]:
            if isinstance(node, ast.AST):
                ast.fix_missing_locations(node)
        with replacement.made():
            try:
                text = ast.unparse(tree)
            except (AttributeError, ValueError, TypeError):
                continue
        if text not in known and PREFIX not in text:
            known.add(text)
            yield replacement, text


def find_replacements(
    definition: ast.FunctionDef, lines: frozenset[int], scalars: Mapping[str, float]
) -> Iterator[Replacement]:
    """Yield what may stand in the place of each piece of a function.

    Parameters
    ----------
    definition : FunctionDef
        The function, without its docstring.
    lines : frozenset of int
        Which lines ran; pieces of others make no difference.
    scalars : mapping
        The function's arguments that are single numbers: name → value.
    """
    names = list_locals(definition)
    yield from _fix_arguments(definition, scalars)
    yield from _fix_subscripts(definition, names)
    for place in walk(definition):
        if not lines & set(range(place.statement.lineno, (place.statement.end_lineno or 0) + 1)):
            continue
        for rank, name, new in replace_piece(place, names, scalars):
            yield Replacement(rank, name, partial(say, place, new), place.holder, place.field, place.index, new)
    yield from _exchange_statements(definition, lines)


def _exchange_statements(definition: ast.FunctionDef, lines: frozenset[int]) -> Iterator[Replacement]:
    """Yield every block in which two neighbouring statements that ran stand in the other order."""
    for holder, field in itertools.product(ast.walk(definition), ("body", "orelse")):
        block = getattr(holder, field, None)
        if not isinstance(block, list):
            continue
        for place, (one, other) in enumerate(itertools.pairwise(block)):
            if isinstance(one, SIMPLE) and isinstance(other, SIMPLE) and {one.lineno, other.lineno} <= lines:
                told = f"`{write(other)}` before `{write(one)}`"
                new = [*block[:place], other, one, *block[place + 2 :]]
                says = f"{BY_THE_STEP} with {told}."
                yield Replacement(1, f"{told}, which belongs after it", says, holder, field, None, new)


def _fix_arguments(definition: ast.FunctionDef, scalars: Mapping[str, float]) -> Iterator[Replacement]:
    """Yield one constant for each use of an argument that is a single number."""
    for argument, value in scalars.items():
        choices: tuple[float, ...] = RATES + SMALL + SHARES if isinstance(value, float) else (0, 1, 2)
        for other in dict.fromkeys(choices):
            if other == value:
                continue
            target = ast.Name(id=argument, ctx=ast.Store())
            first = ast.Assign(targets=[target], value=ast.Constant(other), lineno=definition.body[0].lineno)
            says = f"{BY_THE_STEP} with `{argument}` fixed at {other:g}."
            name = f"`{argument}` is fixed at {other:g}"
            yield Replacement(0, name, says, definition, "body", None, [first, *definition.body])
        for more, words in ((1, "one too large"), (-1, "one too small")) if isinstance(value, int) else ():
            moved = ast.AugAssign(target=ast.Name(id=argument, ctx=ast.Store()), op=ast.Add(), value=ast.Constant(more))
            moved.lineno = definition.body[0].lineno
            says = f"{BY_THE_STEP} with a `{argument}` that is {words}."
            yield Replacement(0, f"`{argument}` is {words}", says, definition, "body", None, [moved, *definition.body])


def _fix_subscripts(definition: ast.FunctionDef, names: list[str]) -> Iterator[Replacement]:
    """Yield one constant for each use of one number of an argument that holds several, such as ``betas[1]``."""
    subscripts = [
        node
        for node in ast.walk(definition)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id in names
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, int)
        and isinstance(node.ctx, ast.Load)
    ]
    for text in dict.fromkeys(map(ast.unparse, subscripts)):
        for other in SHARES:
            body = [_Fixer(text, other).visit(copy.deepcopy(statement)) for statement in definition.body]
            says = f"{BY_THE_STEP} with `{text}` fixed at {other:g}."
            yield Replacement(1, f"`{text}` is fixed at {other:g}", says, definition, "body", None, body)


class _Fixer(ast.NodeTransformer):
    """Puts a number in the place of a piece of code, wherever it stands."""

    def __init__(self, text: str, value: float) -> None:
        self.text, self.value = text, value

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Return the number where this is the piece."""
        self.generic_visit(node)
        return ast.Constant(self.value) if ast.unparse(node) == self.text else node
