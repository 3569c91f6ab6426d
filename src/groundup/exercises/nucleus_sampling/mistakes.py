"""The known mistakes in top-p, as edits of `groundup.steps.c5_words.sampling`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

KEEP = "keep_top_p"
SORT = "ordered, places = logits.sort(descending=True, stable=True)"
SHARES = "ordered.softmax(dim=0)"
SUMS = "probabilities.cumsum(dim=0)"
LEFT, FIRST = "left_out = before >= p", "left_out[0] = False"
FILLED = "ordered.masked_fill(left_out, -torch.inf)"
RESULT = f"logits.scatter(0, places, {FILLED})"


def edit(old: str, new: str) -> Edit:
    """Return an edit of the function."""
    return Edit(old, new, KEEP)


def result(new: str) -> list[Edit]:
    """Return the edit of what is returned."""
    return [edit(f"return {RESULT}", f"return {new}")]


WHICH = [
    Mistake(
        "the token that reaches p left out",
        "You leave out the token with which the sum reaches p, so that what you keep sums to less than p. A token is left out if "
        "the probabilities before it already reach p.",
        [edit(LEFT, f"left_out = {SUMS} > p")],
    ),
    Mistake(
        "nothing kept where the first token reaches p",
        "Where the most likely token alone reaches p, you keep nothing. It is always kept: compare p with the sum of the "
        "probabilities before a token.",
        [edit(LEFT, f"left_out = {SUMS} > p"), edit(f"    {FIRST}\n", "")],
    ),
    Mistake(
        "nothing kept where the first token is p or more",
        "You keep only what stays below p in sum. Where the most likely token has p or more, nothing is left: compare p with the "
        "sum of the probabilities before a token.",
        [edit(LEFT, f"left_out = {SUMS} >= p"), edit(f"    {FIRST}\n", "")],
    ),
    Mistake(
        "one token too many",
        "You keep one token more than is needed: stop as soon as the sum is p or more.",
        [edit(LEFT, "left_out = torch.cat([before[:1] > p, (before >= p)[:-1]])")],
    ),
    Mistake(
        "one token too many where the sum is p exactly",
        "You go on where the sum is p exactly: at least p is asked for, so stop there (>=, not >).",
        [edit(LEFT, "left_out = before > p")],
    ),
    Mistake(
        "the least likely tokens kept",
        "You add up from the least likely token. Sort from the largest logit down: descending=True.",
        [edit("descending=True", "descending=False")],
    ),
    Mistake(
        "not sorted",
        "You add up in the order of the tokens' numbers: sort them first, the most likely one first.",
        [edit(SORT, "ordered, places = logits, torch.arange(len(logits))")],
    ),
    Mistake(
        "every token compared with p",
        "You compare each probability with p. It is the sum of the probabilities, from the most likely token on, that has to reach p.",
        [edit(LEFT, "left_out = probabilities < p")],
    ),
    Mistake(
        "every token compared with p, so that none may be left",
        "You compare each probability with p, and often none is as large. It is the sum of the probabilities, from the most likely "
        "token on, that has to reach p.",
        [edit(LEFT, "left_out = probabilities < p"), edit(f"    {FIRST}\n", "")],
    ),
    Mistake(
        "tokens that have less than p of the largest",
        "You keep what has at least p times the largest probability. (That is min-p.) Add the probabilities up until they reach p.",
        [edit(LEFT, "left_out = probabilities < p * probabilities[0]")],
    ),
    Mistake(
        "1 − p instead of p",
        "You stop at 1 − p: the kept probabilities sum to at least p.",
        [edit(LEFT, "left_out = before >= 1 - p")],
    ),
    Mistake(
        "a share of the tokens",
        "You keep the share p of the tokens, whatever their probabilities: add the probabilities up until they reach p.",
        [edit(LEFT, "left_out = torch.arange(len(logits)) >= p * len(logits)")],
    ),
    Mistake(
        "only the most likely",
        "You keep the most likely token alone: add the probabilities up until they reach p.",
        [edit(LEFT, "left_out = torch.arange(len(logits)) > 0")],
    ),
]

SUMMED = [
    Mistake(
        "logits added up",
        "You add up the logits. They are not probabilities, and may be negative: take their softmax first.",
        [edit(SHARES, "ordered")],
    ),
    Mistake(
        "exponentials not divided by their sum",
        "You add up the exponentials of the logits. Divide them by their sum first: that is the softmax.",
        [edit(SHARES, "ordered.exp()")],
    ),
    Mistake(
        "softmax taken twice",
        "You take the softmax twice, which makes all tokens nearly alike: take it once.",
        [edit(SHARES, "ordered.softmax(dim=0).softmax(dim=0)")],
    ),
    Mistake(
        "sigmoid instead of softmax",
        "You apply a sigmoid to each logit: the probabilities of all tokens sum to 1, use softmax.",
        [edit(SHARES, "ordered.sigmoid()")],
    ),
    Mistake(
        "probabilities rounded to 2 places",
        "You round the probabilities before you add them up: add them as they are.",
        [edit(SHARES, "ordered.softmax(dim=0).round(decimals=2)")],
    ),
]

TIES = [
    Mistake(
        "of equal logits the last ones first",
        "Of equal logits you keep those with the larger numbers. The smaller numbers come first: reverse nothing after sorting, and take "
        "torch.sort(logits, descending=True, stable=True).",
        [
            edit(
                SORT,
                "places = len(logits) - 1 - logits.flip(0).argsort(descending=True, stable=True)\n    ordered = logits[places]",
            )
        ],
    ),
    Mistake(
        "all equal logits kept",
        "You keep every token that is as likely as the last one that is needed: only the fewest that reach p are kept, those with "
        "the smaller numbers first.",
        result("logits.masked_fill(logits < ordered[~left_out].min(), -torch.inf)"),
    ),
    Mistake(
        "equal logits left out together",
        "You keep only what is larger than the last logit that is needed, so this one is lost: it is kept, too.",
        result("logits.masked_fill(logits <= ordered[~left_out].min(), -torch.inf)"),
    ),
]

RESULTS = [
    Mistake(
        "in sorted order",
        "You return the logits in sorted order. Put them back: logit i belongs to token i. scatter with the places that sort "
        "gives does it.",
        result(FILLED),
    ),
    Mistake(
        "put back by the wrong permutation",
        "You index the sorted logits with the places. That sorts once more instead of undoing it: write result[places] = sorted, or "
        "use scatter.",
        result(f"{FILLED}[places]"),
    ),
    Mistake(
        "the mask not put back",
        "Your mask is in sorted order, the logits are not: bring the mask back to the order of the tokens before you use it.",
        result("logits.masked_fill(left_out, -torch.inf)"),
    ),
    Mistake(
        "the others set to 0",
        "You set the other logits to 0. e⁰ is 1, so they can still be drawn: set them to −∞, which the softmax makes 0.",
        result(RESULT.replace("-torch.inf", "0.0")),
    ),
    Mistake(
        "the others set to a large negative number",
        "You set the other logits to −10⁹. −∞ is asked for: float('-inf').",
        result(RESULT.replace("-torch.inf", "-1e9")),
    ),
    Mistake(
        "the kept ones set to −∞",
        "You leave out what should be kept, and keep the others. masked_fill fills where the mask is True.",
        result(RESULT.replace("left_out", "~left_out")),
    ),
    Mistake(
        "the others removed",
        "You return only the kept logits, a shorter tensor: every token keeps its place, and the others get −∞.",
        result(f"({RESULT})[{RESULT} > -torch.inf]"),
    ),
    Mistake(
        "probabilities instead of logits",
        "You return probabilities. Return the kept logits as they are, and −∞ for the others: the softmax comes afterwards.",
        result(f"({RESULT}).softmax(dim=0)"),
    ),
    Mistake(
        "probabilities that do not sum to 1",
        "You return the kept probabilities. Return the kept logits as they are, and −∞ for the others.",
        result("logits.softmax(dim=0).scatter(0, places, probabilities.masked_fill(left_out, 0.0))"),
    ),
    Mistake(
        "logarithms of the probabilities",
        "You return log-probabilities. Return the kept logits as they are.",
        result(f"({RESULT}).log_softmax(dim=0)"),
    ),
    Mistake(
        "the numbers of the kept tokens",
        "You return the numbers of the kept tokens: return all logits, with −∞ for the others.",
        result("places[~left_out]"),
    ),
    Mistake(
        "the mask returned",
        "You return which tokens are kept. Return the logits: −∞ where a token is left out.",
        result(f"({RESULT}) > -torch.inf"),
    ),
    Mistake(
        "logits changed in place",
        "You write −∞ into the logits that are passed in: code that uses them afterwards gets the changed ones. Make new ones "
        "(masked_fill without the _, or clone first).",
        result(f"logits.copy_({RESULT})"),
    ),
]

MISTAKES = [*WHICH, *SUMMED, *TIES, *RESULTS]
