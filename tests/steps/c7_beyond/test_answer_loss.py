import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.answer_loss import IGNORED, answer_loss, answer_targets
from groundup.tasks.gpt.evaluation import next_token_loss


def draw_case(batch, time, vocabulary, seed):
    generator = torch.Generator().manual_seed(seed)
    logits = 5 * torch.randn(batch, time, vocabulary, generator=generator, dtype=torch.float64)
    targets = torch.randint(vocabulary, (batch, time), generator=generator)
    targets[torch.rand(batch, time, generator=generator) < 0.5] = IGNORED
    targets[0, 0] = 0  # one counts in every case
    return logits.requires_grad_(), targets


SIZES = {"batch": st.integers(1, 3), "time": st.integers(1, 6), "vocabulary": st.integers(1, 5), "seed": st.integers(0)}


@given(**{**SIZES, "seed": st.integers(0, 99)})
def test_it_is_the_mean_over_the_targets_that_count(batch, time, vocabulary, seed):
    logits, targets = draw_case(batch, time, vocabulary, seed)
    shares = logits.detach().softmax(-1)
    losses = [
        -math.log(shares[b, t, targets[b, t]]) for b in range(batch) for t in range(time) if targets[b, t] != IGNORED
    ]
    assert answer_loss(logits, targets).item() == pytest.approx(sum(losses) / len(losses), rel=1e-12, abs=1e-12)


@given(**{**SIZES, "seed": st.integers(0, 99)})
def test_the_gpt_jobs_loss_leaves_out_the_same_targets(batch, time, vocabulary, seed):
    logits, targets = draw_case(batch, time, vocabulary, seed)
    ours, theirs = answer_loss(logits, targets), next_token_loss(logits, targets)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    (gradient,), (other,) = torch.autograd.grad(ours, logits), torch.autograd.grad(theirs, logits)
    torch.testing.assert_close(gradient, other, rtol=1e-12, atol=1e-12)


def test_with_no_answer_there_is_neither_loss_nor_gradient():
    logits = torch.randn(2, 3, 4, requires_grad=True)
    loss = answer_loss(logits, torch.full((2, 3), IGNORED))
    loss.backward()
    assert loss == 0
    assert not logits.grad.any()


@given(st.data())
def test_a_target_is_the_next_token_of_an_answer_or_none(data):
    time = data.draw(st.integers(1, 8))
    tokens = torch.tensor(data.draw(st.lists(st.integers(0, 9), min_size=time, max_size=time)))
    answered = torch.tensor(data.draw(st.lists(st.booleans(), min_size=time, max_size=time)))
    inputs, targets = answer_targets(tokens, answered)
    assert inputs.tolist() == tokens[:-1].tolist()
    assert targets.tolist() == [int(tokens[t]) if answered[t] else IGNORED for t in range(1, time)]


def test_the_gradient_flows_through_the_question_that_is_read():
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=7, context=8, layers=1, heads=1, width=8))
    inputs, targets = answer_targets(torch.tensor([[1, 2, 3, 4]]), torch.tensor([[False, False, False, True]]))
    answer_loss(model(inputs), targets).backward()
    # Tokens 1 and 2 are the question's: no guess of them counts, and yet their embeddings learn.
    assert model.token_embedding.weight.grad[[1, 2]].abs().sum(-1).gt(0).all()
    assert not model.token_embedding.weight.grad[[5, 6]].any()
