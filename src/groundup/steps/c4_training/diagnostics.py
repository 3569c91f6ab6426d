"""Diagnostics: statistics of a network's activations and gradients that show why it does not learn.

    activation a of a linear layer          mean, standard deviation, fraction of nodes that are ≤ 0 for every example
    gradient ∂MSE/∂W of a linear layer      mean, standard deviation, norm √(Σ g²)
    output of a ReLU                        fraction of nodes that are 0 for every example: dead neurons

The derivative of a dead neuron's ReLU is 0 for every example, so its own weights get no gradient. It can recover only
if the layers before it change; a neuron in the first layer has no layers before it. If the standard deviation of the
activations falls from layer to layer, the gradients usually vanish too, and if it grows, they usually explode; but the
backward pass has its own factors. The rules and thresholds of `diagnose` are conventions of the course, not laws.
Standard deviations divide by N - 1, as in ``torch.std``; that of a single number is given as 0.
Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), for
statistics of each layer; L. Lu et al., "Dying ReLU and Initialization" (2019), for dead neurons.
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
    """Return mean, standard deviation and dead fraction of each linear layer's outputs.

    The outputs are those of the linear layer itself, before any ReLU. A node followed by a ReLU is dead if its output
    is ≤ 0 for the whole batch. The last layer has no ReLU after it: outputs there may be negative without anything
    being wrong.

    Parameters
    ----------
    model : Module
        Contains `torch.nn.Linear` or `groundup.steps.c4_training.linear.Linear` layers. It runs in its current mode
        (training or evaluation).
    x : Tensor of float, shape (..., feature)
        A batch of examples.

    Returns
    -------
    list of dict
        One per linear layer, in the order in which they run: ``mean``, ``std``, ``dead_fraction`` (0 to 1).

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
    """Return mean, standard deviation and norm of the mean squared error's gradient for each linear layer's weights.

    Parameters
    ----------
    model : Module
        As in `compute_activation_stats`. Gradients stored in its parameters are neither used nor changed.
    x : Tensor of float, shape (batch, feature)
        A batch of examples.
    y : Tensor of float, shape of the model's output
        The right outputs.

    Returns
    -------
    list of dict
        One per linear layer, in the order of ``model.modules()``: ``mean``, ``std``, ``norm``.

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
    """Return the name of the problem. The first rule that applies decides.

    1. ``"dead_neurons"``: a layer has a dead fraction above 0.5.
    2. ``"exploding_gradients"``: a layer has a gradient norm above 1000.
    3. ``"vanishing_gradients"``: the last layer has a gradient norm below 1e-5.
    4. ``"vanishing_gradients"`` or ``"exploding_gradients"``: in the first layer where the standard deviation of the
       activations is outside 0.1 to 10, it is below 0.1 or above 10.
    5. ``"healthy"``: no other rule applies.

    These rough rules are the course's. Rule 1 also counts the last layer, which has no ReLU after it, so correct
    negative outputs look dead. Rule 3 looks only at the last layer. It misses gradients that vanish in the first
    layers, where gradients usually vanish, and it also reports a model that is fully trained.

    Parameters
    ----------
    activation_stats, gradient_stats : sequence of dict
        As from `compute_activation_stats` and `compute_gradient_stats`, not rounded: 1e-5 rounded to 4 decimals is 0.

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
        Contains `torch.nn.ReLU` layers; calls of ReLU functions are not found. It runs in its current mode (training or
        evaluation).
    x : Tensor of float, shape (..., feature)
        A batch of examples. In a small batch, more nodes look dead that other examples would activate.

    Returns
    -------
    list of float
        0 to 1, in the order in which the ReLUs run.

    Examples
    --------
    >>> detect_dead_neurons(nn.Sequential(nn.ReLU()), torch.tensor([[1.0, -1.0], [-2.0, -2.0]]))
    [0.5]
    """
    return [_mean(_off_for_all(output)) for output in _watch(model, x, (nn.ReLU,))]


def suggest_fix(fractions: Sequence[float]) -> str:
    """Return what to do about dead neurons. The first rule that applies decides.

    1. ``"use_leaky_relu"``: a layer has a fraction above 0.5.
    2. ``"reinitialize"``: the first layer has a fraction above 0.3.
    3. ``"reduce_learning_rate"``: the fractions rise from every layer to the next, and the last is above 0.1. For a
       single layer only the second condition counts.
    4. ``"healthy"``: no other rule applies, or the list is empty.

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
    """Run the model without gradients and return the outputs of its layers of these kinds, in the order of running."""
    outputs: list[Tensor] = []

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        # A copy, because an in-place ReLU would change the output of the layer before it.
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
