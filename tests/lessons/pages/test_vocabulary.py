"""The lesson on tokens: its frames are the steps' results, and its text tells what they give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from groundup.base.errors import UserError
from groundup.data.corpus.texts import read_text
from groundup.data.corpus.tokens import train_tokenizer
from groundup.data.texts.words import split_words
from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.vocabulary.pieces import MOST_MERGES, learn, load, make_tokenizer
from groundup.lessons.pages.vocabulary.views import (
    SOURCES,
    VIEWS,
    compute_merges,
    compute_pieces,
    compute_table,
    compute_windows,
)
from groundup.steps.c5_words.byte_pair import encode, get_merges, train_byte_pairs

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


def test_the_question_on_japanese_has_a_picture_of_its_own():
    sentence = "今日は良い天気です"
    asked = next(block for block in load_text("vocabulary").blocks if block.argument.startswith("languages {"))
    rows = VIEWS["languages"].make_frame({"text": sentence})["rows"]
    assert (len(rows[0]["tokens"]), len(rows[2]["tokens"])) == (9, 27)
    assert f"The sentence {sentence}" in asked.body
    assert "[x] 27" in asked.body


def test_unknown_words_and_padding() -> None:
    frame = compute_table("the cat sat on the mat / the dog sat", "the cat saw the dog")
    assert [word["id"] for word in frame["asked"]] == [6, 1, 7, 6, 2]
    assert frame["tensor"].tolist() == [[6, 1, 5, 4, 6, 3], [6, 2, 5, 0, 0, 0]]
    assert compute_table("a b", "")["asked"] == []


def test_one_thing_is_named_in_the_singular() -> None:
    assert compute_merges("ab", 0)["says"].endswith("Next: “a” and “b”, 1 time.")
    assert compute_merges("a", 1)["says"].startswith("After 0 merges, 1 character is 1 symbol,")
    says = "1 character, 1 word, 1 piece. Nothing is unknown."
    assert compute_pieces("I", 0, "shakespeare")["says"] == says
    assert "1 word; with padding and the unknown word there are V = 3 ids" in compute_table("a", "a")["says"]


def test_a_piece_never_holds_the_end_of_a_word_and_the_beginning_of_the_next():
    text = "banana bandana ban"
    assert "ana ban" in compute_merges(text, 40)["done"]
    assert f"as *ana␣ban* does in *{text}*" in PAGE
    assert not any("Ġ" in pair.replace(" ", "").lstrip("Ġ") for pair in load("shakespeare").merges)


def test_the_rules_for_equal_counts_are_those_of_the_text():
    # Here the alphabetically first, in runs the pair whose symbols are older.
    tied = "abzqcdxabzwcdyab"
    assert get_merges(tied, 2)[1] == ["ab", "z"]
    assert train_byte_pairs({tied: 1}, len(set(tied)) + 2)[1][1] == ("c", "d")


def list_tokens(text, merges=MOST_MERGES, source="shakespeare", row=2):
    return [token["text"] for token in compute_pieces(text, merges, source)["rows"][row]["tokens"]]


def test_what_was_learned_is_kept_and_learned_again_where_it_is_damaged(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path))
    learned = load.__wrapped__("shakespeare")
    assert learned == learn("shakespeare")
    [kept] = tmp_path.rglob("pieces-shakespeare.json")
    for damage in (b"[]", b"\xff"):
        kept.write_bytes(damage)
        assert load.__wrapped__("shakespeare") == learned
    monkeypatch.setattr(f"{load.__module__}.learn", None)
    assert load.__wrapped__("shakespeare") == learned


def test_without_a_place_to_keep_it_it_is_learned_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GROUNDUP_CACHE", str(tmp_path / "file" / "cache"))
    assert load.__wrapped__("shakespeare").words


@pytest.mark.parametrize("merges", [0, 40, 1000, MOST_MERGES])
def test_pieces_are_those_of_the_step_and_of_a_run(merges):
    text = "O Romeo, der Hund läuft 12 times: 日本 🙂"
    learned = [tuple(pair.split()) for pair in load("shakespeare").merges[:merges]]
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    tokenizer = make_tokenizer("shakespeare", merges)
    assert tokenizer.encode(text).tokens == [piece for word, _ in cut for piece in encode(word, learned)]
    if merges == MOST_MERGES:
        run = train_tokenizer("bytepair", [read_text("shakespeare").content], 4096)
        assert run.encode(text).tolist() == tokenizer.encode(text).ids
        plays = run.encode(read_text("shakespeare").content)
        assert f"With 3,840 merges the plays have {len(plays):,} tokens" in PAGE


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("merges", [0, 520, MOST_MERGES])
@pytest.mark.parametrize("text", ["12345 plus 12346", "Ünïcode — 日本 🙂", "  spaces   between ", "Don’t stop."])
def test_tokens_stand_where_they_are_in_the_text(text, merges, source):
    rows = compute_pieces(text, merges, source)["rows"]
    for row in rows:
        for token in row["tokens"]:
            there = text[token["start"] : token["end"]].replace("’", "'")
            assert token["bytes"] or there.lower() == token["text"].replace("’", "'").lower()
    assert rows[2]["unknown"] == 0
    raw = b"".join(bytes.fromhex(t["text"]) if t["bytes"] else t["text"].encode() for t in rows[2]["tokens"])
    assert raw.decode() == text


def test_walked_is_unknown_as_a_word_and_known_in_pieces():
    frame = compute_pieces("I walk. I walked, and he is walking.", MOST_MERGES, "shakespeare")
    words = {token["text"]: token for token in frame["rows"][1]["tokens"]}
    assert [words[word]["known"] for word in ("walk", "walked", "walking")] == [True, False, False]
    assert words["walked"]["id"] == words["walking"]["id"] == 4095
    pieces = [token["text"] for token in frame["rows"][2]["tokens"]]
    assert pieces[4:6] == [" walk", "ed"]
    assert pieces[-3:] == [" walk", "ing", "."]
    assert [row["size"] for row in frame["rows"]] == [65, 4096, 4096]
    assert compute_pieces("Romeo", 0, "shakespeare")["says"].startswith("5 characters, 1 word, 5 pieces. Nothing")


def test_what_goes_wrong_goes_wrong_as_the_text_says():
    assert list_tokens("Dog dog") == ["Do", "g", " dog"]
    sum_ = list_tokens("12345 + 12346 = 24691", source="python-reference")
    assert [len(token.strip()) for token in sum_[:3]] != [len(token.strip()) for token in sum_[4:7]]
    code = "for i in range(10):    print(i)"
    assert max(map(len, filter(str.isspace, list_tokens(code)))) == 1
    assert max(map(len, filter(str.isspace, list_tokens(code, source="python-reference")))) > 1
    assert list_tokens("ä") == ["C3", "A4"]
    assert len(list_tokens("犬")) == 3
    assert len("👨‍👩‍👧".encode()) == 18
    sentence = "今日は良い天気です"
    assert (len(sentence), len(list_tokens(sentence))) == (9, 27)
    assert "+" not in load("shakespeare").characters


def test_the_text_s_counts_of_the_plays():
    text = read_text("shakespeare").content
    assert f"{len(text):,} tokens in place of some 250,000 words" in PAGE
    assert 245_000 < len(split_words(text)) < 260_000
    assert f"the plays have {len(set(text))}" in PAGE
    assert len(load("shakespeare").words) == 4094


def test_targets_are_the_inputs_moved_by_one() -> None:
    frame = compute_windows("to be or not to be", 20, 3)
    assert frame["start"] == frame["starts"] - 1 == 2
    assert frame["inputs"][1:] == frame["targets"][:-1]


@pytest.mark.parametrize("text", ["", "   ", "x" * 500])
def test_bad_text_is_refused_in_a_line(text: str) -> None:
    with pytest.raises(UserError):
        compute_merges(text, 1)
    with pytest.raises(UserError):
        compute_pieces(text, 1, "shakespeare")
    with pytest.raises(UserError):
        compute_table(text, "a")
    with pytest.raises(UserError):
        compute_windows(text, 0, 4)
