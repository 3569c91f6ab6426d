"""The lesson on signals: its frames are the steps' results, and its text tells what they give."""

from typing import Any

import numpy as np
import pytest
import torch

from groundup.lessons.pages.signals.views import (
    ACTIVATIONS,
    ADAM,
    INITS,
    KAIMING,
    LARGE,
    NORMS,
    PLAIN,
    SMALL,
    START,
    XAVIER,
    ZERO,
    compute_layers,
    compute_norms,
    compute_walk,
    train_deep,
)


def send(init: str, activation: str = "relu", norm: str = "none", bias: float = 0.0) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = compute_layers(init, activation, norm, 12, 100, bias)["layers"]
    return layers


@pytest.mark.parametrize(
    ("init", "last"), [(SMALL, 2.2e-14), (LARGE, 2.2e10), (XAVIER, 0.022), (KAIMING, 1.4), (ZERO, 0)]
)
def test_the_size_after_twelve_layers(init: str, last: float) -> None:
    assert send(init)[-1]["size"] == pytest.approx(last, rel=0.05)


def test_tanh_hides_gradients_that_explode() -> None:
    layers = send(LARGE, "tanh")
    assert all(layer["size"] == pytest.approx(0.96, abs=0.01) for layer in layers[:-1])
    assert layers[0]["back_size"] / layers[-1]["back_size"] == pytest.approx(12_000, rel=0.05)


def test_a_bias_below_zero_kills_from_the_sixth_layer_on() -> None:
    layers = send(KAIMING, bias=-0.5)
    assert [layer["dead"] == 1 for layer in layers] == [False] * 5 + [True] * 6 + [False]
    assert all(layer["back_size"] == 0 for layer in layers[:-1])


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", NORMS)
def test_every_control_s_ends_give_finite_numbers(init: str, activation: str, norm: str) -> None:
    for depth, width, bias in ((1, 10, -1.0), (20, 150, 1.0)):
        for layer in compute_layers(init, activation, norm, depth, width, bias)["layers"]:
            assert all(np.isfinite(np.asarray(layer[key])).all() for key in layer)
            assert layer["histogram"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("init", "norm", "optimizer", "depth", "loss"),
    [
        (SMALL, "none", ADAM, 12, 2.30),
        (KAIMING, "none", PLAIN, 12, 0.66),
        (XAVIER, "none", PLAIN, 12, 2.17),
        (XAVIER, "none", ADAM, 12, 0.26),
        (KAIMING, "none", ADAM, 12, 0.13),
        (XAVIER, "none", PLAIN, 20, 2.30),
        (KAIMING, "none", PLAIN, 20, 0.97),
        (LARGE, "layer norm", ADAM, 12, 0.89),
        (SMALL, "layer norm", ADAM, 12, 2.31),
        (KAIMING, "layer norm", ADAM, 12, 0.26),
    ],
)
def test_deep_networks_learn_as_the_text_says(init: str, norm: str, optimizer: str, depth: int, loss: float) -> None:
    *_, frame = train_deep(init, norm, optimizer, depth)
    assert np.mean(frame["losses"][-20:]) == pytest.approx(loss, rel=0.15, abs=0.01)
    assert len(frame["losses"]) == frame["steps"] + 1
    assert len(frame["sizes"]) == len(frame["gradients"]) == depth


def test_xavier_s_first_gradients_are_far_smaller_than_kaiming_s() -> None:
    found = []
    for init in (KAIMING, XAVIER):
        _, frame, *_ = train_deep(init, "none")
        found.append(np.array(frame["gradients"]))
    ratios = found[0] / found[1]
    assert 50 < ratios.min() < ratios.max() < 110


def test_a_training_that_overflows_says_so() -> None:
    *_, frame = train_deep(LARGE, "none", PLAIN)
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


@pytest.mark.parametrize(("bias", "told"), [(-0.5, "In 6 layers every node returns 0"), (0.0, "In the worst layer ")])
def test_dead_nodes_are_told_for_the_layers_that_have_them(bias: float, told: str) -> None:
    assert told in compute_layers(KAIMING, "relu", "none", 12, 100, bias)["says"]


@pytest.mark.parametrize("kind", ["layer norm", "RMS norm", "batch norm"])
def test_groups_share_a_mean(kind: str) -> None:
    frame = compute_norms(START, kind)
    for group in range(int(frame["groups"].max()) + 1):
        numbers = frame["after"][frame["groups"] == group]
        if kind != "RMS norm":
            assert numbers.mean().item() == pytest.approx(0, abs=1e-5)
        assert numbers.square().mean().sqrt().item() == pytest.approx(1, abs=1e-3)


def test_missing_and_equal_numbers_are_normalized_too() -> None:
    for kind in ("layer norm", "RMS norm", "batch norm"):
        assert torch.isfinite(compute_norms([], kind)["after"]).all()
