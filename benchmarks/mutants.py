"""Wrong answers made by the hundred: right ones with one operator, constant, axis, name or line changed.

Run ``python benchmarks/mutants.py [--count 800] [--exercise NAME] [--shard N/ALL] [--json]``. A shard judges one of so
many equal parts; the parts may run at the same time, and their figures add up. Every changed answer is judged. One that
is accepted is judged again on five times as many random cases: where it is rejected then, it slipped through; where it
is accepted again, the change does not change the function, and it does not count. Of the rejected ones it is counted
how many were told something more helpful than the failing case, with the time that a learner's verdict has for it.
"""

import argparse
import ast
import copy
import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from groundup.exercises.registry import load_exercise
from groundup.judge.isolation.fork_server import ForkServer, Limits
from groundup.judge.judging import CheckOptions, judge

ANSWERS = Path(__file__).parents[1] / "tests" / "exercises" / "answers"
EFFORT = CheckOptions(seed=3, shrink_seconds=0.1, limits=Limits(seconds=2.0, total_seconds=10.0))
# Five times as many cases take longer, and that is nothing against the answer.
THOROUGH = dataclasses.replace(EFFORT, seed=4, limits=Limits(seconds=20.0, total_seconds=100.0, patience=50.0))
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mod,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    "mean": "sum",
    "sum": "mean",
    "max": "min",
    "min": "max",
    "sin": "cos",
    "cos": "sin",
    "exp": "log",
    "log": "exp",
    "zeros": "ones",
    "ones": "zeros",
    "argmax": "argmin",
    "tril": "triu",
    "triu": "tril",
    "var": "std",
    "sqrt": "abs",
    "maximum": "minimum",
}


def mutate(source: str) -> Iterator[tuple[str, str]]:
    """Yield what was changed, in words, and the changed source."""
    tree = ast.parse(source)
    places = [node for node in ast.walk(tree) if not isinstance(node, ast.Load | ast.Store)]
    for place, node in enumerate(places):
        for words, change in find_changes(node):
            copied = copy.deepcopy(tree)
            twin = [other for other in ast.walk(copied) if not isinstance(other, ast.Load | ast.Store)][place]
            change(twin)
            line = getattr(node, "lineno", 0)
            yield f"line {line}: {words}", ast.unparse(ast.fix_missing_locations(copied))


def find_changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """Yield changes that one node allows: words, and a function that makes them in a copy of it."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in OPERATORS:
        new = OPERATORS[type(node.op)]
        yield f"{type(node.op).__name__} → {new.__name__}", lambda twin: setattr(twin, "op", new())
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Sub | ast.Div):

        def exchange(twin: ast.BinOp) -> None:
            twin.left, twin.right = twin.right, twin.left

        yield "operands exchanged", exchange
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OPERATORS:
        other = OPERATORS[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} → {other.__name__}", lambda twin: setattr(twin, "ops", [other()])
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for new_value in dict.fromkeys((node.value + 1, node.value - 1, 2 * node.value, -node.value)):
            if new_value != node.value:
                yield f"{node.value} → {new_value}", lambda twin, v=new_value: setattr(twin, "value", v)
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield f"{node.attr} → {NAMES[node.attr]}", lambda twin: setattr(twin, "attr", NAMES[twin.attr])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "minus lost", lambda twin: setattr(twin, "op", ast.UAdd())
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        yield "arguments exchanged", lambda twin: setattr(twin, "args", [twin.args[1], twin.args[0], *twin.args[2:]])
    if isinstance(node, ast.FunctionDef | ast.For | ast.If | ast.While):
        body = node.body
        for i, statement in enumerate(body):
            if not isinstance(statement, ast.Return | ast.FunctionDef | ast.Import | ast.ImportFrom) and len(body) > 1:
                yield "line left out", lambda twin, i=i: twin.body.pop(i)
            if i + 1 < len(body) and not isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef):
                yield "two lines exchanged", lambda twin, i=i: twin.body.insert(i, twin.body.pop(i + 1))


def collect(count: int, only: str | None, seed: int = 0) -> list[tuple[str, str, str, str]]:
    """Return exercise, answer, words and source of ``count`` changed answers, evenly over all answers."""
    chooser = random.Random(seed)
    pools = []
    for path in sorted(ANSWERS.glob(f"{(only or '*').replace('-', '_')}/*.py")):
        original = ast.unparse(ast.parse(path.read_text()))
        found = [(path.parent.name, path.stem, *item) for item in mutate(path.read_text()) if item[1] != original]
        chooser.shuffle(found)
        pools.append(found)
    chosen = []
    while any(pools) and len(chosen) < count:
        chosen += [pool.pop() for pool in pools if pool]
    return chosen[:count]


def judge_all(mutants: list[tuple[str, str, str, str]]) -> dict:
    """Judge every one; return the figures."""
    counts: Counter[str] = Counter()
    slipped, bare = [], []
    with ForkServer(["numpy", "torch"]) as fork_server:
        for name, answer, words, source in mutants:
            exercise = load_exercise(name)
            verdict = judge(exercise, source, fork_server, EFFORT)
            if verdict.accepted:
                more = [dataclasses.replace(check, examples=5 * check.examples) for check in exercise.checks]
                thorough = dataclasses.replace(exercise, checks=more)
                if judge(thorough, source, fork_server, THOROUGH).accepted:
                    counts["unchanged"] += 1
                else:
                    slipped.append(f"{name}/{answer}, {words}")
                continue
            counts["rejected"] += 1
            helpful = bool(verdict.findings) or verdict.failing is None
            counts["named"] += bool(verdict.mistakes)
            counts["helpful"] += helpful
            if not helpful:
                bare.append(f"{name}/{answer}, {words}")
    return {"judged": len(mutants), **counts, "slipped": slipped, "only the failing case": bare}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--exercise", help="of one exercise only")
    parser.add_argument("--shard", default="0/1", help="for example 3/8: the fourth of 8 equal parts")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    number, _, parts = options.shard.partition("/")
    found = judge_all(collect(options.count, options.exercise)[int(number) :: int(parts)])
    print(json.dumps(found, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
