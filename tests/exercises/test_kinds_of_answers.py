"""Kinds of answers that are easily judged wrongly: right ones in odd clothes, wrong ones with right values."""

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.judging import CheckOptions, judge

EFFORT = CheckOptions(seed=3, shrink_seconds=0.03, naming_seconds=20.0, share=0.3)
DIGITS = """
import torch
from torch import nn

class Solution(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(784, 512), nn.Linear(512, 10)
        self.drop = nn.Dropout(0.2)

    def forward(self, pictures):
        return torch.sigmoid(self.out(self.drop(torch.relu(self.hidden(pictures)))))
"""
HEAD = """
import torch
from torch import nn

class SingleHeadAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, head, bias=False) for _ in range(3))

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.mT / k.shape[-1] ** 0.5
        visible = torch.ones(x.shape[1], x.shape[1]).tril() == 1
        return scores.masked_fill(~visible, float("-inf")).softmax(-1) @ v
"""
FEELING = """
import torch
from torch import nn

class Solution(nn.Module):
    def __init__(self, words):
        super().__init__()
        self.table, self.out = nn.Embedding(words, 16), nn.Linear(16, 1)

    def forward(self, ids):
        return torch.sigmoid(self.out(self.table(ids).mean(1)))
"""
SAMPLER = """
import torch

def sample(logits, temperature, top_k):
    kept = logits if top_k is None else logits.masked_fill(logits < logits.topk(top_k).values[-1], -torch.inf)
    token = kept.argmax() if temperature == 0 else torch.multinomial((kept / temperature).softmax(0), 1)[0]
    return token
"""
UNUSED = ("super().__init__()\n", "super().__init__()\n        self.spare = nn.Linear(3, 3)\n")
# Exercise, source, a word of the remark.
RIGHT = {
    "arrays of one text": (
        "embedding",
        "import numpy as np\n\ndef lookup(embeddings, ids):\n"
        "    found = np.empty((ids.size, embeddings.shape[1]))\n"
        "    for place, number in enumerate(ids):\n        found[place] = embeddings[number]\n"
        "    return found.round(5)\n",
        "one text",
    ),
    "a layer never used": ("digits-network", DIGITS.replace(*UNUSED), "spare is made and never used"),
    "a layer never used in a head": ("self-attention", HEAD.replace(*UNUSED), "spare is made and never used"),
    "an array for a tensor": (
        "digits-network",
        DIGITS.replace("pictures)))))", "pictures))))).detach().numpy()"),
        "NumPy",
    ),
    "an array for a score": ("sentiment-model", FEELING.replace(".mean(1)))", ".mean(1))).detach().numpy()"), "NumPy"),
    "a list for a score": ("sentiment-model", FEELING.replace(".mean(1)))", ".mean(1))).tolist()"), "a list"),
    "a float for a token": (
        "sampling",
        SAMPLER.replace("return token", "return float(token)"),
        "float that is no integer",
    ),
    "a name of the site": (
        "regression-forward",
        "def get_model_prediction(X: NDArray, weights: List[float]) -> NDArray:\n"
        "    return np.array(X) @ np.array(weights)\n\n"
        "def get_error(model_prediction, ground_truth):\n"
        "    return np.square(np.subtract(model_prediction, ground_truth)).mean()\n",
        "without importing",
    ),
}
# Exercise, source, what the verdict says: a name or a part of a finding.
WRONG = {
    "no gradient along the weight": (
        "linear",
        "def linear(x, weight, bias):\n    return x @ weight.detach().T + bias\n",
        "no gradient",
    ),
    "half a gradient": (
        "loss-from-logits",
        "import torch\n\ndef cross_entropy(logits, target):\n    rows = torch.arange(len(target))\n"
        "    return (logits.detach().logsumexp(1) - logits[rows, target]).mean()\n",
        "no gradient through the sum",
    ),
    "a number for a loss": (
        "loss-from-logits",
        "import torch\n\ndef cross_entropy(logits, target):\n    rows = torch.arange(len(target))\n"
        "    return float((logits.logsumexp(1) - logits[rows, target]).mean())\n",
        "no gradient",
    ),
    "a rounded loss": (
        "loss-from-logits",
        "import torch\n\ndef cross_entropy(logits, target):\n    rows = torch.arange(len(target))\n"
        "    return ((logits.logsumexp(1) - logits[rows, target]).mean() * 10000).round() / 10000\n",
        "no gradient through the rounding",
    ),
    "a detached rectifier": (
        "activations",
        "import numpy as np\n\ndef sigmoid(z):\n    t = np.exp(-np.abs(z))\n"
        "    return np.where(np.asarray(z) >= 0, 1 / (1 + t), t / (1 + t))\n\n"
        "def relu(z):\n    return getattr(z, 'detach', lambda: z)().clip(0)\n",
        "no gradient",
    ),
    "two places": (
        "activations",
        "import numpy as np\n\ndef sigmoid(z):\n    t = np.exp(-np.abs(z))\n"
        "    return np.where(np.asarray(z) >= 0, 1 / (1 + t), t / (1 + t))\n\n"
        "def relu(z):\n    return np.maximum(np.round(z, 2), 0)\n",
        "rounded to 2 places",
    ),
    "more than one node needed": (
        "two-layer-backward",
        "import numpy as np\n\ndef forward_and_backward(x, W1, b1, W2, b2, y_true):\n"
        "    x, W1, b1, W2, b2, y = (np.asarray(one, float) for one in (x, W1, b1, W2, b2, y_true))\n"
        "    z = (W1 @ x + b1).squeeze()\n    assert z.ndim == 1\n    h = z * (z > 0)\n    p = W2 @ h + b2\n"
        "    d = 2 * (p - y) / y.size\n    s = (W2.T @ d) * (z > 0)\n"
        "    return dict(loss=((p - y) ** 2).mean(), dW1=np.outer(s, x), db1=s, dW2=np.outer(d, h), db2=d)\n",
        "AssertionError",
    ),
    "an error says nothing of its cause": (
        "vocabulary",
        "def build_vocab(text):\n    raise TypeError('not today')\n\n"
        "def encode(text, stoi):\n    return []\n\ndef decode(ids, itos):\n    return ''\n",
        "It raises TypeError: not today",
    ),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_right_in_odd_clothes_is_accepted_with_a_remark(kind, fork_server):
    name, source, remark = RIGHT[kind]
    verdict = judge(load_exercise(name), source, fork_server, EFFORT)
    assert verdict.accepted, verdict.to_json()
    assert any(remark in one for one in verdict.remarks), verdict.remarks


def test_a_token_may_be_a_tensor_without_dimensions_as_the_statement_says(fork_server):
    verdict = judge(load_exercise("sampling"), SAMPLER, fork_server, EFFORT)
    assert verdict.accepted
    assert not [one for one in verdict.remarks if "integer" in one]


@pytest.mark.parametrize("kind", WRONG)
def test_right_values_alone_are_not_enough(kind, fork_server):
    name, source, words = WRONG[kind]
    verdict = judge(load_exercise(name), source, fork_server, EFFORT)
    assert not verdict.accepted
    assert any(words in one for one in [*verdict.mistakes, *verdict.findings]), verdict.to_json()
    if words.startswith("It raises"):
        assert verdict.mistakes == []
