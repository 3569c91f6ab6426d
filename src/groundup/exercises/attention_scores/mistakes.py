"""The known mistakes in attention without a mask, as edits of `groundup.steps.c6_gpt.attention`."""

from __future__ import annotations

from groundup.exercises.attention_mistakes import (
    ATTENTION,
    HIDE,
    ROOT,
    SCALES,
    SOFTMAX,
    average_edit,
    weights_edit,
    without,
)
from groundup.judge.exercise import Edit, Mistake

RETURN = f"return scores{HIDE}{SOFTMAX}"
AVERAGE = "attention_weights(queries, keys) @ values"
POWERS = "(scores - scores.amax(dim=-1, keepdim=True)).exp()"
# What does not fit raises NumPy's error, as in an answer.
OTHER_LARGEST = "torch.from_numpy(scores[:, 0].numpy() - scores.amax(dim=-1)[:, 0].numpy())[:, None]"


def weigh(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in how scores of shape (T, 1, S) become weights."""
    return Mistake(name, says, [weights_edit(RETURN, f"return {new}")])


def average(name: str, says: str, new: str) -> Mistake:
    """Return a mistake in the average, of weights of shape (T, 1, S) and values of shape (T, S, v)."""
    return Mistake(name, says, [average_edit(f"return {AVERAGE}", f"return {new}")])


SCORES = [
    # Here every query is a batch of its own: what counts tokens or texts there counts something else.
    *without(
        SCALES,
        "scaled by the number of tokens",
        "scaled by the number of tokens, not the root of the width",
        "scaled by the number of texts",
    ),
    Mistake(
        "scaled by the number of keys",
        "You divide the scores by √S, where S = {S} is the number of keys. It is the width of queries and keys that makes scores "
        "large: divide by √{d}, the root of the last dimension.",
        [weights_edit(ROOT, "math.sqrt(keys.shape[-2])")],
    ),
    Mistake(
        "scaled by the number of queries",
        "You divide the scores by √T, where T = {T} is the number of queries. It is the width of queries and keys that makes scores "
        "large: divide by √{d}, the root of the last dimension.",
        [weights_edit(ROOT, "math.sqrt(queries.shape[0])")],
    ),
    Mistake(
        "scores with the wrong sign",
        "Your scores have the wrong sign, so the key that fits best gets the smallest weight. The score is the dot product itself.",
        [weights_edit("scores = queries", "scores = -queries")],
    ),
    Mistake(
        "distances instead of dot products",
        "You compare queries and keys by their squared distance. The score is the dot product: the sum of the products.",
        [
            weights_edit(
                "queries @ keys.transpose(-2, -1)",
                "-(queries - keys).square().sum(dim=-1)[:, None]",
            )
        ],
    ),
    Mistake(
        "cosines instead of dot products",
        "You divide the dot products by the lengths of the vectors (cosines). The score is the dot product, divided by √{d} alone.",
        [
            weights_edit(
                "queries @ keys.transpose(-2, -1)",
                "(queries / queries.norm(dim=-1, keepdim=True)) @ (keys / keys.norm(dim=-1, keepdim=True)).transpose(-2, -1)",
            )
        ],
    ),
]

WEIGHTS = [
    weigh(
        "softmax over the queries",
        "Your softmax runs down the columns: each key's weights add up to 1. It is a query's weights, a row, that add up to 1: axis=-1 "
        "with keepdims=True. Python's own sum(…) of a matrix runs down the columns, too.",
        "scores.softmax(dim=0)",
    ),
    weigh(
        "softmax over all scores",
        "Your softmax runs over all scores at once, so that they add up to 1 together. Each row adds up to 1: axis=-1, keepdims=True.",
        "scores.flatten().softmax(dim=0).reshape(scores.shape)",
    ),
    weigh(
        "divided by the sum over all rows",
        "You divide by the sum of the whole matrix, so that all weights add up to 1 together. Each row adds up to 1: sum along axis=-1, "
        "with keepdims=True.",
        f"{POWERS} / {POWERS}.sum()",
    ),
    weigh(
        "exponentials overflow",
        "Large scores overflow in exp: infinity divided by infinity is NaN. Subtract the largest score of each row first: the "
        "weights stay the same.",
        "scores.exp() / scores.exp().sum(dim=-1, keepdim=True)",
    ),
    weigh(
        "the largest of all scores subtracted",
        "You subtract the largest of all scores from every row. In a row far below it every exponential becomes 0, and 0 / 0 is "
        "NaN. Subtract the largest score of each row: axis=-1, keepdims=True.",
        "(scores - scores.max()).exp() / (scores - scores.max()).exp().sum(dim=-1, keepdim=True)",
    ),
    weigh(
        "the mean of the row subtracted",
        "You subtract the mean of each row. A score far above it still overflows in exp, and infinity divided by infinity is NaN. "
        "Subtract the largest score of the row: then no exponent is above 0.",
        "(scores - scores.mean(dim=-1, keepdim=True)).exp()"
        " / (scores - scores.mean(dim=-1, keepdim=True)).exp().sum(dim=-1, keepdim=True)",
    ),
    weigh(
        "the largest score of another row subtracted",
        "The largest scores of the rows lie in a row and not in a column, so that each column gets that of another query. Take "
        "keepdims=True, which keeps the shape (T, 1).",
        f"{OTHER_LARGEST}.exp() / {OTHER_LARGEST}.exp().sum(dim=-1, keepdim=True)",
    ),
    weigh(
        "divided by the sums of other rows",
        "The sums of the rows lie in a row and not in a column, so that each column is divided by the sum of another query. Take "
        "keepdims=True, which keeps the shape (T, 1).",
        f"torch.from_numpy({POWERS}[:, 0].numpy() / {POWERS}.sum(dim=-1)[:, 0].numpy())[:, None]",
    ),
    weigh(
        "exponentials not divided by their sum",
        "Your weights are exponentials of the scores. Divide each row by its sum, so that it adds up to 1.",
        POWERS,
    ),
    weigh(
        "exponentials not divided by their sum, nothing subtracted",
        "Your weights are the exponentials of the scores. Divide each row by its sum, so that it adds up to 1.",
        "scores.exp()",
    ),
    weigh(
        "softmax missing",
        "You use the scores themselves as weights. A softmax makes them positive and lets each row add up to 1.",
        "scores",
    ),
    weigh(
        "scores divided by their sum",
        "You divide the scores by their sum, without exp. Scores may be negative, and the sum 0: softmax takes e to the power of each "
        "first.",
        "scores / scores.sum(dim=-1, keepdim=True)",
    ),
    weigh(
        "softmax twice",
        "You take the softmax twice, which brings all weights near each other: once is enough.",
        "scores.softmax(dim=-1).softmax(dim=-1)",
    ),
    weigh(
        "sigmoid instead of softmax",
        "You use a sigmoid, which squashes each score separately. The weights of a row have to add up to 1: use softmax.",
        "scores.sigmoid()",
    ),
    weigh(
        "only the best key counts",
        "You give all weight to the best key. Each key gets the softmax of its score.",
        "scores.argmax(-1).unsqueeze(-1).eq(torch.arange(scores.shape[-1])).to(scores.dtype)",
    ),
    weigh(
        "all keys weigh the same",
        "Your weights do not depend on the scores: every key gets 1/S. The softmax has to see the scores.",
        "(0 * scores).softmax(dim=-1)",
    ),
    weigh(
        "a mask that is not asked for",
        "You hide the keys after each query. Here every query sees every key: the causal mask comes in the next exercise.",
        "scores.masked_fill(torch.ones(len(scores), scores.shape[-1]).triu(1).bool()[:, None], -torch.inf).softmax(dim=-1)",
    ),
    weigh(
        "weights transposed",
        "Your weights are transposed: a row per query (T = {T}), a column per key (S = {S}).",
        "scores.softmax(dim=-1)[:, 0].T",
    ),
    weigh(
        "weights rounded to 2 places",
        "You round the weights to 2 decimal places. Keep at least 4, or do not round.",
        "scores.softmax(dim=-1).round(decimals=2)",
    ),
    Mistake(
        "keys reshaped, not transposed",
        "You bring the keys into the shape (d, S) with reshape, which lays the numbers out in another way and mixes the keys. keys.T "
        "exchanges the two dimensions.",
        [weights_edit("keys.transpose(-2, -1)", "keys.reshape(len(keys), keys.shape[-1], -1)")],
    ),
]

AVERAGES = [
    average(
        "keys averaged instead of values",
        "You average the keys. The weights come from the keys, but what is averaged are the values.",
        "attention_weights(queries, keys) @ keys",
    ),
    average(
        "queries averaged instead of values",
        "You average the queries. What is averaged are the values: weights @ values.",
        "attention_weights(queries, keys) @ queries[:, 0]",
    ),
    average(
        "weights turned round",
        "You multiply the values by the transposed weights, so that each query gets what belongs to another. A row of weights belongs "
        "to a query: weights @ values.",
        "attention_weights(queries, keys)[:, 0].T @ values[0]",
    ),
    average(
        "queries and keys exchanged",
        "You exchange queries and keys, so that a row belongs to a key: queries @ keys.T, then the softmax of each row.",
        "attention_weights(keys[0][:, None], queries[:, 0]) @ values",
    ),
    Mistake(
        "keys multiplied with queries",
        "You compute keys @ queries.T, so that a row belongs to a key. A row belongs to a query: queries @ keys.T.",
        [
            weights_edit(RETURN, "return scores[:, 0].T.softmax(dim=-1)"),
            average_edit(
                f"return {AVERAGE}",
                "return torch.from_numpy(attention_weights(queries, keys).numpy() @ values[0].numpy())",
            ),
        ],
    ),
    average(
        "weights for values",
        "You return the weights. Multiply them with the values: weights @ values.",
        "attention_weights(queries, keys)",
    ),
    average(
        "sum of all values",
        "You add the values of all keys, without weights: weights @ values.",
        "values.sum(dim=1, keepdim=True)",
    ),
    average(
        "divided by the number of keys once more",
        "You take the mean of the weighted values. The weights of a row add up to 1 already: take their sum.",
        f"{AVERAGE} / keys.shape[-2]",
    ),
    average(
        "the queries added",
        "You add the queries to the result, as a block does with its input. Here the average alone is asked for.",
        f"{AVERAGE} + queries",
    ),
    average(
        "only the first query",
        "You return the result of the first query alone: is there a return inside the loop?",
        f"({AVERAGE})[:1]",
    ),
    average(
        "result rounded to 2 places",
        "You round the result to 2 decimal places. Keep at least 4, or do not round.",
        f"({AVERAGE}).round(decimals=2)",
    ),
    average(
        "values changed in place",
        "You write into the values that are passed in: code that uses them afterwards gets others. Make a new array.",
        f"(lambda found: values[0].copy_(found[:, 0]) if found[:, 0].shape == values[0].shape else found)({AVERAGE})",
    ),
]

IN_PLACE = Mistake(
    "queries scaled in place",
    "You divide the queries that are passed in (/=): code that uses them afterwards gets smaller ones. Make new ones.",
    [
        Edit(
            f"queries @ keys.transpose(-2, -1) / {ROOT}",
            f"queries.div_({ROOT}) @ keys.transpose(-2, -1)",
            None,
            ATTENTION,
        )
    ],
)

MISTAKES = [*SCORES, *WEIGHTS, *AVERAGES, IN_PLACE]
