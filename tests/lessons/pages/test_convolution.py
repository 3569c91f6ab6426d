"""The lesson on convolution: its sums are products added up, and its text tells what the networks are and read."""

from typing import Any

import numpy as np
import pytest
import torch
from opened_numbers import check_origins
from torch import nn

from groundup.lessons.pages.convolution import network
from groundup.lessons.pages.convolution.network import CONVOLUTIONAL, DENSE, MOVES, open_network, shift
from groundup.lessons.pages.convolution.views import (
    FILTERS,
    LOWER_EDGES,
    PLACES,
    RIGHT_EDGES,
    SAMPLES,
    VIEWS,
    compute_filter,
    compute_learned,
    compute_pool,
    compute_shift,
)
from groundup.lessons.trained import SmallModel, StillTrainingError
from groundup.lessons.watching import Watch
from groundup.runs.folder import Run
from groundup.steps.c4_training.convolution import ConvolutionalNetwork
from groundup.steps.c4_training.linear import Linear


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GROUNDUP_CACHE", str(tmp_path_factory.mktemp("cache")))
        for model in (DENSE, CONVOLUTIONAL):
            model.train(Watch())
        yield


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("name", FILTERS)
def test_each_number_of_a_map_is_the_sum_of_nine_products(name: str) -> None:
    for row, column in ((0, 0), (5, 9), (13, 13)):
        frame = compute_filter("a 7", 1, FILTERS[name], row, column)
        by_hand = sum(
            float(frame["picture"][row + u, column + v]) * FILTERS[name][u][v] for u in range(3) for v in range(3)
        )
        assert frame["sum"] == pytest.approx(by_hand, abs=1e-5)
        assert float(frame["map"][row, column]) == pytest.approx(by_hand, abs=1e-5)
        assert float(frame["products"].sum()) == pytest.approx(by_hand, abs=1e-5)
        assert frame["map"].abs().max() <= frame["most"] + 1e-6
        assert check_origins(frame) == 1


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("move", [-2, -1, 1, 2])
def test_a_moved_digit_has_the_same_sums_at_moved_places(sample: str, move: int) -> None:
    for weights in FILTERS.values():
        still, moved = (compute_filter(sample, right, weights, 0, 0)["map"].numpy() for right in (0, move))
        assert np.array_equal(shift(still, move), moved)
        assert np.array_equal(shift(moved, -move), still)  # nothing has left the picture


def test_the_main_view_opens_at_the_sum_that_the_text_adds_up() -> None:
    frame = VIEWS["filter"].make_frame({})
    assert np.round([row[0] for row in frame["pixels"]], 6).tolist() == [0.4, 0.8, 0.9]
    assert [row[2] for row in frame["pixels"]] == [0, 0, 0]
    assert frame["sum"] == 2.1


def test_weights_far_away_are_taken_for_the_largest() -> None:
    far = compute_filter("a 7", 0, ((1e300,) * 3,) * 3, 5, 9)
    assert far["most"] == 18
    assert np.isfinite(far["sum"])


@pytest.mark.parametrize("move", [-2, 0, 1])
def test_pooling_keeps_the_largest_of_four(move: int) -> None:
    for row, column in ((0, 0), (3, 5), (7, 7)):
        frame = compute_pool("a 3", LOWER_EDGES, move, row, column)
        assert float(frame["pooled"][row, column]) == float(frame["four"].max())
        assert (frame["map"] >= 0).all()
        assert frame["map"].reshape(8, 2, 8, 2).amax(dim=(1, 3)).equal(frame["pooled"])


def test_of_the_map_and_of_the_pooled_map_stays_what_the_text_says() -> None:
    frame = compute_pool("a 7", RIGHT_EDGES, 1, 3, 5)
    assert (round(frame["kept"], 2), round(frame["kept_pooled"], 2)) == (0.39, 0.68)
    still = compute_pool("a 7", RIGHT_EDGES, 0, 3, 5)
    assert (still["kept"], still["kept_pooled"]) == (1, 1)


def test_pictures_are_moved_and_paper_comes_in() -> None:
    picture = np.arange(1, 13, dtype=np.uint8).reshape(3, 4)
    assert shift(picture, 1).tolist() == [[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11]]
    assert shift(picture, -3).tolist() == [[4, 0, 0, 0], [8, 0, 0, 0], [12, 0, 0, 0]]
    assert np.array_equal(shift(picture, 0), picture)


def test_the_networks_have_as_many_weights_as_the_text_says() -> None:
    small = ConvolutionalNetwork(channels=8, hidden=64)
    assert (count(small.first), count(small)) == (8 * 26, 13_626)
    maps = small.first(torch.zeros(1, 1, 28, 28))
    assert maps.numel() == 6_272
    assert count(Linear(2, 3)) == 2 * 3 + 3
    assert 784 * maps.numel() + maps.numel() == 4_923_520
    assert small.first.weight.numel() * 28 * 28 == 156_800
    assert PLACES**2 == 196


def test_until_the_networks_are_trained_the_views_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(model: SmallModel) -> Run:
        raise StillTrainingError(model.name, Watch())

    monkeypatch.setattr(network, "open_small", wait)
    assert compute_learned(sample="a 3", right=0)["waiting"]["model"] == CONVOLUTIONAL.name
    assert compute_shift(sample="a 3", right=0)["waiting"]["model"] == DENSE.name


@pytest.mark.usefixtures("models")
def test_moved_digits_are_read_as_the_text_says() -> None:
    frame = compute_shift(sample="a 7", right=3)
    dense, convolutional = frame["networks"]
    assert (dense["weights"], convolutional["weights"]) == (101_770, 13_626)
    at = {move: place for place, move in enumerate(MOVES)}
    for one in frame["networks"]:
        assert 0.945 < one["accuracy"][at[0]] <= 1
    assert dense["accuracy"][at[3]] == pytest.approx(0.25, abs=0.07)
    assert convolutional["accuracy"][at[3]] == pytest.approx(0.5, abs=0.1)
    for move in MOVES[1:-1]:
        assert move in {-1, 0, 1} or convolutional["accuracy"][at[move]] > dense["accuracy"][at[move]]
    assert check_origins(frame) == 2


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("sample", SAMPLES)
def test_maps_of_learned_filters_are_those_of_the_network(sample: str) -> None:
    frame = compute_learned(sample=sample, right=2)
    first: Any = open_network(CONVOLUTIONAL).reader.recogniser.network.first
    assert len(frame["filters"]) == len(first.weight) == 8
    assert max(float(one["map"].max()) for one in frame["filters"]) == 1
    for one, weights in zip(frame["filters"], first.weight.detach()[:, 0], strict=True):
        assert torch.allclose(one["weights"] * weights.abs().max(), weights)
        assert one["map"].shape == (14, 14)
        assert (one["map"] >= 0).all()
