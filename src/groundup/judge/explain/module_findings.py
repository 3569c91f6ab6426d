"""Describes a wrong module without a known mistake: its weights, its gradients, and what leaks between tokens."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from groundup.judge.isolation.fork_server import AnswerDied, ForkServerDied
from groundup.judge.weight_matching import FUSED, find_blocks, list_first_block, match_roles
from groundup.judge.weights import Weight

MOST_FAMILIES = 4
DETACHED = (
    "Gradients detached: no gradient reaches any weight, so that nothing of your module learns. Look for detach(), "
    "torch.no_grad(), numpy() or a new tensor made of old values."
)

NO_WEIGHTS = (
    "PyTorch finds no weights in your module: make every layer in __init__, and keep it as self.…. What is made in "
    "forward is new, and random, at every call."
)


def has_match(theirs: Sequence[Weight], ours: Sequence[Weight]) -> bool:
    """Tell whether a learner's weights match ours in some order."""
    return next(match_roles(theirs, ours), None) is not None


def explain_weights(theirs: Sequence[Weight], forms: Sequence[Sequence[Weight]]) -> list[str]:
    """Say which weights of a learner's module are superfluous or missing; nothing if some form fits.

    Parameters
    ----------
    theirs : sequence of Weight
        The learner's.
    forms : sequence of sequence of Weight
        Ours, in every form that is accepted. What is said is about the nearest.
    """
    if any(has_match(theirs, form) for form in forms):
        return []
    if not theirs:
        return [NO_WEIGHTS]
    for form in forms:
        for extra in choose_biases(theirs):
            if has_match([one for one in theirs if one not in extra], form):
                return [f"Your module has {name_weights(extra)}: no such bias is asked for. Set bias=False there."]
        for lost in choose_biases(form):
            if has_match(theirs, [one for one in form if one not in lost]):
                return [f"A bias is missing: ours has {name_weights(lost)}, yours has none there."]
    for form in forms:
        if said := explain_blocks(theirs, form):
            return said
    extra, lost = min((compare_shapes(theirs, form) for form in forms), key=lambda pair: len(pair[0]) + len(pair[1]))
    pairs = [(one, other) for one in extra for other in lost if is_twin(one, other)]
    if pairs and len({one for one, _ in pairs}) == len(pairs):
        told = [f"{one.name} has the shape {one.shape} instead of {other.shape}" for one, other in pairs[:4]]
        return [f"In your module {', '.join(told)}."]
    said = []
    if extra:
        said.append(f"Your module has {name_weights(extra)}, for which there is no use here.")
    if lost:
        said.append(f"Missing in your module: {name_weights(lost)} (the names are ours).")
    return said or [
        "Your weights have the right shapes, but what each is for cannot be told: name them after it, query, key and "
        "so on."
    ]


def is_twin(one: Weight, other: Weight) -> bool:
    """Tell whether two weights of different shapes are for the same, as far as their names tell."""
    same = one.infer_role() is not None and one.infer_role() == other.infer_role() and one.leaf == other.leaf
    return same and one.numbers[:1] == other.numbers[:1] and len(one.shape) == len(other.shape)


def explain_blocks(theirs: Sequence[Weight], ours: Sequence[Weight]) -> list[str]:
    """Say that a model has a different number of blocks, if that is the only difference."""
    counts = [len(find_blocks(weights)) for weights in (theirs, ours)]
    if not counts[1] or counts[0] == counts[1]:
        return []
    if not counts[0]:
        return [f"Your model has no block with weights of its own; {counts[1]} are asked for."]
    one_each = [list_first_block(weights) for weights in (theirs, ours)]
    if not has_match(*one_each):
        return []
    return [
        f"Your model has weights for {counts[0]} block{'s' if counts[0] > 1 else ''}; {counts[1]} "
        f"{'are' if counts[1] > 1 else 'is'} asked for, each with its own."
    ]


def choose_biases(weights: Sequence[Weight]) -> Iterator[list[Weight]]:
    """Yield biases that could be too many: of one layer, wherever it is repeated, then of two, and so on."""
    families: dict[str, list[Weight]] = {}
    for one in weights:
        if one.leaf == "bias":
            families.setdefault(re.sub(r"\d+", "*", one.name), []).append(one)
    for count in range(1, min(len(families), MOST_FAMILIES) + 1):
        for chosen in itertools.combinations(families.values(), count):
            yield list(itertools.chain(*chosen))


def compare_shapes(theirs: Sequence[Weight], ours: Sequence[Weight]) -> tuple[list[Weight], list[Weight]]:
    """Return the weights too many and those missing, the same role and shape told first to be the same weight."""
    left = list(ours)
    extra = []
    for weight in theirs:
        alike = [one for one in left if one.shape == weight.shape and one.leaf == weight.leaf]
        twin = next((one for one in alike if one.infer_role() == weight.infer_role()), None) or next(iter(alike), None)
        fused = [one for one in left if one.infer_role() in FUSED and one.leaf == weight.leaf][:3]
        if twin is not None:
            left.remove(twin)
        elif len(fused) == 3 and sum(math.prod(one.shape) for one in fused) == math.prod(weight.shape):
            left = [one for one in left if one not in fused]
        else:
            extra.append(weight)
    return extra, left


def name_weights(weights: Sequence[Weight]) -> str:
    """Return weights by name and shape; of many, the first ones and how many more there are."""
    named = [f"{one.name} of shape {one.shape}" for one in weights[:3]]
    return ", ".join(named) + (f" and {len(weights) - 3} more" if len(weights) > 3 else "")


def explain_gradients(connected: bool, got: Mapping[str, Any], wanted: Mapping[str, Any] | None) -> list[str]:
    """Say which weights no gradient reaches, though one should.

    Parameters
    ----------
    connected : bool
        Whether the output depends on anything that learns.
    got, wanted : mapping
        The gradients by the learner's names; None if there is none.
    """
    if not connected:
        return [DETACHED]
    lost = [
        name
        for name, value in (wanted or {}).items()
        if value.abs().max() > 1e-6 and (got.get(name) is None or not got[name].any())
    ]
    if not lost:
        return []
    if len(lost) == len(wanted or {}):
        return [DETACHED]
    return [
        f"No gradient reaches {', '.join(lost)}: what they compute is right, but they never learn. Something between "
        "them and the output is detached, rounded, or computed under torch.no_grad()."
    ]


def explain_unused(connected: bool, got: Mapping[str, Any]) -> list[str]:
    """Say which weights the output does not depend on; nothing if it depends on none at all."""
    unused = [name for name, value in got.items() if value is None]
    if not connected or not unused or len(unused) == len(got):
        return []
    return [f"Your output does not depend on {', '.join(unused[:4])}: it is defined, but never used."]


def explain_chance(outputs: Sequence[Any]) -> list[str]:
    """Say whether calls with one input, in evaluation mode, came to different results."""
    if all(bool(((one - outputs[0]).abs().nan_to_num(0.0) < 1e-6).all()) for one in outputs[1:]):
        return []
    return [
        "In evaluation mode, one input gives another result at every call: dropout is still active there, or numbers "
        "are drawn inside forward."
    ]


def remark_on_equal_starts(values: Mapping[str, Any]) -> str:
    """Return a remark on heads or blocks that start with the same weights; nothing if none do.

    Parameters
    ----------
    values : mapping
        Weights by name, as the learner's module drew them.
    """
    seen: dict[str, tuple[str, Any]] = {}
    for name, value in values.items():
        if value.ndim < 2 or bool((value == value.flatten()[0]).all()):
            continue
        for number in re.finditer(r"(?<=\.)\d+(?=\.)", name):
            family = f"{name[: number.start()]}*{name[number.end() :]}"
            first, other = seen.setdefault(family, (name[: number.end()], value))
            if other is not value and other.shape == value.shape and bool((other == value).all()):
                return (
                    f"{first} and {name[: number.end()]} start out with the same weights: a seed set in the "
                    "constructor of each makes them all alike. Seed once, outside, if at all."
                )
    return ""


def remark_on_unused(names: Sequence[str]) -> str:
    """Return a remark on weights that a module makes and never uses; nothing if there are none."""
    if not names:
        return ""
    layers = list(dict.fromkeys(name.rpartition(".")[0] or name for name in names))
    told = ", ".join(layers[:4])
    return (
        f"{told} {'is' if len(layers) == 1 else 'are'} made and never used: what it computes would be the same without."
    )


Call = Callable[[Any], Any]


def explain_leaks(theirs: Call, ours: Call, inputs: tuple[Any, ...], seed: int) -> list[str]:
    """Say whether a later token changes an earlier output, or one text of a batch changes another.

    Parameters
    ----------
    theirs, ours : callable
        A module in evaluation mode, as a function of its first input.
    inputs : tuple
        Of the failing case; batches are drawn like them, but longer.
    seed : int
        Of what is drawn.
    """
    said = []
    for time in (4, 3, 2):
        pair = draw_batches(inputs, time, seed)
        if pair is None:
            return []
        try:
            found, known = (find_leaks(call, *pair) for call in (theirs, ours))
        except (AnswerDied, ForkServerDied):
            raise
        except Exception:  # noqa: BLE001 - a text too long for what was built, for one
            continue
        if found["future"] is not None and known["future"] is None:
            said.append(
                f"The future leaks: a change of token {time - 1} changes the output at token {found['future']} (of 0 … "
                f"{time - 1}). What stands at a place may depend on that place and those before it only."
            )
        if found["batch"] and not known["batch"]:
            said.append(
                "The texts of a batch change each other's output: with another second text, the first one's output is "
                "another. Look for a softmax, mean or sum over dimension 0, the batch."
            )
        return said
    return said


def draw_batches(inputs: tuple[Any, ...], time: int, seed: int) -> tuple[Any, Any, Any] | None:
    """Return two texts, the same with another last token, and the same with another second text."""
    import torch

    if len(inputs) != 1 or not isinstance(inputs[0], torch.Tensor):
        return None
    generator = torch.Generator().manual_seed(seed)
    if inputs[0].is_floating_point() and inputs[0].ndim == 3:
        first = torch.randn(2, time, inputs[0].shape[-1], generator=generator)
        other = torch.randn(first.shape, generator=generator)
    elif inputs[0].dtype == torch.int64 and inputs[0].ndim == 2:
        first = torch.randint(0, 2, (2, time), generator=generator)
        other = 1 - first
    else:
        return None
    last, second = first.clone(), first.clone()
    last[:, -1] = other[:, -1]
    second[1] = other[1]
    return first, last, second


def find_leaks(call: Call, first: Any, last: Any, second: Any) -> dict[str, Any]:
    """Return the first place whose output the last token changes, and whether the second text changes the first one's.

    Raises
    ------
    ValueError
        The output is not one vector a token.
    """
    import torch

    outputs = [call(batch) for batch in (first, last, second)]
    if any(not isinstance(out, torch.Tensor) or out.ndim != 3 or out.shape[:2] != first.shape[:2] for out in outputs):
        raise ValueError("the output is not one vector a token")
    out, changed, beside = (output.double().nan_to_num(7.0) for output in outputs)
    moved = (out - changed).abs().amax((0, 2))[:-1] > 1e-4
    return {
        "future": int(moved.nonzero()[0]) if moved.any() else None,
        "batch": bool(((out - beside)[0].abs() > 1e-4).any()),
    }
