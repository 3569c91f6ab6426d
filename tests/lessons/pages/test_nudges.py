"""The wishes are the step's gradients with the other sign, and the two layers are the step's."""

import numpy as np
import pytest
from opened_numbers import check_origins

from groundup.lessons.pages.nudges.layers import WEIGHTS
from groundup.lessons.pages.nudges.views import EXAMPLES, MOST_STEPS, START, TRUTH, VIEWS, X, walk
from groundup.steps.c3_networks.backpropagation import forward_and_backward


def wish(**values):
    return VIEWS["wishes"].make_frame(values)


@pytest.mark.parametrize("steps", [0, 1, 20])
@pytest.mark.parametrize("example", EXAMPLES)
def test_wishes_are_the_gradients_with_the_other_sign_and_open_to_what_they_are_products_of(example, steps):
    frame = wish(example=example, steps=steps)
    weights = walk(0.5)[steps]
    found = [forward_and_backward(x, **weights, truth=truth) for x, truth in zip(X, TRUTH, strict=True)]
    for column, one in enumerate(found):
        slopes = np.concatenate([one["dW1"].ravel(), one["dW2"].ravel()])
        assert [row["wishes"][column] for row in frame["rows"]] == pytest.approx(-slopes, rel=1e-4, abs=1e-9)
    for row in frame["rows"]:
        assert row["mean"] == pytest.approx(sum(row["wishes"]) / 4, rel=1e-4, abs=1e-9)
    assert frame["losses"] == pytest.approx([one["loss"] for one in found], rel=1e-4)
    assert check_origins(frame) == 2 + 2 + 8 + 8
    for number, row in enumerate(frame["rows"]):
        place = EXAMPLES.index(example)
        assert frame["origins"][f"t{number}-{place}"]["sum"] == pytest.approx(row["wishes"][place], abs=1e-6)


def test_a_step_follows_the_mean_of_all_wishes():
    before, after = wish(), wish(steps=1)
    moved = [new["weight"] - old["weight"] for old, new in zip(before["rows"], after["rows"], strict=True)]
    assert moved == pytest.approx([0.5 * row["mean"] for row in before["rows"]], abs=1e-5)


def test_what_the_text_says_of_the_first_step():
    before, after = wish(), wish(steps=1)
    assert before["losses"] == pytest.approx([0.50, 1.03, 0.20, 0.28], abs=0.005)
    assert (before["loss"], after["loss"]) == pytest.approx((0.50, 0.23), abs=0.005)
    fell = [new < old for old, new in zip(before["losses"], after["losses"], strict=True)]
    assert fell == [True, True, False, True]
    assert after["losses"][2] == pytest.approx(0.31, abs=0.005)
    (row,) = [row for row in before["rows"] if row["name"] == "h₁ → orange"]
    assert row["wishes"][2] < 0 < row["wishes"][1]
    assert wish(steps=20)["loss"] == pytest.approx(0.002, abs=0.0005)


def test_what_the_text_computes_for_example_b():
    frame = wish(example="B")
    assert frame["outputs"] == pytest.approx([-0.32, 0.57])
    assert frame["wishes"]["outputs"] == pytest.approx([1.32, -0.57])
    assert frame["h"][1] == pytest.approx(0.7)
    weights = {row["name"]: row["wishes"][1] for row in frame["rows"]}
    assert weights["h₂ → orange"] == pytest.approx(1.32 * 0.7) == pytest.approx(0.924)
    to_orange, to_blue = START["W2"][:, 1]
    assert (1.32 * to_orange, -0.57 * to_blue) == pytest.approx((-0.792, -0.342))
    assert frame["wishes"]["hidden"][1] == pytest.approx(-1.134)


def test_an_output_that_is_right_is_to_stay_as_it_is():
    assert wish(example="A")["says"].endswith("What example A wishes: orange larger, blue as it is.")
    assert wish(example="B")["says"].endswith("What example B wishes: orange larger, blue smaller.")


def test_a_button_shows_what_its_label_says():
    assert wish(example="D", steps=0)["off"] == [True, False]
    assert wish(rate=1.5, steps=MOST_STEPS)["loss"] > 0.15


def test_two_layers_are_the_steps():
    random = np.random.default_rng(0)
    for _ in range(20):
        weights = dict(zip(WEIGHTS, random.uniform(-3, 3, 6).tolist(), strict=True))
        x1, x2, truth = random.uniform(-3, 3, 3).tolist()
        frame = VIEWS["layers"].compute(x1=x1, x2=x2, truth=truth, stage=9, **weights)
        found = forward_and_backward(
            np.array([x1, x2]), frame["W1"], np.zeros(2), frame["W2"], np.zeros(1), np.array([truth])
        )
        for name in ("dW1", "dW2", "loss"):
            assert frame[name] == pytest.approx(found[name])
        assert frame["dz1"] == pytest.approx(np.where(frame["z1"] > 0, frame["dh"], 0))


def test_the_worked_example_and_the_dead_node_are_those_of_the_text():
    frame = VIEWS["layers"].make_frame({})
    assert (frame["loss"], frame["dW1"], frame["dW2"]) == (0.25, [[0.5, 1], [0.5, 1]], [[1, 2]])
    dead = {"w11": 0.5, "w12": -1.0, "w21": 1.0, "w22": 1.0, "v1": 1.0, "v2": -0.5}
    assert VIEWS["layers"].make_frame(dead)["dW1"] == [[0, 0], [2.5, 5]]


def test_every_stage_after_the_first_has_its_line_and_its_sentence():
    frame = VIEWS["layers"].make_frame({"w11": 0.5, "w12": -1.0, "w21": 1.0, "w22": 1.0, "v1": 1.0, "v2": -0.5})
    (stage,) = [control for control in VIEWS["layers"].controls if control.name == "stage"]
    assert len(frame["lines"]) + 1 == len(frame["told"]) == stage.high + 1
    values = {line["formula"]: line["value"] for line in frame["lines"]}
    assert values == {
        "z₁ = W₁ x": "(−1.5, 3)",
        "h = relu(z₁)": "(0, 3)",
        "ŷ = W₂ h": "−1.5",
        "loss = (ŷ − y)²": "6.25",
        "dŷ = 2 (ŷ − y)": "−5",
        "dW₂ = dŷ ⊗ h": "(0, −15)",
        "dh = W₂ᵀ dŷ": "(−5, 2.5)",
        "dz₁ = dh where z₁ > 0, else 0": "(0, 2.5)",
        "dW₁ = dz₁ ⊗ x": "(0, 0), (2.5, 5)",
    }
    assert [line["back"] for line in frame["lines"]] == [False] * 4 + [True] * 5
    for line, told in zip(frame["lines"], frame["told"][1:], strict=True):
        assert all(number in told for number in line["value"].split("), ("))
