"""Which of a learner's weights does what: matched with ours by name and shape, so that no order and no seed matters.

A weight's role is its block, what it is for (query, key, expand, first norm…) and whether it is a weight or a bias.
Names tell it where they can. What they do not tell is tried: in the order of definition first, then in every other
order of weights of one shape. They may lie fused (queries, keys and values in one), a head at a time, or transposed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_TRIES = 240

SYNONYMS: dict[str, tuple[str, ...]] = {
    "query": ("quer(y|ies)", "q", "w_?q", "q_(proj|linear)", "get_quer(y|ies)", "to_q", "query_.*", "w_query"),
    "key": ("keys?", "k", "w_?k", "k_(proj|linear)", "get_keys?", "to_k", "key_.*", "w_key"),
    "value": ("values?", "v", "w_?v", "v_(proj|linear)", "get_values?", "to_v", "value_.*", "w_value"),
    "expand": ("expand", "fc_?1", "up", "up_proj.*", "lin(ear)?_?1", "c_fc", "first_linear.*", "w1"),
    "contract": ("contract", "fc_?2", "down", "down_proj.*", "lin(ear)?_?2", "second_linear.*", "w2"),
    "first_norm": ("first_(layer_)?norm", "ln_?1", "(layer_?)?norm_?1", "layer_norm_one", "attention_norm"),
    "second_norm": ("second_(layer_)?norm", "ln_?2", "(layer_?)?norm_?2", "layer_norm_two", "ffn_norm"),
    "final_norm": ("final_(layer_)?norm", "ln_?f", "norm_f", "layer_norm_three", "final_ln"),
    "token_embedding": ("tok(en)?_emb(edding)?s?", "wte", "word_embeddings?", "embed_tokens"),
    "position_embedding": ("pos(ition(al)?)?_emb(edding)?s?", "wpe", "positional"),
    "output": ("out(put)?", "[co]_proj", "out(put)?_(pr.*|layer)", "wo", "(vocab_)?proj(ection)?", "to_out", "lm_head"),
}
_LAYERS = {"Linear", "LayerNorm", "Embedding"}
_PATTERNS = {role: re.compile(f"(?:{'|'.join(patterns)})$") for role, patterns in SYNONYMS.items()}


@dataclass(frozen=True)
class Weight:
    """A weight of a module.

    Attributes
    ----------
    name : str
        With dots, as PyTorch names it.
    shape : tuple of int
        Of the tensor.
    owner : str
        The class of the module that holds it.
    """

    name: str
    shape: tuple[int, ...]
    owner: str

    @property
    def leaf(self) -> str:
        """Return ``"bias"``, or ``"weight"`` for anything else."""
        return "bias" if self.name.rpartition(".")[2] in ("bias", "beta", "b") else "weight"

    @property
    def numbers(self) -> list[int]:
        """Return the whole numbers in the name: of a block, a head, a place in a row of layers."""
        return [int(part) for part in self.name.split(".") if part.isdigit()]

    def tell_role(self) -> str | None:
        """Return what the name says the weight is for; None where it says nothing."""
        for part in reversed(self.name.split(".")):
            for role, pattern in _PATTERNS.items():
                if pattern.match(part.lower()):
                    return role
        return None


@dataclass(frozen=True)
class Piece:
    """Some rows of one of our weights, and the rows of a learner's that play their part.

    Attributes
    ----------
    ours, theirs : str
        Names.
    our_rows, their_rows : (int, int)
        From and to.
    transposed : bool
        Whether the learner's lies the other way round; its rows are counted once it is turned.
    """

    ours: str
    theirs: str
    our_rows: tuple[int, int]
    their_rows: tuple[int, int]
    transposed: bool = False


def match_roles(theirs: Sequence[Weight], ours: Sequence[Weight]) -> Iterator[list[Piece]]:
    """Yield assignments of a learner's weights to ours, the likeliest first; none where they cannot be the same.

    Parameters
    ----------
    theirs, ours : sequence of Weight
        In the order of definition.
    """
    blocks = any(weight.name.startswith("blocks.") for weight in ours)
    fixed: list[Piece] = []
    left_ours, left_theirs = list(ours), list(theirs)
    groups: dict[tuple[Any, ...], list[Weight]] = {}
    for weight in theirs:
        groups.setdefault(_role(weight, blocks), []).append(weight)
    choices: list[list[list[Piece]]] = []
    for weight in ours:
        group = groups.get(_role(weight, blocks), []) if weight.tell_role() else []
        found = _join(weight, sorted(group, key=lambda one: one.numbers))
        if not found:
            continue
        choices.append(found)
        left_ours.remove(weight)
        left_theirs = [one for one in left_theirs if one not in group]
    named = [[*fixed, *itertools.chain(*choice)] for choice in itertools.islice(itertools.product(*choices), 16)]
    rest = itertools.islice(_match_by_shape(left_theirs, left_ours, blocks), MOST_TRIES)
    for tail in rest:
        for head in named:
            yield [*head, *tail]


def _role(weight: Weight, blocks: bool) -> tuple[Any, ...]:
    block = weight.numbers[0] if blocks and weight.numbers and not _outside(weight) else None
    return block, weight.tell_role(), weight.leaf


def _outside(weight: Weight) -> bool:
    return weight.tell_role() in ("token_embedding", "position_embedding", "final_norm")


def _join(weight: Weight, group: Sequence[Weight]) -> list[list[Piece]]:
    """Return the ways in which a group of a learner's weights makes up one of ours: whole, turned, or head by head."""
    if len(group) == 1:
        return _lay(weight, group[0])
    if len(group) > 1 and all(one.shape[1:] == weight.shape[1:] for one in group):
        ends = list(itertools.accumulate((one.shape[0] for one in group), initial=0))
        if ends[-1] == weight.shape[0]:
            spans = zip(group, itertools.pairwise(ends), strict=True)
            return [[Piece(weight.name, one.name, span, (0, one.shape[0])) for one, span in spans]]
    return []


def _lay(ours: Weight, theirs: Weight) -> list[list[Piece]]:
    rows = (0, ours.shape[0]) if ours.shape else (0, 0)
    ways = []
    if theirs.shape == ours.shape:
        ways.append([Piece(ours.name, theirs.name, rows, rows)])
    # A bare parameter may be meant for x @ W, where ours is for x @ Wᵀ.
    turned = len(ours.shape) == 2 and theirs.shape == ours.shape[::-1]
    if turned and theirs.owner not in ("Linear", "Embedding", "NonDynamicallyQuantizableLinear"):
        ways.append([Piece(ours.name, theirs.name, rows, rows, transposed=True)])
    return ways


def _match_by_shape(theirs: Sequence[Weight], ours: Sequence[Weight], blocks: bool) -> Iterator[list[Piece]]:
    """Yield assignments of weights whose names say nothing."""
    if not ours:
        if not theirs:
            yield []
        return
    first, rest = ours[0], ours[1:]
    block = _role(first, blocks)[0]
    for place, candidate in enumerate(theirs):
        if blocks and block is not None and candidate.numbers[:1] != [block]:
            continue
        if {first.owner, candidate.owner} <= _LAYERS and (first.owner, first.leaf) != (candidate.owner, candidate.leaf):
            continue
        for way in _lay(first, candidate):
            for tail in _match_by_shape([*theirs[:place], *theirs[place + 1 :]], rest, blocks):
                yield [*way, *tail]
    # Queries, keys and values fused into one of theirs, in this order.
    fused = [
        one
        for role in ("query", "key", "value")
        for one in ours
        if one.tell_role() == role and one.leaf == first.leaf and _role(one, blocks)[0] == block
    ]
    if first not in fused or len(fused) != 3 or len({one.shape[1:] for one in fused}) > 1:
        return
    left = [one for one in ours if one not in fused]
    ends = list(itertools.accumulate((one.shape[0] for one in fused), initial=0))
    for place, candidate in enumerate(theirs):
        if blocks and block is not None and candidate.numbers[:1] != [block]:
            continue
        turned = candidate.shape == (*first.shape[1:], ends[-1]) and candidate.owner != "Linear"
        if candidate.shape != (ends[-1], *first.shape[1:]) and not turned:
            continue
        pieces = [
            Piece(one.name, candidate.name, (0, one.shape[0]), span, turned)
            for one, span in zip(fused, itertools.pairwise(ends), strict=True)
        ]
        for tail in _match_by_shape([*theirs[:place], *theirs[place + 1 :]], left, blocks):
            yield [*pieces, *tail]


def gather(pieces: Sequence[Piece], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return our weights, made of a learner's; gradients flow back to the learner's."""
    import torch

    found: dict[str, list[tuple[int, Any]]] = {}
    for piece in pieces:
        tensor = theirs[piece.theirs].T if piece.transposed else theirs[piece.theirs]
        rows = tensor[piece.their_rows[0] : piece.their_rows[1]] if tensor.ndim else tensor
        found.setdefault(piece.ours, []).append((piece.our_rows[0], rows))
    return {
        name: parts[0][1] if len(parts) == 1 else torch.cat([rows for _, rows in sorted(parts, key=lambda x: x[0])])
        for name, parts in found.items()
    }


def scatter(pieces: Sequence[Piece], ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> None:
    """Copy our weights into a learner's."""
    for piece in pieces:
        source = ours[piece.ours][piece.our_rows[0] : piece.our_rows[1]]
        target = theirs[piece.theirs].T if piece.transposed else theirs[piece.theirs]
        target[piece.their_rows[0] : piece.their_rows[1]].copy_(source)


def list_weights(module: Any) -> list[Weight]:
    """Return a module's weights in the order of definition."""
    return [
        Weight(name, tuple(value.shape), type(module.get_submodule(name.rpartition(".")[0])).__name__)
        for name, value in module.named_parameters()
    ]


def copy_by_role(ours: Any, theirs: Any, *probe: Any) -> bool:
    """Give a learner's module the weights of ours; return whether both then answer alike.

    Parameters
    ----------
    ours, theirs : nn.Module
        The learner's is changed.
    *probe
        An input to compare on, in evaluation mode.
    """
    import torch

    values, targets = dict(ours.named_parameters()), dict(theirs.named_parameters())
    ours.eval()
    theirs.eval()
    try:
        with torch.no_grad():
            wanted = ours(*probe)
            for pieces in match_roles(list_weights(theirs), list_weights(ours)):
                scatter(pieces, values, targets)
                if torch.allclose(theirs(*probe), wanted, rtol=1e-3, atol=1e-3):
                    return True
    finally:
        ours.train()
        theirs.train()
    return False
