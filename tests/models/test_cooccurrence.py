import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from groundup.models.cooccurrence import count_company, factor_company

sentences = st.lists(st.lists(st.integers(1, 6), max_size=7).map(lambda s: np.array(s, np.int64)), max_size=6)


@given(sentences, st.integers(1, 4))
def test_counts_equal_those_of_a_plain_loop(texts, reach):
    counts = count_company(texts, 7, common=7, reach=reach)
    occurrences = np.bincount(np.concatenate([np.empty(0, np.int64), *texts]), minlength=7)
    column = {int(word): place for place, word in enumerate(np.argsort(-occurrences, kind="stable"))}
    expected = np.zeros((7, 7))
    for words in texts:
        for i, word in enumerate(words):
            for j, near in enumerate(words):
                if 0 < abs(i - j) <= reach:
                    expected[word, column[int(near)]] += 1 / abs(i - j)
    np.testing.assert_allclose(counts, expected)


@given(sentences)
def test_products_of_vectors_give_back_the_information(texts):
    counts = count_company(texts, 7, common=7)
    vectors = factor_company(counts, channel=7)
    words, near = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True) ** 0.75
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.nan_to_num(np.log(counts * near.sum() / (words * near)), nan=0, neginf=0).clip(min=0)
    # vectors · vectorsᵀ is the square root of information · informationᵀ, as for U · sqrt(S).
    np.testing.assert_allclose(
        vectors @ vectors.T @ vectors @ vectors.T, information @ information.T, atol=1e-7, rtol=1e-6
    )


def test_a_word_without_company_has_the_zero_vector():
    vectors = factor_company(count_company([np.array([1]), np.array([2, 3])], 4), 2)
    assert (vectors[1] == 0).all()
    assert vectors[2].any()
    assert vectors.shape == (4, 2)
