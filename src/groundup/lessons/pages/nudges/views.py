"""What the lesson's views show: what four examples wish of a small network, and two layers, forward and backward."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.nudges.layers import compute_layers
from groundup.lessons.views import Choice, Slider, View
from groundup.steps.c3_networks.backpropagation import forward_and_backward
from groundup.steps.c3_networks.neuron import relu

EXAMPLES = "ABCD"
X = np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]])
# 1 at the output for orange where both inputs are equal, else at the one for blue.
TRUTH = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
START = {
    "W1": np.array([[0.5, -1.0], [-0.9, 0.2]]),
    "b1": np.zeros(2),
    "W2": np.array([[0.2, -0.6], [0.3, 0.6]]),
    "b2": np.zeros(2),
}
MOST_STEPS = 40
# The weights in the order of the table: layer, node, what stands behind it.
ROWS = [(layer, node, behind) for layer in ("W1", "W2") for node in (0, 1) for behind in (0, 1)]
NAMES = {"W1": (("x₁", "x₂"), ("h₁", "h₂")), "W2": (("h₁", "h₂"), ("orange", "blue"))}


def ask_all(weights: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Return the loss and the gradients of each example."""
    return [forward_and_backward(x, **weights, truth=truth) for x, truth in zip(X, TRUTH, strict=True)]


@lru_cache(maxsize=64)
def walk(rate: float) -> list[dict[str, np.ndarray]]:
    """Return the weights before each step, and after the last: each step follows the mean of all wishes."""
    path = [START]
    for _ in range(MOST_STEPS):
        found = ask_all(path[-1])
        path.append(
            {
                name: value + rate * np.mean([-one[f"d{name}"] for one in found], axis=0)
                for name, value in path[-1].items()
            }
        )
    return path


def compute_wishes(example: str, rate: float, steps: int) -> dict[str, Any]:
    """Return what four examples wish of each weight, the mean of these, and how one of them comes about.

    A wish is the gradient with the other sign: how a value should change so that the loss falls.

    Returns
    -------
    dict
        ``x``, ``h``, ``outputs``, ``truth``: of the chosen ``example``; ``off``: whether the ReLU of each hidden node
        stops what comes back; ``wishes``: ``outputs`` and ``hidden``; ``weights``: those of both layers; ``rows``: for
        each weight its ``name``, ``weight``, ``wishes`` by example and their ``mean``; ``losses`` and ``loss``, their
        mean; ``origins``: of output wishes (o), hidden wishes (h), wishes of the table (t, row and column) and means
        (m); ``says``.
    """
    weights = walk(rate)[steps]
    found = ask_all(weights)
    place = EXAMPLES.index(example)
    x, truth = X[place], TRUTH[place]
    z1 = weights["W1"] @ x + weights["b1"]
    h = relu(z1)
    outputs = weights["W2"] @ h + weights["b2"]
    of_outputs, of_sums = -found[place]["db2"], -found[place]["db1"]
    of_hidden = weights["W2"].T @ of_outputs
    losses = [one["loss"] for one in found]
    rows = []
    for layer, node, behind in ROWS:
        wishes = [-one[f"d{layer}"][node, behind] for one in found]
        before, after = NAMES[layer]
        name, weight = f"{before[behind]} → {after[node]}", weights[layer][node, behind]
        rows.append({"name": name, "weight": weight, "wishes": wishes, "mean": np.mean(wishes)})
    says = f"After {steps} step{'s' * (steps != 1)} the mean loss is {np.mean(losses):.3f}. "
    says += f"What example {example} wishes: orange {_tell(of_outputs[0])}, blue {_tell(of_outputs[1])}."
    return {
        "x": x,
        "h": h,
        "outputs": outputs,
        "truth": truth,
        "off": [bool(total <= 0) for total in z1],
        "wishes": {"outputs": of_outputs, "hidden": of_hidden},
        "weights": {"W1": weights["W1"], "W2": weights["W2"]},
        "rows": rows,
        "losses": losses,
        "loss": np.mean(losses),
        "origins": _trace(place, weights, (x, h, outputs, truth), (of_outputs, of_hidden, of_sums), rows),
        "says": says,
    }


def _tell(wish: float) -> str:
    if abs(wish) < 0.005:
        return "as it is"
    return "larger" if wish > 0 else "smaller"


def _trace(
    place: int,
    weights: dict[str, np.ndarray],
    values: tuple[np.ndarray, ...],
    wishes: tuple[np.ndarray, ...],
    rows: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return where the wishes come from: of the chosen example at ``place`` down to the outputs, and all means."""
    x, h, outputs, truth = values
    of_outputs, of_hidden, of_sums = wishes
    ends = [Factor(f"wish of {name}", of_outputs[k], f"o{k}") for k, name in enumerate(NAMES["W2"][1])]
    origins = {}
    for k, end in enumerate(ends):
        origins[f"o{k}"] = trace_sum(end.label, end.value, [Factor("truth − output", truth[k] - outputs[k])])
    for j, name in enumerate(NAMES["W1"][1]):
        terms = [[Factor(f"weight to {to}", weights["W2"][k, j]), ends[k]] for k, to in enumerate(NAMES["W2"][1])]
        origins[f"h{j}"] = trace_sum(f"wish of {name}", of_hidden[j], *terms)
    for number, (layer, node, behind) in enumerate(ROWS):
        row = rows[number]
        if layer == "W2":
            wish, value = ends[node], Factor(f"value of {NAMES[layer][0][behind]}", h[behind])
        else:
            name = f"wish of {NAMES[layer][1][node]}"
            name, key = (f"{name}, stopped by ReLU", "") if of_sums[node] != of_hidden[node] else (name, f"h{node}")
            wish, value = Factor(name, of_sums[node], key), Factor(NAMES[layer][0][behind], x[behind])
        title = f"wish of {EXAMPLES[place]} for {row['name']}"
        origins[f"t{number}-{place}"] = trace_sum(title, row["wishes"][place], [wish, value])
        shown = {place: f"t{number}-{place}"}
        quarter = Factor("÷", 4.0, over=True)
        terms = [[Factor(name, row["wishes"][at], shown.get(at, "")), quarter] for at, name in enumerate(EXAMPLES)]
        origins[f"m{number}"] = trace_sum(f"mean wish for {row['name']}", row["mean"], *terms)
    return origins


def _weight(name: str, label: str, value: float) -> Slider:
    return Slider(name, label, value, low=-3.0, high=3.0, step=0.1, hidden=True)


VIEWS = {
    "wishes": View(
        "What four examples wish of each weight, and the mean that a step follows",
        compute_wishes,
        (
            Choice("example", "example", "B", tuple(EXAMPLES)),
            Slider("rate", "learning rate α", 0.5, low=0.05, high=1.5, step=0.05),
            Slider("steps", "steps", 0, low=0, high=MOST_STEPS, step=1, plays=True),
        ),
    ),
    "layers": View(
        "Two layers: values forward, gradients backward",
        compute_layers,
        (
            Slider("x1", "input x₁", 1.0, low=-3.0, high=3.0, step=0.1),
            Slider("x2", "input x₂", 2.0, low=-3.0, high=3.0, step=0.1),
            Slider("truth", "truth y", 1.0, low=-3.0, high=3.0, step=0.1),
            _weight("w11", "W₁[0, 0]", 1.0),
            _weight("w12", "W₁[0, 1]", 0.0),
            _weight("w21", "W₁[1, 0]", 0.0),
            _weight("w22", "W₁[1, 1]", 1.0),
            _weight("v1", "W₂[0, 0]", 0.5),
            _weight("v2", "W₂[0, 1]", 0.5),
            Slider("stage", "stage", 9, low=0, high=9, step=1, plays=True, hidden=True),
        ),
    ),
}
