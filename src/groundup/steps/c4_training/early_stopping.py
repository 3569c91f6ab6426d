"""Early stopping: keep the weights of the epoch that is best on examples kept apart, and stop when it gets no better.

    best epoch = the first with the smallest validation loss
    stop       = after `patience` epochs in a row without a new best

A network that learns for long learns its training examples by heart: the loss on them goes on falling while that on
other examples rises. So after each epoch the loss is measured on validation examples, which train nothing. A single
epoch may be worse by chance; the patience says how many are waited for. The weights at the best epoch must be copied:
training changes them in place. `groundup train gpt` keeps them as ``best.safetensors``, and with
``--patience N`` it ends where `stop_early` says.
Source: L. Prechelt, "Early stopping: but when?" (1998).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import nn


def improves(loss: float, best: float) -> bool:
    """Tell whether a loss is a new best: smaller than all before it. What is no number never is."""
    return loss < best


def stop_early(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """Return which epoch's weights to keep, and after which epoch to stop; both are counted from 0.

    Parameters
    ----------
    losses : sequence of float
        The validation loss after each epoch, at least one; what comes after the stop is not read.
    patience : int
        After so many epochs without a new best it stops, at least 1.

    Examples
    --------
    >>> stop_early([0.9, 0.5, 0.6, 0.7, 0.4], patience=2)
    (1, 3)
    >>> stop_early([0.9, 0.5, 0.6, 0.7, 0.4], patience=3)
    (4, 4)
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if improves(loss, losses[best]):
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(losses) - 1


def train_with_early_stopping(
    model: nn.Module, train_epoch: Callable[[], None], validate: Callable[[], float], epochs: int, patience: int
) -> list[float]:
    """Train until nothing gets better; the model has its best weights afterwards.

    Parameters
    ----------
    model : nn.Module
        What is trained.
    train_epoch : callable
        Trains the model for one epoch.
    validate : callable
        Returns the model's loss on the validation examples.
    epochs : int
        The largest number of epochs, at least 1.
    patience : int
        As for `stop_early`.

    Returns
    -------
    list of float
        The validation loss after each epoch that was trained.
    """
    losses: list[float] = []
    for epoch in range(epochs):
        train_epoch()
        losses.append(validate())
        best, _ = stop_early(losses, patience)
        if best == epoch:
            kept = {name: value.clone() for name, value in model.state_dict().items()}
        if epoch - best >= patience:
            break
    model.load_state_dict(kept)
    return losses
