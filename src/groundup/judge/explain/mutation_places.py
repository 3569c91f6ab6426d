"""The pieces of a function that a small change may replace, and how a replacement is said."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from groundup.judge.explain.reworking import PREFIX

MOST_LETTERS = 60
# A condition that is always or never true, which no person writes.
NO_CONDITION = r"\b(if|elif|while|not) (False|True)\b"
# So a sentence begins that says a mistake by a change of the step, with the step's names.
BY_THE_STEP = "Your results are those of the model answer"


@dataclass(frozen=True)
class Replacement:
    """A piece of code, and what may stand in its place.

    Attributes
    ----------
    rank : int
        How likely it is: 0 the most.
    name : str
        What is wrong, in some words.
    sentence : str or callable
        The same for a learner. Of hundreds one is said: where it takes unparsing, only once it is asked for.
    holder : ast.AST
        The node that holds the piece.
    field : str
        In which field.
    index : int or None
        Where in it, if the field is a list.
    new : object
        What takes the piece's place.
    """

    rank: int
    name: str
    sentence: str | Callable[[], str]
    holder: ast.AST
    field: str
    index: int | None
    new: Any

    @property
    def says(self) -> str:
        """What is wrong, as a sentence for a learner; the replacement must not be made meanwhile."""
        return self.sentence if isinstance(self.sentence, str) else self.sentence()

    @property
    def vaguely(self) -> tuple[str, str]:
        """Name and sentence of a number in the wrong place, where results do not tell which number it is."""
        there = self.name.partition(" where ")[2].removesuffix(" belongs")
        name = f"another number where {there} belongs"
        return name, f"{BY_THE_STEP} with another number in place of {there}. Which one, the results do not tell."

    @contextmanager
    def made(self) -> Iterator[None]:
        """Put the new piece in its place for a while."""
        held = getattr(self.holder, self.field)
        if self.index is None:
            setattr(self.holder, self.field, self.new)
        else:
            setattr(self.holder, self.field, [*held[: self.index], self.new, *held[self.index + 1 :]])
        try:
            yield
        finally:
            setattr(self.holder, self.field, held)


@dataclass(frozen=True)
class Place:
    """A node and where it is held."""

    node: ast.AST
    holder: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    in_loop: bool


def walk(definition: ast.FunctionDef) -> Iterator[Place]:
    """Yield every piece of a function's body."""

    def visit(
        node: ast.AST, holder: ast.AST, field: str, index: int | None, statement: ast.stmt, in_loop: bool
    ) -> Iterator[Place]:
        statement = node if isinstance(node, ast.stmt) else statement
        yield Place(node, holder, field, index, statement, in_loop)
        inside = in_loop or isinstance(node, ast.For | ast.While)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "ctx", "op", "ops", "decorator_list"):
                continue
            if isinstance(value, ast.AST):
                yield from visit(value, node, name, None, statement, inside)
            elif isinstance(value, list):
                for number, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield from visit(item, node, name, number, statement, inside)

    for number, statement in enumerate(definition.body):
        yield from visit(statement, definition, "body", number, statement, False)


def list_locals(definition: ast.FunctionDef) -> list[str]:
    """Return the names of a function's arguments and variables."""
    arguments = [one.arg for one in (*definition.args.args, *definition.args.kwonlyargs) if one.arg != "self"]
    stored = [
        node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys([*arguments, *stored]))


def write(node: Any) -> str:
    """Return a piece of code as text, cut where it is long."""
    if isinstance(node, list):
        node = ast.Tuple(elts=node, ctx=ast.Load())
    try:
        text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    except (AttributeError, ValueError):
        return "…"
    text = text.replace(PREFIX, "")
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def say(place: Place, new: Any) -> str:
    """Return a replacement as a sentence for a learner."""
    where = write(place.statement).partition(":")[0] if isinstance(place.statement, ast.For) else write(place.statement)
    if isinstance(place.node, ast.stmt):
        if isinstance(new, ast.Pass):
            return f"{BY_THE_STEP} without its line `{where}`."
        return f"{BY_THE_STEP} with `{write(new)}` in place of `{where}`."
    exchanged = f"`{write(new)}` in place of `{write(place.node)}`"
    return f"{BY_THE_STEP} with {exchanged}, in `{where}`."
