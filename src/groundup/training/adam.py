"""Adam without ``torch.optim``.

Making the first optimiser of ``torch.optim`` imports torch's compiler, some 800 modules: longer than a small model
trains. The same formula (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1), in
place, gives the same steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


class Adam:
    """Adam with what the training loop asks of an optimiser.

    Parameters
    ----------
    parameters : iterable of Parameter
        To train.
    learning_rate : float
        How far a step goes at most, roughly.
    betas : pair of float
        How much of the running mean of the gradient, and of its square, stays at each step.
    epsilon : float
        Keeps the division finite.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self.parameters = list(parameters)
        self.param_groups: list[dict[str, Any]] = [{"params": self.parameters, "lr": learning_rate}]
        self.betas, self.epsilon = betas, epsilon
        self.count = 0
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
        self.count += 1
        first, second = self.betas
        rate = self.param_groups[0]["lr"] / (1 - first**self.count)
        correction = (1 - second**self.count) ** 0.5
        for parameter, mean, square in zip(self.parameters, self.means, self.squares, strict=True):
            if parameter.grad is not None:
                mean.lerp_(parameter.grad, 1 - first)
                square.mul_(second).addcmul_(parameter.grad, parameter.grad, value=1 - second)
                parameter.addcdiv_(mean, (square.sqrt() / correction).add_(self.epsilon), value=-rate)

    def state_dict(self) -> dict[str, int | list[Tensor]]:
        """Return the step count and the running means."""
        return {"count": self.count, "means": self.means, "squares": self.squares}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Put back what `state_dict` returned."""
        self.count = state["count"]
        for kept, saved in zip(self.means + self.squares, state["means"] + state["squares"], strict=True):
            kept.copy_(saved)
