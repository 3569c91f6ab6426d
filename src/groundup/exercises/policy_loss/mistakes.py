"""What goes wrong in the policy loss."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

LOSS, PULL = "policy_loss", "reference_pull"
RATIO = "(new - old).exp()"
CLIPPED = "ratio.clamp(1 - clip, 1 + clip)"
GAIN = "torch.minimum(ratio * gain, clipped * gain)"
MEAN = f"-{GAIN}.mean()"
TERM = "pull * reference_pull(new, reference)"
K3 = "(difference.exp() - difference - 1)"


def wrong(name: str, says: str, *pairs: tuple[str, str], within: str = LOSS) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        "sign forgotten",
        "Your loss falls when good answers become less likely. A loss is made small, so the gain has a minus in front of it.",
        (MEAN, f"{GAIN}.mean()"),
    ),
    wrong(
        "the larger of the two",
        "You take the larger of the two products: then a step in the wrong direction is cut off, and one that goes too far is not. Take the smaller.",
        (GAIN, "torch.maximum(ratio * gain, clipped * gain)"),
    ),
    Mistake(
        "summed over an answer's tokens",
        "You add up the tokens of each answer and take the mean over the answers only. The mean is taken over all B * T tokens.",
        [
            Edit(MEAN, f"-{GAIN}.sum(dim=1).mean()", LOSS),
            Edit(f"{K3}.mean()", f"{K3}.sum(dim=1).mean()", PULL),
        ],
    ),
    wrong(
        "not clipped",
        "You do not cut the ratio off: with each step on the same answers, the model moves further away from the one that sampled them.",
        (GAIN, "(ratio * gain)"),
    ),
    wrong(
        "only the clipped product",
        "You take the clipped product alone. Where the ratio has moved in the wrong direction, nothing then brings it back: take the smaller of both products.",
        (GAIN, "(clipped * gain)"),
    ),
    wrong(
        "exponential forgotten",
        "You use the difference of the log-probabilities as the ratio. The ratio of the probabilities is exp(new − old).",
        (RATIO, "(new - old)"),
    ),
    wrong(
        "log-probabilities divided",
        "You divide the log-probabilities. The ratio is that of the probabilities: exp(new − old).",
        (RATIO, "(new / old)"),
    ),
    wrong(
        "ratio turned around",
        "You divide the old probabilities by the new ones. The ratio is new / old: exp(new − old).",
        (RATIO, "(old - new).exp()"),
    ),
    wrong(
        "clipped around 0",
        "You clip the ratio to −clip … clip. Where nothing has moved the ratio is 1: clip it to 1 − clip … 1 + clip.",
        (CLIPPED, "ratio.clamp(-clip, clip)"),
    ),
    wrong(
        "clipped from above only",
        "You clip the ratio from above only. It must not fall below 1 − clip either.",
        (CLIPPED, "ratio.clamp(max=1 + clip)"),
    ),
    wrong(
        "logarithm clipped",
        "You clip new − old to −clip … clip before the exponential. The ratio itself is clipped, to 1 − clip … 1 + clip.",
        (CLIPPED, "(new - old).clamp(-clip, clip).exp()"),
    ),
    wrong(
        "the product clipped",
        "You clip the product of ratio and advantage. Clip the ratio, then multiply.",
        (GAIN, "torch.minimum(ratio * gain, (ratio * gain).clamp(1 - clip, 1 + clip))"),
    ),
    wrong(
        "pull forgotten",
        "You leave out the pull to the reference: the model may forget whatever the rewards do not ask for.",
        (f" + {TERM}", ""),
    ),
    wrong(
        "pull subtracted",
        "You subtract the pull, which rewards the model for moving away from the reference. It is part of the loss: add it.",
        (f"+ {TERM}", f"- {TERM}"),
    ),
    wrong(
        "weight of the pull forgotten",
        "You add the pull without its weight: multiply it by the argument pull.",
        (TERM, "reference_pull(new, reference)"),
    ),
    wrong(
        "pulled to the old model",
        "You pull the model to the one that sampled the answers. The reference is the model at its start.",
        (TERM, "pull * reference_pull(new, old)"),
    ),
    wrong(
        "the plain difference as pull",
        "You take new − reference as the pull. Its mean over few tokens can be negative; exp(d) − d − 1 never is.",
        (K3, "(-difference)"),
        within=PULL,
    ),
    wrong(
        "half the square as pull",
        "You take half the square of d as the pull. Here it is exp(d) − d − 1.",
        (K3, "(difference.square() / 2)"),
        within=PULL,
    ),
    wrong(
        "d turned around",
        "Your d is new − reference. It is reference − new: the exponential grows where the model has made a token less likely.",
        ("reference - new", "new - reference"),
        within=PULL,
    ),
    wrong(
        "1 not subtracted",
        "You leave out the −1: the pull must be 0 where both models agree, and exp(0) is 1.",
        (K3, "(difference.exp() - difference)"),
        within=PULL,
    ),
    wrong(
        "d not subtracted",
        "You leave out the −d in exp(d) − d − 1: the pull would then be negative where d is.",
        (K3, "(difference.exp() - 1)"),
        within=PULL,
    ),
    wrong(
        "summed over the tokens",
        "You add up the gains of all tokens. The loss takes the mean over all B · T = {B} · {T} of them.",
        (MEAN, f"-{GAIN}.sum()"),
    ),
    wrong(
        "everything summed",
        "You add up gains and pulls of all tokens. The loss takes the mean of both over all B · T = {B} · {T} tokens.",
        (MEAN, f"-{GAIN}.sum()"),
        (TERM, f"new.numel() * {TERM}"),
    ),
    wrong(
        "ratio of whole answers",
        "You multiply the ratios of all tokens of an answer. Each token has its own ratio, which is clipped by itself.",
        (RATIO, "(new - old).sum(1, keepdim=True).exp().expand_as(new)"),
    ),
    wrong(
        "sizes of the advantages ignored",
        "You use only the signs of the advantages. Answers that are much better than the others count for more.",
        ("advantages[:, None]", "advantages[:, None].sign()"),
    ),
    wrong(
        "no gradient",
        "The values are right, but no gradient reaches new: the model cannot learn. Look for item(), detach(), no_grad(), or a new tensor made "
        "of old values.",
        (f"{MEAN} + {TERM}", f"({MEAN} + {TERM}).detach()"),
    ),
    wrong(
        "no gradient through the pull",
        "The values are right, but no gradient comes from the pull: it is detached, and holds nothing.",
        (TERM, f"({TERM}).detach()"),
    ),
    wrong(
        "no gradient through the gain",
        "The values are right, but no gradient comes from the gain: the model is only pulled to its reference, and learns nothing from the rewards.",
        (MEAN, f"({MEAN}).detach()"),
    ),
]
