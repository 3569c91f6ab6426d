"""What the lesson on changes of low rank shows: one of a table of letters, one made by hand, and those of a GPT."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.answering.facts import MOST_STEPS, Student, Tuned, Tuning, open_student, split_pairs
from groundup.lessons.pages.bigram.views import ALPHABET, read_letters
from groundup.lessons.trained import open_small, tell_waiting
from groundup.lessons.views import Choice, Points, Slider, Switch, View
from groundup.steps.c4_training.linear import Linear
from groundup.steps.c4_training.optimisers import Adam
from groundup.steps.c5_words.bigram import count_pairs, find_shares, measure_table_loss
from groundup.steps.c6_gpt.gpt import GPT
from groundup.steps.c7_beyond.lora import LowRankLinear, merge

NEW_TEXT = "shakespeare"
SMOOTHING = 1.0
MOST_RANK = 12
STEPS, RATE = 100, 0.1
SIDE = 4
FIRST_DOWN, FIRST_UP = (1.0, 0.5, 0.0, -1.0), (1.0, 0.5, -0.5, 0.0)
SECOND_DOWN, SECOND_UP = (0.0, 1.0, -1.0, 0.5), (0.0, 0.5, 1.0, -1.0)
MATRICES = {
    "query": "attention.query",
    "key": "attention.key",
    "value": "attention.value",
    "output": "attention.output",
    "gate": "feed_forward.gate",
    "contract": "feed_forward.contract",
}
BLOCK = 1  # the last one
RANKS = ("1", "2", "4", "8")
MOST_PRODUCTS = 16


@dataclass(frozen=True)
class Change:
    """How a table of letters changed: its weights before, those of the change, and the loss on the new text.

    ``down`` and ``up`` are None where all weights were trained.
    """

    weight: Float[Tensor, "node feature"]
    down: Float[Tensor, "rank feature"] | None
    up: Float[Tensor, "node rank"] | None
    merged: Float[Tensor, "node feature"]
    loss: float


@cache
def count_both() -> tuple[Float[Tensor, "letter letter"], Float[Tensor, "letter letter"]]:
    """Return how often each letter follows each other one in the old and in the new text."""
    old, new = (count_pairs(read_letters(*name), len(ALPHABET)) for name in ((), (NEW_TEXT,)))
    return old, new


@lru_cache(maxsize=MOST_RANK + 1)
def learn_change(rank: int | None) -> Change:
    """Train a table that knows the old text on the new one: a change of a rank, or all its weights.

    The table is a linear layer whose input is a letter as a one-hot vector, and whose outputs are the logits of the
    letter after it.
    """
    old, new = count_both()
    size = len(ALPHABET)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        known = Linear(size, size, bias=False)
        known.weight.data = find_shares(old, SMOOTHING).log().T.contiguous().float()
        weight = known.weight.detach().clone()
        layer = known if rank is None else LowRankLinear(known, rank, alpha=rank)
    optimizer = Adam([parameter for parameter in layer.parameters() if parameter.requires_grad], RATE)
    letters, shares = torch.eye(size), (new / new.sum()).float()
    for _ in range(STEPS):
        optimizer.zero_grad()
        (-(shares * layer(letters).log_softmax(dim=1)).sum()).backward()
        optimizer.step()
    merged = layer.weight.detach()
    down, up = (layer.down.detach(), layer.up.detach()) if isinstance(layer, LowRankLinear) else (None, None)
    return Change(weight, down, up, merged, measure_table_loss(merged.T.double(), new))


def compute_change(rank: int, merged: bool) -> dict[str, Any]:
    """Return a change of low rank of the table of letters.

    Returns
    -------
    dict
        ``letters``, 27; ``weight`` (its mean taken off) and ``change``, 27×27, a row for each letter that follows;
        ``down``, r×27, and ``up``, 27×r; ``rank`` and ``merged``, as given; ``loss`` on the new text, ``before`` and
        ``full``, without a change and with all weights trained; ``count``, the numbers that were trained, ``all``,
        those of the table; ``says``.
    """
    found, full = learn_change(rank), learn_change(None)
    assert found.down is not None
    assert found.up is not None
    before = measure_table_loss(found.weight.T.double(), count_both()[1])
    count = found.down.numel() + found.up.numel()
    return {
        "letters": list(ALPHABET),
        "weight": found.weight - found.weight.mean(),
        "change": found.merged - found.weight,
        "down": found.down,
        "up": found.up,
        "merged": merged,
        "rank": rank,
        "loss": found.loss,
        "before": before,
        "full": full.loss,
        "count": count,
        "all": found.weight.numel(),
        "says": f"Rank {rank}: {count} numbers are trained instead of {found.weight.numel()}. The loss on the plays is "
        f"{found.loss:.3f}; before it was {before:.3f}, and with all weights it is {full.loss:.3f}.",
    }


def compute_hand(down: list[list[float]], up: list[list[float]], rank: str) -> dict[str, Any]:
    """Return the product of two thin matrices made by hand.

    Returns
    -------
    dict
        ``down``, r×4, and ``up``, 4×r; ``product``, 4×4; ``found``, the rank that the product really has;
        ``origins``: where the numbers of the product come from; ``says``.
    """
    count = int(rank)
    a = torch.tensor(down, dtype=torch.float64).view(2, SIDE)[:count]
    b = torch.tensor(up, dtype=torch.float64).view(2, SIDE).T[:, :count]
    product = merge(torch.zeros(SIDE, SIDE, dtype=torch.float64), a, b, alpha=count)
    found = int(torch.linalg.matrix_rank(product))
    origins = {}
    for row in range(SIDE):
        for column in range(SIDE):
            terms = [
                [
                    Factor(f"B[{row}, {term}]", float(b[row, term]), f"up{term}_{row}"),
                    Factor(f"A[{term}, {column}]", float(a[term, column]), f"down{term}_{column}"),
                ]
                for term in range(count)
            ]
            name = f"row {row}, column {column} of the product"
            origins[f"product{row}_{column}"] = trace_sum(name, float(product[row, column]), *terms)
    return {
        "origins": origins,
        "down": a,
        "up": b,
        "product": product,
        "found": found,
        "says": f"{2 * SIDE * count} numbers make {SIDE * SIDE}. The product has rank {found}.",
    }


@torch.inference_mode()
def measure_merging(student: Student, found: Tuning) -> float:
    """Return the largest difference of a logit between a model with its changes beside it and with them merged."""
    merged = GPT(student.model.settings).eval()
    merged.load_state_dict(found.weights)
    tokens = torch.tensor([student.encode(split_pairs()[1][0])[0]])
    return float((merged(tokens) - found.model(tokens)).abs().max())


@tell_waiting
def compute_real(matrix: str, rank: str) -> dict[str, Any]:
    """Return how a GPT changed when it learned to answer, with all its weights and with changes of low rank.

    Returns
    -------
    dict
        ``values``, the singular values of the change of a matrix when all weights are trained; ``inside``, the
        share of the sum of their squares that the first r have; ``count`` and ``all``, the trained weights;
        ``steps``, and for each of them ``low`` and ``full``, the share of the questions never asked that are answered
        exactly; ``difference``, of `measure_merging`; ``says``.
    """
    student, size = open_student(), int(rank)
    full, low = (open_small(Tuned(student, rank=one)) for one in (None, size))
    values = torch.linalg.svdvals(find_change(student, full, matrix))
    inside = float(values[:size].square().sum() / values.square().sum())
    shares = [found.share_exact(student, split_pairs()[1]) for found in (low, full)]
    difference = measure_merging(student, low)
    return {
        "values": values,
        "inside": inside,
        "rank": size,
        "count": low.trained,
        "all": full.trained,
        "steps": low.steps,
        "low": shares[0],
        "full": shares[1],
        "difference": difference,
        "says": f"Rank {size}: {low.trained:,} of {full.trained:,} weights are trained. After {MOST_STEPS} steps "
        f"{shares[0][-1]:.0%} of the questions never asked are answered exactly, with all weights {shares[1][-1]:.0%}. "
        f"The first {f'{size} ' if size > 1 else ''}of {len(values)} singular values {'have' if size > 1 else 'has'} "
        f"{inside:.0%} of the sum of squares. Merged into the weights, "
        f"no logit differs by more than {difference:.6f}.",
    }


def find_change(student: Student, found: Tuning, matrix: str) -> Float[Tensor, "node feature"]:
    """Return how a matrix of the last block changed while a student learned."""
    name = f"blocks.{BLOCK}.{MATRICES[matrix]}.weight"
    return found.weights[name] - student.model.state_dict()[name]


@tell_waiting
def compute_sum(matrix: str, rank: int) -> dict[str, Any]:
    """Return how the change of a matrix is a sum of products of a column and a row, when all weights are trained.

    Returns
    -------
    dict
        ``product``, the r-th one with its singular value; ``sum``, of the first r; ``change``, the whole; ``value``,
        the singular value; ``inside``, the share of the sum of squares that the first r have; ``largest``, the size of
        the change that only one number of 100 exceeds, for the colors; ``rank``, ``most``; ``says``.
    """
    student = open_student()
    change = find_change(student, open_small(Tuned(student)), matrix)
    columns, values, rows = torch.linalg.svd(change, full_matrices=False)
    products = values[:rank, None, None] * columns.T[:rank, :, None] * rows[:rank, None, :]
    inside = float(values[:rank].square().sum() / values.square().sum())
    added = f"The first {rank} of {len(values)} products add up to rank {rank} and" if rank > 1 else "It has rank 1 and"
    return {
        "product": products[-1],
        "sum": products.sum(dim=0),
        "change": change,
        "value": values[rank - 1],
        "inside": inside,
        "largest": change.abs().flatten().quantile(0.99),
        "rank": rank,
        "most": len(values),
        "says": f"Product {rank} has the singular value {float(values[rank - 1]):.3g}. {added} {inside:.0%} of the sum "
        "of squares.",
    }


VIEWS = {
    "change": View(
        "A table of letters, and its change as the product of two thin matrices",
        compute_change,
        (
            Slider("rank", "rank r", 4, low=1, high=MOST_RANK, step=1),
            Switch("merged", "added to W", False),
        ),
    ),
    "hand": View(
        "Two thin matrices and their product, made by hand",
        compute_hand,
        (
            Points("down", "A", tuple((number,) for number in (*FIRST_DOWN, *SECOND_DOWN)), least=8, most=8),
            Points("up", "B", tuple((number,) for number in (*FIRST_UP, *SECOND_UP)), least=8, most=8),
            Choice("rank", "rank r", "1", ("1", "2")),
        ),
    ),
    "sum": View(
        "The change of a matrix as a sum of products of a column and a row",
        compute_sum,
        (
            Choice("matrix", "matrix", "query", tuple(MATRICES)),
            Slider("rank", "products r", 1, low=1, high=MOST_PRODUCTS, step=1, plays=True),
        ),
        lazy=True,
    ),
    "real": View(
        "What changed when a GPT learned to answer",
        compute_real,
        (
            Choice("matrix", "matrix", "query", tuple(MATRICES)),
            Choice("rank", "rank r", "4", RANKS),
        ),
        lazy=True,
    ),
}
