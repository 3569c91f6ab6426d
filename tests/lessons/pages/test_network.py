"""The network's views: what trains, and what a hidden layer makes of the plane, are the steps' own."""

from itertools import islice

import numpy as np
import pytest
import torch

from groundup.base.errors import UserError
from groundup.lessons.pages.network.points import INPUTS, expand
from groundup.lessons.pages.network.views import B1, B2, MOST_STEPS, PER_FRAME, VIEWS, W1, W2, Straight, build
from groundup.lessons.source import show_lines
from groundup.lessons.views import Several
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c3_networks.neuron import relu
from groundup.steps.c4_training.network import Network

BASE = {"data": "circle", "width": 3, "depth": 1, "rate": 0.3, "seed": 0, "points": [], "weights": []}


def train(**changes):
    return list(VIEWS["border"].compute(**VIEWS["border"].check({**BASE, **changes})))


def first_frame(**changes):
    return next(VIEWS["border"].make_frames({**BASE, **changes}))


def test_three_nodes_fence_a_circle_and_two_do_not():
    three, two = train(), train(width=2)
    assert len(three) == MOST_STEPS // PER_FRAME + 1
    assert min(frame["step"] for frame in three if frame["right"] == 1) == 104
    assert two[-1]["right"] == pytest.approx(0.87, abs=0.005)


def test_without_relu_no_number_of_nodes_bends_the_border():
    last = train(width=8, activation="none")[-1]
    assert last["right"] < 0.8
    (edge,) = last["edges"]
    across = edge[-1] - edge[0]
    aside = (edge - edge[0]) @ np.array([-across[1], across[0]]) / np.hypot(*across)
    assert np.abs(aside).max() < 2e-3, "exactly straight, up to the rounding"
    assert np.abs(edge[[0, -1]]).max(axis=1).min() >= 3, "from one side of the plane to the other"


def test_the_border_runs_where_both_classes_are_equally_probable():
    for frame in train(data="corners", width=4)[:40:13]:
        share = np.array(frame["border"].tolist()).reshape(45, 45)
        assert len(frame["edges"]) > 0 or share.min() >= 50 or share.max() <= 50
        for x, y in np.concatenate(frame["edges"]) if frame["edges"] else []:
            column, row = (x + 3) / 6 * 45 - 0.5, (3 - y) / 6 * 45 - 0.5
            if 0 < column < 44 and 0 < row < 44:
                rows = slice(int(np.floor(row + 1e-3)), int(np.ceil(row - 1e-3)) + 1)
                columns = slice(int(np.floor(column + 1e-3)), int(np.ceil(column - 1e-3)) + 1)
                near = share[rows, columns]
                assert near.min() <= 50 <= near.max()


def test_three_nodes_get_stuck_from_the_random_start_of_the_text():
    assert train(seed=2)[-1]["right"] == pytest.approx(0.68, abs=0.005)


def test_the_code_beside_a_formula_computes_and_refuses_nothing():
    shown = show_lines("backpropagation.forward")
    assert "raise" not in shown
    assert "without the check of its arguments" in shown
    assert "without the check" not in show_lines("network.Network.forward")


def test_layers_without_relu_equal_their_collapse():
    torch.manual_seed(0)
    model = Straight([2, 5, 4, 2]).double()
    x = torch.randn(7, 2).double()
    by_hand = x
    for layer in model.layers:
        by_hand = layer(by_hand)
    assert torch.allclose(model(x), by_hand)
    assert not torch.allclose(Network.forward(model, x), by_hand)


def test_a_training_goes_on_from_the_weights_that_it_is_given():
    first, second = islice(VIEWS["border"].make_frames(BASE), 2)
    numbers = [
        number
        for weights, biases in zip(first["weights"], first["biases"], strict=True)
        for number in [*(weight for row in weights for weight in row), *biases]
    ]
    changed = [[number] for number in numbers]
    changed[1] = [3.5]  # from the second input to the first node
    frames = VIEWS["border"].compute(**VIEWS["border"].check({**BASE, "seed": 5, "weights": changed}))
    assert next(frames)["weights"][0][0, 1] == 3.5
    again = VIEWS["border"].make_frames({**BASE, "seed": 5, "weights": [[number] for number in numbers]})
    assert list(islice(again, 2))[1]["losses"] == pytest.approx(second["losses"], rel=1e-4)
    # What fits another network is left aside.
    other = next(VIEWS["border"].make_frames({**BASE, "width": 4, "weights": changed}))
    assert other["weights"] == next(VIEWS["border"].make_frames({**BASE, "width": 4}))["weights"]
    assert VIEWS["border"].answer({**BASE, "weights": changed})["weights"][0][0][1] == 3.5


def test_own_points_are_learned_too_and_none_at_all_is_said():
    frame = next(VIEWS["border"].make_frames({**BASE, "data": "none", "points": [[1, 1, 0], [-1, -1, 1]]}))
    assert [row[2] for row in frame["points"]] == [0, 1]
    (only,) = VIEWS["border"].make_frames({**BASE, "data": "none"})
    assert "no points" in only["says"]


@pytest.mark.parametrize("data", ["corners", "circle", "moons", "spirals"])
@pytest.mark.parametrize(("width", "depth"), [(1, 1), (8, 3)])
def test_a_frame_has_a_map_for_every_hidden_node(data, width, depth):
    frame = next(VIEWS["border"].make_frames({**BASE, "data": data, "width": width, "depth": depth}))
    assert [len(layer) for layer in frame["maps"]] == [2, *[width] * depth]
    assert all(0 <= share <= 100 for share in frame["border"])
    assert len(frame["weights"]) == depth + 1


def test_the_hidden_layer_puts_both_blue_corners_at_one_place():
    frame = VIEWS["fold"].make_frame({"point": [[0.3, 0.9]], "relu": True})
    corners = np.array(frame["corners"])
    assert corners[:, 3:].tolist() == [[0, 0], [2, 2], [1, 0], [1, 0]]
    assert frame["h"] == pytest.approx(relu(np.array(frame["z"])))
    assert frame["output"] == pytest.approx(frame["h"][0] - frame["h"][1])
    for h1, h2 in frame["border"]:
        assert h1 - h2 == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("x", "z", "h", "output"),
    [
        ([0, 0], [0, -2], [0, 0], 0),
        ([1, 0], [1, 0], [1, 0], 1),
        ([0, 1], [1, 0], [1, 0], 1),
        ([1, 1], [2, 2], [2, 2], 0),
    ],
)
def test_the_network_by_hand_is_that_of_the_text(x, z, h, output):
    assert W1.tolist() != W1.T.tolist(), "a column is no row"
    frame = VIEWS["fold"].make_frame({"point": [x], "relu": True})
    assert (frame["z"], frame["h"], frame["output"]) == (z, h, output)


def test_without_relu_the_small_network_is_one_linear_layer():
    assert ((W1 @ W2).tolist(), (B1 @ W2 + B2).tolist()) == ([[-1], [-1]], [2])
    for x in ([0.0, 0.0], [1.0, 0.0], [0.4, -0.3]):
        assert VIEWS["fold"].make_frame({"point": [x], "relu": False})["output"] == pytest.approx(2 - sum(x))


@pytest.mark.parametrize("data", ["moons", "none"])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_a_gradient_is_what_either_class_and_the_weight_decay_add_and_what_the_step_follows(data, decay):
    first = first_frame(data=data, depth=2, points=[[1.0, 2.0, 1.0]], decay=decay)
    x, y = torch.tensor(first["points"])[:, :2], torch.tensor(first["points"])[:, 2].long()
    model = Network([2, 3, 3, 2])
    with torch.no_grad():
        for layer, weights, biases in zip(model.layers, first["weights"], first["biases"], strict=True):
            layer.weight.copy_(torch.tensor(weights))
            layer.bias.copy_(torch.tensor(biases))
    squares = sum((layer.weight**2).sum() for layer in model.layers)
    (cross_entropy(model(x), y) + decay / 2 * squares).backward()
    classes = ["from 30 orange points", "from 31 blue points"] if data == "moons" else ["from 1 blue point"]
    assert [part["name"] for part in first["parts"]] == ["from the weight decay"] * (decay > 0) + classes
    for layer, inside in enumerate(model.layers):
        assert np.array(first["slopes"][layer]) == pytest.approx(inside.weight.grad.numpy(), rel=1e-3, abs=1e-5)
        added = sum(np.array(part["weights"][layer]) for part in first["parts"])
        assert added == pytest.approx(inside.weight.grad.numpy(), rel=1e-3, abs=1e-5)
    if data == "moons":
        of_orange = cross_entropy(model(x[y == 0]), y[y == 0]) * 30 / 61
        slope = torch.autograd.grad(of_orange, model.layers[0].weight)[0].numpy()
        assert np.array(first["parts"][-2]["weights"][0]) == pytest.approx(slope, rel=1e-3, abs=1e-5)


def test_without_points_no_gradient_opens():
    assert VIEWS["border"].answer({**BASE, "data": "none"})["parts"] == []


def test_noise_moves_the_points_and_the_new_ones_are_others():
    calm, noisy = first_frame(), first_frame(noise=0.5)
    moved = np.array(noisy["points"]) - np.array(calm["points"])
    assert moved[:, :2].std() == pytest.approx(0.5, abs=0.05)
    assert not moved[:, 2].any()
    for data in ("corners", "circle", "moons", "spirals"):
        frame = first_frame(data=data)
        assert not {tuple(row) for row in frame["points"]} & {tuple(row) for row in frame["new"]}
        assert sorted(row[2] for row in frame["new"]) == sorted(row[2] for row in frame["points"])


def test_the_network_sees_what_the_learner_chose():
    frame = first_frame(inputs=["x₁x₂", "x₁²"], width=4)
    assert frame["inputs"] == ["x₁²", "x₁x₂"], "in the order in which they stand"
    assert frame["sizes"] == [2, 4, 2]
    a, b = np.array(frame["points"])[:, 0], np.array(frame["points"])[:, 1]
    seen = expand(torch.tensor(np.stack([a, b], axis=1)), list(INPUTS)).numpy()
    assert seen == pytest.approx(np.stack([a, b, a**2, b**2, a * b, np.sin(a), np.sin(b)], axis=1))
    assert frame["maps"][0][0][7 * 15 + 7] == 0, "the square is 0 in the middle"
    assert min(frame["maps"][0][0]) >= 0


@pytest.mark.parametrize(("name", "function"), [("ReLU", torch.relu), ("tanh", torch.tanh), ("sigmoid", torch.sigmoid)])
def test_the_activation_is_the_chosen_one(name, function):
    torch.manual_seed(0)
    model = build([2, 5, 2], name)
    x = torch.randn(7, 2)
    assert torch.allclose(model(x), model.layers[1](function(model.layers[0](x))))


def test_squares_as_inputs_fence_the_circle_without_any_activation():
    assert train(width=1, activation="none", inputs=["x₁²", "x₂²"])[-1]["right"] == 1


def test_a_large_network_follows_noise_and_weight_decay_holds_it_back():
    noisy = {"data": "moons", "width": 8, "depth": 2, "rate": 1.0, "noise": 0.8}
    free, held = train(**noisy)[-1], train(**noisy, decay=0.01)[-1]
    ends = [free["losses"][-1], free["new_losses"][-1], held["losses"][-1], held["new_losses"][-1]]
    assert [*ends, min(free["new_losses"])] == pytest.approx([0.33, 1.04, 0.43, 0.45, 0.49], abs=0.006)


def test_one_or_more_words_are_chosen():
    control = Several("inputs", "inputs", ("a",), ("a", "b", "c"))
    assert control.check(["c", "a"]) == ["a", "c"]
    for wrong in ([], ["d"], ["a", 1], "a", None):
        with pytest.raises(UserError, match="one or more of a, b, c"):
            control.check(wrong)


def test_the_weights_of_the_largest_network_are_taken():
    largest = {"inputs": list(INPUTS), "width": 8, "depth": 3}
    frame = first_frame(**largest)
    count = sum(np.size(part) for part in (*frame["weights"], *frame["biases"]))
    assert count > 200
    changed = first_frame(**largest, weights=[[0.5]] * count)
    assert {number for layer in changed["weights"] for row in layer for number in row} == {0.5}
