import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c5_words.vocabulary import PADDING, CharacterVocabulary, Vocabulary, get_dataset, pad

words = st.text("abcdé", min_size=1, max_size=5)
sentences = st.lists(words, max_size=8).map(" ".join)


@given(st.lists(sentences, max_size=8))
def test_words_round_trip_and_are_numbered_from_one_in_sorted_order(texts):
    vocabulary = Vocabulary(texts)
    assert [vocabulary.numbers[word] for word in sorted(vocabulary.numbers)] == list(range(1, len(vocabulary) - 1))
    for text in texts:
        assert vocabulary.decode(vocabulary.encode(text)) == " ".join(text.split())


@given(st.lists(sentences, max_size=8), st.integers(0, 5))
def test_padding_adds_nothing_but_padding(texts, more):
    vocabulary = Vocabulary(texts)
    encoded = [vocabulary.encode(text) for text in texts]
    padded = pad(encoded, max(map(len, encoded), default=0) + more)
    assert padded.shape == (len(texts), max(map(len, encoded), default=0) + more)
    for row, sentence in zip(padded.tolist(), encoded, strict=True):
        assert row == sentence + [PADDING] * (len(row) - len(sentence))


def test_dataset_puts_positives_first_and_pads_on_the_right():
    dataset = get_dataset(["Dogecoin to the moon"], ["I will short Tesla today"])
    assert dataset.tolist() == [[1, 7, 6, 4, 0], [2, 9, 5, 3, 8]]
    assert dataset.dtype == torch.int64


def test_unknown_word_has_a_number_of_its_own():
    vocabulary = Vocabulary(["a b"])
    assert vocabulary.encode("a zebra b") == [1, 3, 2]
    assert len(vocabulary) == 4


@pytest.mark.parametrize("number", [-1, 4, 99])
def test_a_number_without_a_word_is_refused(number):
    with pytest.raises(ValueError, match=f"^{number} is no word's number"):
        Vocabulary(["a b"]).decode([number])


def test_too_long_a_sentence_is_refused():
    with pytest.raises(ValueError, match="3 words, more than the length 2"):
        pad([[1, 2, 3]], 2)


@given(st.text(max_size=40))
def test_characters_round_trip(text):
    vocabulary = CharacterVocabulary(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert len(vocabulary) == len(set(text))


def test_unknown_character_is_named_with_its_place():
    with pytest.raises(ValueError, match=r"'z' at place 2"):
        CharacterVocabulary("ab").encode("abz")
    with pytest.raises(ValueError, match="-1 is no character's number"):
        CharacterVocabulary("ab").decode([-1])
