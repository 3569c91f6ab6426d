"""The views of the lesson on attention: words, three tokens by hand, √d, several heads, and one word on a map."""

from __future__ import annotations

from groundup.lessons.pages.attention.hand import compute_hand
from groundup.lessons.pages.attention.heads import compute_heads
from groundup.lessons.pages.attention.meanings import compute_lead
from groundup.lessons.pages.attention.scale import compute_scale
from groundup.lessons.pages.attention.sentences import MEANINGS
from groundup.lessons.pages.attention.words import ALL_READ, MOST_TOKENS, compute_words
from groundup.lessons.views import Choice, Points, Slider, Switch, TextBox, View

VIEWS = {
    "words": View(
        "Words on a line, and what each new vector is mixed from",
        compute_words,
        (
            TextBox("sentence", "sentence", "The queen with the old dog lost", most=120),
            Choice("model", "model", "small", ("small", "yours"), ("this lesson's", "your newest run")),
            Slider("head", "head", 0, low=0, high=4096, step=1, hidden=True),
            Slider("word", "word", 8, low=1, high=MOST_TOKENS, step=1, hidden=True),
            Slider("to", "looked for", 3, low=0, high=MOST_TOKENS, step=1, hidden=True),
            Slider("read", "keys compared", ALL_READ, low=0, high=ALL_READ, step=1, hidden=True, plays=True),
            Switch("mask", "causal mask", True),
            Switch("scale", "divide by √d", True),
        ),
        lazy=True,
    ),
    "hand": View(
        "Three tokens in a plane, their attention, and their new vectors",
        compute_hand,
        (Points("points", "the vectors of tall, man and runs", ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)), least=3, most=3),),
    ),
    "lead": View(
        "One word in many sentences, on a map",
        compute_lead,
        (
            Choice("word", "word", "lead", tuple(MEANINGS)),
            Slider("block", "after block", 2, low=0, high=2, step=1, plays=True),
            TextBox("own", "your sentence", "The old king will lead the horse home.", most=120),
        ),
        lazy=True,
    ),
    "scale": View(
        "The weights of eight random keys, for queries of any length",
        compute_scale,
        (
            Slider("width", "numbers in a query d", 1, low=1, high=1024, step=1, log=True),
            Switch("divide", "divide by √d", False),
            Slider("draw", "draw other numbers", 0, low=0, high=30, step=1),
        ),
    ),
    "heads": View(
        "The queries, keys, values and results of several heads",
        compute_heads,
        (Choice("heads", "heads H", "4", ("1", "2", "4", "8")),),
    ),
}
