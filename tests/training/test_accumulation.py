"""A batch in parts, clipped, is the step of the course."""

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import mse_loss

from groundup.steps.c4_training.gradient_accumulation import train_step
from groundup.steps.c4_training.gradient_clipping import clip_gradients
from groundup.training import loop
from groundup.training.accumulation import SharedStep
from groundup.training.plan import Plan


def make_batch(rows, seed=0):
    draw = torch.Generator().manual_seed(seed)
    model = torch.nn.Linear(3, 2).double()
    inputs = torch.randn(rows, 3, generator=draw, dtype=torch.float64)
    return model, inputs, torch.randn(rows, 2, generator=draw, dtype=torch.float64)


def take_step(model, inputs, targets, **settings):
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    plan = Plan(model, mse_loss, optimizer, lambda _: (inputs, targets), 1, **settings)
    step = SharedStep(plan)
    for part in step.split(inputs, targets):
        loop.train_step(step.model, step.loss_function, step, *part)
    return step.result.loss.item()


@given(rows=st.integers(4, 9), parts=st.integers(1, 4))
def test_a_batch_in_parts_is_the_step_of_the_course(rows, parts):
    model, inputs, targets = make_batch(rows)
    other, whole = copy.deepcopy(model), copy.deepcopy(model)
    loss = take_step(model, inputs, targets, accumulation_steps=parts)
    # Parts of other sizes: neither of them may matter.
    for made, size in ((other, rows // parts), (whole, rows)):
        found = train_step(made, mse_loss, torch.optim.SGD(made.parameters(), lr=1.0), inputs, targets, size)
        assert loss == pytest.approx(found, rel=1e-6)
        for one, same in zip(model.parameters(), made.parameters(), strict=True):
            torch.testing.assert_close(one, same, rtol=1e-12, atol=1e-12)


@given(longest=st.floats(0.01, 10), parts=st.integers(1, 3))
def test_clipped_gradients_are_those_of_the_course(longest, parts):
    model, inputs, targets = make_batch(6)
    before = [weight.detach().clone() for weight in model.parameters()]
    mse_loss(model(inputs), targets).backward()
    clipped, norm = clip_gradients([weight.grad for weight in model.parameters()], longest)
    take_step(model, inputs, targets, accumulation_steps=parts, clip_norm=longest)
    for old, weight, gradient in zip(before, model.parameters(), clipped, strict=True):
        torch.testing.assert_close(old - weight, gradient, rtol=1e-12, atol=1e-12)
    length = torch.cat([gradient.flatten() for gradient in clipped]).norm().item()
    assert length == pytest.approx(min(norm, longest), rel=1e-4)


def test_gradients_of_zero_stay_zero():
    clipped, norm = clip_gradients([torch.zeros(2), torch.zeros(1, 3)], 1.0)
    assert norm == 0
    assert all(not gradient.any() for gradient in clipped)
