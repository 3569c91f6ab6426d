"""Sentences as one tensor of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.exercises.calling import call_twice
from groundup.exercises.text_data_set.mistakes import DATA, MISTAKES
from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Exercise, Observation


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"get_dataset": step.get_dataset}


# No two of them differ in nothing but capitals: a sort that takes such words for equal leaves their order open.
WORDS = ["cat", "Dog", "a", "the", "sat", "on", "I", "Zoo", "good", "don't", "3", "10", "2nd"]
LIKE = [*WORDS, "dog", "zoo", "Cat", "good!", "Good,", "dont", "é", "-"]
GAPS = st.sampled_from([" ", " ", " ", "  ", "\t", "\n"])
ENDS = st.sampled_from(["", "", "", " ", "\n"])


def sentences(choice: list[str], least: int, most: int) -> st.SearchStrategy[list[str]]:
    """Draw sentences of so many words, with blanks of every kind between them."""
    words = st.lists(st.sampled_from(choice), min_size=least, max_size=most)
    joined = st.builds(lambda start, gap, end, words: start + gap.join(words) + end, ENDS, GAPS, ENDS, words)
    return st.lists(joined, min_size=1, max_size=4)


SENTENCES, MAYBE_EMPTY, ALIKE = sentences(WORDS, 1, 5), sentences(WORDS, 0, 3), sentences(LIKE, 1, 5)


def sizes(positive: Any, negative: Any) -> dict[str, int]:
    """Return the number of sentences, and of words in the longest."""
    return {
        "B": len(positive) + len(negative),
        "T": max([len(one.split()) for one in [*positive, *negative]], default=0),
    }


NO_WORDS = (
    "A sentence without words is not handled as one row of zeros. That is accepted, since the course has none; real "
    "data has: think of "
    "an empty line."
)

LIST = "a list, no tensor"


def observe(answer: Answer, positive: Any, negative: Any) -> Observation:
    """Return the table, and keep it for `Numbering`."""
    table = answer.call(DATA, positive, negative)
    if isinstance(table, list | tuple):
        return Observation({"what comes": LIST}, context=LIST)
    return Observation(table, context=to_plain(table))


@dataclass(frozen=True)
class Numbering(Check):
    """Notices a table that is right but for the order in which the words were numbered."""

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say so."""
        if isinstance(context, str):
            return ["You return a list of lists: make a tensor of it, torch.tensor(rows)."]
        wanted = to_plain(candidate.call(DATA, *case))
        if not isinstance(context, np.ndarray) or context.shape != wanted.shape:
            return []
        pairs = set(zip(context.ravel().tolist(), wanted.ravel().tolist(), strict=True))
        one_to_one = len({got for got, _ in pairs}) == len({right for _, right in pairs}) == len(pairs)
        if one_to_one and all((got == 0) == (right == 0) for got, right in pairs):
            return [
                "Each word has one number of its own, but not the one that is asked for. A set has no order: "
                "sort the words, as they are, before you number them."
            ]
        return []


exercise = Exercise(
    name="text-data-set",
    title="Sentences as numbers",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.vocabulary"],
    reference=reference,
    entries={DATA: [DATA]},
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Numbering(
            "one row a sentence",
            DATA,
            st.tuples(SENTENCES, SENTENCES),
            observer=observe,
            edges=[
                (["Dogecoin to the moon"], ["I will short Tesla today"]),
                (["a"], ["a"]),
                (["b a", "c"], ["c c c"]),
                (["the  cat"], ["sat"]),
                (["the\tcat sat"], [" on the mat\n"]),
                (["b"], ["a", "c a b d", "b a"]),
                (["one two three four"], ["five"]),
                (["b a"], ["a"]),
                (["a b c"], ["c b"]),
                (["b c", "a b"], ["b b a", "c"]),
                (["a"], ["b a", "a"]),
                (["c"], ["b c a"]),
                (["10 9 2"], ["2 10"]),
                ([], ["b a", "a"]),
                (["b a", "a"], []),
                (["c b", "c b"], ["c b"]),
            ],
        ),
        Numbering(
            "words that differ in capitals or signs alone",
            DATA,
            st.tuples(ALIKE, ALIKE),
            observer=observe,
            edges=[(["good good!"], ["Good, good?"]), (["Dog dog DOG"], ["dog Dog"])],
            examples=20,
        ),
        Numbering(
            "a sentence without words",
            DATA,
            st.tuples(MAYBE_EMPTY, MAYBE_EMPTY),
            observer=observe,
            edges=[(["a b", ""], ["b"])],
            examples=15,
            beyond=NO_WORDS,
        ),
        Check(
            "a second call",
            DATA,
            st.tuples(SENTENCES, SENTENCES),
            observer=partial(call_twice, entry=DATA),
            examples=5,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
