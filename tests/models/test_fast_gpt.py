"""The hand-written passes against autograd of the readable model, in float64."""

import pytest
import torch

from groundup.models.fast_gpt import accelerate
from groundup.steps.c6_gpt.gpt import GPT, GPTSettings

SETTINGS = GPTSettings(vocabulary=11, context=12, layers=2, heads=2, width=16, head_width=6, hidden=24)


def scattered(settings):
    torch.manual_seed(0)
    model = GPT(settings).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=0.2, std=0.5)
    return model


def loss_and_gradients(model, tokens):
    logits = model(tokens[:, :-1])
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
    return logits, torch.autograd.grad(loss, [p for p in model.parameters() if p.requires_grad])


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("time", [12, 5, 1])
def test_values_and_gradients_are_those_of_the_readable_model(tied, time):
    model = scattered(GPTSettings(**{**vars(SETTINGS), "tied": tied}))
    tokens = torch.randint(11, (3, time + 1))
    logits, gradients = loss_and_gradients(model, tokens)
    assert accelerate(model, torch.float64)
    fast_logits, fast_gradients = loss_and_gradients(model, tokens)
    torch.testing.assert_close(fast_logits, logits)
    for (name, _), fast, slow in zip(model.named_parameters(), fast_gradients, gradients, strict=True):
        torch.testing.assert_close(fast, slow, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize("last", [1, 4, 12])
@pytest.mark.parametrize("layers", [1, 2])
def test_the_last_positions_alone_are_those_of_the_readable_model(layers, last):
    model = scattered(GPTSettings(**{**vars(SETTINGS), "layers": layers}))
    tokens, targets = torch.randint(11, (3, 12)), torch.randint(11, (3, last))

    def gradients_of(logits):
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return torch.autograd.grad(loss, list(model.parameters()))

    logits = model(tokens)[:, -last:]
    fast_logits = accelerate(model, torch.float64)(tokens, last=last)
    torch.testing.assert_close(fast_logits, logits)
    for fast, slow in zip(gradients_of(fast_logits), gradients_of(logits), strict=True):
        torch.testing.assert_close(fast, slow)


def test_frozen_norms_get_no_gradient_and_change_no_other():
    model = scattered(SETTINGS)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_("norm" not in name)
    tokens = torch.randint(11, (2, 13))
    _, gradients = loss_and_gradients(model, tokens)
    accelerate(model, torch.float64)
    for fast, slow in zip(loss_and_gradients(model, tokens)[1], gradients, strict=True):
        torch.testing.assert_close(fast, slow)


def test_bfloat16_stays_near():
    torch.manual_seed(1)
    model = GPT(SETTINGS)
    tokens = torch.randint(11, (4, 12))
    slow = model(tokens)
    accelerate(model, torch.bfloat16)
    fast = model(tokens)
    assert fast.dtype == torch.float32
    assert not torch.equal(fast, slow)
    torch.testing.assert_close(fast, slow, atol=0.02, rtol=0.02)


def test_what_it_cannot_do_goes_the_readable_way():
    assert not accelerate(GPT(GPTSettings(vocabulary=11, preset="classic")))
    assert not accelerate(GPT(GPTSettings(vocabulary=11, key_value_heads=2)))
    model = GPT(GPTSettings(**{**vars(SETTINGS), "dropout": 0.5}))
    tokens = torch.randint(11, (2, 12))
    readable = model.eval()(tokens)
    fast = accelerate(model, torch.bfloat16)
    assert fast.takes(tokens)
    assert not fast.takes(torch.zeros(1, SETTINGS.context + 1, dtype=torch.int64))
    assert not torch.equal(model(tokens), readable)
    assert torch.equal(model(tokens, model.make_cache(2)), readable)
    model.train()
    assert not fast.takes(tokens)
    accelerate(model.eval(), torch.bfloat16, longest=8)
    assert torch.equal(model(tokens), readable)
