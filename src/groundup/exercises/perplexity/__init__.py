"""Perplexity and bits per character of a text that is measured in windows."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.perplexity.mistakes import MISTAKES
from groundup.exercises.strategies import vectors
from groundup.judge.exercise import Case, Check, Exercise

PERPLEXITY, BITS = "perplexity", "bits_per_character"


class Sums(list[float]):
    """The sums of the losses of some windows; beside them, for mistakes, each window's number of tokens and losses."""

    counts: list[int]
    losses: list[list[float]]


def sum_windows(windows: Any) -> Sums:
    """Return the sums of the losses of some windows."""
    sums = Sums(float(np.sum(window)) for window in windows)
    sums.counts = [len(window) for window in windows]
    sums.losses = [[float(loss) for loss in window] for window in windows]
    return sums


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step, on windows of losses."""

    def perplexity(windows: Any) -> Any:
        sums = sum_windows(windows)
        return step.measure_perplexity(step.average_loss(sums, sums.counts))

    def bits_per_character(windows: Any, characters: int) -> Any:
        return step.measure_bits(sum_windows(windows), characters)

    return {PERPLEXITY: perplexity, BITS: bits_per_character}


@st.composite
def windows(draw: st.DrawFn) -> list[Any]:
    """Draw the losses of some windows, often all of one length but the last."""
    length, count = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    lengths = [length] * (count - 1) + [draw(st.integers(1, length))]
    if draw(st.integers(0, 3)) == 0:
        lengths = draw(st.permutations(lengths))
    return [draw(vectors(one, 0.0, draw(st.sampled_from([4.0, 4.0, 0.01])))) for one in lengths]


def as_windows(*losses: list[float]) -> list[Any]:
    """Return windows of these losses."""
    return [np.array(window, dtype=float) for window in losses]


# log 2 and log 4: perplexities that are whole numbers.
EVEN = as_windows([np.log(2), np.log(2), np.log(4)], [np.log(4)])
UNEVEN = as_windows([1.0, 2.0, 3.0, 2.5], [0.25, 1.5, 0.75, 3.25], [4.0])


def sizes(given: Any, *_: Any) -> dict[str, int]:
    """Return the number of windows and of tokens."""
    return {"W": len(given), "N": sum(len(window) for window in given)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 400 windows of 256 losses."""
    return PERPLEXITY, None, ([*np.random.default_rng(0).uniform(0, 4, size=(400, 256))],)


def use_characters(given: list[Any]) -> st.SearchStrategy[Case]:
    """Draw a number of characters for some windows, one that is not their number of tokens."""
    tokens = sum(map(len, given))
    return st.integers(1, 30).filter(lambda count: count != tokens).map(lambda count: (given, count))


exercise = Exercise(
    name="perplexity",
    title="Perplexity and bits per character",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.perplexity"],
    reference=reference,
    entries={PERPLEXITY: [PERPLEXITY], BITS: [BITS]},
    rounding=4,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the perplexity",
            PERPLEXITY,
            st.tuples(windows()),
            edges=[
                (EVEN,),
                (UNEVEN,),
                (as_windows([0.0]),),
                (as_windows([2.302585092994046]),),
                (as_windows([0.5], [1.0, 2.0, 4.0]),),
                (as_windows([1.25, 0.5], []),),
                (as_windows([30.0, 25.0], [10.0]),),
                (as_windows([0.001, 0.002], [0.0005]),),
            ],
        ),
        Check(
            "the bits per character",
            BITS,
            windows().flatmap(use_characters),
            edges=[
                (EVEN, 12),
                (UNEVEN, 20),
                (as_windows([0.0]), 3),
                (as_windows([1.0]), 4),
                (as_windows([0.5], [1.0, 2.0, 4.0]), 5),
                (as_windows([1.25, 0.5], []), 7),
            ],
        ),
    ],
    mistakes=MISTAKES,
)
