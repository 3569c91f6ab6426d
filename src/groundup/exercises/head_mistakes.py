"""Known mistakes of several heads side by side: how channels are cut into heads, joined again, and mapped.

They are edits of `MultiHeadAttention` in `groundup.steps.c6_gpt.attention`, which every exercise with several heads has inside.
"""

from __future__ import annotations

from groundup.exercises.attention_mistakes import ATTENTION, add_biases
from groundup.judge.exercise import Edit, Mistake

CLASS, BUILD, FORWARD = "MultiHeadAttention", "MultiHeadAttention.__init__", "MultiHeadAttention.forward"
AVERAGE = "causal_attention(queries, keys, values)"
RESULT = f"self.output(join_heads({AVERAGE}))"
SPLIT, JOIN = "x.unflatten(-1, (heads, -1)).transpose(1, 2)", "x.transpose(1, 2).flatten(-2)"
WIDTHS = {
    "query": "heads * head_width",
    "key": "self.key_value_heads * head_width",
    "value": "self.key_value_heads * head_width",
}
MAPS = {role: f"self.{role} = Linear(width, {wide}, bias=bias)" for role, wide in WIDTHS.items()}
LAST = "self.output = Linear(heads * head_width, width, bias=bias)"
BIASES = {
    role: Edit(made, made.replace(", bias=bias", ""), BUILD, ATTENTION)
    for role, made in {**MAPS, "output": LAST}.items()
}


def build_edit(old: str, new: str) -> Edit:
    """Return an edit of how the heads are built."""
    return Edit(old, new, BUILD, ATTENTION)


def forward_edit(old: str, new: str) -> Edit:
    """Return an edit of what the heads compute."""
    return Edit(old, new, FORWARD, ATTENTION)


def split_edit(new: str) -> Edit:
    """Return an edit of how channels are cut into heads."""
    return Edit(SPLIT, new, "split_heads", ATTENTION)


def join_edit(new: str) -> Edit:
    """Return an edit of how heads are joined."""
    return Edit(JOIN, new, "join_heads", ATTENTION)


def scale_edit(factor: str) -> Edit:
    """Return an edit that multiplies the scores by a factor, in ``heads`` and ``head`` (a head's width)."""
    return forward_edit(
        f"return {RESULT}",
        f"heads, head = self.heads, queries.shape[-1]\n        queries = queries * {factor}\n        return {RESULT}",
    )


# With a last map of the whole width these only fail; an answer that has none shows what they do.
NO_LAST = build_edit(LAST, "self.output = nn.Identity()")
MIXED = "x.reshape(x.shape[0], heads, x.shape[1], -1)"
INTERLEAVED = "x.unflatten(-1, (-1, heads)).permute(0, 3, 1, 2)"

SCALES = [
    Mistake(
        "scaled by the whole width",
        "You divide the scores by the root of the width of all heads together. Each head's dot products run over "
        "its own {d} columns: divide by √{d}.",
        [scale_edit("heads**-0.5")],
    ),
    Mistake(
        "scaled by the whole width, not a root",
        "You divide the scores by the width of all heads together. Each head's dot products run over its own {d} "
        "columns: divide by √{d}, a root.",
        [scale_edit("(1 / (heads * head**0.5))")],
    ),
    Mistake(
        "scaled by the number of heads",
        "You divide the scores by the root of the number of heads. It is a head's width that makes them large: "
        "divide by √{d}. Check which dimension of the shape you use.",
        [scale_edit("(head / heads) ** 0.5")],
    ),
]

SHAPES = [
    Mistake(
        "heads do not fit together",
        "It works with one head, but fails with several: together their results do not have the width that the "
        "last map expects. Each head returns {d} columns; join them side by side along the last dimension, "
        "torch.cat(heads, dim=-1).",
        [forward_edit(f"join_heads({AVERAGE})", f"join_heads({AVERAGE}) @ torch.eye(queries.shape[-1])")],
    ),
    Mistake(
        "cut into heads without transposing",
        "You bring (B, T, columns) straight into the shape (B, heads, T, …), which mixes tokens with columns. "
        "View it as (B, T, heads, …) first, then exchange dimensions 1 and 2.",
        [split_edit(MIXED)],
    ),
    Mistake(
        "reshaped without transposing",
        "You flatten (B, H, T, d) without exchanging dimensions, so that tokens and heads are mixed up: exchange "
        "T and H first.",
        [join_edit("x.reshape(x.shape[0], x.shape[2], -1)")],
    ),
    Mistake(
        "cut and joined without transposing",
        "You bring (B, T, columns) straight into the shape (B, heads, T, …) and back, which mixes tokens with "
        "columns. View it as (B, T, heads, …), then exchange dimensions 1 and 2, and exchange them again before "
        "you flatten.",
        [split_edit(MIXED), join_edit("x.reshape(x.shape[0], x.shape[2], -1)")],
    ),
    Mistake(
        "heads interleaved",
        "You mix the columns of the heads when you join them: each head's {d} columns stay together, one head "
        "after the other. Flatten (B, T, H, d), not (B, T, d, H): the columns are the last dimension.",
        [join_edit("x.permute(0, 2, 3, 1).flatten(-2)")],
    ),
    Mistake(
        "columns dealt out to the heads in turns",
        "You cut the columns into (…, d, H), so that a head takes every H-th one. Head 0 takes the first {d} "
        "columns, head 1 the next ones: the shape is (B, T, H, d).",
        [split_edit(INTERLEAVED)],
    ),
    Mistake(
        "columns dealt out and joined in turns",
        "You cut the columns into (…, d, H) and join them so, that a head has every H-th one. Head 0 has the "
        "first {d} columns, head 1 the next ones: the shape is (B, T, H, d).",
        [split_edit(INTERLEAVED), join_edit("x.permute(0, 2, 3, 1).flatten(-2)")],
    ),
    Mistake(
        "heads joined in reverse order",
        "You put the last head's columns first: head 0 comes first, then head 1, and so on.",
        [forward_edit(AVERAGE, f"{AVERAGE}.flip(1)")],
    ),
    Mistake(
        "heads averaged, not joined",
        "You average the heads. Each keeps its own columns in the result: join them side by side along the last "
        "dimension.",
        [NO_LAST, forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}.mean(1)")],
    ),
    Mistake(
        "heads summed, not joined",
        "You add the heads up. Each keeps its own columns in the result: join them side by side along the last "
        "dimension.",
        [NO_LAST, forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}.sum(1)")],
    ),
    Mistake(
        "heads averaged and repeated",
        "You average the heads and repeat the mean. Each keeps its own columns in the result: join them side by "
        "side along the last dimension.",
        [forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}.mean(1).repeat(1, 1, self.heads)")],
    ),
    Mistake(
        "heads stacked, not joined",
        "You stack the heads in a dimension of their own. Their columns are joined side by side: shape (B, T, H * d).",
        [NO_LAST, join_edit("x")],
    ),
    Mistake(
        "heads joined along the tokens",
        "You join the heads along dimension 1, the tokens. They are joined along the last dimension, the "
        "columns: torch.cat(heads, dim=-1).",
        [NO_LAST, join_edit("x.flatten(1, 2)")],
    ),
    Mistake(
        "heads joined along the batch",
        "You join the heads along dimension 0, the texts: torch.cat does so unless you set dim=-1, the columns.",
        [NO_LAST, join_edit("x.transpose(0, 1).flatten(0, 1)")],
    ),
    Mistake(
        "only the first head returned",
        "You return the first head alone: is there a return inside the loop over the heads? All heads are joined.",
        [NO_LAST, forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}[:, 0]")],
    ),
    Mistake(
        "only the last head returned",
        "You return the last head alone: the loop over the heads overwrites its result. Collect all heads and join them.",
        [NO_LAST, forward_edit(f"join_heads({AVERAGE})", f"{AVERAGE}[:, -1]")],
    ),
    Mistake(
        "softmax over the heads",
        "Your softmax runs over dimension 1, the heads. It belongs to the keys, the last dimension: dim=-1.",
        [Edit("dim=-1", "dim=1", "attention_weights", ATTENTION)],
    ),
    Mistake(
        "softmax over the heads, of scores hidden by a large number",
        "Your softmax runs over dimension 1, the heads. It belongs to the keys, the last dimension: dim=-1.",
        [Edit("-torch.inf).softmax(dim=-1)", "-1e9).softmax(dim=1)", "attention_weights", ATTENTION)],
    ),
    Mistake(
        "the last map applied twice",
        "You send the joined heads through the last map twice: once is enough.",
        [forward_edit(f"return {RESULT}", f"return self.output({RESULT})")],
    ),
]

SAME = [
    Mistake(
        "every head the same",
        "All your heads compute what the first one does: each has its own queries, keys and values.",
        [forward_edit(AVERAGE, f"{AVERAGE}[:, :1].expand_as(queries)")],
    ),
    Mistake(
        "every head the last",
        "All your heads give what the last one does: the result of a loop over the heads is overwritten in each round, and then repeated. "
        "Collect all of them in a list, and join them.",
        [forward_edit(AVERAGE, f"{AVERAGE}[:, -1:].expand_as(queries)")],
    ),
    Mistake(
        "one head, repeated",
        "Your heads are one and the same, with one set of weights: [Head(…)] * n repeats a head, it does not "
        "build n of them. Build one in every round of a loop or comprehension.",
        [
            *(build_edit(made, made.replace(f"{WIDTHS[role]},", "head_width,")) for role, made in MAPS.items()),
            *(forward_edit(f"self.{role}(x)", f"self.{role}(x).repeat(1, 1, self.heads)") for role in MAPS),
        ],
    ),
    Mistake(
        "one head only",
        "You compute one wide head over all columns, scaled by the root of the whole width. They must be split "
        "into {H} heads with a softmax each.",
        [
            forward_edit("split_heads(self.query(x), self.heads)", "split_heads(self.query(x), 1)"),
            *(
                forward_edit(
                    f"split_heads(self.{role}(x), self.key_value_heads), self.heads)",
                    f"split_heads(self.{role}(x), 1), 1)",
                )
                for role in ("key", "value")
            ),
        ],
    ),
    Mistake(
        "one head only, scaled as one of several",
        "You compute one wide head over all columns, though you scale it like a narrow one. They must be split "
        "into {H} heads with a softmax each.",
        [
            forward_edit("split_heads(self.query(x), self.heads)", "split_heads(self.query(x), 1) * self.heads**0.5"),
            *(
                forward_edit(
                    f"split_heads(self.{role}(x), self.key_value_heads), self.heads)",
                    f"split_heads(self.{role}(x), 1), 1)",
                )
                for role in ("key", "value")
            ),
        ],
    ),
    *(
        Mistake(
            f"a fixed {count} heads",
            f"You always make {count} heads: use num_heads = {{H}}.",
            [
                build_edit(
                    "self.heads = heads\n",
                    f"head_width, heads = (head_width or width // heads) * heads // {count}, {count}\n        self.heads = heads\n",
                )
            ],
        )
        for count in (2, 4)
    ),
    Mistake(
        "a fixed 2 heads of the right width",
        "You always make 2 heads: use num_heads = {H}.",
        [
            build_edit(
                "self.heads = heads\n",
                "head_width, heads = head_width or width // heads, 2\n        self.heads = heads\n",
            )
        ],
    ),
    Mistake(
        "one head too few",
        "You build one head too few: there are {H}. range(n) counts from 0 to n − 1, which is n rounds.",
        [
            NO_LAST,
            build_edit(
                "self.heads = heads\n",
                "head_width, heads = head_width or width // heads, heads - 1\n        self.heads = heads\n",
            ),
        ],
    ),
    Mistake(
        "one head too many",
        "You build one head too many: there are {H}. range(n) counts from 0 to n − 1, which is n rounds.",
        [
            NO_LAST,
            build_edit(
                "self.heads = heads\n",
                "head_width, heads = head_width or width // heads, heads + 1\n        self.heads = heads\n",
            ),
        ],
    ),
    Mistake(
        "the input cut into heads",
        "You cut the input into heads, so that each sees a part of the vector only. Each head makes its queries, keys and values "
        "from the whole vector; what is cut is the result of the maps.",
        [
            *(
                build_edit(made, f"self.{role} = Linear(width // heads, {WIDTHS[role]}, bias=bias)")
                for role, made in MAPS.items()
            ),
            *(
                forward_edit(
                    f"self.{role}(x)",
                    f"nn.functional.linear(x, torch.block_diag(*self.{role}.weight.chunk(self.heads)))",
                )
                for role in MAPS
            ),
        ],
    ),
]

LASTS = [
    Mistake(
        "ReLU on the joined heads",
        "You apply a ReLU to the joined heads, which cuts off what is negative. No activation belongs here.",
        [forward_edit(f"join_heads({AVERAGE})", f"join_heads({AVERAGE}).relu()")],
    ),
    Mistake(
        "ReLU on the result",
        "You apply a ReLU to the result, which cuts off what is negative. No activation belongs here.",
        [forward_edit(f"return {RESULT}", f"return {RESULT}.relu()")],
    ),
    Mistake(
        "the input added",
        "You add the input to the result. That is the residual connection, which belongs to the block around the attention.",
        [forward_edit(f"return {RESULT}", f"return x + {RESULT}")],
    ),
]

HEADS = [*SCALES, *SHAPES, *SAME, *LASTS]
BIAS = add_biases(BIASES, [("query", "key"), ("query", "key", "value", "output")])

LISTED = Mistake(
    "heads in a plain list",
    "You keep the heads, or their maps, in a plain list or dictionary, in which PyTorch does not find them: they are not trained, saved "
    "or moved. Use nn.ModuleList (or nn.ModuleDict).",
    [
        *(
            build_edit(made, made.replace(f"self.{role} = ", f"self.{role}_ = [").replace("bias=bias)", "bias=bias)]"))
            for role, made in MAPS.items()
        ),
        *(forward_edit(f"self.{role}(x)", f"self.{role}_[0](x)") for role in MAPS),
    ],
)

DROPPED = [
    *(
        Mistake(
            f"dropout of {rate} on the attention weights",
            "In training you drop attention weights. Some models do so, but none is asked for here: the heads' result is the same in "
            "both modes.",
            [
                forward_edit(
                    AVERAGE,
                    f"(nn.functional.dropout(attention_weights(queries, keys), {rate}, self.training) @ values)",
                )
            ],
        )
        for rate in (0.1, 0.2)
    ),
    *(
        Mistake(
            f"dropout of {rate} on the heads' result",
            "In training you drop a part of the heads' result. Some models do so, but none is asked for here: it is the same in both "
            "modes.",
            [forward_edit(f"return {RESULT}", f"return nn.functional.dropout({RESULT}, {rate}, self.training)")],
        )
        for rate in (0.1, 0.2)
    ),
]
