"""The training loop: five lines that train every network.

    clear the gradients → predict → measure the loss → take the gradients → step

One pass over the examples is an epoch. Each step sees a batch drawn at random: that is what "stochastic" means in
stochastic gradient descent. `groundup.training.loop` runs these five lines with figures, checkpoints and resuming
around them.
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
        Called as ``model(inputs)``; left in training mode.
    loss_function : callable
        ``(prediction, targets) -> scalar``.
    optimizer : object
        Has ``zero_grad()`` and ``step()``.
    inputs, targets : Tensor
        As many examples in each, along the first dimension.
    epochs : int
        Passes over the examples.
    batch_size : int
        Examples a step; the last batch of an epoch may have fewer.
    seed : int
        Decides the order of the examples.

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
    """Return the share of examples whose highest score is the right class's, 0 to 1.

    ``eval()`` switches dropout off; it does not switch gradients off. ``inference_mode`` does that.
    """
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        right = (model(inputs).argmax(dim=1) == targets).float().mean().item()
    model.train(was_training)
    return right
