"""Sentences as one tensor of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from groundup.judge.answer import Answer
from groundup.judge.compare import to_plain
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {"get_dataset": step.get_dataset}


WORDS = ["cat", "Dog", "dog", "a", "the", "sat", "on"]
GAPS = st.sampled_from([" ", " ", "  "])
SENTENCES = st.lists(
    st.builds(str.join, GAPS, st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)), min_size=1, max_size=3
)
DATA, ENCODE = "get_dataset", "Vocabulary.encode"


def sizes(positive: Any, negative: Any) -> dict[str, int]:
    """Return the number of sentences, and of words in the longest."""
    return {"B": len(positive) + len(negative), "T": max(len(one.split()) for one in [*positive, *negative])}


RETURN = "return pad([vocabulary.encode(sentence) for sentence in sentences])"


def look(answer: Answer, positive: Any, negative: Any) -> Observed:
    """Return the table, and keep it for `Numbering`."""
    table = answer.call(DATA, positive, negative)
    return Observed(table, context=to_plain(table))


@dataclass(frozen=True)
class Numbering(Check):
    """Notices a table that is right but for the order in which the words were numbered."""

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say so."""
        wanted = to_plain(candidate.call(DATA, *case))
        if not isinstance(context, np.ndarray) or context.shape != wanted.shape:
            return []
        pairs = set(zip(context.ravel().tolist(), wanted.ravel().tolist(), strict=True))
        one_to_one = len({got for got, _ in pairs}) == len({right for _, right in pairs}) == len(pairs)
        if one_to_one and all((got == 0) == (right == 0) for got, right in pairs):
            return [
                "Each word has one number of its own, but another than is asked for. A set has no order: sort the words, as they "
                "are, before you number them."
            ]
        return []


exercise = Exercise(
    name="text-data-set",
    title="Sentences as numbers",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.vocabulary"],
    reference=reference,
    entries={DATA: [DATA]},
    libraries=("numpy", "torch"),
    sizes=sizes,
    checks=[
        Numbering(
            "one row a sentence",
            DATA,
            st.tuples(SENTENCES, SENTENCES),
            observe=look,
            edges=[
                (["Dogecoin to the moon"], ["I will short Tesla today"]),
                (["a"], ["a"]),
                (["b a", "c"], ["c c c"]),
                (["the  cat"], ["sat"]),
            ],
        )
    ],
    mistakes=[
        Mistake(
            "not sorted",
            "You number the words in the order in which they appear: sort them first.",
            [
                Edit(
                    "sorted({word for sentence in sentences for word in sentence.split()})",
                    "list(dict.fromkeys(word for sentence in sentences for word in sentence.split()))",
                    "Vocabulary.__init__",
                )
            ],
        ),
        Mistake(
            "sorted backwards",
            "You sort the words backwards.",
            [
                Edit(
                    "for word in sentence.split()})",
                    "for word in sentence.split()}, reverse=True)",
                    "Vocabulary.__init__",
                )
            ],
        ),
        Mistake(
            "sorted without regard to capitals",
            "You sort capitals among the small letters. Python's own order is meant: capitals come first.",
            [
                Edit(
                    "for word in sentence.split()})",
                    "for word in sentence.split()}, key=str.lower)",
                    "Vocabulary.__init__",
                )
            ],
        ),
        Mistake(
            "numbered from 0",
            "You number the words from 0. 0 is for padding: the first word is 1.",
            [Edit("start=1", "start=0", "Vocabulary.__init__")],
        ),
        Mistake(
            "numbered from 2",
            "You number the words from 2: the first word is 1.",
            [Edit("start=1", "start=2", "Vocabulary.__init__")],
        ),
        Mistake(
            "lower-cased",
            "You turn everything into small letters: “Dog” and “dog” are two words here.",
            [
                Edit("for word in sentence.split()})", "for word in sentence.lower().split()})", "Vocabulary.__init__"),
                Edit("for word in sentence.split()]", "for word in sentence.lower().split()]", ENCODE),
            ],
        ),
        Mistake(
            "repeated words numbered twice",
            "A word that occurs twice gets two numbers: every word has one. Make a set of them first.",
            [
                Edit(
                    "sorted({word for sentence in sentences for word in sentence.split()})",
                    "sorted([word for sentence in sentences for word in sentence.split()])",
                    "Vocabulary.__init__",
                )
            ],
        ),
        Mistake(
            "the positive sentences' words only",
            "You take the vocabulary from the positive sentences only: it holds the words of all.",
            [Edit("vocabulary = Vocabulary(sentences)", "vocabulary = Vocabulary(positive)", DATA)],
        ),
        Mistake(
            "negative sentences first",
            "You put the negative sentences first: the positive ones come first.",
            [Edit("for sentence in sentences]", "for sentence in [*negative, *positive]]", DATA)],
        ),
        Mistake(
            "padded on the left",
            "You pad on the left: the zeros stand on the right, behind the sentence.",
            [Edit("row[: len(sentence)] =", "row[length - len(sentence) :] =", "pad")],
        ),
        Mistake(
            "padded by repeating",
            "You fill up with the sentence's last word: padding is 0.",
            [
                Edit(
                    "row[: len(sentence)] =",
                    "row[:] = sentence[-1] if sentence else 0\n        row[: len(sentence)] =",
                    "pad",
                )
            ],
        ),
        Mistake(
            "cut to the shortest",
            "You cut all sentences to the shortest one: fill the short ones up to the T = {T} words of the longest.",
            [
                Edit(
                    RETURN,
                    "return pad([vocabulary.encode(sentence)[: min(len(one.split()) for one in sentences)] for sentence in sentences])",
                    DATA,
                )
            ],
        ),
        Mistake(
            "not padded",
            "Your rows have different lengths: fill the short ones up with 0, so that all together are one table.",
            [Edit(RETURN, "return [vocabulary.encode(sentence) for sentence in sentences]", DATA)],
        ),
        Mistake(
            "padded with another number",
            "You fill up with -1: padding is 0.",
            [Edit("PADDING, dtype=torch.int64", "-1, dtype=torch.int64", "pad")],
        ),
        Mistake(
            "transposed",
            "Your sentences stand in columns: a row is a sentence. (pad_sequence wants batch_first=True for that.)",
            [Edit(RETURN, RETURN + ".T", DATA)],
        ),
        Mistake(
            "a vocabulary for each side",
            "You number the words of the positive and of the negative sentences apart, so one number means two words. One vocabulary holds "
            "the words of all sentences.",
            [
                Edit(
                    RETURN,
                    "return pad([Vocabulary(side).encode(sentence) for side in (positive, negative) for sentence in side])",
                    DATA,
                )
            ],
        ),
        Mistake(
            "a table for each side",
            "You return two tables. One is asked for: the positive sentences' rows, and the negative ones' below.",
            [
                Edit(
                    RETURN,
                    "return tuple(pad([vocabulary.encode(sentence) for sentence in side]) for side in (positive, negative))",
                    DATA,
                )
            ],
        ),
        Mistake(
            "sentences sorted",
            "You sort the sentences: only the words are sorted, to number them. The sentences stay as they come.",
            [Edit("for sentence in sentences]", "for sentence in sorted(sentences)]", DATA)],
        ),
        Mistake(
            "sorted by length",
            "You sort the words by their length: sort them as Python sorts text.",
            [
                Edit(
                    "sorted({word for sentence in sentences for word in sentence.split()})",
                    "sorted(sorted({word for sentence in sentences for word in sentence.split()}), key=len)",
                    "Vocabulary.__init__",
                )
            ],
        ),
        Mistake(
            "split at single spaces",
            "You split at every single space, so two in a row make an empty word. text.split() without argument does not.",
            [
                Edit("for word in sentence.split()})", 'for word in sentence.split(" ")})', "Vocabulary.__init__"),
                Edit("for word in sentence.split()]", 'for word in sentence.split(" ")]', ENCODE),
            ],
        ),
        Mistake(
            "one place too many",
            "Your rows have one place more than the longest sentence has words.",
            [
                Edit(
                    "length = longest if length is None else length",
                    "length = longest + 1 if length is None else length",
                    "pad",
                )
            ],
        ),
        Mistake(
            "characters instead of words",
            "You number the characters: split each sentence at white space into words.",
            [
                Edit("for word in sentence.split()})", "for word in sentence})", "Vocabulary.__init__"),
                Edit("for word in sentence.split()]", "for word in sentence]", ENCODE),
            ],
        ),
    ],
)
