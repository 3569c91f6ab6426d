"""Checks of answers that are modules: the function is judged, whatever the order and the seed of its layers.

The learner's module is built, every weight of it gets a fresh random value, and output and gradients are taken. The
reference then gets the same values, each by its role (`groundup.judge.weight_matching`), and must come to the same.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import has_fractions, is_rounded, to_plain
from groundup.judge.exercise import Case, Check, Observation
from groundup.judge.explain.module_findings import (
    explain_chance,
    explain_gradients,
    explain_leaks,
    explain_unused,
    explain_weights,
    has_match,
    remark_on_equal_starts,
    remark_on_unused,
)
from groundup.judge.isolation.runner import first_output, seed_everything
from groundup.judge.weight_matching import MOST_TRIES, match_roles
from groundup.judge.weights import Weight, gather, list_weights

ROUNDED = "rounded: its gradient is zero everywhere"
CHANCE = "another result at every call, although in evaluation mode"
REMARK = (
    "It rounds what it returns. That is accepted here, but rounding has no gradient: a model with it inside does not "
    "learn. Used as a part, its gradient is let through."
)
NO_TENSOR = (
    "It returns a {kind} instead of a tensor. That is accepted here, but no gradient goes through it: a model that "
    "ends like this does not learn. Return the tensor."
)


@dataclass(frozen=True)
class ModuleCheck(Check):
    """A check of a module's output, or of its gradients.

    Its cases are ``(sizes, inputs, seed)``: what the class is built with, what the module is called with, and what the
    weights are drawn by.

    Attributes
    ----------
    gradients : bool
        Whether gradients are compared rather than the output.
    variants : sequence of str
        Names in the reference of other forms that are right, too; the entry itself is always one.
    most_tries : int
        How many ways to match the weights of one form are tried at most.
    """

    gradients: bool = False
    variants: tuple[str, ...] = ()
    most_tries: int = MOST_TRIES

    def observe(self, answer: Answer, case: Case) -> Any:
        """Return output or gradients of the answer's module with random weights."""
        sizes, inputs, seed = case
        module = answer.make(self.entry, *sizes, seed=seed)
        parameters = answer.parameters(module)
        values = draw_weights(parameters, seed)
        answer.fill(module, values)
        answer.mode(module, False)
        weights = [Weight(str(name), tuple(value.shape), str(owner)) for name, value, owner in parameters]
        reached = answer.reached(module, inputs, seed=seed)
        unused = [one.name for one in weights if reached and one.name not in reached]
        context = {"values": values, "weights": weights, "unused": unused}
        outputs = [answer.use(module, *inputs, seed=seed + number) for number in (0, 1)]
        output, again = map(first_output, outputs)
        if is_chance(output, again):
            return Observation(CHANCE, {**context, "chance": True})
        if not self.gradients:
            remark = remark_on_equal_starts({name: value for name, value, _ in parameters}) or remark_on_unused(unused)
            return Observation(output, context, remark)
        if type(output).__module__.partition(".")[0] != "torch":
            kind = {"ndarray": "NumPy array"}.get(type(output).__name__, type(output).__name__)
            return Observation(ROUNDED, {**context, "rounded": True}, NO_TENSOR.format(kind=kind))
        found = answer.gradients(module, inputs, draw_like(output, seed), seed=seed)
        plain = to_plain(output)
        known = {name: value for name, value in found["weights"].items() if value is not None}
        still = not found["connected"] or not any(value.any() for value in known.values())
        if still and isinstance(plain, np.ndarray) and is_rounded(plain, 4) and plain.any():
            # A softmax over one output is always 1.
            remark = REMARK if has_fractions(plain) else ""
            return Observation(ROUNDED, {**context, "rounded": True}, remark)
        zero = {name: np.zeros(value.shape, np.float32) for name, value in values.items()}
        return Observation({**zero, **known}, context)

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield what the reference gives with the same weights, for every way in which their roles can be found."""
        sizes, inputs, seed = case
        if context is None:
            # The candidate is observed for itself.
            yield self.observe(candidate, case)
            return
        if context.get("rounded"):
            yield ROUNDED
            return
        # What is made and never used may be left out, and must be where a form has no use for it.
        for theirs in [context["weights"]] + ([list_used(context)] if context.get("unused") else []):
            matched = False
            for entry, likely in self.sort_forms(theirs, sizes):
                if matched and not likely:
                    break
                module = build_local(candidate, entry, sizes, seed)
                ours = list_weights(module)
                _sizes.setdefault((id(self), entry, sizes), count_numbers(ours))
                for pieces in itertools.islice(match_roles(theirs, ours), self.most_tries):
                    matched = True
                    try:
                        if context.get("chance"):
                            yield look_for_chance(module, pieces, context["values"], inputs, seed)
                        else:
                            yield self.run(candidate, module, pieces, context["values"], inputs, seed)
                    except Exception as error:
                        raise AnswerRaised(type(error).__name__, str(error), None) from error

    def sort_forms(self, theirs: list[Weight], sizes: tuple[Any, ...]) -> list[tuple[str, bool]]:
        """Return the forms, and whether each is likely: those with as many numbers as a learner's module come first.

        They are not the only ones: a module that lacks a layer may have as many by chance.
        """
        forms = [self.entry, *self.variants]
        known = {form: _sizes.get((id(self), form, sizes)) for form in forms}
        fitting = [form for form in forms if known[form] == count_numbers(theirs)]
        if not fitting or None in known.values():
            return [(form, True) for form in forms]
        return [(form, True) for form in fitting] + [(form, False) for form in forms if form not in fitting]

    def run(
        self,
        candidate: Answer,  # noqa: ARG002 - the check's signature
        module: Any,
        pieces: Any,
        values: dict[str, Any],
        inputs: tuple[Any, ...],
        seed: int,
    ) -> Any:
        """Return what the reference's module gives with a learner's weights in its own places.

        Parameters
        ----------
        candidate : Answer
            The reference.
        module : nn.Module
            Built by it.
        pieces : list of WeightSlice
            Whose weights are whose.
        values : dict of str to Tensor
            The learner's weights by their names.
        inputs, seed
            Of the case.
        """
        import torch

        leaves = {name: value.clone().requires_grad_(self.gradients) for name, value in values.items()}
        seed_everything(seed)
        with torch.set_grad_enabled(self.gradients):
            output = torch.func.functional_call(module, gather(pieces, leaves), inputs)
        if not self.gradients:
            return output
        (output * draw_like(output, seed)).sum().backward()
        return {name: leaf.grad if leaf.grad is not None else torch.zeros_like(leaf) for name, leaf in leaves.items()}

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say which weights are too many or missing, what no gradient reaches, and whether anything leaks."""
        if context is None or "values" not in context:
            return []
        import torch

        sizes, inputs, seed = case
        ours = [build_local(candidate, entry, sizes, seed) for entry in (self.entry, *self.variants)]
        forms = [list_weights(form) for form in ours]
        used = list_used(context)
        if not any(has_match(used, form) for form in forms) and (said := explain_weights(context["weights"], forms)):
            return said
        module = answer.make(self.entry, *sizes, seed=seed)
        answer.fill(module, context["values"])
        answer.mode(module, False)
        outputs = [answer.use(module, *inputs, seed=seed + number) for number in range(4)]
        if not all(isinstance(one, torch.Tensor) and one.shape == outputs[0].shape for one in outputs):
            return []
        found = answer.gradients(module, inputs, draw_like(outputs[0], seed), seed=seed)
        if self.gradients:
            return explain_gradients(
                found["connected"], found["weights"], next(self.reference_values(candidate, case, context))
            )
        with torch.no_grad():
            leaks = explain_leaks(lambda x: answer.use(module, x, seed=seed), ours[0], inputs, seed)
        return [*explain_chance(outputs), *leaks, *explain_unused(found["connected"], found["weights"])]


# How many numbers the weights of each form hold, of the reference without mistakes, which is always built first.
_sizes: dict[tuple[int, str, tuple[Any, ...]], int] = {}


def count_numbers(weights: list[Weight]) -> int:
    """Return how many numbers some weights hold together."""
    return sum(math.prod(one.shape) for one in weights)


def list_used(context: Mapping[str, Any]) -> list[Weight]:
    """Return the weights of a learner's module that its output depends on."""
    return [one for one in context["weights"] if one.name not in context.get("unused", ())]


def is_chance(output: Any, again: Any) -> bool:
    """Tell whether two calls of a module in evaluation mode gave different numbers."""
    first, second = to_plain(output), to_plain(again)
    both = isinstance(first, np.ndarray) and isinstance(second, np.ndarray) and first.shape == second.shape
    return both and not np.array_equal(first, second, equal_nan=first.dtype.kind == "f")


def look_for_chance(module: Any, pieces: Any, values: Mapping[str, Any], inputs: tuple[Any, ...], seed: int) -> Any:
    """Return what the reference's module gives with a learner's weights, or that it gives something else each time."""
    import torch

    outputs = []
    with torch.no_grad():
        for number in (0, 1):
            seed_everything(seed + number)
            outputs.append(torch.func.functional_call(module, gather(pieces, values), inputs))
    return CHANCE if is_chance(*outputs) else outputs[0]


def build_local(candidate: Answer, entry: str, sizes: tuple[Any, ...], seed: int) -> Any:
    """Return the reference's module itself, in evaluation mode; None if it has no such form."""
    handle = candidate.make(entry, *sizes, seed=seed)
    runner = candidate.perform.__self__  # type: ignore[attr-defined]
    module = runner.kept.pop(handle.number)
    return module.eval()


def draw_weights(parameters: list[tuple[str, Any, str]], seed: int) -> dict[str, Any]:
    """Return a random value for every weight: no norm is 1, no bias 0, and outputs stay of the size of inputs.

    A row of an embedding that is all zeros stays so: it is the one of padding, which never learns.
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    values = {}
    for name, value, owner in parameters:
        drawn = torch.randn(value.shape, generator=generator)
        if value.ndim >= 2:
            embeds = "Embedding" in owner
            kept = value.any(dim=-1, keepdim=True) if embeds else 1
            values[str(name)] = (1.0 if embeds else 1.5 * value.shape[-1] ** -0.5) * drawn * kept
        else:
            values[str(name)] = (1.0 if "Norm" in owner and str(name).endswith("weight") else 0.0) + 0.3 * drawn
    return values


def draw_like(output: Any, seed: int) -> Any:
    """Return random weights for an output, to take the gradient of their product."""
    import torch

    return torch.randn(output.shape, generator=torch.Generator().manual_seed(seed + 1))
