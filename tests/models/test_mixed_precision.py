"""Matched norms: the same in float32, and the numbers of autocast's dtype under autocast."""

import copy

import torch
from torch.nn import functional

from groundup.models.mixed_precision import MatchedRMSNorm, match_norms
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.normalisation import RMSNorm

TOKENS = torch.tensor([[1, 5, 2, 7, 0, 3]])


def make_model():
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=2, heads=2, width=16))
    for name, parameter in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    return model


def test_in_float32_nothing_changes():
    model = make_model()
    before, names, weights = model(TOKENS), list(model.state_dict()), list(map(id, model.parameters()))
    match_norms(model)
    assert torch.equal(model(TOKENS), before)
    assert list(model.state_dict()) == names
    assert list(map(id, model.parameters())) == weights


def test_under_autocast_a_norm_computes_in_its_inputs_dtype():
    norm = MatchedRMSNorm(make_model().blocks[0].attention.query_norm)
    x = torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(1)).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        found = norm(x)
    assert found.dtype == torch.bfloat16
    assert torch.equal(found, functional.rms_norm(x, (8,), norm.weight.bfloat16(), norm.epsilon))


def test_under_autocast_the_model_is_near_to_float32_with_all_gradients():
    model = make_model()
    expected = model(TOKENS)
    match_norms(model)
    with torch.autocast("cpu", torch.bfloat16):
        found = model(TOKENS)
    torch.testing.assert_close(found.float(), expected, rtol=0.05, atol=0.02)
    found.float().square().sum().backward()
    assert all(parameter.grad.dtype == torch.float32 for parameter in model.parameters())


def test_a_copy_has_weights_of_its_own():
    model = make_model()
    match_norms(model)
    copied = copy.deepcopy(model)
    assert all(type(layer) is not RMSNorm for layer in copied.modules())
    copied.final_norm.weight.data.zero_()
    assert copied(TOKENS).abs().max() == 0
    assert model(TOKENS).abs().max() > 0
