r"""Training a GPT: predict every next token of a random batch, reduce the loss with one step, and repeat.

.. math:: L = -\frac{1}{BT} \sum_{b=1}^{B} \sum_{t=1}^{T} \log \mathrm{softmax}(z_{bt})_{y_{bt}}

z are the logits at every position of B windows of T tokens, and y are the next tokens. The loss takes logits because it
applies the softmax itself; a softmax before it would be a second one. With V different tokens, a model that has learned
nothing has a loss near log V. The steps are those of AdamW (Loshchilov and Hutter, "Decoupled weight decay
regularization", ICLR 2019).

`groundup.training.loop` contains the same loop, and adds learning-rate schedules, checkpoints and progress reports.
"""

from __future__ import annotations

from jaxtyping import Int
from torch import Generator, Tensor, nn
from torch.nn import functional

from groundup.steps.c5_words.batches import create_batches


def next_token_loss(model: nn.Module, inputs: Int[Tensor, "batch time"], targets: Int[Tensor, "batch time"]) -> Tensor:
    """Return the mean cross-entropy over all positions of a batch.

    Parameters
    ----------
    model : nn.Module
        Takes token numbers, B×T, returns logits, B×T×V.
    inputs, targets : Tensor
        int64, B×T: the tokens, and the token after each of them.

    Returns
    -------
    Tensor
        A scalar, in nats per token.

    Examples
    --------
    If the logits of all 4 tokens are equal, the loss is log 4 for every target:

    >>> import torch
    >>> model = nn.Embedding.from_pretrained(torch.zeros(4, 4))
    >>> next_token_loss(model, torch.tensor([[0, 1, 2]]), torch.tensor([[1, 2, 3]]))
    tensor(1.3863)
    """
    logits = model(inputs)
    # cross_entropy takes one row per example, and every position of every window is an example.
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
        Takes token numbers, B×T, returns logits, B×T×V, such as `groundup.steps.c6_gpt.plain_gpt.PlainGPT`. It is
        changed in place, and is in training mode afterwards.
    data : Tensor
        int64, N tokens.
    epochs : int
        The number of steps, with one random batch per step. The course calls a step an epoch here; usually an epoch is
        a pass over all the data.
    context_length : int
        T, the number of tokens per window.
    batch_size : int
        B, the number of windows per batch.
    learning_rate : float
        The learning rate of AdamW; its other settings are PyTorch's defaults.
    generator : torch.Generator, optional
        The random generator for the batches; torch's global one by default. Dropout always uses the global one.

    Returns
    -------
    float
        The loss of the last batch, before the last step.

    Raises
    ------
    ValueError
        ``epochs`` is below 1, or the data has at most ``context_length`` tokens.

    Examples
    --------
    A table with one row of logits per token learns that 1 follows 0 and that 0 follows 1:

    >>> import torch
    >>> _ = torch.manual_seed(0)
    >>> train(nn.Embedding(2, 2), torch.tensor([0, 1] * 10), 100, 4, 8, learning_rate=0.3) < 0.01
    True
    """
    from torch.optim import AdamW

    if epochs < 1:
        raise ValueError(f"epochs must be at least 1, not {epochs}: with no step there is no loss to return")
    optimizer = AdamW(model.parameters(), lr=learning_rate)
    model.train()
    for _ in range(epochs):
        inputs, targets = create_batches(data, context_length, batch_size, generator)
        optimizer.zero_grad()
        loss = next_token_loss(model, inputs, targets)
        loss.backward()
        optimizer.step()
    return loss.item()
