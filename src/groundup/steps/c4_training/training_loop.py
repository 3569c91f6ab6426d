"""The training loop: five lines that train any network.

    clear the gradients → predict → compute the loss → compute the gradients → update the weights

One pass over all examples is an epoch. Each step uses a batch of examples drawn at random; this is what "stochastic"
means in stochastic gradient descent. `groundup.training.loop` contains the same five lines, and adds progress reports,
checkpoints and resuming.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def train(
    model: nn.Module,
    loss_function: Callable[[Tensor, Tensor], Tensor],
    optimizer: Any,
    inputs: Tensor,
    targets: Tensor,
    epochs: int = 5,
    batch_size: int = 64,
    seed: int = 0,
) -> list[float]:
    """Train a network on examples held in memory.

    Parameters
    ----------
    model : nn.Module
        Called as ``model(inputs)``. It is in training mode afterwards.
    loss_function : callable
        ``(prediction, targets) -> scalar``.
    optimizer : object
        Has ``zero_grad()`` and ``step()``.
    inputs, targets : Tensor
        The examples, along the first dimension of each; both have the same number.
    epochs : int
        The number of passes over the examples.
    batch_size : int
        The number of examples per step; the last batch of an epoch may be smaller.
    seed : int
        Determines the order of the examples.

    Returns
    -------
    list of float
        The loss of every step.
    """
    order = torch.Generator().manual_seed(seed)
    losses = []
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs), generator=order).split(batch_size):
            optimizer.zero_grad()
            prediction = model(inputs[batch])
            loss = loss_function(prediction, targets[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


def accuracy(model: nn.Module, inputs: Tensor, targets: Tensor) -> float:
    """Return the fraction of examples whose right class has the highest score, 0 to 1.

    ``eval()`` turns dropout off but not gradient tracking; ``torch.inference_mode`` turns gradient tracking off.
    """
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        right = (model(inputs).argmax(dim=1) == targets).float().mean().item()
    model.train(was_training)
    return right
