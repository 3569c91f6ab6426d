"""The commonest mistakes of beginners: what an answer's file becomes when one of them is taken out.

Every exercise has them, and no list of an exercise's own could foresee the file that shows them. So the file itself is
changed, by `groundup.judge.explain.repair_rules`, and what it then computes tells whether that was the mistake.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from groundup.judge.explain.repair_rules.numbers import (
    ArraysForLists,
    Fractions,
    LargestOfEach,
    NaturalLogarithm,
    NoCut,
    NoRounding,
    SumOfAll,
)
from groundup.judge.explain.repair_rules.objects import (
    CopiedInput,
    NamedSelf,
    NewEachTime,
    OwnNames,
    OwnState,
    PreparedModule,
)
from groundup.judge.explain.repair_rules.returns import LaterReturn, Returned
from groundup.judge.explain.repair_rules.rule import HELPERS, PREFIX, Rule

CLOSE = 0.6
TABS = "tabs and spaces mixed"


@dataclass(frozen=True)
class Repair:
    """A mistake, and the file without it.

    Attributes
    ----------
    name : str
        In the field's words.
    says : str
        What the verdict says: what is wrong in which line, and what to do.
    source : str
        The file without the mistake.
    """

    name: str
    says: str
    source: str


@dataclass(frozen=True)
class Repairs:
    """One kind of mistake in a file.

    Attributes
    ----------
    whole : Repair
        It is taken out of all of its places.
    singles : callable
        Yields it taken out of one place each; nothing where there is only one.
    mixed : bool
        Whether one place may be wrong and another one right.
    """

    whole: Repair
    singles: Callable[[], Iterator[Repair]]
    mixed: bool


def list_repairs(
    source: str,
    tree: ast.Module,
    lacking: Mapping[str, Sequence[str]],
    rounding: int | None,
    breaks: bool,
    general: bool,
) -> Iterator[Repairs]:
    """Yield repairs of a file, the commonest mistakes first.

    Parameters
    ----------
    source : str
        The file.
    tree : ast.Module
        The same.
    lacking : mapping
        Of the functions and classes asked for, those that the file lacks: canonical name → every name that will do.
        Where there are any, nothing but other names for them is looked for.
    rounding : int, optional
        To how many places results may be rounded.
    breaks : bool
        Whether the answer gave something else than numbers, such as an error: some mistakes show in nothing else.
    general : bool
        Whether to yield those that an exercise's own mistakes may tell more of, or the others.
    """
    if general:
        for late in (partial(NoRounding, allowed=rounding), CopiedInput, NewEachTime):
            yield from apply(source, tree, late, breaks)
        return
    for repair in rename(source, tree, lacking) if lacking else write_powers(source):
        yield Repairs(repair, lambda: iter(()), False)
    if lacking:
        return
    own = find_own_names(tree)
    rules: list[Callable[..., Rule]] = [Returned, NamedSelf, PreparedModule]
    rules += [partial(OwnNames, own=own)] if own else []
    rules += [OwnState, LargestOfEach, NaturalLogarithm, LaterReturn]
    rules += [ArraysForLists] if has_lists(tree) else []
    rules += [Fractions, NoCut, SumOfAll]
    for rule in rules:
        yield from apply(source, tree, rule, breaks)


def apply(source: str, tree: ast.Module, rule: Callable[..., Rule], breaks: bool) -> Iterator[Repairs]:
    """Yield what a rule makes of a file, in all of the rule's variants."""
    # With no place chosen, a rule only counts them: most files show few of the mistakes, in any variant.
    kind = rule([])
    if (kind.breaks and not breaks) or not find_places(kind, tree):
        return
    for variant in range(kind.variants):
        whole = rule(variant=variant)
        # A rule changes the tree that it visits. To read the file again takes a sixth of the time of a deep copy.
        changed = whole.visit(ast.parse(source))
        if whole.lines:
            singles = partial(apply_singly, source, tree, partial(rule, variant=variant), len(whole.lines))
            yield Repairs(Repair(*describe(whole, None, tree), write(changed)), singles, kind.mixed)


def find_places(rule: Rule, tree: ast.Module) -> list[int]:
    """Return the lines of all places that a rule finds in a tree, which it leaves as it is: it has chosen none."""
    rule.visit(tree)
    return rule.lines


def apply_singly(source: str, tree: ast.Module, rule: Callable[..., Rule], count: int) -> Iterator[Repair]:
    """Yield what a rule makes of a file in each of its places; nothing if that is one."""
    for place in range(count) if count > 1 else ():
        one = rule([place])
        changed = write(one.visit(ast.parse(source)))
        yield Repair(*describe(one, place, tree), changed)


def describe(rule: Rule, place: int | None, tree: ast.Module) -> tuple[str, str]:
    """Return the name and the sentence of a mistake in one place, or in all of them."""
    name, says = rule.describe(place or 0)
    lines = sorted({rule.lines[place]} if place is not None else set(rule.lines))
    if isinstance(rule, OwnNames):
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.lineno in lines}
        says = says.format(it=min(used & rule.own))
    return name, f"{write_lines(lines)}{says}"


def write_lines(lines: Sequence[int]) -> str:
    """Return where something is, for the beginning of a sentence; nothing where it is in too many lines.

    Examples
    --------
    >>> write_lines([7]), write_lines([7, 9]), write_lines([1, 2, 3, 4])
    ('Line 7: ', 'Lines 7 and 9: ', '')
    """
    if len(lines) == 1:
        return f"Line {lines[0]}: "
    told = ", ".join(map(str, lines[:-1]))
    return f"Lines {told} and {lines[-1]}: " if len(lines) < 4 else ""


def write(tree: ast.AST) -> str:
    """Return a tree as a file, with the functions that rules call."""
    text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    return text + HELPERS if PREFIX in text else text


def write_powers(source: str) -> Iterator[Repair]:
    """Yield a file with two stars where ^ stands, which binds otherwise."""
    try:
        signs = [one for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.string in ("^", "^=")]
    except (tokenize.TokenError, SyntaxError):
        return
    if not signs:
        return
    lines = source.splitlines(keepends=True)
    for sign in reversed(signs):
        (row, start), (_, end) = sign.start, sign.end
        line = lines[row - 1]
        lines[row - 1] = line[:start] + sign.string.replace("^", "**") + line[end:]
    says = "In Python a power is written with two stars: x**2. The sign ^ works on the bits of whole numbers."
    yield Repair("^ written for a power", write_lines(sorted({one.start[0] for one in signs})) + says, "".join(lines))


def rename(source: str, tree: ast.Module, lacking: Mapping[str, Sequence[str]]) -> Iterator[Repair]:
    """Yield a file in which functions and classes of other names can be found under those that are asked for."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    methods = [(one, item) for one in classes for item in one.body if isinstance(item, ast.FunctionDef)]
    there: dict[str, tuple[int, str]] = {
        node.name: (node.lineno, node.name)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name != "Solution"
    }
    there |= {
        item.name: (item.lineno, f"{one.name}.{item.name}" if one.name == "Solution" else f"{one.name}().{item.name}")
        for one, item in methods
        if not item.name.startswith("__")
    }
    told, lines = [], []
    for names in lacking.values():
        near = find_nearest(names, list(there))
        if near is None:
            return
        line, path = there.pop(near)
        bound = f"{path}.__get__(Solution())" if path.startswith("Solution.") else path
        lines.append(f"{names[0]} = {bound}")
        found = (
            f"line {line} has it in the class {path.partition('(')[0]}"
            if near in names
            else f"{near} (line {line}) is it"
        )
        told.append(f"{names[0]} is asked for, and {found}")
    says = "; ".join(told)
    what = "rename the class: Solution" if "in the class" in says else f"rename {'them' if len(told) > 1 else 'it'}"
    yield Repair("another name than asked for", f"{says}: {what}.", f"{source}\n" + "\n".join(lines))


def find_nearest(names: Sequence[str], there: Sequence[str]) -> str | None:
    """Return which of a file's names is meant by one of those asked for; None where none is like them.

    Examples
    --------
    >>> find_nearest(["softmax"], ["soft_max", "helper"])
    'soft_max'
    >>> find_nearest(["softmax"], ["helper", "main"])
    """
    bare = {name: re.sub(r"[\W_]", "", name).lower() for name in (*names, *there)}

    def compare(one: str, other: str) -> float:
        contained = len(other) > 2 and (one in other or other in one)
        return max(0.9 * contained, difflib.SequenceMatcher(None, one, other).ratio())

    ratios = {other: max(compare(bare[name], bare[other]) for name in names) for other in there}
    best = max(ratios, key=lambda other: ratios[other], default=None)
    if best is not None and (ratios[best] >= CLOSE or len(there) == 1):
        return best
    return None


def find_own_names(tree: ast.Module) -> frozenset[str]:
    """Return the names that are read as variables, although they are only a class's own."""
    own, bound = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            own |= {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            own.add(node.attr)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add(node.asname or node.name)
    bound |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset((own & read) - bound)


def has_lists(tree: ast.Module) -> bool:
    """Tell whether a file makes lists."""
    makers = ("list", "tolist", "sorted", "append")
    return any(
        isinstance(node, ast.List | ast.ListComp)
        or (isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in makers)
        for node in ast.walk(tree)
    )


def untabify(source: str) -> Iterator[str]:
    """Yield a file with its tabs as spaces, in the widths that editors show them with."""
    if "\t" in source:
        for width in (4, 8, 2):
            yield source.expandtabs(width)
