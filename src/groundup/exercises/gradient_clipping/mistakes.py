"""What goes wrong in gradient clipping: the norm, the factor, and what is returned."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

NORM = "torch.stack([(gradient**2).sum() for gradient in gradients]).sum().sqrt().item()"
FACTOR = "min(1.0, longest / (norm + EPSILON))"
CLIPPED = "[factor * gradient for gradient in gradients]"
RETURN = f"return {CLIPPED}, norm"


def wrong(name: str, says: str, *edits: tuple[str, str]) -> Mistake:
    """Return a mistake in the clipping."""
    return Mistake(name, says, [Edit(old, new, "clip_gradients") for old, new in edits])


MISTAKES = [
    wrong(
        "each tensor clipped by itself",
        "You clip each tensor by its own norm, so the step changes its direction. One norm over all tensors gives one factor for all.",
        (
            CLIPPED,
            "[min(1.0, longest / ((gradient**2).sum().sqrt().item() + EPSILON)) * gradient for gradient in gradients]",
        ),
    ),
    wrong(
        "each number cut off",
        "You cut each number off at max_norm (clamp). Multiply all of them by one factor, so that the direction stays.",
        (CLIPPED, "[gradient.clamp(-longest, longest) for gradient in gradients]"),
    ),
    wrong(
        "short gradients made longer",
        "You bring every gradient to the length max_norm. Those that are short enough stay as they are: the factor is at most 1.",
        (FACTOR, "longest / (norm + EPSILON)"),
    ),
    wrong(
        "short gradients made longer, those of length 0 NaN",
        "You bring every gradient to the length max_norm, and divide by 0 where the norm is 0. Those that are short enough stay as they are: "
        "the factor is at most 1.",
        (FACTOR, "longest / norm"),
    ),
    wrong(
        "divided by a norm of 0",
        "Where all gradients are 0 you divide by their norm, 0. They stay as they are then: divide only where the norm is above max_norm.",
        (FACTOR, "min(1.0, longest / norm)"),
    ),
    wrong(
        "the factor at least 1",
        "Your factor is never below 1: long gradients stay long, and short ones grow. Use min, not max.",
        (FACTOR, "max(1.0, longest / (norm + EPSILON))"),
    ),
    wrong(
        "nothing clipped",
        "You return the gradients as they are. Multiply them by max_norm / norm where the norm is larger than max_norm.",
        (FACTOR, "1.0"),
    ),
    wrong(
        "brought to length 1",
        "You divide long gradients by their norm, so their length is 1. It should be max_norm.",
        (FACTOR, "1.0 / norm if norm > longest else 1.0"),
    ),
    wrong(
        "the factor upside down",
        "Your factor is norm / max_norm. To shorten, multiply by max_norm / norm.",
        (FACTOR, "norm / longest if norm > longest else 1.0"),
    ),
    wrong(
        "multiplied by max_norm alone",
        "You multiply long gradients by max_norm. Divide by the norm, too.",
        (FACTOR, "longest if norm > longest else 1.0"),
    ),
    wrong(
        "no root in the norm",
        "Your norm is the sum of the squares: take the square root of it.",
        (NORM, NORM.replace(".sqrt()", "")),
    ),
    wrong(
        "norms of the tensors added",
        "You add the norms of the tensors. Add the squares of all numbers first, and take the root once.",
        (NORM, "torch.stack([(gradient**2).sum().sqrt() for gradient in gradients]).sum().item()"),
    ),
    wrong(
        "the largest norm of a tensor",
        "You take the largest norm of a tensor. The norm counts the numbers of all tensors.",
        (NORM, "torch.stack([(gradient**2).sum().sqrt() for gradient in gradients]).max().item()"),
    ),
    wrong(
        "the norm of the first tensor",
        "You take the norm of the first tensor only. The norm counts the numbers of all tensors.",
        (NORM, "(gradients[0] ** 2).sum().sqrt().item()"),
    ),
    wrong(
        "the norm of the last tensor",
        "You take the norm of the last tensor only: add up over the tensors with `+=`, not `=`.",
        (NORM, "(gradients[-1] ** 2).sum().sqrt().item()"),
    ),
    wrong(
        "absolute values instead of squares",
        "You add up absolute values. The norm is the root of the sum of the squares.",
        (NORM, "torch.stack([gradient.abs().sum() for gradient in gradients]).sum().item()"),
    ),
    wrong(
        "the largest number instead of the norm",
        "You take the largest number as the norm. It is the root of the sum of all squares.",
        (NORM, "torch.stack([gradient.abs().max() for gradient in gradients]).max().item()"),
    ),
    wrong(
        "mean instead of sum in the norm",
        "You take the mean of the squares. The norm is the root of their sum.",
        (NORM, "torch.cat([(gradient**2).flatten() for gradient in gradients]).mean().sqrt().item()"),
    ),
    wrong(
        "numbers added before they are squared",
        "You add the numbers up first and square the sum. Square each number.",
        (NORM, "torch.stack([gradient.sum() ** 2 for gradient in gradients]).sum().sqrt().item()"),
    ),
    wrong(
        "divided by the squared norm",
        "You divide by the square of the norm: take the root.",
        (FACTOR, "min(1.0, longest / (norm**2 + EPSILON))"),
    ),
    wrong(
        "the root of the factor",
        "Your factor is a root of max_norm / norm. It is max_norm / norm itself.",
        (FACTOR, "min(1.0, longest / (norm + EPSILON)) ** 0.5"),
    ),
    wrong(
        "gradients without their signs",
        "You return the gradients without their signs: leave out abs.",
        (CLIPPED, "[factor * gradient.abs() for gradient in gradients]"),
    ),
    wrong(
        "the norm after clipping",
        "You return the norm after clipping. The norm before it is asked for.",
        (RETURN, f"return {CLIPPED}, factor * norm"),
    ),
    wrong(
        "the factor instead of the norm",
        "You return the factor. The norm before clipping is asked for.",
        (RETURN, f"return {CLIPPED}, factor"),
    ),
    wrong(
        "only the gradients returned",
        "You return the gradients alone. The exercise asks for a tuple: the gradients, and the norm.",
        (RETURN, f"return {CLIPPED}"),
    ),
    wrong(
        "only the norm returned",
        "You return the norm alone. The exercise asks for a tuple: the gradients, and the norm.",
        (RETURN, "return norm"),
    ),
    wrong(
        "all gradients in one tensor",
        "You return one long tensor. The exercise asks for a list with the shapes of the given gradients.",
        (RETURN, f"return [torch.cat([one.flatten() for one in {CLIPPED}])], norm"),
    ),
    wrong(
        "changed in place",
        "You change the given tensors (with *= or a function whose name ends in _). Make new ones: factor * gradient.",
        (CLIPPED, "[gradient.mul_(factor) for gradient in gradients]"),
    ),
    wrong(
        "rounded to 2 places",
        "You round the gradients to 2 places. Nothing is rounded here.",
        (CLIPPED, "[(factor * gradient).round(decimals=2) for gradient in gradients]"),
    ),
]
