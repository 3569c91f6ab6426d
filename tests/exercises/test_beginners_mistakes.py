"""The commonest mistakes of beginners are named in any exercise, where nothing else is wrong, and only there."""

import sys
from pathlib import Path

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.judging import CheckOptions, judge

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import beginners

EFFORT = CheckOptions(seed=1, shrink_seconds=0.03, naming_seconds=30.0, share=0.3)
NUMPY_ONLY = ("activations", "softmax", "cross_entropy", "regression_forward", "layer_norm", "vocabulary", "byte_pair")


def choose_answers():
    """Return one answer a kind, of exercises that take no time; the whole matrix is `benchmarks/beginners.py`."""
    chosen = {}
    answers = [one for one in beginners.collect() if one[0] in beginners.NAMES]
    for kind, name, answer, source in sorted(answers, key=lambda one: one[1] not in NUMPY_ONLY):
        chosen.setdefault(kind, (kind, name, answer, source))
    return [chosen[kind] for kind in sorted(chosen)]


@pytest.mark.parametrize("wrong", choose_answers(), ids=lambda wrong: "-".join(wrong[:3]))
def test_it_is_named(wrong, fork_server):
    kind, name, _, source = wrong
    verdict = judge(load_exercise(name.replace("_", "-")), source, fork_server, EFFORT)
    assert not verdict.accepted
    assert beginners.is_named(kind, verdict), verdict.to_json()


def test_every_kind_has_an_answer():
    assert {wrong[0] for wrong in choose_answers()} == set(beginners.NAMES)


# What only looks like a beginner's mistake, or is not the only one: it is not what makes the answer wrong.
NOT_THE_CAUSE = {
    "a power beside another mistake": (
        "regression-forward",
        "def get_model_prediction(X, weights):\n    return X @ weights\n\n"
        "def get_error(p, t):\n    return ((p - t)^2).sum()\n",
        "^ written for a power",
    ),
    "max of two numbers": (
        "activations",
        "import numpy as np\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n\n"
        "def relu(z):\n    return np.array([max(0, abs(v)) for v in z])\n",
        "Python's max on an array",
    ),
    "a right rounding": (
        "softmax",
        "import numpy as np\n\ndef softmax(z):\n    e = np.exp(z - z.max())\n    return np.round(e / e.max(), 4)\n",
        "rounded",
    ),
    "a return that belongs into the loop": (
        "vocabulary",
        "def build_vocab(text):\n    s = sorted(set(text))\n"
        "    return {c: i for i, c in enumerate(s)}, dict(enumerate(s))\n\n"
        "def encode(text, stoi):\n    return [stoi[c] + 1 for c in text]\n\n"
        "def decode(ids, itos):\n    out = ''\n    for i in ids:\n        out += itos[i]\n    return out\n",
        "returned inside the loop",
    ),
}


@pytest.mark.parametrize("kind", NOT_THE_CAUSE)
def test_what_is_not_the_cause_is_not_named(kind, fork_server):
    exercise, source, name = NOT_THE_CAUSE[kind]
    verdict = judge(load_exercise(exercise), source, fork_server, EFFORT)
    assert not verdict.accepted
    assert not any(name in mistake for mistake in verdict.mistakes), verdict.mistakes


def test_another_name_of_one_of_several_functions_is_named_though_a_check_of_the_others_uses_it(fork_server):
    source = (beginners.ANSWERS / "vocabulary" / "course.py").read_text().replace("def encode", "def encode_text")
    verdict = judge(load_exercise("vocabulary"), source, fork_server, EFFORT)
    assert verdict.mistakes == ["another name than asked for"]
    assert verdict.findings == ["encode is asked for, and encode_text (line 11) is it: rename it."]


def test_a_print_left_in_is_no_mistake(fork_server):
    source = (
        "import numpy as np\n\ndef softmax(z):\n    print(z)\n    e = np.exp(z - z.max())\n    return e / e.sum()\n"
    )
    verdict = judge(load_exercise("softmax"), source, fork_server, EFFORT)
    assert verdict.accepted
    assert verdict.printed
