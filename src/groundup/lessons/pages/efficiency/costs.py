"""What a token costs: the numbers that are kept, the attention weights in memory, the weights that compute.

None of them is a formula's: each is counted in the tensors and modules of the steps while they compute.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from groundup.lessons.origins import Factor, trace_sum
from groundup.steps.c6_gpt.attention import causal_attention
from groundup.steps.c6_gpt.cache import KeyValueCache
from groundup.steps.c7_beyond.experts import MixtureOfExperts, choose_experts
from groundup.steps.c7_beyond.tiled_attention import tiled_attention

CHANNELS, HEADS, HIDDEN, EXPERTS = 32, 8, 24, 8
HEAD_CHANNELS = CHANNELS // HEADS
MOST_TOKENS = 64
# How many queries and keys are looked at together; None: all of them.
TILES = {"none": None, "16": 16, "8": 8}


class LargestExponentials(TorchFunctionMode):
    """Notes the size of the largest table of exponentials that is made: of a softmax, or of a running softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0

    def __torch_function__(
        self, function: Any, types: Any, arguments: Any = (), options: dict[str, Any] | None = None
    ) -> Any:
        """Compute as always, and look at what is returned."""
        found = function(*arguments, **(options or {}))
        if function in (torch.Tensor.softmax, torch.exp):
            self.largest = max(self.largest, found.numel())
        return found


@cache
def count_weights(tokens: int, tile: int | None) -> int:
    """Return how many attention weights of one head stand in memory at once; ``tile`` as the values of `TILES`."""
    queries, keys, values = torch.randn(3, tokens, HEAD_CHANNELS, generator=torch.Generator().manual_seed(1))
    with torch.no_grad(), LargestExponentials() as seen:
        if tile is None:
            causal_attention(queries, keys, values)
        else:
            tiled_attention(queries, keys, values, tile)
    return seen.largest


def count_kept(tokens: int, groups: int) -> int:
    """Return how many numbers one layer keeps of all tokens, with so many heads of keys and values."""
    kept = KeyValueCache(1, 1, groups, tokens, HEAD_CHANNELS)
    return kept.keys.numel() + kept.values.numel()


@cache
def run_experts(used: int) -> tuple[int, Float[Tensor, " expert"]]:
    """Return through how many weights of experts one token went, and each expert's share in its result."""
    through = []

    def count(expert: nn.Module, *_: Any) -> None:
        through.append(sum(parameter.numel() for parameter in expert.parameters()))

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(2)
        mixture, token = MixtureOfExperts(CHANNELS, HIDDEN, EXPERTS, used), torch.randn(1, CHANNELS)
        for expert in mixture.experts:
            expert.register_forward_hook(count)
        mixture(token)
        weights, chosen = choose_experts(mixture.router(token), used)
    return sum(through), torch.zeros(EXPERTS).index_add(0, chosen[0], weights[0])


def compute_costs(tokens: int, groups: str, tile: str, used: int) -> dict[str, Any]:
    """Return what one layer of a small GPT keeps, holds at once, and computes with.

    Parameters
    ----------
    tokens : int
        The length of the text, T.
    groups : str
        The number of heads of keys and values, G.
    tile : str
        A name in `TILES`.
    used : int
        How many of the experts a token goes through, k.

    Returns
    -------
    dict
        ``heads``, ``groups``, ``channels`` (per head), ``most`` (tokens); ``tile``, how many queries and keys are
        looked at together; ``shares``, one per expert, 0 where it is not used; ``kept``, ``held`` and ``through``, the
        three counts, each with what it is without the change as ``all_…``; ``origins``; ``says``.
    """
    count, size = int(groups), TILES[tile]
    kept, held, (through, shares) = count_kept(tokens, count), count_weights(tokens, size), run_experts(used)
    side = min(size or tokens, tokens)
    expert = through / used
    kept_of = ("heads", count), ("numbers per head", HEAD_CHANNELS), ("tokens", tokens), ("keys and values", 2)
    held_of = ("queries", side), ("keys", side)
    through_of = ("experts", used), ("weights per expert", expert)
    return {
        "heads": HEADS,
        "groups": count,
        "channels": HEAD_CHANNELS,
        "most": MOST_TOKENS,
        "tile": side,
        "shares": shares,
        "kept": kept,
        "all_kept": count_kept(tokens, HEADS),
        "held": held,
        "all_held": count_weights(tokens, None),
        "through": through,
        "all_through": run_experts(EXPERTS)[0],
        "origins": {
            "kept": trace_count("numbers kept", kept, kept_of),
            "held": trace_count("weights at once", held, held_of),
            "through": trace_count("weights that compute", through, through_of),
        },
        "says": f"With {tokens} tokens, one layer keeps {kept:,} numbers. One head holds {held:,} attention weights at "
        f"once. Each token goes through {through:,} weights of the feed-forward network.",
    }


def trace_count(name: str, value: int, factors: Iterable[tuple[str, float]]) -> dict[str, Any]:
    """Return where a count comes from: the product of its factors."""
    return trace_sum(name, value, [Factor(label, float(number)) for label, number in factors])
