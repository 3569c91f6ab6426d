"""Whatever the draft guesses, the text has the target's distribution."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from groundup.steps.c5_words.sampling import choose_token
from groundup.steps.c7_beyond.speculative import check_guesses, draw, next_probabilities, rest, speculate

SEEDS = st.integers(0, 2**31)
# So rarely does a right answer look wrong; the seeds are fixed, so it does so always or never.
LEVEL = 1e-4


def draw_probabilities(seed, *shape):
    return (torch.randn(*shape, generator=torch.Generator().manual_seed(seed)) * 2).softmax(-1)


@given(SEEDS)
def test_guessed_and_replaced_tokens_together_are_the_targets(seed):
    p, q = draw_probabilities(seed, 2, 6).double()
    kept = torch.minimum(p, q)
    assert torch.allclose(kept + (1 - kept.sum()) * rest(p, q), p, atol=1e-12)


@pytest.mark.parametrize("seed", range(2))
def test_pairs_of_tokens_have_the_targets_distribution(seed):
    """Two places at once, so that what follows a kept guess counts as well as what replaces a rejected one."""
    size, count = 4, 4_000
    p_first, q_first = draw_probabilities(seed, 2, size)
    p_next, q_next = draw_probabilities(seed + 100, 2, size, size)  # by the token before
    p_last = torch.full((size,), 1 / size)
    generator = torch.Generator().manual_seed(seed)
    counts = torch.zeros(size, size)
    for _ in range(count):
        first = draw(q_first, generator)
        second = draw(q_next[first], generator)
        kept = check_guesses(
            [first, second],
            torch.stack([p_first, p_next[first], p_last]),
            torch.stack([q_first, q_next[first]]),
            generator,
        )
        if len(kept) == 1:
            kept.append(draw(p_next[kept[0]], generator))  # as the next pass of the target would
        counts[kept[0], kept[1]] += 1
    expected = p_first[:, None] * p_next * count
    assert chisquare(counts.flatten(), expected.flatten() * count / expected.sum()).pvalue > LEVEL


@pytest.mark.parametrize("guesses", [1, 3])
def test_a_text_has_the_distribution_of_the_target(guesses):
    size, count = 3, 1_500
    target, draft = (torch.nn.Embedding.from_pretrained(draw_probabilities(n, size, size).log()) for n in (1, 2))
    generator = torch.Generator().manual_seed(5)
    counts = dict.fromkeys(itertools.product(range(size), repeat=3), 0)
    for _ in range(count):
        text = tuple(itertools.islice(speculate(target, draft, [0], guesses, generator=generator), 3))
        counts[text] += 1
    table = target.weight.exp().double()
    expected = [count * float(table[0, a] * table[a, b] * table[b, c]) for a, b, c in counts]
    total = sum(expected)
    assert chisquare(list(counts.values()), [one * count / total for one in expected]).pvalue > LEVEL


@given(SEEDS)
def test_a_draft_that_is_the_target_is_always_right(seed):
    p = draw_probabilities(seed, 4, 5)
    guesses = [draw(row) for row in p[:3]]
    assert check_guesses(guesses, p, p[:3])[:3] == guesses


@given(SEEDS, st.sampled_from([0, 0.3, 1, 2.5]), st.sampled_from([None, 1, 3]), st.sampled_from([None, 0.5, 1.0]))
def test_the_probabilities_are_those_that_tokens_are_drawn_from(seed, temperature, top_k, top_p):
    logits = draw_probabilities(seed, 6).log() * 3
    drawn = draw(next_probabilities(logits, temperature, top_k, top_p), torch.Generator().manual_seed(seed))
    assert drawn == choose_token(logits, torch.Generator().manual_seed(seed), temperature, top_k, top_p)
