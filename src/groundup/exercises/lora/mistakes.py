"""The known mistakes in LoRA, as edits of `groundup.steps.c7_beyond.lora`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

CHANGE, MERGE = "low_rank_change", "merge"
RESULT = "alpha / len(down) * ((x @ down.T) @ up.T)"
MERGED = "weight + alpha / len(down) * (up @ down)"


def wrong(within: str, name: str, says: str, new: str) -> Mistake:
    """Return a mistake of what a function returns instead."""
    return Mistake(name, says, [Edit(RESULT if within == CHANGE else MERGED, new, within)])


MISTAKES = [
    wrong(
        CHANGE,
        "α not divided by the rank",
        "You multiply by α alone. Divide it by the rank r = {r}: without this a change of larger rank is also a larger one.",
        "alpha * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "change not scaled",
        "Your change is B A x without its factor. Multiply it by α / r.",
        "(x @ down.T) @ up.T",
    ),
    wrong(
        CHANGE,
        "only divided by the rank",
        "You divide by r = {r}, and leave α out. The factor is α / r.",
        "((x @ down.T) @ up.T) / len(down)",
    ),
    wrong(
        CHANGE,
        "rank divided by α",
        "Your factor is r / α, upside down: it is α / r.",
        "len(down) / alpha * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "divided by the root of the rank",
        "You divide α by √r. Some later variants do; the formula here divides by r = {r}.",
        "alpha / len(down) ** 0.5 * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "divided by the features",
        "You divide by the number of features, {features}. r = {r} is the other dimension of A: the number of its rows.",
        "alpha / down.shape[1] * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "divided by the nodes",
        "You divide by the number of nodes, {nodes}: the first dimension of B. r = {r} is its second one, and the first one of A.",
        "alpha / len(up) * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "scaled twice",
        "You multiply by α / r twice, once for each matrix. The factor stands there once.",
        "(alpha / len(down)) ** 2 * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "a ReLU between A and B",
        "You cut negative numbers off between the two matrices. The change is linear; otherwise it could not be merged into W.",
        "alpha / len(down) * ((x @ down.T).relu() @ up.T)",
    ),
    wrong(
        CHANGE,
        "only the first of the r directions",
        "You use only the first row of A and the first column of B. All r = {r} belong to the change.",
        "alpha / len(down) * ((x @ down[:1].T) @ up[:, :1].T)",
    ),
    wrong(
        CHANGE,
        "change with the wrong sign",
        "Your change has the wrong sign: it is added, not subtracted.",
        "-alpha / len(down) * ((x @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "no gradient to A",
        "No gradient reaches A (down): look for detach() or no_grad(). Then only B learns.",
        "alpha / len(down) * ((x @ down.detach().T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "no gradient to B",
        "No gradient reaches B (up), which begins at zero: nothing would ever change. Look for detach() or no_grad().",
        "alpha / len(down) * ((x @ down.T) @ up.detach().T)",
    ),
    wrong(
        CHANGE,
        "no gradient to the inputs",
        "No gradient reaches x: the layers before this one would learn nothing through the change. Look for detach() or no_grad().",
        "alpha / len(down) * ((x.detach() @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "no gradient at all",
        "The change is right, but no gradient flows through it: neither A nor B nor x gets one. Look for no_grad() or detach().",
        "(alpha / len(down) * ((x @ down.T) @ up.T)).detach()",
    ),
    wrong(
        CHANGE,
        "dimensions in front joined",
        "You join the dimensions in front of the last one and leave them joined. The change has x's shape, with nodes instead of features in the last dimension.",
        "alpha / len(down) * ((x.reshape(-1, x.shape[-1]) @ down.T) @ up.T)",
    ),
    wrong(
        CHANGE,
        "dimensions in front joined, a single row taken out",
        "You join the dimensions in front of the last one and leave them joined, and take a single row out. The change has x's shape, with nodes instead of "
        "features in the last dimension.",
        "alpha / len(down) * ((x.reshape(-1, x.shape[-1]) @ down.T) @ up.T).squeeze(0)",
    ),
    wrong(
        MERGE,
        "the product turned around",
        "You add the transpose of B A, which only fits a square W. W has one row per node, and so has B A: B stands on the left.",
        "weight + alpha / len(down) * (down.T @ up.T)",
    ),
    wrong(
        MERGE,
        "merged without its factor",
        "You add B A as it is. The change in use is multiplied by α / r, and so the merged one must be.",
        "weight + up @ down",
    ),
    wrong(
        MERGE,
        "merged with α not divided by the rank",
        "You add α · B A. Divide α by the rank r = {r}, as in the change.",
        "weight + alpha * (up @ down)",
    ),
    wrong(
        MERGE,
        "merged with the root of the rank",
        "You divide α by √r in the merged weight. The formula divides by r = {r}.",
        "weight + alpha / len(down) ** 0.5 * (up @ down)",
    ),
    wrong(
        MERGE,
        "merged and divided by the features",
        "You divide by the number of features, {features}, in the merged weight. r = {r} is the number of A's rows.",
        "weight + alpha / down.shape[1] * (up @ down)",
    ),
    wrong(
        MERGE,
        "subtracted from the weight",
        "You subtract the change from W. Then the merged layer computes the opposite of what was learned: add it.",
        "weight - alpha / len(down) * (up @ down)",
    ),
    wrong(
        MERGE,
        "the weight left out",
        "You return the change alone. The merged weight is W plus the change.",
        "alpha / len(down) * (up @ down)",
    ),
    wrong(
        MERGE,
        "the weight scaled, too",
        "You multiply the sum by α / r, and W with it. Only the change has this factor.",
        "alpha / len(down) * (weight + up @ down)",
    ),
    wrong(
        MERGE,
        "merged into the caller's weight",
        "You write into `weight`, which belongs to the caller (`+=`, add_): merged a second time it would hold the change twice. Return a new tensor.",
        "weight.add_(alpha / len(down) * (up @ down))",
    ),
]
