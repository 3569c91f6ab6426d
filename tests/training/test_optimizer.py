"""The plain optimiser saves and loads as torch's does, and does not wake torch's compiler."""

import subprocess
import sys

import pytest
import torch

from groundup.training.optimizer import Optimizer


def make():
    parameters = [torch.nn.Parameter(torch.randn(3)) for _ in range(3)]
    return Optimizer([{"params": parameters[:2], "lr": 0.1}, {"params": parameters[2:], "lr": 0.2}]), parameters


def test_the_saved_state_is_of_torchs_form():
    optimizer, parameters = make()
    optimizer.state[parameters[2]]["mean"] = torch.ones(3)
    saved = optimizer.state_dict()
    assert [group["params"] for group in saved["param_groups"]] == [[0, 1], [2]]
    assert list(saved["state"]) == [2]
    other, others = make()
    saved["param_groups"][0]["lr"] = 0.5
    other.load_state_dict(saved)
    assert other.param_groups[0]["lr"] == 0.5
    assert other.param_groups[0]["params"][1] is others[1]
    other.state[others[2]]["mean"].zero_()
    assert optimizer.state[parameters[2]]["mean"].equal(torch.ones(3))


def test_gradients_are_forgotten():
    optimizer, parameters = make()
    parameters[1].grad = torch.ones(3)
    optimizer.zero_grad()
    assert all(parameter.grad is None for parameter in parameters)


def test_other_groups_are_refused():
    optimizer, _ = make()
    saved = optimizer.state_dict()
    saved["param_groups"][0]["params"] = [0]
    with pytest.raises(ValueError, match=r"\[1, 1\] parameters"):
        optimizer.load_state_dict(saved)


def test_the_compiler_sleeps():
    script = (
        "import sys, torch; from groundup.training.muon import Muon\n"
        "p = torch.nn.Parameter(torch.ones(2, 2)); m = Muon([p]); m.zero_grad(); p.grad = torch.ones(2, 2); m.step()\n"
        "print('torch._dynamo' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
