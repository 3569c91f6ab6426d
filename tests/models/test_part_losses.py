"""The fast losses of a model without its parts are those that the step measures, and are computed in few passes."""

import pytest
import torch
from torch import nn

from groundup.models import part_losses
from groundup.models.part_losses import measure_parts, token_losses
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.ablation import Part, list_parts, measure_cost


def make(preset, **sizes):
    torch.manual_seed(0)
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=3, heads=4, width=16, preset=preset, **sizes)).double()
    for parameter in model.parameters():
        parameter.data.normal_(std=0.4)  # biases, too
    return model.eval()


def measure(model, inputs, targets):
    (none, (whole,)), *rest = measure_parts(model, inputs, targets)
    assert none == []
    return {part: float((row - whole).mean()) for parts, rows in rest for part, row in zip(parts, rows, strict=True)}


@pytest.mark.parametrize("most", [1, 400, 16_000_000])
@pytest.mark.parametrize(
    ("preset", "sizes"), [("plain", {}), ("classic", {}), ("modern", {"key_value_heads": 2}), ("modern", {})]
)
def test_every_part_costs_what_the_step_measures(monkeypatch, preset, sizes, most):
    monkeypatch.setattr(part_losses, "MOST_NUMBERS", most)
    model = make(preset, **sizes)
    tokens = torch.randint(9, (2, 8), generator=torch.Generator().manual_seed(1))
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    found = measure(model, inputs, targets)
    assert list(found) == list_parts(model)
    for part, cost in found.items():
        assert cost == pytest.approx(measure_cost(model, [part], inputs, targets), abs=1e-12)
    assert max(found.values()) > 0.05


def test_the_losses_of_all_tokens_have_the_models_loss_as_their_mean():
    model = make("modern")
    tokens = torch.arange(9)[None, :8]
    logits = model(tokens).detach()
    losses = token_losses(torch.cat([logits, 0 * logits]), tokens)
    assert losses.shape == (2, 8)
    assert float(losses[0].mean()) == pytest.approx(float(nn.functional.cross_entropy(logits[0], tokens[0])))
    assert torch.allclose(losses[1], torch.full((8,), 9.0).double().log())


def test_of_a_learners_own_block_the_whole_is_switched_off():
    class Own(nn.Module):
        def forward(self, x, rotary=None, cache=None):
            return x + x.flip(-1).tanh()

    model = make("modern")
    model.blocks[1] = Own()
    tokens = torch.tensor([[1, 2, 3, 4]])
    found = measure(model, tokens[:, :-1], tokens[:, 1:])
    assert [part for part in found if part.layer == 1] == [Part("block", 1)]
    assert found[Part("block", 1)] == pytest.approx(
        measure_cost(model, [Part("block", 1)], tokens[:, :-1], tokens[:, 1:])
    )


def test_one_pass_per_block_where_memory_allows():
    model, calls = make("modern"), []
    for place, block in enumerate(model.blocks):
        block.register_forward_hook(lambda *_, place=place: calls.append(place))
    tokens = torch.tensor([[1, 2, 3, 4]])
    measure(model, tokens[:, :-1], tokens[:, 1:])
    assert calls == [0, 1, 2, *[0, 1, 2], *[1, 2], 2]
