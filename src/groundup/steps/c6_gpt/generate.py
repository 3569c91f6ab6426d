r"""Talking: a GPT goes on with a text, one token at a time, in the fewest lines.

    look at the last T tokens → logits after the last of them → probabilities → draw one → put it behind → again

.. math:: y_{n+1} \sim \mathrm{softmax}(z_n), \qquad z = \mathrm{model}(y_{n-T+1}, \dots, y_n)

What is drawn is read by the next step as if it had stood in the text (Radford et al., "Language models are unsupervised
multitask learners", 2019, equation 1: a text's probability is the product of its tokens' given those before).
`groundup.steps.c5_words.sampling` adds temperature, top-k, top-p and a cache.
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
    """Return the characters that a model puts behind a text.

    Parameters
    ----------
    model : nn.Module
        1×T token numbers → 1×T×V logits; asked in evaluation mode, then set back to the mode it was in.
    new_chars : int
        How many characters to add.
    context : Tensor
        int64, 1×T: the numbers of the text to go on from, at least one; left as it is.
    context_length : int
        How many tokens the model sees at once: of a longer text, the last ones.
    int_to_char : mapping
        Number → character.
    generator : torch.Generator, optional
        The source of randomness, moved on by every draw; torch's own by default.

    Returns
    -------
    str
        The new characters, without the text before them.

    Raises
    ------
    ValueError
        The context is empty.

    Examples
    --------
    A table whose row for 0 is sure of 1, and whose row for 1 is sure of 0:

    >>> model = nn.Embedding.from_pretrained(torch.tensor([[0.0, 99.0], [99.0, 0.0]]))
    >>> generate(model, 5, torch.tensor([[0]]), context_length=4, int_to_char={0: "a", 1: "b"})
    'babab'
    """
    if context.shape[1] == 0:
        raise ValueError("the context holds no token: the model needs at least one to go on from")
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
