import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.lora import LowRankLinear, add_low_rank, low_rank_change, merge, merged_weights

SIZES = {
    "features": st.integers(1, 5),
    "nodes": st.integers(1, 5),
    "rank": st.integers(1, 6),
    "seed": st.integers(0, 99),
}


def draw_layer(features, nodes, rank, seed, alpha=3.0):
    torch.manual_seed(seed)
    layer = LowRankLinear(Linear(features, nodes).double(), rank, alpha)
    nn.init.normal_(layer.up)
    return layer, torch.randn(2, 3, features, dtype=torch.float64)


@given(**SIZES)
def test_merged_equals_unmerged(features, nodes, rank, seed):
    layer, x = draw_layer(features, nodes, rank, seed)
    torch.testing.assert_close(x @ layer.weight.T + layer.bias, layer(x), rtol=1e-12, atol=1e-12)


@given(**SIZES)
def test_the_change_is_the_formula(features, nodes, rank, seed):
    layer, x = draw_layer(features, nodes, rank, seed)
    one = x[0, 0]
    expected = [
        sum(3.0 / rank * layer.up[n, r] * layer.down[r, f] * one[f] for r in range(rank) for f in range(features))
        for n in range(nodes)
    ]
    found = low_rank_change(one, layer.down, layer.up, 3.0)
    torch.testing.assert_close(found, torch.stack([torch.as_tensor(value) for value in expected]))


@given(**SIZES)
def test_it_starts_as_the_layer_and_only_the_change_learns(features, nodes, rank, seed):
    torch.manual_seed(seed)
    own = Linear(features, nodes)
    layer, x = LowRankLinear(copy.deepcopy(own), rank, 1.0), torch.randn(4, features)
    assert torch.equal(layer(x), own(x))
    layer(x).square().sum().backward()
    assert layer.layer.weight.grad is None
    assert layer.layer.bias.grad is None
    assert not layer.down.grad.any()  # it is multiplied by B, which is zero
    assert layer.up.grad.any()


def test_the_rank_of_the_change_is_at_most_r():
    layer, _ = draw_layer(5, 5, 2, 0)
    change = merge(torch.zeros(5, 5, dtype=torch.float64), layer.down, layer.up, 3.0)
    assert torch.linalg.matrix_rank(change) == 2


@pytest.mark.parametrize("preset", ["modern", "classic", "plain"])
def test_a_gpt_with_merged_weights_computes_what_it_did_with_its_changes(preset):
    torch.manual_seed(0)
    settings = GPTSettings(vocabulary=7, context=6, layers=2, heads=2, width=8, preset=preset)
    model = GPT(settings).double()
    names, weights = list(model.state_dict()), model.count_weights()
    add_low_rank(model.blocks, rank=2, alpha=4)
    trained = [name for name, parameter in model.blocks.named_parameters() if parameter.requires_grad]
    assert trained
    assert all(name.endswith((".down", ".up")) for name in trained)
    for name, parameter in model.blocks.named_parameters():
        if name.endswith(".up"):
            nn.init.normal_(parameter, std=0.1)
    merged = GPT(settings).double()
    merged.load_state_dict(merged_weights(model))
    assert list(merged_weights(model)) == names
    assert merged.count_weights() == weights
    tokens = torch.tensor([[1, 2, 3, 4, 5, 6]])
    torch.testing.assert_close(merged(tokens), model(tokens), rtol=1e-10, atol=1e-10)


def test_a_model_that_is_one_layer_merges_too():
    model = nn.Sequential(Linear(3, 2))
    add_low_rank(model, 1, 1)
    assert list(merged_weights(model)) == ["0.weight", "0.bias"]


def test_it_is_that_of_peft():
    peft = pytest.importorskip("peft")
    torch.manual_seed(0)
    theirs = nn.Sequential(nn.Linear(5, 3))
    ours = Linear(5, 3)
    ours.load_state_dict(theirs[0].state_dict())
    wrapped = peft.get_peft_model(theirs, peft.LoraConfig(r=2, lora_alpha=6, target_modules=["0"]))
    layer, x = LowRankLinear(ours, 2, 6), torch.randn(4, 5)
    with torch.no_grad():
        nn.init.normal_(layer.up)
        adapter = wrapped.base_model.model[0]
        adapter.lora_A["default"].weight.copy_(layer.down)
        adapter.lora_B["default"].weight.copy_(layer.up)
    torch.testing.assert_close(layer(x), wrapped(x))
    for module in (layer, wrapped):
        module(x).square().sum().backward()
    torch.testing.assert_close(layer.down.grad, adapter.lora_A["default"].weight.grad)
    torch.testing.assert_close(layer.up.grad, adapter.lora_B["default"].weight.grad)
    torch.testing.assert_close(layer.weight, wrapped.merge_and_unload()[0].weight)
