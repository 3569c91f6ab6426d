import subprocess
import sys

import pytest
import torch

from groundup.steps.c4_training.optimisers import SGD, Adam


def make_parameters():
    torch.manual_seed(0)
    return [torch.nn.Parameter(torch.randn(3, 4, dtype=torch.float64)), torch.nn.Parameter(torch.randn(5).double())]


def step_along(optimizer, parameters, count, first=0):
    for step in range(first, first + count):
        optimizer.zero_grad()
        sum((parameter.sin() * (step + 1)).pow(2).sum() for parameter in parameters).backward()
        optimizer.step()


@pytest.mark.parametrize(
    ("make", "make_peer"),
    [
        (lambda p: Adam(p, 0.01), lambda p: torch.optim.Adam(p, 0.01)),
        (lambda p: Adam(p, 0.01, (0.8, 0.95)), lambda p: torch.optim.Adam(p, 0.01, (0.8, 0.95))),
        (lambda p: Adam(p, 0.01, weight_decay=0.1), lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1)),
        (lambda p: SGD(p, 0.01), lambda p: torch.optim.SGD(p, 0.01)),
        (lambda p: SGD(p, 0.01, momentum=0.9), lambda p: torch.optim.SGD(p, 0.01, momentum=0.9)),
    ],
)
def test_steps_equal_those_of_pytorch(make, make_peer):
    ours, theirs = make_parameters(), make_parameters()
    step_along(make(ours), ours, 30)
    step_along(make_peer(theirs), theirs, 30)
    for mine, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-12, atol=1e-14)


def test_a_parameter_without_a_gradient_stays():
    used, unused = make_parameters()
    before = unused.detach().clone()
    step_along(Adam([used, unused], 0.1), [used], 3)
    assert torch.equal(unused, before)


def test_state_goes_on_bit_for_bit():
    straight, broken = make_parameters(), make_parameters()
    step_along(Adam(straight, 0.01), straight, 9)
    first = Adam(broken, 0.01)
    step_along(first, broken, 4)
    second = Adam(broken, 0.01)
    second.load_state_dict(first.state_dict())
    step_along(second, broken, 5, first=4)
    assert all(torch.equal(mine, other) for mine, other in zip(broken, straight, strict=True))


def test_torch_compiler_stays_unimported():
    code = (
        "import sys, torch; from groundup.steps.c4_training.optimisers import Adam; "
        "w = torch.nn.Parameter(torch.ones(2)); "
        "o = Adam([w], 0.1); w.sum().backward(); o.step(); assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
