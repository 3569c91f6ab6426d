"""The lens ends at the model's own logits, a head off is columns of zeros, and a made-up head has the score 1."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.models.attention_maps import look
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c6_gpt.attention import MultiHeadAttention, attention_weights
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c7_beyond.ablation import Part, list_parts, measure_cost, switched_off
from groundup.steps.c7_beyond.head_scores import (
    first_token_score,
    induction_score,
    previous_token_score,
    repeat_random_tokens,
)
from groundup.steps.c7_beyond.logit_lens import logit_lens, recorded_stream

PRESETS = ("plain", "classic", "modern")
TOKENS = torch.tensor([[1, 5, 3, 3, 8], [0, 2, 2, 7, 4]])


def make(preset="modern", **sizes):
    torch.manual_seed(0)
    sizes = {"layers": 2, "heads": 4, "width": 32, **sizes}
    model = GPT(GPTSettings(vocabulary=9, context=8, preset=preset, **sizes)).double()
    for parameter in model.parameters():
        parameter.data.normal_(std=0.3)  # biases and norms, too
    return model.eval()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_lens_at_the_end_is_the_models_own_prediction(preset):
    model = make(preset)
    logits = logit_lens(model, TOKENS)
    assert len(logits) == 3
    assert torch.equal(logits[-1], model(TOKENS))
    assert not torch.allclose(logits[0], logits[1])


@pytest.mark.parametrize("preset", PRESETS)
def test_the_lens_after_a_block_is_the_prediction_of_a_model_that_ends_there(preset):
    model = make(preset)
    logits = logit_lens(model, TOKENS)
    for blocks in (0, 1):
        with switched_off(model, [Part("block", layer) for layer in range(blocks, 2)]):
            assert torch.allclose(model(TOKENS), logits[blocks], atol=1e-12)


def test_a_recording_ends():
    model = make()
    with recorded_stream(model) as stream:
        model(TOKENS)
    model(TOKENS)
    assert len(stream) == 3


@pytest.mark.parametrize("preset", PRESETS)
def test_a_head_that_is_off_is_columns_of_zeros_in_the_output_projection(preset):
    model = make(preset)
    for part in (Part("head", 0, 0), Part("head", 1, 3)):
        with switched_off(model, [part]):
            off = model(TOKENS)
        changed = make(preset)
        changed.blocks[part.layer].attention.output.weight.data[:, 8 * part.head : 8 * part.head + 8] = 0
        assert torch.allclose(off, changed(TOKENS), atol=1e-12)
        assert not torch.allclose(off, model(TOKENS), atol=1e-3)


def test_a_head_wider_than_its_share_is_off_as_a_whole():
    model = make(key_value_heads=2, head_width=16)
    with switched_off(model, [Part("head", 0, head) for head in range(4)]):
        off = model(TOKENS)
    with switched_off(model, [Part("attention", 0)]):
        assert torch.allclose(off, model(TOKENS), atol=1e-12)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_block_is_its_attention_and_its_feed_forward(preset):
    model = make(preset)
    with switched_off(model, [Part("attention", 1), Part("feed-forward", 1)]):
        off = model(TOKENS)
    with switched_off(model, [Part("block", 1)]):
        assert torch.allclose(off, model(TOKENS), atol=1e-12)


def test_everything_is_on_again_afterwards():
    model = make()
    before = model(TOKENS)
    with switched_off(model, list_parts(model)):
        assert not torch.allclose(model(TOKENS), before)
    assert torch.equal(model(TOKENS), before)
    assert measure_cost(model, [], TOKENS[:, :-1], TOKENS[:, 1:]) == 0


def test_a_part_that_adds_nothing_costs_nothing():
    model = make("classic")
    model.blocks[0].attention.output.weight.data[:, 8:16] = 0
    model.blocks[1].feed_forward.contract.weight.data.zero_()
    model.blocks[1].feed_forward.contract.bias.data.zero_()
    costs = {str(part): measure_cost(model, [part], TOKENS[:, :-1], TOKENS[:, 1:]) for part in list_parts(model)}
    assert [name for name, cost in costs.items() if cost == 0] == ["head 1.2", "feed-forward 2"]


def point_at(places):
    """Return the weights of a head that puts all its attention on one place per query."""
    return torch.eye(len(places))[list(places)]


@given(length=st.integers(2, 12))
def test_a_made_up_head_of_each_kind_has_the_score_1(length):
    time = 2 * length
    previous = point_at([0, *range(time - 1)])
    first = point_at([0] * time)
    induction = point_at([place - length + 1 if place >= length else 0 for place in range(time)])
    assert previous_token_score(previous) == 1
    assert first_token_score(first) == 1
    assert induction_score(induction, length) == 1
    assert induction_score(first, length) == 0
    assert previous_token_score(first) == pytest.approx(1 / (time - 1))


@given(heads=st.integers(1, 3), length=st.integers(2, 6), seed=st.integers(0, 99))
def test_a_score_is_a_share_per_head(heads, length, seed):
    generator = torch.Generator().manual_seed(seed)
    weights = attention_weights(*torch.randn(2, heads, 2 * length, 3, generator=generator))
    for scores in (previous_token_score(weights), first_token_score(weights), induction_score(weights, length)):
        assert scores.shape == (heads,)
        assert ((scores >= 0) & (scores <= 1)).all()


def test_an_induction_head_made_of_weights_by_hand():
    """Queries ask for a token's own number; keys offer that of the token before, as an earlier head would bring it."""
    vocabulary, length = 10, 8
    tokens = repeat_random_tokens(vocabulary, length, batch=3, generator=torch.Generator().manual_seed(0))
    here = torch.nn.functional.one_hot(tokens, vocabulary).float()
    before = torch.roll(here, 1, dims=1)
    before[:, 0] = 0
    heads = MultiHeadAttention(2 * vocabulary, 1, head_width=vocabulary)
    zeros, eye = torch.zeros(vocabulary, vocabulary), torch.eye(vocabulary)
    heads.query.weight.data = 60 * torch.cat([eye, zeros], dim=1)
    heads.key.weight.data = torch.cat([zeros, eye], dim=1)
    x = torch.cat([here, before], dim=-1)
    weights = attention_weights(heads.query(x), heads.key(x))
    assert torch.allclose(induction_score(weights, length), torch.ones(3), atol=1e-5)


def test_a_previous_token_head_made_of_weights_by_hand():
    """A plain GPT whose position vectors point from each place to the one before."""
    model = make("plain", heads=1, width=8, layers=1)
    attention = model.blocks[0].attention
    assert isinstance(attention.query, Linear)
    model.token_embedding.weight.data.zero_()
    places = torch.eye(8).double()
    model.position_embedding.weight.data = places
    model.blocks[0].first_norm = torch.nn.Identity()
    attention.query.weight.data = 200 * torch.roll(places, -1, dims=0)  # place i asks for place i − 1
    attention.key.weight.data = places
    (weights,) = look(model, [3, 1, 4, 1, 5, 0, 2, 6])
    assert float(previous_token_score(weights)) == pytest.approx(1)


@given(vocabulary=st.integers(2, 30), seed=st.integers(0, 99))
def test_random_tokens_are_different_and_come_twice(vocabulary, seed):
    length = min(vocabulary, 7)
    rows = repeat_random_tokens(vocabulary, length, 4, torch.Generator().manual_seed(seed))
    assert rows.shape == (4, 2 * length)
    assert torch.equal(rows[:, :length], rows[:, length:])
    assert all(len(row.unique()) == length for row in rows)
    assert 0 <= rows.min() <= rows.max() < vocabulary


def test_more_different_tokens_than_there_are_is_refused():
    with pytest.raises(ValueError, match="no 5 different tokens in a vocabulary of 4"):
        repeat_random_tokens(4, 5, 1)
