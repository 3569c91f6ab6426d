"""The views of the lesson that looks inside a GPT."""

from __future__ import annotations

import math

import pytest
import torch
from opened_numbers import check_origins

from groundup.base.errors import UserError
from groundup.data.corpus.texts import read_text
from groundup.lessons.pages.inside import repeating, switching
from groundup.lessons.pages.inside.views import VIEWS
from groundup.lessons.pages.transformer.tracing import Off, trace
from groundup.steps.c6_gpt.normalisation import rms_norm
from groundup.steps.c7_beyond.logit_lens import read_stream, recorded_stream
from groundup.tasks.gpt.runs import encode_prompt

TEXT = "The tall man"


@pytest.fixture(params=["plain", "classic", "modern"])
def model(request, untrained, monkeypatch):
    opened = untrained(request.param)
    monkeypatch.setattr(switching, "open_newest_gpt", lambda: opened)
    return opened


def read(model, off="", text=TEXT):
    tokens = encode_prompt(text, model.tokenizer)
    return trace(model, tokens, Off.read(off, 2, 2)), tokens


@pytest.mark.parametrize("off", ["block 3", "head 0.1", "head 1.3", "x", "head", "block 1 block 2", "日本"])
def test_a_part_that_is_not_there_is_refused(model, off):
    with pytest.raises(UserError, match="is no part of this model"):
        VIEWS["path"].make_frame({"text": TEXT, "off": off})


def test_the_empty_field_of_parts_shows_an_example_that_is_one(model):
    field = next(control for control in VIEWS["path"].controls if control.name == "off").describe()
    assert field["value"] == ""
    assert field["example"].startswith("e.g. ")
    assert VIEWS["path"].make_frame({"text": TEXT, "off": field["example"][5:]})["off"]["heads"] == [[1, 2]]


@pytest.mark.parametrize("text", [TEXT, "", "a", "man " * 20])
def test_the_guess_after_the_last_block_is_that_of_the_model(model, text):
    frame = VIEWS["path"].make_frame({"text": text, "off": "head 1.1"})
    assert len(frame["lens"]) == 3
    assert frame["lens"][-1][0]["p"] == pytest.approx(frame["next"][0]["p"], rel=1e-4)


def test_the_mean_loss_on_the_text_is_told_with_a_part_off_and_with_all_parts_on(model):
    frame = VIEWS["path"].make_frame({"text": TEXT, "off": "block 1"})
    whole = VIEWS["path"].make_frame({"text": TEXT})
    now, before = (float(next_token_loss_of(*read(model, off))) for off in ("block 1", ""))
    assert frame["losses"] == pytest.approx([now, before], rel=1e-4)
    assert f"Mean loss on this text: {now:.2f}, with all parts on {before:.2f}." in frame["says"]
    assert f"Mean loss on this text: {before:.2f}. " in whole["says"]
    assert "Mean loss" not in VIEWS["path"].make_frame({"text": "a"})["says"]


def next_token_loss_of(found, tokens):
    return -found.logits.log_softmax(-1)[range(len(tokens) - 1), tokens[1:]].mean()


def test_what_the_text_says_of_the_small_model(small_gpt, monkeypatch):
    monkeypatch.setattr(switching, "open_newest_gpt", lambda: small_gpt)
    whole = VIEWS["path"].make_frame({})
    # Of seven trainings (five seeds in float32, two of them in bfloat16, too), the lowest and the highest number.
    first, after, end = (guesses[0] for guesses in whole["lens"])
    assert first["text"] == after["text"] == end["text"] == "d"  # 0.31 to 0.68 after block 1
    assert first["p"] < after["p"]
    assert end["p"] > 0.95  # 0.98 to 0.997
    without, loss = (block := VIEWS["path"].make_frame({"off": "block 1"}))["losses"]
    assert loss == pytest.approx(1, abs=0.2)  # 0.96 to 1.07
    assert 1.45 < without < 2.5  # 1.57 to 2.21
    assert f"Mean loss on this text: {without:.2f}, with all parts on {loss:.2f}." in block["says"]
    assert block["next"][0]["text"] != "d"
    # How often the guess after the embedding and after each block is right on new text.
    content = read_text("shakespeare").content
    content = content[-len(content) // 10 :]
    starts = range(0, len(content) - 64, len(content) // 120)
    rows = torch.tensor([small_gpt.tokenizer.encode(content[start : start + 64]).tolist() for start in starts])
    with torch.inference_mode():
        with recorded_stream(small_gpt.model) as stream:
            small_gpt.model(rows)
        guesses = [read_stream(small_gpt.model, level)[:, :-1].argmax(-1) for level in stream]
    right = [float((guess == rows[:, 1:]).float().mean()) for guess in guesses]
    assert right[0] == pytest.approx(0.2, abs=0.1)  # 0.14 to 0.21
    assert right[1:] == pytest.approx([0.34, 0.5], abs=0.03)  # 0.33 to 0.35, 0.49 to 0.50


@pytest.mark.parametrize("off", ["", "block 1, positions", "head 1.1, head 2.2"])
def test_a_probability_opens_to_what_each_part_of_the_model_adds(model, off):
    frame = VIEWS["path"].make_frame({"text": TEXT, "off": off, "token": 9})
    origins = frame["origins"]
    check_origins(frame, close=2e-3)
    for key, guesses in [
        *((f"{level}_", guesses) for level, guesses in enumerate(frame["lens"])),
        ("next", frame["next"]),
    ]:
        for place, guess in enumerate(guesses, 1):
            assert origins[f"p{key}{place}"]["value"] == pytest.approx(guess["p"], rel=1e-4)
    parts = [term["factors"][0] for term in origins["znext1"]["terms"]]
    names = ["embedding", "attention 1", "feed-forward 1", "attention 2", "feed-forward 2"]
    assert [part["label"] for part in parts][:5] == names
    assert [part["value"] == 0 for part in parts[1:3]] == [off.startswith("block")] * 2
    assert len(origins["z1_1"]["terms"]) == len(origins["znext1"]["terms"]) - 2
    assert origins["pnextsum"]["terms"][-1]["factors"][0]["label"].startswith("the other ")


@pytest.mark.parametrize("off", [switching.NOTHING, *switching.PARTS])
@pytest.mark.parametrize("rank", [1, 3])
def test_what_the_parts_add_is_the_logit(model, off, rank):
    frame = VIEWS["shares"].make_frame({"text": TEXT, "rank": rank, "off": off})
    whole, _ = read(model)
    token = int(whole.logits[-1].topk(rank).indices[-1])
    assert frame["token"] == model.tokenizer.decode([token])
    assert sum(frame["shares"]) == pytest.approx(frame["logit"], rel=1e-3, abs=1e-3)
    assert sum(frame["before"]) == pytest.approx(frame["whole"], rel=1e-3, abs=1e-3)
    assert frame["whole"] == pytest.approx(float(whole.logits[-1, token]), rel=1e-4)
    check_origins(frame, close=2e-3)
    gone = {"attention 1": [1], "feed-forward 1": [2], "block 1": [1, 2]}.get(off, [])
    assert all(frame["shares"][place] == 0 for place in gone)
    # A part that is off changes what other parts add, too.
    others = [abs(now - before) for now, before in zip(frame["shares"][3:], frame["before"][3:], strict=True)]
    assert (max(others) > 1e-3) == (off != switching.NOTHING)


def test_in_the_small_model_nearly_all_that_is_lost_without_attention_1_is_lost_in_other_bars(small_gpt, monkeypatch):
    monkeypatch.setattr(switching, "open_newest_gpt", lambda: small_gpt)
    frame = VIEWS["shares"].make_frame({"off": "attention 1"})
    assert frame["token"] == "d"
    assert frame["whole"] - frame["logit"] > 4 * abs(frame["before"][1])
    assert frame["names"][-1] == "feed-forward 2"
    assert max(frame["before"]) == frame["before"][-1] > 2 * frame["shares"][-1]


def test_the_logit_by_hand_is_right():
    parts, row = torch.tensor([[1.0, -1.0], [0.0, 2.0], [2.0, 3.0]]), torch.tensor([2.0, 1.0])
    ones = torch.ones(2)
    streams = parts.cumsum(0)
    logits = [float(rms_norm(x, ones) @ row) for x in streams]
    assert [round(logit, 3) for logit in logits] == [1.0, 3.0, 2.828]
    size = float(streams[-1].square().mean().sqrt())
    assert size == pytest.approx(3.5355, abs=1e-4)
    assert (parts @ row / size).tolist() == pytest.approx([0.2828, 0.5657, 1.9799], abs=1e-4)


@pytest.fixture
def watch(repeating_losses):
    """Return the losses by step of the model of the picture of induction heads, which views find."""
    return repeating_losses


def look_at(off=repeating.NOTHING, **values):
    return VIEWS["repeat"].make_frame({"off": off, "letter": 8, **values})


def test_two_heads_together_continue_what_repeats_as_the_text_says(watch):
    frame = look_at()
    assert frame["previous"][0][0] == max(score for layer in frame["previous"] for score in layer)
    assert frame["induction"][1] == sorted(frame["induction"][1], reverse=True)
    # Both heads of the second layer are induction heads, and none of the first.
    assert min(frame["induction"][1]) > 0.7 > 0.1 > max(frame["induction"][0])
    assert min(frame["chances"][7:]) > 0.6 > 0.2 > max(frame["chances"][1:6])
    # The loss falls slowly at first, and then most of the way in fifty steps.
    steps = sorted(watch)
    fall = watch[steps[0]] - sum(watch[step] for step in steps[-5:]) / 5
    drops = {step: watch[step] - watch[step + 48] for step in steps if step + 48 in watch}
    assert max(drops.values()) > fall / 2
    assert 60 < max(drops, key=drops.get) < 160


def test_without_the_head_below_the_induction_head_is_lost(watch):
    whole, below, one, both = (look_at(off) for off in (repeating.NOTHING, "1.1", "2.1", repeating.BOTH))
    assert 0.15 < below["induction"][1][0] / whole["induction"][1][0] < 0.35
    assert below["weights"][1][0][7][2] < 0.3 < 0.7 < whole["weights"][1][0][7][2]
    assert whole["loss"] < 0.3 < 1 < one["loss"] < below["loss"]
    other = look_at("2.2")
    assert [run["loss"] for run in (whole, one, other)] == pytest.approx([0.09, 2.0, 1.2], rel=0.3)
    assert both["loss"] == pytest.approx(4.7, rel=0.15)
    assert both["loss"] > math.log(26)


def test_what_is_shown_of_letters_is_what_the_model_computes(watch):
    frame = look_at(text="Ab ab, x!")
    assert frame["tokens"] == list("ababx")
    assert frame["heads"] == ["1.1", "1.2", "2.1", "2.2"]
    assert frame["sources"] == [None, None, 1, 2, None]
    assert all(sum(row) == pytest.approx(1, abs=1e-4) for layer in frame["weights"] for head in layer for row in head)
    repeater = repeating.Repeating().find()
    rows = torch.tensor([[0, 1, 0, 1, 23]])
    with repeater.without(), torch.no_grad():
        chances = repeater.model(rows)[0].softmax(-1)
    assert frame["chances"][1:] == pytest.approx([float(chances[i, rows[0, i + 1]]) for i in range(4)], rel=1e-4)
    assert frame["loss"] == pytest.approx(-sum(math.log(frame["chances"][i]) for i in (3,)), rel=1e-3)
    with pytest.raises(UserError, match="at least two letters"):
        look_at(text="a 1")
