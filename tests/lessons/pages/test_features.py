"""Many features: the products and the slopes are the step's, and the text's weights are those that training finds."""

import numpy as np
import pytest
from opened_numbers import check_origins

from groundup.lessons.pages.features.views import MOST_STEPS, START, VIEWS, read_children
from groundup.steps.c2_regression.regression import (
    differentiate,
    differentiate_one_weight,
    measure_error,
    predict,
    train_with_bias,
)

PEOPLE, WEIGHTS = (VIEWS[name].make_frame for name in ("people", "weights"))
NAMES = ["height at ten", "father", "mother"]


def test_the_small_matrix_product_and_its_transpose():
    X = np.array([[4.0, 1.0], [-2.0, 3.0], [0.0, 5.0]])
    assert predict(X, np.array([0.5, 2.0])).tolist() == [4, 5, 10]
    error = np.array([1.0, 2.0, -1.0])
    assert (X.T @ error).tolist() == [0, 2]
    slopes = differentiate(np.zeros(3), error, X)
    assert slopes == pytest.approx([-2 / 3 * 0, -2 / 3 * 2])
    assert [differentiate_one_weight(np.zeros(3), error, X, column) for column in (0, 1)] == pytest.approx(slopes)


def test_a_row_times_the_weights_is_the_prediction():
    X, truth = read_children()
    weights, bias = train_with_bias(X, truth, 500, learning_rate=0.1)
    assert weights == pytest.approx([4.92, 1.12, 0.89], abs=0.005)
    assert "0.45 · 1.00 + (−0.61) · 1.00" in PEOPLE({"row": 5})["says"]
    frame = PEOPLE(dict(zip(("height_10", "father", "mother", "bias"), (*map(float, weights), bias), strict=True)))
    sums = np.array(frame["products"]).sum(axis=1) + bias
    np.testing.assert_allclose(frame["predictions"], sums, rtol=1e-5)
    assert frame["error"] == pytest.approx(measure_error(predict(X, weights, bias), truth), rel=1e-5)


@pytest.mark.parametrize("columns", [[0], [1, 2], [0, 1, 2]])
def test_the_weights_and_slopes_are_those_of_the_training(columns):
    X, truth = read_children()
    frame = WEIGHTS({"features": [NAMES[column] for column in columns], "steps": 7, "rate": 0.2})
    weights, bias = train_with_bias(X[:, columns], truth, 7, np.zeros(len(columns)), START, 0.2)
    assert [frame["weights"][column] for column in columns] == pytest.approx(weights.tolist(), rel=1e-4)
    assert [place for place, weight in enumerate(frame["weights"]) if weight is None] == sorted({0, 1, 2} - {*columns})
    prediction = predict(X[:, columns], weights, bias)
    slopes = differentiate(prediction, truth, X[:, columns])
    assert [frame["slopes"][column] for column in columns] == pytest.approx(slopes.tolist(), rel=1e-4)
    assert frame["typical"][-1] ** 2 == pytest.approx(measure_error(prediction, truth), rel=1e-4)
    assert len(frame["typical"]) == 8
    assert check_origins(frame) == len(columns)


@pytest.mark.parametrize(
    ("features", "weights", "typical"),
    [
        (["father"], [3.45], 8.83),
        (["father", "mother"], [2.76, 2.53], 8.49),
        (["height at ten"], [5.78], 7.52),
        (NAMES, [4.92, 1.12, 0.89], 7.40),
    ],
)
def test_what_a_feature_adds_depends_on_the_others_as_the_text_says(features, weights, typical):
    frame = WEIGHTS({"features": features, "steps": MOST_STEPS})
    assert [weight for weight in frame["weights"] if weight is not None] == pytest.approx(weights, abs=0.005)
    assert frame["typical"][-1] == pytest.approx(typical, abs=0.005)


def test_without_any_feature_the_typical_error_is_the_standard_deviation():
    assert read_children()[1].std() == pytest.approx(9.5, abs=0.05)
