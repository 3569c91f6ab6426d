r"""Generation: a GPT continues a text, one token at a time.

    take the last T tokens → logits at the last position → probabilities → draw one token → append it → repeat

.. math:: y_{n+1} \sim \mathrm{softmax}(z_n), \qquad z = \mathrm{model}(y_{n-T+1}, \dots, y_n)

Here z_n are the logits at the last position. Each drawn token is part of the input of the next step. The probability
of a text is the product of the probabilities of its tokens, each given the tokens before it (Radford et al., "Language
models are unsupervised multitask learners", 2019, equation 1). `groundup.steps.c5_words.sampling` adds temperature,
top-k, top-p and a cache.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Int
from torch import Generator, Tensor, nn


def generate(
    model: nn.Module,
    new_chars: int,
    context: Int[Tensor, "1 time"],
    context_length: int,
    int_to_char: Mapping[int, str],
    generator: Generator | None = None,
) -> str:
    """Return the characters with which a model continues a text.

    Parameters
    ----------
    model : nn.Module
        Takes token numbers, 1×T, returns logits, 1×T×V. It runs in evaluation mode and is then set back to its earlier
        mode.
    new_chars : int
        The number of characters to generate.
    context : Tensor
        int64, 1×T: the token numbers of the text, at least one; not changed.
    context_length : int
        The largest number of tokens that the model can see at once; of a longer text it sees the last ones.
    int_to_char : mapping
        The character of each token number.
    generator : torch.Generator, optional
        The random generator, advanced by every draw; torch's global one by default.

    Returns
    -------
    str
        Only the new characters.

    Raises
    ------
    ValueError
        The context is empty.

    Examples
    --------
    In this table, 1 is almost certain after 0, and 0 is almost certain after 1:

    >>> model = nn.Embedding.from_pretrained(torch.tensor([[0.0, 99.0], [99.0, 0.0]]))
    >>> generate(model, 5, torch.tensor([[0]]), context_length=4, int_to_char={0: "a", 1: "b"})
    'babab'
    """
    if context.shape[1] == 0:
        raise ValueError("the context holds no token: the model needs at least one token to continue from")
    was_training = model.training
    model.eval()
    characters = []
    with torch.inference_mode():
        for _ in range(new_chars):
            logits = model(context[:, -context_length:])
            probabilities = logits[:, -1].softmax(dim=-1)
            token = torch.multinomial(probabilities, 1, generator=generator)
            context = torch.cat([context, token], dim=1)
            characters.append(int_to_char[int(token)])
    model.train(was_training)
    return "".join(characters)
