"""Tensors move as PyTorch moves them, and the model's shapes are those of the step's network."""

from itertools import product

import pytest
import torch

from groundup.base.errors import UserError
from groundup.lessons.pages.shapes.typed import METHODS, MOST_NUMBERS, TENSORS, compute_typed
from groundup.lessons.pages.shapes.views import (
    OPERATIONS,
    SHAPES,
    VIEWS,
    compute_expression,
    compute_move,
    compute_product,
)

SIZES = [*product([1], [1, 2, 3], [1, 2, 4]), (2, 3, 2), (4, 4, 4), (3, 1, 2)]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("size", SIZES)
def test_every_number_is_made_of_the_numbers_that_it_names(operation, size):
    frame = compute_move(*size, operation)
    values = [cell[3] for tensor in frame["before"] for cell in tensor["cells"]]
    assert values == list(range(1, len(values) + 1))
    if frame["after"] is None:
        assert operation.startswith("reshape")
        assert len(values) % 2
        assert "error" in frame["says"]
        return
    for cell, sources in zip(frame["after"]["cells"], frame["after"]["sources"], strict=True):
        found = torch.tensor([float(values[source]) for source in sources])
        assert cell[3] == pytest.approx((found.sum() if operation.startswith("sum") else found.mean()).item())
    used = sorted(source for sources in frame["after"]["sources"] for source in sources)
    assert used == list(range(len(values))), "each number goes to one place"


@pytest.mark.parametrize(
    ("size", "operation", "shape"),
    [
        ((1, 2, 3), "mean(dim=0)", "(3,)"),
        ((4, 3, 2), "mean(dim=1)", "(4, 2)"),
        ((4, 3, 2), "reshape(-1, 2)", "(12, 2)"),
        ((1, 2, 3), "transpose", "(3, 2)"),
        ((1, 3, 2), "cat(dim=1)", "(3, 4)"),
        ((1, 3, 2), "stack", "(2, 3, 2)"),
        ((1, 3, 2), "unsqueeze(1)", "(3, 1, 2)"),
        ((1, 3, 1), "squeeze", "(3,)"),
    ],
)
def test_shapes_are_those_of_the_text(size, operation, shape):
    assert compute_move(*size, operation)["after"]["shape"] == shape


@pytest.mark.parametrize(("prediction", "truth"), [*product(SHAPES, SHAPES)])
def test_a_broadcast_is_pytorchs(prediction, truth):
    frame = VIEWS["broadcast"].make_frame({"prediction": prediction, "truth": truth})
    left, right = torch.tensor(frame["left"]["rows"]), torch.tensor(frame["right"]["rows"])
    assert (left - right).tolist() == frame["difference"]["rows"]
    assert sum(not copied for row in frame["left"]["copied"] for copied in row) == 3
    # A missing dimension counts as 1, on the left.
    fits = (1, *SHAPES[prediction])[-2:] == (1, *SHAPES[truth])[-2:]
    assert frame["loss"] == pytest.approx(1 / 3 if fits else 7 / 3, abs=1e-4)


def test_the_product_of_the_text_and_pytorchs_error():
    assert compute_product(2, 3, 3, 2, 0, 0)["result"].tolist() == [[7, -1], [16, -1]]
    assert compute_product(2, 3, 2, 3, 0, 0)["error"] == "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"


@pytest.mark.parametrize(("m", "k", "n"), [*product([1, 4], repeat=3)])
def test_an_entry_is_a_row_times_a_column(m, k, n):
    frame = compute_product(m, k, k, n, 3, 3)
    assert sum(term[2] for term in frame["terms"]) == frame["result"][frame["row"], frame["column"]]
    assert (frame["row"], frame["column"]) == (m - 1, n - 1)


@pytest.mark.parametrize("batch", [1, 8])
def test_the_model_runs_line_by_line(batch):
    frame = VIEWS["model"].make_frame({"batch": batch, "stage": 7})
    shapes = [stage["shape"] for stage in frame["stages"]]
    assert shapes == [None, None, *(f"({batch}, {size})" for size in (4, 6, 6, 6, 6, 2))]
    assert frame["count"] == 86
    assert all(stage["lines"] for stage in frame["stages"])
    assert [shape for _, shape in frame["parameters"]] == ["(6, 4)", "(6,)", "(6, 6)", "(6,)", "(2, 6)", "(2,)"]
    assert not any(word in "".join(frame["code"]) for word in ('"""', "Float[", "->"))
    assert all(value >= 0 for row in frame["stages"][4]["values"] for value in row), "after ReLU"


EXPRESSIONS = [
    "x.mean(1)",
    "x.mean(dim=0)",
    "x.sum()",
    "x @ W.T + b",
    "x - x.mean(1, keepdim=True)",
    "t.mean(1) + t[:, 0]",
    "torch.cat([x, W])",
    "torch.cat([x, 2 * x], dim=1)",
    "torch.stack((x, -x), dim=-1)",
    "t.reshape(-1, 2)",
    "t[0, ..., None]",
    "x.T.reshape(6)",
    "t @ t.mT",
    "t.permute(2, 0, 1)",
    "x.unsqueeze(1).squeeze(dim=1)",
    "t.flatten().argmax()",
    "x / -4 * 0.5",
    "x.softmax(-1)",
    "(x - 3).relu()",
    "x[0:0]",
    "x[:, 1:]",
    "b[-1]",
    "t.transpose(1, 2)",
    "x.view((3, 2))",
]
FAILURES = [
    "x @ W",
    "x + b",
    "x - x.mean(1)",
    "x.mean(5)",
    "x.reshape(4, 2)",
    "x.T.view(6)",
    "torch.cat([])",
    "torch.cat([x, b])",
    "x[9]",
    "x.argmax(0).mean()",
    "x.mean(keepdim=True)",
    "x.mean(1, 2, 3)",
    "x[::-1]",
    "b.mT",
    "x.unsqueeze(7)",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_what_is_typed_gives_what_pytorch_gives(text):
    wanted = eval(text, {"torch": torch, **TENSORS})
    *_, (whole, value) = compute_typed(text)
    assert value.shape == wanted.shape
    assert torch.equal(value, wanted)
    frame = VIEWS["typed"].make_frame({"expression": text})
    assert frame["result"]["shape"] == str(tuple(wanted.shape))
    assert frame["says"] == f"{whole} has the shape {tuple(wanted.shape)}."
    numbers = [number for rows in frame["result"]["blocks"] for row in rows for number in row]
    assert numbers == pytest.approx(wanted.flatten().tolist(), rel=1e-5)


@pytest.mark.parametrize("text", FAILURES)
def test_what_pytorch_refuses_is_told_in_its_words(text):
    with pytest.raises((RuntimeError, IndexError, TypeError, ValueError)) as raised:
        eval(text, {"torch": torch, **TENSORS})
    frame = compute_expression(text)
    kind, _, words = frame["error"].partition(": ")
    assert kind == raised.type.__name__
    assert str(raised.value).startswith(words)
    assert frame["result"] is None
    assert frame["says"] == f"PyTorch stops at {text} with an error."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("x +", "no expression"),
        ("3", "not allowed"),
        ("1 / 2", "holds no tensor"),
        ("y", "not allowed"),
        ("x.__class__", "not allowed"),
        ("x.shape", "not allowed"),
        ("x.mean", "not allowed"),
        ("__import__('os')", "not allowed"),
        ("torch.load('a')", "not allowed"),
        ("torch.cat.__globals__", "not allowed"),
        ("x.numpy()", "not allowed"),
        ("x.mean(dim='a')", "cannot stand here"),
        ("x.mean(*x)", "cannot stand here"),
        ("x.mean(**x)", "with a name"),
        ("x.sum(out=x)", "with a name"),
        ("torch.cat([x], out=x)", "with a name"),
        ("torch.cat(x)", "takes a list"),
        ("torch.cat([x for x in x])", "takes a list"),
        ("[x for x in x]", "not allowed"),
        ("lambda: x", "not allowed"),
        ("(x := W)", "not allowed"),
        ("f'{x}'", "not allowed"),
        ("x[x]", "cannot stand here"),
        ("x['a']", "cannot stand here"),
        ("x ** 999", "not allowed"),
        ("x * 99999", "numbers up to"),
        ("x * 1e999", "numbers up to"),
        ("x.reshape(99999)", "cannot stand"),
        ("x * True", "not allowed"),
        ("x * 1j", "not allowed"),
        ("x if x else W", "not allowed"),
        ("t.T", "is for tables"),
        ("x.reshape(2, 3, 1, 1, 1)", "too large"),
        ("t.reshape(12, 1) * t.reshape(12)", "too large"),
        ("-" * 90 + "x", "at most|80"),
    ],
)
def test_anything_else_that_is_typed_is_refused(text, words):
    with pytest.raises(UserError, match=words) as refused:
        compute_typed(text)
    assert "\n" not in str(refused.value)


def test_no_method_that_may_be_typed_changes_a_tensor_or_makes_a_large_one():
    before = {name: value.clone() for name, value in TENSORS.items()}
    for name in METHODS:
        assert not name.endswith("_")
        for text in (f"x.{name}()", f"x.{name}(0)", f"x.{name}(1, 0)", f"x.{name}(6, 1)", f"x.{name}(-1, 1000)"):
            try:
                frame = VIEWS["typed"].answer({"expression": text})
            except UserError:
                continue
            assert frame["error"] or sum(len(row) for rows in frame["result"]["blocks"] for row in rows) <= MOST_NUMBERS
    assert all(torch.equal(before[name], TENSORS[name]) for name in TENSORS)


def test_means_of_a_square_table_broadcast_along_the_wrong_dimension():
    x = torch.tensor([[1.0, 3.0], [5.0, 9.0]])
    assert (x - x.mean(1)).shape == x.shape
    assert not torch.equal(x - x.mean(1), x - x.mean(1, keepdim=True))
    assert (x - x.mean(1, keepdim=True)).mean(1).tolist() == [0, 0]
