"""The weights looked at are those the model uses: with them, the fused attention's output comes out again."""

import pytest
import torch

from groundup.models.attention_maps import look
from groundup.steps.c6_gpt.attention import join_heads, repeat_kv_heads, split_heads
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings


@torch.inference_mode()
@pytest.mark.parametrize("preset", ["classic", "modern"])
def test_weights_explain_the_output(preset):
    torch.manual_seed(0)
    shared = {} if preset == "classic" else {"key_value_heads": 2}
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=3, heads=4, width=32, preset=preset, **shared)).double()
    caught = []
    for block in model.blocks:
        block.attention.register_forward_hook(lambda module, inputs, output: caught.append((module, inputs[0], output)))
    for weights, (attention, x, output) in zip(look(model, [1, 5, 3, 3, 8]), caught, strict=True):
        assert weights.shape == (1, 4, 5, 5)
        assert torch.allclose(weights.sum(-1), torch.ones(1, 4, 5).double())
        assert (weights.triu(1) == 0).all()
        values = repeat_kv_heads(split_heads(attention.value(x), attention.key_value_heads), 4)
        assert torch.allclose(attention.output(join_heads(weights @ values)), output, atol=1e-10)
