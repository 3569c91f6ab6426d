"""Laws of safe splits: a text cut at them has the tokens of the whole, and the same cuts are found from anywhere."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import pre_tokenizers

from groundup.data.corpus import safe_splits as splits
from groundup.data.corpus.byte_pairs import UnitEncoder, can_look_up
from groundup.data.corpus.safe_splits import WHITE_SPACE, cut_long, find_splits, read_blocks
from groundup.data.corpus.tokens import make_merge_tokenizer, train_tokenizer

# White space of every width, letters of one to four bytes, marks, digits, contractions, and what is none of them.
LETTERS = "ab'sté世𝒳😀1²,.!-\u200b\x1c\x7f\u0301" + WHITE_SPACE
MIXED = st.text(st.sampled_from(LETTERS), max_size=60) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
PIECES = st.lists(
    st.sampled_from(["\n", "\r\n", " ", "  ", "\t", " the", "don't", "né", "世界", "12", "…", "!"]), max_size=40
)
TEXT = MIXED | PIECES.map("".join)
TRAINED = train_tokenizer("bytepair", ["the cat don't né \r\n\r\n  12 cats, the the  \n\n né… 世界世界 "] * 3, 320)


def find(text):
    return find_splits(np.frombuffer(text.encode(), dtype=np.uint8)).tolist()


def test_white_space_is_what_the_tokenizers_take_for_it():
    """A run of white space at the end is one word; so a doubled character with a line end after it tells."""
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False)
    others = [chr(code) for code in (*range(1, 0x20), *range(0x7F, 0xA1), 0xAD, 0x180E, 0x200B, 0x2060, 0xFEFF)]
    for character in {*WHITE_SPACE, *others}:
        words = cut.pre_tokenize_str("!" + character * 2 + "\n!")
        # "!", two or three characters of white space and the last one apart, "!"
        assert (len(words) == 4) == (character in WHITE_SPACE), hex(ord(character))


@given(TEXT)
def test_a_safe_split_is_white_space_after_something_else(text):
    expected, place = [], 0
    for before, after in pairwise(text):
        place += len(before.encode())
        if before not in WHITE_SPACE and after in WHITE_SPACE:
            expected.append(place)
    assert find(text) == expected


@given(TEXT, st.data())
def test_tokens_of_the_parts_are_the_tokens_of_the_whole(text, data):
    places = find(text)
    cuts = sorted(data.draw(st.sets(st.sampled_from(places)))) if places else []
    raw = text.encode()
    parts = [raw[start:end].decode() for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    tokens = [token for part in parts for token in TRAINED.backend.encode(part).ids]
    assert tokens == TRAINED.backend.encode(text).ids


@given(TEXT, st.integers(4, 40), st.integers(1, 9), st.integers(2, 60))
def test_looked_up_tokens_are_the_tokens_of_the_whole(text, size, step, most_units):
    raw = text.encode()
    blocks = list(read_blocks((raw[start : start + step] for start in range(0, len(raw), step)), size))
    assert b"".join(blocks) == raw
    encoder = UnitEncoder(TRAINED.backend, most_units)
    tokens = [token for block in blocks for token in encoder.encode(block).tolist()]
    assert tokens == TRAINED.backend.encode(text).ids


@given(TEXT, st.integers(4, 12), st.integers(1, 30), st.integers(1, 9))
def test_a_long_unit_is_cut_alike_however_it_is_read(text, longest, size, step):
    raw = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splits, "LONGEST", longest)
        patch.setattr("groundup.data.corpus.byte_pairs.LONGEST", longest)
        whole = UnitEncoder(TRAINED.backend).encode(raw)
        blocks = list(read_blocks((raw[start : start + step] for start in range(0, len(raw), step)), size))
        assert all(block.decode() for block in blocks)
        parts = [UnitEncoder(TRAINED.backend).encode(block) for block in blocks]
        assert np.array_equal(np.concatenate([np.empty(0, np.int32), *parts]), whole)


def test_a_unit_is_cut_between_characters():
    text = "世" * 100_000
    cuts = cut_long(text.encode(), 0, 300_000)
    assert len(cuts) == 2
    assert all(cut % 3 == 0 for cut in cuts)
    assert "".join(block.decode() for block in read_blocks([text.encode()], 1000)) == text


def test_only_words_cut_as_gpt_2_cuts_them_are_looked_up():
    assert can_look_up(TRAINED.backend)
    assert not can_look_up(make_merge_tokenizer("ab", [("a", "b")]).backend)
    assert not can_look_up(train_tokenizer("characters", ["ab"]).backend)
    with_special = train_tokenizer("bytepair", ["ab"], 300).backend
    with_special.add_special_tokens(["<|end|>"])
    assert not can_look_up(with_special)
