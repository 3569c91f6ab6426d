"""Known mistakes of a transformer block, for every exercise with a block: additions, norms, feed-forward, dropout.

They are edits of `groundup.steps.c6_gpt.plain_block`, and of the attention inside.
"""

from __future__ import annotations

from groundup.exercises.attention_mistakes import AVERAGES, DETACHED, MASKS, SCALES, SOFTMAXES, in_turns, without
from groundup.exercises.head_mistakes import BIAS, DROPPED, HEADS
from groundup.judge.exercise import Edit, Mistake

PLAIN = "groundup.steps.c6_gpt.plain_block"
BLOCK, FEED = "PlainBlock", "FeedForward"
ATTEND, THINK = "self.attention(self.first_norm(x))", "self.feed_forward(self.second_norm(x))"
FED = "self.drop(self.contract(self.relu(self.expand(x))))"


def block_edit(old: str, new: str) -> Edit:
    """Return an edit of the block."""
    return Edit(old, new, BLOCK, PLAIN)


def feed_edit(old: str, new: str) -> Edit:
    """Return an edit of the feed-forward."""
    return Edit(old, new, FEED, PLAIN)


def widen(times: int) -> list[Edit]:
    """Return edits of how wide the feed-forward is."""
    return [
        feed_edit("Linear(width, 4 * width)", f"Linear(width, {times} * width)"),
        feed_edit("Linear(4 * width, width)", f"Linear({times} * width, width)"),
    ]


ADDITIONS = [
    Mistake(
        "residual around the attention forgotten",
        "You replace x by the attention's result. The block only adds to x: x + attention(norm(x)). Without "
        "that, neither the tokens' information nor the gradients get through many blocks.",
        [block_edit(f"x = x + {ATTEND}", f"x = {ATTEND}")],
    ),
    Mistake(
        "residual around the feed-forward forgotten",
        "You return the feed-forward's result alone: add it to what went into it.",
        [block_edit(f"return x + {THINK}", f"return {THINK}")],
    ),
    Mistake(
        "both residuals forgotten",
        "You add nothing to x: the results of attention and feed-forward replace it. The block adds both results "
        "to x, one after the other.",
        [block_edit(f"x = x + {ATTEND}", f"x = {ATTEND}"), block_edit(f"return x + {THINK}", f"return {THINK}")],
    ),
    Mistake(
        "added to the block's input",
        "You add the feed-forward's result to the block's input, so the attention's result is lost. Add it to x "
        "after the attention's result was added.",
        [
            block_edit(f"x = x + {ATTEND}", f"start = x\n        x = x + {ATTEND}"),
            block_edit(f"return x + {THINK}", f"return start + {THINK}"),
        ],
    ),
    Mistake(
        "the block's input added once more",
        "You add the block's input once more at the end. x contains it already.",
        [
            block_edit(f"x = x + {ATTEND}", f"start = x\n        x = x + {ATTEND}"),
            block_edit(f"return x + {THINK}", f"return start + x + {THINK}"),
        ],
    ),
    Mistake(
        "feed-forward reads what the attention read",
        "Your feed-forward reads x from before the attention's result was added. It comes after the attention: "
        "let it read the sum.",
        [
            block_edit(f"x = x + {ATTEND}", f"before = x\n        x = x + {ATTEND}"),
            block_edit("self.second_norm(x))", "self.second_norm(before))"),
        ],
    ),
    Mistake(
        "feed-forward before the attention",
        "You apply the feed-forward first and the attention second: the attention comes first, then the feed-forward.",
        [block_edit(ATTEND, THINK), block_edit(f"return x + {THINK}", f"return x + {ATTEND}")],
    ),
    Mistake(
        "the feed-forward left out",
        "Your block ends after the attention. The feed-forward is missing: x = x + feed_forward(norm2(x)).",
        [block_edit(f"return x + {THINK}", "return x")],
    ),
    Mistake(
        "the attention left out",
        "Your block has only a feed-forward. Add the attention before it: x = x + attention(norm1(x)).",
        [block_edit(f"        x = x + {ATTEND}\n", "")],
    ),
    Mistake(
        "added in place",
        "The values are right, but backward() fails: `x += …` changes x while its norm still needs it for the "
        "gradient, and the caller's "
        "tensor with it. Write x = x + ….",
        [block_edit(f"x = x + {ATTEND}", f"x = x * 1\n        x += {ATTEND}")],
    ),
]

NORMS = [
    Mistake(
        "normalized after, not before",
        "You normalize the sums (as the transformer of 2017 did). Here attention and feed-forward each read a "
        "normalized x, and their results are added to x itself.",
        [
            block_edit(f"x + {ATTEND}", "self.first_norm(x + self.attention(x))"),
            block_edit(f"x + {THINK}", "self.second_norm(x + self.feed_forward(x))"),
        ],
    ),
    Mistake(
        "normalized after the attention, not before",
        "You normalize the sum of x and attention. The attention reads a normalized x, and its result is added "
        "to x itself: x + attention(norm(x)).",
        [block_edit(f"x + {ATTEND}", "self.first_norm(x + self.attention(x))")],
    ),
    Mistake(
        "normalized after the feed-forward, not before",
        "You normalize the sum of x and feed-forward. The feed-forward reads a normalized x, and its result is "
        "added to x itself: x + feed_forward(norm(x)).",
        [block_edit(f"x + {THINK}", "self.second_norm(x + self.feed_forward(x))")],
    ),
    Mistake(
        "normalized before, and the sums as well",
        "You normalize what attention and feed-forward read, and the sums again. The sums stay as they are.",
        [
            block_edit(f"x + {ATTEND}", f"self.first_norm(x + {ATTEND})"),
            block_edit(f"x + {THINK}", f"self.second_norm(x + {THINK})"),
        ],
    ),
    Mistake(
        "results normalized, not what is read",
        "You normalize what attention and feed-forward return, before you add it. Normalize what they read: x + "
        "attention(norm(x)).",
        [
            block_edit(ATTEND, "self.first_norm(self.attention(x))"),
            block_edit(THINK, "self.second_norm(self.feed_forward(x))"),
        ],
    ),
    Mistake(
        "the attention's result normalized, not what it reads",
        "You normalize what the attention returns. Normalize what it reads: x + attention(norm(x)).",
        [block_edit(ATTEND, "self.first_norm(self.attention(x))")],
    ),
    Mistake(
        "the feed-forward's result normalized, not what it reads",
        "You normalize what the feed-forward returns. Normalize what it reads: x + feed_forward(norm(x)).",
        [block_edit(THINK, "self.second_norm(self.feed_forward(x))")],
    ),
    Mistake(
        "normalized x carried on",
        "You add to the normalized x instead of to x itself. The norm is only for the input of the attention: x "
        "+ attention(norm(x)).",
        [block_edit(f"x = x + {ATTEND}", f"x = self.first_norm(x) + {ATTEND}")],
    ),
    Mistake(
        "normalized x carried on after the attention",
        "You add the feed-forward's result to the normalized x instead of to x itself. The norm is only for the "
        "input of the feed-forward: x + feed_forward(norm(x)).",
        [block_edit(f"return x + {THINK}", f"return self.second_norm(x) + {THINK}")],
    ),
    Mistake(
        "normalized x carried on in both places",
        "You overwrite x by its norm and add to that. Keep x itself: x + attention(norm(x)), x + "
        "feed_forward(norm(x)).",
        [
            block_edit(f"x = x + {ATTEND}", f"x = self.first_norm(x) + {ATTEND}"),
            block_edit(f"return x + {THINK}", f"return self.second_norm(x) + {THINK}"),
        ],
    ),
    Mistake(
        "attention reads x unnormalized",
        "Your attention reads x as it is: normalize what it reads.",
        [block_edit(ATTEND, "self.attention(x)")],
    ),
    Mistake(
        "feed-forward reads x unnormalized",
        "Your feed-forward reads x as it is: normalize what it reads, with the second norm.",
        [block_edit(THINK, "self.feed_forward(x)")],
    ),
    Mistake(
        "no norms",
        "Attention and feed-forward read x as it is. Normalize the input of each, with two different norms: x + "
        "attention(norm1(x)), x + feed_forward(norm2(x)).",
        [block_edit(ATTEND, "self.attention(x)"), block_edit(THINK, "self.feed_forward(x)")],
    ),
    Mistake(
        "one norm used twice",
        "You use one norm in both places: each has a scale and a shift of its own.",
        [block_edit("self.second_norm(x))", "self.first_norm(x))")],
    ),
    Mistake(
        "one norm made, and used twice",
        "You make one norm and use it in both places. Make two: each has a scale and a shift of its own.",
        [
            block_edit("self.second_norm = LayerNorm(width)", "pass"),
            block_edit("self.second_norm(x))", "self.first_norm(x))"),
        ],
    ),
    Mistake(
        "norms without scale and shift",
        "Your norms have no scale and no shift (elementwise_affine=False): nn.LayerNorm(C) has both, and learns them.",
        [
            block_edit("first_norm = LayerNorm(width)", "first_norm = nn.LayerNorm(width, elementwise_affine=False)"),
            block_edit("second_norm = LayerNorm(width)", "second_norm = nn.LayerNorm(width, elementwise_affine=False)"),
        ],
    ),
    Mistake(
        "RMS norms",
        "You use RMSNorm, which neither subtracts the mean nor has a shift. nn.LayerNorm is asked for.",
        [
            block_edit("first_norm = LayerNorm(width)", "first_norm = nn.RMSNorm(width)"),
            block_edit("second_norm = LayerNorm(width)", "second_norm = nn.RMSNorm(width)"),
        ],
    ),
]

FEEDS = [
    *(
        Mistake(
            name,
            f"Your feed-forward is {said} in between. It must be four times as wide as x there, {{C}} → 4 * "
            "{C} → {C}: most weights of a block are there.",
            widen(times),
        )
        for name, said, times in (
            ("feed-forward not widened", "as wide as the stream", 1),
            ("feed-forward widened twice", "twice as wide as the stream", 2),
            ("feed-forward widened three times", "three times as wide as the stream", 3),
            ("feed-forward widened eight times", "eight times as wide as the stream", 8),
        )
    ),
    Mistake(
        "ReLU forgotten",
        "Your feed-forward has no activation between its two linear maps, so that both together are only one linear "
        "map.",
        [feed_edit("self.relu(self.expand(x))", "self.expand(x)")],
    ),
    *(
        Mistake(
            f"{name} instead of ReLU",
            f"Your feed-forward uses {name}{also}, but this block asks for ReLU.",
            [feed_edit("self.relu = nn.ReLU()", f"self.relu = nn.{made}")],
        )
        for name, also, made in (
            ("GELU", ". GPT-2 does so, too", "GELU()"),
            ("GELU in its tanh form", ". GPT-2 does so, too", 'GELU(approximate="tanh")'),
            ("SiLU", "", "SiLU()"),
            ("LeakyReLU", "", "LeakyReLU()"),
            ("sigmoid", "", "Sigmoid()"),
            ("tanh", "", "Tanh()"),
            ("ELU", "", "ELU()"),
        )
    ),
    Mistake(
        "ReLU after the second map",
        "Your activation is after the second linear map: it belongs between the two, where the layer is wide.",
        [feed_edit("self.contract(self.relu(self.expand(x)))", "self.relu(self.contract(self.expand(x)))")],
    ),
    Mistake(
        "ReLU after both maps",
        "Your feed-forward has an activation after the second linear map as well, so it can only make x larger. "
        "There is one activation between the two maps, and none at the end.",
        [feed_edit("self.contract(self.relu(self.expand(x)))", "self.relu(self.contract(self.relu(self.expand(x))))")],
    ),
    Mistake(
        "ReLU before the first map",
        "Your activation is before the first linear map: it belongs between the two, where the layer is wide.",
        [feed_edit("self.relu(self.expand(x))", "self.expand(self.relu(x))")],
    ),
    *(
        Mistake(
            f"{what} without a bias",
            f"Your feed-forward's {which} no bias: nn.Linear has one unless you set bias=False, and here it is "
            "required.",
            [
                feed_edit(made, made.replace(")", ", bias=False)"))
                for made in ("Linear(width, 4 * width)", "Linear(4 * width, width)")[places]
            ],
        )
        for what, which, places in (
            ("feed-forward", "linear maps have", slice(0, 2)),
            ("first map of the feed-forward", "first map has", slice(0, 1)),
            ("second map of the feed-forward", "second map has", slice(1, 2)),
        )
    ),
    Mistake(
        "a residual inside the feed-forward",
        "Your feed-forward adds its input to its result. Return the result alone: the block adds it to x, not to "
        "the normalized x.",
        [feed_edit(f"return {FED}", f"return x + {FED}")],
    ),
]

DROPOUTS = [
    Mistake(
        "dropout active in evaluation",
        "You drop in evaluation as well. nn.Dropout switches itself off; functional dropout needs "
        "training=self.training.",
        [feed_edit("return self.drop(", "return nn.functional.dropout(p=0.2, training=True, input=")],
    ),
    Mistake(
        "dropout forgotten",
        "Nothing is dropped in training: the feed-forward ends in a dropout of 0.2.",
        [feed_edit("return self.drop(", "return (")],
    ),
    *(
        Mistake(
            f"a dropout of {rate}",
            f"You drop a share of {rate} in training: 0.2 is asked for.{more}",
            [feed_edit("Dropout(dropout)", f"Dropout({rate})")],
        )
        for rate, more in (
            (0.1, ""),
            (0.5, " nn.Dropout() without a number drops half."),
            (0.8, " PyTorch's number is the share that is dropped, not the one that is kept."),
        )
    ),
    Mistake(
        "dropout where the layer is wide",
        "You drop between the two linear maps, where the layer is wide. The dropout belongs at the end of the "
        "feed-forward, after the second map.",
        [feed_edit(FED, "self.contract(self.drop(self.relu(self.expand(x))))")],
    ),
    Mistake(
        "dropout where the layer is wide, and at the end",
        "You drop in two places of the feed-forward. One dropout is asked for, at its end.",
        [feed_edit(FED, "self.drop(self.contract(self.drop(self.relu(self.expand(x)))))")],
    ),
    Mistake(
        "dropout of what the feed-forward reads",
        "You drop a part of what the feed-forward reads. The dropout belongs at its end.",
        [feed_edit(FED, "self.contract(self.relu(self.expand(self.drop(x))))")],
    ),
    Mistake(
        "dropout of the whole sum",
        "You apply dropout to the whole sum, after the addition. Apply it only to the feed-forward's result, "
        "before the addition: x itself keeps its values.",
        [
            feed_edit(FED, "self.contract(self.relu(self.expand(x)))"),
            block_edit(f"return x + {THINK}", f"return self.feed_forward.drop(x + {THINK})"),
        ],
    ),
    Mistake(
        "dropout not scaled up",
        "You set nodes to 0 but do not divide those that stay by 1 − 0.2, so that in training the sum is smaller than "
        "in evaluation. "
        "nn.Dropout does both.",
        [feed_edit(f"return {FED}", f"return {FED} * (0.8 if self.training else 1.0)")],
    ),
    *DROPPED,
]

INSIDE = in_turns(
    without(MASKS, "masked with +∞"), SCALES, SOFTMAXES, AVERAGES, without(HEADS, "the input added"), BIAS, DETACHED
)
LISTED_BLOCK = Mistake(
    "feed-forward in a plain list",
    "You keep layers in a plain list or dictionary, in which PyTorch does not find them: they are not trained, saved "
    "or moved. Make them "
    "attributes of the module, or use nn.ModuleList or nn.Sequential.",
    [
        feed_edit("self.expand = Linear(width, 4 * width)", "self.maps = [Linear(width, 4 * width)]"),
        feed_edit("self.contract = Linear(4 * width, width)", "self.maps.append(Linear(4 * width, width))"),
        feed_edit(FED, "self.drop(self.maps[1](self.relu(self.maps[0](x))))"),
    ],
)
