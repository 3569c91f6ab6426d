"""Rules for what comes back: nothing returned, or returned within the loop."""

from __future__ import annotations

import ast

from groundup.judge.explain.repair_rules.rule import LOOPS, Rule, name_call


class Returned(Rule):
    """Returns what a function computes last, or prints."""

    name = "nothing returned"
    mixed, breaks = False, True
    says = (
        "The function ends without a return, so its caller gets None. print only shows a value: return hands it back."
    )
    variants = 4

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Let a function return something wherever it ends."""
        self.generic_visit(node)
        ends = list(list_ends(node.body))
        if node.name.startswith("__") or not ends or any(isinstance(one, ast.Yield) for one in ast.walk(node)):
            return node
        values = [find_value(body[-1]) if self.variant == 0 else choose_local(node, self.variant) for body in ends]
        if not self.takes(ends[-1][-1]):
            return node
        for body, value in zip(ends, values, strict=True):
            if value is None:
                continue
            if isinstance(body[-1], ast.Return) or (isinstance(body[-1], ast.Expr) and not acts(body[-1], value)):
                body.pop()
            body.append(ast.Return(value=value))
        return node


def acts(statement: ast.Expr, returned: ast.expr) -> bool:
    """Tell whether a statement may do more than show a value, and is not what is returned: it must stay then."""
    value = statement.value
    return isinstance(value, ast.Call) and value is not returned and name_call(value) != "print"


def list_ends(body: list[ast.stmt]) -> list[list[ast.stmt]]:
    """Return the blocks with which a function may end without a return of a value."""
    last = body[-1]
    if isinstance(last, ast.Return):
        printing = isinstance(last.value, ast.Call) and name_call(last.value) == "print"
        return [body] if last.value is None or printing else []
    if isinstance(last, ast.If):
        return [*list_ends(last.body), *(list_ends(last.orelse) if last.orelse else [])]
    if isinstance(last, ast.With):
        return list_ends(last.body)
    return [] if isinstance(last, ast.Raise | ast.Try) else [body]


def find_value(statement: ast.stmt) -> ast.expr | None:
    """Return the value of a function's last statement: what is printed, computed or assigned; None if it has none."""
    value: ast.expr | None = None
    if isinstance(statement, ast.Expr | ast.Return):
        value = statement.value
        if isinstance(value, ast.Constant):
            return None
        if isinstance(value, ast.Call) and name_call(value) == "print":
            arguments = value.args
            return arguments[0] if len(arguments) == 1 else ast.Tuple(elts=arguments, ctx=ast.Load())
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        value = load(statement.targets[0])
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign):
        value = load(statement.target)
    return value


def load(target: ast.expr) -> ast.expr | None:
    """Return a variable, or several, as a value; None where it is a place in something else."""
    if isinstance(target, ast.Name):
        return ast.Name(id=target.id, ctx=ast.Load())
    if isinstance(target, ast.Tuple) and all(isinstance(one, ast.Name) for one in target.elts):
        return ast.Tuple(
            elts=[ast.Name(id=getattr(one, "id", ""), ctx=ast.Load()) for one in target.elts], ctx=ast.Load()
        )
    return None


def choose_local(function: ast.FunctionDef, place: int) -> ast.expr | None:
    """Return one of a function's variables: 1 is the first that it sets, which often collects the result."""
    names = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    different = list(dict.fromkeys(names))
    return ast.Name(id=different[place - 1], ctx=ast.Load()) if place <= len(different) else None


class LaterReturn(Rule):
    """Returns after the loop where a return stands inside it."""

    name = "returned inside the loop"
    says = "The return inside the loop ends it in its first round. Indent it less, so that it comes after the loop."
    variants = 6

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Move the end of a block, with its return, behind a loop around it."""
        for loop in [one for one in ast.walk(node) if isinstance(one, LOOPS)]:
            for block in list_blocks(loop):
                count, outwards = 1 + self.variant // 2, self.variant % 2
                moved = block[-count:]
                if len(moved) < count or not any(isinstance(one, ast.Return) for one in ast.walk(moved[-1])):
                    continue
                behind = find_outer(node, loop) if outwards else loop
                if behind is not None and self.takes(moved[-1]):
                    del block[-count:]
                    if not block:
                        block.append(ast.Pass())
                    around = next(one for one in list_all_blocks(node) if behind in one)
                    place = around.index(behind) + 1
                    around[place:place] = moved
        return node


def list_blocks(loop: ast.For | ast.While) -> list[list[ast.stmt]]:
    """Return a loop's body and the blocks of the if statements at its end."""
    blocks = [loop.body]
    last = loop.body[-1]
    while isinstance(last, ast.If):
        blocks.append(last.body)
        last = last.body[-1]
    return blocks


def list_all_blocks(function: ast.FunctionDef) -> list[list[ast.stmt]]:
    """Return every list of statements of a function."""
    fields = (getattr(node, name, None) for node in ast.walk(function) for name in ("body", "orelse", "finalbody"))
    return [field for field in fields if isinstance(field, list)]


def find_outer(function: ast.FunctionDef, loop: ast.stmt) -> ast.stmt | None:
    """Return the loop directly around a loop; None where there is none."""
    around = [one for one in ast.walk(function) if isinstance(one, LOOPS) and one is not loop]
    inner = [one for one in around if any(node is loop for node in ast.walk(one))]
    return min(inner, key=lambda one: sum(1 for _ in ast.walk(one)), default=None)
