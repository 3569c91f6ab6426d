"""Gradient accumulation: one step on a batch that is too large for the memory, computed part by part.

    gradient of the batch = Σ share · gradient of a part          share = examples in the part / examples in the batch

The loss of a batch is a mean over its examples, so each part's mean counts by its share; a last part that is smaller
counts less. ``backward`` adds to the gradients that are there: they are cleared before the first part, and the
optimizer steps after the last one. Each part's graph is freed by its ``backward``, so the memory holds one part at a
time. The step is the same as with the whole batch. `groundup.training.accumulation` does so for the jobs (``--set
accumulation_steps=4``), and shares the parts among processes.
Source: J. Hermans, G. Spanakis and R. Möckel, "Accumulated gradient normalization" (2017).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def train_step(
    model: nn.Module,
    loss_function: Callable[[Tensor, Tensor], Tensor],
    optimizer: Any,
    inputs: Tensor,
    targets: Tensor,
    part_size: int,
) -> float:
    """Take one step on a batch, a part at a time.

    Parameters
    ----------
    model : nn.Module
        Called as ``model(inputs)``.
    loss_function : callable
        ``(prediction, targets) -> scalar``, a mean over the examples.
    optimizer : object
        Has ``zero_grad()`` and ``step()``.
    inputs, targets : Tensor
        The batch, examples along the first dimension of each.
    part_size : int
        The number of examples per part, at least 1; the last part may be smaller.

    Returns
    -------
    float
        The mean loss of the whole batch, before the step.
    """
    optimizer.zero_grad()
    total = 0.0
    for rows in torch.arange(len(inputs)).split(part_size):
        share = len(rows) / len(inputs)
        loss = share * loss_function(model(inputs[rows]), targets[rows])
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
