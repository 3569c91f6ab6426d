r"""Gradient descent on any function: move downhill step by step until the slope is zero.

.. math:: x_{k+1} = x_k - \alpha \nabla f(x_k)

α is the learning rate, and the gradient ∇f holds the slope (derivative) along each coordinate (Cauchy, "Méthode
générale pour la résolution des systèmes d'équations simultanées", 1847). All coordinates move from the same old point.
No guess is rounded. With guesses rounded to 5 decimals, the descent on x² with a learning rate of 0.1 stalls at 2e-05:
a step from there is so small that rounding undoes it.

On a parabola with curvature (second derivative) λ, each step multiplies the distance to the minimum by 1 − αλ. Above
α = 2/λ every step therefore overshoots further than the one before (Polyak, "Introduction to Optimization", 1987,
section 1.4). With several variables, λ is the largest eigenvalue of the Hessian.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.base.errors import UserError

Method = Literal["plain", "momentum", "adam"]
Function = Callable[[Tensor], Tensor]

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "gradient_descent": "tests/steps/c1_descent/test_gradient_descent.py::test_it_walks_as_the_general_walk_does",
}


@dataclass(frozen=True)
class Descent:
    """The complete path of a descent.

    Attributes
    ----------
    points : Tensor of float64, shape (steps + 1, variable)
        Every guess, the start first.
    values : Tensor of float64, shape (steps + 1,)
        The function's value at each guess.
    gradients : Tensor of float64, shape (steps + 1, variable)
        The function's gradient at each guess.
    outcome : {"arrived", "on the way", "overshoots", "falls forever", "level"}
        How the descent ended.
    message : str
        The outcome in a sentence, with a remedy if there is one.
    """

    points: Float[Tensor, "step variable"]
    values: Float[Tensor, "step"]
    gradients: Float[Tensor, "step variable"]
    outcome: str
    message: str

    @property
    def end(self) -> Float[Tensor, "variable"]:
        """The last guess."""
        return self.points[-1]

    @property
    def diverged(self) -> bool:
        """Whether the descent diverged instead of reaching a minimum."""
        return self.outcome in ("overshoots", "falls forever")


def minimize(
    function: Function,
    start: list[float] | Float[Tensor, "variable"],
    learning_rate: float = 0.1,
    steps: int = 100,
    method: Method = "plain",
    momentum: float = 0.9,
) -> Descent:
    """Run gradient descent on a function from a starting point.

    Parameters
    ----------
    function : callable
        Takes a point (Tensor of float64, shape (variable,)), returns its value (a scalar Tensor). PyTorch's automatic
        differentiation computes the gradients.
    start : list of float or Tensor, shape (variable,)
        The first guess.
    learning_rate : float
        The length of a step where the slope is 1 (``method="plain"``).
    steps : int
        The largest number of steps. The descent stops earlier when the point, the value or the gradient is no longer
        finite.
    method : {"plain", "momentum", "adam"}
        The rule for a step: `plain_step`, `momentum_step` or `adam_step`.
    momentum : float
        The fraction of the velocity that is kept at each step, for ``method="momentum"``.

    Returns
    -------
    Descent

    Raises
    ------
    UserError
        The learning rate, the number of steps or the momentum is out of range, or the function has no finite value or
        gradient at the start.

    Examples
    --------
    >>> path = minimize(lambda x: (x**2).sum(), [5.0], learning_rate=0.01, steps=10)
    >>> round(path.end.item(), 5)
    4.08536
    """
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise UserError(f"learning rate {learning_rate}: must be a number above 0.")
    if steps < 0:
        raise UserError(f"steps {steps}: must be 0 or more.")
    if not 0 <= momentum < 1:
        raise UserError(f"momentum {momentum}: must be at least 0 and below 1.")
    step = {"plain": plain_step, "momentum": momentum_step, "adam": adam_step}[method]
    point = torch.as_tensor(start, dtype=torch.float64).clone()
    value, gradient = slope(function, point)
    if not (torch.isfinite(value) and torch.isfinite(gradient).all()):
        raise UserError(f"The function has no finite value or slope at the start {_show(point)}. Start somewhere else.")
    points, values, gradients = [point], [value], [gradient]
    memory: list[Tensor] = [torch.zeros_like(point), torch.zeros_like(point)]
    for number in range(1, steps + 1):
        point = point - learning_rate * step(gradient, memory, number, momentum)
        value, gradient = slope(function, point)
        if not (torch.isfinite(value) and torch.isfinite(gradient).all() and torch.isfinite(point).all()):
            break
        points.append(point)
        values.append(value)
        gradients.append(gradient)
    walked = torch.stack(points), torch.stack(values), torch.stack(gradients)
    outcome, message = explain(function, *walked, steps, learning_rate, method, momentum)
    return Descent(*walked, outcome, message)


def slope(function: Function, point: Float[Tensor, "variable"]) -> tuple[Float[Tensor, ""], Float[Tensor, "variable"]]:
    """Return a function's value and gradient at a point."""
    point = point.detach().requires_grad_()
    value = function(point)
    (gradient,) = torch.autograd.grad(value, point)
    return value.detach(), gradient


def plain_step(gradient: Tensor, memory: list[Tensor], number: int, momentum: float) -> Tensor:
    """Return the gradient itself."""
    return gradient


def momentum_step(gradient: Tensor, memory: list[Tensor], number: int, momentum: float) -> Tensor:
    """Return a velocity that accumulates the gradients: v ← βv + g (Polyak, 1964)."""
    memory[0] = momentum * memory[0] + gradient
    return memory[0]


def adam_step(gradient: Tensor, memory: list[Tensor], number: int, momentum: float) -> Tensor:
    """Return the running mean of the gradient divided by its running root mean square.

    Both averages start at zero and are corrected for it: Kingma and Ba, "Adam: a method for stochastic optimization",
    ICLR 2015, algorithm 1, with the default settings given there.
    """
    memory[0] = 0.9 * memory[0] + 0.1 * gradient
    memory[1] = 0.999 * memory[1] + 0.001 * gradient**2
    mean = memory[0] / (1 - 0.9**number)
    square = memory[1] / (1 - 0.999**number)
    return mean / (square.sqrt() + 1e-8)


def curvatures(function: Function, point: Float[Tensor, "variable"]) -> Float[Tensor, "variable"]:
    """Return the eigenvalues of the Hessian at a point, smallest first."""
    hessian = torch.autograd.functional.hessian(function, point.detach())
    return torch.linalg.eigvalsh(hessian) if torch.isfinite(hessian).all() else torch.full_like(point, torch.nan)


def largest_stable_rate(curvature: float, method: Method, momentum: float) -> float | None:
    """Return the learning rate above which every step overshoots: 2/λ, and 2(1 + β)/λ with momentum.

    Return ``None`` if there is no such rate: the curvature λ is not positive, or the method is Adam, whose steps do not
    grow with the slope.
    """
    if method == "adam" or not curvature > 0:
        return None
    return 2 * (1 + momentum if method == "momentum" else 1) / curvature


def explain(
    function: Function,
    points: Float[Tensor, "step variable"],
    values: Float[Tensor, "step"],
    gradients: Float[Tensor, "step variable"],
    steps: int,
    learning_rate: float,
    method: Method,
    momentum: float,
) -> tuple[str, str]:
    """Return how a descent ended: the outcome, and a sentence that names the remedy."""
    walked = len(points) - 1
    bends = curvatures(function, points[0])
    limit = largest_stable_rate(float(bends[-1]), method, momentum)
    runaway = walked < steps or (walked > 0 and float(points[-1].norm()) > 1e6 * (1 + float(points[0].norm())))
    rose = bool(values[-1] > values[0])
    if walked > 1 and (rose or runaway):
        if limit is not None and learning_rate > limit:
            same = torch.allclose(bends, curvatures(function, points[1]), rtol=1e-6)
            where = "" if same else "about "
            return "overshoots", (
                f"learning rate {learning_rate:g} is too large for this curve: above {where}{limit:.4g} every step "
                "overshoots" + (". Choose a smaller one." if same else " near the start. Choose a smaller one.")
            )
        if not rose:
            return "falls forever", (
                f"there is no minimum in this direction: the value keeps falling (now {float(values[-1]):.3g}). "
                "Start somewhere else, or change the function."
            )
        return (
            "overshoots",
            f"learning rate {learning_rate:g} is too large here: the value rises. Choose a smaller one.",
        )
    if walked < steps:
        return "overshoots", (
            f"the descent left the region where the function is defined after {walked + 1} steps. "
            "Choose a smaller learning rate or another start."
        )
    steepness = float(gradients[-1].norm())
    if steepness <= 1e-6 * max(1.0, float(gradients[0].norm())):
        last = curvatures(function, points[-1])
        if bool((last < -1e-9).any()):
            return "level", "the slope is zero, but there is no minimum here: the value falls in some direction."
        if walked == 0 or torch.equal(points[0], points[-1]):
            return "level", "the slope is zero at the start: there is nowhere to go."
        return "arrived", f"arrived: the slope is {steepness:.1e}."
    unsettled = limit is not None and learning_rate >= limit and walked > 1
    if unsettled:
        return "overshoots", (
            f"learning rate {learning_rate:g} is too large for this curve: at {limit:.4g} the steps jump from one side "
            "to the other and never settle. Choose a smaller one."
        )
    if walked > 1 and torch.allclose(gradients, gradients[0], rtol=1e-6):
        return "on the way", (
            f"still on the way: the slope is {steepness:.3g}, as at the start. If it stays so there is no minimum; "
            "otherwise take more steps or a larger learning rate."
        )
    hint = f" or a learning rate up to {limit / 2:.3g}" if limit is not None and learning_rate < limit / 4 else ""
    return "on the way", f"still on the way: the slope is {steepness:.3g}. Take more steps{hint}."


def _show(point: Tensor) -> str:
    return "(" + ", ".join(f"{float(coordinate):g}" for coordinate in point) + ")"
