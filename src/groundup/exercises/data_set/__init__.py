"""A GPT's data set: random windows of words, and their targets."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.judge.answer import Answer
from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def batch_loader(raw_dataset: str, context_length: int, batch_size: int) -> Any:
        return step.batch_loader(raw_dataset, context_length, batch_size)

    return {"batch_loader": batch_loader}


def look_at_windows(answer: Answer, extra: int, context: int, batch: int, gap: str, seed: int) -> dict[str, Any]:
    """Draw from a text of distinct words; tell sizes, and how targets lie to inputs."""
    text = gap.join(f"w{place}" for place in range(context + extra))
    inputs, targets = answer.call("batch_loader", text, context, batch, seed=seed)
    places = [[[int(word[1:]) for word in window] for window in part] for part in (inputs, targets)]
    return {
        "windows": [len(inputs), len(targets)],
        "words in a window": sorted({len(window) for part in places for window in part}),
        "targets minus inputs": sorted(
            {b - a for x, y in zip(*places, strict=True) for a, b in zip(x, y, strict=False)}
        ),
        "words in a row": all(b - a == 1 for window in places[0] for a, b in itertools.pairwise(window)),
    }


def look_at_starts(answer: Answer, extra: int, context: int, seed: int) -> list[str]:
    """Return every word that a window ever begins with."""
    text = " ".join(f"w{place}" for place in range(context + extra))
    inputs, _ = answer.call("batch_loader", text, context, 64 * extra, seed=seed)
    return sorted({window[0] for window in inputs})


WINDOWS, STARTS, LOADER = "take_windows", "draw_starts", "batch_loader"

exercise = Exercise(
    name="data-set",
    title="A GPT's data set",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.batches"],
    reference=reference,
    entries={LOADER: [LOADER]},
    libraries=("numpy", "torch"),
    checks=[
        Check(
            "inputs and targets",
            LOADER,
            st.tuples(
                st.integers(1, 6), st.integers(2, 5), st.integers(1, 4), st.sampled_from([" ", "  ", "\n"]), SEEDS
            ),
            observe=look_at_windows,
            arguments=("words beyond the context", "context_length", "batch_size", "between words", "seed"),
            edges=[(1, 3, 1, " ", 0), (6, 3, 4, " ", 0)],
            examples=20,
        ),
        Check(
            "which words a window can begin with",
            LOADER,
            st.tuples(st.integers(1, 4), st.integers(1, 4), SEEDS),
            observe=look_at_starts,
            arguments=("words beyond the context", "context_length", "seed"),
            edges=[(1, 3, 0), (2, 3, 0), (3, 2, 1)],
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
            "The last possible start never comes: randint leaves its upper bound out already.",
            [
                Edit(
                    "torch.randint(length - context_length,",
                    "torch.randint(max(length - context_length - 1, 1),",
                    STARTS,
                )
            ],
        ),
        Mistake(
            "windows beyond the end",
            "A window may begin so late that its last target is missing: the upper bound of the draw is the number of words minus "
            "context_length, which randint leaves out.",
            [Edit("torch.randint(length - context_length,", "torch.randint(length - context_length + 1,", STARTS)],
        ),
        Mistake(
            "windows always from the start",
            "Your windows all begin with the first word: draw their starts at random.",
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
            "one window only",
            "You return a single window whatever batch_size says.",
            [Edit("(batch_size,), generator=generator)", "(1,), generator=generator)", STARTS)],
        ),
    ],
)
