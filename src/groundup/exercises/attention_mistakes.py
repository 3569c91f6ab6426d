"""Known mistakes of attention, for every exercise with a head: the mask, the scale, the softmax, the average.

They are edits of `groundup.steps.c6_gpt.attention`, whose functions all heads here share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from groundup.judge.exercise import Edit, Mistake

ATTENTION = "groundup.steps.c6_gpt.attention"
MASK, WEIGHTS, AVERAGE = "causal_mask", "attention_weights", "causal_attention"
ROOT, SOFTMAX, HIDE = "math.sqrt(queries.shape[-1])", ".softmax(dim=-1)", ".masked_fill(~allowed, -torch.inf)"
LOWER = "allowed.tril(key_time - query_time)"


def mask_edit(new: str) -> Edit:
    """Return an edit of which places a query may look at."""
    return Edit(LOWER, new, MASK, ATTENTION)


def weights_edit(old: str, new: str) -> Edit:
    """Return an edit of how scores become weights."""
    return Edit(old, new, WEIGHTS, ATTENTION)


def average_edit(old: str, new: str) -> Edit:
    """Return an edit of what is averaged."""
    return Edit(old, new, AVERAGE, ATTENTION)


OFF_BY_ONE = "allowed.tril(key_time - query_time - 1)"
LARGE = weights_edit("-torch.inf", "-1e9")

MASKS = (
    Mistake(
        "mask missing",
        "Every token sees the ones after it. A GPT predicts the next token, so what comes later has to be "
        "hidden: fill the scores above the diagonal with −∞, before the softmax.",
        [weights_edit(HIDE, "")],
    ),
    Mistake(
        "mask leaks the next token",
        "Each token sees the one after it as well: your mask is off by one. Token t may see the tokens 0 … t. In "
        "torch.triu it is diagonal=1 that leaves the diagonal visible; in torch.tril it is diagonal=0.",
        [mask_edit("allowed.tril(key_time - query_time + 1)")],
    ),
    Mistake(
        "a token does not see itself",
        "Your mask hides the diagonal, so a token does not see itself. The first one then sees nothing: its row "
        "is −∞ everywhere, and the softmax makes NaN of it. Hide only what lies above the diagonal.",
        [mask_edit(OFF_BY_ONE)],
    ),
    Mistake(
        "a token does not see itself, the first sees all",
        "Your mask hides the diagonal, so a token does not see itself. The first token's row is then the same large "
        "negative number everywhere, and the softmax makes equal weights of it: it sees the whole text.",
        [mask_edit(OFF_BY_ONE), LARGE],
    ),
    Mistake(
        "a token does not see itself, the first sees nothing",
        "Your mask hides the diagonal, so a token does not see itself and the first one sees nothing: its result is 0. "
        "Hide only what lies above the diagonal.",
        [mask_edit(OFF_BY_ONE), weights_edit(SOFTMAX, ".softmax(dim=-1).nan_to_num(0.0)")],
    ),
    Mistake(
        "a token does not see itself, only the first does",
        "Your mask hides the diagonal from all tokens but the first, so that they do not see themselves. Hide only what lies above the "
        "diagonal: then the first token sees itself, too.",
        [mask_edit(f"({OFF_BY_ONE}.add(torch.eye(query_time, key_time, device=allowed.device)[:1].mul(1)).bool())")],
    ),
    Mistake(
        "masked with zero instead of −∞",
        "You set the masked scores to 0, or to a number close to it such as 1e-9. e⁰ is 1, not 0, so later "
        "tokens are still seen. Multiplying the scores by a triangle of ones does the same. Fill with −∞: e^−∞ "
        "is exactly 0.",
        [weights_edit("-torch.inf", "0.0")],
    ),
    Mistake(
        "masked after the softmax",
        "You set weights to 0 after the softmax, so that the rows no longer add up to 1. Mask the scores before the "
        "softmax, with −∞.",
        [weights_edit(f"{HIDE}{SOFTMAX}", f"{SOFTMAX}.masked_fill(~allowed, 0.0)")],
    ),
    Mistake(
        "−∞ after the softmax",
        "You fill with −∞ after the softmax, so the weights themselves are −∞. The mask belongs on the scores, before the "
        "softmax, which makes 0 of −∞.",
        [weights_edit(f"{HIDE}{SOFTMAX}", f"{SOFTMAX}{HIDE}")],
    ),
    Mistake(
        "mask turned round",
        "Your mask hides the past and shows the future. It is the upper triangle of the scores that has to be filled: a "
        "row is a query, a column a key.",
        [mask_edit("allowed.triu(key_time - query_time)")],
    ),
    Mistake(
        "the visible positions masked",
        "You fill the positions that may be seen, and show those that may not. masked_fill fills where the mask "
        "is True: with a lower triangle of ones that is `mask == 0`.",
        [weights_edit("~allowed", "allowed")],
    ),
    Mistake(
        "the visible positions masked with a large number",
        "You fill the positions that may be seen with a large negative number, and show those that may not. "
        "masked_fill fills where the mask is True: with a lower triangle of ones that is `mask == 0`.",
        [weights_edit("~allowed, -torch.inf", "allowed, -1e9")],
    ),
    Mistake(
        "mask of ones added to the scores",
        "You add a triangle of ones and zeros to the scores. That raises the visible ones by 1 and hides "
        "nothing. What is added has to be 0 at visible positions and −∞ at hidden ones.",
        [weights_edit(f"scores{HIDE}", "(scores + allowed * 1.0)")],
    ),
    Mistake(
        "ones added to the hidden scores",
        "You add the upper triangle of ones to the scores. That raises the hidden ones by 1 and hides nothing. What is "
        "added has to be −∞ there.",
        [weights_edit(f"scores{HIDE}", "(scores + (~allowed) * 1.0)")],
    ),
    Mistake(
        "masked with −1 instead of −∞",
        "You fill the masked scores with −1. A visible score may be smaller, and e⁻¹ is not 0: fill with −∞.",
        [weights_edit("-torch.inf", "-1.0")],
    ),
    Mistake(
        "masked with −10 instead of −∞",
        "You fill the masked scores with −10. A visible score may be smaller, and then the hidden token counts for more: "
        "fill with −∞.",
        [weights_edit("-torch.inf", "-10.0")],
    ),
    Mistake(
        "masked with +∞",
        "You fill the masked scores with +∞, of which the softmax makes NaN. The sign is missing: −∞.",
        [weights_edit("-torch.inf", "torch.inf")],
    ),
    Mistake(
        "masked with a large positive number",
        "You fill the masked scores with a large positive number, so the hidden tokens get all the weight. The sign is "
        "missing: −∞, or a large negative number.",
        [weights_edit("-torch.inf", "1e9")],
    ),
    Mistake(
        "each token sees only itself",
        "Your mask leaves nothing but the diagonal, so that each token sees only itself. It sees the ones before, too: "
        "the lower triangle and the diagonal stay.",
        [mask_edit("allowed.tril(key_time - query_time).triu(key_time - query_time)")],
    ),
    Mistake(
        "mask for a fixed number of tokens",
        "Your mask has a fixed size and fits no longer text: T = {T} fails. Make it from the input's own number of "
        "tokens, in forward.",
        [Edit("torch.ones(query_time, key_time,", "torch.ones(min(query_time, 8), min(key_time, 8),", MASK, ATTENTION)],
    ),
)

SCALES = (
    Mistake(
        "scale missing",
        "The scores are not divided by √{d}, the root of the width of queries and keys. Without it they grow "
        "with the width, and softmax gives nearly all weight to one token.",
        [weights_edit(f" / {ROOT}", "")],
    ),
    Mistake(
        "scaled by the width, not its root",
        "You divide the scores by the width itself, {d} (or by its root twice). Their standard deviation grows "
        "with the root of the width: divide by √{d}, once.",
        [weights_edit(ROOT, "queries.shape[-1]")],
    ),
    Mistake(
        "multiplied by the root of the width",
        "You multiply the scores by √{d} instead of dividing: that makes large scores larger. With a power it is "
        "`** -0.5`, with the minus sign.",
        [weights_edit(f"/ {ROOT}", f"* {ROOT}")],
    ),
    Mistake(
        "scaled by the number of tokens",
        "You divide the scores by √T (T = {T} tokens). It is the width of queries and keys that makes them "
        "large: divide by √{d}. Check which dimension of the shape you use: the last one.",
        [weights_edit(ROOT, "math.sqrt(queries.shape[-2])")],
    ),
    Mistake(
        "scaled by the number of tokens, not the root of the width",
        "You divide the scores by T = {T}, the number of tokens. It is the width of queries and keys that makes them "
        "large: divide by √{d}.",
        [weights_edit(ROOT, "queries.shape[-2]")],
    ),
    Mistake(
        "scaled by the number of texts",
        "You divide the scores by the root of the batch size, the first dimension. It is the last dimension, the width of "
        "queries and keys, that makes them large: divide by √{d}.",
        [weights_edit(ROOT, "math.sqrt(queries.shape[0])")],
    ),
    Mistake(
        "scaled by a fixed 8",
        "You divide the scores by 8 whatever the width: that is √64. Use the root of the actual width, √{d}.",
        [weights_edit(ROOT, "8.0")],
    ),
    Mistake(
        "divided after the softmax",
        "You divide by √{d} after the softmax, so that the weights no longer add up to 1. Divide the scores, before it.",
        [weights_edit(f" / {ROOT}", ""), weights_edit(SOFTMAX, f"{SOFTMAX} / {ROOT}")],
    ),
)

SOFTMAXES = (
    Mistake(
        "softmax over the queries",
        "Your softmax runs down the columns. Each token's own weights, a row over the keys, add up to 1: dim=-1, the last "
        "dimension.",
        [weights_edit("dim=-1", "dim=-2")],
    ),
    Mistake(
        "softmax over the batch",
        "Your softmax runs over dimension 0, the texts of the batch, so that one text changes another. It belongs to the "
        "keys, the last dimension: dim=-1.",
        [weights_edit("dim=-1", "dim=0")],
    ),
    Mistake(
        "softmax missing",
        "You use the scores themselves as weights. A softmax makes them positive and lets each row add up to 1.",
        [weights_edit(f"-torch.inf){SOFTMAX}", "0.0)")],
    ),
    Mistake(
        "softmax missing after the mask",
        "You use the masked scores themselves as weights, −∞ included. A softmax makes 0 of −∞ and lets each row add up "
        "to 1.",
        [weights_edit(SOFTMAX, "")],
    ),
    Mistake(
        "softmax twice",
        "You take the softmax twice. The second one makes e⁰ of every hidden weight, so later tokens are seen, and all "
        "weights come near each other: once is enough.",
        [weights_edit(SOFTMAX, f"{SOFTMAX}{SOFTMAX}")],
    ),
    Mistake(
        "sigmoid instead of softmax",
        "You use a sigmoid, which squashes each score separately. The weights of a row have to add up to 1: use "
        "softmax over the last dimension.",
        [weights_edit(SOFTMAX, ".sigmoid()")],
    ),
    Mistake(
        "log-softmax instead of softmax",
        "You use log_softmax: these are the logarithms of the weights, and −∞ for hidden tokens. Use softmax.",
        [weights_edit(SOFTMAX, ".log_softmax(dim=-1)")],
    ),
    Mistake(
        "exponentials not divided by their sum",
        "Your weights are the exponentials of the scores. Divide each row by its sum, so that it adds up to 1.",
        [weights_edit(SOFTMAX, ".exp()")],
    ),
    Mistake(
        "scores divided by their sum",
        "You divide the scores by their sum, without exp. Scores may be negative, and the sum 0: softmax takes e to the "
        "power of each first.",
        [
            weights_edit(
                f"return scores{HIDE}{SOFTMAX}",
                "scores = scores.masked_fill(~allowed, 0.0)\n    return scores / scores.sum(dim=-1, keepdim=True)",
            )
        ],
    ),
    Mistake(
        "softmax over all scores of a text",
        "Your softmax runs over all scores of a text at once, so that they add up to 1 together. Each row must "
        "add up to 1: dim=-1.",
        [weights_edit(SOFTMAX, ".flatten(-2).softmax(dim=-1).unflatten(-1, scores.shape[-2:])")],
    ),
    Mistake(
        "only the best key counts",
        "You take the value of the best key alone. Attention averages all visible values, each weighted by the softmax of "
        "its score.",
        [weights_edit(SOFTMAX, ".argmax(-1).unsqueeze(-1).eq(torch.arange(scores.shape[-1])).to(scores.dtype)")],
    ),
    Mistake(
        "all visible tokens weigh the same",
        "Your weights do not depend on the scores: each row is the plain mean of all visible values. The softmax has to "
        "see the scores.",
        [weights_edit("scores = queries", "scores = 0 * queries")],
    ),
    Mistake(
        "scores with the wrong sign",
        "Your scores have the wrong sign, so the key that fits best gets the smallest weight. The score is the "
        "dot product itself, without a minus.",
        [weights_edit("scores = queries", "scores = -queries")],
    ),
    Mistake(
        "weights rounded on the way",
        "You round the attention weights to 4 decimal places before you average. The errors add up, and no "
        "gradient goes through: round only the result, or do not round.",
        [weights_edit(SOFTMAX, f"{SOFTMAX}.round(decimals=4)")],
    ),
    Mistake(
        "weights rounded to 2 places on the way",
        "You round the attention weights to 2 decimal places before you average. The errors add up, and no "
        "gradient goes through: round the result only, to 4 decimal places, if at all.",
        [weights_edit(SOFTMAX, f"{SOFTMAX}.round(decimals=2)")],
    ),
)

AVERAGES = (
    Mistake(
        "queries and keys swapped",
        "Your scores are keys times queries: row t then holds the scores of all queries with key t, not those of "
        "query t with all keys. The query belongs to the row, the key to the column: queries @ keys transposed.",
        [average_edit("(queries, keys)", "(keys, queries)")],
    ),
    Mistake(
        "keys averaged instead of values",
        "You average the keys instead of the values. Keys and values come from two different linear maps: use "
        "the keys only for the scores.",
        [average_edit("@ values", "@ keys")],
    ),
    Mistake(
        "queries averaged instead of values",
        "You average the queries instead of the values. The weights say which tokens count how much; what is "
        "averaged is their values.",
        [average_edit("@ values", "@ queries")],
    ),
    Mistake(
        "weights turned round",
        "You multiply the values by the transposed weights, so that each token gets what belongs to another. A row of "
        "weights belongs to a query: weights @ values.",
        [average_edit("keys) @", "keys).mT @")],
    ),
    Mistake(
        "keys reshaped, not transposed",
        "You bring the keys into the shape (…, column, time) with view or reshape, which lays the numbers out in "
        "another way and mixes tokens with columns. transpose(-2, -1) exchanges the two dimensions.",
        [weights_edit("keys.transpose(-2, -1)", "keys.reshape(*keys.shape[:-2], keys.shape[-1], keys.shape[-2])")],
    ),
    Mistake(
        "each token's own value added",
        "You add each token's own value to the average. The head returns only the average; the residual addition "
        "belongs to the block.",
        [average_edit("@ values", "@ values + values")],
    ),
)

DETACHED = (
    Mistake(
        "attention weights detached",
        "The result is right, but no gradient flows back through the attention weights, so queries and keys never learn. "
        "Look for detach(), no_grad() or rounding between the scores and the average.",
        [average_edit("keys) @", "keys).detach() @")],
    ),
    Mistake(
        "all gradients detached",
        "The result is right, but no gradient reaches any map, so nothing learns. Look for detach(), torch.no_grad(), "
        "numpy() or a new tensor made of old values.",
        [
            average_edit(
                "return attention_weights(queries, keys) @ values",
                "return (attention_weights(queries, keys) @ values).detach()",
            )
        ],
    ),
    Mistake(
        "values detached",
        "The result is right, but no gradient reaches the map of the values, so it never learns: something between it "
        "and the average is detached.",
        [average_edit("@ values", "@ values.detach()")],
    ),
    Mistake(
        "keys detached",
        "The result is right, but no gradient reaches the map of the keys, so it never learns: something between it and "
        "the scores is detached.",
        [average_edit("(queries, keys)", "(queries, keys.detach())")],
    ),
    Mistake(
        "queries detached",
        "The result is right, but no gradient reaches the map of the queries, so it never learns: something between it "
        "and the scores is detached.",
        [average_edit("(queries, keys)", "(queries.detach(), keys)")],
    ),
)

CORE = (*MASKS, *SCALES, *SOFTMAXES, *AVERAGES)


def in_turns(*lists: Sequence[Mistake]) -> list[Mistake]:
    """Return the mistakes of several lists, the first ones first: in each list the most common come first.

    A mistake that is asked for early is found early; there may be no time for all of them.
    """
    return [one for some in zip_longest(*lists) for one in some if one is not None]


def without(mistakes: Iterable[Mistake], *names: str) -> list[Mistake]:
    """Return mistakes but for some, by name: those that are no mistake here, or cannot be distinguished from another."""
    return [one for one in mistakes if one.name not in names]


def change_result(expression: str, within: str, module: str, thing: str = "vectors") -> list[Mistake]:
    """Return mistakes in what a module does with its result in the end.

    Parameters
    ----------
    expression : str
        What stands after ``return``.
    within, module : str
        The function, and the file.
    thing : str
        What a token's result is called.
    """

    def change(name: str, says: str, new: str) -> Mistake:
        return Mistake(
            name, says, [Edit(f"return {expression}", f"return {new.format(f'({expression})')}", within, module)]
        )

    rounded = [
        change(
            f"rounded to {places} place{'s' if places > 1 else ''}",
            f"You round to {places} place{'s' if places > 1 else ''}: that loses what is asked for. Four "
            "decimal places are allowed, and none is better.",
            f"{{}}.round(decimals={places})",
        )
        for places in (3, 2, 1)
    ]
    return [
        *rounded,
        change(
            "rounded to whole numbers",
            "You round to whole numbers: torch.round does so unless you set decimals=4.",
            "{}.round()",
        ),
        change(
            "a dimension of length 1 lost",
            "You squeeze the result, so a batch of one text, a text of one token or a width of 1 loses its dimension. "
            "Leave all dimensions as they are.",
            "{}.squeeze()",
        ),
        change(
            "the batch of one text lost",
            "You squeeze the first dimension, so a batch of one text comes back without it. Leave it: shape (B, T, …).",
            "{}.squeeze(0)",
        ),
        change(
            "only the last token's result",
            f"You return the last token's {thing} only. Every token has its own: shape (B, T, …).",
            "{}[:, -1]",
        ),
        change(
            "only the last token's result, as a text of one token",
            f"You return the last token's {thing} only. Every token has its own: shape (B, T, …).",
            "{}[:, -1:]",
        ),
        change(
            "averaged over the tokens",
            "You average the result over the tokens. Every token has its own: shape (B, T, …).",
            "{}.mean(1)",
        ),
        change(
            "the result transposed",
            "You return the last two dimensions exchanged: shape (B, T, …) is asked for.",
            "{}.mT",
        ),
    ]


def add_biases(edits: dict[str, Edit], groups: Sequence[tuple[str, ...]] = ()) -> list[Mistake]:
    """Return the mistakes of biases left on: in all maps together, in each alone, and in some groups of them.

    Parameters
    ----------
    edits : dict of str to Edit
        Name of a map → what gives it a bias.
    groups : sequence of tuple of str
        Names of maps that are likely to have one together.
    """
    say = "nn.Linear adds a bias unless it is told bias=False."
    made = [
        Mistake(
            "bias left on",
            f"Your maps to queries, keys and values add a bias: none is asked for. {say}",
            [edits[name] for name in ("query", "key", "value")],
        )
    ]
    for names in [*((name,) for name in edits), *groups]:
        told = " and ".join(names)
        made.append(
            Mistake(
                f"bias left on: {told}",
                f"Your map{'s' * (len(names) > 1)} {told} add{'s' * (len(names) == 1)} a "
                f"bias: none is asked for. {say}",
                [edits[name] for name in names],
            )
        )
    return made
