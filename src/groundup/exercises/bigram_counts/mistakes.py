"""The known mistakes in counting bigrams, as edits of `groundup.steps.c5_words.bigram`."""

from __future__ import annotations

from groundup.judge.exercise import Edit, Mistake

COUNT, SHARE = "count_pairs", "find_shares"
PAIRS = "tokens[:-1].long() * vocabulary + tokens[1:]"
TABLE = "torch.bincount(pairs, minlength=vocabulary**2).view(vocabulary, vocabulary).double()"
SMOOTHED, SUMS = "smoothed = counts + smoothing", "sums = smoothed.sum(dim=1, keepdim=True)"
RESULT = "torch.where(sums > 0, smoothed / sums, 1 / counts.shape[1])"
OTHER_ROWS = (
    "The sums of the rows lie in a row and not in a column, so that column j is divided by the sum of row j. Take keepdims=True, "
    "which keeps the shape (V, 1). A square table hides this: nothing fails."
)


def count(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of other pairs."""
    return Mistake(name, says, [Edit(PAIRS, new, COUNT)])


def table(name: str, says: str, new: str) -> Mistake:
    """Return the mistake of another table of the right pairs."""
    return Mistake(name, says, [Edit(TABLE, new.replace("TABLE", TABLE), COUNT)])


def share(name: str, says: str, old: str, new: str) -> Mistake:
    """Return a mistake in the probabilities."""
    return Mistake(name, says, [Edit(old, new, SHARE)])


COUNTS = [
    count(
        "rows and columns exchanged",
        "You count the pair in row “next token”, column “token”. The row is the first token, the column the one that follows.",
        "tokens[1:].long() * vocabulary + tokens[:-1]",
    ),
    table(
        "each pair counted once",
        "A pair that occurs twice is counted once. If you write counts[first, second] += 1 with arrays of indices, NumPy adds 1 only "
        "once per place: use a loop, np.add.at or np.bincount.",
        "TABLE.clamp(max=1)",
    ),
    count(
        "the last pair left out",
        "You leave out the last pair: T tokens have T − 1 pairs. Look for a range that ends one too early.",
        "tokens[:-2].long() * vocabulary + tokens[1:-1]",
    ),
    count(
        "the first pair left out",
        "You leave out the first pair: T tokens have T − 1 pairs. Begin with the tokens 0 and 1.",
        "tokens[1:-1].long() * vocabulary + tokens[2:]",
    ),
    count(
        "a pair from the end to the beginning",
        "You count a pair of the last token and the first. Nothing follows the last token. An index of −1 means the end: does your loop "
        "begin one too early?",
        "tokens.long() * vocabulary + tokens.roll(-1)",
    ),
    count(
        "pairs that do not overlap",
        "You cut the text into pairs. They overlap: every token but the first and the last belongs to two.",
        "tokens[:-1][::2].long() * vocabulary + tokens[1:][::2]",
    ),
    count(
        "pairs with a gap",
        "You count a token and the second one after it: take the one that follows directly.",
        "tokens[:-2].long() * vocabulary + tokens[2:]",
    ),
    count(
        "each token with itself",
        "You count each token with itself: the column is the token that follows.",
        "tokens.long() * vocabulary + tokens",
    ),
    count(
        "only the first pair",
        "You count the first pair alone: is there a return inside the loop?",
        "(tokens[:-1].long() * vocabulary + tokens[1:])[:1]",
    ),
    table(
        "both directions counted",
        "You count every pair in both directions: only the second token follows the first.",
        "TABLE + TABLE.T",
    ),
    table(
        "one too many everywhere",
        "All your counts are one too large: begin with zeros. Smoothing belongs to the probabilities.",
        "TABLE + 1",
    ),
    table(
        "a table as large as the largest token",
        "Your table is as large as the tokens of this text need. It has V = {V} rows and columns, also for tokens that do not occur.",
        "TABLE[: int(tokens.max()) + 1, : int(tokens.max()) + 1]",
    ),
    table(
        "a flat table",
        "You return V² numbers in a row: bring them into the shape (V, V).",
        "TABLE.flatten()",
    ),
    table(
        "shares instead of counts",
        "You return each pair's share of all pairs. Counts are asked for; probabilities are the other function.",
        "TABLE / max(len(pairs), 1)",
    ),
]

SHARES = [
    share(
        "smoothing added once below the line, where a row has counts",
        "You add α once to the sum of a row. It is added to each of the V = {V} counts, so to the sum V times; otherwise the row sums to more than 1.",
        SUMS,
        "known = counts.sum(dim=1, keepdim=True)\n    sums = torch.where(known > 0, known + smoothing, smoothed.sum(dim=1, keepdim=True))",
    ),
    share(
        "columns sum to 1",
        "Your columns sum to 1. A row holds what follows one token, so each row sums to 1: axis=1 with keepdims=True. Python's own "
        "sum(…) of a matrix adds the rows, too.",
        "dim=1, keepdim=True",
        "dim=0, keepdim=True",
    ),
    share(
        "divided by the sums of other rows",
        OTHER_ROWS,
        "keepdim=True)",
        "keepdim=True).T",
    ),
    share(
        "divided by the sums of other rows, after empty rows became even",
        OTHER_ROWS,
        RESULT,
        "torch.where(sums > 0, smoothed, 1.0) / torch.where(sums > 0, sums, counts.shape[1]).T",
    ),
    share(
        "divided by the sums of other rows, before empty rows become even",
        OTHER_ROWS,
        RESULT,
        "torch.where(sums > 0, smoothed / torch.where(sums > 0, sums, 1.0).T, 1 / counts.shape[1])",
    ),
    share(
        "divided by the sums of other rows, an empty sum counted as 1",
        f"{OTHER_ROWS} And a row without counts becomes even: 1 / V for every token.",
        RESULT,
        "smoothed / torch.where(sums > 0, sums, 1.0).T",
    ),
    share(
        "divided by the sums of other rows, even rows divided by 1",
        OTHER_ROWS,
        RESULT,
        "torch.where(sums > 0, smoothed, 1 / counts.shape[1]) / torch.where(sums > 0, sums, 1.0).T",
    ),
    share(
        "divided by the sums of other rows, NaN replaced",
        f"{OTHER_ROWS} NaN needs no replacing then, where rows without counts become even first.",
        RESULT,
        "(smoothed / sums.T).nan_to_num(1 / counts.shape[1])",
    ),
    share(
        "divided by the sum of all counts",
        "You divide by the number of all pairs, so that the whole table sums to 1. Divide each row by its own sum.",
        "sums = smoothed.sum(dim=1, keepdim=True)",
        "sums = smoothed.sum()",
    ),
    share(
        "a row without counts becomes NaN",
        "A row without counts is divided by 0, which makes NaN. Without smoothing such a row becomes even: 1 / V for every token.",
        RESULT,
        "smoothed / sums",
    ),
    share(
        "a row without counts stays 0",
        "A row without counts stays 0, so that it is no distribution. It becomes even: 1 / V for every token.",
        "1 / counts.shape[1]",
        "0.0",
    ),
    share(
        "smoothing left out",
        "The smoothing has no effect: add it to every count first.",
        "counts + smoothing",
        "counts + 0",
    ),
    share(
        "smoothing not in the sum",
        "You divide by the sum of the counts without smoothing, so that a row sums to more than 1. Add first, then take the sum.",
        "smoothed.sum(dim=1",
        "counts.sum(dim=1",
    ),
    share(
        "smoothing added once below the line",
        "You add the smoothing once to the sum. It is added to each of the V = {V} counts of a row, so the sum grows by V times as much.",
        SUMS,
        "sums = counts.sum(dim=1, keepdim=True) + smoothing",
    ),
    share(
        "always smoothed by 1",
        "You always add 1, whatever smoothing is asked for: use the argument.",
        "counts + smoothing",
        "counts + 1",
    ),
    share(
        "only zeros smoothed",
        "You add the smoothing where the count is 0 alone: it is added to every count.",
        SMOOTHED,
        "smoothed = torch.where(counts == 0, smoothing, counts)",
    ),
    share(
        "smoothing added to the probabilities",
        "You add the smoothing to the probabilities: add it to the counts, before you divide.",
        f"{SMOOTHED}\n    {SUMS}\n    return {RESULT}",
        f"smoothed = counts\n    {SUMS}\n    return {RESULT} + smoothing",
    ),
    share(
        "smoothing as a factor",
        "You multiply the counts by the smoothing: add it.",
        "counts + smoothing",
        "counts * smoothing",
    ),
    share(
        "softmax of the counts",
        "You take the softmax of the counts. They are no logits: divide each row by its sum.",
        RESULT,
        "smoothed.softmax(dim=1)",
    ),
    share(
        "transposed",
        "Your table is transposed: row i holds what follows token i.",
        RESULT,
        f"{RESULT}.T",
    ),
    share(
        "logarithms",
        "You return logarithms. Probabilities are asked for.",
        RESULT,
        f"{RESULT}.log()",
    ),
    share(
        "rounded to 2 places",
        "You round the probabilities to 2 decimal places. Keep at least 4, or do not round.",
        RESULT,
        f"{RESULT}.round(decimals=2)",
    ),
    share(
        "counts changed in place",
        "You add the smoothing to the table that is passed in (+=): code that uses it afterwards gets other counts. Make a new table.",
        "counts + smoothing",
        "counts.add_(smoothing)",
    ),
    share(
        "counts divided in place",
        "You divide the table that is passed in (/=, or row by row): code that uses it afterwards gets no counts. Make a new table.",
        RESULT,
        f"counts.copy_({RESULT})",
    ),
]

MISTAKES = [*COUNTS, *SHARES]
