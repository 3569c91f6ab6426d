import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.steps.c5_words.perplexity import average_loss, measure_bits, measure_perplexity

WINDOWS = st.lists(st.lists(st.floats(0, 20), min_size=1, max_size=6), min_size=1, max_size=5)


@given(WINDOWS)
def test_every_token_counts_once_however_a_text_is_cut_into_windows(windows):
    losses = [loss for window in windows for loss in window]
    cut = average_loss([sum(window) for window in windows], [len(window) for window in windows])
    assert cut == pytest.approx(average_loss([sum(losses)], [len(losses)]))
    assert cut == pytest.approx(sum(losses) / len(losses))


@pytest.mark.parametrize("size", [1, 2, 27, 65])
def test_a_model_that_knows_nothing_chooses_among_all_tokens(size):
    logits = torch.zeros(4, size, dtype=torch.float64)
    losses = torch.nn.functional.cross_entropy(logits, torch.zeros(4, dtype=torch.int64), reduction="none").tolist()
    assert measure_perplexity(average_loss(losses, [1] * 4)) == pytest.approx(size)
    # One token per character: as many bits as tell so many tokens apart.
    assert measure_bits(losses, 4) == pytest.approx(math.log2(size))


@given(WINDOWS, st.integers(1, 5))
def test_bits_do_not_depend_on_how_many_tokens_the_characters_are_cut_into(windows, characters):
    sums = [sum(window) for window in windows]
    assert measure_bits([sum(sums)], characters) == pytest.approx(measure_bits(sums, characters))
    assert measure_bits(sums, 2 * characters) == pytest.approx(measure_bits(sums, characters) / 2)


def test_a_loss_too_large_for_a_number_is_no_error():
    assert math.isfinite(measure_perplexity(1e6))
