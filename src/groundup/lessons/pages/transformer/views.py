"""What the lesson's views show: a whole GPT at work, the order of words, a block, what it would lack, and one score."""

from __future__ import annotations

from groundup.lessons.pages.transformer.following import BOXES, follow_vector
from groundup.lessons.pages.transformer.leaving_out import train_both
from groundup.lessons.pages.transformer.ordering import compute_order
from groundup.lessons.pages.transformer.tracing import MOST_TOKENS, PROMPT
from groundup.lessons.pages.transformer.walking import STAGES, compute_path
from groundup.lessons.pages.transformer.zooming import compute_zoom
from groundup.lessons.views import Slider, Switch, TextBox, View

TEXT = TextBox("text", "the text", PROMPT, most=120)
VIEWS = {
    "path": View(
        "A whole GPT, from the text to the next token",
        compute_path,
        (
            TEXT,
            Slider("stage", "stage", STAGES, low=1, high=STAGES, step=1, plays=True),
            Slider("token", "token", 0, low=0, high=MOST_TOKENS, step=1, hidden=True),
        ),
        lazy=True,
    ),
    "order": View(
        "One layer of attention reads words in both orders",
        compute_order,
        (TextBox("words", "the words", "dog bites man", most=40), Switch("positions", "add positions", True)),
    ),
    "follow": View(
        "One vector on its way through one block",
        follow_vector,
        (
            TEXT,
            Slider("box", "box", 1, low=1, high=len(BOXES), step=1, plays=True),
            Slider("block", "block", 1, low=1, high=12, step=1),
            Slider("token", "token", 15, low=1, high=MOST_TOKENS, step=1),
        ),
        lazy=True,
    ),
    "ablation": View(
        "Two GPTs in training, one of them without some parts",
        train_both,
        (
            Switch("residual", "residual", False),
            Switch("norm", "norm", True),
            Switch("attention", "attention", True),
            Switch("feed_forward", "feed-forward", True),
        ),
        stream=True,
        lazy=True,
    ),
    "zoom": View(
        "One score of attention, product by product",
        compute_zoom,
        (
            TEXT,
            Slider("query", "query of token", 15, low=1, high=MOST_TOKENS, step=1),
            Slider("key", "key of token", 14, low=1, high=MOST_TOKENS, step=1),
            Slider("block", "block", 1, low=1, high=12, step=1),
            Slider("head", "head", 1, low=1, high=12, step=1),
        ),
        lazy=True,
    ),
}
