"""What goes wrong in the preference loss."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

WITHIN = "preference_loss"
MARGIN = "(chosen - reference_chosen) - (rejected - reference_rejected)"
LOSS = "-functional.logsigmoid(beta * margin).mean()"


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, WITHIN) for old, new in pairs])


MISTAKES = [
    wrong(
        "reference forgotten",
        "You compare the log-probabilities themselves. A chosen answer that was always likelier would then count as learned: subtract what the reference "
        "gives each answer.",
        (MARGIN, "chosen - rejected"),
    ),
    wrong(
        "chosen and rejected exchanged",
        "Your margin is that of the rejected answer: the worse answers become likelier. It is the chosen answer's gain less the rejected one's.",
        (MARGIN, "(rejected - reference_rejected) - (chosen - reference_chosen)"),
    ),
    wrong(
        "a corner where the margin is 0",
        "The values are right, but your loss has a corner where a margin is exactly 0, as all are before the first step: abs, clamp and max give no gradient "
        "there, or twice the right one. Use logsigmoid or softplus.",
        (LOSS, "((-(beta * margin).abs()).exp().log1p() + (-beta * margin).clamp(min=0)).mean()"),
    ),
    wrong(
        "sign forgotten",
        "Your loss is negative: it is −log σ.",
        (LOSS, "functional.logsigmoid(beta * margin).mean()"),
    ),
    wrong(
        "the probability, not its logarithm",
        "You average 1 − σ(beta · margin). The loss is −log σ, which has no upper bound where the model is wrong.",
        (LOSS, "(1 - (beta * margin).sigmoid()).mean()"),
    ),
    wrong(
        "logarithm of a sigmoid that is 0",
        "You take the sigmoid, or the exponential, and the logarithm one after the other. Where the margin is very negative, the sigmoid is rounded to 0 and the "
        "exponential is infinite, and so is the loss. Use logsigmoid or softplus, which do both in one piece.",
        (LOSS, "-(beta * margin).sigmoid().log().mean()"),
    ),
    wrong(
        "beta outside of the logarithm",
        "You multiply the loss by beta. It belongs inside: beta times the margin, then −log σ.",
        (LOSS, "-beta * functional.logsigmoid(margin).mean()"),
    ),
    wrong(
        "divided by beta",
        "You divide the margin by beta. Multiply it: the larger beta, the sooner a margin is large enough.",
        (LOSS, "-functional.logsigmoid(margin / beta).mean()"),
    ),
    wrong(
        "beta forgotten",
        "You leave out beta: multiply the margin by it.",
        (LOSS, "-functional.logsigmoid(margin).mean()"),
    ),
    wrong(
        "summed, not averaged",
        "Your loss is B = {B} times too large: it is the mean over the pairs.",
        (LOSS, "-functional.logsigmoid(beta * margin).sum()"),
    ),
    wrong(
        "reference added",
        "You add the reference's log-probabilities. Subtract them: what counts is how much likelier an answer has become.",
        (MARGIN, "(chosen + reference_chosen) - (rejected + reference_rejected)"),
    ),
    wrong(
        "only the chosen answer's reference",
        "You subtract the reference from the chosen answer only. Both answers are compared with the reference.",
        (MARGIN, "(chosen - reference_chosen) - rejected"),
    ),
    wrong(
        "only the rejected answer's reference",
        "You subtract the reference from the rejected answer only. Both answers are compared with the reference.",
        (MARGIN, "chosen - (rejected - reference_rejected)"),
    ),
    wrong(
        "only the chosen answer",
        "You look at the chosen answer alone. The loss compares it with the rejected one.",
        (MARGIN, "chosen - reference_chosen"),
    ),
    wrong(
        "only the rejected answer",
        "You look at the rejected answer alone. The loss compares it with the chosen one.",
        (MARGIN, "-(rejected - reference_rejected)"),
    ),
    wrong(
        "gains added",
        "You add the two gains: then both answers become likelier. Subtract the rejected answer's gain.",
        (MARGIN, "(chosen - reference_chosen) + (rejected - reference_rejected)"),
    ),
    wrong(
        "hinge loss",
        "You take max(0, 1 − beta · margin), which stops at 1. Here it is −log σ.",
        (LOSS, "(1 - beta * margin).clamp(min=0).mean()"),
    ),
    wrong(
        "squared loss",
        "You take the squared distance of beta · margin from 1. Here it is −log σ.",
        (LOSS, "(1 - beta * margin).square().mean()"),
    ),
    wrong(
        "the margin itself",
        "You return the negative margin. −log σ makes large margins count less and less.",
        (LOSS, "-(beta * margin).mean()"),
    ),
    wrong(
        "the mean inside the logarithm",
        "You average the margins first. Each pair has its own −log σ: the mean is over those.",
        (LOSS, "-functional.logsigmoid((beta * margin).mean())"),
    ),
    wrong(
        "one loss per pair",
        "You return a loss per pair: one number is asked for, their mean.",
        (LOSS, "-functional.logsigmoid(beta * margin)"),
    ),
    wrong(
        "base 2",
        "You take the logarithm to base 2. Here it is the natural one.",
        (LOSS, "-functional.logsigmoid(beta * margin).mean() / 0.6931471805599453"),
    ),
    wrong(
        "no gradient",
        "The values are right, but no gradient reaches the log-probabilities: the model cannot learn. Look for item(), detach(), no_grad(), or a new tensor "
        "made of old values.",
        (LOSS, f"({LOSS}).detach()"),
    ),
    wrong(
        "no gradient through the rejected answer",
        "The values are right, but the rejected answer is detached: it is never pushed down.",
        (MARGIN, "(chosen - reference_chosen) - (rejected - reference_rejected).detach()"),
    ),
    wrong(
        "no gradient through the chosen answer",
        "The values are right, but the chosen answer is detached: it is never pulled up.",
        (MARGIN, "(chosen - reference_chosen).detach() - (rejected - reference_rejected)"),
    ),
    wrong(
        "log-probabilities changed in place",
        "You subtract in place (-= or sub_): the caller's tensor is changed after the call. Make a new tensor.",
        (MARGIN, "chosen.sub_(reference_chosen) - (rejected - reference_rejected)"),
    ),
]
