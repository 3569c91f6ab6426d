"""The plain GPT: its shape, causality, and the parts it is made of."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import UserError
from groundup.steps.plain_gpt import PlainBlock, PlainGPT


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
