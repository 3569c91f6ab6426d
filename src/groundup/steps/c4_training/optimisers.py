r"""Optimisers: what is done with the gradients once ``backward`` has found them.

Gradient descent moves each weight against its gradient g. Momentum (Polyak, 1964) moves along a velocity that gathers
gradients. Adam (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1) divides a running
mean of g by the root of a running mean of g², so that every weight moves by about the learning rate whatever the size
of its gradients, and by less where they keep changing their sign:

.. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
    w \leftarrow w - \alpha \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

AdamW also shrinks each weight by αλ a step (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019).

These equal PyTorch's own. Making the first optimiser of ``torch.optim`` imports torch's compiler, some 800 modules:
longer than a small model trains.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


def sgd_step(weights: Any, gradient: Any, learning_rate: float) -> Any:
    """Return the weights after one step of gradient descent; arrays or tensors, none of them changed."""
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
    """Return weights and moments after one step of Adam: the formula as it stands.

    `Adam.step` does the same in place, which is quicker.

    Parameters
    ----------
    weights, gradient, first_moment, second_moment : array or Tensor
        Of one shape; none is changed. The moments begin as zeros.
    step : int
        The number of this step, 1 for the first.
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
    # The moments begin at zero: early on they are too small by these factors.
    mean = first_moment / (1 - betas[0] ** step)
    square = second_moment / (1 - betas[1] ** step)
    return weights - learning_rate * mean / (square**0.5 + epsilon), first_moment, second_moment


class SGD:
    """Gradient descent, with momentum if asked for.

    Parameters
    ----------
    parameters : iterable of Parameter
        To train.
    learning_rate : float
        How far to go for a slope of one.
    momentum : float
        How much of the last velocity stays, 0 to 1.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float, momentum: float = 0.0) -> None:
        self.parameters = list(parameters)
        self.param_groups: list[dict[str, Any]] = [{"params": self.parameters, "lr": learning_rate}]
        self.momentum = momentum
        self.velocities = [torch.zeros_like(parameter) for parameter in self.parameters] if momentum else []

    def zero_grad(self) -> None:
        """Forget the gradients: ``backward`` adds to what is there."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
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
        """Put back what `state_dict` returned."""
        for kept, saved in zip(self.velocities, state["velocities"], strict=True):
            kept.copy_(saved)


class Adam:
    """Adam; with ``weight_decay``, AdamW.

    Steps are counted once for all parameters; a parameter without a gradient waits.

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
    weight_decay : float
        How much of a weight a step takes away, times the learning rate.
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
        """Forget the gradients: ``backward`` adds to what is there."""
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
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
        """Put back what `state_dict` returned."""
        self.count = state["count"]
        for kept, saved in zip(self.means + self.squares, state["means"] + state["squares"], strict=True):
            kept.copy_(saved)
