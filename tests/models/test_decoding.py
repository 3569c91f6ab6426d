"""The laid-out step gives the logits of the readable model."""

import pytest
import torch

from groundup.models.decoding import Decoder
from groundup.models.quantised_layers import quantise_layers
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings


@pytest.mark.parametrize(
    "options",
    [
        {"preset": "classic"},
        {"preset": "modern"},
        {"preset": "modern", "key_value_heads": 2, "head_width": 10, "tied": True},
    ],
)
@pytest.mark.parametrize("quantised", [False, True])
@torch.inference_mode()
def test_every_step_is_the_models(options, quantised):
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=11, context=12, layers=3, heads=4, width=24, **options)).eval().double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    if quantised:
        quantise_layers(model)
    tokens = torch.randint(11, (12,)).tolist()
    decoder = Decoder(model)
    for _ in range(2):  # also after a new start
        decoder.prefill(tokens[:4])
        for seen in range(5, 13):
            found = decoder.decode(tokens[seen - 1])
            expected = model(torch.tensor([tokens[:seen]]))[0, -1].float()
            assert torch.allclose(found, expected, atol=1e-5)
