import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from groundup.base.errors import UserError
from groundup.models.fast_gpt import accelerate
from groundup.steps.c6_gpt.gpt import GPT, GPTSettings

SIZES = {"vocabulary": 11, "context": 10, "layers": 2, "heads": 4, "width": 16}
MODELS = {
    "classic": GPTSettings(preset="classic", **SIZES),
    "modern": GPTSettings(**SIZES),
    "modern, grouped queries, tied": GPTSettings(key_value_heads=2, tied=True, head_width=6, **SIZES),
}


def scattered(chosen, seed=0):
    torch.manual_seed(seed)
    model = GPT(MODELS[chosen]).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, mean=0.1, std=0.5)
    return model.eval()


def in_pieces(model, tokens, cuts):
    cache = model.make_cache(len(tokens))
    return torch.cat([model(piece, cache) for piece in torch.tensor_split(tokens, cuts, dim=1) if piece.numel()], dim=1)


def run(way, model, tokens, cuts):
    with torch.no_grad():
        if way == "cache":
            return in_pieces(model, tokens, cuts)
        if way == "fast":
            accelerate(model, torch.float64)
        return model(tokens)


@pytest.mark.parametrize("way", ["whole", "cache", "fast"])
@pytest.mark.parametrize("chosen", MODELS)
@settings(max_examples=15)
@given(
    place=st.integers(0, 9),
    new=st.integers(0, 10),
    cuts=st.lists(st.integers(1, 9), max_size=3, unique=True).map(sorted),
)
def test_a_token_changes_no_logit_before_it(way, chosen, place, new, cuts):
    model = scattered(chosen)
    tokens = torch.randint(11, (2, 10), generator=torch.Generator().manual_seed(place))
    changed = tokens.clone()
    changed[:, place] = new
    before, after = run(way, model, tokens, cuts), run(way, model, changed, cuts)
    torch.testing.assert_close(after[:, :place], before[:, :place], rtol=0, atol=1e-12)
    if not torch.equal(tokens, changed):
        assert not torch.allclose(after[:, place:], before[:, place:])


@pytest.mark.parametrize("chosen", MODELS)
@settings(max_examples=15)
@given(cuts=st.lists(st.integers(1, 9), max_size=9, unique=True).map(sorted))
def test_the_cache_changes_nothing(chosen, cuts):
    model = scattered(chosen)
    tokens = torch.randint(11, (2, 10), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(in_pieces(model, tokens, cuts), model(tokens))


@pytest.mark.parametrize("chosen", MODELS)
def test_every_weight_learns(chosen):
    model = scattered(chosen)
    loss = model(torch.randint(11, (3, 10))).log_softmax(-1)[..., 0].sum()
    loss.backward()
    for name, parameter in model.named_parameters():
        # A key's bias adds the same to all of a query's scores, and softmax does not see it.
        if not name.endswith("key.bias"):
            assert parameter.grad.abs().max() > 1e-9, name


@pytest.mark.parametrize("chosen", MODELS)
def test_order_matters(chosen):
    model = scattered(chosen)
    with torch.no_grad():
        logits = model(torch.tensor([[1, 2, 3], [2, 1, 3]]))
    assert not torch.allclose(logits[0, 2], logits[1, 2])


def test_dropout_drops_in_training_only():
    model = GPT(GPTSettings(dropout=0.5, **SIZES))
    tokens = torch.randint(11, (2, 10))
    assert not torch.equal(model.train()(tokens), model(tokens))
    assert torch.equal(model.eval()(tokens), model(tokens))


def test_more_tokens_than_the_context_are_refused_in_words():
    model = GPT(MODELS["modern"])
    with pytest.raises(UserError, match=r"11 tokens are more than the 10"):
        model(torch.zeros(1, 11, dtype=torch.long))
    cache = model.make_cache()
    model(torch.zeros(1, 8, dtype=torch.long), cache)
    with pytest.raises(UserError, match=r"11 tokens"):
        model(torch.zeros(1, 3, dtype=torch.long), cache)


@pytest.mark.parametrize(
    "wrong",
    [{"layers": 0}, {"key_value_heads": 3}, {"head_width": 5}, {"preset": "classic", "heads": 3}, {"preset": "modem"}],
)
def test_sizes_that_do_not_fit_are_refused(wrong):
    with pytest.raises(UserError):
        GPTSettings(**{**SIZES, **wrong})


def test_modern_has_no_more_weights_than_classic():
    classic, modern = (GPT(GPTSettings(65, preset=preset)).count_weights() for preset in ("classic", "modern"))
    assert modern < classic


@pytest.mark.parametrize("preset", ["modern", "classic", "plain"])
def test_whatever_holds_weights_is_a_layer_of_the_course(preset):
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=1, heads=2, width=16, preset=preset, dropout=0.1))
    made_of = {type(part) for part in model.modules()} - {nn.ModuleList, nn.Identity, nn.ReLU}
    assert {kind.__module__.partition(".")[0] for kind in made_of} == {"groundup"}
