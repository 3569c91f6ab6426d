"""The lesson on tokens: its frames are the steps' results, and its text tells what they give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.vocabulary.views import (
    MOST_MERGES,
    compute_cuts,
    compute_merges,
    compute_table,
    compute_windows,
    load_merges,
    load_words,
)
from groundup.steps.c5_words.byte_pair import encode, get_merges, train_byte_pairs
from groundup.steps.c5_words.vocabulary import Vocabulary

PAGE = " ".join(" ".join(block.body for block in load_text("vocabulary").blocks).split())
TEXT = "low lower lowest new newer newest wide wider widest"


def test_merges_are_those_of_the_step() -> None:
    frame = compute_merges(TEXT, 9)
    assert frame["done"] == ["".join(pair) for pair in get_merges(TEXT, 9)]
    assert frame["lengths"][0] == 51


def test_the_first_pair_is_the_text_s() -> None:
    first, *others = compute_merges(TEXT, 0)["pairs"]
    assert (first["left"], first["right"], first["count"]) == ("w", "e", 4)
    assert all(pair["count"] == 3 for pair in others)


@given(st.text("ab c", min_size=1, max_size=40).filter(str.strip), st.integers(0, 40))
@settings(deadline=None)
def test_symbols_are_the_text_and_what_is_marked_is_merged_next(text: str, merges: int) -> None:
    frame = compute_merges(text, merges)
    assert "".join(frame["symbols"]) == text
    after = compute_merges(text, len(frame["done"]) + 1)
    assert len(after["symbols"]) == len(frame["symbols"]) - len(frame["next"])


def test_unknown_words_and_padding() -> None:
    frame = compute_table("the cat sat on the mat / the dog sat", "the cat saw the dog")
    assert [word["id"] for word in frame["asked"]] == [6, 1, 7, 6, 2]
    assert frame["tensor"].tolist() == [[6, 1, 5, 4, 6, 3], [6, 2, 5, 0, 0, 0]]
    assert compute_table("a b", "")["asked"] == []


def test_one_thing_is_named_in_the_singular() -> None:
    assert compute_merges("ab", 0)["says"].endswith("Next: “a” and “b”, 1 time.")
    assert compute_merges("a", 1)["says"].startswith("After 0 merges, 1 character is 1 symbol,")
    assert compute_cuts("I", 0)["says"] == "1 character, 1 piece, 1 word: 1.00 pieces per word."
    assert "1 word; with padding and the unknown word there are V = 3 ids" in compute_table("a", "a")["says"]


def test_the_two_pictures_of_merges_differ_as_the_text_says() -> None:
    text = "banana bandana ban"
    assert "ana ban" in compute_merges(text, 40)["done"]
    assert f"as *ana␣ban* does in *{text}*" in PAGE
    assert not any(" " in piece for pair in load_merges() for piece in pair)
    frame = compute_cuts("the the the", MOST_MERGES)
    assert frame["says"].startswith("9 characters, 3 pieces, 3 words")
    # Equal counts: here the alphabetically first, there the pair whose symbols are older.
    tied = "abzqcdxabzwcdyab"
    assert get_merges(tied, 2)[1] == ["ab", "z"]
    assert train_byte_pairs({tied: 1}, len(set(tied)) + 2)[1][1] == ("c", "d")


@pytest.mark.parametrize(("merges", "tokens"), [(0, 12), (50, 11), (MOST_MERGES, 7)])
def test_unbelievably(merges: int, tokens: int) -> None:
    assert len(compute_cuts("unbelievably", merges)["rows"][1]["tokens"]) == tokens


def test_the_text_s_counts_of_words_and_pieces() -> None:
    words = load_words()
    assert (words.total(), len(words)) == (1874, 589)
    assert len(Vocabulary([" ".join(words)])) == 591
    assert "589 of them are different: $V = 591$" in PAGE
    for merges, fertility in ((0, 3.87), (50, 2.55), (200, 1.91)):
        pieces = sum(len(encode(word, load_merges()[:merges])) * count for word, count in words.items())
        assert round(pieces / words.total(), 2) == fertility


@pytest.mark.parametrize("text", ["12345 plus 12346", "Ünïcode — 日本", "  spaces   between ", "don't stop."])
def test_pieces_stand_where_they_are_in_the_text(text: str) -> None:
    for row in compute_cuts(text, 100)["rows"]:
        for token in row["tokens"]:
            assert text[token["start"] :].lower().startswith(token["text"])


def test_targets_are_the_inputs_moved_by_one() -> None:
    frame = compute_windows("to be or not to be", 20, 3)
    assert frame["start"] == frame["starts"] - 1 == 2
    assert frame["inputs"][1:] == frame["targets"][:-1]


@pytest.mark.parametrize("text", ["", "   ", "x" * 500])
def test_bad_text_is_refused_in_a_line(text: str) -> None:
    for compute in (compute_merges, compute_cuts):
        with pytest.raises(UserError):
            compute(text, 1)
    with pytest.raises(UserError):
        compute_table(text, "a")
    with pytest.raises(UserError):
        compute_windows(text, 0, 4)
