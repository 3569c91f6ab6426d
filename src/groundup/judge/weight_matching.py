"""Which of a learner's weights does what: matched with ours by name and shape, so that no order and no seed matters.

A weight's role is its block, what it is for (query, key, expand, first norm…) and whether it is a weight or a bias.
Names tell it where they can. What they do not tell is tried: in the order of definition first, then in every other
order of weights of one shape. They may lie fused (queries, keys and values in one), a head at a time, or transposed.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from groundup.judge.weights import FIXED, LAYERS, Weight, WeightSlice, gather, list_weights, scatter

__all__ = ["Weight", "copy_by_role", "find_roles", "gather", "list_weights", "match_roles", "scatter"]

MOST_TRIES = 240
MOST_VISITS = 20_000
FUSED = ("query", "key", "value")
GATED = ("gate", "expand", "contract")


class _Remembered:
    """What an iterator yields, kept so that it can be iterated again: first what ended the last search."""

    def __init__(self, iterator: Iterator[list[WeightSlice]]) -> None:
        self.iterator, self.kept = iterator, list[list[WeightSlice]]()
        self.last: list[WeightSlice] | None = None

    def __iter__(self) -> Iterator[list[WeightSlice]]:
        first = self.last
        if first is not None:
            yield first
        for place in itertools.count():
            if place == len(self.kept):
                following = next(self.iterator, None)
                if following is None:
                    return
                self.kept.append(following)
            if self.kept[place] is first:
                continue
            try:
                yield self.kept[place]
            except GeneratorExit:
                # A search that stops here has found the roles, as a rule: the next case is tried with them at once.
                self.last = self.kept[place]
                raise


def match_roles(theirs: Sequence[Weight], ours: Sequence[Weight]) -> Iterator[list[WeightSlice]]:
    """Yield assignments of a learner's weights to ours, the likeliest first; none if they cannot be the same.

    A model's blocks are all of one class, so the first is matched and the others follow it.

    Parameters
    ----------
    theirs, ours : sequence of Weight
        In the order of definition.
    """
    return iter(_remember(tuple(theirs), tuple(ours)))


@lru_cache(maxsize=256)
def _remember(theirs: tuple[Weight, ...], ours: tuple[Weight, ...]) -> _Remembered:
    return _Remembered(_match_all(theirs, ours))


def _match_all(theirs: Sequence[Weight], ours: Sequence[Weight]) -> Iterator[list[WeightSlice]]:
    if sum(math.prod(one.shape) for one in theirs) != sum(math.prod(one.shape) for one in ours):
        return
    if not any(one.name.startswith("blocks.") for one in ours):
        yield from itertools.islice(_match(theirs, ours, False), MOST_TRIES)
        return
    our_blocks, their_blocks = find_blocks(ours), find_blocks(theirs)
    if len(our_blocks) != len(their_blocks):
        return
    for block in their_blocks[1:]:
        if _list_block(theirs, block, their_blocks[0]) != _list_block(theirs, their_blocks[0], their_blocks[0]):
            return
    first_of_theirs, first_of_ours = list_first_block(theirs), list_first_block(ours)
    in_block = {one.name for one in first_of_ours if _is_in_block(one)}
    for pieces in itertools.islice(_match(first_of_theirs, first_of_ours, True), MOST_TRIES):
        repeated = [
            replace(piece, ours=_renumber(piece.ours, ours_now), theirs=_renumber(piece.theirs, theirs_now))
            for ours_now, theirs_now in zip(our_blocks[1:], their_blocks[1:], strict=True)
            for piece in pieces
            if piece.ours in in_block
        ]
        yield [*pieces, *repeated]


def _is_in_block(weight: Weight) -> bool:
    if not weight.numbers or weight.infer_role() in ("token_embedding", "position_embedding", "final_norm"):
        return False
    # A layer that itself has a number stands in a row of layers, such as the norm and head at the end.
    parts = weight.name.split(".")
    return weight.owner not in LAYERS or not parts[-2].isdigit() or len(weight.numbers) > 1


@lru_cache(maxsize=256)
def _find_blocks(weights: tuple[Weight, ...]) -> list[int]:
    return sorted({one.numbers[0] for one in weights if _is_in_block(one)})


def find_blocks(weights: Sequence[Weight]) -> list[int]:
    """Return the numbers of the blocks that have weights of their own."""
    return _find_blocks(tuple(weights))


def list_first_block(weights: Sequence[Weight]) -> list[Weight]:
    """Return the weights of the first block and those outside of all."""
    blocks = find_blocks(weights)
    return [one for one in weights if not _is_in_block(one) or one.numbers[0] == blocks[0]]


def _list_block(weights: Sequence[Weight], block: int, named: int) -> set[tuple[str, tuple[int, ...]]]:
    own = [one for one in weights if _is_in_block(one) and one.numbers[0] == block]
    return {(_renumber(one.name, named), one.shape) for one in own}


def _renumber(name: str, block: int) -> str:
    return re.sub(r"(?<=\.)\d+(?=\.)|^\d+(?=\.)", str(block), name, count=1)


def _match(theirs: Sequence[Weight], ours: Sequence[Weight], blocks: bool) -> Iterator[list[WeightSlice]]:
    """Yield assignments of one block's weights and those outside: by names as far as they tell, else by shape."""
    # Without a name for the gate, numbers tell nothing: Llama calls gate, contraction and expansion w1, w2 and w3.
    unknown = GATED if "gate" in _list_roles(ours) - _list_roles(theirs) else ()

    def infer_role(weight: Weight) -> str | None:
        role = weight.infer_role()
        return None if role in unknown else role

    def find_group(weight: Weight) -> tuple[Any, ...]:
        return blocks and _is_in_block(weight), infer_role(weight), weight.leaf

    groups: dict[tuple[Any, ...], list[Weight]] = {}
    for weight in theirs:
        groups.setdefault(find_group(weight), []).append(weight)
    left_ours, left_theirs = list(ours), list(theirs)
    choices: list[list[list[WeightSlice]]] = []
    for weight in ours:
        group = groups.get(find_group(weight), []) if infer_role(weight) else []
        found = _join(weight, sorted(group, key=lambda one: one.numbers)) if group else []
        if not found:
            continue
        choices.append(found)
        left_ours.remove(weight)
        left_theirs = [one for one in left_theirs if one not in group]
    named = [list(itertools.chain(*choice)) for choice in itertools.islice(itertools.product(*choices), 16)]
    for tail in _Shapes(blocks).match(left_theirs, left_ours, {}):
        for head in named:
            yield [*head, *tail]


def _list_roles(weights: Sequence[Weight]) -> set[str | None]:
    return {one.infer_role() for one in weights}


def _join(ours: Weight, group: Sequence[Weight]) -> list[list[WeightSlice]]:
    """Return the ways in which some of a learner's weights make up one of ours: whole, turned, or head by head."""
    if not ours.shape:
        return [[WeightSlice(ours.name, group[0].name, (0, 0), (0, 0))]] if [one.shape for one in group] == [()] else []
    flat: list[tuple[Weight, int | None, tuple[int, ...]]] = [
        (one, None, (math.prod(one.shape[:2]), *one.shape[2:]) if len(one.shape) == 3 else one.shape) for one in group
    ]
    cut: list[tuple[Weight, int | None, tuple[int, ...]]] = [
        (one, head, one.shape[1:]) for one in group if len(one.shape) == 3 for head in range(one.shape[0])
    ]
    ways = []
    for parts, turned in itertools.product((flat, cut), (False, True)):
        # A bare parameter may be meant for x @ W, where ours is for x @ Wᵀ.
        if turned and (len(ours.shape) != 2 or any(one.owner in FIXED for one in group)):
            continue
        shapes = [shape[::-1] if turned else shape for _, _, shape in parts]
        if not shapes or any(len(shape) != len(ours.shape) or shape[1:] != ours.shape[1:] for shape in shapes):
            continue
        ends = list(itertools.accumulate((shape[0] for shape in shapes), initial=0))
        if ends[-1] == ours.shape[0]:
            spans = zip(parts, itertools.pairwise(ends), strict=True)
            ways.append(
                [
                    WeightSlice(ours.name, one.name, span, (0, span[1] - span[0]), turned, head)
                    for (one, head, _), span in spans
                ]
            )
    return ways


class _Shapes:
    """Matches weights whose names say nothing, and gives up when there are too many ways to look through."""

    def __init__(self, blocks: bool) -> None:
        self.blocks = blocks
        self.visits = 0

    def match(
        self, theirs: Sequence[Weight], ours: Sequence[Weight], twins: Mapping[str, str]
    ) -> Iterator[list[WeightSlice]]:
        """Yield assignments; ``twins`` tells which of their layers is which of ours so far, for the biases."""
        self.visits += 1
        if not ours or not theirs or self.visits > MOST_VISITS:
            if not ours and not theirs:
                yield []
            return
        first = ours[0]
        inside = [one for one in theirs if not self.blocks or _is_in_block(one) == _is_in_block(first)]
        layer = first.name.rpartition(".")[0]
        for group in [[one] for one in inside] + _group_heads(inside):
            their_layer = group[0].name.rpartition(".")[0]
            if {first.owner, *(one.owner for one in group)} <= LAYERS:
                if any((first.owner, first.leaf) != (one.owner, one.leaf) for one in group):
                    continue
                if twins.get(layer, their_layer) != their_layer:
                    continue
            left = [one for one in theirs if one not in group]
            for way in _join(first, group):
                for tail in self.match(left, ours[1:], {**twins, layer: their_layer}):
                    yield [*way, *tail]
        yield from self._match_fused(theirs, inside, ours, twins)

    def _match_fused(
        self, theirs: Sequence[Weight], inside: Sequence[Weight], ours: Sequence[Weight], twins: Mapping[str, str]
    ) -> Iterator[list[WeightSlice]]:
        """Yield assignments in which queries, keys and values lie in one of theirs, or in one for each head.

        Gate and expansion may lie in one, too.
        """
        first = ours[0]
        found = {
            one.infer_role(): one
            for one in ours
            if one.leaf == first.leaf and (not self.blocks or _is_in_block(one) == _is_in_block(first))
        }
        for roles in (FUSED, GATED[:2]):
            fused = {role: found[role] for role in roles if role in found}
            if (
                first not in fused.values()
                or len(fused) < len(roles)
                or len({one.shape[1:] for one in fused.values()}) > 1
            ):
                continue
            rest = [one for one in ours if one not in fused.values()]
            # Only attention has heads.
            for group in [[one] for one in inside] + (_group_heads(inside) if roles == FUSED else []):
                left = [one for one in theirs if one not in group]
                for pieces in _split(fused, group):
                    for tail in self.match(left, rest, twins):
                        yield [*pieces, *tail]


def _group_heads(weights: Sequence[Weight]) -> list[list[Weight]]:
    """Return those weights whose names differ in nothing but the last number, the head's."""
    groups: dict[str, list[Weight]] = {}
    for one in weights:
        if one.numbers:
            groups.setdefault(re.sub(r"\d+(?=\.[^\d]*$)", "*", one.name), []).append(one)
    return [sorted(group, key=lambda one: one.numbers) for group in groups.values() if len(group) > 1]


def _split(fused: Mapping[str, Weight], group: Sequence[Weight]) -> Iterator[list[WeightSlice]]:
    """Yield the ways in which some of ours lie in what a learner has fused: all of each, or by heads."""
    first = next(iter(fused.values()))
    rows = sum(one.shape[0] for one in fused.values())
    shapes = {one.shape for one in group}
    for turned in (False, True):
        wanted = (rows // len(group), *first.shape[1:])
        if shapes != {wanted[::-1] if turned else wanted} or (turned and len(wanted) != 2):
            continue
        if turned and any(one.owner in FIXED for one in group):
            continue
        most_heads = first.shape[0] if "query" in fused else 1
        for heads in range(1, most_heads + 1) if len(group) == 1 else (len(group),):
            if any(one.shape[0] % heads for one in fused.values()):
                continue
            for order in _infer_order(group[0].name, tuple(fused)):
                yield list(_cut(fused, group, heads, order, turned))


def _cut(
    fused: Mapping[str, Weight], group: Sequence[Weight], heads: int, order: Sequence[str], turned: bool
) -> Iterator[WeightSlice]:
    start = 0
    for head in range(heads):
        one = group[head % len(group)]
        start = start if len(group) == 1 else 0
        for role in order:
            count = fused[role].shape[0] // heads
            yield WeightSlice(
                fused[role].name, one.name, (head * count, (head + 1) * count), (start, start + count), turned
            )
            start += count


def _infer_order(name: str, roles: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the order of some roles in a fused weight if its name tells it; every order else."""
    orders = list(itertools.permutations(roles))
    for order in orders:
        letters = "".join(role[0] for role in order)
        if re.search(rf"(?:^|[._]|w){letters}(?:$|[._])|{'.*'.join(order)}", name.lower()):
            return [order]
    return orders


def copy_by_role(ours: Any, theirs: Any, *probe: Any) -> bool:
    """Give a learner's module the weights of ours; return whether both then answer alike; arguments as `find_roles`."""
    return find_roles(ours, theirs, *probe) is not None


def find_roles(ours: Any, theirs: Any, *probe: Any) -> list[WeightSlice] | None:
    """Give a learner's module the weights of ours, and return which is which; None where both never answer alike.

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
                    return pieces
    finally:
        ours.train()
        theirs.train()
    return None
