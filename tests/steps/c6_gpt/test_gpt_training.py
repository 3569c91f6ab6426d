import copy
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from groundup.steps.c5_words.batches import create_batches
from groundup.steps.c6_gpt.attention import MultiHeadAttention
from groundup.steps.c6_gpt.gpt_training import next_token_loss, train


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def small_model(vocabulary=6, width=8):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Embedding(vocabulary, width), MultiHeadAttention(width, heads=2), nn.Linear(width, vocabulary)
    )


@given(batch=st.integers(1, 4), time=st.integers(1, 5), seed=st.integers(0, 99))
def test_the_loss_is_the_mean_of_minus_the_log_of_the_right_tokens_share(batch, time, seed):
    model = small_model()
    tokens = torch.randint(6, (batch, time + 1), generator=seeded(seed))
    shares = model(tokens[:, :-1]).softmax(-1).detach()
    places = [-math.log(shares[b, t, tokens[b, t + 1]]) for b in range(batch) for t in range(time)]
    loss = next_token_loss(model, tokens[:, :-1], tokens[:, 1:])
    assert loss.item() == pytest.approx(sum(places) / len(places), rel=1e-4)


def test_one_epoch_is_one_step_of_adamw_on_one_batch():
    model, data = small_model(), torch.randint(6, (40,), generator=seeded(1))
    theirs = copy.deepcopy(model)
    loss = train(model, data, 1, 5, 3, 0.01, seeded(2))

    inputs, targets = create_batches(data, 5, 3, seeded(2))
    expected = functional.cross_entropy(theirs(inputs).transpose(1, 2), targets)
    expected.backward()
    torch.optim.AdamW(theirs.parameters(), lr=0.01).step()
    assert loss == pytest.approx(expected.item())
    torch.testing.assert_close(model.state_dict(), theirs.state_dict())


def test_gradients_do_not_pile_up():
    model, data = small_model(), torch.randint(6, (40,), generator=seeded(1))
    theirs, batches = copy.deepcopy(model), seeded(2)
    train(model, data, 3, 5, 3, 0.01, seeded(2))

    optimizer = torch.optim.AdamW(theirs.parameters(), lr=0.01)
    for _ in range(3):
        inputs, targets = create_batches(data, 5, 3, batches)
        loss = functional.cross_entropy(theirs(inputs).transpose(1, 2), targets)
        for parameter, gradient in zip(
            theirs.parameters(), torch.autograd.grad(loss, list(theirs.parameters())), strict=True
        ):
            parameter.grad = gradient
        optimizer.step()
    torch.testing.assert_close(model.state_dict(), theirs.state_dict())


def test_attention_learns_what_the_last_token_alone_does_not_tell():
    # After 0 comes 1 or 2 in turn: only the token before the 0 says which.
    data = torch.tensor([0, 1, 0, 2] * 20)
    torch.manual_seed(0)
    table, model = nn.Embedding(3, 3), small_model(vocabulary=3, width=16)
    by_table = train(table, data, 200, 8, 8, 0.05, seeded(0))
    by_attention = train(model, data, 200, 8, 8, 0.01, seeded(0))
    assert by_table > 0.3
    assert by_attention < 0.2


def test_the_model_is_left_in_training_mode():
    model = small_model().eval()
    train(model, torch.arange(6), 1, 3, 2, 0.01)
    assert model.training


def test_no_epoch_is_refused():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        train(small_model(), torch.arange(6), 0, 3, 2, 0.01)
