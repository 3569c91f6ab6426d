import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c5_words.greedy_tokenizer import count_tokens, fertility_score, tokenize_greedily, tokenize_numbers

TEXTS = st.text("ab c", max_size=12)
VOCABULARIES = st.sets(st.text("ab c", max_size=4), max_size=8)


@given(text=TEXTS, vocabulary=VOCABULARIES)
def test_every_piece_is_the_longest_that_fits_and_nothing_is_lost(text, vocabulary):
    pieces = tokenize_greedily(text, vocabulary)
    rest = text
    for piece in pieces:
        fitting = [token for token in vocabulary if token and rest.startswith(token)]
        assert piece == max(fitting, key=len, default=rest[0])
        rest = rest[len(piece) :]
    assert rest == ""


@given(text=TEXTS, vocabulary=VOCABULARIES)
def test_a_mapping_serves_as_well_as_a_set(text, vocabulary):
    numbered = {token: number for number, token in enumerate(sorted(vocabulary))}
    assert tokenize_greedily(text, numbered) == tokenize_greedily(text, vocabulary)


@given(text=TEXTS)
def test_without_tokens_every_character_stands_alone(text):
    assert tokenize_greedily(text, set()) == tokenize_greedily(text, {""}) == list(text)


def test_signs_and_points_of_numbers_are_characters():
    assert tokenize_numbers([-0.5, 100, 7], {"10", "0.5"}) == [["-", "0.5"], ["10", "0"], ["7"]]


@given(text=TEXTS, vocabulary=VOCABULARIES)
def test_fertility_times_words_is_the_number_of_tokens(text, vocabulary):
    if text.split():
        product = fertility_score(text, vocabulary) * len(text.split())
        assert product == pytest.approx(count_tokens(text, vocabulary))


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_of_no_words_has_fertility_zero(text):
    assert fertility_score(text, {"a"}) == 0.0


def test_where_no_token_fits_the_character_stands_alone_though_a_token_begins_with_it():
    assert tokenize_numbers([200, 1234], {"21": 0}) == [["2", "0", "0"], ["1", "2", "3", "4"]]
