"""A learner's file as a part: rounding lets gradients through, seeds are not set, and the library stays as it is."""

import textwrap

import pytest
import torch

from groundup.base.errors import UserError
from groundup.parts.source import describe_changes, load_part
from groundup.parts.trials import try_function, try_module

ROUNDED = [
    "import torch\ndef f(x):\n    return torch.round(2 * x, decimals=1)",
    "import torch\ndef f(x):\n    return (2 * x).round(decimals=1)",
    "from torch import round\ndef f(x):\n    return round(2 * x, decimals=1)",
    "import torch as t\ndef f(x):\n    y = 2 * x\n    return t.round(y, decimals=1)",
]


@pytest.mark.parametrize("source", ROUNDED)
def test_rounding_in_a_part_lets_gradients_through(source):
    f = load_part(source)["f"]
    x = torch.tensor([0.123, 4.567], requires_grad=True)
    f(x).sum().backward()
    assert f(x).tolist() == pytest.approx([0.2, 9.1])
    assert x.grad.tolist() == [2.0, 2.0]
    assert "rounds" in describe_changes(source)[0]
    y = torch.tensor([0.4], requires_grad=True)
    torch.round(y).sum().backward()
    assert y.grad.item() == 0.0, "outside of parts rounding stays as it is"


@pytest.mark.parametrize(
    "line",
    ["torch.manual_seed(0)", "import torch as t; t.manual_seed(0)", "from torch import manual_seed; manual_seed(0)"],
)
def test_a_seed_in_a_part_changes_nothing(line):
    f = load_part(f"import torch\ndef f(x):\n    {line}\n    return torch.rand(1)")["f"]
    torch.manual_seed(5)
    wanted = torch.rand(3).tolist()
    torch.manual_seed(5)
    assert [f(0).item() for _ in range(3)] == wanted


def test_rounding_of_numbers_and_seeds_of_own_generators_stay():
    source = """
        import numpy as np, torch
        def f(x):
            generator = torch.Generator()
            generator.manual_seed(3)
            return round(1.26, 1), np.round(1.26, 1), np.array([1.26]).round(1), torch.rand(1, generator=generator)
    """
    first, second, third, drawn = load_part(textwrap.dedent(source))["f"](0)
    assert (first, second, third.tolist()) == (1.3, 1.3, [1.3])
    assert drawn == torch.rand(1, generator=torch.Generator().manual_seed(3))


TRIED = {
    "embedding": (
        "lambda table, ids: __import__('numpy').round(table.detach().numpy()[ids.numpy()], 5)",
        "returns a ndarray",
    ),
    "linear": ("lambda x, w, b: x @ w.detach().T + b", "does not reach all"),
    "loss": ("lambda logits, targets: logits.detach().logsumexp(1).mean()", "no gradient goes through"),
    "dropout": ("lambda x, p, training: x[0]", "shape"),
}


@pytest.mark.parametrize("part", TRIED)
def test_what_cannot_stand_in_a_model_is_refused_in_one_line(part):
    code, words = TRIED[part]
    with pytest.raises(UserError, match=words) as caught:
        try_function(part, eval(code), f"{part}=mine.py")
    assert str(caught.value).startswith(f"--with {part}=mine.py: right as an answer, but no part of a model: ")
    assert "\n" not in str(caught.value)


def test_a_module_whose_gradients_fail_is_refused():
    class Adds(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.layer = torch.nn.LayerNorm(4), torch.nn.Linear(4, 4)

        def forward(self, x):
            x = x + 1
            x += self.layer(self.norm(x))
            return x

    with pytest.raises(UserError, match="gradients cannot be computed"):
        try_module(Adds(), "block=mine.py", torch.randn(2, 4, 4))
