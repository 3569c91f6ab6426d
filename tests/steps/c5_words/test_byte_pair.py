from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from groundup.steps.c5_words.byte_pair import decode, encode, get_merges, merge_pair, train_byte_pairs

sentences = st.lists(st.text("abcd", min_size=1, max_size=8), min_size=1, max_size=12)


def train_with_huggingface(words, vocabulary_size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.train_from_iterator(
        [" ".join(words)], trainers.BpeTrainer(vocab_size=vocabulary_size, show_progress=False)
    )
    return tokenizer


def merges_of(tokenizer):
    import json

    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


@given(words=sentences, more=st.integers(0, 12))
def test_merges_and_vocabulary_equal_those_of_tokenizers(words, more):
    size = len(set("".join(words))) + more
    theirs = train_with_huggingface(words, size)
    vocabulary, merges = train_byte_pairs(Counter(words), size)
    assert merges == merges_of(theirs)
    assert vocabulary == theirs.get_vocab()


@given(words=sentences, more=st.integers(0, 12))
def test_encoding_equals_that_of_tokenizers(words, more):
    size = len(set("".join(words))) + more
    theirs = train_with_huggingface(words, size)
    _, merges = train_byte_pairs(Counter(words), size)
    for word in words:
        assert encode(word, merges) == theirs.encode(word).tokens


def test_merges_equal_on_real_english():
    from pydoc_data.topics import topics

    words = Counter(" ".join(list(topics.values())[:12]).split())
    size = len({character for word in words for character in word}) + 150
    tokenizer = train_with_huggingface(list(words.elements()), size)
    vocabulary, merges = train_byte_pairs(words, size)
    assert merges == merges_of(tokenizer)
    assert vocabulary == tokenizer.get_vocab()


@given(corpus=st.text("abc ", max_size=40), merges=st.integers(0, 10))
def test_round_trip_and_no_symbol_from_nowhere(corpus, merges):
    learned = get_merges(corpus, merges)
    symbols = encode(corpus, learned)
    assert decode(symbols) == corpus
    assert set(symbols) <= set(corpus) | {first + second for first, second in learned}


@pytest.mark.parametrize(
    ("corpus", "count", "expected"),
    [
        ("aaabab", 3, [["a", "a"], ["a", "b"], ["aa", "ab"]]),
        ("", 4, []),
        ("a", 4, []),
        ("ab", 4, [["a", "b"]]),
        ("cbcbab", 1, [["c", "b"]]),
        ("baab", 1, [["a", "a"]]),
    ],
)
def test_merges_of_a_text(corpus, count, expected):
    assert get_merges(corpus, count) == expected


def test_a_run_is_merged_from_the_left():
    assert merge_pair(list("aaaaa"), ("a", "a")) == ["aa", "aa", "a"]


def test_an_empty_text_has_an_empty_vocabulary():
    assert train_byte_pairs({}, 10) == ({}, [])
