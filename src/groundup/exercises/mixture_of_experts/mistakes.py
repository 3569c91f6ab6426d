"""The known mistakes in a mixture of experts, as edits of `groundup.steps.c7_beyond.experts`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

CHOOSE, MIX, COUNT, BALANCE = "choose_experts", "mix_experts", "count_choices", "balance_loss"
SORTED = "ordered, places = scores.sort(dim=-1, descending=True, stable=True)"
WEIGHTS = "ordered[:, :used].softmax(dim=-1)"
PLACES = ", places[:, :used]"
FOUND = "found = weights[token, choice, None] * expert(x[token])"
ADDED = "mixed = mixed.index_add(0, token, found.to(mixed.dtype))"
BEGIN = "mixed = torch.zeros_like(x)"
WHERE = "torch.where(chosen == number)"
PROBABILITIES = "scores.softmax(dim=-1).mean(dim=0)"
LOSS = "experts * (count_choices(chosen, experts) * probabilities).sum()"


def wrong(within: str, name: str, says: str, *pairs: tuple[str, str]) -> Mistake:
    """Return a mistake of what stands in a function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, within) for old, new in pairs])


MISTAKES = [
    wrong(
        CHOOSE,
        "softmax over all experts",
        "You take the softmax over all scores and then choose, so the weights of a token do not sum to 1. Choose first: the softmax is over the k chosen scores.",
        (WEIGHTS, "ordered.softmax(dim=-1)[:, :used]"),
    ),
    wrong(
        CHOOSE,
        "the experts with the smallest scores",
        "You choose the smallest scores. Sort them with descending=True.",
        ("descending=True", "descending=False"),
    ),
    wrong(
        CHOOSE,
        "softmax over the tokens",
        "Your softmax goes over the tokens (dim=0). The weights of one token sum to 1: dim=-1.",
        (WEIGHTS, "ordered[:, :used].softmax(dim=0)"),
    ),
    wrong(
        CHOOSE,
        "all experts used",
        "Every token uses all experts. Cut scores and places to the first k.",
        (WEIGHTS, "ordered.softmax(dim=-1)"),
        (PLACES, ", places"),
    ),
    wrong(
        CHOOSE,
        "scores as weights",
        "Your weights are the scores themselves. Take their softmax, so that they are positive and sum to 1.",
        (WEIGHTS, "ordered[:, :used]"),
    ),
    wrong(
        CHOOSE,
        "scores divided by their sum",
        "You divide the scores by their sum, which fails where they are negative. Take their softmax.",
        (WEIGHTS, "ordered[:, :used] / ordered[:, :used].sum(dim=-1, keepdim=True)"),
    ),
    wrong(
        CHOOSE,
        "all chosen experts with the same weight",
        "Every chosen expert has the weight 1/k. Weigh them by the softmax of their scores: that is how the router learns.",
        (WEIGHTS, "torch.full_like(ordered[:, :used], 1 / used)"),
    ),
    wrong(
        CHOOSE,
        "a sigmoid instead of a softmax",
        "You weigh each expert by the sigmoid of its score. Take the softmax over the chosen scores.",
        (WEIGHTS, "ordered[:, :used].sigmoid()"),
    ),
    wrong(
        CHOOSE,
        "experts in another order than their weights",
        "Weights and chosen do not belong together: one of them is sorted in another way. The largest score comes first in both.",
        (PLACES, ", places[:, :used].sort(dim=-1).values"),
    ),
    wrong(
        CHOOSE,
        "of equal scores the last expert",
        "Of equal scores you choose the expert with the higher number. Sort with stable=True, which keeps the lower one first.",
        (
            SORTED,
            "ordered, places = scores.flip(-1).sort(dim=-1, descending=True, stable=True)\n    "
            "places = scores.shape[-1] - 1 - places",
        ),
    ),
    wrong(
        CHOOSE,
        "equal scores in the order of topk",
        "torch.topk promises no order of equal scores. The expert with the lower number comes first here: scores.sort(dim=-1, descending=True, "
        "stable=True) keeps it there.",
        (SORTED, "ordered, places = scores.topk(used, dim=-1)"),
    ),
    wrong(
        MIX,
        "the weights left out",
        "What the experts return is added without weights.",
        (FOUND, "found = expert(x[token])"),
    ),
    wrong(
        MIX,
        "only the first choice",
        "Each token uses only the first of its experts. All k of them add to its vector.",
        (WHERE, "torch.where(chosen[:, :1] == number)"),
    ),
    wrong(
        MIX,
        "overwritten by the next expert",
        "The result of a later expert takes the place of an earlier one. They are summed: index_add, or +=.",
        (ADDED, "mixed = mixed.index_copy(0, token, found.to(mixed.dtype))"),
    ),
    wrong(
        MIX,
        "all tokens through every expert",
        "The result is right, but experts compute tokens that did not choose them: nothing is saved. Give each expert its own tokens, x[token].",
        (FOUND, "found = weights[token, choice, None] * expert(x)[token]"),
        ("if len(token):", "if True:"),
    ),
    wrong(
        MIX,
        "the weight of the first choice for all",
        "All experts of a token have the weight of its first choice. The weight stands in the same column as the expert's number.",
        ("weights[token, choice, None]", "weights[token, 0, None]"),
    ),
    wrong(
        MIX,
        "the weights of other tokens",
        "You take the weights from the top of the table instead of the expert's own tokens: weights[token, choice].",
        ("weights[token, choice, None]", "weights[torch.arange(len(token)), choice, None]"),
    ),
    wrong(
        MIX,
        "the mean of the experts",
        "You divide by the number of experts. The weights sum to 1 already.",
        ("return mixed", "return mixed / chosen.shape[1]"),
    ),
    wrong(
        MIX,
        "the vectors themselves added",
        "You add x to the result. The block that the mixture stands in does that.",
        (BEGIN, "mixed = x.clone()"),
    ),
    wrong(
        MIX,
        "weighted before the expert",
        "You multiply the vector by its weight before the expert, which is no linear map. Multiply what it returns.",
        (FOUND, "found = expert(weights[token, choice, None] * x[token])"),
    ),
    wrong(
        MIX,
        "the last expert left out",
        "The last expert is never used. There are E of them: enumerate(experts).",
        ("enumerate(experts)", "enumerate(experts[:-1])"),
    ),
    wrong(
        MIX,
        "no gradient to the router",
        "The values are right, but no gradient flows to the weights: the router would not learn.",
        ("weights[token, choice, None]", "weights.detach()[token, choice, None]"),
    ),
    wrong(
        MIX,
        "no gradient to the tokens",
        "The values are right, but no gradient flows to x: what comes before would not learn.",
        ("expert(x[token])", "expert(x.detach()[token])"),
    ),
    wrong(
        BALANCE,
        "not multiplied by the number of experts",
        "The factor E is missing: the loss of experts that are used alike would depend on how many there are.",
        (LOSS, LOSS.removeprefix("experts * ")),
    ),
    wrong(
        BALANCE,
        "counts instead of shares",
        "You use how often each expert was chosen. f is a share: divide by the number of all choices.",
        (LOSS, "experts * (torch.bincount(chosen.flatten(), minlength=experts) * probabilities).sum()"),
    ),
    wrong(
        COUNT,
        "choices divided by the tokens",
        "You divide by the number of tokens, so the shares sum to k. Divide by the number of choices, N · k.",
        ("/ chosen.numel()", "/ len(chosen)"),
    ),
    wrong(
        BALANCE,
        "only first choices counted",
        "You count only the first choice of each token. All k count.",
        ("count_choices(chosen, experts)", "count_choices(chosen[:, :1], experts)"),
    ),
    wrong(
        BALANCE,
        "shares without probabilities",
        "You multiply shares with shares, through which no gradient flows. The second factor is the mean probability.",
        (LOSS, "experts * count_choices(chosen, experts).square().sum() + 0 * scores.sum()"),
    ),
    wrong(
        BALANCE,
        "probabilities without shares",
        "You square the mean probabilities. The first factor is the share of the choices.",
        (LOSS, "experts * probabilities.square().sum()"),
    ),
    wrong(
        BALANCE,
        "probabilities over the tokens",
        "Your softmax goes over the tokens. The probabilities of one token sum to 1 over the experts: dim=-1, then the mean over the tokens: dim=0.",
        (PROBABILITIES, "scores.softmax(dim=0).mean(dim=0)"),
    ),
    wrong(
        BALANCE,
        "probabilities summed over the tokens",
        "You sum the probabilities over the tokens. P is their mean: the loss would grow with the batch.",
        (PROBABILITIES, "scores.softmax(dim=-1).sum(dim=0)"),
    ),
    wrong(
        BALANCE,
        "scores instead of probabilities",
        "You use the mean scores. P is the mean of their softmax.",
        (PROBABILITIES, "scores.mean(dim=0)"),
    ),
    wrong(
        BALANCE,
        "a softmax of the mean scores",
        "You average the scores and then take the softmax. Take the softmax of each token first, then the mean.",
        (PROBABILITIES, "scores.mean(dim=0).softmax(dim=-1)"),
    ),
    wrong(
        BALANCE,
        "a reward for imbalance",
        "Your loss is negative: training would send all tokens to one expert.",
        (LOSS, f"-{LOSS}"),
    ),
    wrong(
        BALANCE,
        "no gradient from the balance",
        "The value is right, but no gradient flows to the scores. Look for detach(), item() or no_grad().",
        (PROBABILITIES, "scores.detach().softmax(dim=-1).mean(dim=0)"),
    ),
]
