"""Tensors move as PyTorch moves them, and the model's shapes are those of the step's network."""

from itertools import product

import pytest
import torch

from groundup.lessons.pages.shapes.views import OPERATIONS, SHAPES, VIEWS, compute_move, compute_product

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
