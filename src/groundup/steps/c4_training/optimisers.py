r"""Optimizers: how the weights are changed once ``backward`` has computed the gradients.

Gradient descent moves each weight against its gradient g. Momentum (Polyak, 1964) moves each weight along a velocity
that accumulates gradients. Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1)
divides a running mean of g by the square root of a running mean of g². Every weight then moves by about the learning
rate, whatever the size of its gradients, and by less if the gradients often change their sign:

.. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
    w \leftarrow w - \alpha \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

AdamW also multiplies each weight by 1 − αλ per step, where λ is the weight decay (Loshchilov and Hutter, "Decoupled
weight decay regularization", ICLR 2019).

These optimizers compute the same as PyTorch's own. They exist here because creating the first optimizer of
``torch.optim`` imports torch's compiler, about 800 modules, which takes longer than training a small model.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


def sgd_step(weights: Any, gradient: Any, learning_rate: float) -> Any:
    """Return the weights after one step of gradient descent; takes arrays or tensors and changes none of them."""
    return weights - learning_rate * gradient


def adam_step(
    weights: Any,
    gradient: Any,
    first_moment: Any,
    second_moment: Any,
    step: int,
    learning_rate: float,
    betas: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> tuple[Any, Any, Any]:
    """Return weights and moments after one step of Adam, computed directly from the formula.

    `Adam.step` does the same in place, which is faster.

    Parameters
    ----------
    weights, gradient, first_moment, second_moment : array or Tensor
        All of the same shape; none is changed. The moments are zeros before the first step.
    step : int
        The number of this step, starting from 1.
    learning_rate, betas, epsilon
        As for `Adam`.

    Returns
    -------
    weights, first_moment, second_moment : array or Tensor
        After the step.

    Examples
    --------
    >>> weights, _, _ = adam_step(torch.tensor([1.0]), torch.tensor([4.0]), torch.zeros(1), torch.zeros(1), 1, 0.1)
    >>> weights
    tensor([0.9000])
    """
    first_moment = betas[0] * first_moment + (1 - betas[0]) * gradient
    second_moment = betas[1] * second_moment + (1 - betas[1]) * gradient**2
    # The moments start at zero, so in the first steps they are too small by these factors.
    mean = first_moment / (1 - betas[0] ** step)
    square = second_moment / (1 - betas[1] ** step)
    return weights - learning_rate * mean / (square**0.5 + epsilon), first_moment, second_moment


class SGD:
    """Gradient descent, optionally with momentum.

    Parameters
    ----------
    parameters : iterable of Parameter
        The parameters to train.
    learning_rate : float
        The length of a step where the gradient is 1.
    momentum : float
        The fraction of the velocity that is kept at each step, 0 to 1.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float, momentum: float = 0.0) -> None:
        self.parameters = list(parameters)
        self.param_groups: list[dict[str, Any]] = [{"params": self.parameters, "lr": learning_rate}]
        self.momentum = momentum
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters] if momentum else []

    def zero_grad(self) -> None:
        """Clear the gradients, because ``backward`` adds to existing ones."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        rate = self.param_groups[0]["lr"]
        for place, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                continue
            direction = parameter.grad
            if self.momentum:
                direction = self.velocities[place].mul_(self.momentum).add_(parameter.grad)
            parameter.sub_(direction, alpha=rate)

    def state_dict(self) -> dict[str, list[Tensor]]:
        """Return the velocities."""
        return {"velocities": self.velocities}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the state that `state_dict` returned."""
        for kept, saved in zip(self.velocities, state["velocities"], strict=True):
            kept.copy_(saved)


class Adam:
    """Adam, or AdamW if ``weight_decay`` is above 0.

    There is one step count for all parameters. A parameter without a gradient is not changed.

    Parameters
    ----------
    parameters : iterable of Parameter
        The parameters to train.
    learning_rate : float
        Roughly the largest change of a weight per step.
    betas : pair of float
        The fractions of the running means of the gradient and of its square that are kept at each step.
    epsilon : float
        Added to the denominator, so that it is never zero.
    weight_decay : float
        λ: each step multiplies a weight by 1 − learning rate · λ.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self.parameters = list(parameters)
        self.param_groups: list[dict[str, Any]] = [{"params": self.parameters, "lr": learning_rate}]
        self.betas, self.epsilon, self.weight_decay = betas, epsilon, weight_decay
        self.count = 0
        self.means = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.squares = [torch.zeros_like(parameter) for parameter in self.parameters]

    def zero_grad(self) -> None:
        """Clear the gradients, because ``backward`` adds to existing ones."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        self.count += 1
        first, second = self.betas
        rate = self.param_groups[0]["lr"]
        correction = (1 - second**self.count) ** 0.5
        for parameter, mean, square in zip(self.parameters, self.means, self.squares, strict=True):
            if parameter.grad is None:
                continue
            if self.weight_decay:
                parameter.mul_(1 - rate * self.weight_decay)
            mean.lerp_(parameter.grad, 1 - first)
            square.mul_(second).addcmul_(parameter.grad, parameter.grad, value=1 - second)
            spread = (square.sqrt() / correction).add_(self.epsilon)
            parameter.addcdiv_(mean, spread, value=-rate / (1 - first**self.count))

    def state_dict(self) -> dict[str, int | list[Tensor]]:
        """Return the step count and the running means."""
        return {"count": self.count, "means": self.means, "squares": self.squares}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore the state that `state_dict` returned."""
        self.count = state["count"]
        for kept, saved in zip(self.means + self.squares, state["means"] + state["squares"], strict=True):
            kept.copy_(saved)
