"""The lesson on normalization: its frames are the steps' results, and its text tells what they give."""

import numpy as np
import pytest
import torch

from groundup.lessons.pages.normalisation.views import (
    BATCH_NORM,
    START,
    VIEWS,
    compute_sizes,
    compute_table,
)
from groundup.lessons.pages.signals.deep import ADAM, KAIMING, LARGE, LAYER_NORM, RMS_NORM, SMALL, train_deep

KINDS = (LAYER_NORM, RMS_NORM, BATCH_NORM)


@pytest.mark.parametrize("norm", [LAYER_NORM, RMS_NORM])
def test_with_a_norm_the_sizes_are_the_same_whatever_the_factor(norm: str) -> None:
    inside = [compute_sizes(factor, norm, 11)["with"]["sizes"][1:-1] for factor in (0.07, 1.0, 7.0)]
    assert inside[0] == pytest.approx(inside[1], rel=0.1)
    assert inside[2] == pytest.approx(inside[1], rel=1e-3)
    assert all(0.6 < size < 0.85 for size in inside[1])


def test_after_eleven_layers_the_sizes_are_as_the_text_says() -> None:
    frame = compute_sizes(7, LAYER_NORM, 11)
    assert frame["without"]["sizes"][11] == pytest.approx(2.2e9, rel=0.02)
    assert frame["with"]["sizes"][11] == pytest.approx(0.74, abs=0.005)
    assert compute_sizes(1, LAYER_NORM, 11)["with"]["sizes"][11] == pytest.approx(0.74, abs=0.005)


def test_with_a_norm_gradients_stay_the_same_on_the_way_back() -> None:
    frame = compute_sizes(7, LAYER_NORM, 11)
    hidden = frame["with"]["gradients"][:-1]
    assert max(hidden) < 1.5 * min(hidden)
    assert frame["without"]["gradients"][0] > 1e6 * frame["without"]["gradients"][-2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("examples", [2, 3])
def test_a_group_has_mean_0_and_size_1(kind: str, examples: int) -> None:
    frame = compute_table(START, kind, examples)
    for group in range(int(frame["groups"].max()) + 1):
        numbers = frame["after"][frame["groups"] == group]
        if kind != RMS_NORM:
            assert numbers.mean().item() == pytest.approx(0, abs=1e-5)
        assert numbers.square().mean().sqrt().item() == pytest.approx(1, abs=1e-3)


def test_numbers_by_hand_are_those_of_the_table() -> None:
    layer, rms, batch = (compute_table(START, kind, 3) for kind in KINDS)
    assert layer["means"][0] == 2.5
    assert layer["roots"][0] ** 2 == pytest.approx(1.25, abs=1e-4)
    assert layer["after"][0, 0].item() == pytest.approx(-1.34, abs=0.005)
    assert rms["roots"][0] ** 2 == pytest.approx(7.5, abs=1e-4)
    assert rms["after"][0, 0].item() == pytest.approx(0.365, abs=5e-4)
    assert batch["means"][3] == 4
    assert batch["roots"][3] ** 2 == pytest.approx(10.67, abs=0.005)
    assert batch["after"][:, 3].tolist() == pytest.approx([0, 1.22, -1.22], abs=0.006)


def test_another_example_changes_a_result_of_batch_norm_alone() -> None:
    other = [list(row) for row in START]
    other[1][3] = 3.0
    for kind in KINDS:
        before, after = (compute_table(numbers, kind, 3)["after"][0] for numbers in (START, other))
        assert before.equal(after) == (kind != BATCH_NORM)


def test_of_a_single_example_batch_norm_leaves_nothing() -> None:
    assert (compute_table(START, BATCH_NORM, 1)["after"] == 0).all()
    for kind in (LAYER_NORM, RMS_NORM):
        assert compute_table(START, kind, 1)["after"][0].equal(compute_table(START, kind, 3)["after"][0])


def test_large_and_equal_numbers_are_normalized_too() -> None:
    for kind in KINDS:
        for number in (0.0, 1e300):
            assert torch.isfinite(compute_table([[number] * 4] * 3, kind, 3)["after"]).all()
    assert VIEWS["table"].make_frame({"numbers": [[1e300] * 4] * 3})["before"][0] == [9] * 4


@pytest.mark.parametrize(
    ("init", "norm", "loss"),
    [
        (LARGE, LAYER_NORM, 0.89),
        (SMALL, LAYER_NORM, 2.31),
        (KAIMING, LAYER_NORM, 0.26),
        (KAIMING, "none", 0.13),
    ],
)
def test_deep_networks_with_a_norm_learn_as_the_text_says(init: str, norm: str, loss: float) -> None:
    *_, frame = train_deep(init, norm, ADAM)
    assert np.mean(frame["losses"][-20:]) == pytest.approx(loss, rel=0.15, abs=0.01)
    if init == LARGE:
        assert frame["losses"][0] == pytest.approx(9.1, abs=0.05)
