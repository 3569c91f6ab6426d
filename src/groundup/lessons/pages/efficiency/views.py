"""The views of the lesson on efficient transformers: what a token costs, a softmax in tiles, and experts."""

from __future__ import annotations

from groundup.lessons.pages.efficiency.costs import EXPERTS, MOST_TOKENS, TILES, compute_costs
from groundup.lessons.pages.efficiency.experts import ROUTED_EXPERTS, compute_experts
from groundup.lessons.pages.efficiency.tiles import compute_tiles
from groundup.lessons.views import Choice, Slider, View

VIEWS = {
    "costs": View(
        "What the tokens of a text cost: numbers kept, attention weights at once, weights that compute",
        compute_costs,
        (
            Slider("tokens", "tokens T", 32, low=8, high=MOST_TOKENS, step=1, plays=True),
            Choice("groups", "heads of keys and values", "8", ("8", "4", "2", "1")),
            Choice("tile", "queries and keys at once", "none", tuple(TILES), ("all", "16", "8")),
            Slider("used", "experts per token k", EXPERTS, low=1, high=EXPERTS, step=1),
        ),
    ),
    "tiles": View(
        "A softmax over eight keys that are read tile by tile",
        compute_tiles,
        (
            Slider("read", "tiles read", 0, low=0, high=8, step=1, plays=True),
            Slider("tile", "keys per tile", 2, low=1, high=8, step=1),
            Slider("late", "score of key 7", 4.0, low=-4.0, high=8.0, step=0.5),
        ),
    ),
    "experts": View(
        "Eight tokens and the experts that they use",
        compute_experts,
        (
            Slider("used", "experts per token k", 2, low=1, high=ROUTED_EXPERTS, step=1),
            Slider("favour", "added to scores of expert 1", 0.0, low=-3.0, high=3.0, step=0.25),
        ),
    ),
}
