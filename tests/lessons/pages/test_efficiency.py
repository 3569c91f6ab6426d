"""The views of the lesson on efficient transformers, and the numbers of its text."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from opened_numbers import check_origins

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.efficiency import costs, views
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c7_beyond.experts import MixtureOfExperts, choose_experts

VIEWS = views.VIEWS


@pytest.mark.parametrize("tokens", [8, 13, 64])
@pytest.mark.parametrize(("groups", "tile", "used"), [("8", "none", 8), ("2", "16", 2), ("1", "8", 1)])
def test_what_is_counted_is_what_the_text_says(tokens, groups, tile, used):
    frame = VIEWS["costs"].make_frame({"tokens": tokens, "groups": groups, "tile": tile, "used": used})
    side = min(tokens, int(tile) if tile != "none" else tokens)
    assert frame["kept"] == 2 * int(groups) * costs.HEAD_CHANNELS * tokens
    assert frame["all_kept"] == 2 * costs.CHANNELS * tokens
    assert frame["held"] == side**2
    assert frame["all_held"] == tokens**2
    assert frame["through"] == used * 3 * costs.CHANNELS * costs.HIDDEN
    assert frame["all_through"] == 8 * 3 * costs.CHANNELS * costs.HIDDEN
    assert np.count_nonzero(frame["shares"]) == used
    assert sum(frame["shares"]) == pytest.approx(1)
    for name in ("kept", "held", "through"):
        assert f" {frame[name]:,} " in frame["says"]
        assert frame["origins"][name]["value"] == frame[name]
    check_origins(frame)


def test_of_twice_as_many_tokens_only_the_attention_weights_are_four_times_as_many():
    (_, asked) = next(one for one in load_text("efficiency").settings if one[0] == "costs")
    before, after = VIEWS["costs"].make_frame({}), VIEWS["costs"].make_frame(asked)
    assert [after[name] / before[name] for name in ("kept", "held", "through")] == [2, 4, 1]


def test_to_measure_leaves_the_random_numbers_of_others_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    costs.run_experts.__wrapped__(2)
    costs.count_weights.__wrapped__(9, None)
    assert torch.equal(torch.rand(1), expected)


def test_the_numbers_of_the_real_model_are_those_of_the_steps():
    """Mixtral 8x7B, without its memory: 32 layers, 32 query heads of 128, 32,768 tokens, 8 experts, 2 of them used."""
    told = next(block.body for block in load_text("efficiency").blocks if block.kind == "byhand")
    numbers = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*\d|\d", told)}
    for heads in (32, 8):
        bytes_of = {}
        for tokens in (1, 32_768):
            cache = KeyValueCache(32, 1, heads, tokens, 128, torch.bfloat16, "meta")
            bytes_of[tokens] = cache.keys.nbytes + cache.values.nbytes
        assert bytes_of[1] in numbers
        assert f" {bytes_of[32_768] / 1e9:.1f} GB |" in told
    assert {32_768**2, 128**2, 2 * 128**2} <= numbers
    assert f"{2 * 32_768**2 / 1e9:.1f} GB" in told
    with torch.device("meta"):
        mixture = MixtureOfExperts(4096, 14_336, 8, 2)
    weights = [sum(one.numel() for one in expert.parameters()) for expert in mixture.experts]
    assert {sum(weights), sum(weights[:2])} <= numbers


def test_the_example_of_a_router_is_right():
    weights, chosen = choose_experts(torch.tensor([[1.0, 3.0, 2.0]]), 2)
    assert chosen.tolist() == [[1, 2]]
    text = next(block.body for block in load_text("efficiency").blocks if "the scores 1, 3 and 2" in block.body)
    for weight in weights[0].tolist():
        assert f"{weight:.3f}" in text


@pytest.mark.parametrize("tile", [1, 2, 3, 8])
@pytest.mark.parametrize("late", [-4.0, 8.0])
def test_tiles_give_the_average_of_the_whole_row_and_before_it_that_of_the_keys_read(tile, late):
    for read in range(1, 9):
        frame = VIEWS["tiles"].make_frame({"tile": tile, "read": read, "late": late})
        count = frame["count"]
        scores, values = (torch.tensor(frame[name][:count], dtype=torch.float64) for name in ("scores", "values"))
        assert count == min(8, tile * read)
        assert frame["mean"] == pytest.approx(float(scores.softmax(0) @ values), rel=1e-5)
        assert frame["total"] == pytest.approx(sum(frame["weights"]), rel=1e-5)
        if count == 8:
            assert frame["mean"] == frame["whole"]


def test_a_larger_score_makes_what_was_summed_smaller():
    shrink = VIEWS["tiles"].make_frame({"tile": 1, "read": 7, "late": 8.0})["shrink"]
    assert shrink == pytest.approx(math.exp(-5.5), rel=1e-4)
    asked = next(block.body for block in load_text("efficiency").blocks if block.argument.startswith("tiles {"))
    assert f"e^{{2.5 - 8}} = {shrink:.4f}" in asked
    assert VIEWS["tiles"].make_frame({"tile": 1, "read": 7, "late": -4.0})["shrink"] == 1
    told = " ".join(block.body for block in load_text("efficiency").blocks)
    assert f"$l' = e^{{-2}} \\cdot 1 + 1 = {math.exp(-2) + 1:.3f}$" in told


@pytest.mark.parametrize("used", [1, 2, 3, 4])
def test_each_token_uses_k_experts_and_the_balance_loss_is_that_of_its_shares(used):
    frame = VIEWS["experts"].make_frame({"used": used, "favour": 1.5})
    weights = np.array(frame["weights"])
    assert (np.count_nonzero(weights, axis=1) == used).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(frame["shares"], np.count_nonzero(weights, axis=0) / (8 * used), rtol=1e-5)
    assert frame["balance"] == pytest.approx(4 * np.dot(frame["shares"], frame["probabilities"]), rel=1e-4)


def test_a_favoured_expert_gets_nearly_all_tokens():
    frame = VIEWS["experts"].make_frame({"used": 1, "favour": 3.0})
    assert frame["shares"][0] >= 0.75
    assert f"{frame['balance']:.1f} of at most 4" in " ".join(block.body for block in load_text("efficiency").blocks)
    assert VIEWS["experts"].make_frame({"used": 4, "favour": 0.0})["balance"] == pytest.approx(1)
