"""The views of the lesson on bigrams."""

from __future__ import annotations

import json
import re
from itertools import islice

import numpy as np
import pytest
import torch

from groundup.base.errors import UserError
from groundup.lessons.pages.bigram import views
from groundup.steps.c5_words.bigram import count_pairs, find_shares, measure_loss

VIEWS = views.VIEWS


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
    first, *_, last = islice(VIEWS["neural"].make_frames({"rate": 0.1}), 40)
    assert first["losses"][0][1] == pytest.approx(first["nothing"], rel=1e-5)
    assert last["floor"] < last["losses"][-1][1] < last["floor"] + 0.1
    assert last["difference"] < first["difference"]


def test_the_example_by_hand_is_right():
    counts = count_pairs(torch.tensor([1, 0, 1, 0, 2, 0]), 3)
    shares = find_shares(counts)
    assert shares[0].tolist() == [0, 0.5, 0.5]
    assert round(measure_loss(shares, counts), 4) == 0.2773
