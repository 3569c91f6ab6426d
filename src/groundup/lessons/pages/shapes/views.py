"""What the lesson's views show: tensors moved and broadcast, a matrix product, and a model run line by line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.shapes.typed import LONGEST, TENSORS, TensorError, compute_typed
from groundup.lessons.source import drop_annotations, drop_docstrings, drop_refusals
from groundup.lessons.views import Choice, Slider, TextBox, View
from groundup.steps.c3_networks.activation import relu
from groundup.steps.c3_networks.loss import mean_squared_error
from groundup.steps.c4_training import tensors
from groundup.steps.c4_training.network import Network

# What each operation is called, how it is computed, and what it does.
OPERATIONS: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], str]] = {
    "reshape(-1, 2)": (
        lambda x, _: tensors.reshape_to_pairs(x) if x.ndim == 2 else x.reshape(-1, 2),
        "The numbers are read row by row and laid out again in rows of 2. Their order stays.",
    ),
    "transpose": (lambda x, _: x.transpose(-2, -1), "The last two dimensions are exchanged: rows become columns."),
    "mean(dim=0)": (
        lambda x, _: tensors.average_columns(x) if x.ndim == 2 else x.mean(dim=0),
        "Dimension 0 disappears: everything along it is averaged.",
    ),
    "mean(dim=1)": (lambda x, _: x.mean(dim=1), "Dimension 1 disappears: everything along it is averaged."),
    "sum(dim=-1)": (lambda x, _: x.sum(dim=-1), "The last dimension disappears: every row is added up."),
    "cat(dim=1)": (
        lambda x, y: tensors.join_columns(x, y) if x.ndim == 2 else torch.cat([x, y], dim=1),
        "Dimension 1 becomes longer; no dimension is added.",
    ),
    "stack": (lambda x, y: torch.stack([x, y]), "A new dimension 0 of length 2 holds both tensors."),
    "unsqueeze(1)": (lambda x, _: x.unsqueeze(1), "A new dimension 1 of length 1. No number changes."),
    "squeeze": (lambda x, _: x.squeeze(), "Every dimension of length 1 is removed. No number changes."),
}
TWO = ("cat(dim=1)", "stack")
SHAPES = {"(3,)": (3,), "(3, 1)": (3, 1), "(1, 3)": (1, 3)}
RIGHT = torch.tensor([[1, 0, 2, -1], [0, 1, 1, 2], [2, -1, 0, 1], [1, 1, -1, 0]])


def write_shape(shape: tuple[int, ...] | torch.Size) -> str:
    """Return a shape as Python writes it."""
    return str(tuple(shape))


def place_cells(x: Tensor) -> list[list[int]]:
    """Return (block, row, column) of every number in reading order; leading dimensions become blocks."""
    shape = (1,) * (2 - x.ndim) + tuple(x.shape)
    rows = [range(length) for length in shape]
    places = []
    for place in product(*rows):
        block = 0
        for length, index in zip(shape[:-2], place[:-2], strict=True):
            block = block * length + index
        places.append([block, *place[-2:]])
    return places


def find_sources(operation: str, x: Tensor, y: Tensor) -> list[list[int]]:
    """Return for every number of the result, in reading order, which numbers it is made of."""
    names = torch.arange(x.numel() + y.numel())
    first, second = names[: x.numel()].reshape(x.shape), names[x.numel() :].reshape(y.shape)
    if operation.startswith(("mean", "sum")):
        dim = {"mean(dim=0)": 0, "mean(dim=1)": 1, "sum(dim=-1)": -1}[operation]
        found: list[list[int]] = first.movedim(dim, -1).reshape(-1, x.shape[dim]).tolist()
        return found
    return [[name] for name in OPERATIONS[operation][0](first, second).flatten().tolist()]


def compute_move(blocks: int, rows: int, columns: int, operation: str) -> dict[str, Any]:
    """Return a tensor before and after an operation, number by number.

    Returns
    -------
    dict
        ``before``: one or two tensors, each ``shape`` (as text) and ``cells``: block, row, column, value; ``after``:
        the same, with ``sources``: for each cell the numbers (counted through ``before``) that it is made of;
        ``line``: the line of code; ``says``.
    """
    shape = (rows, columns) if blocks == 1 else (blocks, rows, columns)
    count = blocks * rows * columns
    x = torch.arange(1, count + 1).reshape(shape)
    y = x + count if operation in TWO else torch.zeros(0, dtype=torch.long)
    function, words = OPERATIONS[operation]
    line = {"cat(dim=1)": "torch.cat([x, y], dim=1)", "stack": "torch.stack([x, y])"}.get(operation, f"x.{operation}")
    line = {"x.transpose": "x.transpose(-2, -1)", "x.squeeze": "x.squeeze()"}.get(line, line)
    before = [{"shape": write_shape(x.shape), "cells": _list_cells(x)}]
    if operation in TWO:
        before.append({"shape": write_shape(y.shape), "cells": _list_cells(y)})
    if operation == "reshape(-1, 2)" and count % 2:
        says = f"{count} numbers cannot be laid out in rows of 2: PyTorch raises an error."
        return {"before": before, "after": None, "line": line, "says": says}
    result = function(x.double(), y.double())
    after = {"shape": write_shape(result.shape), "cells": _list_cells(result), "sources": find_sources(operation, x, y)}
    says = f"{write_shape(x.shape)} becomes {write_shape(result.shape)}. {words}"
    return {"before": before, "after": after, "line": line, "says": says}


def _list_cells(x: Tensor) -> list[list[float]]:
    return [[*place, value] for place, value in zip(place_cells(x), x.flatten().tolist(), strict=True)]


def compute_broadcast(prediction: str, truth: str) -> dict[str, Any]:
    """Return the difference of predictions and truths of two shapes, as PyTorch computes it.

    Returns
    -------
    dict
        ``left``, ``right``: each ``shape``, ``rows`` (stretched to the result, as a table) and ``copied``: which cells
        are copies; ``difference``: ``shape`` and ``rows``; ``loss``: the mean of its squares; ``meant``: the mean
        squared error of the pairs; ``origins``: where errors and loss come from; ``says``.
    """
    left = torch.tensor([1.0, 2.0, 4.0]).reshape(SHAPES[prediction])
    right = torch.tensor([1.0, 2.0, 3.0]).reshape(SHAPES[truth])
    difference = left - right
    loss, meant = difference.square().mean(), mean_squared_error(left.flatten(), right.flatten())
    fits = "That is the error of the three pairs." if torch.isclose(loss, meant) else f"It should be {meant:.4f}."
    told = f"{prediction} minus {truth} has the shape {write_shape(difference.shape)}."
    origins: dict[str, Any] = {}
    squares = []
    spread = [_table(torch.broadcast_to(x, difference.shape)).tolist() for x in (left, right)]
    for row, numbers in enumerate(_table(difference).tolist()):
        for column, error in enumerate(numbers):
            at = f"{row}_{column}"
            terms = [
                [Factor("prediction", spread[0][row][column], f"left{at}")],
                [Factor("−truth", -spread[1][row][column], f"right{at}")],
            ]
            origins[f"error{at}"] = trace_sum(f"error in row {row}, column {column}", error, *terms)
            one = Factor("error", error, f"error{at}")
            squares.append([one, one, Factor("number", float(difference.numel()), over=True)])
    origins["loss"] = trace_sum("mean squared error", float(loss), *squares)
    return {
        "origins": origins,
        "left": _stretch(left, difference.shape),
        "right": _stretch(right, difference.shape),
        "difference": {"shape": write_shape(difference.shape), "rows": _table(difference)},
        "loss": loss,
        "meant": meant,
        "says": f"{told} The mean of its squares is {loss:.4f}. {fits}",
    }


def _table(x: Tensor) -> Tensor:
    return x if x.ndim == 2 else x[None]


def _stretch(x: Tensor, shape: torch.Size) -> dict[str, Any]:
    names = torch.arange(x.numel()).reshape(x.shape)
    spread = _table(torch.broadcast_to(names, shape)).tolist()
    seen: set[int] = set()
    copied = [[name in seen or bool(seen.add(name)) for name in row] for row in spread]  # type: ignore[func-returns-value]
    return {"shape": write_shape(x.shape), "rows": _table(torch.broadcast_to(x, shape)), "copied": copied}


def compute_product(m: int, k: int, inner: int, n: int, row: int, column: int) -> dict[str, Any]:
    """Return a matrix product of shapes (m, k) and (inner, n), or PyTorch's error where they do not fit.

    Returns
    -------
    dict
        ``left``, ``right``, ``result`` (None where there is none): tables; ``row``, ``column``: the entry that is
        shown, inside of the result; ``terms``: its products, rows (left, right, product); ``error``: PyTorch's words,
        or None; ``says``.
    """
    left = torch.arange(1, m * k + 1).reshape(m, k)
    right = RIGHT[:inner, :n]
    try:
        result = left @ right
    except RuntimeError as error:
        words = str(error)
        says = f"The inner lengths {k} and {inner} differ: “{words}”."
        return {
            "left": left,
            "right": right,
            "result": None,
            "error": words,
            "row": 0,
            "column": 0,
            "terms": [],
            "says": says,
        }
    row, column = min(row, m - 1), min(column, n - 1)
    terms = [[a, b, a * b] for a, b in zip(left[row].tolist(), right[:, column].tolist(), strict=True)]
    added = " + ".join(f"{a} · {b}" if b >= 0 else f"{a} · (−{-b})" for a, b, _ in terms)
    value = str(int(result[row, column])).replace("-", "−")
    says = f"({m}, {k}) @ ({inner}, {n}) is ({m}, {n}). Row {row}, column {column}: {added} = {value}."
    return {
        "left": left,
        "right": right,
        "result": result,
        "error": None,
        "row": row,
        "column": column,
        "terms": terms,
        "says": says,
    }


def compute_expression(expression: str) -> dict[str, Any]:
    """Return an expression of tensors with its value, or with PyTorch's error.

    Returns
    -------
    dict
        ``tensors``: those of the lesson that it uses; ``result``, None where there is none: each ``name``, ``shape``
        and ``blocks`` (tables of numbers); ``parts``: text and shape of each part that is made of others; ``error``:
        PyTorch's words, or None; ``says``.

    Raises
    ------
    UserError
        It is not allowed here.
    """
    error = None
    try:
        parts = compute_typed(expression)
    except TensorError as found:
        parts, error = found.parts, found
    made = [[part, write_shape(value.shape)] for part, value in parts if part not in TENSORS]
    if error:
        says = f"PyTorch stops at {error.part} with an error."
    else:
        says = f"{parts[-1][0]} has the shape {write_shape(parts[-1][1].shape)}."
    return {
        "tensors": [_show_tensor(part, value) for part, value in parts if part in TENSORS],
        "result": None if error else _show_tensor(*parts[-1]),
        "parts": made,
        "error": error.words if error else None,
        "says": says,
    }


def _show_tensor(name: str, x: Tensor) -> dict[str, Any]:
    rows = x.reshape(1, -1) if x.ndim < 2 else x
    blocks = rows.reshape(-1, *rows.shape[-2:]) if x.numel() else rows[:0]
    return {"name": name, "shape": write_shape(x.shape), "blocks": blocks}


def list_lines() -> list[str]:
    """Return the code of the step's `Network` without docstrings, annotations and the check of its argument."""
    source = drop_refusals(drop_annotations(drop_docstrings(inspect.getsource(Network))))
    return [line for line in source.splitlines() if line.strip()]


def compute_model(batch: int, stage: int) -> dict[str, Any]:
    """Return the step's network 4-6-6-2, run line by line on a batch.

    Returns
    -------
    dict
        ``code``: lines of text; ``stages``: each ``lines`` (numbers of the lines that run), ``shape``, ``values`` (a
        table, or None) and ``told``; ``parameters``: name and shape of each; ``count``: how many numbers they hold;
        ``says``.
    """
    code = list_lines()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = Network([4, 6, 6, 2])
        x = torch.randn(batch, 4)

    def find(*pieces: str) -> list[int]:
        return [number for number, line in enumerate(code) if any(piece in line for piece in pieces)]

    def show(lines: list[int], values: Tensor | None, told: str) -> dict[str, Any]:
        shape = None if values is None else write_shape(values.shape)
        return {"lines": lines, "shape": shape, "values": None if values is None else values.detach(), "told": told}

    loop, last = find("for layer in self.layers", "x = relu(layer(x))"), find("return self.layers[-1](x)")
    stages = [
        show(find("super().__init__"), None, "The constructor runs once. PyTorch gets ready to register layers."),
        show(find("self.layers = nn.ModuleList"), None, "It creates three layers: 4 → 6, 6 → 6 and 6 → 2."),
        show(find("def forward"), x, f"model(x) calls forward. x has the shape {write_shape(x.shape)}."),
    ]
    for number, layer in enumerate(model.layers[:-1], 1):
        x = layer(x)
        stages.append(show(loop, x, f"Layer {number}: x @ Wᵀ + b has the shape {write_shape(x.shape)}."))
        x = relu(x)
        stages.append(show(loop, x, "ReLU sets negative numbers to 0. The shape stays."))
    x = model.layers[-1](x)
    stages.append(show(last, x, f"The last layer has no ReLU. The result has the shape {write_shape(x.shape)}."))
    parameters = [[name, write_shape(value.shape)] for name, value in model.named_parameters()]
    return {
        "code": code,
        "stages": stages,
        "parameters": parameters,
        "count": sum(value.numel() for value in model.parameters()),
        "says": stages[stage]["told"],
    }


VIEWS = {
    "move": View(
        "A tensor before and after an operation",
        compute_move,
        (
            Choice("operation", "operation", "reshape(-1, 2)", tuple(OPERATIONS)),
            Slider("blocks", "blocks", 1, low=1, high=4, step=1),
            Slider("rows", "rows", 2, low=1, high=4, step=1),
            Slider("columns", "columns", 3, low=1, high=4, step=1),
        ),
    ),
    "broadcast": View(
        "Predictions minus truths, for shapes that differ",
        compute_broadcast,
        (
            Choice("prediction", "predictions", "(3, 1)", tuple(SHAPES)),
            Choice("truth", "truths", "(3, 1)", tuple(SHAPES)),
        ),
    ),
    "product": View(
        "A matrix product: one row times one column",
        compute_product,
        (
            Slider("m", "rows left", 2, low=1, high=4, step=1),
            Slider("k", "columns left", 3, low=1, high=4, step=1),
            Slider("inner", "rows right", 3, low=1, high=4, step=1),
            Slider("n", "columns right", 2, low=1, high=4, step=1),
            Slider("row", "row", 0, low=0, high=3, step=1, hidden=True),
            Slider("column", "column", 0, low=0, high=3, step=1, hidden=True),
        ),
    ),
    "typed": View(
        "An expression of tensors, its shape, or PyTorch's error",
        compute_expression,
        (TextBox("expression", "expression", "x @ W.T", most=LONGEST),),
    ),
    "model": View(
        "The model 4-6-6-2, its code run line by line",
        compute_model,
        (
            Slider("batch", "examples", 3, low=1, high=8, step=1),
            Slider("stage", "stage", 0, low=0, high=7, step=1, plays=True, hidden=True),
        ),
    ),
}
