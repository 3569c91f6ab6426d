"""The views of the lesson on the whole GPT."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest
import torch
from opened_numbers import check_origins

from groundup.base.errors import UserError
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.transformer import following, leaving_out, walking, zooming
from groundup.lessons.pages.transformer.tracing import MOST_TOKENS, Off, trace
from groundup.lessons.pages.transformer.views import VIEWS
from groundup.models.attention_maps import look
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.positions import sinusoidal_positions
from groundup.tasks.gpt.runs import encode_prompt

TEXT = "The tall man"


@pytest.fixture(params=["plain", "classic", "modern"])
def model(request, untrained, monkeypatch):
    opened = untrained(request.param)
    for module in (walking, following, zooming):
        monkeypatch.setattr(module, "open_newest_gpt", lambda: opened)
    return opened


def read(model, off="", text=TEXT):
    tokens = encode_prompt(text, model.tokenizer)
    return trace(model, tokens, Off.read(off, 2, 2)), tokens


def test_with_everything_on_it_computes_what_the_model_computes(model):
    found, tokens = read(model)
    with torch.inference_mode():
        assert torch.allclose(found.logits, model.model(torch.tensor([tokens]))[0], atol=1e-5)
    for ours, theirs in zip(found.weights, look(model.model, tokens), strict=True):
        assert torch.allclose(ours, theirs[0], atol=1e-5)
    for before, after, (attention, fed) in zip(found.stream, found.stream[1:], found.added, strict=False):
        assert torch.allclose(before + attention + fed, after, atol=1e-4)


def test_a_block_that_is_off_adds_nothing(model):
    found, _ = read(model, "block 1")
    assert torch.equal(found.stream[0], found.stream[1])
    assert not torch.equal(found.stream[1], found.stream[2])


@pytest.mark.parametrize("off", ["head 1.1", "head 2.2", "block 2", "positions", "attention", "feed-forward"])
def test_every_part_makes_a_difference(model, off):
    assert not torch.allclose(read(model, off)[0].logits, read(model)[0].logits, atol=1e-6)


def test_without_attention_a_token_depends_on_itself_alone(model):
    first, second = (read(model, "attention, positions", text)[0].logits[-1] for text in ("The man", "Then"))
    assert torch.allclose(first, second, atol=1e-5)


def test_all_heads_off_is_attention_off_but_for_its_bias(model):
    if model.model.settings.preset == "classic":
        pytest.skip("its output has a bias")
    heads = ", ".join(f"head {layer}.{head}" for layer in (1, 2) for head in (1, 2))
    assert torch.allclose(read(model, heads)[0].logits, read(model, "attention")[0].logits, atol=1e-5)


def test_nothing_of_it_stays_when_it_is_done(model):
    before = read(model)[0].logits
    read(model, "block 1, positions, head 2.1")
    assert torch.equal(read(model)[0].logits, before)


@pytest.mark.parametrize("text", [TEXT, "", "a", "man " * 20])
@pytest.mark.parametrize("token", [0, 1, 16])
def test_the_path_has_every_stage_for_any_text(model, text, token):
    frame = VIEWS["path"].make_frame({"text": text, "token": token})
    count = len(frame["tokens"])
    assert 1 <= count <= MOST_TOKENS
    assert [len(rows) for rows in frame["strips"]] == [count] * 3
    assert np.array(frame["weights"]).shape == (2, 2, count, count)
    assert len(frame["told"]) == walking.STAGES
    assert frame["says"] == frame["told"][-1]
    check_origins(frame, close=2e-3)
    json.dumps(frame, allow_nan=False)


def test_each_stage_tells_what_the_model_does_there(model):
    frame = VIEWS["path"].make_frame({"text": TEXT, "stage": 3})
    found, tokens = read(model)
    settings, told = model.model.settings, frame["told"]
    assert (
        told[0] == f"Tokens: the text is cut into {len(tokens)}. “n” is number {tokens[-1]} of {settings.vocabulary}."
    )
    assert f"{settings.width} numbers become {settings.hidden}, and {settings.width} again" in told[3]
    for stage, layer in ((2, 0), (4, 1)):
        mean = found.weights[layer][:, -1].mean(0)
        most = int(mean.argmax())
        where = "itself" if most == len(tokens) - 1 else f"token {most + 1}, "
        assert f"“n” takes most from {where}" in told[stage]
        assert f"({float(mean[most]):.0%}, the mean of 2 heads)" in told[stage]
    assert frame["says"] == told[2]
    likeliest = found.logits[-1].softmax(0).max()
    assert f"with {float(likeliest):.0%}. It is appended" in told[6]


@pytest.mark.parametrize("words", ["dog bites man", "I saw you", "a b", "w x y z"])
def test_without_positions_one_layer_of_attention_makes_the_same_of_both_orders(words):
    lost, kept = (VIEWS["order"].make_frame({"words": words, "positions": on}) for on in (False, True))
    assert lost["distance"] == 0
    assert "is the same in both orders" in lost["says"]
    np.testing.assert_allclose(lost["orders"][0]["new"], lost["orders"][1]["new"], atol=1e-5)
    assert kept["distance"] > 0.1
    first, second = kept["orders"]
    assert second["tokens"] == [*first["tokens"][-2::-1], "."]
    np.testing.assert_allclose(first["patterns"], sinusoidal_positions(len(first["tokens"]), 8), atol=1e-5)
    assert sum(first["weights"]) == pytest.approx(1, rel=1e-5)
    assert check_origins(kept) == 2 * (3 * len(first["tokens"]) + 1)


@pytest.mark.parametrize("words", ["", "one", "one two three four five"])
def test_words_that_have_no_order_or_no_room_are_refused(words):
    with pytest.raises(UserError, match="Type 2 to 4 words"):
        VIEWS["order"].make_frame({"words": words})


@pytest.mark.parametrize(("block", "token"), [(1, 12), (2, 3), (12, 16)])
def test_a_vector_is_followed_through_every_box_of_a_block(model, block, token):
    found, tokens = read(model)
    layer, place = min(block, 2) - 1, min(token, len(tokens)) - 1
    frames = [
        VIEWS["follow"].make_frame({"text": TEXT, "block": block, "token": token, "box": box}) for box in range(1, 7)
    ]
    strips = [[np.array(strip["numbers"]) for strip in frame["strips"]] for frame in frames]
    attention, fed = (part[place].numpy() for part in found.added[layer])
    before, after = (level[place].numpy() for level in found.stream[layer : layer + 2])
    # Each box reads what the one before it returned, and both sums come back to the stream.
    shown = strips[0][0], strips[1][1], strips[4][-1], strips[5][-1]
    for numbers, wanted in zip(shown, (before, attention, fed, after), strict=True):
        np.testing.assert_allclose(numbers, wanted, atol=1e-4)
    np.testing.assert_allclose(strips[2][2], strips[3][0])
    for total in (strips[2], strips[5]):
        np.testing.assert_allclose(total[0] + total[1], total[2], atol=1e-4)
    np.testing.assert_allclose(frames[1]["weights"], found.weights[layer][:, place, : place + 1], atol=1e-4)
    assert [frame["weights"] is None for frame in frames] == [True, False, True, True, True, True]
    assert frames[4]["strips"][1]["count"] == model.model.settings.hidden
    assert frames[0]["strips"][0]["size"] == pytest.approx(np.sqrt(np.mean(before**2)), rel=1e-3)


@pytest.mark.parametrize(("query", "key"), [(1, 1), (16, 16), (4, 1), (3, 9)])
def test_a_score_is_the_sum_of_its_products(model, query, key):
    frame = VIEWS["zoom"].make_frame({"text": TEXT, "query": query, "key": key, "block": 12, "head": 12})
    assert sum(frame["products"]) == pytest.approx(frame["score"], rel=1e-3, abs=1e-3)
    scores = np.exp(np.array(frame["scores"]) - max(frame["scores"]))
    assert np.allclose(scores / scores.sum(), frame["weights"], atol=1e-4)
    assert frame["key"] <= frame["query"]
    assert check_origins(frame, close=2e-3) == 3 * len(frame["scores"]) + 1


def test_with_nothing_off_both_models_are_the_same():
    for frame in islice(VIEWS["ablation"].make_frames({"residual": True}), 2):
        assert frame["losses"][-1][1] == pytest.approx(frame["losses"][-1][2], rel=1e-5)
        assert len(frame["gradients"][0]) == leaving_out.BLOCKS


def test_without_residuals_less_gradient_reaches_the_first_block():
    *_, frame = islice(VIEWS["ablation"].make_frames({"residual": False}), 6)
    complete, without = frame["gradients"]
    assert without[0] / without[-1] < 0.5 * complete[0] / complete[-1]
    assert "without residual" in frame["says"]


def test_without_residuals_the_gradient_of_the_first_block_is_large_first_and_then_thousands_of_times_smaller():
    frames = {frame["step"]: frame for frame in islice(VIEWS["ablation"].make_frames({"residual": False}), 21)}
    complete, without = frames[0]["gradients"]
    assert without[0] > complete[0]
    assert frames[40]["gradients"][1][0] * 2000 < frames[40]["gradients"][1][-1]
    # The axis of the picture begins at a millionth.
    assert min(size for frame in frames.values() for size in frame["gradients"][1]) > 1e-6


def test_a_block_without_any_part_hands_on_what_it_got():
    block = leaving_out.build(9, False, False, False, False).blocks[0]
    x = torch.randn(1, 3, leaving_out.WIDTH)
    assert torch.equal(block(x), x)
    everything_off = {"residual": False, "norm": False, "attention": False, "feed_forward": False}
    assert next(VIEWS["ablation"].make_frames(everything_off))["gradients"][1] == [0] * leaving_out.BLOCKS


def test_a_zoom_says_which_tokens_it_compares_also_where_the_text_is_shorter(model):
    frame = VIEWS["zoom"].make_frame({"text": "The", "query": 16, "key": 2, "block": 12, "head": 1})
    assert frame["says"].startswith("Head 2.1: token 3, “e”, looks at token 2, “h”. ")


def test_the_weights_of_the_worked_example_are_those_of_the_small_model():
    told = next(block.body for block in load_text("transformer").blocks if block.kind == "byhand")
    small = GPT(GPTSettings(vocabulary=65, width=144, layers=2))
    settings = small.settings
    assert (settings.heads, settings.head_width, settings.hidden) == (4, 36, 384)
    for part in (small, small.blocks[0]):
        assert f"= {sum(weights.numel() for weights in part.parameters()):,}" in " ".join(told.split())
