"""The plain GPT: its shape, causality, and the parts it is made of."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.steps.c4_training.dropout import Dropout
from groundup.steps.c5_words.vocabulary import CharacterVocabulary
from groundup.steps.c6_gpt.generate import generate
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_training import train
from groundup.steps.c6_gpt.plain_block import PlainBlock
from groundup.steps.c6_gpt.plain_gpt import PlainGPT


def make_model(**changes):
    torch.manual_seed(0)
    return PlainGPT(**{"vocabulary": 7, "context": 6, "width": 8, "blocks": 2, "heads": 2, **changes}).eval()


@given(place=st.integers(0, 5), token=st.integers(0, 6), seed=st.integers(0, 99))
def test_a_token_changes_nothing_before_it(place, token, seed):
    model = make_model()
    tokens = torch.randint(7, (1, 6), generator=torch.Generator().manual_seed(seed))
    changed = tokens.clone()
    changed[0, place] = token
    assert torch.equal(model(tokens)[:, :place], model(changed)[:, :place])


def test_dropout_is_off_in_evaluation_and_on_in_training():
    block, x = PlainBlock(8, 2, dropout=0.5), torch.randn(2, 3, 8)
    assert not torch.equal(block(x), block(x))
    block.eval()
    assert torch.equal(block(x), block(x))


def test_it_learns_a_text_by_heart():
    model, tokens = make_model(dropout=0.0).train(), torch.tensor([[0, 1, 2, 3, 4, 5, 6]])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(model(tokens[:, :-1])[0], tokens[0, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    assert list(model.eval().generate([0], 6, temperature=0))[:5] == [1, 2, 3, 4, 5]


def test_too_many_tokens_and_heads_that_do_not_fit():
    with pytest.raises(UserError, match="more than the 6"):
        make_model()(torch.zeros(1, 7, dtype=torch.long))
    with pytest.raises(UserError, match="cannot be cut evenly"):
        make_model(heads=3)
    assert make_model().count_weights() == sum(weight.numel() for weight in make_model().parameters())
    assert PlainGPT.from_settings(make_model().settings).settings == make_model().settings


def test_a_block_equals_torch():
    torch.manual_seed(0)
    block, x = PlainBlock(8, 2).double().eval(), torch.randn(2, 5, 8, dtype=torch.float64)
    theirs = torch.nn.TransformerEncoderLayer(
        8, nhead=2, dim_feedforward=32, norm_first=True, batch_first=True, dtype=torch.float64
    ).eval()
    ours = dict(block.named_parameters())
    attention = [ours[f"attention.{part}.weight"] for part in ("query", "key", "value")]
    weights = {
        "self_attn.in_proj_weight": torch.cat(attention),
        "self_attn.in_proj_bias": torch.zeros(24),
        "self_attn.out_proj.weight": ours["attention.output.weight"],
        "self_attn.out_proj.bias": torch.zeros(8),
    }
    for part, name in {
        "norm1": "first_norm",
        "norm2": "second_norm",
        "linear1": "feed_forward.expand",
        "linear2": "feed_forward.contract",
    }.items():
        weights |= {f"{part}.{kind}": ours[f"{name}.{kind}"] for kind in ("weight", "bias")}
    theirs.load_state_dict(weights)
    hidden = torch.ones(5, 5, dtype=torch.bool).triu(1)
    torch.testing.assert_close(block(x), theirs(x, src_mask=hidden))


def test_trained_and_made_to_talk_by_the_plain_functions():
    text = "hello world, "
    characters = CharacterVocabulary(text)
    data = torch.tensor(characters.encode(text * 8))
    model = make_model(vocabulary=len(characters), width=16, dropout=0.0)
    assert train(model, data, 150, 6, 8, 0.01, torch.Generator().manual_seed(0)) < 0.5
    start = torch.tensor([characters.encode("hello ")])
    int_to_char = dict(enumerate(characters.characters))
    assert generate(model, 5, start, 6, int_to_char, torch.Generator().manual_seed(0)) == "world"


@given(st.permutations([1, 2, 3, 4]))
def test_without_positions_one_block_does_not_know_the_order_of_what_came_before(before):
    model = make_model(blocks=1)
    model.position_embedding.weight.data.zero_()
    last, other = model(torch.tensor([[1, 2, 3, 4, 5]]))[0, -1], model(torch.tensor([[*before, 5]]))[0, -1]
    assert torch.allclose(last, other, atol=1e-5)


def test_through_the_mask_several_blocks_find_out_something_of_the_order():
    model = make_model(blocks=2)
    model.position_embedding.weight.data.zero_()
    one, other = model(torch.tensor([[1, 2, 3, 5]]))[0, -1], model(torch.tensor([[3, 2, 1, 5]]))[0, -1]
    assert (one - other).abs().max() > 1e-3


def test_dropout_stands_at_the_end_of_the_feed_forwards_only():
    dropping = [name for name, part in make_model().named_modules() if isinstance(part, Dropout)]
    assert dropping == ["blocks.0.feed_forward.drop", "blocks.1.feed_forward.drop"]


def test_where_nothing_is_added_and_the_last_norm_has_no_shift_equal_numbers_give_the_bias():
    model = make_model(vocabulary=2, width=2, heads=1)
    for block in model.blocks:
        for weights in (
            block.attention.output.weight,
            block.feed_forward.contract.weight,
            block.feed_forward.contract.bias,
        ):
            weights.data.zero_()
    model.token_embedding.weight.data[0] = torch.tensor([1.0, 3.0])
    model.position_embedding.weight.data[0] = torch.tensor([1.0, -1.0])
    model.final_norm.weight.data.fill_(7.0)
    assert torch.equal(model(torch.tensor([[0]]))[0, 0], model.output.bias)


def test_it_is_the_plain_preset():
    model = make_model()
    torch.manual_seed(0)
    other = GPT(model.settings).eval()
    assert list(other.state_dict()) == list(model.state_dict())
    assert all(torch.equal(other.state_dict()[name], weight) for name, weight in model.state_dict().items())
    tokens = torch.tensor([[0, 3, 1, 6]])
    assert torch.equal(other(tokens), model(tokens))


def test_it_has_no_cache():
    with pytest.raises(ValueError, match="has no cache"):
        make_model().make_cache()
