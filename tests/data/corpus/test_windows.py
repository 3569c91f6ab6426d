"""Windows: targets are the inputs' successors, a pass takes every window once, a step is a pure function."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.errors import UserError
from groundup.data.corpus.windows import TokenRow, TokenSpan, TrainingWindows, count_targets, measuring_windows, shuffle
from groundup.steps.c5_words.batches import take_windows


@given(st.integers(2, 400), st.integers(1, 20), st.integers(1, 7), st.integers(0, 3))
def test_a_pass_takes_every_window_once(length, context, batch_size, seed):
    if length < context + 1:
        with pytest.raises(UserError, match=f"context={context}"):
            TrainingWindows(TokenRow(np.arange(length)), context, batch_size, seed)
        return
    windows = TrainingWindows(TokenRow(np.arange(length)), context, batch_size, seed)
    starts = []
    for step in range(3 * windows.per_pass):
        inputs, targets = windows.batch(step)
        assert inputs.shape == targets.shape == (batch_size, context)
        assert (targets == inputs + 1).all()
        starts += inputs[:, 0].tolist()
    for number in range(3):
        one_pass = sorted(starts[number * windows.per_pass : (number + 1) * windows.per_pass])
        assert np.array_equal(np.diff(one_pass), [context] * (windows.per_pass - 1))
    assert windows.per_pass * context > length - 2 * context


def test_a_step_is_a_function_of_seed_and_number():
    tokens = TokenRow(np.random.default_rng(0).integers(0, 60, 10_000))
    one, two, other = (TrainingWindows(tokens, 16, 8, seed) for seed in (1, 1, 2))
    forward = [one.batch(step)[0] for step in range(300)]
    for step in (299, 3, 150, 64, 63):
        assert forward[step].equal(two.batch(step)[0])
    assert not forward[0].equal(other.batch(0)[0])


def test_order_is_shuffled_and_passes_differ():
    windows = TrainingWindows(TokenRow(np.arange(64_100)), 64, 100, 0)
    first, second = ([int(start) for step in steps for start in windows.starts(step)] for steps in ((0, 1), (20, 21)))
    places = np.array(first) // 64
    assert abs(np.corrcoef(places[:-1], places[1:])[0, 1]) < 0.3
    assert len(set(places.tolist())) == 200
    assert first != second


@given(st.integers(1, 3000), st.lists(st.integers(0, 2**64 - 1), min_size=4, max_size=4))
def test_shuffle_is_a_bijection(count, keys):
    shuffled = shuffle(np.arange(count), count, np.array(keys, dtype=np.uint64))
    assert np.array_equal(np.sort(shuffled), np.arange(count))


@given(st.integers(2, 200), st.integers(1, 30), st.integers(1, 5))
def test_measuring_asks_for_every_token_once(length, context, at_once):
    pairs = list(measuring_windows(TokenRow(np.arange(length)), context, at_once))
    asked = np.concatenate([targets.reshape(-1).numpy() for _, targets in pairs])
    assert np.array_equal(asked, np.arange(1, length))
    assert all((targets == inputs + 1).all() and inputs.shape[1] <= context for inputs, targets in pairs)


@given(st.integers(2, 400), st.integers(1, 30), st.integers(1, 5), st.integers(1, 500))
def test_a_sample_is_evenly_spaced_and_counted(length, context, at_once, most_tokens):
    pairs = list(measuring_windows(TokenRow(np.arange(length)), context, at_once, most_tokens))
    asked = np.concatenate([targets.reshape(-1).numpy() for _, targets in pairs])
    assert len(asked) == count_targets(length, context, most_tokens)
    if length - 1 <= most_tokens:
        assert np.array_equal(asked, np.arange(1, length))
        return
    assert len(set(asked.tolist())) == len(asked) <= max(most_tokens, context)
    apart = np.diff([int(row[0]) for inputs, _ in pairs for row in inputs])
    assert len(apart) == 0 or apart.max() - apart.min() <= context


def test_a_span_is_a_part_of_the_row():
    span = TokenSpan(TokenRow(np.arange(100, dtype=np.uint16)), 90, 100)
    assert len(span) == 10
    assert span.take(np.array([0, 5]), 3).tolist() == [[90, 91, 92], [95, 96, 97]]


def test_windows_are_those_of_the_course():
    tokens = torch.from_numpy(np.random.default_rng(0).permutation(500))
    windows = TrainingWindows(TokenRow(tokens.numpy()), 16, 8, 1)
    for step in range(20):
        inputs, targets = windows.batch(step)
        starts = [int((tokens == first).nonzero()) for first in inputs[:, 0]]
        wanted = take_windows(tokens, starts, 16)
        assert torch.equal(inputs, torch.stack(wanted[0]))
        assert torch.equal(targets, torch.stack(wanted[1]))
