"""The network's views: what trains, and what a hidden layer makes of the plane, are the steps' own."""

from itertools import islice

import numpy as np
import pytest
import torch
from opened_numbers import check_origins

from groundup.lessons.pages.network.views import B1, B2, MOST_STEPS, PER_FRAME, VIEWS, W1, W2, Straight
from groundup.lessons.source import show_lines
from groundup.steps.c3_networks.loss import cross_entropy
from groundup.steps.c3_networks.neuron import relu
from groundup.steps.c4_training.network import Network

BASE = {"data": "circle", "width": 3, "depth": 1, "relu": True, "rate": 0.3, "seed": 0, "points": [], "weights": []}


def train(**changes):
    return list(VIEWS["border"].compute(**{**BASE, **changes}))


def test_three_nodes_fence_a_circle_and_two_do_not():
    three, two = train(), train(width=2)
    assert len(three) == MOST_STEPS // PER_FRAME + 1
    assert min(frame["step"] for frame in three if frame["right"] == 1) == 104
    assert two[-1]["right"] == pytest.approx(0.87, abs=0.005)


def test_without_relu_no_number_of_nodes_bends_the_border():
    last = train(width=8, relu=False)[-1]
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
    frames = VIEWS["border"].compute(**{**BASE, "seed": 5, "weights": changed})
    assert next(frames)["weights"][0][0, 1] == 3.5
    again = VIEWS["border"].compute(**{**BASE, "seed": 5, "weights": [[number] for number in numbers]})
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
    assert [len(layer) for layer in frame["maps"]] == [width] * depth
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
def test_a_gradient_opens_to_what_either_class_adds_and_is_what_the_step_follows(data):
    values = {**BASE, "data": data, "depth": 2, "points": [[1.0, 2.0, 1.0]]}
    first = VIEWS["border"].answer(values)
    assert check_origins(first) == 2 * 3 + 3 * 3 + 3 * 2
    x, y = torch.tensor(first["points"])[:, :2], torch.tensor(first["points"])[:, 2].long()
    model = Network([2, 3, 3, 2])
    with torch.no_grad():
        for layer, weights, biases in zip(model.layers, first["weights"], first["biases"], strict=True):
            layer.weight.copy_(torch.tensor(weights))
            layer.bias.copy_(torch.tensor(biases))
    cross_entropy(model(x), y).backward()
    for layer, inside in enumerate(model.layers):
        for (to, source), slope in np.ndenumerate(inside.weight.grad.numpy()):
            found = first["origins"][f"g{layer}_{to}_{source}"]
            assert found["value"] == pytest.approx(slope, rel=1e-3, abs=1e-5)
            assert len(found["terms"]) == (2 if data == "moons" else 1)


def test_without_points_no_gradient_opens():
    assert VIEWS["border"].answer({**BASE, "data": "none"})["origins"] == {}
