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
from groundup.lessons.pages.training import views
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
