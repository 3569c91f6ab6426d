"""What a classifier makes small: probabilities, slopes and losses are those of the steps and of PyTorch."""

import itertools
import math

import numpy as np
import pytest
import torch

from groundup.lessons.pages.losses import views
from groundup.lessons.pages.losses.views import STEPS, STEPS_PER_FRAME, VIEWS, measure, write_share
from groundup.steps.c3_networks import neuron

BARS, SQUASHED = (VIEWS[name].make_frame for name in ("bars", "squashed"))


@pytest.mark.parametrize("right", ["cat", "dog", "owl"])
@pytest.mark.parametrize("shift", [-50, 0, 50])
def test_the_slope_is_the_probability_less_the_truth_whatever_is_added_to_all(right, shift):
    frame = BARS({"cat": 1.0, "dog": 2.0, "owl": -1.0, "right": right, "shift": shift})
    truth = [float(name == right) for name in frame["names"]]
    assert frame["probabilities"] == pytest.approx([0.2595, 0.7054, 0.0351], abs=5e-5)
    assert np.array(frame["slopes"]) == pytest.approx(np.array(frame["probabilities"]) - truth, abs=1e-5)
    assert sum(frame["slopes"]) == pytest.approx(0, abs=1e-5)
    assert frame["powers"] == pytest.approx([math.exp(logit) for logit in frame["logits"]], rel=1e-4)
    assert [power / frame["total"] for power in frame["powers"]] == pytest.approx(frame["probabilities"], rel=1e-4)
    assert frame["loss"] == pytest.approx(-math.log(frame["probabilities"][frame["right"]]), rel=1e-4)


def test_a_share_in_the_sentence_has_the_digits_of_the_bars():
    assert [write_share(share) for share in (0.25946, 0.0247, 0.000614)] == ["25.9%", "2.5%", "0.061%"]
    assert BARS({})["says"].startswith("The cat has a probability of 25.9%.")


def test_the_formulas_of_the_text():
    z = np.array([1.0, 2.0, -1.0])
    powers = np.exp(z - z.max())
    p = powers / powers.sum()
    assert neuron.softmax(z) == pytest.approx(p)
    assert neuron.softmax(z[:2])[0] == pytest.approx(neuron.sigmoid(z[:1] - z[1:2])[0])
    right, one_hot = 0, np.array([[1.0, 0.0, 0.0]])
    assert neuron.categorical_cross_entropy(one_hot, p[None]) == pytest.approx(-np.log(p[right]))
    assert np.log(np.exp(z).sum()) - z[right] == pytest.approx(-np.log(p[right]))


def test_the_numbers_of_the_text():
    assert BARS({})["loss"] == pytest.approx(1.349, abs=5e-4)
    step = BARS({"cat": 1.7405, "dog": 1.2946, "owl": -1.0351})
    assert (step["probabilities"][0], step["loss"]) == pytest.approx((0.5874, 0.5321), abs=5e-5)
    assert BARS({"cat": 0.0, "dog": 0.0, "owl": 0.0})["loss"] == pytest.approx(1.0986, abs=5e-5)
    assert BARS({"cat": -6.0, "dog": 6.0, "owl": 0.0})["slopes"][2] == pytest.approx(0.0025, abs=5e-5)
    frame = SQUASHED({"score": -10.0, "classes": 10})
    assert [row[2] for row in frame["at"]] == pytest.approx([0.985, 0.00004], rel=0.05)
    assert frame["floor"] == pytest.approx(1.4612, abs=1e-4)
    assert SQUASHED({"score": 10.0, "classes": 20})["floor"] == pytest.approx(2.078, abs=5e-4)


@pytest.mark.parametrize("classes", [2, 10, 20])
def test_the_curves_are_the_losses_of_pytorch(classes):
    frame = SQUASHED({"score": 3.0, "classes": classes})
    for name, squash in (("plain", lambda z: z), ("squashed", torch.sigmoid)):
        for score, loss, slope in frame[name][::20]:
            logits = torch.full((1, classes), -8.0, dtype=torch.float64)
            logits[0, 0] = score
            logits.requires_grad_()
            expected = torch.nn.functional.cross_entropy(squash(logits), torch.tensor([0]))
            expected.backward()
            assert loss == pytest.approx(expected.item(), rel=1e-4, abs=1e-6)
            assert slope == pytest.approx(abs(logits.grad[0, 0].item()), rel=1e-4, abs=1e-6)
    assert min(row[1] for row in frame["squashed"]) > frame["floor"]


def test_the_race_begins_equal_and_the_sigmoid_falls_behind():
    frames = list(itertools.islice(VIEWS["race"].make_frames({}), 11))
    assert frames[0]["losses"] == []
    assert frames[0]["right"][0][1] == frames[0]["right"][0][2]
    assert frames[1]["losses"][0][1:] == pytest.approx([math.log(10)] * 2, abs=1e-4)
    last = frames[-1]
    assert last["steps"] == 10 * STEPS_PER_FRAME <= STEPS
    assert last["losses"][-1][1] < last["losses"][-1][2]
    assert last["right"][-1][1] > last["right"][-1][2]


@pytest.mark.parametrize(
    ("rate", "right", "losses"), [(0.1, [0.950, 0.909], [0.197, 1.74]), (1.0, [0.952, 0.947], [0.04, 1.55])]
)
def test_most_of_what_the_sigmoid_costs_in_the_race_is_the_length_of_its_steps(rate, right, losses):
    *_, last = VIEWS["race"].make_frames({"rate": rate})
    assert last["steps"] == STEPS
    assert last["right"][-1][1:] == pytest.approx(right, abs=0.004)  # one of 397 pictures may be another processor's
    assert last["losses"][-1][1:] == pytest.approx(losses, abs=0.005)
    assert VIEWS["race"].controls[0].high == 1.0


def test_the_slope_of_the_sigmoid_is_a_factor_of_every_gradient_and_at_most_a_quarter():
    logits = torch.linspace(-4, 4, 9, dtype=torch.float64)[:, None] * torch.tensor([1.0, 0.5, -1.0])
    _, squashed = measure(logits, 0, squashed=True)
    _, plain = measure(torch.sigmoid(logits), 0, squashed=False)
    factor = squashed / plain
    torch.testing.assert_close(factor, torch.sigmoid(logits) * torch.sigmoid(-logits))
    assert factor.max() == 0.25


def test_the_page_does_not_wait_for_the_digits_of_its_last_picture(monkeypatch):
    def refuse():
        pytest.fail("the page reads the digits")

    views.load_digits.cache_clear()
    monkeypatch.setattr(views, "load_builtin", refuse)
    for view in VIEWS.values():
        if not view.lazy:
            view.make_first_frame()
