"""Checks that gradients flow through a function: what is learned with it must reach its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from groundup.judge.answer import Answer, AnswerRaised
from groundup.judge.exercise import Case, Check, Observation

NONE = "no gradient"
PASSED_OVER = "takes no tensors"
CAUSES = "Look for detach(), item(), numpy(), torch.no_grad(), rounding, or a new tensor made of old values."


@dataclass(frozen=True)
class GradientCheck(Check):
    """A check of a function's gradients along some of its arguments, PyTorch tensors of float.

    Its cases are the function's arguments. Compared are the gradients of ``Σ result · random weights``, as PyTorch's
    autograd finds them through the answer.

    Attributes
    ----------
    along : mapping of int to str
        Place of an argument → its name.
    if_tensors : bool
        Whether the function is asked for NumPy arrays, and tensors are beyond that: an answer that refuses them, or
        returns something else than a tensor, is passed over.
    """

    along: tuple[tuple[int, str], ...] = ()
    if_tensors: bool = False
    tolerance: float | None = 1e-3
    absolute: float = 1e-5

    def observe(self, answer: Answer, case: Case) -> Observation:
        """Return the gradient along each argument, by its name."""
        places = dict(self.along)
        try:
            found = answer.function_gradients(self.entry, case, list(places), seed=1)
        except AnswerRaised:
            if self.if_tensors:
                return Observation(PASSED_OVER, {"passed over": True})
            raise
        if self.if_tensors and found["kind"] != "Tensor":
            return Observation(PASSED_OVER, {"passed over": True})
        gradients = found["gradients"]
        told = {
            f"gradient along {name}": gradients[str(place)] if gradients.get(str(place)) is not None else NONE
            for place, name in places.items()
        }
        return Observation(told, {"kind": found["kind"], "connected": found["connected"]})

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the gradients of the reference, or of it with a mistake."""
        if context is not None and context.get("passed over"):
            yield PASSED_OVER
            return
        yield self.observe(candidate, case).value

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say that no gradient comes through, and why."""
        if context is None:
            return []
        if not context["connected"]:
            kind = context["kind"]
            if kind == "Tensor":
                return [
                    f"The values are right, but no gradient flows through: nothing in front of it would learn. {CAUSES}"
                ]
            what = {"ndarray": "a NumPy array", "float": "a Python number", "int": "a Python number"}.get(
                kind, f"a {kind}"
            )
            return [
                f"It returns {what}, through which no gradient flows: nothing in front of it would learn. Return a "
                "tensor, computed from the arguments by PyTorch alone."
            ]
        seen = self.observe(answer, case).value
        wanted = self.observe(candidate, case).value
        lost = [
            name
            for name in seen
            if isinstance(seen[name], str) or (bool(wanted[name].abs().max() > 1e-6) and not bool(seen[name].any()))
        ]
        if lost:
            return [f"There is no {' and no '.join(lost)}: the values are right, but that way nothing learns. {CAUSES}"]
        return [
            "The values are right, but not their gradients: a part of the result is detached, rounded or cut. " + CAUSES
        ]
