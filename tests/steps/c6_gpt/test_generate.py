import math
from collections import Counter
from functools import partial
from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from groundup.steps.c5_words.sampling import Recompute, choose_token, generate_tokens
from groundup.steps.c6_gpt.generate import generate

LETTERS = dict(enumerate("abcdef"))


class Spy(nn.Module):
    """Is sure that the token after t is t + 1, modulo 6, and notes what it is shown."""

    def __init__(self):
        super().__init__()
        self.shown, self.modes = [], []

    def forward(self, tokens):
        self.shown.append(tokens[0].tolist())
        self.modes.append(self.training)
        return torch.eye(6)[(tokens + 1) % 6] * 999


@given(
    new_chars=st.integers(0, 8),
    context=st.lists(st.integers(0, 5), min_size=1, max_size=6),
    context_length=st.integers(1, 4),
)
def test_the_model_sees_the_last_tokens_and_its_own_among_them(new_chars, context, context_length):
    spy = Spy()
    text = generate(spy, new_chars, torch.tensor([context]), context_length, LETTERS)
    new = [(context[-1] + 1 + step) % 6 for step in range(new_chars)]
    assert text == "".join(LETTERS[token] for token in new)
    whole = context + new
    seen = [whole[: len(context) + step][-context_length:] for step in range(new_chars)]
    assert spy.shown == seen


def test_tokens_are_drawn_as_often_as_the_softmax_says():
    shares = torch.tensor([0.5, 0.3, 0.2])
    model = nn.Embedding.from_pretrained(shares.log().expand(3, 3))
    text = generate(model, 2000, torch.tensor([[0]]), 1, LETTERS, torch.Generator().manual_seed(0))
    counts = Counter(text)
    for letter, share in zip("abc", shares.tolist(), strict=True):
        # Four standard deviations of a binomial count.
        assert counts[letter] == pytest.approx(2000 * share, abs=4 * math.sqrt(2000 * share * (1 - share)))


def test_the_seed_decides_and_every_draw_moves_on():
    model = nn.Embedding.from_pretrained(torch.zeros(6, 6))
    once, again = (
        generate(model, 50, torch.tensor([[0]]), 4, LETTERS, torch.Generator().manual_seed(3)) for _ in range(2)
    )
    assert once == again
    assert len(set(once)) == 6


@pytest.mark.parametrize("training", [True, False])
def test_asked_in_evaluation_mode_and_set_back(training):
    spy = Spy().train(training)
    context = torch.tensor([[2, 4]])
    generate(spy, 3, context, 8, LETTERS)
    assert spy.modes == [False] * 3
    assert spy.training == training
    assert context.tolist() == [[2, 4]]


def test_nothing_to_go_on_from_is_refused():
    with pytest.raises(ValueError, match="holds no token"):
        generate(Spy(), 1, torch.empty(1, 0, dtype=torch.int64), 4, LETTERS)


def test_it_is_sampling_at_temperature_one():
    torch.manual_seed(0)
    model = nn.Embedding(6, 6)
    drawn = generate(model, 40, torch.tensor([[1, 2]]), 99, LETTERS, torch.Generator().manual_seed(7))
    choose = partial(choose_token, temperature=1.0, generator=torch.Generator().manual_seed(7))
    tokens = islice(generate_tokens(Recompute(model), [1, 2], 99, choose), 40)
    assert drawn == "".join(LETTERS[token] for token in tokens)
