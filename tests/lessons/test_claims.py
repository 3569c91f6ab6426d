"""What the lessons say in words, held against the steps' own code."""

import numpy as np
import pytest
import torch
from torch import nn

from groundup.data.images import load_builtin
from groundup.errors import UserError
from groundup.lessons import kit
from groundup.steps.diagnostics import compute_activation_stats, compute_gradient_stats, diagnose
from groundup.steps.initialisation import kaiming_init, xavier_init
from groundup.steps.neuron import neuron
from groundup.tasks.digits_model import Recogniser
from groundup.tasks.launch import launch
from groundup.training.reporting import Reporter


def send_signal(first, bend, layers=15, width=128):
    torch.manual_seed(0)
    model = nn.Sequential()
    for _ in range(layers):
        linear = nn.Linear(width, width, bias=False)
        linear.weight.data = first(width, width)
        model.extend([linear, bend()])
    x = torch.randn(256, width)
    return compute_activation_stats(model, x), compute_gradient_stats(model, x, torch.randn(256, width))


def test_large_weights_under_tanh_make_slopes_explode_though_the_spread_looks_steady():
    activations, slopes = send_signal(lambda i, o: torch.randn(o, i), nn.Tanh)
    assert diagnose(activations, slopes) == "exploding_gradients"
    assert activations[-1]["std"] == pytest.approx(activations[0]["std"], rel=0.1)
    assert slopes[0]["norm"] > 1000 * slopes[-1]["norm"]


def test_kaiming_carries_a_signal_through_forty_relus_and_xavier_loses_half_of_the_square_at_each():
    assert diagnose(*send_signal(kaiming_init, nn.ReLU, 40)) == "healthy"
    activations, _ = send_signal(xavier_init, nn.ReLU, 40)
    kept = (activations[-1]["std"] / activations[0]["std"]) ** (2 / 39)
    assert kept == pytest.approx(0.5, abs=0.05)


def test_a_second_weight_of_four_saturates_the_neuron():
    prediction = neuron(np.array([1.0, 2.0]), np.array([0.5, 4.0]), 0.1)
    assert prediction * (1 - prediction) < 0.02


def test_the_samples_of_the_digits_lesson_were_held_out(tmp_path):
    run, report = launch("digits", root=tmp_path, name="d", pairs=["epochs=1"], reporter=Reporter.silent())
    samples, unseen = kit.open_pictures(run, Recogniser.open(run).classes)
    assert unseen
    assert len(samples) == report.facts["test_pictures"] < len(load_builtin())
    run.update_config(data=str(tmp_path / "gone"))
    samples, unseen = kit.open_pictures(run, samples.classes)
    assert not unseen
    assert len(samples) == len(load_builtin())


def test_what_is_typed_is_no_markup():
    assert "<b>" not in kit.refuse(UserError("x <b> *y*")).text
    assert "<b>" not in kit.show_text("a ``` <b>").text
