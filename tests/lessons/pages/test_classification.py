"""Yes or no: border, counts and losses are those of the step."""

import numpy as np
import pytest
from opened_numbers import check_origins

from groundup.lessons.pages.classification.views import (
    PAIRS,
    RATE,
    THRESHOLDS,
    VIEWS,
    count_cases,
    read_tumours,
    score_tumours,
)
from groundup.steps.c2_regression import logistic, regression

BORDER, LINE, SURPRISE, ROC = (VIEWS[name].make_frame for name in ("border", "line", "surprise", "roc"))


@pytest.mark.parametrize("features", PAIRS)
@pytest.mark.parametrize("steps", [0, 5, 200])
def test_the_neuron_is_the_trained_one_and_the_counts_add_up(features, steps):
    frame = BORDER({"features": features, "steps": steps, "threshold": 0.3})
    columns, truth = read_tumours()
    table = np.stack([columns[name] for name in PAIRS[features]], axis=1)
    X = (table - table.mean(0)) / table.std(0)
    weights, bias = logistic.train(X, truth, steps, RATE)
    assert frame["weights"] == pytest.approx(weights, rel=1e-4)
    probability = logistic.predict(X, weights, bias)
    assert frame["loss"] == pytest.approx(logistic.log_loss(probability, truth), rel=1e-4)
    assert frame["found"] + frame["overlooked"] == 212
    assert frame["alarms"] + frame["cleared"] == 357
    assert {key: frame[key] for key in count_cases(probability >= 0.3, truth)} == count_cases(probability >= 0.3, truth)


@pytest.mark.parametrize(("steps", "threshold"), [(200, 0.5), (200, 0.98), (0, 0.5), (0, 0.6), (5, 0.02)])
def test_a_count_opens_to_its_tumours_and_a_share_to_the_counts(steps, threshold):
    frame = BORDER({"steps": steps, "threshold": threshold})
    check_origins(frame)
    kinds, origins = np.array(frame["cells"]), frame["origins"]
    truth, probabilities = (np.array([row[column] for row in frame["points"]]) for column in (2, 4))
    for key, inside in (
        ("found", truth == 1),
        ("overlooked", truth == 1),
        ("alarms", truth == 0),
        ("cleared", truth == 0),
    ):
        called = key in ("found", "alarms")
        assert frame[key] == origins[key]["value"] == (kinds == key).sum()
        assert (inside & ((probabilities >= threshold) == called) == (kinds == key)).all()
        named = [factor["key"] for term in origins[key]["terms"] for factor in term["factors"] if "key" in factor]
        places = [int(name[1:]) for name in named]
        assert len(places) == min(frame[key], 9 if frame[key] <= 9 else 8)
        assert (kinds[places] == key).all()
        away = np.abs(probabilities - threshold)
        assert not places or max(away[places]) <= np.sort(away[kinds == key])[len(places) - 1] + 1e-9
    found, overlooked, alarms, cleared = (frame[key] for key in ("found", "overlooked", "alarms", "cleared"))
    assert frame["accuracy"] == pytest.approx((found + cleared) / 569, rel=1e-5)
    assert frame["recall"] == pytest.approx(found / (found + overlooked), rel=1e-5)
    if found + alarms:
        assert frame["precision"] == pytest.approx(found / (found + alarms), rel=1e-5)
    else:
        assert frame["precision"] is None
        assert "precision" not in origins


def test_the_border_is_where_the_probability_is_the_threshold():
    frame = BORDER({"threshold": 0.2})
    columns, _ = read_tumours()
    table = np.stack([columns[name] for name in PAIRS["radius and texture"]], axis=1)
    weights, bias = np.array(frame["weights"]), frame["bias"]
    places = [*frame["border"], *(row[1:] for row in frame["rail"] if row[0] == 0.2)]
    X = (np.array(places) - table.mean(0)) / table.std(0)
    assert logistic.predict(X, weights, bias) == pytest.approx([0.2] * len(places), abs=1e-3)
    assert BORDER({"steps": 0})["border"] == []


def test_the_numbers_of_the_text():
    frame = BORDER({})
    assert [frame[key] for key in ("found", "overlooked", "alarms", "cleared")] == [173, 39, 23, 334]
    shares = [frame[key] for key in ("accuracy", "precision", "recall")]
    assert shares == pytest.approx([0.891, 0.883, 0.816], abs=5e-4)
    assert frame["right"] == frame["accuracy"]
    assert frame["weights"][1] == pytest.approx(0.93, abs=0.005)
    assert np.exp(frame["weights"][1]) == pytest.approx(2.5, abs=0.05)
    lower = BORDER({"threshold": 0.2})
    assert (lower["overlooked"], lower["alarms"]) == (14, 70)
    assert LINE({})["largest"] == pytest.approx(1.77, abs=0.005)
    assert LINE({})["overlooked"][0] == 63
    far = LINE({"extra": 20, "radius": 60.0})
    assert far["borders"] == pytest.approx([19.7, 14.75], abs=0.05)
    assert far["overlooked"][0] == 162


def test_the_line_and_the_curve_are_where_long_training_ends():
    columns, truth = read_tumours()
    radius = columns["mean radius"]
    X = ((radius - radius.mean()) / radius.std())[:, None]
    frame = LINE({})
    at = [(row[0] - radius.mean()) / radius.std() for row in frame["curve"]]
    weights, bias = logistic.train(X, truth, 3000, 1.0)
    assert [row[1] for row in frame["curve"]] == pytest.approx(
        logistic.predict(np.array(at)[:, None], weights, bias), abs=1e-4
    )
    line, base = regression.train_with_bias(X, truth, 2000)
    assert [row[1] for row in frame["line"]] == pytest.approx(
        regression.predict(np.array(at)[:, None], line, base), abs=1e-4
    )


@pytest.mark.parametrize("score", [-8.0, -6.0, 0.3, 8.0])
def test_slopes_are_the_derivatives_of_the_losses(score):
    frame = SURPRISE({"score": score})
    for name, row in zip(("log", "square"), frame["at"], strict=True):
        curve = np.array(frame[name])
        known = np.interp(score, curve[:, 0], np.gradient(curve[:, 1], curve[:, 0]))
        assert row[2] == pytest.approx(known, abs=0.01)
    if score == -6:
        assert [row[2] for row in frame["at"]] == pytest.approx([-0.9975, -0.0049], abs=1e-4)


def test_the_slope_of_the_sigmoid_and_the_odds_are_those_of_the_text():
    p = logistic.sigmoid(np.array([0.0, 0.1]))
    assert p[1] == pytest.approx(0.52498, abs=5e-6)
    assert (p[1] - p[0]) / 0.1 == pytest.approx(0.2498, abs=5e-5)
    scores = np.linspace(-5, 5, 11)
    p = logistic.sigmoid(scores)
    h = 1e-5
    assert (logistic.sigmoid(scores + h) - logistic.sigmoid(scores - h)) / (2 * h) == pytest.approx(p * (1 - p))
    assert p / (1 - p) == pytest.approx(np.exp(scores))


def test_the_slopes_of_the_question_on_a_sure_mistake():
    assert [row[2] for row in SURPRISE({"score": 0.0})["at"]] == pytest.approx([-0.5, -0.25])
    assert [row[2] for row in SURPRISE({"score": -6.0})["at"]] == pytest.approx([-0.9975, -0.0049], abs=5e-5)
    rows = SURPRISE({})
    for kind in ("log", "square"):
        steeper = [row[2] for row in rows[kind] if row[0] >= 0]
        assert steeper == sorted(steeper)


@pytest.mark.parametrize("features", PAIRS)
def test_the_roc_curve_goes_through_every_threshold_and_its_area_is_the_share_of_pairs_in_order(features):
    frame = ROC({"features": features, "threshold": 0.3})
    curve = np.array(frame["curve"])
    assert (curve[0].tolist(), curve[-1].tolist()) == ([0, 0], [1, 1])
    assert (np.diff(curve, axis=0) >= 0).all()
    area = np.sum(np.diff(curve[:, 0]) * (curve[1:, 1] + curve[:-1, 1]) / 2)
    assert frame["area"] == pytest.approx(area, abs=1e-4)
    _, truth = read_tumours()
    probability = score_tumours(features)
    for threshold, alarms, found in frame["rail"]:
        called = probability >= threshold
        assert (alarms, found) == pytest.approx((called[truth == 0].mean(), called[truth == 1].mean()), rel=1e-4)
        assert np.abs(curve - [alarms, found]).sum(axis=1).min() < 1e-5
    assert [row[0] for row in frame["rail"]] == THRESHOLDS.tolist()
    border = BORDER({"features": features, "threshold": 0.3})
    assert (frame["found"], frame["precision"]) == (border["recall"], border["precision"])
    assert check_origins(frame) == 4


def test_the_areas_of_the_text():
    areas = [ROC({"features": features})["area"] for features in PAIRS]
    assert areas == pytest.approx([0.952, 0.978, 0.834], abs=5e-4)
    frame = ROC({})
    assert (frame["found"], frame["alarms"]) == pytest.approx((0.816, 0.064), abs=5e-4)
