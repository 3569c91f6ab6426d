r"""The loss on the answers alone: a model that learns to answer need not learn to write the questions.

.. math:: L = -\frac{1}{\sum_t m_t} \sum_t m_t \log \mathrm{softmax}(z_t)_{y_t}

z_t are the logits at position t, y_t is the next token, and the mask m_t is 1 where that next token belongs to an
answer and 0 elsewhere. The model still reads the question: the answer's tokens attend to it, and so its gradient flows
through all of it. Only the guesses of the question's own tokens do not count. The mean is taken over the tokens that
count; a mean over all would make the loss small where the questions are long. (Radford et al., "Improving language
understanding by generative pre-training", 2018, section 3.2; the mask is the one of Ouyang et al., "Training language
models to follow instructions with human feedback", 2022.)
"""

from __future__ import annotations

from jaxtyping import Bool, Float, Int
from torch import Tensor

from groundup.steps.c3_networks.loss import cross_entropy

# The target of a position that does not count: the number that PyTorch's own losses leave out, too.
IGNORED = -100


def answer_targets(
    tokens: Int[Tensor, "*batch token"], answered: Bool[Tensor, "*batch token"]
) -> tuple[Int[Tensor, "*batch time"], Int[Tensor, "*batch time"]]:
    """Return the inputs and targets of conversations: only tokens of answers are targets.

    Parameters
    ----------
    tokens : Tensor of int
        The tokens of the conversations, the questions' and the answers'.
    answered : Tensor of bool
        True for each token that the model is to write itself: those of its answers, the sign that ends them included.

    Returns
    -------
    inputs, targets : Tensor of int
        One shorter than the conversations: the tokens, and the token after each of them, or `IGNORED` where that one
        is no part of an answer.

    Examples
    --------
    Token 3 ends the question 1 2; the answer is 5 6:

    >>> import torch
    >>> answer_targets(torch.tensor([1, 2, 3, 5, 6]), torch.tensor([False, False, False, True, True]))
    (tensor([1, 2, 3, 5]), tensor([-100, -100,    5,    6]))
    """
    # The mask is moved like the targets: it asks whether the *next* token is part of an answer.
    return tokens[..., :-1], tokens[..., 1:].masked_fill(~answered[..., 1:], IGNORED)


def answer_loss(
    logits: Float[Tensor, "*batch time vocabulary"], targets: Int[Tensor, "*batch time"]
) -> Float[Tensor, ""]:
    """Return the mean cross-entropy over the targets that count, in nats per token; 0 where none counts.

    Parameters
    ----------
    logits : Tensor
        A score per token of the vocabulary, at every position.
    targets : Tensor of int
        The next token of each position, or `IGNORED`.

    Examples
    --------
    Both tokens are equally likely. One position counts, and its loss is log 2:

    >>> import torch
    >>> answer_loss(torch.zeros(3, 2), torch.tensor([IGNORED, 1, IGNORED]))
    tensor(0.6931)
    """
    counted = targets != IGNORED
    if not counted.any():
        return logits.sum() * 0  # a mean of nothing; the gradient is 0, too
    return cross_entropy(logits[counted], targets[counted])
