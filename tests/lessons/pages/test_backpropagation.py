"""The graph's gradients are those of automatic differentiation; those that are not cleared pile up."""

import pytest
import torch
from opened_numbers import check_origins

from groundup.base.errors import UserError
from groundup.formulas.expression import parse_expression
from groundup.lessons.pages.backpropagation.views import CLEAR_START, VIEWS, build_graph, flow_back
from groundup.steps.c3_networks.autograd import Value, sort_graph

EXPRESSIONS = [
    "x*x + x", "relu(x*y - 4) + y", "(sigmoid(x*y + 0.1) - 1)^2 / 2", "x/y - y/x", "-x", "2^x + x^3",
    "tanh(x)*exp(y/4)", "x - -y", "abs(x)*sqrt(y)", "1/x + 3 - y*2", "x*x*x*x",
]  # fmt: skip


def test_the_switch_has_an_effect_on_the_expression_that_the_picture_opens_with():
    added, forgotten = (VIEWS["graph"].make_frame({"add": add})["says"] for add in (True, False))
    assert added != forgotten


def ask(expression, x=1.7, y=0.6, add=True):
    return VIEWS["graph"].make_frame({"expression": expression, "x": x, "y": y, "add": add})


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_gradients_are_those_of_automatic_differentiation(expression):
    frame = ask(expression)
    parsed = parse_expression(expression)
    values = {"x": 1.7, "y": 0.6}
    point = torch.tensor([values[name] for name in parsed.variables], dtype=torch.float64, requires_grad=True)
    result = parsed(point)
    result.backward()
    assert frame["boxes"][-1]["value"] == pytest.approx(result.item(), rel=1e-5)
    found = {box["label"]: box["gradient"] for box in frame["boxes"] if box["label"] in parsed.variables}
    assert [found[name] for name in parsed.variables] == pytest.approx(point.grad.tolist(), rel=1e-4)


def test_what_arrives_is_added_or_the_last_one_stays():
    assert ask("x*x + x", x=3.0)["boxes"][0]["arriving"] == [1, 3, 3]
    assert ask("x*x + x", x=3.0)["says"] == "The result is 12. The gradient: along x it is 7."
    assert ask("x*x + x", x=3.0, add=False)["boxes"][0]["gradient"] == 3


@pytest.mark.parametrize("add", [True, False])
@pytest.mark.parametrize("expression", [*EXPRESSIONS, "sin(x)*cos(y) + tan(x)*log(y)", "x^y", "x^1.5 - 2*y"])
def test_every_value_and_gradient_opens_to_what_it_comes_from(expression, add):
    frame = ask(expression, add=add)
    check_origins(frame)
    used = {wire["from"] for wire in frame["wires"]}
    for number, box in enumerate(frame["boxes"]):
        gradient = frame["origins"][f"g{number}"]
        assert gradient["value"] == box["gradient"]
        assert [term["product"] for term in gradient["terms"]] == pytest.approx(box["arriving"][0 if add else -1 :])
        assert (f"v{number}" in frame["origins"]) == (box["label"] not in ("x", "y"))
        assert number in used or number == len(frame["boxes"]) - 1
    for wire in frame["wires"]:
        assert frame["origins"][f"w{wire['from']}-{wire['to']}-{wire['argument']}"]["value"] == wire["back"]


def test_a_gradient_opens_to_one_product_for_each_path():
    origins = ask("x*x + x", x=3.0)["origins"]
    terms = [[(factor["label"], factor["value"]) for factor in term["factors"]] for term in origins["g0"]["terms"]]
    back = ("gradient along x × x + x", 1), ("gradient along x × x", 1)
    assert terms == [[back[0], ("local derivative", 1)], *[[back[1], ("local derivative x", 3)]] * 2]
    assert [factor["key"] for factor in origins["v1"]["terms"][0]["factors"]] == ["v0", "v0"]


def test_the_picture_is_the_engines_graph():
    x, y = Value(1.7), Value(0.6)
    result = (x * y + -4).relu() + y.tanh() * x.exp()
    result.backward()
    boxes = build_graph("relu(x*y + -4) + tanh(y)*exp(x)", {"x": 1.7, "y": 0.6})
    flow_back(boxes[-1].node, add=True)
    found = {box.label: box.node for box in boxes}
    assert (found["x"].grad, found["y"].grad, boxes[-1].node.data) == (x.grad, y.grad, result.data)
    assert len(sort_graph(boxes[-1].node)) == len(sort_graph(result))


def test_every_box_comes_after_what_it_uses_and_numbers_are_written_on_boxes():
    frame = ask("(sigmoid(x*y + 0.1) - 1)^2 / 2")
    assert [box["label"] for box in frame["boxes"]] == ["x", "y", "×", "+0.1", "sigmoid", "−1", "^2", "÷2"]
    for wire in frame["wires"]:
        assert frame["boxes"][wire["from"]]["level"] < frame["boxes"][wire["to"]]["level"]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("x + z", '"z" is no variable here'), ("log(x - 9)", "no finite value"), ("x/(y - 0.6)", "no finite value"),
        ("+".join(["x*y"] * 12), "too long to draw"), ("3", "no variable"), ("x +", "no formula"),
        ("sqrt(x - 1.7)", "no derivative"), ("exp(999*x)", "no finite value"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(expression, words):
    with pytest.raises(UserError, match=words):
        ask(expression)


@pytest.mark.parametrize(("local", "text"), [(lambda a: a * (1 - a), "sigmoid(x)"), (lambda _: 1 / 4, "x / 4")])
def test_the_tables_local_derivatives(local, text):
    frame = ask(text)
    assert frame["wires"][0]["local"] == pytest.approx(local(frame["boxes"][-1]["value"]), rel=1e-4)
    assert [wire["local"] for wire in ask("x - y")["wires"]] == [1, -1]


@pytest.mark.parametrize("clear", [True, False])
def test_a_descent_follows_each_gradient_or_the_sum_of_all_so_far(clear):
    frame = VIEWS["clear"].make_frame({"clear": clear, "rate": 0.03, "steps": 40})
    w, stored = torch.tensor(float(CLEAR_START), dtype=torch.float64, requires_grad=True), []
    for place in frame["path"][:-1]:
        assert w.item() == pytest.approx(place, rel=1e-4)
        ((2 * w - 6) ** 2).backward()
        stored.append(w.grad.item())
        with torch.no_grad():
            w -= 0.03 * w.grad
        if clear:
            w.grad = None
    assert frame["followed"] == pytest.approx(stored, rel=1e-3, abs=1e-3)
    check_origins(frame)
    assert len(frame["origins"]["g"]["terms"]) == (1 if clear else 9)


def test_gradients_that_are_not_cleared_are_those_of_the_text():
    found = VIEWS["clear"].make_frame({"clear": False, "rate": 0.03, "steps": 40})
    assert (found["added"][:2], found["followed"][1]) == ([32, 24.32], 56.32)
    assert -1.2 < min(found["path"][25:]) < -1
    assert 7 < max(found["path"][25:]) < 7.2
    assert VIEWS["clear"].make_frame({"steps": 40})["path"][-1] == pytest.approx(3, abs=0.001)


def test_the_graph_by_hand_is_that_of_the_text():
    frame = ask("relu(x*y - 4) + y", x=3.0, y=2.0)
    found = [(box["label"], box["value"], box["gradient"]) for box in frame["boxes"]]
    assert found == [("x", 3, 2), ("y", 2, 4), ("×", 6, 1), ("−4", 2, 1), ("relu", 2, 1), ("+", 4, 1)]
