"""The lesson on embeddings: its frames are the steps' results, and its text tells what they give."""

import math

import pytest
import torch

from groundup.base.errors import UserError
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.embedding.views import (
    GROUPS,
    STEPS,
    VIEWS,
    compute_lengths,
    compute_lookup,
    compute_words,
    count_in_group,
    find_table,
    learn_places,
    measure_all,
    read_plays,
)
from groundup.steps.c5_words.embedding import find_nearest, measure_cosines

PAGE = " ".join(" ".join(block.body for block in load_text("embedding").blocks).split())


def list_nearest(word, count=6):
    reading = read_plays()
    return [reading.words[row] for row in find_nearest(find_table(STEPS), reading.find(word), count)[0].tolist()]


def test_the_text_s_words():
    reading = read_plays()
    assert len(reading.words) == 425
    assert min(reading.times) == 50
    assert "one of the 425 words that occur at least 50 times" in PAGE
    assert (reading.find("king") + 1, reading.find("kiss") + 1) == (184, 185)
    assert "*king* has the id 184 and *kiss* has the id 185" in PAGE


def test_what_stands_near_a_word_is_counted_on_both_sides():
    reading = read_plays()
    assert torch.allclose(reading.shares.sum(dim=1), torch.ones(425), atol=1e-5)
    for word in ("brother", "father"):
        row = reading.shares[reading.find(word)]
        most = [reading.words[place] for place in row.topk(12).indices.tolist()]
        assert {"my", "your", "thy"} <= set(most)
    # A pair that is near is near from both sides.
    assert ((reading.shares > 0) == (reading.shares.T > 0)).all()


def test_the_loss_begins_at_guessing_and_falls_as_the_text_says():
    losses = learn_places(STEPS)[1]
    assert losses[0] == pytest.approx(math.log(425), abs=0.03)
    assert losses[-1] == pytest.approx(4.81, abs=0.02)
    assert math.log(425) == pytest.approx(6.05, abs=0.005)


def test_neighbors_are_those_of_the_text():
    near = list_nearest("brother")
    assert near[0] == "father"
    assert {"daughter", "son", "husband", "wife"} <= set(near)
    assert "hate" in list_nearest("love", 3)
    assert "friar" in list_nearest("night")
    assert {"daughter", "son", "husband", "wife"} & set(list_nearest("sea", 20)) == set()


def test_groups_sorted_by_hand_are_found_after_the_training_alone():
    before, count = count_in_group(measure_all(find_table(0)))
    after, _ = count_in_group(measure_all(find_table(STEPS)))
    assert count == 58 == len({word for words in GROUPS.values() for word in words.split()})
    assert len(GROUPS) == 10
    assert before <= 10  # one in ten by chance
    assert 36 <= after <= 42
    assert f"right for {before} words" in PAGE
    assert "After training it is right for 39" in PAGE


def test_places_are_cosines_of_the_step():
    frame = compute_words("king", "father", "brother", STEPS)
    table, reading = find_table(STEPS), read_plays()
    king = measure_cosines(table, table[reading.find("king")])
    assert torch.allclose(frame["places"][:, 0], king, atol=1e-5)
    row = reading.find("sea")
    assert frame["near"][row].tolist() == find_nearest(table, row, 5)[0].tolist()
    assert [one["word"] for one in frame["nearest"]] == list_nearest("brother")
    assert frame["places"][frame["axes"][1]][1] == pytest.approx(1)


@pytest.mark.parametrize("word", ["", "laptop", "two words"])
def test_a_word_without_a_place_is_refused(word):
    with pytest.raises(UserError, match="Try king"):
        compute_words("king", "father", word, 0)


def test_the_lookup_is_the_product():
    frame = compute_lookup("the soup was warm", 3)
    assert torch.equal(frame["products"].sum(dim=0), frame["result"])
    assert frame["rows"][frame["row"]] == "was"
    assert compute_lookup("one", 12)["place"] == 0


@pytest.mark.parametrize("text", ["", " ", "a b c d e f g h i j"])
def test_a_table_that_does_not_fit_is_refused(text):
    with pytest.raises(UserError):
        compute_lookup(text, 1)


def test_the_cosine_does_not_depend_on_lengths():
    one, other = compute_lengths([[2.0, 1.0], [2.0, 4.0]]), compute_lengths([[4.0, 2.0], [2.0, 4.0]])
    assert (one["dot"], other["dot"]) == (8, 16)
    assert one["cosine"] == pytest.approx(other["cosine"]) == pytest.approx(0.8)
    assert [round(length, 2) for length in one["lengths"]] == [2.24, 4.47]
    assert compute_lengths([[0.0, 0.0], [1.0, 1.0]])["cosine"] == 0
    with pytest.raises(UserError):
        compute_lengths([[1.0, 0.0]])


def test_the_first_picture_needs_no_training():
    learn_places.cache_clear()
    assert VIEWS["words"].make_first_frame()["says"].startswith("At step 0 the words")
    assert learn_places.cache_info().currsize == 1
    assert len(learn_places(0)[0]) == 1
