"""The known mistakes in the modern block, as edits of `groundup.steps.c6_gpt.transformer` and of what is inside.

What can go wrong in any block, head or norm is taken from those exercises, as the same edits of this one's steps.
"""

from __future__ import annotations

from groundup.exercises import block_mistakes
from groundup.exercises.attention_mistakes import (
    ATTENTION,
    AVERAGES,
    DETACHED,
    MASKS,
    SCALES,
    SOFTMAXES,
    change_result,
    in_turns,
    without,
)
from groundup.exercises.gated_feed_forward.mistakes import FEEDS, MAPS, TRANSFORMER
from groundup.exercises.head_mistakes import SHAPES
from groundup.exercises.rms_norm import mistakes as norm_mistakes
from groundup.exercises.rotary_positions.mistakes import TURNS
from groundup.judge.exercise import Edit, Mistake

NORMALISATION = "groundup.steps.c6_gpt.normalisation"
BLOCK, HEADS = "Block.forward", "Attention.forward"
ATTEND = "self.drop(self.attention(self.attention_norm(x), rotary, cache, allowed))"
THINK = "self.drop(self.feed_forward(self.feed_forward_norm(x)))"
QUERIES, KEYS = "rotate(self.query_norm(queries), *rotary)", "rotate(self.key_norm(keys), *rotary)"
# PyTorch's own functions cannot be edited inside; the formulas compute the same.
FORMULA = Edit(
    "functional.rms_norm(x, self.weight.shape, self.weight, self.epsilon)",
    "rms_norm(x, self.weight, self.epsilon)",
    "RMSNorm.forward",
    NORMALISATION,
)
UNFUSED = Edit(
    "functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)",
    "causal_attention(queries, keys, values)",
    "fused_attention",
    ATTENTION,
)


def take_block(mistakes: list[Mistake], *names: str) -> list[Mistake]:
    """Return mistakes of the plain block's ``forward``, by name, as edits of this one's."""
    ours = {
        block_mistakes.ATTEND: ATTEND,
        block_mistakes.THINK: THINK,
        "self.first_norm": "self.attention_norm",
        "self.second_norm": "self.feed_forward_norm",
        "self.attention(x)": "self.attention(x, rotary, cache, allowed)",
    }

    def translate(text: str) -> str:
        for old, new in ours.items():
            text = text.replace(old, new)
        return text

    return [
        Mistake(one.name, one.says, [Edit(translate(e.old), translate(e.new), BLOCK, TRANSFORMER) for e in one.edits])
        for one in mistakes
        if one.name in names
    ]


def take_norm(mistakes: list[Mistake], *names: str) -> list[Mistake]:
    """Return mistakes of the RMS norm, by name, as edits of a module that is not the exercise's first."""
    return [
        Mistake(one.name, one.says, [FORMULA, *(Edit(e.old, e.new, e.within, NORMALISATION) for e in one.edits)])
        for one in mistakes
        if one.name in names
    ]


def unfuse(mistakes: list[Mistake]) -> list[Mistake]:
    """Return mistakes of attention's formula, with the formula in the place of the fused kernel."""
    return [Mistake(one.name, one.says, [UNFUSED, *one.edits]) for one in mistakes]


ADDITIONS = [
    *take_block(
        block_mistakes.ADDITIONS,
        "residual around the attention forgotten",
        "residual around the feed-forward forgotten",
        "both residuals forgotten",
        "added to the block's input",
        "the block's input added once more",
        "feed-forward reads what the attention read",
        "feed-forward before the attention",
        "the feed-forward left out",
        "the attention left out",
        "added in place",
    ),
    *take_block(
        block_mistakes.NORMS,
        "normalized after, not before",
        "normalized after the attention, not before",
        "normalized after the feed-forward, not before",
        "normalized before, and the sums as well",
        "results normalized, not what is read",
        "the attention's result normalized, not what it reads",
        "the feed-forward's result normalized, not what it reads",
        "normalized x carried on",
        "normalized x carried on after the attention",
        "normalized x carried on in both places",
        "attention reads x unnormalized",
        "feed-forward reads x unnormalized",
        "no norms",
    ),
]

NORMS = [
    Mistake(
        "one norm used twice",
        "You use one norm in both places: each has a weight of its own.",
        [Edit("self.feed_forward_norm(x)", "self.attention_norm(x)", BLOCK)],
    ),
    Mistake(
        "queries not normalized",
        "You rotate the queries without normalizing them: rotate(query_norm(q)).",
        [Edit(QUERIES, "rotate(queries, *rotary)", HEADS)],
    ),
    Mistake(
        "keys not normalized",
        "You rotate the keys without normalizing them: rotate(key_norm(k)).",
        [Edit(KEYS, "rotate(keys, *rotary)", HEADS)],
    ),
    Mistake(
        "queries and keys not normalized",
        "You rotate queries and keys without normalizing them: rotate(query_norm(q)), rotate(key_norm(k)).",
        [Edit(QUERIES, "rotate(queries, *rotary)", HEADS), Edit(KEYS, "rotate(keys, *rotary)", HEADS)],
    ),
    Mistake(
        "one norm for queries and keys",
        "You use the norm of the queries for the keys as well: each has a weight of its own.",
        [Edit(KEYS, "rotate(self.query_norm(keys), *rotary)", HEADS)],
    ),
    Mistake(
        "values normalized, too",
        "You normalize the values as well. Only queries and keys are normalized: values stay as they are.",
        [Edit(f"keys = {KEYS}", f"keys, values = {KEYS}, self.key_norm(values)", HEADS)],
    ),
    Mistake(
        "normalized after the rotation",
        "You normalize queries and keys after you rotate them. The norm's weight differs from channel to channel, so the "
        "order matters: first the norm, then the rotation.",
        [
            Edit(QUERIES, "self.query_norm(rotate(queries, *rotary))", HEADS),
            Edit(KEYS, "self.key_norm(rotate(keys, *rotary))", HEADS),
        ],
    ),
    Mistake(
        "ε smaller than 0.000001",
        "Your norms add less than 0.000001 under the root, or nothing. nn.RMSNorm adds less unless you write eps=1e-6.",
        [Edit("self.epsilon)", "torch.finfo(torch.float32).eps)", "RMSNorm.forward", NORMALISATION)],
    ),
    Mistake(
        "ε larger than 0.000001",
        "Your norms add more than 0.000001 under the root, such as the 0.00001 of layer norms: eps=1e-6.",
        [Edit("self.epsilon)", "1e-5)", "RMSNorm.forward", NORMALISATION)],
    ),
    *take_norm(
        [*norm_mistakes.MEAN, *norm_mistakes.ROOTS],
        "layer normalization instead of RMS",
        "mean subtracted",
        "variance instead of mean square",
        "summed, not averaged",
        "mean of the sizes",
        "root forgotten",
        "multiplied by the root mean square",
        "not divided",
    ),
]

ROTATIONS = [
    Mistake(
        "nothing rotated",
        "You do not rotate queries and keys: without positions, the block knows which tokens came before, but not in what order.",
        [Edit(QUERIES, "self.query_norm(queries)", HEADS), Edit(KEYS, "self.key_norm(keys)", HEADS)],
    ),
    Mistake(
        "queries not rotated",
        "You rotate the keys but not the queries. Both are rotated: then their product depends on the distance of their "
        "positions.",
        [Edit(QUERIES, "self.query_norm(queries)", HEADS)],
    ),
    Mistake(
        "keys not rotated",
        "You rotate the queries but not the keys. Both are rotated: then their product depends on the distance of their "
        "positions.",
        [Edit(KEYS, "self.key_norm(keys)", HEADS)],
    ),
    Mistake(
        "values rotated, too",
        "You rotate the values as well. Only queries and keys are rotated: values stay as they are.",
        [Edit(f"keys = {KEYS}", f"keys, values = {KEYS}, rotate(values, *rotary)", HEADS)],
    ),
    *TURNS,
]

BIASES = [
    Mistake(
        f"a bias in {where}",
        f"{said} a bias, which nn.Linear adds unless it is told bias=False: no map of this block has one.",
        [
            Edit(old, new, f"{within}.__init__")
            for old, new, within in (
                ('settings.width, settings.preset == "classic"', "settings.width, True", "Attention"),
                *((made, made.replace(", bias=False", ""), "GatedFeedForward") for made in MAPS.values()),
            )[places]
        ],
    )
    for where, said, places in (
        ("all maps", "All your maps have", slice(0, 4)),
        ("the attention's maps", "The maps of your attention have", slice(0, 1)),
        ("the feed-forward's maps", "The maps of your feed-forward have", slice(1, 4)),
    )
]

SCORES = [
    Mistake(
        "scaled by the model's width",
        "You divide the scores by √{C}, the model's width: divide by √{d}, the width of a head.",
        [
            Edit(
                "return self.output(join_heads(found))",
                "found = fused_attention(queries * (queries.shape[-1] / x.shape[-1]) ** 0.5, keys, values)\n"
                "        return self.output(join_heads(found))",
                HEADS,
            )
        ],
    ),
    *unfuse(in_turns(without(MASKS, "masked with +∞"), SCALES, SOFTMAXES, AVERAGES)),
]

RESHAPED = [one for one in SHAPES if all(edit.within in ("split_heads", "join_heads") for edit in one.edits)] + unfuse(
    [one for one in SHAPES if one.name == "softmax over the heads"]
)

MISTAKES = [
    *in_turns(ADDITIONS, ROTATIONS, FEEDS, NORMS, SCORES, RESHAPED, BIASES, unfuse([*DETACHED])),
    *change_result(f"x + {THINK}", BLOCK, TRANSFORMER),
]
