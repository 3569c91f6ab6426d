"""The lesson on signals: its frames are the steps' results, and its text tells what they give."""

from typing import Any

import numpy as np
import pytest
import torch

from groundup.lessons.pages.signals.deep import ACTIVATIONS, ADAM, INITS, KAIMING, LARGE, PLAIN, SMALL, XAVIER, ZERO
from groundup.lessons.pages.signals.views import compute_layers, compute_walk, train


def look(init: str, activation: str = "relu", bias: float = 0.0) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = compute_layers(init, activation, 12, bias)["layers"]
    return layers


@pytest.mark.parametrize(
    ("init", "first", "last"),
    [(SMALL, 0.23, 7e-15), (LARGE, 23, 6.9e9), (XAVIER, 1.1, 0.052), (KAIMING, 1.1, 1.8), (ZERO, 0, 0)],
)
def test_the_sizes_of_the_first_and_the_last_of_twelve_layers(init: str, first: float, last: float) -> None:
    layers = look(init)
    assert layers[0]["size"] == pytest.approx(first, rel=0.05)
    assert layers[-1]["size"] == pytest.approx(last, rel=0.05)


@pytest.mark.parametrize(
    ("init", "depth", "loss"), [(SMALL, 2, 2.305), (LARGE, 2, 265.8), (SMALL, 12, 2.303), (LARGE, 12, 9.2e9)]
)
def test_the_first_loss_is_as_the_text_says(init: str, depth: int, loss: float) -> None:
    frame = compute_layers(init, "relu", depth, 0.0)
    assert frame["loss"] == pytest.approx(loss, rel=5e-4 if loss < 1000 else 0.01)
    assert "(a guess: 2.3)" in frame["says"]


def test_weights_that_are_all_zero_get_no_gradient() -> None:
    assert all(layer["back_size"] == 0 for layer in look(ZERO)[:-1])


def test_tanh_hides_gradients_that_explode() -> None:
    layers = look(LARGE, "tanh")
    assert all(layer["size"] == pytest.approx(0.95, abs=0.015) for layer in layers[1:-1])
    assert layers[0]["back_size"] / layers[-1]["back_size"] == pytest.approx(1_100, rel=0.05)


def test_a_bias_below_zero_kills_from_the_seventh_layer_on() -> None:
    layers = look(KAIMING, bias=-0.5)
    assert [layer["dead"] == 1 for layer in layers] == [False] * 6 + [True] * 5 + [False]
    assert all(layer["back_size"] == 0 for layer in layers[:-1])


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_control_s_ends_give_finite_numbers(init: str, activation: str) -> None:
    for depth, bias in ((1, -1.0), (20, 1.0)):
        for layer in compute_layers(init, activation, depth, bias)["layers"]:
            assert all(np.isfinite(np.asarray(layer[key])).all() for key in layer)
            assert layer["histogram"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("init", "optimizer", "depth", "loss"),
    [
        (SMALL, ADAM, 12, 2.30),
        (KAIMING, PLAIN, 12, 0.66),
        (XAVIER, PLAIN, 12, 2.17),
        (XAVIER, ADAM, 12, 0.26),
        (KAIMING, ADAM, 12, 0.13),
        (XAVIER, PLAIN, 20, 2.30),
        (KAIMING, PLAIN, 20, 0.97),
    ],
)
def test_deep_networks_learn_as_the_text_says(init: str, optimizer: str, depth: int, loss: float) -> None:
    *_, frame = train(init, optimizer, depth)
    assert np.mean(frame["losses"][-20:]) == pytest.approx(loss, rel=0.15, abs=0.01)
    assert len(frame["losses"]) == frame["steps"] + 1
    assert len(frame["sizes"]) == len(frame["gradients"]) == depth


def test_two_layers_with_small_weights_learn() -> None:
    *_, frame = train(SMALL, ADAM, 2)
    assert np.mean(frame["losses"][-20:]) < 0.7


def test_xavier_s_first_gradients_are_far_smaller_than_kaiming_s() -> None:
    found = []
    for init in (KAIMING, XAVIER):
        _, frame, *_ = train(init, PLAIN, 12)
        found.append(np.array(frame["gradients"]))
    ratios = found[0] / found[1]
    assert 50 < ratios.min() < ratios.max() < 110


def test_a_training_that_overflows_says_so() -> None:
    *_, frame = train(LARGE, PLAIN, 12)
    assert frame["losses"][0] == pytest.approx(9.2e9, rel=0.05)
    assert "too large for the computer" in frame["says"]


@pytest.mark.parametrize("factor", [0.07, 0.7, 1.0, 7.0])
def test_the_walk_s_network_follows_the_factor(factor: float) -> None:
    frame = compute_walk(factor, 12)
    assert frame["measured"][0] == pytest.approx(1)
    assert frame["expected"][12] == factor**12
    assert frame["measured"] == pytest.approx(frame["expected"], rel=0.25)


def test_a_relu_s_result_of_size_one_has_the_deviation_that_the_text_says() -> None:
    numbers = torch.relu(2**0.5 * torch.randn(1_000_000, generator=torch.Generator().manual_seed(0)))
    assert numbers.square().mean().sqrt().item() == pytest.approx(1, abs=0.01)
    assert numbers.std().item() == pytest.approx((1 - 1 / np.pi) ** 0.5, abs=0.01)
    assert round((1 - 1 / np.pi) ** 0.5, 2) == 0.83


@pytest.mark.parametrize(("bias", "told"), [(-0.5, "In 5 layers every node returns 0"), (0.0, "In the worst layer ")])
def test_dead_nodes_are_told_for_the_layers_that_have_them(bias: float, told: str) -> None:
    assert told in compute_layers(KAIMING, "relu", 12, bias)["says"]
