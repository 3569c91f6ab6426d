"""The plain GPT: its shape, causality, and the parts it is made of."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import UserError
from groundup.steps.gpt_training import train
from groundup.steps.plain_gpt import PlainBlock, PlainGPT
from groundup.steps.talking import generate
from groundup.steps.vocabulary import CharacterVocabulary


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
