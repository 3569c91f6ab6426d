"""What the views of many features show: a table times weights, and the weights that training finds."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float

from groundup.data.tables.cohort import draw_cohort
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Several, Slider, View
from groundup.steps.c2_regression.regression import differentiate, measure_error, predict, train_with_bias

FEATURES = {"height at ten": "height_10", "father": "father_height", "mother": "mother_height"}
MOST_STEPS = 60
START = 170.0  # the bias before the training, in cm: near the average


def _enclose(number: float) -> str:
    return f"{number:.2f}" if number >= 0 else f"({number:.2f})"


@lru_cache(maxsize=1)
def read_children() -> tuple[Float[np.ndarray, "child feature"], Float[np.ndarray, " child"]]:
    """Return three standardized features of 2,000 simulated children, and their adult heights in cm."""
    columns, _ = draw_cohort(2000, seed=1)
    table = np.stack([columns[name] for name in FEATURES.values()], axis=1)
    return (table - table.mean(0)) / table.std(0), columns["adult_height"]


def compute_people(height_10: float, father: float, mother: float, bias: float, row: int) -> dict[str, Any]:
    """Return five people's features times weights.

    Returns
    -------
    dict
        ``X``, shape (5, 3): the features in standard deviations; ``weights`` (3,), ``bias``; ``products`` (5, 3);
        ``predictions`` and ``truth`` (5,) in cm; ``error``, the mean squared error of all 2,000; ``origins``: where the
        predictions come from; ``says``.
    """
    X, truth = read_children()
    weights = np.array([height_10, father, mother])
    predictions = predict(X, weights, bias)
    error = measure_error(predictions, truth)
    first = X[:5]
    now = max(1, row) - 1
    origins = {}
    for child, numbers in enumerate(first):
        terms = [
            [Factor(name, float(x), f"x{child}_{column}"), Factor("its weight", float(w), f"w{column}")]
            for column, (name, x, w) in enumerate(zip(FEATURES, numbers, weights, strict=True))
        ]
        name, value = f"prediction ŷ for child {child + 1}", float(predictions[child])
        origins[f"y{child}"] = trace_sum(name, value, *terms, [Factor("bias", bias, "w3")])
    products = " + ".join(f"{_enclose(x)} · {_enclose(w)}" for x, w in zip(first[now], weights, strict=True))
    return {
        "X": first,
        "weights": weights,
        "bias": bias,
        "products": first * weights,
        "predictions": predictions[:5],
        "truth": truth[:5],
        "error": error,
        "origins": origins,
        "says": (
            f"Row {now + 1}: {products} + {bias:.1f} = {predictions[now]:.1f} cm. The typical error over all 2,000 "
            f"children is {np.sqrt(error):.2f} cm."
        ).replace("-", "−"),
    }


@lru_cache(maxsize=128)
def walk(columns: tuple[int, ...], rate: float) -> tuple[Float[np.ndarray, "step feature"], Float[np.ndarray, " step"]]:
    """Return the weights and the bias before each step of gradient descent on these columns, and after the last."""
    X, truth = read_children()
    weights, bias = np.zeros(len(columns)), START
    path = [(weights, bias)]
    for _ in range(MOST_STEPS):
        weights, bias = train_with_bias(X[:, columns], truth, 1, weights, bias, rate)
        path.append((weights, bias))
    return np.array([weights for weights, _ in path]), np.array([bias for _, bias in path])


def compute_weights(features: list[str], rate: float, steps: int) -> dict[str, Any]:
    """Return the weights of the chosen features after some steps, trained on all 2,000 children.

    Returns
    -------
    dict
        ``names``: of all features; ``weights`` and ``slopes``: of each, ``None`` where it is not chosen; ``bias``;
        ``typical``: the typical error in cm before each step so far and after the last; ``origins`` of the slopes,
        d and the feature's place, where there is another step; ``says``.
    """
    X, truth = read_children()
    columns = tuple(place for place, name in enumerate(FEATURES) if name in features)
    all_weights, biases = walk(columns, rate)
    table = X[:, columns]
    now, bias = all_weights[steps], float(biases[steps])
    prediction = predict(table, now, bias)
    slopes = differentiate(prediction, truth, table)
    typical = [
        float(np.sqrt(measure_error(predict(table, weights, float(one)), truth)))
        for weights, one in zip(all_weights[: steps + 1], biases[: steps + 1], strict=True)
    ]
    found = dict(zip(columns, zip(now.tolist(), slopes.tolist(), strict=True), strict=True))
    error = truth - prediction
    origins = {}
    for place, (_, value) in found.items():
        name = list(FEATURES)[place]
        mean = float(np.mean(error * X[:, place]))
        terms = [Factor("−2", -2.0), Factor(f"mean of error × {name}", mean)]
        origins[f"d{place}"] = trace_sum(f"slope along the weight of {name}", value, terms)
    told = ", ".join(f"{name} {found[place][0]:.2f}" for place, name in enumerate(FEATURES) if place in found)
    says = f"After {steps} step{'s' * (steps != 1)} the typical error is {typical[-1]:.2f} cm. Weights: {told}."
    return {
        "names": list(FEATURES),
        "weights": [found.get(place, (None, None))[0] for place in range(len(FEATURES))],
        "slopes": [found.get(place, (None, None))[1] for place in range(len(FEATURES))],
        "bias": bias,
        "typical": typical,
        "origins": origins,
        "says": says.replace("-", "−"),
    }


VIEWS = {
    "people": View(
        "A table of people times a list of weights",
        compute_people,
        (
            Slider("height_10", "w for height at ten", 1.0, low=-8.0, high=8.0, step=0.01),
            Slider("father", "w for father", 1.0, low=-8.0, high=8.0, step=0.01),
            Slider("mother", "w for mother", 1.0, low=-8.0, high=8.0, step=0.01),
            Slider("bias", "bias b", 170.0, low=150.0, high=190.0, step=0.01),
            Slider("row", "row", 1, low=1, high=5, step=1, plays=True),
        ),
    ),
    "weights": View(
        "The weight that training finds for each feature",
        compute_weights,
        (
            Several("features", "features", ("father",), tuple(FEATURES)),
            Slider("rate", "learning rate α", 0.2, low=0.01, high=0.6, step=0.01),
            Slider("steps", "steps", MOST_STEPS, low=0, high=MOST_STEPS, step=1, plays=True),
        ),
    ),
}
