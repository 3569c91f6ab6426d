"""What the lesson's views show: old and new parts in training, positions that turn, scores that grow, and a gate."""

from __future__ import annotations

from groundup.lessons.pages.modern.gating import learn_product
from groundup.lessons.pages.modern.racing import race
from groundup.lessons.pages.modern.scoring import compute_scores
from groundup.lessons.pages.modern.turning import ADDED, MOST_APART, MOST_BACK, MOST_PLACES, WAYS, compute_turning
from groundup.lessons.views import Choice, Slider, Switch, View

VIEWS = {
    "race": View(
        "Two GPTs in training, one with old and one with new parts",
        race,
        (
            Switch("norm", "RMSNorm", True),
            Switch("positions", "rotary positions", True),
            Switch("gate", "gate", True),
            Switch("query_key", "query/key norm", True),
        ),
        stream=True,
        lazy=True,
    ),
    "turning": View(
        "A key and a query with their positions",
        compute_turning,
        (
            Choice("way", "positions are", ADDED, WAYS),
            Slider("place", "position of the key", 4, low=0, high=MOST_PLACES, step=1, plays=True),
            Slider("apart", "distance of the query", 3, low=0, high=MOST_APART, step=1),
            Slider("back", "distance of the best match", 0, low=0, high=MOST_BACK, step=1),
        ),
    ),
    "scores": View(
        "Six weights of attention while queries and keys grow",
        compute_scores,
        (Slider("times", "queries and keys times", 1.0, low=0.5, high=6.0, step=0.1),),
    ),
    "product": View(
        "Two feed-forward networks learn a product",
        learn_product,
        (Slider("seed", "first weights", 0, low=0, high=9, step=1),),
        stream=True,
    ),
}
