import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.models.decoding import Decoder
from groundup.models.fast_gpt import accelerate
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings
from groundup.steps.c6_gpt.transformer import GatedFeedForward
from groundup.steps.c7_beyond.experts import (
    MixtureOfExperts,
    add_experts,
    balance_loss,
    choose_experts,
    count_choices,
    mix_experts,
)


def make_mixture(experts, used, seed=0):
    torch.manual_seed(seed)
    return MixtureOfExperts(4, 6, experts, used).double()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6), st.integers(0, 99))
def test_it_is_the_formula_token_by_token(experts, used, tokens, seed):
    used = min(used, experts)
    mixture = make_mixture(experts, used, seed)
    x = torch.randn(2, tokens, 4, dtype=torch.float64, requires_grad=True)
    rows = []
    for token in x.flatten(0, 1):
        scores = mixture.router(token)
        order = scores.tolist()
        best = sorted(range(experts), key=lambda one: -order[one])[:used]
        weights = scores[best].exp() / scores[best].exp().sum()
        rows.append(sum(weight * mixture.experts[one](token) for weight, one in zip(weights, best, strict=True)))
    wanted, found = torch.stack(rows).view_as(x), mixture(x)
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-12)
    leaves = [x, *mixture.parameters()]
    gradients = [
        torch.autograd.grad((result * x.detach()).sum(), leaves, allow_unused=True) for result in (found, wanted)
    ]
    for one, other in zip(*gradients, strict=True):
        nothing = torch.zeros(1, dtype=torch.float64)
        pair = nothing if one is None else one, nothing if other is None else other
        torch.testing.assert_close(*pair, rtol=1e-9, atol=1e-11)


def test_one_expert_is_an_ordinary_feed_forward():
    mixture = make_mixture(1, 1)
    x = torch.randn(3, 5, 4, dtype=torch.float64)
    torch.testing.assert_close(mixture(x), mixture.experts[0](x))
    assert mixture.balance.item() == pytest.approx(1)


@given(st.permutations(range(6)))
def test_a_token_is_treated_the_same_wherever_it_stands(order):
    mixture = make_mixture(3, 2)
    x = torch.randn(6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(mixture(x[list(order)]), mixture(x)[list(order)])
    torch.testing.assert_close(mixture(x[list(order)]).sum(), mixture(x).sum())


def test_of_equal_scores_the_first_expert_is_chosen_and_all_weigh_the_same():
    weights, chosen = choose_experts(torch.zeros(2, 40), 3)
    assert chosen.tolist() == [[0, 1, 2]] * 2
    torch.testing.assert_close(weights, torch.full((2, 3), 1 / 3))


def test_an_expert_that_no_token_chose_is_not_called():
    def refuse(x):
        raise AssertionError

    x = torch.ones(2, 3)
    found = mix_experts(x, torch.ones(2, 1), torch.tensor([[1], [1]]), [refuse, lambda x: 2 * x, refuse])
    assert found.tolist() == (2 * x).tolist()


@settings(deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 9), st.integers(0, 99))
def test_shares_sum_to_one_and_the_balance_loss_is_one_where_all_are_sure_alike(experts, used, tokens, seed):
    scores = torch.randn(tokens, experts, generator=torch.Generator().manual_seed(seed))
    _, chosen = choose_experts(scores, min(used, experts))
    assert float(count_choices(chosen, experts).sum()) == pytest.approx(1)
    assert 0 < float(balance_loss(scores, chosen)) <= experts + 1e-5
    # Whatever is chosen: where the router gives all the same chance, the loss is 1.
    assert float(balance_loss(torch.zeros_like(scores), chosen)) == pytest.approx(1)


def test_one_sure_expert_for_all_costs_as_much_as_there_are_experts_and_its_gradient_makes_it_less_sure():
    scores = torch.tensor([[30.0, 0.0, 0.0]] * 4, requires_grad=True)
    chosen = choose_experts(scores, 1)[1]
    assert balance_loss(scores, chosen).item() == pytest.approx(3)
    scores = torch.tensor([[1.0, 0.0, 0.0]] * 4, requires_grad=True)
    balance_loss(scores, chosen).backward()
    assert (scores.grad[:, 0] > 0).all()
    assert (scores.grad[:, 1:] < 0).all()


def test_choices_are_counted_in_evaluation_only():
    mixture = make_mixture(3, 2)
    mixture(torch.randn(5, 4, dtype=torch.float64))
    assert mixture.choices.sum() == 0
    mixture.eval()(torch.randn(5, 4, dtype=torch.float64))
    assert mixture.choices.sum() == 10


def test_a_model_gets_a_mixture_in_every_block_of_experts_like_its_feed_forward():
    model = GPT(GPTSettings(vocabulary=9, context=8, layers=2, heads=2, width=16))
    shape = model.blocks[0].feed_forward.gate.weight.shape
    add_experts(model.blocks, 4, 2)
    for block in model.blocks:
        assert isinstance(block.feed_forward, MixtureOfExperts)
        assert [type(one) for one in block.feed_forward.experts] == [GatedFeedForward] * 4
        assert block.feed_forward.experts[3].gate.weight.shape == shape
    assert accelerate(model) is None, "the fast pass knows one feed-forward only"
    with torch.inference_mode():
        decoder = Decoder(model.eval())
        decoder.prefill([1, 2])
        torch.testing.assert_close(decoder.decode(3), model(torch.tensor([[1, 2, 3]]))[0, -1])
