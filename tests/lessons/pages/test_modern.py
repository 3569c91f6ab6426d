"""The views of the lesson on the block of today's models."""

from __future__ import annotations

import copy
from itertools import islice

import numpy as np
import pytest
import torch
from opened_numbers import check_origins
from torch.nn.functional import silu

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.modern import gating, racing, turning
from groundup.lessons.pages.modern.views import VIEWS
from groundup.models.attention_maps import catch_inputs, head_weights
from groundup.steps.c6_gpt.normalisation import rms_norm
from groundup.steps.c6_gpt.plain_block import FeedForward
from groundup.steps.c6_gpt.positions import rotate
from groundup.steps.c6_gpt.transformer import GatedFeedForward
from groundup.tasks.gpt.runs import encode_prompt

PARTS = ("norm", "positions", "gate", "query_key")
TEXT = "The tall man"


def choose(*new):
    return {part: part in new for part in PARTS}


def count_weights(model):
    return sum(weights.numel() for weights in model.parameters())


def test_with_no_new_part_both_models_are_the_same():
    for frame in islice(VIEWS["race"].make_frames(choose()), 2):
        assert frame["losses"][-1][1] == pytest.approx(frame["losses"][-1][2], rel=1e-5)
        assert frame["new"] == []


@pytest.mark.parametrize("part", PARTS)
def test_each_new_part_makes_another_model_of_about_as_many_weights(part):
    old, new = racing.build(65, **choose()), racing.build(65, **choose(part))
    rows = torch.arange(6)[None]
    assert not torch.allclose(old(rows), new(rows), atol=1e-4)
    assert count_weights(new) == pytest.approx(count_weights(old), rel=0.03)
    frame = next(VIEWS["race"].make_frames(choose(part)))
    assert frame["new"] == [racing.NAMES[part]]
    assert racing.NAMES[part] in frame["says"]


def test_the_model_of_the_race_sees_no_later_token():
    model = racing.build(65, **choose(*PARTS))
    rows = torch.arange(6)[None]
    assert torch.allclose(model(rows)[:, :4], model(rows[:, :4]), atol=1e-5)


def test_rotary_positions_gain_most_and_the_norms_hardly_anything():
    ends = {}
    for new in (("positions",), ("gate",), ("norm", "query_key")):
        *_, last = VIEWS["race"].make_frames(choose(*new))
        old, found = np.array(last["losses"])[-10:, 1:].mean(0)
        ends[new] = old - found
    assert ends["positions",] == pytest.approx(0.3, abs=0.1)
    assert 0.005 < ends["gate",] < 0.1
    assert abs(ends["norm", "query_key"]) < 0.05


@pytest.mark.parametrize("back", [0, 1, 8])
def test_turned_pairs_keep_their_length_and_their_score_depends_on_the_distance_alone(back):
    near, far = (
        VIEWS["turning"].make_frame({"way": "turned", "place": place, "apart": 3, "back": back}) for place in (0, 30)
    )
    np.testing.assert_allclose(near["curve"], far["curve"], atol=1e-4)
    assert far["products"] == pytest.approx(near["products"], abs=1e-4)
    assert np.hypot(*np.array(far["query"]).T) == pytest.approx(1, abs=1e-4)
    for frame in (near, far):
        products = (np.array(frame["key"]) * frame["query"]).sum(axis=1)
        assert frame["products"] == pytest.approx(products, abs=1e-4)
        assert frame["score"] == pytest.approx(frame["curve"][3][1], abs=1e-4) == sum(products)
    assert max(near["curve"], key=lambda pair: pair[1]) == pytest.approx([back, turning.PAIRS], abs=1e-4)


def test_where_positions_are_added_the_score_goes_up_and_down_as_both_tokens_move_on():
    frames = [VIEWS["turning"].make_frame({"way": "added", "place": place}) for place in range(turning.MOST_PLACES)]
    scores = [frame["score"] for frame in frames]
    assert max(scores) - min(scores) > 3
    plot = [score for frame in frames for _, score in frame["curve"]]
    assert -10 < min(plot) < max(plot) < 15


def test_the_turned_pairs_by_hand_are_right():
    def turn(place):
        angle = torch.tensor([[place * torch.pi / 6] * 2])
        return rotate(torch.tensor([[1.0, 0.0]]), angle.cos(), angle.sin())[0]

    assert turn(5).tolist() == pytest.approx([-0.8660, 0.5], abs=1e-4)
    assert [round(float(turn(key) @ turn(query)), 4) for key, query in ((1, 2), (4, 5), (1, 4))] == [0.8660, 0.8660, 0]


def test_larger_matrices_of_queries_and_keys_make_no_larger_scores(untrained):
    opened = untrained("modern")
    attention, x, rotary = catch_inputs(opened.model, encode_prompt(TEXT, opened.tokenizer))[0]
    larger = copy.deepcopy(attention)
    for matrix in (larger.query, larger.key):
        matrix.weight.mul_(100)
    before, after = (head_weights(one, x, rotary) for one in (attention, larger))
    assert torch.allclose(before, after, atol=1e-3)


@pytest.mark.parametrize("times", [0.5, 3.0, 6.0])
def test_scores_grow_with_the_square_and_those_with_a_norm_stay(times):
    once, frame = (VIEWS["scores"].make_frame({"times": factor}) for factor in (1.0, times))
    np.testing.assert_allclose(frame["scores"][0], np.array(once["scores"][0]) * times**2, rtol=1e-4)
    np.testing.assert_allclose(frame["scores"][1], once["scores"][1], atol=1e-3)
    for weights, slope in zip(frame["weights"], frame["slopes"], strict=True):
        assert sum(weights) == pytest.approx(1, rel=1e-4)
        assert slope == pytest.approx(max(weights) * (1 - max(weights)), rel=1e-3)
    assert check_origins(frame) == 2 * (3 * 6 + 1)


def test_the_norm_by_hand_is_right():
    assert rms_norm(torch.tensor([1.0, 2.0, 3.0]), torch.ones(3)).tolist() == pytest.approx(
        [0.4629, 0.9258, 1.3887], abs=1e-4
    )
    assert pytest.approx(2.1602, abs=1e-4) == (14 / 3) ** 0.5


@pytest.mark.parametrize("seed", range(3))
def test_with_as_many_weights_a_gate_learns_a_product_fifty_times_better(seed):
    networks = FeedForward(gating.WIDTH), GatedFeedForward(gating.WIDTH, gating.NODES)
    assert [count_weights(network) for network in networks] == [42, 42]
    *_, last = VIEWS["product"].make_frames({"seed": seed})
    (_, relu, gate) = last["errors"][-1]
    assert gate < relu / 50
    wanted, *said = np.array(last["maps"])
    assert wanted[0, -1] == 4  # x = y = 2, above right
    assert [((one - wanted) ** 2).mean() for one in said] == pytest.approx([relu, gate], rel=1e-2, abs=1e-5)


def test_two_gated_nodes_give_a_product_as_worked_by_hand():
    network = GatedFeedForward(2, 2)
    for matrix, numbers in (("gate", [[1, 0], [-1, 0]]), ("expand", [[0, 1], [0, 1]]), ("contract", [[1, -1], [0, 0]])):
        getattr(network, matrix).weight.data = torch.tensor(numbers, dtype=torch.float32)
    with torch.no_grad():
        assert network(torch.tensor([2.0, 3.0])).tolist() == pytest.approx([6, 0], abs=1e-5)
    assert silu(torch.tensor([2.0, -2.0])).tolist() == pytest.approx([1.7616, -0.2384], abs=1e-4)


def test_the_seed_of_the_question_is_one_of_those_that_were_tried():
    assert dict(load_text("modern").settings)["product"]["seed"] in range(3)
