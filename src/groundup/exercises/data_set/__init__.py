"""A GPT's data set: random windows of words, and their targets."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.strategies import SEEDS
from groundup.exercises.window_mistakes import STARTS, WINDOWS, list_window_mistakes
from groundup.exercises.windows import StartsCheck, Windows, WindowsCheck
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""

    def batch_loader(raw_dataset: str, context_length: int, batch_size: int) -> Any:
        return step.batch_loader(raw_dataset, context_length, batch_size)

    return {"batch_loader": batch_loader}


def sizes(*case: Any) -> dict[str, int]:
    """Return the numbers of words, of words in a window, and of windows where the case tells it."""
    first, *others, _ = case
    return dict(zip("NTB", (first if isinstance(first, int) else len(first.split()), *others), strict=False))


# So many windows let every one come even of a text that is cut into its characters.
MANY = 300
VOCABULARY = ["to", "be", "Or", "not", "not.", "To", "be,", "or", "7", "the"]


def join(words: Sequence[str], gaps: Sequence[str] = (" ",)) -> str:
    """Return words as a text, with some kinds of white space between them in turn."""
    return "".join(map("".join, zip(words, itertools.cycle(gaps), strict=False))).rstrip()


def make(length: int) -> str:
    """Return a text of so many different words, in no order."""
    words = [f"{'Ww'[number % 2]}{number}" for number in range(10, 10 + length)]
    random.Random(length).shuffle(words)
    return join(words)


@st.composite
def batches(draw: st.DrawFn) -> Case:
    """Draw a text, the context length, a large batch size, and a seed."""
    context, more = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    words = draw(st.lists(st.sampled_from(VOCABULARY), min_size=context + more, max_size=context + more))
    gaps = draw(st.sampled_from([(" ",), (" ",), ("  ", " "), ("\n", " "), ("\t",)]))
    ends = draw(st.sampled_from([("", ""), ("", ""), (" ", "\n")]))
    return join(words, gaps).join(ends), context, MANY + draw(st.integers(0, 9)), draw(SEEDS)


LOADER = "batch_loader"
LOOK = Windows(LOADER, str.split, make)
TAKE = "take_windows(words, starts.tolist(), context_length)"
RETURN = f"return {TAKE}"
SPLIT = "raw_dataset.split()"

exercise = Exercise(
    name="data-set",
    title="Windows of words",
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
            arguments=("raw_dataset", "context_length", "batch_size", "seed"),
            edges=[
                ("darkness my old friend", 3, MANY, 0),
                ("To be, or not to be.", 2, MANY, 0),
                ("The  cat\nsat on THE cat", 3, MANY, 1),
                (" b a c a d ", 1, MANY + 1, 2),
                (make(13), 4, MANY + 2, 3),
            ],
            examples=10,
        ),
        Check(
            "number and length of the windows in a small batch",
            LOADER,
            st.tuples(st.integers(40, 60), st.integers(1, 5), st.integers(1, 4), SEEDS),
            observer=LOOK.look_at_small_batches,
            arguments=("number of words", "context_length", "batch_size", "seed"),
            edges=[(50, 3, 1, 0), (50, 1, 1, 0), (50, 3, 2, 0), (50, 2, 3, 0)],
            examples=3,
        ),
        StartsCheck(
            "how often a window begins with each word",
            LOADER,
            st.tuples(st.sampled_from([3, 4, 5, 7]), st.integers(1, 2), SEEDS),
            observer=LOOK.look_at_starts,
            arguments=("number of possible starts", "context_length", "seed"),
            edges=[(3, 2, 0), (5, 2, 1), (7, 1, 2)],
            examples=2,
        ),
    ],
    mistakes=[
        *list_window_mistakes("word"),
        Mistake(
            "windows begin at any word, up to the very end",
            "A window may begin with any of the N words, so the last ones reach beyond the end and are too short. The upper "
            "bound of the draw is N − T, which torch.randint leaves out.",
            [Edit("torch.randint(length - context_length,", "torch.randint(length,", STARTS)],
        ),
        Mistake(
            "the text's letters counted instead of its words",
            "The upper bound of your draw counts the text's characters, so most windows start beyond the end and "
            "are empty. Count the words: len(words) − T.",
            [Edit("draw_starts(len(words),", "draw_starts(len(raw_dataset),", LOADER)],
        ),
        Mistake(
            "split at single spaces",
            "You split at every single space, so that two spaces in a row make an empty word and a line end stays inside "
            "one. split() without argument splits at any white space.",
            [Edit(SPLIT, 'raw_dataset.split(" ")', LOADER)],
        ),
        Mistake(
            "split into lines",
            "You split the text into lines: the tokens here are words. Split at white space, with split().",
            [Edit(SPLIT, 'raw_dataset.split("\\n")', LOADER)],
        ),
        Mistake(
            "lower-cased",
            "You convert the text to lower case: leave the words as they are.",
            [Edit(SPLIT, "raw_dataset.lower().split()", LOADER)],
        ),
        Mistake(
            "punctuation taken off",
            "You remove the punctuation from the words. Split at white space alone and leave the words as they are.",
            [Edit(SPLIT, '[word.strip(".,!?;:") for word in raw_dataset.split()]', LOADER)],
        ),
        Mistake(
            "lower-cased and punctuation taken off",
            "You convert the text to lower case and remove the punctuation: leave the words as they are.",
            [Edit(SPLIT, '[word.strip(".,!?;:") for word in raw_dataset.lower().split()]', LOADER)],
        ),
        Mistake(
            "words sorted",
            "You sort the words, so neighbors in your list are not neighbors in the text. Their order is what is "
            "learned: leave it.",
            [Edit(SPLIT, "sorted(raw_dataset.split())", LOADER)],
        ),
        Mistake(
            "repeated words dropped",
            "You keep each word once (a vocabulary). The windows are cut out of the text as it is, repetitions "
            "included.",
            [Edit(SPLIT, "list(dict.fromkeys(raw_dataset.split()))", LOADER)],
        ),
        Mistake(
            "a sorted vocabulary instead of the text",
            "You cut your windows out of the sorted vocabulary. They are cut out of the text as it is, in its "
            "order and with its repetitions.",
            [Edit(SPLIT, "sorted(set(raw_dataset.split()))", LOADER)],
        ),
        Mistake(
            "the text backwards",
            "Your words are in reverse order: leave them as the text has them.",
            [Edit(SPLIT, "raw_dataset.split()[::-1]", LOADER)],
        ),
        Mistake(
            "characters instead of words",
            "You cut the text into characters: the tokens here are words, what white space separates.",
            [Edit(SPLIT, "list(raw_dataset)", LOADER)],
        ),
        Mistake(
            "windows that wrap around",
            "A window that reaches the end of the text continues at its beginning, where the words do not follow "
            "each other. Draw only starts below N − T.",
            [
                Edit("torch.randint(length - context_length,", "torch.randint(length,", STARTS),
                Edit(TAKE, TAKE.replace("words,", "words + words,"), LOADER),
            ],
        ),
        Mistake(
            "the last target taken from the window's beginning",
            "Your last target is the window's own first word: you rotate the inputs. The last target is the word "
            "that comes after the window in the text.",
            [
                Edit(
                    "data[start + 1 : start + context_length + 1]",
                    "data[start + 1 : start + context_length] + data[start : start + 1]",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "one list for all windows",
            "You add the words of all windows to one and the same list, so that every row holds all of them. Begin a new "
            "list for each window.",
            [
                Edit(
                    "return inputs, targets",
                    "return tuple([[word for window in part for word in window]] * len(part) for part in (inputs, targets))",
                    WINDOWS,
                )
            ],
        ),
        Mistake(
            "inputs and targets not apart",
            "You return one pair for each window. Return two lists in a tuple, all inputs and all targets: "
            "`list(zip(inputs, targets))` makes pairs instead.",
            [Edit(RETURN, f"return list(zip(*{TAKE}))", LOADER)],
        ),
        Mistake(
            "only the inputs",
            "You return one list of windows. Two are asked for, in a tuple: the inputs, and the targets.",
            [Edit(RETURN, f"{RETURN}[0]", LOADER)],
        ),
        Mistake(
            "windows joined to text",
            "You join each window's words to one text: a window is a list of words.",
            [Edit(RETURN, f"return tuple([' '.join(window) for window in part] for part in {TAKE})", LOADER)],
        ),
        Mistake(
            "all windows in one list",
            "You put the words of all windows into one list (extend): append each window, as a list of its own.",
            [Edit(RETURN, f"return tuple([word for window in part for word in window] for part in {TAKE})", LOADER)],
        ),
        Mistake(
            "transposed",
            "Your rows are the positions of the windows: a row is a window. You return T lists of B words, where "
            "B lists of T words are asked for.",
            [Edit(RETURN, f"return tuple([list(place) for place in zip(*part)] for part in {TAKE})", LOADER)],
        ),
        Mistake(
            "only one window, not in a list",
            "You return a single window: draw batch_size starts, and return a list of windows and a list of their targets.",
            [Edit(RETURN, f"return tuple(part[0] for part in {TAKE})", LOADER)],
        ),
    ],
)
