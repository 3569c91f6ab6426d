"""The laid-out step gives the logits of the readable model."""

import pytest
import torch

from groundup.models.decoding import Decoder
from groundup.models.quantised_layers import quantise_layers
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.lora import add_low_rank


@pytest.mark.parametrize(
    "options",
    [
        {"preset": "classic"},
        {"preset": "modern"},
        {"preset": "modern", "key_value_heads": 2, "head_width": 10, "tied": True},
        {"preset": "modern", "key_value_heads": 2, "query_key_norm": False},
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


@pytest.mark.parametrize("preset", ["modern", "classic"])
def test_changes_of_low_rank_are_decoded_with_their_layers(preset):
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=1, heads=2, width=16, preset=preset)).eval()
    add_low_rank(model.blocks, rank=2, alpha=4)
    for name, parameter in model.named_parameters():
        if name.endswith(".up"):
            torch.nn.init.normal_(parameter)
    with torch.inference_mode():
        decoder = Decoder(model)
        decoder.prefill([1, 2])
        torch.testing.assert_close(decoder.decode(3), model(torch.tensor([[1, 2, 3]]))[0, -1], rtol=1e-4, atol=1e-4)
