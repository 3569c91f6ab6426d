import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models

from groundup.data.texts.labelled_texts import STARTER, read_labelled_texts
from groundup.data.texts.words import make_word_tokenizer, read_words, split_words

# Scripts without combining marks, which the two regular-expression engines class differently.
texts = st.text(st.sampled_from("abnstNÉßжЖ中1_ '’-.,!?\n\t\"$[]"), max_size=30)


@given(texts)
def test_the_exported_tokenizer_cuts_as_we_do(text):
    words = split_words(text)
    tokenizer = make_word_tokenizer(sorted(set(words)))
    assert tokenizer.encode(text).tokens == words


def test_the_exported_tokenizer_cuts_every_starter_sentence_as_we_do():
    sentences = read_labelled_texts(STARTER).texts
    tokenizer = make_word_tokenizer(sorted({word for text in sentences for word in split_words(text)}))
    assert all(tokenizer.encode(text).tokens == split_words(text) for text in sentences)


@given(texts)
def test_splitting_again_changes_nothing(text):
    words = split_words(text)
    assert split_words(" ".join(words)) == words


@given(st.sets(st.text("abc", min_size=1), max_size=6).map(sorted))
def test_words_come_back_from_the_tokenizer(words):
    assert read_words(Tokenizer.from_str(make_word_tokenizer(words).to_str())) == words


def test_another_tokenizer_is_refused():
    with pytest.raises(ValueError, match="not a tokenizer of whole words"):
        read_words(Tokenizer(models.WordLevel({"a": 0, "b": 1}, unk_token="b")))
