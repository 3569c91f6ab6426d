"""Speculative decoding with key-value caches: each model reads every token once, and forgets the guesses not kept.

The tokens are those of `groundup.steps.c7_beyond.speculative.speculate`, which reads the whole text again for each one.
The window slides as in `groundup.steps.c5_words.sampling.generate_tokens`: when it is full, its newer half is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from groundup.models.decoding import Decoder
from groundup.steps.c7_beyond.speculative import Probabilities, check_guesses, draw

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "speculative": "tests/models/test_speculative_decoding.py::test_the_tokens_are_those_of_the_step",
}
GUESSES = 4


class Reader:
    """Reads a growing text with a cache, in a window that slides.

    Parameters
    ----------
    decoder : Decoder
        Its cache is cleared.
    """

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.start = 0  # where the window begins in the text
        decoder.cache.clear()

    @property
    def context(self) -> int:
        """How many tokens the model sees at once."""
        return self.decoder.model.settings.context

    def slide(self, text: Sequence[int], room: int) -> None:
        """Keep only the newer half of the window, if the text and ``room`` more tokens do not fit into it."""
        if len(text) - self.start + room > self.context:
            self.start = len(text) - max(1, self.context // 2)
            self.decoder.cache.clear()

    def read(self, text: Sequence[int], one_by_one: bool = False) -> Float[Tensor, "new vocabulary"]:
        """Read what is new in a text; return the logits after each new token.

        Parameters
        ----------
        text : sequence of int
            All of it; what was read before is unchanged.
        one_by_one : bool
            Whether two tokens are read one after the other: for a small model that takes less time.
        """
        new = list(text[self.start + self.decoder.cache.length :])
        if len(new) == 1 or (one_by_one and len(new) == 2):
            return torch.stack([self.decoder.decode(token) for token in new])
        return self.decoder.extend(new)

    def forget(self, length: int) -> None:
        """Take back what was read after the first ``length`` tokens of the text."""
        self.decoder.cache.length = min(self.decoder.cache.length, max(0, length - self.start))


@torch.inference_mode()
def generate_speculatively(
    target: Decoder,
    draft: Decoder,
    prompt: Sequence[int],
    tokens: int,
    probabilities: Probabilities,
    generator: Generator | None = None,
    guesses: int = GUESSES,
) -> Iterator[int]:
    """Yield ``tokens`` tokens that continue a prompt, with the distribution of the target alone.

    Parameters
    ----------
    target, draft : Decoder
        Of two models with the same tokens. Their contexts may differ.
    prompt : sequence of int
        At least one token; each model sees only its last tokens.
    tokens : int
        How many tokens to draw.
    probabilities, generator, guesses
        As of `groundup.steps.c7_beyond.speculative.speculate`.

    Raises
    ------
    ValueError
        The prompt is empty.
    """
    if not prompt:
        raise ValueError("the prompt holds no token: the model needs at least one token to continue from")
    text = list(prompt)[-target.model.settings.context :]
    large, small = Reader(target), Reader(draft)
    small.start = max(0, len(text) - small.context)
    left = tokens
    while left > 0:
        large.slide(text, 0)
        ahead = max(0, min(guesses, left - 1, large.context - (len(text) - large.start)))
        ahead = min(ahead, small.context - 1)
        small.slide(text, ahead)
        guessed, q = list(text), []
        for _ in range(ahead):
            q.append(probabilities(small.read(guessed, one_by_one=True)[-1].cpu()))
            guessed.append(draw(q[-1], generator))
        logits = large.read(guessed)[-ahead - 1 :]
        p = torch.stack([probabilities(row) for row in logits.cpu()])
        kept = check_guesses(guessed[len(text) :], p, torch.stack(q) if q else p[:0], generator)
        text += kept
        left -= len(kept)
        # The last of them was not read by anyone yet; before it, everything in the caches is part of the text.
        large.forget(len(text) - 1)
        small.forget(len(text) - 1)
        yield from kept
