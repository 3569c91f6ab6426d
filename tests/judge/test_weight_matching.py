"""A learner's weights find their part in ours, however they are named, ordered, fused or turned."""

import itertools
import re
import time

import pytest
import torch
from torch import nn

from groundup.judge.weight_matching import copy_by_role, match_roles
from groundup.judge.weights import Weight, list_weights
from groundup.steps.c6_gpt.attention import MultiHeadAttention, SingleHeadAttention
from groundup.steps.c6_gpt.plain_gpt import PlainGPT
from groundup.steps.c6_gpt.transformer import GatedFeedForward

CAUSAL = nn.functional.scaled_dot_product_attention


class Head(nn.Module):
    """A head whose weights have any names, defined in any order."""

    def __init__(self, width, head, names, order=(0, 1, 2), bias=False):
        super().__init__()
        self.names = names
        for place in order:
            self.add_module(names[place], nn.Linear(width, head, bias=bias))

    def forward(self, x):
        return CAUSAL(*(getattr(self, name)(x) for name in self.names), is_causal=True)


class FusedHead(nn.Module):
    """A head whose queries, keys and values come out of one map, in any order."""

    def __init__(self, width, head, name, order):
        super().__init__()
        self.name, self.order = name, order
        self.add_module(name, nn.Linear(width, 3 * head, bias=False))

    def forward(self, x):
        parts = dict(zip(self.order, getattr(self, self.name)(x).chunk(3, -1), strict=True))
        return CAUSAL(parts["q"], parts["k"], parts["v"], is_causal=True)


class Parameters(nn.Module):
    """A head of bare parameters, for ``x @ W``."""

    def __init__(self, width, head, names):
        super().__init__()
        self.names = names
        for name in names:
            self.register_parameter(name, nn.Parameter(torch.randn(width, head)))

    def forward(self, x):
        return CAUSAL(*(x @ getattr(self, name) for name in self.names), is_causal=True)


class Heads(nn.Module):
    """Heads in a list, and a last map."""

    def __init__(self, width, heads, make):
        super().__init__()
        self.things = nn.ModuleList([make(width, width // heads) for _ in range(heads)])
        self.mix = nn.Linear(width, width, bias=False)

    def forward(self, x):
        return self.mix(torch.cat([thing(x) for thing in self.things], -1))


class InterleavedHeads(nn.Module):
    """One fused map in which each head's queries, keys and values stand together."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.everything = nn.Linear(width, 3 * width, bias=False)
        self.mix = nn.Linear(width, width, bias=False)

    def forward(self, x):
        q, k, v = self.everything(x).unflatten(-1, (self.heads, -1)).transpose(1, 2).chunk(3, -1)
        return self.mix(CAUSAL(q, k, v, is_causal=True).transpose(1, 2).flatten(2))


class EinsumHeads(nn.Module):
    """Weights of three dimensions, the head the first."""

    def __init__(self, width, heads):
        super().__init__()
        self.wq = nn.Parameter(torch.randn(heads, width, width // heads))
        self.wk = nn.Parameter(torch.randn(heads, width, width // heads))
        self.wv = nn.Parameter(torch.randn(heads, width, width // heads))
        self.wo = nn.Parameter(torch.randn(heads, width // heads, width))

    def forward(self, x):
        q, k, v = (torch.einsum("btd,hdc->bhtc", x, w) for w in (self.wq, self.wk, self.wv))
        return torch.einsum("bhtc,hcd->btd", CAUSAL(q, k, v, is_causal=True), self.wo)


NAMES, NEUTRAL = ("query", "key", "value"), ("alpha", "beta", "gamma")


@pytest.mark.parametrize(
    "theirs",
    [
        Head(6, 4, NAMES),
        Head(6, 4, NAMES, order=(2, 0, 1)),
        Head(6, 4, ("wq", "wk", "wv"), order=(1, 2, 0)),
        Head(6, 4, NEUTRAL),
        Head(6, 4, NEUTRAL, order=(1, 2, 0)),
        FusedHead(6, 4, "qkv", "qkv"),
        FusedHead(6, 4, "kqv_proj", "kqv"),
        FusedHead(6, 4, "c_attn", "vkq"),
        Parameters(6, 4, NAMES),
        Parameters(6, 4, NEUTRAL),
        Parameters(6, 6, NAMES),
    ],
    ids=lambda module: f"{type(module).__name__}-{'-'.join(name for name, _ in module.named_parameters())}",
)
def test_a_head_of_any_style_gets_our_weights(theirs):
    torch.manual_seed(0)
    first = next(iter(theirs.parameters()))
    ours = SingleHeadAttention(6, 6 if first.shape == (6, 6) else 4)
    assert copy_by_role(ours, theirs, torch.randn(2, 5, 6))


@pytest.mark.parametrize(
    "theirs",
    [
        Heads(6, 3, lambda width, head: Head(width, head, NAMES)),
        Heads(6, 3, lambda width, head: Head(width, head, NEUTRAL, order=(2, 1, 0))),
        Heads(6, 3, lambda width, head: FusedHead(width, head, "kqv", "kqv")),
        Heads(6, 3, lambda width, head: Parameters(width, head, NAMES)),
        InterleavedHeads(6, 3),
        EinsumHeads(6, 3),
    ],
    ids=["heads", "neutral heads", "fused heads", "bare heads", "interleaved", "einsum"],
)
def test_several_heads_of_any_style_get_our_weights(theirs):
    torch.manual_seed(0)
    assert copy_by_role(MultiHeadAttention(6, 3), theirs, torch.randn(2, 5, 6))


@pytest.mark.parametrize("theirs", [Head(6, 4, ("key", "query", "value")), FusedHead(6, 4, "qkv", "kqv")])
def test_names_that_lie_are_believed(theirs):
    """So that queries and keys exchanged are found, and not made good."""
    torch.manual_seed(0)
    assert not copy_by_role(SingleHeadAttention(6, 4), theirs, torch.randn(2, 5, 6))


@pytest.mark.parametrize("names", [NAMES, NEUTRAL])
def test_a_bias_too_many_has_no_match(names):
    assert not list(match_roles(list_weights(Head(6, 4, names, bias=True)), list_weights(SingleHeadAttention(6, 4))))


def name_weights(ours, bias):
    """Return a GPT's weights with names that say nothing but which block they are in."""
    layers: dict[str, int] = {}
    found = []
    for weight in ours:
        layer, _, leaf = weight.name.rpartition(".")
        block = f"things.{weight.numbers[0]}." if weight.numbers else ""
        plain = re.sub(r"\d+", "", layer)
        name = f"{block}thing{layers.setdefault(plain, len(layers))}"
        found.append(Weight(f"{name}.{leaf}", weight.shape, weight.owner))
        if bias and "attention" in layer:
            found.append(Weight(f"{name}.bias", weight.shape[:1], weight.owner))
    return found


def test_a_model_without_telling_names_is_matched_in_order_first():
    ours = list_weights(PlainGPT(5, 4, 6, 3, 2))
    theirs = name_weights(ours, bias=False)
    first = next(match_roles(theirs, ours))
    assert {piece.ours: piece.theirs for piece in first} == {
        one.name: other.name for one, other in zip(ours, theirs, strict=True)
    }


def test_a_model_that_cannot_be_matched_is_given_up_soon():
    """Weights of one shape can be put in so many orders that to try all of them would never end."""
    ours = list_weights(PlainGPT(5, 4, 6, 3, 2))
    theirs = name_weights(ours, bias=True)
    # As many numbers as with the biases, so that counting them does not tell.
    padded = [*ours, *(Weight(f"blocks.{block}.more", (24, 1), "Block") for block in range(3))]
    started = time.process_time()
    assert not list(match_roles(theirs, padded))
    assert time.process_time() - started < 30


class Gated(nn.Module):
    """A gated feed-forward whose maps have any names; two names: gate and expansion lie in one map."""

    def __init__(self, width, hidden, names):
        super().__init__()
        self.names = names
        for name in names[:-1]:
            self.add_module(name, nn.Linear(width, hidden * (3 - len(names) + 1), bias=False))
        self.add_module(names[-1], nn.Linear(hidden, width, bias=False))

    def forward(self, x):
        read = torch.cat([getattr(self, name)(x) for name in self.names[:-1]], -1)
        gate, expansion = read.chunk(2, -1)
        return getattr(self, self.names[-1])(nn.functional.silu(gate) * expansion)


@pytest.mark.parametrize("hidden", [7, 6])
@pytest.mark.parametrize(
    "names",
    [
        ("gate_proj", "up_proj", "down_proj"),
        ("w1", "w3", "w2"),  # Llama
        ("fc1", "fc2", "fc3"),
        ("up", "gate", "down"),  # the names say otherwise than the code
        ("gate_up", "down"),
        ("w12", "w3"),
    ],
)
def test_a_gated_feed_forward_is_found_under_any_names(names, hidden):
    torch.manual_seed(0)
    ours, theirs = GatedFeedForward(6, hidden), Gated(6, hidden, names)
    assert copy_by_role(ours, theirs, torch.randn(2, 3, 6)) == (names[0] != "up")


def test_what_ended_the_last_search_is_tried_first_in_the_next():
    theirs = [Weight(name, (3,), "Norm") for name in ("zero", "one", "two")]
    ours = [Weight(name, (3,), "LayerNorm") for name in ("a.weight", "b.weight", "c.weight")]
    every = list(match_roles(theirs, ours))
    assert len(every) == 6
    pieces = next(itertools.islice(match_roles(theirs, ours), 4, None))
    again = list(match_roles(theirs, ours))
    assert again == [pieces, *(one for one in every if one is not pieces)]
