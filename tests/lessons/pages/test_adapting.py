"""The lesson on changes of low rank: its frames are the step's results, and its text says what they give."""

from __future__ import annotations

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.lessons.page_loading import load_text
from groundup.lessons.pages.adapting import views
from groundup.lessons.pages.adapting.views import (
    MOST_RANK,
    SIDE,
    VIEWS,
    compute_change,
    compute_hand,
    count_both,
    learn_change,
    measure_merging,
)
from groundup.lessons.pages.answering.facts import Student, split_pairs, tune
from groundup.steps.c5_words.bigram import measure_table_loss
from groundup.steps.c7_beyond.lora import low_rank_change, merge

TEXT = " ".join(" ".join(block.body for block in load_text("adapting").blocks).split())
numbers = st.lists(st.sampled_from([-2.0, -0.5, 0.0, 0.5, 1.0, 2.0]).map(lambda one: [one]), min_size=8, max_size=8)


def test_the_loss_falls_with_the_rank_between_no_change_and_all_weights() -> None:
    losses = [learn_change(rank).loss for rank in range(1, MOST_RANK + 1)]
    frame = compute_change(1, merged=False)
    assert losses == sorted(losses, reverse=True)
    assert frame["before"] > losses[0]
    assert losses[-1] > frame["full"] == learn_change(None).loss
    # No table of single letters can have a smaller loss than the one that was counted.
    new = count_both()[1]
    assert frame["full"] >= measure_table_loss((new / new.sum(1, keepdim=True)).clamp(min=1e-12).log(), new)


@pytest.mark.parametrize("rank", [1, 5])
def test_what_is_shown_is_the_change_of_the_weights(rank: int) -> None:
    frame = compute_change(rank, merged=True)
    found = learn_change(rank)
    assert torch.linalg.matrix_rank(frame["change"]) == rank
    assert torch.allclose(frame["up"] @ frame["down"], frame["change"], atol=1e-4)
    assert frame["count"] == rank * 54
    letters = torch.eye(27)
    beside = letters @ found.weight.T + low_rank_change(letters, frame["down"], frame["up"], alpha=rank)
    assert torch.allclose(beside, letters @ found.merged.T, atol=1e-4)


def test_the_text_s_numbers_of_the_table() -> None:
    frame = compute_change(1, merged=False)
    before, loss, full = (frame[name] for name in ("before", "loss", "full"))
    assert f"from {before:.3f} to {full:.3f}" in TEXT
    told = re.search(r"bring it to ([\d.]+), which is (\d+) percent", TEXT)
    assert told is not None
    # float32: the last digits are another processor's.
    assert float(told[1]) == pytest.approx(loss, abs=0.003)
    assert int(told[2]) == pytest.approx(100 * (before - loss) / (before - full), abs=2)


@given(down=numbers, up=numbers, rank=st.sampled_from(["1", "2"]))
def test_a_product_has_no_higher_rank_than_its_thin_matrices(
    down: list[list[float]], up: list[list[float]], rank: str
) -> None:
    frame = compute_hand(down, up, rank)
    assert frame["found"] <= int(rank)
    terms = [
        torch.outer(*(torch.tensor(part).flatten()[term * SIDE : (term + 1) * SIDE] for part in (up, down)))
        for term in range(int(rank))
    ]
    assert torch.equal(frame["product"].float(), sum(terms, torch.zeros(SIDE, SIDE)))


def test_the_example_by_hand() -> None:
    weight, down, up = torch.eye(2), torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0], [-1.0]])
    x = torch.tensor([1.0, 2.0])
    assert (x @ weight.T + low_rank_change(x, down, up, alpha=1)).tolist() == [6, -3]
    assert merge(weight, down, up, alpha=1).tolist() == [[4, 1], [-3, 0]]


def test_what_the_text_says_of_the_trained_model(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "open_student", lambda: student)
    full, low = tune(student), tune(student, rank=1)
    assert low.trained / full.trained == pytest.approx(0.02, abs=0.001)
    assert measure_merging(student, low) < 1e-4
    frame = VIEWS["real"].make_frame({"matrix": "query", "rank": "1"})
    assert frame["low"] == low.share_exact(student, split_pairs()[1])
    assert frame["low"][-1] > 0.5
    assert frame["values"] == sorted(frame["values"], reverse=True)
    shares = []
    for matrix in views.MATRICES:
        name = f"blocks.1.{views.MATRICES[matrix]}.weight"
        values = torch.linalg.svdvals(full.weights[name] - student.model.state_dict()[name]).square()
        shares.append(float(values[:8].sum() / values.sum()))
    assert min(shares) > 0.5  # "the first eight have most of the sum of squares"
