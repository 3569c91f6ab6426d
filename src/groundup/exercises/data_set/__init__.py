"""A GPT's data set: random windows of words, and their targets."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.exercises.windows import Windows, batches, texts
from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def batch_loader(raw_dataset: str, context_length: int, batch_size: int) -> Any:
        return step.batch_loader(raw_dataset, context_length, batch_size)

    return {"batch_loader": batch_loader}


def sizes(*case: Any) -> dict[str, int]:
    """Return the numbers of words, of words in a window, and of windows where the case tells it."""
    return dict(zip("NTB", case[:-1], strict=False))


def build(numbers: Sequence[int]) -> str:
    """Return a text of words that hold the numbers, with all kinds of white space between them."""
    # Split at single spaces, these words are never fewer.
    gaps = itertools.cycle(["  ", "\n", " "])
    return "".join(f"{'Ww'[number % 2]}{number}{gap}" for number, gap in zip(numbers, gaps, strict=False)).rstrip()


def read(word: str) -> int:
    """Return the number that a word holds, -1 for what is none of the text's words."""
    number = int(word[1:]) if word[1:].isdigit() else -1
    return number if word[:1] == "Ww"[number % 2] else -1


WINDOWS, STARTS, LOADER = "take_windows", "draw_starts", "batch_loader"
LOOK = Windows(LOADER, build, read)

exercise = Exercise(
    name="data-set",
    title="A GPT's data set",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.batches"],
    reference=reference,
    entries={LOADER: [LOADER]},
    libraries=("numpy", "torch"),
    sizes=sizes,
    after=["data-loader"],
    checks=[
        Check(
            "number and length of the windows",
            LOADER,
            batches(),
            observe=LOOK.look_at_shapes,
            arguments=("number of words", "context_length", "batch_size", "seed"),
            edges=[(5, 3, 80, 0), (3, 1, 80, 0)],
            examples=15,
        ),
        Check(
            "how targets lie to inputs",
            LOADER,
            texts(),
            observe=LOOK.look_at_windows,
            arguments=("number of words, at least", "context_length", "seed"),
            edges=[(9, 3, 0)],
            examples=8,
        ),
        Check(
            "which words a window can begin with",
            LOADER,
            st.tuples(st.integers(1, 4), st.integers(1, 4), SEEDS).map(lambda case: (sum(case[:2]), *case[1:])),
            observe=LOOK.look_at_starts,
            arguments=("number of words", "context_length", "seed"),
            edges=[(4, 3, 0), (5, 3, 0), (5, 2, 1)],
            examples=6,
        ),
    ],
    mistakes=[
        Mistake(
            "targets not shifted",
            "Your targets are the inputs: the target of a place is the word after it.",
            [Edit("data[start + 1 : start + context_length + 1]", "data[start : start + context_length]", WINDOWS)],
        ),
        Mistake(
            "targets shifted by two",
            "Your targets lie two words ahead: it is the very next one that is guessed.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start + 2 : start + context_length + 2]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "targets shifted back",
            "Your targets are the words before: shift them the other way.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start - 1 : start + context_length - 1]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "only the last target, not in a list",
            "You give one word as target for each window. Every place has one: a window of T = {T} words has {T} targets.",
            [Edit("data[start + 1 : start + context_length + 1]", "data[start + context_length]", WINDOWS)],
        ),
        Mistake(
            "inputs shifted, too",
            "Your inputs begin one word late.",
            [Edit("data[start : start + context_length]", "data[start + 1 : start + context_length + 1]", WINDOWS)],
        ),
        Mistake(
            "windows one word too short",
            "Your windows have one word fewer than context_length.",
            [
                Edit("data[start : start + context_length]", "data[start : start + context_length - 1]", WINDOWS),
                Edit(
                    "data[start + 1 : start + context_length + 1]", "data[start + 1 : start + context_length]", WINDOWS
                ),
            ],
        ),
        Mistake(
            "only the last target",
            "You give one target for each window: every place has one.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start + context_length : start + context_length + 1]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "the last window never comes",
            "The last possible start never comes: randint leaves its upper bound out already. With one possible start only, there is nothing left to draw.",
            [Edit("torch.randint(length - context_length,", "torch.randint(length - context_length - 1,", STARTS)],
        ),
        Mistake(
            "windows beyond the end",
            "A window may begin so late that its last target is missing: the upper bound of the draw is the number of words minus "
            "context_length, which randint leaves out.",
            [Edit("torch.randint(length - context_length,", "torch.randint(length - context_length + 1,", STARTS)],
        ),
        Mistake(
            "windows always from the start",
            "All your windows begin at one and the same place, in every batch: draw each start at random.",
            [
                Edit(
                    "torch.randint(length - context_length, (batch_size,), generator=generator)",
                    "torch.zeros(batch_size, dtype=torch.int64)",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "split at single spaces",
            "You split at every single space: a line end or two spaces in a row make wrong words. split() without argument does not.",
            [Edit("raw_dataset.split()", 'raw_dataset.split(" ")', LOADER)],
        ),
        Mistake(
            "lower-cased",
            "You turn the text into small letters: leave the words as they are.",
            [Edit("raw_dataset.split()", "raw_dataset.lower().split()", LOADER)],
        ),
        Mistake(
            "inputs and targets not apart",
            "You do not return two things: is it a pair for each window, or only one of the two? Two lists are asked for, in a tuple: one of all "
            "inputs, one of all targets.",
            [
                Edit(
                    "return take_windows(words, starts.tolist(), context_length)",
                    "return list(zip(*take_windows(words, starts.tolist(), context_length)))",
                    LOADER,
                )
            ],
        ),
        Mistake(
            "characters instead of words",
            "You cut the text into characters: the tokens here are words.",
            [Edit("raw_dataset.split()", "list(raw_dataset)", LOADER)],
        ),
        Mistake(
            "inputs and targets exchanged",
            "You return the targets first: the inputs come first.",
            [
                Edit(
                    "return take_windows(words, starts.tolist(), context_length)",
                    "return take_windows(words, starts.tolist(), context_length)[::-1]",
                    LOADER,
                )
            ],
        ),
        Mistake(
            "windows joined to text",
            "You join each window's words to one text: a window is a list of words.",
            [
                Edit(
                    "return take_windows(words, starts.tolist(), context_length)",
                    "return tuple([' '.join(window) for window in part] for part in take_windows(words, starts.tolist(), context_length))",
                    LOADER,
                )
            ],
        ),
        Mistake(
            "the first window never comes",
            "No window begins with the first word: starts are counted from 0.",
            [
                Edit(
                    "return torch.randint(length - context_length,",
                    "return torch.randint(1, length - context_length,",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "the same window for the whole batch",
            "All windows of the batch are the same: draw a start for each.",
            [Edit("(batch_size,), generator=generator)", "(1,), generator=generator).expand(batch_size)", STARTS)],
        ),
        Mistake(
            "one window only",
            "You return a single window whatever batch_size says.",
            [Edit("(batch_size,), generator=generator)", "(1,), generator=generator)", STARTS)],
        ),
    ],
)
