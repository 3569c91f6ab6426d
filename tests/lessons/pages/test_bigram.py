"""The views of the lesson on bigrams."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch

from groundup.base.errors import UserError
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.bigram import views
from groundup.steps.c5_words.bigram import count_pairs, find_shares, measure_loss

VIEWS = views.VIEWS
TEXT = " ".join(" ".join(block.body for block in load_text("bigram").blocks).split())


@pytest.mark.parametrize("letter", ["q", "E", " "])
def test_the_table_counts_the_text(letter):
    frame = VIEWS["counts"].make_frame({"letter": letter})
    text = "".join(views.ALPHABET[i] for i in views.read_letters()[: views.ALL].tolist())
    row = frame["counts"][frame["row"]]
    assert row[views.ALPHABET.index("a")] == text.count(letter.lower() + "a")
    assert np.allclose(np.array(frame["shares"]).sum(1), 1, atol=1e-4)


@pytest.mark.parametrize("text", [" To be -- or\nNOT 2 be?", "a", "…x", "é\u212a\u0130a", *"\n?"])
def test_letters_get_the_numbers_that_a_search_for_them_finds(text):
    found = "".join(views.ALPHABET[i] for i in views.number_letters(text).tolist())
    assert found == re.sub("[^a-z]+", " ", text.lower())


def test_with_little_text_the_table_has_holes():
    full, little = (VIEWS["counts"].make_frame({"characters": count}) for count in (views.ALL, 500))
    assert little["empty"] > full["empty"] > 0
    assert "empty" in VIEWS["counts"].make_frame({"characters": 500, "letter": "z"})["says"]


@pytest.mark.parametrize("letter", ["", "4", "é", "ſ"])
def test_what_is_no_letter_is_refused(letter):
    with pytest.raises(UserError, match="one letter"):
        VIEWS["counts"].make_frame({"letter": letter})


def test_two_letters_are_refused_by_the_control():
    with pytest.raises(UserError, match="at most 1"):
        VIEWS["counts"].make_frame({"letter": "th"})


@pytest.mark.parametrize("back", range(views.MOST_BACK + 1))
def test_what_is_written_stands_in_the_text_pair_by_pair(back):
    frame = VIEWS["write"].make_frame({"back": back, "draw": 20})
    text = "".join(views.ALPHABET[i] for i in views.read_letters().tolist())
    assert len(frame["text"]) == views.LETTERS
    for place in range(0, views.LETTERS - back, 7):
        assert frame["text"][place : place + back + 1] in text
    json.dumps(frame, allow_nan=False)


def test_more_letters_back_leave_fewer_choices_and_more_that_is_impossible():
    frames = [VIEWS["write"].make_frame({"back": back}) for back in (0, 2, 5)]
    choices = [sum(frame["choices"]) for frame in frames]
    assert choices == sorted(choices, reverse=True)
    assert frames[0]["impossible"] == sorted(frames[0]["impossible"])


def test_the_learned_table_comes_to_the_floor_and_not_below():
    first, *_, last = VIEWS["neural"].make_frames({})
    assert first["losses"][0][1] == pytest.approx(first["nothing"], rel=1e-5)
    losses = [loss for _, loss in last["losses"]]
    assert last["floor"] < losses[-1] < last["floor"] + 0.003
    assert losses[-10:] == sorted(losses[-10:], reverse=True)
    assert last["difference"] < 0.01 < first["difference"]
    assert "no probability is wrong by more than 0.01" in TEXT
    unseen = (np.array(last["counted"]) == 0) & (np.array(last["counted"]).sum(1, keepdims=True) > 0)
    assert np.array(last["learned"])[unseen].min() > 0


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0, "In new text, each"),
        (0.147, "In 15 of 100 places"),
        (0.004, "In 4 of 1,000 places"),
        (1, "In 100 of 100 places"),
    ],
)
def test_a_share_of_places_is_told_in_whole_numbers(share, told):
    assert views.describe_share(share).startswith(told)


def test_a_row_that_was_never_seen_is_even():
    assert find_shares(torch.zeros(4, 4)).tolist() == [[0.25] * 4] * 4
    assert "all $V$ tokens get the same probability" in TEXT
    assert "5 of 100 places of new text" in VIEWS["write"].make_frame({"back": 5})["says"]


def test_the_example_by_hand_is_right():
    counts = count_pairs(torch.tensor([1, 0, 1, 0, 2, 0]), 3)
    shares = find_shares(counts)
    assert shares[0].tolist() == [0, 0.5, 0.5]
    assert round(measure_loss(shares, counts), 4) == 0.2773
