"""What may stand in the place of a piece of code, by the kind of the piece."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from groundup.judge.explain.mutation_places import Place, write
from groundup.judge.explain.reworking import PREFIX, WORDS

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
}
OTHER_OPERATORS: dict[type[ast.AST], tuple[Any, ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult, ast.Pow),
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.FloorDiv: (ast.Mod, ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
FAMILIES = (
    ("mean", "sum", "median", "max", "std", "amax", "prod"),
    ("max", "min"),
    ("amax", "amin"),
    ("argmax", "argmin"),
    ("sin", "cos"),
    ("exp", "exp2", "log"),
    ("log", "log2", "log10", "exp"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("tril", "triu"),
    ("var", "std"),
    ("sqrt", "abs", "square"),
    ("maximum", "minimum"),
    ("randn", "rand"),
    ("floor", "ceil", "trunc", "round"),
    ("all", "any"),
    ("cumsum", "sum"),
    ("vstack", "hstack"),
    ("append", "insert"),
    ("keys", "values"),
    ("multinomial", "argmax"),
    ("repeat", "repeat_interleave"),
    ("ReLU", "GELU", "SiLU", "Tanh", "Sigmoid", "LeakyReLU", "ELU", "Identity"),
)
ACTIVATIONS = ("relu", "sigmoid", "tanh", "softmax", "log_softmax", "gelu", "silu", "leaky", "step")
SMALL = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-2, 0.1, 0.0)
SHARES = (0.0, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
RATES = (1.0, 0.1, 0.01, 0.001, 0.0001, 0.5, 0.9, 0.05, 0.0, 2.0)
RESULTS = (*ACTIVATIONS, "exp", "log", "sqrt", "square", "absolute", "negative", "one_minus", "reciprocal", "turned")
MORE_RESULTS = ("total", "average", "backwards", "in_order", "whole", "lowered", "stripped", "detached")
ROUNDINGS = ("round_2", "round_3", "round_4", "round_5", "round_1", "whole")


# How likely it is (0 the most), what is wrong in some words, and what takes the piece's place.
Found = tuple[int, str, Any]


def replace_piece(place: Place, names: list[str], scalars: Mapping[str, float]) -> Iterator[Found]:
    """Yield what may stand in the place of one piece.

    Parameters
    ----------
    place : Place
        The piece.
    names : list of str
        The function's arguments and variables.
    scalars : mapping
        Its arguments that are single numbers: name → value.
    """
    node = place.node
    if isinstance(node, ast.Assign | ast.Return | ast.AugAssign | ast.Expr):
        yield from _rename_everywhere(node)
    for kind, find in KINDS.items():
        if isinstance(node, kind):
            yield from find(node, place)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from _replace_name(node, place, names, scalars)


def _rename_everywhere(statement: ast.stmt) -> Iterator[Found]:
    """Yield a statement with another function of the same family wherever it calls one twice or more."""
    called = [_last_name(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call)]
    for name in dict.fromkeys(name for name in called if called.count(name) > 1):
        for family in FAMILIES:
            for other in family if name in family else ():
                if other != name:
                    renamed = _Renamer(name, other).visit(copy.deepcopy(statement))
                    yield 0, f"`{other}` where `{name}` belongs", renamed


class _Renamer(ast.NodeTransformer):
    """Calls another function wherever one is called."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Return the call of the other function."""
        self.generic_visit(node)
        if _last_name(node.func) == self.old:
            node.func = _rename(node.func, self.new)
        return node


def _with_sign(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.USub(), operand=node)


def _replace_product(node: ast.BinOp, _: Place) -> Iterator[Found]:
    sign, left, right = SIGNS.get(type(node.op), "?"), node.left, node.right
    yield 0, f"`{sign} {write(right)}` is missing", left
    if isinstance(node.op, ast.Add | ast.Mult | ast.MatMult):
        yield 0, f"`{write(left)} {sign}` is missing", right
    elif isinstance(node.op, ast.Sub):
        yield 1, f"`{write(left)}` is missing", _with_sign(right)
        yield 1, f"`{write(left)} -` is missing", right
    elif isinstance(node.op, ast.Div):
        yield 1, f"only `{write(right)}` is there, not `{write(left)}` divided by it", right
    for other in OTHER_OPERATORS.get(type(node.op), ()):
        new = ast.BinOp(left=left, op=other(), right=right)
        yield 0, f"`{SIGNS[other]}` where `{sign}` belongs", new
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow | ast.FloorDiv):
        yield 0, f"the two sides of `{sign}` exchanged", ast.BinOp(left=right, op=node.op, right=left)


def _replace_step(node: ast.AugAssign, _: Place) -> Iterator[Found]:
    sign = SIGNS.get(type(node.op), "?")
    yield 0, f"`=` where `{sign}=` belongs", ast.Assign(targets=[node.target], value=node.value)
    for other in OTHER_OPERATORS.get(type(node.op), ()):
        new = ast.AugAssign(target=node.target, op=other(), value=node.value)
        yield 0, f"`{SIGNS[other]}=` where `{sign}=` belongs", new
    yield 1, f"`{write(node)}` is missing", ast.Pass()


def _replace_comparison(node: ast.Compare, _: Place) -> Iterator[Found]:
    if len(node.ops) != 1:
        return
    for other in OTHER_OPERATORS.get(type(node.ops[0]), ()):
        new = ast.Compare(left=node.left, ops=[other()], comparators=node.comparators)
        yield 0, f"`{SIGNS[other]}` where `{SIGNS[type(node.ops[0])]}` belongs", new


def _replace_logic(node: ast.BoolOp, _: Place) -> Iterator[Found]:
    other = ast.Or if isinstance(node.op, ast.And) else ast.And
    yield 1, f"`{SIGNS[other]}` where `{SIGNS[type(node.op)]}` belongs", ast.BoolOp(op=other(), values=node.values)
    for left_out in node.values:
        rest = [value for value in node.values if value is not left_out]
        yield 1, f"`{write(left_out)}` is not asked", rest[0] if len(rest) == 1 else ast.BoolOp(op=node.op, values=rest)


def _replace_sign(node: ast.UnaryOp, _: Place) -> Iterator[Found]:
    if isinstance(node.op, ast.USub):
        yield 0, f"the minus sign in front of `{write(node.operand)}` is missing", node.operand
    elif isinstance(node.op, ast.Not):
        yield 0, f"`not` in front of `{write(node.operand)}` is missing", node.operand


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_library(node: ast.expr) -> bool:
    text = write(node)
    return text.partition(".")[0] in ("np", "torch", "math", "functional", "nn", "F", "random", "itertools")


def _replace_call(node: ast.Call, place: Place) -> Iterator[Found]:  # noqa: ARG001, C901 - a list of rules, one after the other; the rules' shared signature
    called = _last_name(node.func)
    if not called or called.startswith("_") or called in ("super", "range"):
        return
    is_method = isinstance(node.func, ast.Attribute) and not _is_library(node.func)
    inner = node.func.value if is_method and isinstance(node.func, ast.Attribute) else None
    if inner is not None and write(inner) == "self":
        inner = None  # a layer of the model, called
    kept = inner if inner is not None else node.args[0] if node.args else None
    if kept is not None and not isinstance(kept, ast.Starred) and called[:1].islower():
        yield 0, f"`{called}` is missing", kept
    for family in FAMILIES:
        if called in family:
            for other in family:
                if other != called:
                    new = ast.Call(func=_rename(node.func, other), args=node.args, keywords=node.keywords)
                    yield 0, f"`{other}` where `{called}` belongs", new
    activation = called if called in ACTIVATIONS else None
    if activation is not None and kept is not None:
        for other in ACTIVATIONS:
            if other != activation:
                yield 0, f"{WORDS[other][1]} where {WORDS[activation][1]} belongs", _rework(other, kept)
    if len(node.args) >= 2 and not any(isinstance(one, ast.Starred) for one in node.args):
        for first in range(len(node.args) - 1):
            swapped = list(node.args)
            swapped[first], swapped[first + 1] = swapped[first + 1], swapped[first]
            told = f"`{write(node.args[first])}` and `{write(node.args[first + 1])}` exchanged in `{called}`"
            yield 1, told, ast.Call(func=node.func, args=swapped, keywords=node.keywords)
    for keyword in node.keywords:
        rest = [one for one in node.keywords if one is not keyword]
        new = ast.Call(func=node.func, args=node.args, keywords=rest)
        yield 1, f"`{write_keyword(keyword)}` is missing in `{called}`", new
    if called in ("mean", "sum", "max", "softmax", "std", "var", "norm") and len(node.args) == (0 if is_method else 1):
        for axis in (0, 1, -1) if not node.keywords else ():
            key = "dim" if "torch" in write(node.func) else "axis"
            new = ast.Call(func=node.func, args=node.args, keywords=[ast.keyword(arg=key, value=ast.Constant(axis))])
            yield 1, f"`{called}` over dimension {axis} where it belongs over everything", new


def write_keyword(keyword: ast.keyword) -> str:
    """Return a keyword argument as text."""
    return f"{keyword.arg}={write(keyword.value)}"


def _rename(node: ast.expr, name: str) -> ast.expr:
    if isinstance(node, ast.Attribute):
        return ast.Attribute(value=node.value, attr=name, ctx=ast.Load())
    return ast.Name(id=name, ctx=ast.Load())


def _rework(name: str, node: ast.expr) -> ast.expr:
    return ast.Call(func=ast.Name(id=PREFIX + name, ctx=ast.Load()), args=[node], keywords=[])


def _replace_constant(node: ast.Constant, place: Place) -> Iterator[Found]:
    value = node.value
    if isinstance(value, bool):
        key = f"{place.holder.arg}=" if isinstance(place.holder, ast.keyword) else ""
        yield 0, f"`{key}{not value}` where `{key}{value}` belongs", ast.Constant(not value)
    elif isinstance(value, int):
        axis = isinstance(place.holder, ast.keyword) and place.holder.arg in ("dim", "axis")
        others = (0, 1, -1, -2, 2, None) if axis else (value + 1, value - 1, 2 * value, -value, 0, 1, 2, 10 * value)
        for other in dict.fromkeys(others):
            if other != value or type(other) is not type(value):
                thing = "dimension " if axis else ""
                told = f"{thing}`{other}` where {thing}`{value}` belongs"
                yield (0 if axis else 1), told, ast.Constant(other)
    elif isinstance(value, float):
        near = (*SMALL, 2 * value, value / 2, 10 * value) if value < 2e-3 else ()
        shares = (*SHARES, 1 - value, 2 * value, value / 2, -value, 10 * value, value / 10) if value >= 2e-3 else ()
        for other in dict.fromkeys((*near, *shares)):
            if other != value:
                yield 1, f"`{other:g}` where `{value:g}` belongs", ast.Constant(other)


def _replace_slice(node: ast.Slice, _: Place) -> Iterator[Found]:
    for field in ("lower", "upper", "step"):
        bound = getattr(node, field)
        if bound is not None:
            bare = ast.Slice(**{name: getattr(node, name) for name in ("lower", "upper", "step") if name != field})
            yield (
                0,
                f"the slice's {'start' if field == 'lower' else 'end' if field == 'upper' else 'step'} is missing",
                bare,
            )
            for more, words in ((1, "one too large"), (-1, "one too small")):
                moved = ast.BinOp(left=bound, op=ast.Add(), right=ast.Constant(more))
                parts = {name: getattr(node, name) for name in ("lower", "upper", "step")}
                yield 0, f"`{write(bound)}` is {words}", ast.Slice(**{**parts, field: moved})


def _replace_loop(node: ast.For, _: Place) -> Iterator[Found]:
    def loop(body: list[ast.stmt], iterator: ast.expr = node.iter) -> ast.For:
        return ast.For(target=node.target, iter=iterator, body=body, orelse=node.orelse, lineno=node.lineno)

    yield 0, "the loop ends after its first round", loop([*node.body, ast.Break()])
    listed = ast.Call(func=ast.Name(id="list", ctx=ast.Load()), args=[node.iter], keywords=[])
    for lower, upper, words in ((1, None, "begins one too late"), (None, -1, "ends one too early")):
        bounds = ast.Slice(
            lower=ast.Constant(lower) if lower else None,
            upper=ast.UnaryOp(ast.USub(), ast.Constant(1)) if upper else None,
        )
        part = ast.Subscript(value=listed, slice=bounds, ctx=ast.Load())
        yield 0, f"the loop over `{write(node.iter)}` {words}", loop(node.body, part)
    order = ast.Call(func=ast.Name(id="reversed", ctx=ast.Load()), args=[listed], keywords=[])
    yield 1, f"the loop over `{write(node.iter)}` runs in reverse order", loop(node.body, order)
    if write(node.iter).startswith("range("):
        assert isinstance(node.iter, ast.Call)
        last = node.iter.args[-1] if len(node.iter.args) < 3 else node.iter.args[1]
        more = ast.BinOp(left=last, op=ast.Add(), right=ast.Constant(1))
        arguments = [more if one is last else one for one in node.iter.args]
        longer = ast.Call(func=node.iter.func, args=arguments, keywords=[])
        yield 0, "one round too many", loop(node.body, longer)


def _replace_branch(node: ast.If, _: Place) -> Iterator[Found]:
    for test, words in ((True, "always"), (False, "never")):
        new = ast.If(test=ast.Constant(test), body=node.body, orelse=node.orelse)
        yield 0, f"`if {write(node.test)}` is {words} so", new


def _replace_choice(node: ast.IfExp, _: Place) -> Iterator[Found]:
    yield 0, f"always `{write(node.body)}`, never `{write(node.orelse)}`", node.body
    yield 0, f"always `{write(node.orelse)}`, never `{write(node.body)}`", node.orelse


def _replace_condition(node: ast.comprehension, _: Place) -> Iterator[Found]:
    if node.ifs:
        bare = ast.comprehension(target=node.target, iter=node.iter, ifs=[], is_async=0)
        yield 1, f"`if {write(node.ifs[0])}` is missing", bare


def _replace_attribute(node: ast.Attribute, _: Place) -> Iterator[Found]:
    if node.attr in ("T", "mT") and isinstance(node.ctx, ast.Load):
        yield 0, f"`{write(node.value)}` is not transposed", node.value


def _replace_statement(node: ast.Assign | ast.Expr, place: Place) -> Iterator[Found]:
    if not (isinstance(node, ast.Expr) and (isinstance(node.value, ast.Constant) or write(node).startswith("super()"))):
        yield 1, f"`{write(node)}` is missing", ast.Pass()
    if isinstance(node, ast.Assign):
        for name in ROUNDINGS:
            new = ast.Assign(targets=node.targets, value=_rework(name, node.value))
            where = "inside the loop" if place.in_loop else f"`{write(node.targets[0])}` on the way"
            words = WORDS[name][1]
            yield (0 if place.in_loop else 1), f"{words} {where}" if place.in_loop else f"{words} of {where}", new
        for name in ("relu", "absolute", "negative", "sigmoid", "detached", "lowered", "stripped"):
            new = ast.Assign(targets=node.targets, value=_rework(name, node.value))
            yield 2, f"`{write(node.targets[0])}` goes through {WORDS[name][1]}", new


def _replace_return(node: ast.Return, _: Place) -> Iterator[Found]:
    if node.value is None:
        return
    for name in (*RESULTS, *MORE_RESULTS):
        yield 1, f"the result goes through {WORDS[name][1]} in the end", ast.Return(value=_rework(name, node.value))
    if isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
        swapped = ast.Tuple(elts=node.value.elts[::-1], ctx=ast.Load())
        yield 0, "the two results exchanged", ast.Return(value=swapped)
    if isinstance(node.value, ast.Tuple):
        for element in node.value.elts:
            yield 1, f"only `{write(element)}` is returned", ast.Return(value=element)


def _replace_name(node: ast.Name, place: Place, names: list[str], scalars: Mapping[str, float]) -> Iterator[Found]:
    if node.id not in names or (isinstance(place.holder, ast.Call) and place.field == "func"):
        return
    if isinstance(scalars.get(node.id), int):
        for more, words in ((1, "one too large"), (-1, "one too small")):
            yield 0, f"`{node.id}` is {words}", ast.BinOp(left=node, op=ast.Add(), right=ast.Constant(more))
    elif node.id in scalars:
        for other in dict.fromkeys((*RATES, *SMALL)):
            yield 2, f"`{other:g}` where `{node.id}` belongs", ast.Constant(other)
    for other_name in names:
        if other_name != node.id:
            told = f"`{other_name}` where `{node.id}` belongs"
            yield 2, told, ast.Name(id=other_name, ctx=ast.Load())
    yield 2, f"`{node.id}` squared", ast.BinOp(left=node, op=ast.Pow(), right=ast.Constant(2))
    yield 2, f"the square root of `{node.id}`", ast.BinOp(left=node, op=ast.Pow(), right=ast.Constant(0.5))
    yield 2, f"`{node.id}` negated", _with_sign(node)


KINDS: dict[Any, Callable[[Any, Place], Iterator[Found]]] = {
    ast.BinOp: _replace_product,
    ast.AugAssign: _replace_step,
    ast.Compare: _replace_comparison,
    ast.BoolOp: _replace_logic,
    ast.UnaryOp: _replace_sign,
    ast.Call: _replace_call,
    ast.Constant: _replace_constant,
    ast.Slice: _replace_slice,
    ast.For: _replace_loop,
    ast.If: _replace_branch,
    ast.IfExp: _replace_choice,
    ast.comprehension: _replace_condition,
    ast.Attribute: _replace_attribute,
    ast.Assign | ast.Expr: _replace_statement,
    ast.Return: _replace_return,
}
