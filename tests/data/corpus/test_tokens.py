"""Tokens come back as the text they came from, in our hands and in Hugging Face's."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend
from tokenizers import pre_tokenizers, trainers

from groundup.base.errors import UserError
from groundup.data.corpus import tokens
from groundup.data.corpus.tokens import TextStream, Tokenizer, read_tokenizer, read_tokenizer_file, train_tokenizer
from groundup.steps.c5_words.greedy_tokenizer import tokenize_greedily

PLAIN = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
TEXT = "the cat sat on the mat, the cat ate the rat\n" * 20 + "naïve café — 😀\r\n\tend"
BYTE_PAIRS = train_tokenizer("bytepair", [TEXT], 300)


@given(PLAIN)
def test_characters_come_back(text):
    tokenizer = train_tokenizer("characters", [text])
    assert tokenizer.characters == "".join(sorted(set(text)))
    tokens = tokenizer.encode(text)
    assert tokenizer.decode(tokens) == text
    again = Backend.from_str(tokenizer.to_json())
    assert again.encode(text).ids == tokens.tolist()
    assert again.decode(tokens.tolist()) == text


@given(PLAIN)
def test_byte_pairs_write_any_text(text):
    tokens = BYTE_PAIRS.encode(text)
    assert BYTE_PAIRS.decode(tokens) == text
    stream = TextStream(BYTE_PAIRS)
    parts = [stream.feed(token) for token in tokens]
    assert "".join(parts) + stream.finish() == text


def test_a_stream_never_ends_inside_a_character():
    stream = TextStream(BYTE_PAIRS)
    tokens = BYTE_PAIRS.encode("🦄")
    assert len(tokens) == 4
    assert [stream.feed(token) for token in tokens] == ["", "", "", "🦄"]


def test_a_stream_of_broken_bytes_still_flows():
    stream = TextStream(BYTE_PAIRS)
    broken = int(BYTE_PAIRS.encode("🦄")[1])
    written = "".join(stream.feed(broken) for _ in range(40)) + stream.finish()
    assert set(written) == {"\ufffd"}


def test_byte_pairs_shorten_what_they_were_trained_on():
    assert 256 < BYTE_PAIRS.size <= 300
    assert BYTE_PAIRS.characters is None
    assert len(BYTE_PAIRS.encode(TEXT)) < len(TEXT) / 2
    assert read_tokenizer(BYTE_PAIRS.to_json(), "x").encode(TEXT).tolist() == BYTE_PAIRS.encode(TEXT).tolist()


def test_a_long_text_is_cut_where_no_token_reaches_over():
    text = "".join(f"word {number} \n\n  and\nmore.\n" for number in range(60_000))
    assert len(text) > 1_000_000
    whole = BYTE_PAIRS.backend.encode(text).ids
    assert BYTE_PAIRS.encode(text).tolist() == whole


def test_unknown_characters_are_named():
    tokenizer = train_tokenizer("characters", ["abc\n"])
    with pytest.raises(UserError, match='never saw "é" "\\\\u200b" "😀": its tokens'):
        tokenizer.encode("aébé\u200b😀")
    with pytest.raises(UserError, match="and 2 more"):
        tokenizer.encode("0123456789")
    assert tokenizer.encode("").shape == (0,)


def test_a_million_characters_are_looked_up_as_one_by_one():
    rng = np.random.default_rng(0)
    text = "".join(map(chr, rng.integers(32, 5000, 100_000)))
    tokenizer = train_tokenizer("characters", [text])
    places = {character: place for place, character in enumerate(sorted(set(text)))}
    assert tokenizer.encode(text).tolist() == [places[character] for character in text]


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "tokenizer.json"
    with pytest.raises(UserError, match="cannot be read"):
        read_tokenizer_file(path)
    path.write_text('{"model": 3}')
    with pytest.raises(UserError, match="not a tokenizer that can be read"):
        read_tokenizer_file(path)
    path.write_text(BYTE_PAIRS.to_json())
    assert isinstance(read_tokenizer_file(path), Tokenizer)


@given(
    st.lists(st.sampled_from(["a", "é", "世", "😀", "1", "…", "!", " ", "\n", "\u3000", "'s"]), max_size=80).map(
        "".join
    ),
    st.integers(2, 9),
)
def test_only_long_words_are_cut_to_learn_from(text, longest):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "LONGEST_WORD", longest)
        patch.setattr(tokens, "_LONG_STRETCH", re.compile(rf"\S{{{longest},}}|\s{{{longest},}}"))
        parts = list(tokens._cut_long_words(text))
    assert "".join(parts) == text
    words = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    place = 0
    for part in parts[:-1]:
        place += len(part)
        assert not any(begin < place < end and end - begin <= longest for _, (begin, end) in words)


def test_byte_pairs_are_learned_from_a_text_of_one_word():
    letters = np.random.default_rng(0).choice(list("acgt"), 60_000)
    tokenizer = train_tokenizer("bytepair", ["".join(letters)], 320)
    assert tokenizer.size == 320
    assert len(tokenizer.encode("".join(letters[:1000]))) < 400


def test_texts_without_long_words_are_learned_as_they_are():
    backend = train_tokenizer("bytepair", ["x"], 300).backend
    trainer = trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=2
    )
    backend.train_from_iterator([TEXT], trainer)
    assert Tokenizer(backend).to_json() == BYTE_PAIRS.to_json()


@given(PLAIN)
def test_characters_are_the_greedy_cut_of_their_own_vocabulary(text):
    tokenizer = train_tokenizer("characters", [text], 300)
    pieces = [tokenizer.decode([number]) for number in tokenizer.encode(text)]
    assert pieces == tokenize_greedily(text, set(text))
