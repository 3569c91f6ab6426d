"""Sampling: the laws of the three cuts, and equal text with and without a cache."""

from functools import partial
from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.models.decoding import Decoder
from groundup.steps.c5_words.sampling import Cached, Recompute, choose_token, generate_tokens, keep_top_k, keep_top_p
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c6_gpt.gpt_settings import GPTSettings

LOGITS = st.lists(st.floats(-8, 8, width=32), min_size=1, max_size=12).map(torch.tensor)


@given(LOGITS, st.integers(1, 14))
def test_top_k_keeps_the_k_largest(logits, k):
    kept = keep_top_k(logits, k)
    chosen = kept > -torch.inf
    assert chosen.sum() >= min(k, len(logits))
    assert kept[chosen].equal(logits[chosen])
    if not chosen.all():
        assert logits[chosen].min() > logits[~chosen].max()


@given(LOGITS, st.floats(0.01, 0.99))
def test_top_p_keeps_the_fewest_that_reach_p(logits, p):
    kept = keep_top_p(logits, p)
    chosen = kept > -torch.inf
    probabilities = logits.softmax(0)
    assert chosen.any()
    assert kept[chosen].equal(logits[chosen])
    assert probabilities[chosen].sum() >= p - 1e-5
    assert probabilities[chosen].sum() - probabilities[chosen].min() < p + 1e-5
    if not chosen.all():
        assert probabilities[chosen].min() >= probabilities[~chosen].max()


# Logits that differ at all differ by 1/1024: nearer than the temperature, the colder limit is a fair draw between them.
@given(LOGITS.map(lambda logits: (logits * 1024).round() / 1024), st.integers(0, 5))
def test_greedy_is_the_limit_of_cold(logits, seed):
    likeliest = choose_token(logits, temperature=0)
    assert logits[likeliest] == logits.max()
    generator = torch.Generator().manual_seed(seed)
    assert logits[choose_token(logits, generator, temperature=1e-30)] == logits.max()
    assert logits[choose_token(logits, generator, top_k=1)] == logits.max()


def test_frequencies_are_the_probabilities():
    logits = torch.tensor([1.0, 0.0, 2.0, -1.0])
    generator = torch.Generator().manual_seed(0)
    for options, expected in [
        ({}, logits.softmax(0)),
        ({"temperature": 0.5}, (logits / 0.5).softmax(0)),
        ({"top_k": 2}, torch.tensor([logits[0], -torch.inf, logits[2], -torch.inf]).softmax(0)),
    ]:
        drawn = torch.tensor([choose_token(logits, generator, **options) for _ in range(1500)])
        found = torch.bincount(drawn, minlength=4) / 1500
        assert torch.allclose(found, expected, atol=0.05)


def test_the_generator_moves_on_and_its_seed_decides():
    logits = torch.zeros(1000)
    draw = partial(choose_token, logits)
    generator = torch.Generator().manual_seed(5)
    drawn = [draw(generator) for _ in range(20)]
    assert len(set(drawn)) > 15
    generator.manual_seed(5)
    assert [draw(generator) for _ in range(20)] == drawn


@pytest.mark.parametrize("options", [{"temperature": -1}, {"top_k": 0}, {"top_p": 0.0}, {"top_p": 1.5}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match="must be at least"):
        choose_token(torch.zeros(3), **options)


@pytest.mark.parametrize("preset", ["classic", "modern"])
@pytest.mark.parametrize("prompt_length", [1, 5, 8, 30])
def test_with_and_without_cache_the_text_is_the_same(preset, prompt_length):
    """Also beyond the context, where the window is cut and shown again."""
    torch.manual_seed(1)
    model = GPT(GPTSettings(vocabulary=11, context=8, layers=2, heads=2, width=16, preset=preset)).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    prompt = torch.randint(11, (prompt_length,)).tolist()

    def text(asked):
        generator = torch.Generator().manual_seed(3)
        choose = partial(choose_token, generator=generator, temperature=0.9)
        return list(islice(generate_tokens(asked, prompt, 8, choose), 50))

    assert text(Cached(model)) == text(Recompute(model)) == text(Decoder(model))


def test_an_empty_prompt_is_refused():
    with pytest.raises(ValueError, match="holds no token"):
        next(generate_tokens(Recompute(lambda tokens: tokens), [], 8))
