r"""Sampling: from scores for the next token to text, one token at a time.

The logits z become probabilities at a temperature T,

.. math:: p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}

and one token is drawn. T → 0 always takes the likeliest (greedy); a larger T levels the probabilities. Top-k keeps
the k likeliest tokens (Fan et al., "Hierarchical neural story generation", 2018); top-p the fewest likeliest whose
probabilities reach p (Holtzman et al., "The curious case of neural text degeneration", 2020). The token is put behind
the text and the model is asked again. The random generator moves on with every draw: seeding it anew before each would
use the same random number for every token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

Logits = Float[Tensor, " vocabulary"]

# Steps that this computes by other means, and the tests that hold the two equal.
EQUALS = {
    "generate": "tests/steps/c6_gpt/test_generate.py::test_it_is_sampling_at_temperature_one",
}


def keep_top_k(logits: Logits, k: int) -> Logits:
    """Leave the k largest logits and set the others to −∞; ties with the k-th are kept.

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
    """Leave the fewest largest logits whose probabilities sum to at least p and set the others to −∞.

    Examples
    --------
    >>> keep_top_p(torch.tensor([0.5, 0.3, 0.2]).log(), 0.7).exp()
    tensor([0.5000, 0.3000, 0.0000])
    """
    ordered, places = logits.sort(descending=True)
    probabilities = ordered.softmax(dim=0)
    before = probabilities.cumsum(dim=0) - probabilities
    # The likeliest stays whatever p is: something must be drawn.
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
    logits : Tensor
        A score for every token.
    generator : torch.Generator, optional
        The source of randomness; it moves on by one draw. Torch's own by default.
    temperature : float
        0 always takes the likeliest token and draws nothing.
    top_k : int, optional
        Draw among the k likeliest only.
    top_p : float, optional
        Draw among the fewest likeliest that reach this probability, taken after ``top_k``.

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
    logits = logits.cpu()  # whatever device asks, the same seed draws the same
    # Less the largest first: a tiny temperature would otherwise overflow.
    logits = (logits - logits.max()) / temperature
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None and top_p < 1:
        logits = keep_top_p(logits, top_p)
    return int(torch.multinomial(logits.softmax(dim=0), 1, generator=generator))


Ask = Callable[[Int[Tensor, "batch time"]], Float[Tensor, "batch time vocabulary"]]


@runtime_checkable
class NextTokenModel(Protocol):
    """A model that returns next-token logits: `Recompute`, `Cached` and `groundup.models.decoding.Decoder` agree."""

    def prefill(self, tokens: Sequence[int]) -> Logits:
        """Forget everything, see ``tokens``, and return the logits of the token after them."""

    def decode(self, token: int) -> Logits:
        """See one more token."""


class Recompute:
    """Ask a model for the next token by showing it the whole window again each time.

    Parameters
    ----------
    model : callable
        Token numbers → logits.
    device : torch.device, optional
        Where the model is.
    """

    def __init__(self, model: Ask, device: torch.device | None = None) -> None:
        self.model, self.device = model, device
        self.window: list[int] = []

    def prefill(self, tokens: Sequence[int]) -> Logits:
        """Forget everything, see ``tokens``, and return the logits of the token after them."""
        self.window = list(tokens)
        return self.model(torch.tensor([self.window], device=self.device))[0, -1].float()

    def decode(self, token: int) -> Logits:
        """See one more token."""
        return self.prefill([*self.window, token])


class Cached:
    """Ask a `groundup.steps.c6_gpt.gpt.GPT` for the next token by showing it only what is new.

    Parameters
    ----------
    model : GPT
        Anything with ``make_cache()`` and ``model(tokens, cache)``.
    """

    def __init__(self, model) -> None:  # type: ignore[no-untyped-def]
        self.model = model
        self.cache = model.make_cache()

    def prefill(self, tokens: Sequence[int]) -> Logits:
        """Forget everything, see ``tokens``, and return the logits of the token after them."""
        self.cache.clear()
        return self._forward(tokens)

    def decode(self, token: int) -> Logits:
        """See one more token."""
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
    """Yield token after token, for as long as the caller wants more.

    A text may grow longer than the context the model was trained to see. Whenever the window is full, its older half is
    let go and the newer half is shown again from place 0; until the next time only single tokens are added.

    Parameters
    ----------
    model : NextTokenModel
        What returns the logits of the next token.
    prompt : sequence of int
        At least one token; only the last ``context`` are seen.
    context : int
        How many tokens the model sees at once.
    choose : callable
        Logits → token, such as `choose_token` with its options.

    Raises
    ------
    ValueError
        The prompt is empty.
    """
    if not prompt:
        raise ValueError("the prompt holds no token: the model needs at least one to go on from")
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
