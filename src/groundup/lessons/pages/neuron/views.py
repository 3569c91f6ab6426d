"""What the lesson's views show: a neuron and its gradient, activations, a numeric check, and learning."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Choice, Slider, View
from groundup.steps.c1_descent.descent import slope
from groundup.steps.c3_networks import activation
from groundup.steps.c3_networks.neuron import differentiate_neuron, neuron, sigmoid

INPUTS = np.array([1.0, 2.0])
WORKED = {"w1": 0.5, "w2": -0.5, "b": 0.1}
MOST_STEPS = 100
REACH = 13.0


def measure_loss(x: np.ndarray, w: np.ndarray, b: float, truth: float) -> float:
    """Return the neuron's loss, ½ (ŷ − y)²."""
    return 0.5 * (neuron(x, w, b) - truth) ** 2


def compute_chain(x1: float, x2: float, w1: float, w2: float, b: float, truth: float, stage: int) -> dict[str, Any]:
    """Return every number on the way through a neuron with a sigmoid, forward and backward.

    Returns
    -------
    dict
        ``products``: w1 x1 and w2 x2; ``z``, ``prediction``, ``loss``; ``error`` ŷ − y and ``flatness`` ŷ (1 − ŷ), the
        first two factors; ``dz``, ``dw``, ``db``: the gradient; ``told``: one sentence per stage; ``says``: the last of
        them up to ``stage``.
    """
    x, w = np.array([x1, x2]), np.array([w1, w2])
    z, prediction = float(w @ x + b), neuron(x, w, b)
    dw, db = differentiate_neuron(x, w, b, truth)
    error, flatness = prediction - truth, prediction * (1 - prediction)
    loss = measure_loss(x, w, b, truth)
    slopes = [_tell(slope) for slope in (*dw, db)]
    told = [
        "The two inputs wait at the left.",
        f"Each input is multiplied by its weight: {w1 * x1:.4g} and {w2 * x2:.4g}.",
        f"The products and the bias are added: z = {z:.4g}.",
        f"The sigmoid turns z into the prediction ŷ = {prediction:.5f}.",
        f"The truth is {truth:g}, so the loss is ½ (ŷ − y)² = {loss:.5f}.",
        f"Backward: the derivative of the loss with respect to ŷ is ŷ − y = {_tell(error)}.",
        f"The sigmoid's derivative is ŷ (1 − ŷ) = {_tell(flatness)}. The product of both is ∂loss/∂z = {slopes[2]}.",
        f"Times the input of each weight: ∂loss/∂w₁ = {slopes[0]}, ∂loss/∂w₂ = {slopes[1]}, ∂loss/∂b = {slopes[2]}.",
    ]
    error_, flat = Factor("(ŷ − y)", error, "error"), Factor("ŷ (1 − ŷ)", flatness, "flatness")
    inputs = [Factor("x₁", x1, "x1"), Factor("x₂", x2, "x2")]
    weights = [Factor("w₁", w1, "w1"), Factor("w₂", w2, "w2")]
    p, y = Factor("ŷ", prediction, "prediction"), Factor("−y", -truth, "truth")
    along_z = Factor("∂z", db, "dz")
    origins = {
        "product1": trace_sum("w₁ x₁", w1 * x1, [weights[0], inputs[0]]),
        "product2": trace_sum("w₂ x₂", w2 * x2, [weights[1], inputs[1]]),
        "z": trace_sum("z", z, *zip(weights, inputs, strict=True), [Factor("b", b, "b")]),
        "prediction": trace_sum("ŷ", prediction, [Factor("z", z, "z")], then="σ(·)"),
        "loss": trace_sum("loss", loss, [p], [y], then="½ (·)²"),
        "error": trace_sum("ŷ − y", error, [p], [y]),
        "flatness": trace_sum("ŷ (1 − ŷ)", flatness, [p, Factor("(1 − ŷ)", 1 - prediction)]),
        "dz": trace_sum("∂z", db, [error_, flat]),
        "dw1": trace_sum("∂w₁", float(dw[0]), [along_z, inputs[0]]),
        "dw2": trace_sum("∂w₂", float(dw[1]), [along_z, inputs[1]]),
        "db": trace_sum("∂b", db, [along_z]),
    }
    return {
        "origins": origins,
        "products": w * x,
        "z": z,
        "prediction": prediction,
        "loss": loss,
        "error": error,
        "flatness": flatness,
        "dz": db,
        "dw": dw,
        "db": db,
        "told": [line.replace("-", "−") for line in told],
        "says": told[stage].replace("-", "−"),
    }


def _tell(number: float) -> str:
    # A factor close to 0 stays a factor: five decimals would make 0 of it.
    return f"{number:.5f}" if abs(number) >= 0.001 or number == 0 else f"{number:.3g}"


def _only(function: Callable[[Tensor], Tensor], point: Tensor) -> Tensor:
    return function(point)[0]


def compute_activation(z: float) -> dict[str, Any]:
    """Return the sigmoid and ReLU as curves, and value and slope of each at ``z``.

    Returns
    -------
    dict
        For ``sigmoid`` and ``relu``: ``curve`` (points x, y), ``value``, ``slope``; and ``says``.
    """
    grid = torch.linspace(-6, 6, 241, dtype=torch.float64)
    functions: dict[str, Callable[[Tensor], Tensor]] = {"sigmoid": activation.sigmoid, "relu": activation.relu}
    frame: dict[str, Any] = {}
    place = torch.tensor([z], dtype=torch.float64)
    for name, function in functions.items():
        value, rise = slope(partial(_only, function), place)
        frame[name] = {"curve": torch.stack([grid, function(grid)], dim=1), "value": value, "slope": rise[0]}
    told = [f"{float(frame[name]['value']):.4f} with slope {float(frame[name]['slope']):.4f}" for name in functions]
    corner = "" if z else " ReLU has a corner here and so no slope; 0 is used."
    says = f"At z = {z:.4g} the sigmoid is {told[0]}, and ReLU is {told[1]}.{corner}"
    return {**frame, "says": says.replace("-", "−")}


def compute_nudge(weight: str, place: float, gap: float) -> dict[str, Any]:
    """Return the loss along one weight of the worked example, and the slope found in two ways.

    Returns
    -------
    dict
        ``curve``: rows (weight, loss); ``point`` and ``second``: at ``place`` and ``gap`` further; ``estimate``: the
        slope of the line through both; ``exact``: the slope by the chain rule; ``says``.
    """

    def read(value: float) -> tuple[np.ndarray, float]:
        values = {**WORKED, weight: value}
        return np.array([values["w1"], values["w2"]]), values["b"]

    def lose(value: float) -> float:
        return measure_loss(INPUTS, *read(value), 1.0)

    dw, db = differentiate_neuron(INPUTS, *read(place), 1.0)
    exact = {"w1": dw[0], "w2": dw[1], "b": db}[weight]
    estimate = (lose(place + gap) - lose(place)) / gap
    return {
        "curve": [[value, lose(value)] for value in np.linspace(-4, 6, 201).tolist()],
        "point": [place, lose(place)],
        "second": [place + gap, lose(place + gap)],
        "estimate": estimate,
        "exact": exact,
        "says": f"With h = {gap:.3g} the estimate is {estimate:.5f}. The chain rule gives {exact:.5f}.".replace(
            "-", "−"
        ),
    }


def compute_learn(w1: float, w2: float, b: float, truth: float, rate: float, steps: int) -> dict[str, Any]:
    """Return a neuron's way along the sigmoid while it learns one example, x = (1, 2).

    Returns
    -------
    dict
        ``curve``: the sigmoid; ``path``: rows (z, prediction, loss), the first before any step; ``says``: where it
        stands after ``steps`` steps.
    """
    w, bias, path = np.array([w1, w2]), b, []
    for _ in range(MOST_STEPS + 1):
        path.append([float(w @ INPUTS + bias), neuron(INPUTS, w, bias), measure_loss(INPUTS, w, bias, truth)])
        dw, db = differentiate_neuron(INPUTS, w, bias, truth)
        w, bias = w - rate * dw, bias - rate * db
    grid = np.linspace(-REACH, REACH, 301)
    return {
        "curve": np.stack([grid, sigmoid(grid)], axis=1),
        "path": path,
        "says": f"At step {steps} the prediction is {path[steps][1]:.5f}; the truth is {truth:g}.",
    }


VIEWS = {
    "chain": View(
        "One neuron: numbers run forward to the loss, and gradients back to the weights",
        compute_chain,
        (
            Slider("w1", "weight w₁", 0.5, low=-4.0, high=4.0, step=0.1),
            Slider("w2", "weight w₂", -0.5, low=-4.0, high=4.0, step=0.1),
            Slider("b", "bias b", 0.1, low=-4.0, high=4.0, step=0.1, hidden=True),
            Slider("truth", "truth y", 1.0, low=0.0, high=1.0, step=0.1, hidden=True),
            Slider("x1", "input x₁", 1.0, low=-3.0, high=3.0, step=0.1, hidden=True),
            Slider("x2", "input x₂", 2.0, low=-3.0, high=3.0, step=0.1, hidden=True),
            Slider("stage", "stage", 4, low=0, high=7, step=1, plays=True, hidden=True),
        ),
    ),
    "activation": View(
        "Two activations, and their slopes at a point",
        compute_activation,
        (Slider("z", "weighted sum z", 1.0, low=-6.0, high=6.0, step=0.1),),
    ),
    "nudge": View(
        "The loss along one weight, and its slope found in two ways",
        compute_nudge,
        (
            Choice("weight", "change", "w1", ("w1", "w2", "b"), ("w₁", "w₂", "b")),
            Slider("place", "its value", 0.5, low=-4.0, high=4.0, step=0.1),
            Slider("gap", "h", 1.5, low=0.001, high=2.0, step=0.001, log=True),
        ),
    ),
    "learn": View(
        "A neuron learns one example",
        compute_learn,
        (
            Slider("w1", "first w₁", 0.5, low=-4.0, high=4.0, step=0.1),
            Slider("w2", "first w₂", -0.5, low=-4.0, high=4.0, step=0.1),
            Slider("b", "first b", 0.1, low=-1.0, high=1.0, step=0.1, hidden=True),
            Slider("truth", "truth y", 1.0, low=0.0, high=1.0, step=0.1),
            Slider("rate", "learning rate α", 1.0, low=0.1, high=20.0, step=0.1, log=True),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
        ),
    ),
}
