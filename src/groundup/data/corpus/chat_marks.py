"""The marks of the chat template as tokens of a tokenizer."""

from __future__ import annotations

import numpy as np

from groundup.data.corpus.tokens import Tokenizer, read_tokenizer
from groundup.steps.c7_beyond.chat_template import MARKS

# The chat template as Hugging Face's tokenizers and llama.cpp read it (Jinja): what `render` writes.
JINJA = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


class PlainEncoder:
    """Turns what people typed into tokens; a mark in it is letters like any others.

    Parameters
    ----------
    tokenizer : Tokenizer
        Any; it stays as it is.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._own = read_tokenizer(tokenizer.to_json(), "the tokenizer")
        self._own.backend.encode_special_tokens = True

    def __call__(self, text: str) -> list[int]:
        """Return a text's tokens; `UserError` where it has characters that the tokenizer does not know."""
        tokens: np.ndarray = self._own.encode(text)
        return [int(token) for token in tokens]


def find_marks(tokenizer: Tokenizer) -> dict[str, int] | None:
    """Return the token of each mark; ``None`` for a tokenizer that does not have them all."""
    found = {text: tokenizer.backend.token_to_id(text) for text in MARKS}
    numbers = {text: number for text, number in found.items() if number is not None}
    return numbers if len(numbers) == len(MARKS) else None


def add_marks(tokenizer: Tokenizer) -> Tokenizer:
    """Return the tokenizer with a token for each mark; those it has keep their numbers.

    Examples
    --------
    >>> from groundup.data.corpus.tokens import train_tokenizer
    >>> find_marks(add_marks(train_tokenizer("characters", ["ab"])))
    {'<|system|>': 2, '<|user|>': 3, '<|assistant|>': 4, '<|end|>': 5}
    """
    made = read_tokenizer(tokenizer.to_json(), "the tokenizer")
    made.backend.add_special_tokens(list(MARKS))
    return read_tokenizer(made.to_json(), "the tokenizer")
