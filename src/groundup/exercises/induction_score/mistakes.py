"""What goes wrong in the induction score."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

WITHIN = "induction_score"
DIAGONAL = "weights.diagonal(offset=1 - length, dim1=-2, dim2=-1)[..., 1:]"
WANTED = "Query i, in the second half, saw its token before at i − n. The token after that is i − n + 1."


def wrong(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake of what stands in the function and what stands there instead."""
    return Mistake(name, says, [Edit(old, new, WITHIN)])


MISTAKES = [
    wrong(
        "the same token",
        f"You take the weight of the same token in the first half. An induction head looks at what came after it. {WANTED}",
        DIAGONAL,
        "weights.diagonal(offset=-length, dim1=-2, dim2=-1)",
    ),
    wrong(
        "the token before the same token",
        f"You take the weight of the token before the earlier occurrence. {WANTED}",
        DIAGONAL,
        "weights.diagonal(offset=-length - 1, dim1=-2, dim2=-1)",
    ),
    wrong(
        "two tokens after the same token",
        f"You take the weight of a token too late. {WANTED}",
        DIAGONAL,
        "weights.diagonal(offset=2 - length, dim1=-2, dim2=-1)[..., 2:]",
    ),
    wrong(
        "the last query of the first half counts",
        "Your diagonal begins with query n − 1, the last one of the first half: its token was not there before. Begin with query n.",
        "[..., 1:].mean",
        ".mean",
    ),
    wrong(
        "the first query of the repetition left out",
        "You leave query n out, the first token of the second half: it was there before, too.",
        "[..., 1:]",
        "[..., 2:]",
    ),
    wrong(
        "the previous token",
        f"You take the weight of the token just before each query: that is the previous-token score. {WANTED}",
        DIAGONAL,
        "weights.diagonal(offset=-1, dim1=-2, dim2=-1)",
    ),
    wrong(
        "queries and keys exchanged",
        "You read weights[key, query]. Rows are queries: weights[i, j] says how much query i takes of token j.",
        DIAGONAL,
        "weights.diagonal(offset=length - 1, dim1=-2, dim2=-1)[..., 1:]",
    ),
    wrong(
        "sum instead of the mean",
        "You add the weights up. Divide by their number, n = {n}, so that a perfect head has the score 1.",
        ".mean(dim=-1)",
        ".sum(dim=-1)",
    ),
    wrong(
        "divided by all tokens",
        "You divide by the number of all tokens, {T}. Only the n = {n} queries of the second half are asked.",
        ".mean(dim=-1)",
        ".sum(dim=-1) / weights.shape[-1]",
    ),
    wrong(
        "divided by n − 1",
        "You divide by n − 1. There are n = {n} queries in the second half.",
        ".mean(dim=-1)",
        ".sum(dim=-1) / (length - 1)",
    ),
    wrong(
        "the largest weight",
        "You take the largest of the weights. The score is their mean.",
        ".mean(dim=-1)",
        ".amax(dim=-1)",
    ),
    wrong(
        "one number for all heads",
        "You average over the heads, too. Return a score for each of the H = {H} heads.",
        ".mean(dim=-1)",
        ".mean()",
    ),
    wrong(
        "a score per query",
        "You return the mean over the heads, one number per query. Return the mean over the queries, one per head.",
        ".mean(dim=-1)",
        ".mean(dim=0)",
    ),
]
