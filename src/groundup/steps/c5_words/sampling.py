r"""Sampling: generate text from a model's scores for the next token, one token at a time.

A softmax with temperature τ turns the logits z into probabilities,

.. math:: p_i = \frac{e^{z_i / \tau}}{\sum_j e^{z_j / \tau}}

and one token is drawn from them. A temperature of 0 always takes the most likely token (greedy); a higher temperature
makes the probabilities more equal. Top-k keeps only the k most likely tokens (Fan et al., "Hierarchical neural story
generation", 2018). Top-p keeps the smallest set of most likely tokens whose probabilities sum to at least p (Holtzman
et al., "The curious case of neural text degeneration", 2020). The drawn token is appended to the text, and the model
computes the logits of the next one. Every draw advances the random generator. Setting the seed before each draw would
use the same random number for every token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

Logits = Float[Tensor, " vocabulary"]

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "generate": "tests/steps/c6_gpt/test_generate.py::test_it_is_sampling_at_temperature_one",
}


def keep_top_k(logits: Logits, k: int) -> Logits:
    """Keep the k largest logits and set the others to −∞; logits equal to the k-th largest are kept, too.

    Examples
    --------
    >>> keep_top_k(torch.tensor([1.0, 3.0, 2.0]), 2)
    tensor([-inf, 3., 2.])
    """
    if k >= len(logits):
        return logits
    smallest = logits.topk(k).values[-1]
    return logits.masked_fill(logits < smallest, -torch.inf)


def keep_top_p(logits: Logits, p: float) -> Logits:
    """Keep the fewest largest logits whose probabilities sum to at least p, and set the others to −∞.

    Of equal logits, those with the smaller numbers are kept first.

    Examples
    --------
    >>> keep_top_p(torch.tensor([0.5, 0.3, 0.2]).log(), 0.7).exp()
    tensor([0.5000, 0.3000, 0.0000])
    """
    ordered, places = logits.sort(descending=True, stable=True)
    probabilities = ordered.softmax(dim=0)
    before = probabilities.cumsum(dim=0) - probabilities
    # The most likely token is always kept, so that there is a token to draw.
    left_out = before >= p
    left_out[0] = False
    return logits.scatter(0, places, ordered.masked_fill(left_out, -torch.inf))


def choose_token(
    logits: Logits,
    generator: torch.Generator | None = None,
    temperature: float | int = 1.0,
    top_k: int | None = None,
    top_p: float | int | None = None,
) -> int:
    """Draw the next token.

    Parameters
    ----------
    logits : Tensor, shape (V,)
        One score per token of the vocabulary.
    generator : torch.Generator, optional
        The random generator, advanced by one draw; torch's global one by default.
    temperature : float
        0 takes the most likely token without a draw.
    top_k : int, optional
        Draw only among the k most likely tokens.
    top_p : float, optional
        Draw only among the fewest most likely tokens whose probabilities sum to at least this; applied after ``top_k``.

    Raises
    ------
    ValueError
        A negative temperature, ``top_k`` below 1, or ``top_p`` outside (0, 1].

    Examples
    --------
    >>> choose_token(torch.tensor([0.1, 2.0, 0.3]), temperature=0)
    1
    """
    if temperature < 0 or (top_k is not None and top_k < 1) or (top_p is not None and not 0 < top_p <= 1):
        raise ValueError("temperature must be at least 0, top_k at least 1, and top_p above 0 and at most 1")
    if temperature == 0:
        return int(logits.argmax())
    logits = logits.cpu()  # on every device, the same seed then draws the same tokens
    # The largest logit is subtracted first, because a very low temperature would otherwise overflow.
    logits = (logits - logits.max()) / temperature
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None and top_p < 1:
        logits = keep_top_p(logits, top_p)
    return int(torch.multinomial(logits.softmax(dim=0), 1, generator=generator))


Ask = Callable[[Int[Tensor, "batch time"]], Float[Tensor, "batch time vocabulary"]]


@runtime_checkable
class NextTokenModel(Protocol):
    """A model that returns next-token logits.

    `Recompute`, `Cached` and `groundup.models.decoding.Decoder` return the same logits for the same GPT.
    """

    def prefill(self, tokens: Sequence[int]) -> Logits:
        """Start a new sequence with ``tokens`` and return the logits of the token after them."""

    def decode(self, token: int) -> Logits:
        """Append one token to the sequence and return the logits of the token after it."""


class Recompute:
    """Compute next-token logits from the whole window again for every token.

    Parameters
    ----------
    model : callable
        Takes token numbers, 1×T, returns logits, 1×T×V.
    device : torch.device, optional
        The device of the model.
    """

    def __init__(self, model: Ask, device: torch.device | None = None) -> None:
        self.model, self.device = model, device
        self.window: list[int] = []

    def prefill(self, tokens: Sequence[int]) -> Logits:
        """Start a new sequence with ``tokens`` and return the logits of the token after them."""
        self.window = list(tokens)
        return self.model(torch.tensor([self.window], device=self.device))[0, -1].float()

    def decode(self, token: int) -> Logits:
        """Append one token to the sequence and return the logits of the token after it."""
        return self.prefill([*self.window, token])


class Cached:
    """Compute next-token logits from only the new token and a key-value cache.

    Parameters
    ----------
    model : GPT
        A `groundup.steps.c6_gpt.gpt.GPT`, or any model with ``make_cache()`` and ``model(tokens, cache)``.
    """

    def __init__(self, model) -> None:  # type: ignore[no-untyped-def]
        self.model = model
        self.cache = model.make_cache()

    def prefill(self, tokens: Sequence[int]) -> Logits:
        """Start a new sequence with ``tokens`` and return the logits of the token after them."""
        self.cache.clear()
        return self._forward(tokens)

    def decode(self, token: int) -> Logits:
        """Append one token to the sequence and return the logits of the token after it."""
        return self._forward([token])

    def _forward(self, tokens: Sequence[int]) -> Logits:
        row = torch.tensor([list(tokens)], device=self.cache.keys.device)
        return self.model(row, self.cache)[0, -1].float()


@torch.inference_mode()
def generate_tokens(
    model: NextTokenModel,
    prompt: Sequence[int],
    context: int,
    choose: Callable[[Logits], int] = choose_token,
) -> Iterator[int]:
    """Yield one token after another, without end.

    The text may grow longer than the context that the model was trained on. When the window is full, its older half is
    dropped, and the newer half is passed to ``model.prefill`` and starts at position 0. Between two such prefills,
    tokens are added one by one with ``model.decode``.

    Parameters
    ----------
    model : NextTokenModel
        Returns the logits of the next token.
    prompt : sequence of int
        At least one token; the model sees only the last ``context`` of them.
    context : int
        The largest number of tokens that the model can see at once.
    choose : callable
        Takes logits, returns a token, such as `choose_token` with its options.

    Raises
    ------
    ValueError
        The prompt is empty.
    """
    if not prompt:
        raise ValueError("the prompt holds no token: the model needs at least one token to continue from")
    window = list(prompt)[-context:]
    logits = model.prefill(window)
    while True:
        token = choose(logits)
        yield token
        window.append(token)
        if len(window) <= context:
            logits = model.decode(token)
        else:
            window = window[-max(1, context // 2) :]
            logits = model.prefill(window)
