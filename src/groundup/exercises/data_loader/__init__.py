"""Batches for a GPT: random windows of token numbers, and their targets."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.exercises.window_mistakes import STARTS, TARGET, WINDOWS, list_window_mistakes
from groundup.exercises.windows import LARGE, StartsCheck, Windows, WindowsCheck
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def create_batches(data: Any, context_length: int, batch_size: int) -> Any:
        return step.create_batches(data, context_length, batch_size)

    return {"create_batches": create_batches}


def sizes(*case: Any) -> dict[str, int]:
    """Return the numbers of tokens, of tokens in a window, and of windows where the case tells it."""
    first, *others, _ = case
    return dict(zip("NTB", (first if isinstance(first, int) else len(first), *others), strict=False))


def build(numbers: Sequence[int]) -> Any:
    """Return token numbers as a tensor."""
    import torch

    return torch.tensor(numbers)


def split(data: Any) -> list[str]:
    """Return token numbers as text."""
    return [str(number) for number in data.tolist()]


def make(length: int) -> Any:
    """Return different token numbers, in no order, so that a neighbour cannot be had by adding 1."""
    numbers = list(range(10, 10 + length))
    random.Random(length).shuffle(numbers)
    return build(numbers)


@st.composite
def batches(draw: st.DrawFn) -> Case:
    """Draw token numbers, some of them more than once, the context length, a large batch size, and a seed."""
    context, more = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    length = context + more
    numbers = draw(st.lists(st.integers(0, 60), min_size=length, max_size=length))
    return build(numbers), context, LARGE + draw(st.integers(0, 9)), draw(SEEDS)


LOADER = "create_batches"
LOOK = Windows(LOADER, split, make, tensors=True)
RETURN = "return torch.stack(inputs), torch.stack(targets)"
TAKE = "inputs, targets = take_windows(data, starts.tolist(), context_length)"

exercise = Exercise(
    name="data-loader",
    title="Windows of numbers",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.batches"],
    reference=reference,
    entries={LOADER: [LOADER]},
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        WindowsCheck(
            "which windows come, and how inputs and targets lie",
            LOADER,
            batches(),
            observer=LOOK.look_at_windows,
            arguments=("data", "context_length", "batch_size", "seed"),
            edges=[
                (build([5, 6, 7, 8, 9]), 3, LARGE, 0),
                (build([31, 4, 15, 9]), 3, LARGE, 0),
                (build([7, 0, 7, 3, 3, 12, 7]), 2, LARGE, 1),
                (build([8, 2, 40, 6, 1]), 1, LARGE + 1, 2),
                (make(13), 4, LARGE + 2, 3),
            ],
            examples=10,
        ),
        Check(
            "shapes of a small batch",
            LOADER,
            st.tuples(st.integers(40, 60), st.integers(1, 5), st.integers(1, 4), SEEDS),
            observer=LOOK.look_at_small_batches,
            arguments=("number of tokens", "context_length", "batch_size", "seed"),
            edges=[(50, 3, 1, 0), (50, 1, 1, 0), (50, 3, 2, 0), (50, 2, 3, 0)],
            examples=3,
        ),
        StartsCheck(
            "how often a window begins at each place",
            LOADER,
            st.tuples(st.sampled_from([3, 4, 5, 7]), st.integers(1, 2), SEEDS),
            observer=LOOK.look_at_starts,
            arguments=("number of possible starts", "context_length", "seed"),
            edges=[(3, 2, 0), (5, 2, 1), (7, 1, 2)],
            examples=2,
        ),
    ],
    mistakes=[
        *list_window_mistakes("token"),
        Mistake(
            "the last target taken from the window's beginning",
            "You rotate the inputs by one position to make the targets (roll), so the last target is the "
            "window's own first token. The last target is the token that comes after the window in the data.",
            [
                Edit(
                    TARGET,
                    "torch.cat([data[start + 1 : start + context_length], data[start : start + 1]])",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "the last target filled up",
            "Your last target is 0, or the window's last token once more: you make the targets from the inputs alone. The "
            "last target is the token that comes after the window in the data: slice the data from start + 1.",
            [
                Edit(
                    TARGET,
                    "torch.cat([data[start + 1 : start + context_length], torch.zeros(1, dtype=data.dtype)])",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "1 added to the tokens",
            "You add 1 to the inputs to get the targets. The target is the token that comes one position later "
            "in the data, whatever its number.",
            [Edit(TARGET, "data[start : start + context_length] + 1", WINDOWS)],
        ),
        Mistake(
            "positions instead of tokens",
            "You return the positions of the tokens: look up the tokens at these positions in the data.",
            [Edit(TAKE, TAKE.replace("(data,", "(torch.arange(len(data)),"), LOADER)],
        ),
        Mistake(
            "windows that wrap around",
            "A window that reaches the end of the data continues at its beginning, where the tokens do not "
            "follow each other. Draw only starts below N − T.",
            [
                Edit("torch.randint(length - context_length,", "torch.randint(length,", STARTS),
                Edit(TAKE, TAKE.replace("(data,", "(torch.cat([data, data]),"), LOADER),
            ],
        ),
        Mistake(
            "the data sorted",
            "You sort the tokens first: their order is what is learned. Leave the data as they are.",
            [Edit(TAKE, TAKE.replace("(data,", "(data.sort().values,"), LOADER)],
        ),
        Mistake(
            "inputs and targets not apart",
            "You return one pair for each window. Return two tensors in a tuple: one of all inputs, one of all "
            "targets.",
            [Edit(RETURN, "return list(zip(inputs, targets))", LOADER)],
        ),
        Mistake(
            "only the inputs",
            "You return one tensor. Two are asked for, in a tuple: the inputs, and the targets.",
            [Edit(RETURN, "return torch.stack(inputs)", LOADER)],
        ),
        Mistake(
            "transposed",
            "Your windows lie in the columns: a row is a window, so both results have the shape (B, T).",
            [Edit(RETURN, "return torch.stack(inputs, 1), torch.stack(targets, 1)", LOADER)],
        ),
        Mistake(
            "windows not stacked",
            "You return lists of windows. Both results are tensors of shape (B, T): torch.stack(list) makes one of a list.",
            [Edit(RETURN, "return inputs, targets", LOADER)],
        ),
        Mistake(
            "fractions instead of whole numbers",
            "Your tokens come back as fractions (floats), and an embedding looks up whole numbers only. Leave out .float(), or make the tensors that you "
            "fill with dtype=torch.long.",
            [Edit(RETURN, "return torch.stack(inputs).float(), torch.stack(targets).float()", LOADER)],
        ),
        Mistake(
            "all windows in one row",
            "You join all windows one after the other (cat): stack them, so that both results have the shape (B, T).",
            [Edit(RETURN, "return torch.cat(inputs), torch.cat(targets)", LOADER)],
        ),
        Mistake(
            "a batch of one flattened",
            "You remove dimensions of length 1 (squeeze). A batch of one window, or windows of one token, still "
            "have the shape (B, T): leave squeeze out.",
            [Edit(RETURN, "return torch.stack(inputs).squeeze(), torch.stack(targets).squeeze()", LOADER)],
        ),
    ],
)
