"""A bigram model that learns: a table of logits, its loss, its gradient, and gradient descent."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_each, call_twice, name_nothing
from groundup.exercises.neural_bigram.mistakes import MISTAKES
from groundup.exercises.strategies import matrices
from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise

LOSS, GRADIENT, TRAIN = "loss", "gradient", "train"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step under the exercise's signatures, on NumPy arrays, which it may change."""
    import torch

    def count(tokens: Any, size: int) -> Any:
        return step.count_pairs(torch.from_numpy(np.asarray(tokens, dtype=np.int64)), size)

    def as_tensor(table: Any) -> Any:
        return torch.from_numpy(np.asarray(table, dtype=float))

    def loss(table: Any, tokens: Any) -> float:
        return float(step.measure_table_loss(as_tensor(table), count(tokens, len(table))))

    def gradient(table: Any, tokens: Any) -> Any:
        return step.find_table_gradient(as_tensor(table), count(tokens, len(table))).numpy()

    def train(tokens: Any, vocab_size: int, steps: int, learning_rate: float) -> Any:
        return step.learn_table(count(tokens, vocab_size), steps, learning_rate).numpy()

    return {LOSS: loss, GRADIENT: gradient, TRAIN: train}


def texts(size: int) -> st.SearchStrategy[Any]:
    """Draw a text of at least two of so many tokens."""
    return st.lists(st.integers(0, size - 1), min_size=2, max_size=9).map(lambda row: np.array(row, dtype=np.int64))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a table of logits, small or large, and a text."""
    size = draw(st.sampled_from([3, 2, 4, 1]))
    return draw(matrices(size, size)) * draw(st.sampled_from([1.0, 1.0, 0.01, 20.0])), draw(texts(size))


@st.composite
def runs(draw: st.DrawFn) -> Case:
    """Draw a text, the size of its vocabulary, a number of steps, and a learning rate."""
    size = draw(st.sampled_from([3, 2, 4, 1]))
    return draw(texts(size)), size, draw(st.sampled_from([2, 1, 3, 7, 0])), draw(st.sampled_from([1.0, 0.1, 10.0, 0.5]))


def observe_large(answer: Answer, table: Any, tokens: Any) -> list[Any]:
    """Return the loss of a table, and of the same one made small: a lone NaN would tell little of where it comes from."""
    return call_each(answer, LOSS, (table, tokens), (table / 1000, tokens))


def look_at_beginning(answer: Answer, tokens: Any, size: int, steps: int) -> dict[str, Any]:
    """Tell where training begins: without a step, or with a learning rate of 0, it stays there."""
    ways = {"without a step": (0, 0.5), "with a learning rate of 0": (steps, 0.0)}
    return {words: name_numbers(answer.call(TRAIN, tokens, size, *case)) for words, case in ways.items()}


def name_numbers(got: Any) -> Any:
    """Return which number a table holds, or that it holds different ones."""
    table = to_plain(got)
    if not isinstance(table, np.ndarray) or table.dtype.kind not in "fiu" or not table.size:
        return name_nothing(table)
    return f"{table.flat[0]:g} everywhere" if np.all(table == table.flat[0]) else "different numbers"


def sizes(*case: Any) -> dict[str, int]:
    """Return the size of the vocabulary and the number of pairs."""
    table, tokens = case if len(case) == 2 else (range(case[1]), case[0])
    return {"V": len(table), "N": len(tokens) - 1}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a table of 65 tokens and a text of 5,000."""
    draw = np.random.default_rng(0)
    return GRADIENT, None, (draw.normal(size=(65, 65)), draw.integers(65, size=5000))


PAPAYA = np.array([1, 0, 1, 0, 2, 0])
TABLE = np.array([[0.5, -1.25, 2.0], [0.0, 1.0, -0.5], [3.0, 0.25, 1.5]])
LARGE = np.array([[900.0, -900.0], [0.0, 1000.0]])
EDGES = [
    (np.zeros((3, 3)), PAPAYA),
    (TABLE, PAPAYA),
    (TABLE, np.array([0, 0, 1, 2, 2, 2])),
    (LARGE, np.array([0, 1, 1, 0])),
    (np.array([[2.5]]), np.array([0, 0, 0])),
    (TABLE, np.array([2, 1])),
]

exercise = Exercise(
    name="neural-bigram",
    title="A bigram model that learns",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.bigram"],
    reference=reference,
    entries={LOSS: [LOSS], GRADIENT: [GRADIENT], TRAIN: [TRAIN]},
    rounding=5,
    tolerance=1e-5,
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check("the loss", LOSS, cases(), edges=[case for case in EDGES if case[0] is not LARGE]),
        Check(
            "the loss of large logits",
            LOSS,
            cases().map(lambda case: (np.round(250 * case[0]), case[1])),
            edges=[(LARGE, np.array([0, 1, 1, 0]))],
            observer=observe_large,
            examples=8,
        ),
        Check("the gradient", GRADIENT, cases(), edges=EDGES),
        Check(
            "where training begins",
            TRAIN,
            st.tuples(texts(3), st.just(3), st.integers(1, 2)),
            edges=[(PAPAYA, 3, 2)],
            observer=look_at_beginning,
            arguments=("tokens", "vocab_size", "steps"),
            examples=2,
        ),
        Check(
            "the trained table",
            TRAIN,
            runs(),
            edges=[(PAPAYA, 3, 1, 1.0), (PAPAYA, 3, 4, 2.0), (np.array([0, 1, 1, 3]), 4, 3, 0.5), (PAPAYA, 3, 0, 1.0)],
            examples=20,
        ),
        Check(
            "a second call with the same table",
            GRADIENT,
            cases(),
            edges=[(TABLE, PAPAYA)],
            observer=partial(call_twice, entry=GRADIENT),
            arguments=("table", "tokens"),
            examples=3,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
