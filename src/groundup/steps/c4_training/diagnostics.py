"""Diagnostics: what a network's activations and gradients say about why it does not learn.

    activation a of a linear layer          mean, spread, and the fraction of its nodes that are ≤ 0 for every example
    gradient ∂MSE/∂W of a linear layer      mean, spread, and length √(Σ g²)
    output of a ReLU                        the fraction of its nodes that are 0 for every example: dead neurons

A dead neuron has slope 0 for every example, so its own weights get no gradient; only if the layers before it move can
it come back, and in the first layer there are none. Where a signal's spread falls from layer to layer, gradients
usually vanish too, and where it grows, they explode; but the way back has factors of its own. The rules and thresholds
of `diagnose` are conventions of the course, not laws. Spreads have N - 1 underneath, as in ``torch.std``; that of a
single number is 0.
Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), for
looking at each layer; L. Lu et al., "Dying ReLU and Initialization" (2019), for dead neurons.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional

from groundup.steps.c4_training.linear import Linear


def compute_activation_stats(model: nn.Module, x: Float[Tensor, "*batch feature"]) -> list[dict[str, float]]:
    """Return mean, spread and dead fraction of what each linear layer puts out.

    The output is taken as it leaves the layer, before any ReLU. A node that a ReLU follows is dead where it is ≤ 0 for
    the whole batch; the last layer has no ReLU behind it, and a node there may well be below 0 in good health.

    Parameters
    ----------
    model : Module
        Holds `torch.nn.Linear` or `groundup.steps.c4_training.linear.Linear` layers. It runs in the mode it is in.
    x : Tensor of float, shape (..., feature)
        A batch of examples.

    Returns
    -------
    list of dict
        One a linear layer, in the order they run: ``mean``, ``std``, ``dead_fraction`` (0 to 1).

    Examples
    --------
    >>> layer = nn.Linear(1, 2, bias=False)
    >>> layer.weight.data = torch.tensor([[1.0], [-3.0]])
    >>> compute_activation_stats(layer, torch.tensor([[1.0], [1.0]]))
    [{'mean': -1.0, 'std': 2.309401035308838, 'dead_fraction': 0.5}]
    """
    return [
        {"mean": a.mean().item(), "std": _spread(a), "dead_fraction": _mean(_off_for_all(a))}
        for a in _watch(model, x, (nn.Linear, Linear))
    ]


def compute_gradient_stats(model: nn.Module, x: Tensor, y: Tensor) -> list[dict[str, float]]:
    """Return mean, spread and length of the mean squared error's gradient in each linear layer's weights.

    Parameters
    ----------
    model : Module
        As in `compute_activation_stats`. The gradients that its parameters hold are neither used nor changed.
    x : Tensor of float, shape (batch, feature)
        A batch of examples.
    y : Tensor of float, shape of the model's output
        What the model should answer.

    Returns
    -------
    list of dict
        One a linear layer, in the order of ``model.modules()``: ``mean``, ``std``, ``norm``.

    Examples
    --------
    >>> layer = nn.Linear(2, 1, bias=False)
    >>> layer.weight.data = torch.tensor([[1.0, 1.0]])
    >>> compute_gradient_stats(layer, torch.tensor([[3.0, 4.0]]), torch.tensor([[6.5]]))
    [{'mean': 3.5, 'std': 0.7071067690849304, 'norm': 5.0}]
    """
    weights = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear | Linear)]
    loss = functional.mse_loss(model(x), y)
    gradients = torch.autograd.grad(loss, weights, materialize_grads=True)
    return [{"mean": g.mean().item(), "std": _spread(g), "norm": g.norm().item()} for g in gradients]


def diagnose(activation_stats: Sequence[dict[str, float]], gradient_stats: Sequence[dict[str, float]]) -> str:
    """Name what is wrong; the first that holds, in this order.

    1. ``"dead_neurons"``: a layer with a dead fraction above 0.5.
    2. ``"exploding_gradients"``: a layer with a gradient norm above 1000.
    3. ``"vanishing_gradients"``: the last layer's gradient norm below 1e-5.
    4. ``"vanishing_gradients"`` or ``"exploding_gradients"``: the first layer whose activations' spread is below 0.1
       or above 10 decides.
    5. ``"healthy"``.

    The rules are the course's, and rough. The first counts the last layer too, which no ReLU follows, so outputs that
    are rightly negative look dead. The third misses gradients that vanish on their way to the first layers, where they
    do vanish, and reports a model that has learned all it can.

    Parameters
    ----------
    activation_stats, gradient_stats : sequence of dict
        As from `compute_activation_stats` and `compute_gradient_stats`, unrounded: 1e-5 rounded to 4 places is 0.

    Examples
    --------
    >>> diagnose([{"mean": 0.0, "std": 1.0, "dead_fraction": 0.6}], [{"mean": 0.0, "std": 1.0, "norm": 1.0}])
    'dead_neurons'
    >>> diagnose([{"mean": 0.0, "std": 1.0, "dead_fraction": 0.5}], [{"mean": 0.0, "std": 1.0, "norm": 1.0}])
    'healthy'
    """
    if any(layer["dead_fraction"] > 0.5 for layer in activation_stats):
        return "dead_neurons"
    if any(layer["norm"] > 1000 for layer in gradient_stats):
        return "exploding_gradients"
    if gradient_stats and gradient_stats[-1]["norm"] < 1e-5:
        return "vanishing_gradients"
    for layer in activation_stats:
        if layer["std"] < 0.1:
            return "vanishing_gradients"
        if layer["std"] > 10:
            return "exploding_gradients"
    return "healthy"


def detect_dead_neurons(model: nn.Module, x: Float[Tensor, "*batch feature"]) -> list[float]:
    """Return, for each ReLU, the fraction of nodes that are 0 for every example of the batch.

    Parameters
    ----------
    model : Module
        Holds `torch.nn.ReLU` layers; ReLUs called as functions are not seen. It runs in the mode it is in.
    x : Tensor of float, shape (..., feature)
        A batch of examples. The smaller it is, the more nodes seem dead that are only resting.

    Returns
    -------
    list of float
        0 to 1, in the order the ReLUs run.

    Examples
    --------
    >>> detect_dead_neurons(nn.Sequential(nn.ReLU()), torch.tensor([[1.0, -1.0], [-2.0, -2.0]]))
    [0.5]
    """
    return [_mean(_off_for_all(output)) for output in _watch(model, x, (nn.ReLU,))]


def suggest_fix(fractions: Sequence[float]) -> str:
    """Say what to do about dead neurons; the first that holds, in this order.

    1. ``"use_leaky_relu"``: a layer with more than 0.5 dead.
    2. ``"reinitialize"``: more than 0.3 dead in the first layer.
    3. ``"reduce_learning_rate"``: every layer has more dead than the one before, and the last more than 0.1. A single
       layer passes for growing.
    4. ``"healthy"``, as are no layers at all.

    Parameters
    ----------
    fractions : sequence of float
        As from `detect_dead_neurons`: 0 to 1, from the first layer to the last.

    Examples
    --------
    >>> suggest_fix([0.0, 0.6]), suggest_fix([0.4, 0.1]), suggest_fix([0.0, 0.1, 0.2]), suggest_fix([0.0, 0.05])
    ('use_leaky_relu', 'reinitialize', 'reduce_learning_rate', 'healthy')
    """
    if not fractions:
        return "healthy"
    if max(fractions) > 0.5:
        return "use_leaky_relu"
    if fractions[0] > 0.3:
        return "reinitialize"
    if all(later > earlier for earlier, later in pairwise(fractions)) and fractions[-1] > 0.1:
        return "reduce_learning_rate"
    return "healthy"


def _watch(model: nn.Module, x: Tensor, kinds: tuple[type[nn.Module], ...]) -> list[Tensor]:
    """Run the model without gradients and return the outputs of its layers of these kinds, in the order they run."""
    outputs: list[Tensor] = []

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        # A copy, since a ReLU that works in place would change what the layer before it put out.
        outputs.append(output.clone())

    hooks = [layer.register_forward_hook(keep) for layer in model.modules() if isinstance(layer, kinds)]
    try:
        with torch.no_grad():
            model(x)
    finally:
        for hook in hooks:
            hook.remove()
    return outputs


def _off_for_all(output: Float[Tensor, "*batch node"]) -> Bool[Tensor, " node"]:
    return (output <= 0).reshape(-1, output.shape[-1]).all(dim=0)


def _mean(flags: Bool[Tensor, " node"]) -> float:
    return flags.double().mean().item()


def _spread(numbers: Tensor) -> float:
    return numbers.std().item() if numbers.numel() > 1 else 0.0
