import pytest
import torch

from groundup.models.bigram_start import can_start_from_bigrams, log_shares, look_back, start_from_bigrams
from groundup.steps.c5_words.bigram import count_pairs
from groundup.steps.c6_gpt.gpt import GPT, GPTSettings

SETTINGS = GPTSettings(vocabulary=7, context=16, layers=2, heads=2, width=32, rotary_base=100.0)


def test_the_model_starts_as_the_counted_shares():
    torch.manual_seed(0)
    counts = count_pairs(torch.randint(7, (500,)).sort().values[torch.randperm(500)], 7)
    model = GPT(SETTINGS)
    assert can_start_from_bigrams(model)
    start_from_bigrams(model, counts)
    tokens = torch.randint(7, (2, 16))
    expected = log_shares(counts)[tokens].float()
    torch.testing.assert_close(model(tokens).log_softmax(-1), expected, atol=1e-4, rtol=1e-4)


def test_shares_sum_to_one_and_none_is_zero():
    shares = log_shares(count_pairs(torch.tensor([0, 1, 0, 1, 3]), 5)).exp()
    torch.testing.assert_close(shares.sum(1), torch.ones(5, dtype=torch.float64))
    assert shares.min() > 0


def test_heads_start_by_looking_back():
    torch.manual_seed(1)
    model = GPT(SETTINGS)
    for name, parameter in model.named_parameters():
        if name.endswith(("query.weight", "key.weight")):
            parameter.detach().zero_()
    constant = torch.randn(32)
    with torch.no_grad():
        look_back(model, constant / constant.square().sum())
    attention = model.blocks[1].attention
    x = constant.expand(1, 16, 32)
    queries = attention.query_norm(attention.query(x).view(16, 2, 16).transpose(0, 1))
    keys = attention.key_norm(attention.key(x).view(16, 2, 16).transpose(0, 1))
    from groundup.steps.c6_gpt.attention import attention_weights
    from groundup.steps.c6_gpt.positions import rotate

    weights = attention_weights(*(rotate(part, model.rotary_cosines, model.rotary_sines) for part in (queries, keys)))
    for head in range(2):
        assert weights[head, 5].argmax() == 5 - (head + 1)


@pytest.mark.parametrize("change", [{"preset": "classic"}, {"tied": True}, {"vocabulary": 30}])
def test_no_head_start_where_there_is_no_room(change):
    assert not can_start_from_bigrams(GPT(GPTSettings(**{"vocabulary": 7, "width": 32, **change})))
