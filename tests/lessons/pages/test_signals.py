"""The lesson on signals: its frames are the steps' results, and its text tells what they give."""

from typing import Any

import numpy as np
import pytest
import torch

from groundup.lessons.pages.signals.views import (
    ACTIVATIONS,
    INITS,
    KAIMING,
    LARGE,
    NORMS,
    SMALL,
    START,
    XAVIER,
    ZERO,
    compute_layers,
    compute_norms,
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


def test_small_weights_learn_nothing() -> None:
    *_, frame = train_deep(SMALL, "none")
    assert frame["losses"][-1] == pytest.approx(2.3, abs=0.03)


@pytest.mark.parametrize(("init", "norm"), [(KAIMING, "none"), (LARGE, "layer norm")])
def test_what_keeps_the_signal_learns(init: str, norm: str) -> None:
    *_, frame = train_deep(init, norm)
    assert frame["losses"][-1] < 1
    assert len(frame["losses"]) == frame["steps"] + 1


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
