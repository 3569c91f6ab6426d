import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c5_words.bigram import (
    BigramModel,
    count_pairs,
    find_shares,
    find_table_gradient,
    learn_table,
    measure_loss,
    measure_table_loss,
)
from groundup.steps.c6_gpt.gpt_training import next_token_loss

tokens = st.lists(st.integers(0, 5), min_size=2, max_size=60).map(torch.tensor)


@given(tokens)
def test_every_pair_is_counted_once(row):
    counts = count_pairs(row, 6)
    assert counts.sum() == len(row) - 1
    for first, second in zip(row[:-1].tolist(), row[1:].tolist(), strict=True):
        assert counts[first, second] >= 1


@given(tokens)
def test_rows_sum_to_one_and_the_loss_is_that_of_a_model_with_these_logits(row):
    counts = count_pairs(row, 6)
    shares = find_shares(counts)
    torch.testing.assert_close(shares.sum(1), torch.ones(6, dtype=torch.float64))
    model = BigramModel(6)
    model.table.data = shares.log().clamp(min=-1e4).float()
    loss = next_token_loss(model, row[None, :-1], row[None, 1:]).item()
    assert measure_loss(shares, counts) == pytest.approx(loss, abs=1e-4)


@given(tokens, st.integers(0, 2**31))
def test_no_other_table_has_a_smaller_loss(row, seed):
    counts = count_pairs(row, 6)
    other = torch.rand(6, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).softmax(1)
    assert measure_loss(find_shares(counts), counts) <= measure_loss(other, counts) + 1e-9


def test_a_pair_of_probability_zero_costs_infinitely_much():
    counts = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    assert math.isinf(measure_loss(torch.tensor([[1.0, 0.0], [0.5, 0.5]]), counts))


def test_a_trained_table_becomes_the_counted_one():
    row = torch.tensor([0, 1, 0, 2, 0, 1, 1, 0])
    model = BigramModel(3)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(400):
        optimizer.zero_grad()
        next_token_loss(model, row[None, :-1], row[None, 1:]).backward()
        optimizer.step()
    torch.testing.assert_close(
        model.table.detach().double().softmax(1), find_shares(count_pairs(row, 3)), atol=0.02, rtol=0
    )


@given(tokens, st.sampled_from([0.01, 0.5, 1.0, 3.0]))
def test_smoothing_is_counting_more_of_every_pair(row, smoothing):
    counts = count_pairs(row, 6)
    shares = find_shares(counts, smoothing)
    torch.testing.assert_close(shares, find_shares(counts + smoothing))
    torch.testing.assert_close(shares.sum(1), torch.ones(6, dtype=torch.float64))
    assert (shares > 0).all()


@given(tokens, st.integers(0, 2**31))
def test_loss_and_gradient_of_a_table_are_those_of_the_model(row, seed):
    counts, model = count_pairs(row, 6), BigramModel(6).double()
    model.table.data.normal_(generator=torch.Generator().manual_seed(seed))
    loss = next_token_loss(model, row[None, :-1], row[None, 1:])
    loss.backward()
    table = model.table.detach()
    assert measure_table_loss(table, counts) == pytest.approx(loss.item(), abs=1e-12)
    torch.testing.assert_close(find_table_gradient(table, counts), model.table.grad, atol=1e-12, rtol=1e-12)


@given(tokens)
def test_the_gradient_is_zero_at_the_smoothed_counts(row):
    counts = count_pairs(row, 6) + 0.5
    assert find_table_gradient(find_shares(counts).log(), counts).abs().max() < 1e-12


def test_learning_ends_at_the_counts():
    counts = count_pairs(torch.tensor([0, 1, 0, 2, 0, 1, 1, 0]), 3)
    assert learn_table(counts, 0, 1.0).eq(0).all()
    torch.testing.assert_close(learn_table(counts, 3000, 3.0).softmax(1), find_shares(counts), atol=0.002, rtol=0)
