"""Quantised layers are the step's: exactly where nothing else is rounded, and within bfloat16 in the fast kernel."""

import copy

import pytest
import torch

from groundup.models.quantised_layers import MOST_ROWS, QuantisedEmbedding, QuantisedLinear, multiply, quantise_layers
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.quantisation import dequantise, quantise, quantised_linear


def test_the_layer_is_the_step():
    torch.manual_seed(0)
    layer = Linear(6, 5).double()
    x = torch.randn(3, 2, 6, dtype=torch.float64)
    numbers, scales = quantise(layer.weight.detach())
    found = QuantisedLinear(numbers, scales, layer.bias.detach())(x)
    assert torch.allclose(found, quantised_linear(x, numbers, scales, layer.bias), rtol=0, atol=1e-12)


@pytest.mark.parametrize("features", [1, 7, 32, 33, 96])  # rows of 7 or 33 numbers would crash the fast kernel
@pytest.mark.parametrize("rows", [1, 3, MOST_ROWS, MOST_ROWS + 1])
def test_both_ways_are_the_step_up_to_rounding(features, rows):
    torch.manual_seed(features + rows)
    x, weight, bias = torch.randn(rows, features), torch.randn(5, features), torch.randn(5)
    numbers, scales = quantise(weight)
    found = multiply(x, numbers, scales, bias)
    size = x.abs() @ dequantise(numbers, scales).abs().T
    assert found.dtype == torch.float32
    # bfloat16 has 8 bits: the input and the sum are each rounded by at most one part in 256.
    bound = 2 / 256 if rows <= MOST_ROWS and features % 32 == 0 else 1e-6
    assert ((found - quantised_linear(x, numbers, scales, bias)).abs() <= bound * size + 1e-6).all()


def test_a_whole_model_is_the_model_of_its_rounded_weights():
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=11, context=32, layers=2, heads=2, width=32, tied=True)).eval()
    rounded = copy.deepcopy(model)
    quantise_layers(model)
    assert model.output.numbers is model.token_embedding.numbers
    with torch.no_grad():
        for layer in rounded.modules():
            if hasattr(layer, "weight") and layer.weight.dim() == 2 and layer is not rounded.output:
                layer.weight.copy_(dequantise(*quantise(layer.weight)))
    tokens = torch.randint(11, (1, 32))
    assert len(tokens[0]) > MOST_ROWS
    assert torch.allclose(model(tokens), rounded(tokens), rtol=1e-4, atol=1e-5)


def test_every_matrix_is_replaced():
    for preset in ("plain", "classic", "modern"):
        model = GPT(GPTSettings(vocabulary=11, context=32, layers=1, heads=2, width=24, preset=preset))
        quantise_layers(model)
        assert not [name for name, weight in model.named_parameters() if weight.dim() == 2]
        assert isinstance(model.token_embedding, QuantisedEmbedding)
