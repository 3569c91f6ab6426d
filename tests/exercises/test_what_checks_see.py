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
