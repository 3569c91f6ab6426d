"""Two layers, forward and backward for one example: what the view of the computation shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from groundup.lessons.origins import Factor, trace_sum
from groundup.steps.c3_networks.backpropagation import forward_and_backward
from groundup.steps.c3_networks.neuron import relu

WEIGHTS = ("w11", "w12", "w21", "w22", "v1", "v2")


def write(number: Any) -> str:
    """Return a number as it stands in a line of the computation."""
    return f"{float(number):.4g}".replace("-", "−")


def compute_layers(x1: float, x2: float, truth: float, stage: int, **weights: float) -> dict[str, Any]:
    """Return every value and gradient of a network 2-2-1 without biases.

    Returns
    -------
    dict
        ``W1``, ``W2``, ``x``, ``z1``, ``h``, ``prediction``, ``loss``; ``d_prediction``, ``dW2``, ``dh``, ``dz1``,
        ``dW1``; ``origins``: where these come from; ``lines``: formula and value of each stage but the first, and
        whether it belongs to the way back; ``told``: one sentence per stage; ``says``: that of ``stage``.
    """
    w11, w12, w21, w22, v1, v2 = (weights[name] for name in WEIGHTS)
    x, W1, W2 = np.array([x1, x2]), np.array([[w11, w12], [w21, w22]]), np.array([[v1, v2]])
    b1, b2 = np.zeros(2), np.zeros(1)
    found = forward_and_backward(x, W1, b1, W2, b2, np.array([truth]))
    z1 = W1 @ x
    h = relu(z1)
    prediction = W2 @ h
    d_prediction = found["db2"]
    dh = W2.T @ d_prediction

    def row(numbers: np.ndarray | float) -> str:
        written = ", ".join(write(number) for number in np.ravel(numbers) + 0.0)
        return f"({written})" if np.size(numbers) > 1 else written

    lines = [
        ("z₁ = W₁ x", row(z1)),
        ("h = relu(z₁)", row(h)),
        ("ŷ = W₂ h", row(prediction)),
        ("loss = (ŷ − y)²", row(found["loss"])),
        ("dŷ = 2 (ŷ − y)", row(d_prediction)),
        ("dW₂ = dŷ ⊗ h", row(found["dW2"])),
        ("dh = W₂ᵀ dŷ", row(dh)),
        ("dz₁ = dh where z₁ > 0, else 0", row(found["db1"])),
        ("dW₁ = dz₁ ⊗ x", f"{row(found['dW1'][0])}, {row(found['dW1'][1])}"),
    ]
    told = [
        f"The inputs are {row(x)}.",
        f"Forward: each hidden node adds its weighted inputs, z₁ = W₁ x = {row(z1)}.",
        f"ReLU keeps what is positive: h = {row(h)}.",
        f"The output adds the weighted hidden values: ŷ = W₂ h = {prediction[0]:.4g}.",
        f"The truth is {truth:.4g}, so the loss is (ŷ − y)² = {found['loss']:.4g}.",
        f"Backward: dŷ = 2 (ŷ − y) = {d_prediction[0]:.4g}.",
        f"Each output weight gets dŷ times the hidden value behind it: dW₂ = dŷ ⊗ h = {row(found['dW2'])}.",
        f"Each hidden node gets dŷ times its output weight: dh = W₂ᵀ dŷ = {row(dh)}.",
        f"ReLU stops the gradient where z₁ is not positive: dz₁ = {row(found['db1'])}.",
        f"Each weight gets the dz₁ of its node times its input: the rows of dW₁ = dz₁ ⊗ x are {row(found['dW1'][0])} "
        f"and {row(found['dW1'][1])}.",
    ]
    told = [line.replace("-", "−") for line in told]
    inputs = [Factor("x₁", x1, "x1"), Factor("x₂", x2, "x2")]
    rows = [
        [Factor(f"W₁[{row}, {column}]", W1[row, column], f"w{row + 1}{column + 1}") for column in (0, 1)]
        for row in (0, 1)
    ]
    out = [Factor(f"W₂[0, {node}]", W2[0, node], f"v{node + 1}") for node in (0, 1)]
    hidden = [Factor(f"h{sign}", h[node], f"h{node + 1}") for node, sign in enumerate("₁₂")]
    back = Factor("∂ŷ", d_prediction[0], "dp")
    origins = {
        "p": trace_sum("ŷ", prediction[0], *zip(out, hidden, strict=True)),
        "loss": trace_sum(
            "loss", found["loss"], [Factor("ŷ", prediction[0], "p")], [Factor("−y", -truth, "truth")], then="(·)²"
        ),
        "dp": trace_sum("∂ŷ", d_prediction[0], [Factor("2", 2.0), Factor("(ŷ − y)", prediction[0] - truth)]),
    }
    for node, sign in enumerate("₁₂"):
        name, terms = f"{node + 1}", list(zip(rows[node], inputs, strict=True))
        slope = Factor(f"∂z{sign}", found["db1"][node], f"dz{name}")
        origins |= {
            f"z{name}": trace_sum(f"z{sign}", z1[node], *terms),
            f"h{name}": trace_sum(f"h{sign}", h[node], *terms, then="ReLU(·)"),
            f"dh{name}": trace_sum(f"∂h{sign}", dh[node], [out[node], back]),
            f"dz{name}": trace_sum(
                f"∂z{sign}",
                found["db1"][node],
                [Factor(f"∂h{sign}", dh[node], f"dh{name}"), Factor(f"slope of ReLU at z{sign}", float(z1[node] > 0))],
            ),
            f"dv{name}": trace_sum(f"∂W₂[0, {node}]", found["dW2"][0, node], [back, hidden[node]]),
        }
        for column in (0, 1):
            key = f"dw{name}{column + 1}"
            origins[key] = trace_sum(f"∂W₁[{node}, {column}]", found["dW1"][node, column], [slope, inputs[column]])
    return {
        "origins": origins,
        "W1": W1,
        "W2": W2,
        "x": x,
        "z1": z1,
        "h": h,
        "prediction": prediction[0],
        "loss": found["loss"],
        "d_prediction": d_prediction[0],
        "dW2": found["dW2"],
        "dh": dh,
        "dz1": found["db1"],
        "dW1": found["dW1"],
        "lines": [{"formula": line, "value": value, "back": line.startswith("d")} for line, value in lines],
        "told": told,
        "says": told[stage],
    }
