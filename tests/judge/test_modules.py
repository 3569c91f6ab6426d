"""Verdicts on modules: right ones in any style are accepted, wrong ones told in words what is wrong with them."""

from dataclasses import replace

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.judging import CheckOptions, judge

# A mistake that has a name is told by that: what else is said shows where no name is looked for.
EFFORT = CheckOptions(seed=1, shrink_seconds=0.1, naming_seconds=0.0)
NAMING = replace(EFFORT, naming_seconds=10.0)
TOP = "import math\nimport torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"
HEAD = """
class SingleHeadAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.key = nn.Linear(width, head, bias=False)
        self.query = nn.Linear(width, head, bias=False)
        self.value = nn.Linear(width, head, bias=False)

    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])
        later = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        weights = scores.masked_fill(later, -torch.inf).softmax(-1)
        return weights @ v
"""
HEADS = """
class MultiHeadedSelfAttention(nn.Module):
    def __init__(self, width, attention, heads):
        super().__init__()
        self.heads = nn.ModuleList([SingleHeadAttention(width, attention // heads) for _ in range(heads)])
        self.out = nn.Linear(attention, attention, bias=False)

    def forward(self, x):
        joined = torch.cat([head(x) for head in self.heads], -1)
        return self.out(joined)
"""
LAST_MAP = "self.out = nn.Linear(attention, attention, bias=False)"
PARAMETERS = """
class SingleHeadAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.first, self.second, self.third = (nn.Parameter(torch.randn(width, head)) for _ in range(3))

    def forward(self, x):
        q, k, v = x @ self.third, x @ self.first, x @ self.second
        return F.softmax(q @ k.mT / k.shape[-1] ** 0.5 - torch.ones(x.shape[1], x.shape[1]).triu(1) * 1e9, -1) @ v
"""
FUSED = """
class SingleHeadAttention(nn.Module):
    def __init__(self, width, head):
        super().__init__()
        self.{name} = nn.Linear(width, 3 * head, bias=False)

    def forward(self, x):
        k, q, v = self.{name}(x).chunk(3, -1)
        later = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        return (q @ k.mT / k.shape[-1] ** 0.5).masked_fill(later, -torch.inf).softmax(-1) @ v
"""


def change(source, *changes):
    """Return a source with pieces of it replaced, each of which must be there."""
    for old, new in changes:
        assert old in source
        source = source.replace(old, new)
    return source


def ask(fork_server, name, source, effort=EFFORT):
    return judge(load_exercise(name), TOP + source, fork_server, effort)


NEUTRAL = (("self.key", "self.one"), ("self.query", "self.two"), ("self.value", "self.three"))


CONSTANTS = {
    "sentiment-model": """
class Solution(nn.Module):
    def __init__(self, vocabulary_size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, 16)
        self.linear = nn.Linear(16, 1)

    def forward(self, x):
        return torch.softmax(self.linear(self.embedding(x).mean(dim=1)), dim=-1)
""",
    "embedding": """
def lookup(embeddings, token_ids):
    return embeddings[token_ids] * (token_ids != 0).unsqueeze(-1)
""",
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_is_not_called_rounded(name, fork_server):
    verdict = ask(fork_server, name, CONSTANTS[name])
    assert not verdict.accepted
    assert not any("rounds" in remark for remark in verdict.remarks)


@pytest.mark.parametrize(
    "source",
    [
        HEAD,
        change(HEAD, *NEUTRAL),
        PARAMETERS,
        FUSED.format(name="kqv"),
        FUSED.format(name="everything"),
        change(HEAD, ("return weights @ v", "return torch.round(weights @ v, decimals=4)")),
        change(HEAD, ("super().__init__()", "super().__init__()\n        torch.manual_seed(0)")),
    ],
    ids=["plain", "neutral names", "bare parameters", "fused, named", "fused, unnamed", "rounded", "seeded"],
)
def test_a_right_head_is_accepted_in_any_style(source, fork_server):
    verdict = ask(fork_server, "self-attention", source)
    assert verdict.accepted, verdict.to_json()
    assert any("rounds" in remark for remark in verdict.remarks) == ("round" in source)


@pytest.mark.parametrize(
    "source",
    [
        HEAD + HEADS,
        change(HEAD, *NEUTRAL) + change(HEADS, ("self.heads", "self.things"), ("self.out", "self.mix")),
        FUSED.format(name="kqv") + HEADS,
        PARAMETERS + HEADS,
        HEAD
        + change(HEADS, ("        self.out = nn.Linear(attention, attention, bias=False)\n", ""), ("self.out", "")),
    ],
    ids=["plain", "neutral names", "fused heads", "bare parameters", "no last map"],
)
def test_right_heads_in_a_list_are_accepted(source, fork_server):
    verdict = ask(fork_server, "multi-head-attention", source)
    assert verdict.accepted, verdict.to_json()


LIE = change(FUSED, ("k, q, v =", "q, k, v =")).format(name="kqv")


@pytest.mark.parametrize("source", [change(HEAD, ("self.query(x), self.key(x)", "self.key(x), self.query(x)")), LIE])
def test_queries_and_keys_swapped_are_told_by_value(source, fork_server):
    assert ask(fork_server, "self-attention", source, NAMING).mistakes == ["queries and keys swapped"]


FOUND = {
    "one bias": (
        change(HEAD, ("self.key = nn.Linear(width, head, bias=False)", "self.key = nn.Linear(width, head)")),
        "has key.bias of shape",
    ),
    "no values": (
        change(
            HEAD,
            ("        self.value = nn.Linear(width, head, bias=False)\n", ""),
            ("self.value(x)", "self.key(x)"),
        ),
        "Missing in your module: value.weight",
    ),
    "batch": (change(HEAD, ("return weights @ v", "return weights @ v - (weights @ v).mean(0)")), "texts of a batch"),
    "future": (
        change(HEAD, ("return weights @ v", "return weights @ v + 0.1 * v.mean(1, keepdim=True)")),
        "The future leaks: a change of token 3 changes the output at token 0",
    ),
    "chance": (
        change(HEAD, ("weights @ v", "F.dropout(weights, 0.3) @ v")),
        "In evaluation mode, one input gives another",
    ),
    "detached": (change(HEAD, ("return weights @ v", "return (weights @ v).detach()")), "Gradients detached"),
    "no gradient": (change(HEAD, ("    def forward", "    @torch.no_grad()\n    def forward")), "Gradients detached"),
    "no gradient for values": (
        change(HEAD, ("weights @ v", "weights @ v.detach()")),
        "No gradient reaches value.weight",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_what_is_wrong_with_a_head_is_said(case, fork_server):
    source, words = FOUND[case]
    verdict = ask(fork_server, "self-attention", source)
    assert not verdict.accepted
    assert any(words in finding for finding in verdict.findings), verdict.to_json()


MANY = {
    "bias in every head's keys": (
        change(HEAD, ("self.key = nn.Linear(width, head, bias=False)", "self.key = nn.Linear(width, head)")) + HEADS,
        "heads.0.key.bias of shape",
    ),
    "bias of the last map": (HEAD + change(HEADS, (", bias=False", "")), "has out.bias of shape"),
}


@pytest.mark.parametrize("case", MANY)
def test_what_is_wrong_with_several_heads_is_said(case, fork_server):
    source, words = MANY[case]
    verdict = ask(fork_server, "multi-head-attention", source)
    assert not verdict.accepted
    assert any(words in finding for finding in verdict.findings), verdict.to_json()
    assert not any("output.weight" in finding for finding in verdict.findings), "the last map may be left out"


def test_a_last_map_that_is_made_and_never_used_is_a_remark(fork_server):
    verdict = ask(fork_server, "multi-head-attention", HEAD + change(HEADS, ("self.out(joined)", "joined")))
    assert verdict.accepted
    assert verdict.remarks == ["out is made and never used: what it computes would be the same without."]


def test_heads_that_all_start_alike_are_accepted_with_a_remark(fork_server):
    seeded = change(HEAD, ("super().__init__()", "super().__init__()\n        torch.manual_seed(0)"))
    verdict = ask(fork_server, "multi-head-attention", seeded + HEADS)
    assert verdict.accepted
    assert any("heads.0 and heads.1 start out with the same weights" in remark for remark in verdict.remarks)
    assert not ask(fork_server, "multi-head-attention", HEAD + HEADS).remarks


GPT = """
class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.a, self.b = nn.LayerNorm(d), nn.LayerNorm(d)
        self.stuff, self.mixer = nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d, bias=False)
        self.heads = heads
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        v, k, q = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in self.stuff(self.a(x)).chunk(3, -1))
        x = x + self.mixer(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
        return x + self.down(self.up(self.b(x)).relu())


class GPT(nn.Module):
    def __init__(self, vocabulary, context, d, blocks, heads):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, d), nn.Embedding(context, d)
        self.stack = nn.ModuleList(Block(d, heads) for _ in range(blocks))
        self.top = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, vocabulary))

    def forward(self, tokens):
        x = self.tokens(tokens) + self.places(torch.arange(tokens.shape[1]))
        for block in self.stack:
            x = block(x)
        return self.top(x)
"""


def test_a_model_with_names_of_its_own_is_accepted(fork_server):
    verdict = ask(fork_server, "gpt", GPT)
    assert verdict.accepted, verdict.to_json()


NETWORK = """
class Network(nn.Module):
    def forward(self, x):
        for features, nodes in ((4, 6), (6, 6)):
            x = nn.Linear(features, nodes)(x).relu()
        return nn.Linear(6, 2)(x)
"""


def test_layers_made_in_forward_are_no_weights(fork_server):
    (said,) = ask(fork_server, "model-class", NETWORK).findings
    assert said.startswith("PyTorch finds no weights in your module")


def test_dropout_that_nobody_asked_for_is_seen_in_training(fork_server):
    layers = "nn.Linear(4, 6), nn.ReLU(), nn.Dropout(0.2), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2)"
    verdict = ask(fork_server, "model-class", f"def Network():\n    return nn.Sequential({layers})\n")
    assert not verdict.accepted
    assert "no dropout is asked for here" in verdict.findings[0]


MODELS = {
    "a block too many": (change(GPT, ("range(blocks)", "range(blocks + 1)")), "weights for 2 blocks; 1 is asked for"),
    "no positions": (
        change(GPT, (", nn.Embedding(context, d)", ", None"), (" + self.places(torch.arange(tokens.shape[1]))", "")),
        "Missing in your module: position_embedding.weight",
    ),
    "too narrow": (
        change(GPT, ("nn.Linear(d, 4 * d), nn.Linear(4 * d, d)", "nn.Linear(d, 2 * d), nn.Linear(2 * d, d)")),
        "stack.0.up.weight has the shape (6, 3) instead of (12, 3)",
    ),
    "bias, no telling names": (
        change(GPT, ("nn.Linear(d, d, bias=False)", "nn.Linear(d, d)")),
        "has stack.0.mixer.bias of shape (3,)",
    ),
}


@pytest.mark.parametrize("case", MODELS)
def test_what_is_wrong_with_a_model_is_said(case, fork_server):
    source, words = MODELS[case]
    verdict = ask(fork_server, "gpt", source)
    assert not verdict.accepted
    assert any(words in finding for finding in verdict.findings), verdict.to_json()


NAMED = {
    "all gradients detached": (
        "self-attention",
        change(HEAD, ("    def forward", "    @torch.no_grad()\n    def forward")),
    ),
    "bias left on: key": (
        "self-attention",
        change(HEAD, ("self.key = nn.Linear(width, head, bias=False)", "self.key = nn.Linear(width, head)")),
    ),
    "one map for keys and values": (
        "self-attention",
        change(
            HEAD,
            ("        self.value = nn.Linear(width, head, bias=False)\n", ""),
            ("self.value(x)", "self.key(x)"),
        ),
    ),
    "values detached": ("self-attention", change(HEAD, ("weights @ v", "weights @ v.detach()"))),
    "bias left on": ("multi-head-attention", change(HEAD, (", bias=False", "")) + HEADS),
    "one block, repeated": (
        "gpt",
        change(GPT, ("Block(d, heads) for _ in range(blocks)", "[Block(d, heads)] * blocks")),
    ),
    "feed-forward widened twice": (
        "gpt",
        change(GPT, ("nn.Linear(d, 4 * d), nn.Linear(4 * d, d)", "nn.Linear(d, 2 * d), nn.Linear(2 * d, d)")),
    ),
    "one block too many made": ("gpt", change(GPT, ("range(blocks)", "range(blocks + 1)"))),
    "mask missing": ("gpt", change(GPT, ("is_causal=True", "is_causal=False"))),
}


@pytest.mark.parametrize("mistake", NAMED)
def test_known_mistakes_are_named_in_other_styles(mistake, fork_server):
    name, source = NAMED[mistake]
    assert ask(fork_server, name, source, NAMING).mistakes == [mistake]
