"""What the lesson's views show: the graph of an expression that is typed, and gradients that are not cleared."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from groundup.base.errors import UserError
from groundup.formulas.expression import FUNCTIONS, parse_expression
from groundup.lessons.origins import Factor, Term, trace_sum
from groundup.lessons.pages.backpropagation.tracing import name_part, trace_local, trace_value, write
from groundup.lessons.views import Slider, Switch, TextBox, View
from groundup.steps.c3_networks.autograd import Value, sort_graph

MOST_BOXES = 16
MOST_LEVELS = 10
CLEAR_START = 7
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷", ast.Pow: "^"}
OPERATIONS: dict[str, Callable[..., Tensor]] = {
    **FUNCTIONS,
    "+": operator.add,
    "−": lambda *numbers: operator.sub(*numbers) if len(numbers) == 2 else operator.neg(*numbers),
    "×": operator.mul,
    "÷": operator.truediv,
    "^": operator.pow,
}
# Those that the course's own engine has.
OWN: dict[str, Callable[..., Value]] = {
    "+": operator.add,
    "×": operator.mul,
    "tanh": Value.tanh,
    "relu": Value.relu,
    "exp": Value.exp,
}


@dataclass(frozen=True)
class Box:
    """One operation, variable or number of a computation graph.

    Attributes
    ----------
    label : str
        What is written on it.
    inputs : tuple of int
        The boxes that it uses, one per argument; the same box may occur twice.
    node : Value
        Its value in the course's own engine, with what it was computed from and the gradient that comes back.
    local : tuple of float
        Its derivative with respect to each argument that is a box.
    level : int
        One more than its inputs'; 0 without any.
    name : str
        The part of the expression that it computes.
    sign : str
        Its operation; empty for a variable.
    parts : tuple of Factor
        Its arguments, also those that are no boxes.
    """

    label: str
    inputs: tuple[int, ...]
    node: Value
    local: tuple[float, ...]
    level: int
    name: str
    sign: str = ""
    parts: tuple[Factor, ...] = ()


def apply(label: str, arguments: list[Value]) -> Value:
    """Return an operation's result, with its derivative with respect to each argument; 0 where it has none.

    An operation that the engine lacks gets its value and its derivatives from PyTorch.
    """
    if label in OWN:
        with suppress(OverflowError):  # PyTorch gives infinity, which is refused
            return OWN[label](*arguments)
    leaves = [torch.tensor(argument.data, dtype=torch.float64, requires_grad=True) for argument in arguments]
    result = OPERATIONS[label](*leaves)
    slopes = torch.autograd.grad(result, leaves, allow_unused=True)
    return Value(result.item(), tuple(arguments), tuple(0.0 if slope is None else slope.item() for slope in slopes))


def build_graph(text: str, values: dict[str, float]) -> list[Box]:
    """Return an expression as boxes, each after those that it uses; every variable is one box.

    Raises
    ------
    UserError
        It is no expression in x and y, has no finite value here, or is too long to draw.
    """
    expression = parse_expression(text)
    if strange := set(expression.variables) - values.keys():
        raise UserError(f'"{min(strange)}" is no variable here: use x and y.')
    boxes: list[Box] = []
    known: dict[str, int] = {}

    def put(
        label: str,
        inputs: tuple[int, ...],
        node: Value,
        local: tuple[float, ...],
        name: str,
        sign: str = "",
        parts: tuple[Factor, ...] = (),
    ) -> int:
        if not np.isfinite([node.data, *local]).all():
            raise UserError(f"{label} has no finite value or no derivative here. Change x or y, or the expression.")
        level = 1 + max((boxes[place].level for place in inputs), default=-1)
        boxes.append(Box(label, inputs, node, local, level, name, sign, parts))
        if len(boxes) > MOST_BOXES or boxes[-1].level > MOST_LEVELS:
            raise UserError("The expression is too long to draw. Try a shorter one.")
        return len(boxes) - 1

    def operate(whole: ast.expr, sign: str, *arguments: ast.expr) -> int:
        # A fixed number has no box of its own: it is written on the box that uses it.
        fixed = [argument.value if isinstance(argument, ast.Constant) else None for argument in arguments]
        inputs = [visit(argument) if value is None else None for argument, value in zip(arguments, fixed, strict=True)]
        nodes = [
            boxes[place].node if place is not None else Value(float(value))  # type: ignore[arg-type]
            for place, value in zip(inputs, fixed, strict=True)
        ]
        node = apply(sign, nodes)
        words = [write(one.data) if place is None else "" for place, one in zip(inputs, nodes, strict=True)]
        label = f"{words[0]}{sign}{words[1]}" if len(words) == 2 else sign
        kept = [(place, slope) for place, slope in zip(inputs, node.slopes, strict=True) if place is not None]
        parts = tuple(
            Factor(name_part(argument), one.data, "" if place is None else f"v{place}")
            for argument, one, place in zip(arguments, nodes, inputs, strict=True)
        )
        local = tuple(slope for _, slope in kept)
        return put(label, tuple(place for place, _ in kept), node, local, name_part(whole), sign, parts)

    def visit(node: ast.expr) -> int:
        match node:
            case ast.Name(id=name):
                if name not in known:
                    known[name] = put(name, (), Value(values[name]), (), name)
                return known[name]
            case ast.BinOp(left=left, op=sign, right=right):
                return operate(node, _SIGNS[type(sign)], left, right)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return operate(node, "−", operand)
            case ast.UnaryOp(operand=operand):
                return visit(operand)
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                return operate(node, name, argument)
        raise UserError(f'"{text}" cannot be drawn.')

    visit(expression.tree)
    return boxes


def flow_back(result: Value, add: bool) -> dict[Value, list[tuple[Value, float]]]:
    """Send the gradient back from a result; where several arrive they are added, or the last one stays.

    Returns
    -------
    dict
        Value → what uses it, each with the local derivative, in the order in which their gradients arrive.
    """
    result.backward()
    users: dict[Value, list[tuple[Value, float]]] = {value: [] for value in sort_graph(result)}
    for value in reversed(users):
        if not add and users[value]:
            user, slope = users[value][-1]
            value.grad = slope * user.grad
        for one, slope in zip(value.inputs, value.slopes, strict=True):
            users[one].append((value, slope))
    return users


def compute_graph(expression: str, x: float, y: float, add: bool, stage: int) -> dict[str, Any]:  # noqa: ARG001 - only the page needs it
    """Return an expression as a graph, with the value and the gradient of every box.

    Returns
    -------
    dict
        ``boxes``: label, value, gradient, level, row (0 to 1, where it stands in its level) and ``arriving``;
        ``wires``: from box, to box, argument, the local derivative and the gradient that it brings back; ``levels``;
        ``origins``: where values (v and the box's number), gradients (g) and what wires bring back (w) come from;
        ``says``.
    """
    boxes = build_graph(expression, {"x": x, "y": y})
    users = flow_back(boxes[-1].node, add)
    levels = boxes[-1].level
    wires = [
        {"from": place, "to": number, "argument": argument, "local": slope, "back": box.node.grad * slope}
        for number, box in enumerate(boxes)
        for argument, (place, slope) in enumerate(zip(box.inputs, box.local, strict=True))
    ]
    found = [f"along {box.label} it is {box.node.grad:.4g}" for box in boxes if box.label in ("x", "y")]
    return {
        "boxes": [
            {
                "label": box.label,
                "value": box.node.data,
                "gradient": box.node.grad,
                "arriving": [slope * user.grad for user, slope in users[box.node]] or [1.0],
                "level": box.level,
            }
            for box in boxes
        ],
        "wires": wires,
        "levels": levels,
        "origins": trace_graph(boxes, wires, list(users), add),
        "says": f"The result is {boxes[-1].node.data:.4g}. The gradient: {', '.join(found)}.".replace("-", "−"),
    }


def trace_graph(
    boxes: list[Box], wires: list[dict[str, Any]], order: list[Value], add: bool
) -> dict[str, dict[str, Any]]:
    """Return where the numbers of a graph come from.

    Parameters
    ----------
    boxes, wires
        As in `build_graph` and the frame of `compute_graph`.
    order : list of Value
        The values in topological order: gradients come from the last ones first.
    add : bool
        Whether gradients that arrive are added; else the last one stays.
    """
    result = trace_sum(f"gradient along {boxes[-1].name}, the result itself", 1.0, [Factor("by definition", 1.0)])
    origins = {f"g{len(boxes) - 1}": result}
    arriving: dict[int, list[tuple[int, int, Term]]] = {}
    for number, box in enumerate(boxes):
        if box.parts:
            origins[f"v{number}"] = trace_value(box.sign, box.name, box.node.data, box.parts)
    for wire in wires:
        start, end, argument = (int(wire[name]) for name in ("from", "to", "argument"))
        box, key = boxes[end], f"{start}-{end}-{argument}"
        place = [place for place, part in enumerate(box.parts) if part.key][argument]
        local = trace_local(box.sign, Factor(box.name, box.node.data, f"v{end}"), box.parts, place)
        name, value = f"derivative of {box.name} along {box.parts[place].label}", float(wire["local"])
        factor = Factor("local derivative", value, f"l{key}" if local else "")
        if box.sign == "×":  # it stands in the picture: the other argument's value
            factor = box.parts[1 - place]._replace(label=f"local derivative {box.parts[1 - place].label}")
        elif local:
            origins[f"l{key}"] = trace_sum(name, value, *local)
        term = [Factor(f"gradient along {box.name}", box.node.grad, f"g{end}"), factor]
        origins[f"w{key}"] = trace_sum(f"what {box.name} sends back", float(wire["back"]), term)
        arriving.setdefault(start, []).append((-order.index(box.node), argument, term))
    for number, found in arriving.items():
        terms = [term for *_, term in sorted(found, key=operator.itemgetter(0, 1))]
        name = f"gradient along {boxes[number].name}"
        origins[f"g{number}"] = trace_sum(name, boxes[number].node.grad, *(terms if add else terms[-1:]))
    return origins


def compute_clear(clear: bool, rate: float, steps: int) -> dict[str, Any]:
    """Return gradient descent of w on (2w − 6)², with the engine; its gradients are cleared before each step, or not.

    Returns
    -------
    dict
        ``path``: w before each step and after the last; ``added``: what each ``backward`` adds to the gradient, and
        ``followed``: the gradient that the step then follows; ``heights``: of the path; ``curve``: rows (w, height);
        ``origins`` of the last gradient (g); ``says``.
    """
    w = Value(float(CLEAR_START))
    path, added, followed = [w.data], [], []
    for _ in range(steps):
        before = 0.0 if clear else w.grad
        w.grad = before
        result = _measure(w)
        result.backward()
        added.append(w.grad - before)
        followed.append(w.grad)
        w = Value(w.data - rate * w.grad)
        w.grad = followed[-1]
        path.append(w.data)
    ends = np.linspace(-2.0, 8.0, 81)
    says = f"After {steps} step{'s' * (steps != 1)} w is {path[-1]:.4g}. The lowest point is at 3."
    terms = [[Factor(f"from step {number}", value)] for number, value in enumerate(added, 1)]
    origins = {"g": trace_sum("gradient", followed[-1], *(terms[-1:] if clear else terms))} if steps else {}
    return {
        "path": path,
        "added": added,
        "followed": followed,
        "heights": [_measure(Value(place)).data for place in path],
        "curve": [[end, _measure(Value(float(end))).data] for end in ends],
        "origins": origins,
        "says": says.replace("-", "−"),
    }


def _measure(w: Value) -> Value:
    error = w * 2.0 + -6.0
    return error * error


VIEWS = {
    "graph": View(
        "A computation graph: values flow forward, gradients flow back",
        compute_graph,
        (
            TextBox("expression", "expression", "x*y + y", most=80),
            Slider("x", "x", 3.0, low=-5.0, high=5.0, step=0.1),
            Slider("y", "y", 2.0, low=-5.0, high=5.0, step=0.1),
            Switch("add", "add what arrives", True),
            Slider("stage", "stage", 20, low=0, high=2 * MOST_LEVELS + 1, step=1, plays=True, hidden=True),
        ),
    ),
    "clear": View(
        "Gradient descent that clears its gradients, or forgets to",
        compute_clear,
        (
            Switch("clear", "clear the gradient before each step", True),
            Slider("rate", "learning rate α", 0.03, low=0.01, high=0.2, step=0.01),
            Slider("steps", "steps", 20, low=0, high=40, step=1, plays=True),
        ),
    ),
}
