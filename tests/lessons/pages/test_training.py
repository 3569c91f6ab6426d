"""The views of the lesson on training a GPT."""

from __future__ import annotations

import json
import math
from itertools import islice

import pytest
import torch
from torch import nn

from groundup.base.errors import UserError
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.training import repeating, views
from groundup.lessons.reading import number_characters
from groundup.steps.c5_words.vocabulary import CharacterVocabulary
from groundup.steps.c6_gpt.gpt_training import next_token_loss

VIEWS = views.VIEWS


def test_a_long_text_gets_the_numbers_that_the_vocabulary_gives_its_characters():
    text = "Ω: to be, or not — to be\n" * 3
    characters = CharacterVocabulary(text)
    assert number_characters(characters, text).tolist() == characters.encode(text)


def test_the_first_answer_to_the_hand_does_not_wait_for_what_the_model_writes():
    values = {"width": 16, "blocks": 1}
    quick, whole = (VIEWS["learn"].answer(values, whole=whole) for whole in (False, True))
    assert quick["partial"]
    assert not quick["samples"]
    assert not whole["partial"]
    assert [sample["step"] for sample in whole["samples"]] == [0]
    assert quick["losses"] == whole["losses"]
    # What trains shows whole frames only.
    assert next(VIEWS["learn"].make_frames(values)) == whole


def test_training_begins_where_nothing_is_known_and_gets_better():
    first, *_, last = islice(VIEWS["learn"].make_frames({"width": 16, "blocks": 1}), 12)
    assert first["losses"][0][1] == pytest.approx(first["nothing"], abs=0.5)
    assert last["losses"][-1][1] < first["losses"][0][1]
    assert first["nothing"] > first["letters"] > first["pairs"]
    assert [sample["step"] for sample in last["samples"]] == [0, 10]
    assert all(len(sample["text"]) == views.LETTERS for sample in last["samples"])
    json.dumps(last, allow_nan=False)


@pytest.mark.parametrize(("name", "value"), [("width", 96), ("blocks", 4), ("rate", 0.0001), ("rate", 0.03)])
def test_it_trains_at_every_end(name, value):
    assert len(list(islice(VIEWS["learn"].make_frames({"width": 16, "blocks": 1, name: value}), 2))) == 2


@pytest.mark.parametrize("prompt", ["", "日本"])
def test_a_beginning_that_the_text_does_not_know_is_refused(prompt):
    with pytest.raises(UserError):
        next(VIEWS["learn"].make_frames({"prompt": prompt}))


def test_the_floor_of_pairs_is_the_loss_of_the_counted_table():
    characters, data = views.read_characters()
    counts = views.count_pairs(data, len(characters))
    table = nn.Embedding.from_pretrained(
        (counts / counts.sum(1, keepdim=True).clamp(min=1)).log().clamp(min=-50).float()
    )
    loss = next_token_loss(table, data[None, :-1], data[None, 1:])
    assert float(loss) == pytest.approx(views.find_floors()[1], rel=1e-3)


@pytest.mark.parametrize("loss", [0.0, math.log(2), 1.4402, 5.0])
def test_three_units_say_the_same(loss):
    frame = VIEWS["units"].make_frame({"loss": loss})
    assert frame["perplexity"] == pytest.approx(math.exp(loss), rel=1e-4)
    assert 2 ** frame["bits"] == pytest.approx(frame["perplexity"], rel=1e-4)
    assert all(math.exp(nats) == pytest.approx(choices, rel=1e-4) for choices, nats in frame["ticks"]["perplexity"])


def test_the_loss_of_the_question_is_exactly_one_bit():
    asked = next(values for name, values in load_text("training").settings if name == "units")
    assert VIEWS["units"].make_frame(asked)["bits"] == 1


def test_the_example_by_hand_is_right():
    losses = -torch.tensor([2.0, 1.0, 0.0, -1.0]).log_softmax(0)
    assert [round(float(loss), 4) for loss in losses] == [0.4402, 1.4402, 2.4402, 3.4402]


@pytest.mark.parametrize("preset", ["plain", "modern"])
def test_the_mean_surprise_is_the_loss(untrained, monkeypatch, preset):
    opened = untrained(preset)
    monkeypatch.setattr(views, "open_newest_gpt", lambda: opened)
    frame = VIEWS["surprise"].make_frame({"text": "The tall man runs home."})
    tokens = torch.tensor([opened.tokenizer.encode("The tall man runs home.").tolist()])
    with torch.inference_mode():
        loss = float(next_token_loss(opened.model, tokens[:, :-1], tokens[:, 1:]))
    assert frame["mean"] == pytest.approx(loss, rel=1e-4)
    assert frame["tokens"][0]["nats"] is None
    assert "".join(token["text"] for token in frame["tokens"]) == "The tall man runs home."
    for text, words in (("T", "two tokens"), ("", "two tokens"), ("日本", "日")):
        with pytest.raises(UserError, match=words):
            VIEWS["surprise"].make_frame({"text": text})


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
