r"""Speculative decoding: a small model guesses several tokens ahead, and the large one checks them all at once.

A large model takes hardly longer for five tokens than for one, because its weights are read from memory once either
way. But it writes one token after another, each from the one before. So a small model, the draft, guesses k tokens. The
large model, the target, computes its probabilities for all of them in one pass, and decides from the left:

.. math:: \text{keep guess } x \text{ with probability } \min\left(1, \frac{p(x)}{q(x)}\right)

p are the probabilities of the target and q those of the draft at this place. The first guess that is not kept is
replaced by a token drawn from what q gave too little of, and the guesses after it are thrown away:

.. math:: r(x) = \frac{\max(0, p(x) - q(x))}{\sum_y \max(0, p(y) - q(y))}

If all guesses are kept, one more token is drawn from the target's probabilities after them. The text has exactly the
distribution that the target alone would give. A token x is guessed and kept with probability q(x) min(1, p(x)/q(x)) =
min(q(x), p(x)), and something is rejected with probability 1 − Σ min(q, p) = Σ max(0, p − q). So x is drawn with

.. math:: \min(q(x), p(x)) + \max(0, p(x) - q(x)) = p(x)

Only the speed depends on the draft: of guesses that are each kept with probability a, a pass yields
(1 − aᵏ⁺¹) / (1 − a) tokens on average. (Leviathan, Kalman and Matias, "Fast inference from transformers via speculative
decoding", 2023, algorithm 1 and equation 1.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from groundup.steps.c5_words.sampling import keep_top_k, keep_top_p

Probabilities = Callable[[Float[Tensor, " vocabulary"]], Float[Tensor, " vocabulary"]]
Ask = Callable[[Int[Tensor, "batch time"]], Float[Tensor, "batch time vocabulary"]]


def next_probabilities(
    logits: Float[Tensor, " vocabulary"],
    temperature: float | int = 1.0,
    top_k: int | None = None,
    top_p: float | int | None = None,
) -> Float[Tensor, " vocabulary"]:
    """Return the probabilities from which `groundup.steps.c5_words.sampling.choose_token` draws; options as there.

    Examples
    --------
    >>> next_probabilities(torch.tensor([0.1, 2.0, 0.3]), temperature=0)
    tensor([0., 1., 0.])
    """
    if temperature == 0:
        return (torch.arange(len(logits), device=logits.device) == logits.argmax()).to(logits.dtype)
    logits = (logits - logits.max()) / temperature
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None and top_p < 1:
        logits = keep_top_p(logits, top_p)
    return logits.softmax(dim=0)


def rest(p: Float[Tensor, " vocabulary"], q: Float[Tensor, " vocabulary"]) -> Float[Tensor, " vocabulary"]:
    """Return the probabilities from which a rejected guess is replaced: the positive part of p − q, summing to 1.

    Parameters
    ----------
    p, q : Tensor, shape (V,)
        The probabilities of the target and of the draft. Where they are equal, nothing can be rejected; p is returned.

    Examples
    --------
    >>> rest(torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.75, 0.0]))
    tensor([0.5000, 0.0000, 0.5000])
    """
    missing = (p - q).clamp(min=0)
    total = missing.sum()
    return missing / total if total > 0 else p


def check_guesses(
    guesses: Sequence[int],
    p: Float[Tensor, "guess_plus_1 vocabulary"],
    q: Float[Tensor, "guess vocabulary"],
    generator: Generator | None = None,
) -> list[int]:
    """Return the guesses that are kept, and one token more.

    Parameters
    ----------
    guesses : sequence of int
        k tokens, token i drawn from the probabilities q[i]; there may be none.
    p : Tensor, shape (k + 1, V)
        The target's probabilities in the place of each guess, and after the last one.
    q : Tensor, shape (k, V)
        The draft's probabilities in the place of each guess.
    generator : torch.Generator, optional
        The random generator; torch's global one by default.

    Examples
    --------
    The target is certain of 1, then of 0; the draft has guessed 1 and 1:

    >>> certain = torch.eye(2)
    >>> check_guesses([1, 1], certain[[1, 0, 1]], torch.full((2, 2), 0.5))
    [1, 0]
    """
    for place, guess in enumerate(guesses):
        # p/q would divide by 0 where q is 0. The number u is below 1, so p = q is always kept.
        u = torch.rand((), generator=generator)
        if u * q[place, guess] >= p[place, guess]:
            return [*guesses[:place], draw(rest(p[place], q[place]), generator)]
    return [*guesses, draw(p[len(guesses)], generator)]


def draw(probabilities: Float[Tensor, " vocabulary"], generator: Generator | None = None) -> int:
    """Return a token, drawn from its probabilities."""
    return int(torch.multinomial(probabilities, 1, generator=generator))


@torch.inference_mode()
def speculate(
    target: Ask,
    draft: Ask,
    prompt: Sequence[int],
    guesses: int,
    probabilities: Probabilities = next_probabilities,
    generator: Generator | None = None,
) -> Iterator[int]:
    """Yield one token after another, with the distribution of the target alone, without end.

    Parameters
    ----------
    target, draft : callable
        Take token numbers, 1×T, return logits, 1×T×V, of the same vocabulary.
    prompt : sequence of int
        At least one token.
    guesses : int
        k, how many tokens the draft guesses at a time; 0 or more.
    probabilities : callable
        Takes logits, returns probabilities: `next_probabilities` with its options.
    generator : torch.Generator, optional
        The random generator; torch's global one by default.

    Examples
    --------
    In this table, 1 is almost certain after 0, and 0 is almost certain after 1; the draft knows nothing:

    >>> target = torch.nn.Embedding.from_pretrained(torch.tensor([[0.0, 99.0], [99.0, 0.0]]))
    >>> draft = torch.nn.Embedding.from_pretrained(torch.zeros(2, 2))
    >>> tokens = speculate(target, draft, [0], guesses=3)
    >>> [next(tokens) for _ in range(5)]
    [1, 0, 1, 0, 1]
    """
    text = list(prompt)
    while True:
        guessed, q = text, []
        for _ in range(guesses):
            q.append(probabilities(draft(torch.tensor([guessed]))[0, -1]))
            guessed = [*guessed, draw(q[-1], generator)]
        logits = target(torch.tensor([guessed]))[0, len(text) - 1 :]
        p = torch.stack([probabilities(row) for row in logits])
        kept = check_guesses(guessed[len(text) :], p, torch.stack(q) if q else p[:0], generator)
        yield from kept
        text = [*text, *kept]
