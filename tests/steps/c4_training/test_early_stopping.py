"""Early stopping keeps the best weights among those it waited for."""

import copy

import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c4_training.early_stopping import improves, stop_early, train_with_early_stopping

LOSSES = st.lists(st.integers(0, 5).map(lambda n: n / 4), min_size=1, max_size=12)


@given(LOSSES, st.integers(1, 5))
def test_it_keeps_the_first_of_the_smallest_and_waits_as_long_as_it_was_told(losses, patience):
    best, last = stop_early(losses, patience)
    seen = losses[: last + 1]
    assert best == seen.index(min(seen))
    assert last - best <= patience
    assert last == len(losses) - 1 or last - best == patience
    assert stop_early(seen, patience) == (best, last)
    if len(losses) <= patience:
        assert last == len(losses) - 1


@given(LOSSES, st.integers(1, 4))
def test_the_model_has_the_weights_of_the_best_epoch(losses, patience):
    model = torch.nn.Linear(1, 1)
    history = []

    def train_epoch():
        with torch.no_grad():
            model.weight += 1
        history.append(copy.deepcopy(model.state_dict()))

    found = train_with_early_stopping(model, train_epoch, lambda: losses[len(history) - 1], len(losses), patience)
    best, last = stop_early(losses, patience)
    assert found == losses[: last + 1]
    assert torch.equal(model.weight, history[best]["weight"])


def test_what_is_no_number_is_no_best():
    assert not improves(float("nan"), 1.0)
    assert stop_early([1.0, float("nan"), float("nan")], 2) == (0, 2)
