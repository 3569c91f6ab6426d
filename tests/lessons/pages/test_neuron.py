"""The neuron's views: their numbers are the step's, and the chain rule agrees with small changes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.neuron.views import MOST_STEPS, VIEWS
from groundup.steps.c3_networks.neuron import differentiate_neuron, neuron

numbers = st.floats(-3, 3)
WORKED = {"x1": 1.0, "x2": 2.0, "w1": 0.5, "w2": -0.5, "b": 0.1, "truth": 1.0}


@given(x1=numbers, x2=numbers, w1=numbers, w2=numbers, b=numbers, truth=st.floats(0, 1))
def test_the_factors_multiply_to_the_steps_gradient(x1, x2, w1, w2, b, truth):
    values = {"x1": x1, "x2": x2, "w1": w1, "w2": w2, "b": b, "truth": truth}
    frame = VIEWS["chain"].compute(**values, stage=7)
    dw, db = differentiate_neuron(np.array([x1, x2]), np.array([w1, w2]), b, truth)
    assert frame["error"] * frame["flatness"] == pytest.approx(frame["dz"], abs=1e-12)
    assert frame["dw"] == pytest.approx(dw)
    assert frame["db"] == db == frame["dz"]
    assert frame["z"] == pytest.approx(frame["products"].sum() + b)


def test_the_worked_example_says_what_the_text_says():
    frame = VIEWS["chain"].make_frame({**WORKED, "stage": 7})
    assert frame["prediction"] == pytest.approx(0.40131, abs=1e-5)
    assert frame["loss"] == pytest.approx(0.17921, abs=1e-5)
    assert frame["says"].endswith("∂loss/∂w₁ = −0.14384, ∂loss/∂w₂ = −0.28768, ∂loss/∂b = −0.14384.")


def test_small_gradients_keep_their_ratio_in_words():
    frame = VIEWS["chain"].make_frame({"w1": 4.0, "w2": 4.0, "truth": 0.0, "stage": 7})
    assert frame["says"].endswith("∂loss/∂w₁ = 5.56e−06, ∂loss/∂w₂ = 1.11e−05, ∂loss/∂b = 5.56e−06.")


def test_the_larger_input_has_the_larger_gradient_whatever_the_weights():
    frame = VIEWS["chain"].make_frame({**WORKED, "w1": 4.0, "w2": 0.1, "truth": 0.0})
    assert [f"{slope:.5f}" for slope in frame["dw"]] == ["0.01303", "0.02606"]
    asked = [values for view, values in load_text("neuron").settings if view == "chain" and values["w1"] == 4]
    assert asked[0] == {**WORKED, "w1": 4, "w2": 0.1, "truth": 0}  # with the truth 1 both slopes are negative


@pytest.mark.parametrize("weight", ["w1", "w2", "b"])
def test_a_smaller_change_gives_a_better_estimate(weight):
    gaps = [abs(f["estimate"] - f["exact"]) for f in (ask_nudge(weight, gap) for gap in (1.0, 0.1, 0.01))]
    assert gaps == sorted(gaps, reverse=True)
    assert ask_nudge("w1", 0.1)["estimate"] == pytest.approx(-0.14221, abs=1e-5)


def ask_nudge(weight, gap):
    return VIEWS["nudge"].make_frame({"weight": weight, "place": 0.5 if weight == "w1" else -0.5, "gap": gap})


def test_activations_have_the_slopes_of_the_text():
    frame = VIEWS["activation"].make_frame({"z": 0.0})
    assert (frame["sigmoid"]["slope"], frame["relu"]["slope"]) == (0.25, 0)
    assert VIEWS["activation"].make_frame({"z": 5.0})["sigmoid"]["slope"] == pytest.approx(0.0066, abs=5e-5)
    assert frame["says"].endswith(
        "ReLU is 0.0000 with slope 0.0000. ReLU has a corner here and so no slope; 0 is used."
    )
    for z, slope in ((0.1, 1), (-0.1, 0)):
        found = VIEWS["activation"].make_frame({"z": z})
        assert found["relu"]["slope"] == slope
        assert "corner" not in found["says"]


def test_learning_is_the_steps_descent_and_a_saturated_neuron_hardly_moves():
    frame = VIEWS["learn"].make_frame({"w1": 0.5, "w2": -0.5, "b": 0.1, "truth": 1.0, "rate": 1.0})
    assert len(frame["path"]) == MOST_STEPS + 1
    w, b, x = np.array([0.5, -0.5]), 0.1, np.array([1.0, 2.0])
    for row in frame["path"][:41]:
        assert row[1] == pytest.approx(neuron(x, w, b), rel=1e-5)
        dw, db = differentiate_neuron(x, w, b, 1.0)
        w, b = w - dw, b - db
    assert frame["path"][40][1] == pytest.approx(0.95069, abs=1e-5)
    sure = VIEWS["learn"].make_frame({"w1": 4.0, "w2": 4.0, "b": 0.1, "truth": 0.0, "rate": 1.0})["path"]
    assert sure[100][1] == pytest.approx(sure[0][1], abs=1e-6)
