"""Texts as a GPT reads them: their tokens, and the scores of the next token at every place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from groundup.lessons.trained import OpenedGPT
from groundup.steps.c5_words.vocabulary import CharacterVocabulary
from groundup.tasks.gpt.runs import encode_prompt


@dataclass(frozen=True)
class Reading:
    """A text, read.

    Attributes
    ----------
    tokens : list of int
        The last ones that the model can see at once.
    texts : list of str
        What each stands for.
    logits : Tensor, shape (T, V)
        The scores of the token after each.
    """

    tokens: list[int]
    texts: list[str]
    logits: Float[Tensor, "time vocabulary"]

    @property
    def surprises(self) -> list[float | None]:
        """−log p of each token, in nats, by the scores before it; ``None`` for the first one."""
        losses = -self.logits[:-1].log_softmax(-1)
        targets = torch.tensor(self.tokens[1:], dtype=torch.int64)
        return [None, *losses.gather(1, targets[:, None])[:, 0].tolist()]


@torch.inference_mode()
def read(opened: OpenedGPT, text: str, written: tuple[int, ...] = (), most: int | None = None) -> Reading:
    """Read a text, and tokens that follow it.

    Parameters
    ----------
    opened : OpenedGPT
        What reads.
    text : str
        If it is empty, a line end is read.
    written : tuple of int
        Tokens after it.
    most : int, optional
        How many tokens are read at most; as many as the model can see at once by default.

    Raises
    ------
    UserError
        The text holds characters that the model does not know.
    """
    tokens = [*encode_prompt(text, opened.tokenizer), *written]
    tokens = tokens[-min(most or len(tokens), opened.model.settings.context) :]
    logits = opened.model(torch.tensor([tokens]))[0].float()
    return Reading(tokens, [opened.tokenizer.decode([token]) for token in tokens], logits)


def number_characters(characters: CharacterVocabulary, text: str) -> Int[Tensor, " character"]:
    """Return the number of every character of a long text, as `CharacterVocabulary.encode` does one by one.

    The text has no other characters than those that the vocabulary was made of.
    """
    known = [ord(character) for character in characters.characters]
    numbers = np.zeros(max(known) + 1, dtype=np.int64)
    numbers[known] = np.arange(len(known))
    return torch.from_numpy(numbers[np.frombuffer(text.encode("utf-32-le"), dtype="<u4")])
