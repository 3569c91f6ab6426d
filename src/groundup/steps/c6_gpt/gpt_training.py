r"""Training a GPT: guess every next token of a random batch, step down the loss, again.

.. math:: L = -\frac{1}{BT} \sum_{b=1}^{B} \sum_{t=1}^{T} \log \mathrm{softmax}(z_{bt})_{y_{bt}}

z are the logits at every place of B windows of T tokens, y the tokens that stand there one further on. The loss wants
logits: a softmax before it would squash twice. A model that has learned nothing has a loss near log V for V different
tokens. The steps are AdamW's (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019).

`groundup.training.loop` is this loop with schedules, checkpoints and figures around it.
"""

from __future__ import annotations

from jaxtyping import Int
from torch import Generator, Tensor, nn
from torch.nn import functional

from groundup.steps.c5_words.batches import create_batches


def next_token_loss(model: nn.Module, inputs: Int[Tensor, "batch time"], targets: Int[Tensor, "batch time"]) -> Tensor:
    """Return the mean cross-entropy over all places of a batch.

    Parameters
    ----------
    model : nn.Module
        B×T token numbers → B×T×V logits.
    inputs, targets : Tensor
        int64, B×T: the tokens, and the tokens one further on.

    Returns
    -------
    Tensor
        A scalar, in nats per token.

    Examples
    --------
    Equal logits for all 4 tokens cost log 4 whatever the target:

    >>> import torch
    >>> model = nn.Embedding.from_pretrained(torch.zeros(4, 4))
    >>> next_token_loss(model, torch.tensor([[0, 1, 2]]), torch.tensor([[1, 2, 3]]))
    tensor(1.3863)
    """
    logits = model(inputs)
    # cross_entropy wants one row an example: every place of every window is one.
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def train(
    model: nn.Module,
    data: Int[Tensor, " token"],
    epochs: int,
    context_length: int,
    batch_size: int,
    learning_rate: float | int,
    generator: Generator | None = None,
) -> float:
    """Train a language model on a text of token numbers.

    Parameters
    ----------
    model : nn.Module
        B×T token numbers → B×T×V logits, such as `groundup.steps.c6_gpt.plain_gpt.PlainGPT`; changed in place, and left
        in training mode.
    data : Tensor
        int64, N tokens.
    epochs : int
        Steps, one random batch each: the course calls that an epoch; elsewhere it is a pass over all the data.
    context_length : int
        T, the tokens of a window.
    batch_size : int
        B, the windows of a batch.
    learning_rate : float
        AdamW's; its other settings are PyTorch's own.
    generator : torch.Generator, optional
        Draws the batches; torch's own by default. Dropout always draws from torch's own.

    Returns
    -------
    float
        The loss on the last batch, measured before the step taken for it.

    Raises
    ------
    ValueError
        ``epochs`` is below 1, or the data has no more than ``context_length`` tokens.

    Examples
    --------
    A table with a row of logits for every token learns that 1 follows 0, and 0 follows 1:

    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> train(nn.Embedding(2, 2), torch.tensor([0, 1] * 10), 100, 4, 8, learning_rate=0.3) < 0.01
    True
    """
    from torch.optim import AdamW

    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, not {epochs}: without a step there is no loss to return")
    optimizer = AdamW(model.parameters(), lr=learning_rate)
    model.train()
    for _ in range(epochs):
        inputs, targets = create_batches(data, context_length, batch_size, generator)
        optimizer.zero_grad()
        loss = next_token_loss(model, inputs, targets)
        loss.backward()
        optimizer.step()
    return loss.item()
