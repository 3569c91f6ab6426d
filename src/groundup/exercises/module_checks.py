"""What modules of the transformer are asked besides their output: how they learn, and what they do in training.

The output in evaluation mode is `groundup.judge.module_check.ModuleCheck`'s matter. It sees neither a value that was
changed before its gradient was taken, nor dropout, nor layers that PyTorch does not know of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Observation
from groundup.judge.isolation.runner import first_output, seed_everything
from groundup.judge.module_check import ModuleCheck, draw_weights
from groundup.judge.weights import Weight, gather

IN_PLACE = "no gradient, but an error: a value was changed in place"
IN_PLACE_ERROR = "inplace operation"
UNCONNECTED_ERROR = "does not require grad"
SEEDED_FORWARD = (
    "It sets the seed inside forward, so that every call in training drops the same nodes. That is accepted, since the "
    "course's template does it, but it is no dropout: the same part of the network is off at every step. Set a seed "
    "once, outside, if at all."
)


@dataclass(frozen=True)
class LearningCheck(ModuleCheck):
    """Gradients. What is changed in place before its gradient is taken, or detached, is told and no mere error."""

    gradients: bool = True
    tolerance: float | None = 2e-3

    def observe(self, answer: Answer, case: Case) -> Any:
        """Return the gradient along every weight."""
        try:
            return super().observe(answer, case)
        except AnswerRaised as raised:
            if IN_PLACE_ERROR not in raised.text:
                raise
            return Observation(IN_PLACE, {"in place": True})

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the gradients of the reference, or of it with a mistake, with the same weights."""
        if context is not None and context.get("in place"):
            seen = self.observe(candidate, case)
            yield seen.value if isinstance(seen, Observation) else seen
            return
        yield from super().reference_values(candidate, case, context)

    def run(
        self, candidate: Answer, module: Any, pieces: Any, values: dict[str, Any], inputs: tuple[Any, ...], seed: int
    ) -> Any:
        """Return the gradients; zeros where a mistake detaches everything."""
        import torch

        try:
            return super().run(candidate, module, pieces, values, inputs, seed)
        except RuntimeError as error:
            if UNCONNECTED_ERROR not in str(error):
                raise
            return {name: torch.zeros_like(value) for name, value in values.items()}

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say what a change in place does; else what is said of any module."""
        if context is not None and context.get("in place"):
            return [
                "The values are right, but backward() fails: a value that the gradient needs was changed in place. "
                "Look for `+=`, `*=`, or a function whose name ends in `_`; write `x = x + …`."
            ]
        return super().explain(answer, candidate, case, context)


# So many tell a rate of 0.2 from one of 0.15 or 0.25; few are enough to see that there is no chance at all.
COPIES, FEW, TOKENS = 4000, 8, 2
# Smaller spreads are rounding.
LEAST_SPREAD = 1e-3
SPREAD, SPREAD_IN_EVALUATION, SHIFT = (
    "how far copies of one input lie apart in training (natural logarithm)",
    "how far in evaluation",
    "how far their mean lies from that in evaluation (in units of the spread)",
)


CALM = "nothing is dropped"


@dataclass(frozen=True)
class TrainingCheck(ModuleCheck):
    """How random the output is in training: the module gets many copies of one input at the same time.

    Which nodes dropout drops is chance; how far it drives outputs apart, together or each by itself, is not. Compared
    are the spread of every output, that of some sums of them, and their mean against evaluation, as closely as `COPIES`
    copies tell them.

    Attributes
    ----------
    without : str
        The remark on a module that drops nothing at all, which is then accepted; empty if it is not.
    """

    # Each takes thousands of texts; the check of the output, which comes before, has found the roles if they fit.
    most_tries: int = 8
    tolerance: float | None = 0.0
    absolute: float = 0.12
    without: str = ""

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return the spreads and the shift, and a remark where every call in training draws the same."""
        import torch

        sizes, inputs, seed = case
        module = answer.make(self.entry, *sizes, seed=seed)
        parameters = answer.parameters(module)
        values = draw_weights(parameters, seed)
        answer.fill(module, values)
        reached = answer.reached(module, inputs, seed=seed)
        weights = [Weight(str(name), tuple(value.shape), str(owner)) for name, value, owner in parameters]
        unused = [one.name for one in weights if reached and one.name not in reached]

        def use(count: int, training: bool, more: int = 0) -> Any:
            answer.mode(module, training)
            return take_output(answer.use(module, copy_first(inputs[0], count), seed=seed + more))

        told = observe_spread(use)
        if self.without and isinstance(told, dict) and is_calm(told[SPREAD]) and is_calm(told[SPREAD_IN_EVALUATION]):
            return Observation(CALM, {"calm": True}, self.without)
        remark = ""
        if isinstance(told, dict) and not is_calm(told[SPREAD]):
            remark = SEEDED_FORWARD if torch.equal(use(40, True, 1), use(40, True, 2)) else ""
        return Observation(told, {"values": values, "weights": weights, "unused": unused}, remark)

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the same of the reference, or of it with a mistake."""
        if context is not None and context.get("calm"):
            yield CALM
            return
        yield from super().reference_values(candidate, case, context)

    def run(
        self, candidate: Answer, module: Any, pieces: Any, values: dict[str, Any], inputs: tuple[Any, ...], seed: int
    ) -> Any:
        """Return the same of the reference, with a learner's weights and chance of its own."""
        import torch

        weights = gather(pieces, values)

        def use(count: int, training: bool) -> Any:
            seed_everything(seed + 1)
            module.train(training)
            with torch.no_grad():
                return take_output(torch.func.functional_call(module, weights, (copy_first(inputs[0], count),)))

        return observe_spread(use)

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say in which direction dropout is wrong, where that can be found."""
        seen = self.observe(answer, case).value
        wanted = next(self.reference_values(candidate, case, context), None)
        if not isinstance(seen, dict) or not isinstance(wanted, dict):
            return []
        if (seen[SPREAD_IN_EVALUATION] > wanted[SPREAD_IN_EVALUATION] + self.absolute).any():
            return ["In evaluation mode copies of one input get different results: something is drawn there at random."]
        if is_calm(wanted[SPREAD]):
            return ["In training mode copies of one input get different results: no dropout is asked for here."]
        if is_calm(seen[SPREAD]):
            return ["In training mode nothing is dropped: all copies of one input get the same result."]
        if np.abs(seen[SPREAD] - wanted[SPREAD]).max() <= self.absolute:
            return [
                "What dropout keeps is not scaled up by 1 / (1 − p): the mean in training is another than elsewhere."
            ]
        more = "more" if (seen[SPREAD] - wanted[SPREAD]).mean() > 0 else "less"
        return [f"Dropout drives copies of one input {more} apart than it should: look at its rate and its place."]


def copy_first(batch: Any, count: int) -> Any:
    """Return this many copies of the first tokens of a batch's first text; of a table of numbers, of its first row."""
    if batch.ndim == 2 and batch.is_floating_point():
        return batch[:1].repeat(count, 1)
    return batch[:1, :TOKENS].repeat(count, *[1] * (batch.ndim - 1))


def fixed_cases(*sizes: tuple[int, ...]) -> st.SearchStrategy[Case]:
    """Draw one of few cases, since each is costly: what a class is built with, one text of vectors, and a seed.

    Parameters
    ----------
    *sizes : tuple of int
        What the class is built with; the first number is the vectors' width.
    """

    def build(place: int) -> Case:
        import torch

        generator = torch.Generator().manual_seed(place)
        return sizes[place], (torch.randn(1, TOKENS, sizes[place][0], generator=generator),), place

    return st.sampled_from(range(len(sizes))).map(build)


def is_calm(spread: Any) -> bool:
    """Tell whether copies of one input hardly lie apart."""
    return bool((spread < np.log(2 * LEAST_SPREAD)).all())


def observe_spread(use: Callable[[int, bool], Any]) -> dict[str, Any] | str:
    """Return what chance does to a module's output.

    Parameters
    ----------
    use : callable
        How many copies, and whether in training mode → the output.
    """
    told = describe_spread(use(FEW, True), use(FEW, False), FEW)
    calm = isinstance(told, dict) and is_calm(told[SPREAD]) and is_calm(told[SPREAD_IN_EVALUATION])
    return told if calm or isinstance(told, str) else describe_spread(use(COPIES, True), use(COPIES, False), COPIES)


def take_output(result: Any) -> Any:
    """Return a module's output as a tensor: the first thing where it returns several, what a NumPy array holds."""
    import torch

    output = first_output(result)
    return output.detach() if isinstance(output, torch.Tensor) else torch.as_tensor(np.asarray(to_plain(output), float))


def describe_spread(training: Any, evaluation: Any, copies: int) -> dict[str, Any] | str:
    """Return how far copies of one input are driven apart, and their mean away from that in evaluation.

    Parameters
    ----------
    training, evaluation : Tensor
        A module's output for all copies in either mode.
    copies : int
        How many there are.
    """
    import torch

    if any(output.ndim < 2 or len(output) != copies for output in (training, evaluation)):
        return "no output for each of the copies"
    count = training[0].numel()
    sums = torch.randn(count, 3, generator=torch.Generator().manual_seed(count), dtype=torch.float64)
    found = []
    for output in (training, evaluation):
        flat = output.reshape(copies, -1).double()
        every = torch.cat([flat, flat @ sums], 1) if flat.shape[1] == count else flat
        found.append((every.mean(0), every.std(0).clamp(min=LEAST_SPREAD)))
    (mean, spread), (mean_then, spread_then) = found
    if mean.shape != mean_then.shape:
        return "outputs of different shapes in training and in evaluation"
    return {
        SPREAD: spread.log().numpy(),
        SPREAD_IN_EVALUATION: spread_then.log().numpy(),
        SHIFT: ((mean - mean_then) / spread).numpy(),
    }


# Counts the weights of layers in plain lists and dictionaries.
HIDDEN = """
import torch

def make(module):
    known = {id(value) for value in module.parameters()}
    seen, found = set(), {}

    def walk(value, hidden):
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, torch.nn.Parameter):
            if hidden and id(value) not in known:
                found[id(value)] = value.numel()
        elif isinstance(value, torch.nn.Module):
            for inner in [*vars(value).values()]:
                walk(inner, hidden)
        elif isinstance(value, dict):
            for inner in [*value.values()]:
                walk(inner, True)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                walk(inner, True)

    walk(module, False)
    return sum(found.values())
"""
HIDDEN_WEIGHTS = "numbers in layers that PyTorch does not know of"


@dataclass(frozen=True)
class RegisteredCheck(Check):
    """Whether PyTorch knows of all layers: it finds those that are attributes, and none in a plain list."""

    variants: tuple[str, ...] = ()

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return how many numbers there are in layers that PyTorch does not know of."""
        module = answer.make(self.entry, *case)
        return Observation({HIDDEN_WEIGHTS: answer.method(answer.given(HIDDEN, module), ["__int__"])}, {})

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the same of the reference in each of its forms."""
        for entry in (self.entry, *self.variants):
            yield self.__class__(self.name, entry, self.cases).observe(candidate, case).value
