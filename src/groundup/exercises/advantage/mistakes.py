"""What goes wrong in advantages."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

WITHIN = "group_advantages"
DEVIATION = "rewards - rewards.mean(1, keepdim=True)"
SPREAD = "deviation.square().mean(1, keepdim=True).sqrt()"
RESULT = "torch.where(equal, 0.0, deviation / torch.where(equal, 1.0, spread))"
GROUP = "A group is one row: the answers to one question."


def wrong(name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, WITHIN) for old, new in pairs])


MISTAKES = [
    wrong(
        "divided by S − 1",
        "Your standard deviation divides by S − 1, as torch.std does. Here the mean is over all S = {S} answers: correction=0, or the "
        "mean of the squares.",
        (SPREAD, "(deviation.square().sum(1, keepdim=True) / max(1, rewards.shape[1] - 1)).sqrt()"),
    ),
    wrong(
        "not divided by the standard deviation",
        "You subtract the mean, but do not divide by the row's standard deviation.",
        (RESULT, "deviation"),
    ),
    wrong(
        "mean not subtracted",
        "You divide the rewards themselves. Subtract the row's mean first: only what is better than the others gets a positive advantage.",
        (RESULT, "torch.where(equal, 0.0, rewards / torch.where(equal, 1.0, spread))"),
    ),
    wrong(
        "compared with all questions",
        f"You take mean and standard deviation over all rewards. {GROUP}",
        (DEVIATION, "rewards - rewards.mean()"),
        (SPREAD, "deviation.square().mean().sqrt()"),
        (RESULT, "deviation / torch.where(spread == 0, 1.0, spread)"),
    ),
    wrong(
        "compared with all questions, but for equal rows",
        f"You take mean and standard deviation over all rewards. {GROUP}",
        (DEVIATION, "rewards - rewards.mean()"),
        (SPREAD, "deviation.square().mean().sqrt()"),
    ),
    *(
        wrong(
            f"a standard deviation below {least} taken for 0",
            "You take a small standard deviation for 0. Rewards may be as small as 0.001: only a row of equal rewards becomes zeros.",
            (RESULT, f"torch.where(spread < {least}, 0.0, deviation / torch.where(equal, 1.0, spread))"),
        )
        for least in (0.01, 0.001)
    ),
    wrong(
        "the mean of all questions",
        f"You subtract the mean of all rewards. {GROUP}",
        (SPREAD, "(rewards - rewards.mean(1, keepdim=True)).square().mean(1, keepdim=True).sqrt()"),
        (DEVIATION, "rewards - rewards.mean()"),
    ),
    wrong(
        "the standard deviation of all questions",
        f"You divide by the standard deviation of all rewards. {GROUP}",
        (SPREAD, "(rewards - rewards.mean()).square().mean().sqrt()"),
    ),
    wrong(
        "over the questions",
        f"You compare each reward with its column: with answers to other questions. {GROUP}",
        (DEVIATION, "rewards - rewards.mean(0, keepdim=True)"),
        (SPREAD, "deviation.square().mean(0, keepdim=True).sqrt()"),
        (RESULT, "deviation / torch.where(spread == 0, 1.0, spread)"),
    ),
    wrong(
        "variance instead of the standard deviation",
        "You divide by the mean of the squares. Take its root first.",
        (SPREAD, "deviation.square().mean(1, keepdim=True)"),
    ),
    wrong(
        "NaN where all are equal",
        "Where all rewards of a row are equal, you divide 0 by 0, which is NaN. Such a row becomes zeros.",
        (RESULT, "deviation / spread"),
    ),
    wrong(
        "sign turned",
        "You subtract the rewards from the mean: the worst answers get the highest advantage.",
        (DEVIATION, "rewards.mean(1, keepdim=True) - rewards"),
    ),
    wrong(
        "0.0001 added to the standard deviation",
        "You add 0.0001 to the standard deviation. Where rewards are small, that changes the result: treat rows of equal rewards apart instead.",
        (RESULT, "deviation / (spread + 1e-4)"),
    ),
    wrong(
        "0.000001 added to the standard deviation",
        "You add 0.000001 to the standard deviation. Where rewards are small, that changes the result: treat rows of equal rewards apart instead.",
        (RESULT, "deviation / (spread + 1e-6)"),
    ),
    wrong(
        "mean of the absolute differences",
        "You divide by the mean of the absolute differences. The standard deviation is the root of the mean of their squares.",
        (SPREAD, "deviation.abs().mean(1, keepdim=True)"),
    ),
    wrong(
        "compared with the best answer",
        "You subtract the largest reward of the row, so that no answer has a positive advantage. Subtract the mean.",
        (SPREAD, "(rewards - rewards.mean(1, keepdim=True)).square().mean(1, keepdim=True).sqrt()"),
        (DEVIATION, "rewards - rewards.max(1, keepdim=True).values"),
    ),
    wrong(
        "median instead of the mean",
        "You subtract the row's median. Subtract its mean: then the advantages of a row add up to 0.",
        (SPREAD, "(rewards - rewards.mean(1, keepdim=True)).square().mean(1, keepdim=True).sqrt()"),
        (DEVIATION, "rewards - rewards.median(1, keepdim=True).values"),
    ),
    wrong(
        "divided by the range",
        "You divide by the difference between the largest and the smallest reward. Divide by the standard deviation.",
        (SPREAD, "rewards.max(1, keepdim=True).values - rewards.min(1, keepdim=True).values"),
    ),
    wrong(
        "root of the sum",
        "You take the root of the sum of the squares. It is the root of their mean: divide by S = {S} first.",
        (SPREAD, "deviation.square().sum(1, keepdim=True).sqrt()"),
    ),
    wrong(
        "ones where all are equal",
        "A row of equal rewards becomes zeros: none of its answers is better than the others.",
        (RESULT, "torch.where(equal, 1.0, deviation / torch.where(equal, 1.0, spread))"),
    ),
    wrong(
        "rewards changed in place",
        "You subtract the mean in place (-= or sub_): the caller's rewards are changed after the call. Make a new tensor.",
        (DEVIATION, "rewards.sub_(rewards.mean(1, keepdim=True))"),
    ),
]
