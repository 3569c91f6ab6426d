import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from groundup.steps.c6_gpt.attention import (
    MultiHeadAttention,
    SingleHeadAttention,
    attention_weights,
    causal_attention,
    fused_attention,
    repeat_kv_heads,
)


def draw(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_one_query_by_hand():
    queries, keys = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[3.0, 1.0], [0.0, 1.0]])
    values = torch.tensor([[1.0], [5.0]])
    second = math.exp(2 / math.sqrt(2))
    expected = (1.0 * second + 5.0 * second) / (2 * second)
    assert causal_attention(queries, keys, values).flatten().tolist() == pytest.approx([1.0, expected])


def test_a_score_is_divided_by_the_root_of_the_width():
    queries, keys = torch.zeros(2, 16), torch.zeros(2, 16)
    queries[1, 0], keys[1, 0] = 4.0, 3.0
    ratio = attention_weights(queries, keys)[1, 1] / attention_weights(queries, keys)[1, 0]
    assert float(ratio) == pytest.approx(math.exp(12 / 4), rel=1e-5)


@given(query=st.integers(1, 6), past=st.integers(0, 5), width=st.integers(1, 5), seed=st.integers(0, 99))
def test_weights_are_shares_of_the_past(query, past, width, seed):
    weights = attention_weights(draw(query, width, seed=seed), draw(past + query, width, seed=seed + 1))
    torch.testing.assert_close(weights.sum(-1), torch.ones(query, dtype=torch.float64))
    assert weights.min() >= 0
    for row in range(query):
        assert weights[row, past + row + 1 :].eq(0).all()
        assert weights[row, : past + row + 1].gt(0).all()


@given(query=st.integers(1, 6), past=st.integers(0, 5), seed=st.integers(0, 99))
def test_fused_equals_the_formula_forward_and_backward(query, past, seed):
    inputs = [draw(2, 3, time, 4, seed=seed + i) for i, time in enumerate((query, past + query, past + query))]
    for part in inputs:
        part.requires_grad_()
    direction = draw(2, 3, query, 4, seed=seed + 7)
    readable, fused = causal_attention(*inputs), fused_attention(*inputs)
    torch.testing.assert_close(fused, readable)
    expected = torch.autograd.grad(readable, inputs, direction)
    torch.testing.assert_close(torch.autograd.grad(fused, inputs, direction), expected)


def test_the_formula_passes_the_gradient_check():
    inputs = [draw(1, 4, 3, seed=i).requires_grad_() for i in range(3)]
    assert torch.autograd.gradcheck(causal_attention, inputs)


def test_many_heads_are_single_heads_side_by_side():
    torch.manual_seed(0)
    many = MultiHeadAttention(width=12, heads=3)
    many.output.weight.data.copy_(torch.eye(12))
    x = torch.randn(2, 5, 12)
    singles = []
    for head in range(3):
        single = SingleHeadAttention(12, 4)
        for part in ("query", "key", "value"):
            rows = getattr(many, part).weight.data[4 * head : 4 * head + 4]
            getattr(single, part).weight.data.copy_(rows)
        singles.append(single(x))
    torch.testing.assert_close(many(x), torch.cat(singles, dim=-1))


def test_grouped_queries_with_as_many_heads_are_many_heads():
    torch.manual_seed(0)
    many, grouped = MultiHeadAttention(12, 3), MultiHeadAttention(12, 3, key_value_heads=3)
    grouped.load_state_dict(many.state_dict())
    x = torch.randn(2, 5, 12)
    assert torch.equal(grouped(x), many(x))


def test_grouped_queries_are_many_heads_with_repeated_keys_and_values():
    torch.manual_seed(0)
    grouped, many = MultiHeadAttention(12, 6, key_value_heads=2), MultiHeadAttention(12, 6)
    weights = grouped.state_dict()
    for part in ("key", "value"):
        name = f"{part}.weight"
        weights[name] = weights[name].view(2, 1, 2, 12).expand(2, 3, 2, 12).reshape(12, 12)
    many.load_state_dict(weights)
    x = torch.randn(2, 5, 12)
    torch.testing.assert_close(grouped(x), many(x))


def test_neighbouring_query_heads_share():
    keys = draw(1, 2, 3, 4)
    shared = repeat_kv_heads(keys, 4)
    assert [torch.equal(shared[:, head], keys[:, head // 2]) for head in range(4)] == [True] * 4


def test_the_same_word_gets_another_vector_in_another_sentence():
    torch.manual_seed(0)
    table, head = torch.randn(9, 8), SingleHeadAttention(8, 8)
    lead = 4
    metal, dog = table[torch.tensor([[1, 2, lead]])], table[torch.tensor([[3, 7, lead]])]
    assert torch.equal(metal[0, 2], dog[0, 2])
    assert not torch.allclose(head(metal)[0, 2], head(dog)[0, 2])


def test_without_places_attention_does_not_see_order():
    torch.manual_seed(0)
    head, x = SingleHeadAttention(8, 8), torch.randn(1, 4, 8)
    torch.testing.assert_close(head(x)[0, 3], head(x[:, [2, 0, 1, 3]])[0, 3])


def test_torch_aligns_a_causal_mask_otherwise():
    # Why fused_attention does not pass is_causal behind a cache: PyTorch would align the queries with the first keys.
    queries, keys = draw(1, 1, 2, 4), draw(1, 1, 5, 4, seed=1)
    theirs = functional.scaled_dot_product_attention(queries, keys, keys, is_causal=True)
    assert not torch.allclose(theirs, causal_attention(queries, keys, keys))


@pytest.mark.parametrize("width", [4, 64, 1024])
def test_the_root_of_the_width_brings_the_scores_spread_to_one_where_numbers_have_mean_0_and_variance_1(width):
    torch.manual_seed(0)
    queries, keys = torch.randn(2, 5000, width)
    assert ((queries * keys).sum(dim=1) / width**0.5).std().item() == pytest.approx(1, abs=0.05)
    # Elsewhere it does not: here every number has mean 1.
    assert ((1 + queries) * (1 + keys)).sum(dim=1).div(width**0.5).std().item() > 1.5
