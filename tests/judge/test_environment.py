"""Answers run as they run on the course's own site: names at hand, libraries absent, forbidden functions refused."""

import ast
import textwrap

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.isolation.fork_server import ForkServer
from groundup.judge.isolation.lending import USUAL, Absent, TensorType, allow_absence, lend, write_import
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.reading import choose_modules, find_unbound, list_imports

QUICK = CheckOptions(seed=1, share=0.2, naming_seconds=0.5)
SOFTMAX = "    powers = np.exp(z - np.max(z))\n    return powers / powers.sum()\n"


@pytest.fixture(scope="module")
def bare_fork_server():
    with ForkServer(["numpy"]) as warm:
        yield warm


@pytest.mark.parametrize(
    "head",
    [
        "import numpy as np",
        "from torchtyping import TensorType\nimport numpy as np",
        "from torchtyping import TensorType, patch_typeguard\npatch_typeguard()\nimport numpy as np",
        "import torch\nimport numpy as np",
        "import torch.nn as nn, torch.nn.functional as F\nimport numpy as np",
        "from sklearn.linear_model import LinearRegression\nimport numpy as np",
        "import matplotlib.pyplot as plt\nimport numpy as np\nplt.plot([1, 2])\nplt.show()\nplt.savefig('a.png')",
        "import a_library_that_is_nowhere\nimport numpy as np",
        "from a_library.that_is import nowhere\nimport numpy as np\nnothing: nowhere.Thing = None",
        "try:\n    import cupy as np\nexcept ImportError:\n    import numpy as np",
        "from typing import *\nfrom numpy import *\nimport numpy as np\ndef g(x: List[int]): pass",
    ],
)
def test_what_a_file_imports_makes_no_right_answer_wrong(head, bare_fork_server):
    verdict = judge(load_exercise("softmax"), f"{head}\ndef softmax(z):\n{SOFTMAX}", bare_fork_server, QUICK)
    assert verdict.accepted, verdict.to_json()


def test_an_import_in_a_function_is_loaded_before_its_limits_begin(bare_fork_server):
    source = f"def softmax(z):\n    import numpy as np, torch, sklearn.metrics\n{SOFTMAX}"
    assert judge(load_exercise("softmax"), source, bare_fork_server, QUICK).accepted


def test_what_is_not_installed_fails_where_it_is_used(bare_fork_server):
    source = f"import a_library_that_is_nowhere as lib, numpy as np\ndef softmax(z):\n    lib.f(z)\n{SOFTMAX}"
    verdict = judge(load_exercise("softmax"), source, bare_fork_server, QUICK)
    assert not verdict.accepted
    assert any("not installed here" in text for text in [*verdict.findings, *verdict.remarks])


@pytest.mark.parametrize("name", ["np", "math", "List", "Counter", "defaultdict", "NDArray", "Tuple", "deque"])
def test_usual_names_are_at_hand_with_a_remark(name, bare_fork_server):
    source = f"import numpy as np\nused = {name}\ndef softmax(z):\n{SOFTMAX}"
    source = source.replace("import numpy as np\n", "") if name == "np" else source
    verdict = judge(load_exercise("softmax"), source, bare_fork_server, QUICK)
    assert verdict.accepted, verdict.to_json()
    (remark,) = verdict.remarks
    assert f"It uses {name} without importing it." in remark
    assert write_import(name) in remark


def test_an_unknown_name_is_no_usual_name(bare_fork_server):
    verdict = judge(load_exercise("softmax"), "def softmax(z):\n    return expp(z)\n", bare_fork_server, QUICK)
    assert any("NameError" in finding for finding in verdict.findings)


def test_typing_of_the_course_works_on_modules(fork_server):
    source = textwrap.dedent("""
        import torch
        from torchtyping import TensorType

        class Solution:
            def reshape(self, to_reshape: TensorType[float]) -> TensorType["b", "t"]:
                M, N = to_reshape.shape
                return torch.round(torch.reshape(to_reshape, (M * N // 2, 2)), decimals=4)

            def average(self, to_avg: TensorType[float]) -> TensorType[float] | None:
                return torch.round(torch.mean(to_avg, dim=0), decimals=4)

            def concatenate(self, cat_one: TensorType[float], cat_two: TensorType[float]) -> TensorType[float]:
                return torch.round(torch.cat((cat_one, cat_two), dim=1), decimals=4)

            def get_loss(self, prediction: TensorType[float], target: TensorType[float]) -> TensorType[float]:
                return torch.round(torch.nn.functional.mse_loss(prediction, target), decimals=4)
    """)
    assert judge(load_exercise("tensors"), source, fork_server, QUICK).accepted


FORBIDDEN = {
    "layer-norm": [
        "import torch\ndef forward(x, g, b):\n    t = torch.tensor\n    return torch.nn.functional.layer_norm("
        "t(x), x.shape[-1:], t(g), t(b)).numpy()",
        "import torch\ndef forward(x, g, b):\n    t = torch.tensor\n    return torch.native_layer_norm("
        "t(x), x.shape[-1:], t(g), t(b), 1e-5)[0].numpy()",
        "import torch\ndef forward(x, g, b):\n    t = torch.tensor\n    f = getattr(torch, 'layer' + '_norm')\n"
        "    return f(t(x), x.shape[-1:], t(g), t(b)).numpy()",
        "import torch\ndef forward(x, g, b):\n    t = torch.tensor\n    return torch.ops.aten.layer_norm("
        "t(x), list(x.shape[-1:]), t(g), t(b)).numpy()",
        "from torch.nn.modules.normalization import LayerNorm as L\nimport torch\ndef forward(x, g, b):\n"
        "    return L(x.shape[-1])(torch.tensor(x).float()).detach().numpy() * g + b",
    ],
    "self-attention": [
        "import torch\nfrom torch import nn\nclass SingleHeadAttention(nn.Module):\n    def __init__(self, d, a):\n"
        "        super().__init__()\n"
        "        self.key, self.query, self.value = (nn.Linear(d, a, bias=False) for _ in 'kqv')\n"
        "    def forward(self, x):\n        f = torch._C._nn.scaled_dot_product_attention\n"
        "        return f(self.query(x), self.key(x), self.value(x), is_causal=True)",
    ],
    "gradient-clipping": [
        "import torch\nfrom torch.nn.utils.clip_grad import clip_grad_norm_ as shorten\n"
        "def clip_gradients(gradients, max_norm):\n    weights = [torch.nn.Parameter(g.clone()) for g in gradients]\n"
        "    for weight, g in zip(weights, gradients):\n        weight.grad = g.clone()\n"
        "    norm = shorten(weights, max_norm)\n    return [weight.grad for weight in weights], norm",
    ],
    "two-layer-backward": [
        "import torch\ndef forward_and_backward(x, W1, b1, W2, b2, y_true):\n"
        "    x, y, *weights = (torch.tensor(a, dtype=torch.float64) for a in (x, y_true, W1, b1, W2, b2))\n"
        "    def loss(W1, b1, W2, b2):\n"
        "        return ((W2 @ torch.relu(W1 @ x + b1) + b2 - y) ** 2).mean()\n"
        "    found = torch.func.jacfwd(loss, argnums=(0, 1, 2, 3))(*weights)\n"
        "    return {'loss': loss(*weights), **dict(zip(('dW1', 'db1', 'dW2', 'db2'), found))}",
    ],
}


@pytest.mark.parametrize(("name", "number"), [(name, i) for name in FORBIDDEN for i in range(len(FORBIDDEN[name]))])
def test_what_is_forbidden_is_refused_by_what_is_called_in_the_end(name, number, fork_server):
    verdict = judge(load_exercise(name), FORBIDDEN[name][number], fork_server, QUICK)
    assert not verdict.accepted
    assert "is what this exercise asks you to write: do without it." in verdict.headline


def test_a_forbidden_function_that_is_never_called_does_no_harm(fork_server):
    source = (
        "import numpy as np\nfrom torch.nn import LayerNorm\nfrom torch.nn.functional import layer_norm\n"
        "def forward(x, gamma, beta):\n    m, v = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)\n"
        "    return gamma * (x - m) / np.sqrt(v + 1e-5) + beta\n"
        "if __name__ == '__main__':\n    print(layer_norm)\n"
    )
    assert judge(load_exercise("layer-norm"), source, fork_server, QUICK).accepted


def test_groundup_itself_is_not_at_hand(bare_fork_server):
    for line in ("import groundup.steps.c3_networks.neuron", "from groundup.steps.c3_networks import neuron"):
        verdict = judge(load_exercise("softmax"), f"{line}\ndef softmax(z):\n{SOFTMAX}", bare_fork_server, QUICK)
        assert "groundup itself" in verdict.headline


def test_every_usual_name_can_be_lent_or_is_not_installed():
    lent = lend(list(USUAL))
    assert set(USUAL) - set(lent) <= {"pd", "plt"}
    assert lent["np"].__name__ == "numpy"


def test_the_stand_in_for_torchtyping_is_a_type_of_any_shape():
    import torch

    assert TensorType["batch", 3, float] is TensorType
    assert isinstance(torch.zeros(1), TensorType)
    assert not isinstance(3, TensorType)
    assert (TensorType | None) is TensorType


def test_a_stand_in_for_what_is_absent_can_be_named_and_not_used():
    import sys

    try:
        assert allow_absence({"nowhere_at_all.part"}) == {"nowhere_at_all"}
        import nowhere_at_all.part as part

        assert isinstance(sys.modules["nowhere_at_all.part"], Absent)
        assert part.thing[3] is not None
        with pytest.raises(ModuleNotFoundError, match=r"part\.thing is used, but nowhere_at_all is not installed"):
            part.thing(3)
    finally:
        for name in [name for name in sys.modules if name.startswith("nowhere_at_all")]:
            del sys.modules[name]


def test_reading_a_file():
    tree = ast.parse("import torch.optim as o\nfrom os import path\nclass A:\n    def f(self, x: B): return x + y\n")
    assert find_unbound(tree) == ["B", "y"]
    assert list_imports(tree) == ["os", "os.path", "torch.optim"]
    assert choose_modules(tree) == ["torch", "torch._dynamo", "torch.optim"]
    assert choose_modules(ast.parse("def f(x): return F.relu(x) + np.pi")) == ["torch.nn.functional"]


def test_what_is_too_large_to_be_sent_is_told(bare_fork_server):
    verdict = judge(
        load_exercise("softmax"),
        "def softmax(z):\n    return [0.5] * 200_000\n",
        bare_fork_server,
        CheckOptions(seed=1),
    )
    assert not verdict.accepted
    assert any("a value of more than 100,000 parts" in one for one in verdict.findings), verdict.findings
