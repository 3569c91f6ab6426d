"""The policy loss: values and gradients of a plain loop, the gradient of REINFORCE, and what clipping stops."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c7_beyond.policy_gradient import policy_loss, reference_pull, token_log_probabilities

SEEDS = st.integers(0, 2**31 - 1)


def draw(seed, batch=3, time=4, scale=0.3):
    random = torch.Generator().manual_seed(seed)
    old = -torch.rand(batch, time, generator=random, dtype=torch.float64) - 0.1
    new, reference = (old + scale * torch.randn(batch, time, generator=random, dtype=torch.float64) for _ in range(2))
    return new.requires_grad_(), old, reference, torch.randn(batch, generator=random, dtype=torch.float64)


@given(SEEDS, st.sampled_from([0.05, 0.2, 1.0]), st.sampled_from([0.0, 0.01, 3.0]))
def test_values_and_gradients_are_those_of_a_plain_loop(seed, clip, pull):
    new, old, reference, advantages = draw(seed)
    loss = policy_loss(new, old, reference, advantages, clip, pull)
    loss.backward()
    total, slopes, values = 0.0, torch.zeros_like(new), new.detach()
    count = new.numel()
    for row in range(len(new)):
        gain = float(advantages[row])
        for place in range(new.shape[1]):
            ratio = math.exp(float(values[row, place]) - float(old[row, place]))
            clipped = min(max(ratio, 1 - clip), 1 + clip)
            difference = float(reference[row, place]) - float(values[row, place])
            total += -min(ratio * gain, clipped * gain) + pull * (math.exp(difference) - difference - 1)
            counted = ratio * gain <= clipped * gain
            slopes[row, place] = (-ratio * gain * counted + pull * (1 - math.exp(difference))) / count
    assert float(loss.detach()) == pytest.approx(total / count)
    assert torch.allclose(new.grad, slopes, atol=1e-12)


@given(SEEDS)
def test_the_first_step_is_reinforce(seed):
    _, old, _, advantages = draw(seed)
    new = old.clone().requires_grad_()
    policy_loss(new, old, old, advantages, pull=0.5).backward()
    again = old.clone().requires_grad_()
    (-(again * advantages[:, None]).mean()).backward()
    assert torch.allclose(new.grad, again.grad, atol=1e-12)


def test_what_moved_far_enough_has_no_gradient_and_what_moved_wrongly_has():
    old = torch.zeros(4, 1, dtype=torch.float64)
    new = torch.tensor([[0.5], [-0.5], [0.5], [-0.5]], dtype=torch.float64, requires_grad=True)
    policy_loss(new, old, new.detach(), torch.tensor([1.0, -1.0, -1.0, 1.0], dtype=torch.float64)).backward()
    assert (new.grad[:2] == 0).all()
    assert (new.grad[2:] != 0).all()


@given(SEEDS)
def test_the_pull_is_never_negative_and_is_the_divergence_on_average(seed):
    random = torch.Generator().manual_seed(seed)
    new, reference = (torch.randn(9, generator=random, dtype=torch.float64).log_softmax(0) for _ in range(2))
    pulls = torch.stack([reference_pull(new[None, one : one + 1], reference[None, one : one + 1]) for one in range(9)])
    assert (pulls >= 0).all()
    assert float((new.exp() * pulls).sum()) == pytest.approx(float((new.exp() * (new - reference)).sum()))
    assert float(reference_pull(new[None], new[None])) == 0


def test_log_probabilities_are_those_of_the_tokens():
    logits = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    tokens = torch.tensor([[0, 4, 2], [1, 1, 3]])
    found = token_log_probabilities(logits, tokens)
    for row in range(2):
        for place in range(3):
            wanted = logits[row, place].softmax(0)[tokens[row, place]].log()
            assert float(found[row, place]) == pytest.approx(float(wanted))
