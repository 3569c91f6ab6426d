"""Wrong answers that an exercise once accepted, because no case of its checks made them differ from a right one."""

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.judging import CheckOptions, judge

QUICK = CheckOptions(seed=1, shrink_seconds=0.03, share=0.3, naming_seconds=10.0)
TRAIN = """
import torch
import torch.nn.functional as F

def train(model, data, epochs, context_length, batch_size, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    for _ in range(epochs * {passes}):
        starts = torch.randint(len(data) - context_length, (batch_size,))
        places = starts[:, None] + torch.arange(context_length)
        logits = model(data[places])
        loss = F.cross_entropy(logits.flatten(0, 1), data[places + 1].flatten())
        optimizer.zero_grad()
        loss.backward()
        {more}
        optimizer.step()
    return loss.item()
"""
SAMPLE = """
import torch

def sample(logits, temperature, top_k):
    if temperature == 0:
        return int(logits.argmax())
    {more}
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[-1], -torch.inf)
    return int(torch.multinomial((logits / temperature).softmax(0), 1))
"""
# Exercise, source, what the verdict names; nothing named where it is right.
ANSWERS = {
    "steps": ("gpt-training", TRAIN.format(passes="1", more="pass"), None),
    "a pass without the last window": (
        "gpt-training",
        TRAIN.format(passes="max((len(data) - context_length) // (context_length * batch_size), 1)", more="pass"),
        "an epoch taken for a pass over the text, without its last window",
    ),
    "a pass without the last token": (
        "gpt-training",
        TRAIN.format(passes="max((len(data) - 1) // (context_length * batch_size), 1)", more="pass"),
        "an epoch taken for a pass over the text, without its last token",
    ),
    "as many steps as batches of windows": (
        "gpt-training",
        TRAIN.format(passes="max((len(data) - context_length) // batch_size, 1)", more="pass"),
        "an epoch taken for as many steps as there are batches of windows",
    ),
    "gradients clipped": (
        "gpt-training",
        TRAIN.format(passes="1", more="torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)"),
        "gradients clipped",
    ),
    # It raises where there is one window only, and computes something wrong elsewhere.
    "the last window left out": (
        "gpt-training",
        TRAIN.format(passes="1", more="pass").replace("- context_length, (", "- context_length - 1, ("),
        "the last window left out",
    ),
    "a draw": ("sampling", SAMPLE.format(more=""), None),
    "a low temperature taken for 1": (
        "sampling",
        SAMPLE.format(more="temperature = temperature if temperature > 0.1 else 1"),
        "",
    ),
    "a low temperature raised": ("sampling", SAMPLE.format(more="temperature = max(temperature, 0.4)"), ""),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_it_is_seen(kind, fork_server):
    exercise, source, named = ANSWERS[kind]
    verdict = judge(load_exercise(exercise), source, fork_server, QUICK)
    assert verdict.accepted is (named is None), verdict.to_json()
    if named:
        assert verdict.mistakes == [named]


SHARED_CACHE = """
import torch

class KVCache:
    keys, values = [], []

    def update(self, keys, values):
        self.keys.append(keys)
        self.values.append(values)
        return torch.cat(self.keys, 1), torch.cat(self.values, 1)

    def clear(self):
        self.keys.clear()
        self.values.clear()
"""
OWN_CACHE = """
import torch
from torch import nn

class KVCache:
    def __init__(self):
        self.keys, self.values = [], []

    def update(self, keys, values):
        self.keys.append(keys)
        self.values.append(values)
        return torch.cat(self.keys, 1), torch.cat(self.values, 1)

    def clear(self):
        self.keys, self.values = [], []

class CachedAttention(nn.Module):
    def __init__(self, model_dim):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(model_dim, model_dim, bias=False) for _ in range(3))
        self.own = KVCache()

    def forward(self, x, cache=None):
        queries = self.query(x)
        keys, values = (cache or self.own).update(self.key(x), self.value(x))
        count, new = keys.shape[1], x.shape[1]
        scores = queries @ keys.transpose(1, 2) / keys.shape[2] ** 0.5
        hidden = torch.ones(new, count).tril(count - new) == 0
        return scores.masked_fill(hidden, float("-inf")).softmax(-1) @ values
"""


@pytest.mark.parametrize(
    ("source", "told"),
    [(SHARED_CACHE, "all your caches share one list"), (OWN_CACHE, "Your head keeps something between two calls")],
)
def test_what_a_cache_or_a_head_keeps_too_long_is_told(source, told, fork_server):
    verdict = judge(load_exercise("key-value-cache"), source, fork_server, QUICK)
    assert not verdict.accepted
    assert told in verdict.findings[0]


RECURSIVE = """
import math

class Value:
    def __init__(self, data, children=()):
        self.data, self.grad = data, 0.0
        self.children = set(children)
        self.pass_on = lambda: None

    def join(self, other, data, mine, theirs):
        result = Value(data, (self, other))
        def pass_on():
            self.grad += mine * result.grad
            other.grad += theirs * result.grad
        result.pass_on = pass_on
        return result

    def apply(self, data, slope):
        return self.join(Value(0.0), data, slope, 0.0)

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.join(other, self.data + other.data, 1.0, 1.0)

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.join(other, self.data * other.data, other.data, self.data)

    def __pow__(self, n):
        return self.apply(self.data ** n, n * self.data ** (n - 1))

    def tanh(self):
        return self.apply(math.tanh(self.data), 1 - math.tanh(self.data) ** 2)

    def relu(self):
        return self.apply(max(self.data, 0.0), float(self.data > 0))

    def exp(self):
        return self.apply(math.exp(self.data), math.exp(self.data))

    def backward(self):
        self.grad = 1.0
        self.walk()

    def walk(self):
        self.pass_on()
        for one in self.children:
            one.walk()
"""
ADAM = """
import numpy as np

def sgd_step(weights, gradient, learning_rate):
    return weights - learning_rate * gradient

def adam_step(weights, gradient, m, v, step, learning_rate):
    m = (0.9 * m + 0.1 * gradient) / (1 - 0.9 ** step)
    v = (0.999 * v + 0.001 * gradient ** 2) / (1 - 0.999 ** step)
    return weights - learning_rate * m / (np.sqrt(v) + 1e-8), m, v
"""
KEPT_CACHE = """
import torch

class KVCache:
    def __init__(self):
        self.keys, self.values = None, None

    def update(self, keys, values):
        self.keys = keys if self.keys is None else torch.cat([self.keys, keys], 1)
        self.values = values if self.values is None else torch.cat([self.values, values], 1)
        return self.keys, self.values

    def clear(self):
        pass
"""
IN_PLACE = """
def layer_norm(x, gamma, beta):
    x -= x.mean()
    x /= (x.var() + 1e-5) ** 0.5
    return gamma * x + beta
"""


def test_a_graph_walked_along_every_path_is_told_whatever_numbers_come_of_it(fork_server):
    verdict = judge(load_exercise("autograd-engine"), RECURSIVE, fork_server, QUICK)
    assert not verdict.accepted
    assert "once for every path" in verdict.findings[0]


def test_of_several_results_those_that_differ_are_shown_by_their_names(fork_server):
    shown = judge(load_exercise("optimiser"), ADAM, fork_server, QUICK).shown
    assert shown.got.startswith("{m: [")
    assert ", v: [" in shown.expected
    assert "weights" not in shown.expected


def test_of_a_cache_only_what_it_holds_wrongly_is_shown(fork_server):
    shown = judge(load_exercise("key-value-cache"), KEPT_CACHE, fork_server, QUICK).shown
    assert shown.got.startswith("{after piece ")
    assert "after piece 1:" not in shown.got
    assert "\n\n" not in shown.got


def test_one_remark_is_made_on_arrays_of_whole_numbers(fork_server):
    verdict = judge(load_exercise("layer-norm"), IN_PLACE, fork_server, QUICK)
    assert len([remark for remark in verdict.remarks if "whole numbers" in remark]) == 1, verdict.remarks
