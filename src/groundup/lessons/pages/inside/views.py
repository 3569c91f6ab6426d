"""What the lesson's views show: a GPT with parts switched off, what each adds to a logit, and heads that continue."""

from __future__ import annotations

from groundup.lessons.pages.inside.repeating import BOTH, HEAD_NAMES, NOTHING, compute_repeat
from groundup.lessons.pages.inside.repeating import CONTEXT as MOST_REPEATED
from groundup.lessons.pages.inside.switching import PARTS, compute_path, compute_shares
from groundup.lessons.pages.transformer.tracing import LIKELIEST, MOST_TOKENS, PROMPT
from groundup.lessons.views import Choice, Slider, TextBox, View

TEXT = TextBox("text", "the text", PROMPT, most=120)
VIEWS = {
    "path": View(
        "A whole GPT, with parts of it switched off",
        compute_path,
        (
            TEXT,
            TextBox("off", "switched off", "", most=200, example="e.g. head 1.2, block 2"),
            Slider("token", "token", 0, low=0, high=MOST_TOKENS, step=1, hidden=True),
        ),
        lazy=True,
    ),
    "shares": View(
        "What each part adds to one logit",
        compute_shares,
        (
            TEXT,
            Slider("rank", "place among the likeliest tokens", 1, low=1, high=LIKELIEST, step=1),
            Choice("off", "switched off", NOTHING, (NOTHING, *PARTS)),
        ),
        lazy=True,
    ),
    "repeat": View(
        "Where four heads look in letters that repeat",
        compute_repeat,
        (
            TextBox("text", "letters", "kpxmaqkpxmaq", most=40),
            Choice("off", "switched off", NOTHING, (NOTHING, *HEAD_NAMES, BOTH)),
            Slider("head", "head", 3, low=1, high=len(HEAD_NAMES), step=1, hidden=True),
            Slider("letter", "letter", 7, low=1, high=MOST_REPEATED, step=1, hidden=True),
        ),
        lazy=True,
    ),
}
