import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c5_words.batches import batch_loader, create_batches, draw_starts, take_windows


def seeded(seed):
    return torch.Generator().manual_seed(seed)


SIZES = {
    "context_length": st.integers(1, 6),
    "extra": st.integers(1, 5),
    "batch_size": st.integers(1, 4),
    "seed": st.integers(0, 99),
}


@given(**SIZES)
def test_targets_are_the_tokens_after_the_inputs(context_length, extra, batch_size, seed):
    data = torch.arange(10, 10 + context_length + extra)
    inputs, targets = create_batches(data, context_length, batch_size, seeded(seed))
    assert inputs.shape == targets.shape == (batch_size, context_length)
    assert inputs.dtype == torch.int64
    assert torch.equal(targets, inputs + 1)
    assert torch.equal(inputs.diff(dim=1), torch.ones_like(inputs[:, 1:]))
    assert inputs.min() >= 10
    assert targets.max() < 10 + len(data)


@given(**SIZES)
def test_words_and_their_numbers_give_the_same_windows(context_length, extra, batch_size, seed):
    data = torch.arange(context_length + extra)
    words = [f"w{number}" for number in data.tolist()]
    inputs, targets = create_batches(data, context_length, batch_size, seeded(seed))
    spoken, following = batch_loader("  ".join(words), context_length, batch_size, seeded(seed))
    assert spoken == [[words[number] for number in row] for row in inputs.tolist()]
    assert following == [[words[number] for number in row] for row in targets.tolist()]


def test_every_start_that_has_a_target_is_drawn_and_no_other():
    starts = draw_starts(7, 3, 500, seeded(0))
    assert sorted(set(starts.tolist())) == [0, 1, 2, 3]


def test_the_last_start_reaches_the_last_token():
    _, targets = take_windows(["a", "b", "c", "d"], [1], 2)
    assert targets == [["c", "d"]]


def test_the_draw_moves_on():
    generator, data = seeded(0), torch.arange(1000)
    first, _ = create_batches(data, 3, 8, generator)
    second, _ = create_batches(data, 3, 8, generator)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("length", [0, 3])
def test_data_without_a_target_is_refused(length):
    with pytest.raises(ValueError, match="too few for windows of 3"):
        create_batches(torch.arange(length), 3, 1)
    with pytest.raises(ValueError, match="too few for windows of 3"):
        batch_loader("word " * length, 3, 1)
