"""What a tokenizer does at the edges: numbers, counts, fertility."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {name: getattr(step, name) for name in ("tokenize_numbers", "count_tokens", "fertility_score")}


DIGITS = st.lists(st.text("123", min_size=1, max_size=3), max_size=5, unique=True)
PIECES = st.lists(st.text("ab ", min_size=1, max_size=3), max_size=5, unique=True)
TEXTS = st.text("ab ", max_size=10)
GREEDY = "tokenize_greedily"
VOCABULARY = ["low", "er", "lower", "new", "est", " "]

exercise = Exercise(
    name="tokenizer-edges",
    title="A tokenizer's edges",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.tokenizer_edges"],
    reference=reference,
    entries={name: [name] for name in ("tokenize_numbers", "count_tokens", "fertility_score")},
    rounding=4,
    after=["byte-pair"],
    checks=[
        Check(
            "numbers cut into tokens",
            "tokenize_numbers",
            st.tuples(st.lists(st.integers(0, 9999), max_size=4), DIGITS),
            edges=[([123, 1234], ["12", "123", "34"]), ([], ["1"]), ([7, 77], []), ([3332], ["33", "3", "332"])],
        ),
        Check(
            "tokens of a text",
            "count_tokens",
            st.tuples(TEXTS, PIECES),
            edges=[("lower newest", VOCABULARY), ("", VOCABULARY), ("xyz", VOCABULARY), ("aab", ["a", "aa", "ab"])],
        ),
        Check(
            "tokens a word",
            "fertility_score",
            st.tuples(TEXTS, PIECES),
            edges=[("lower newest", VOCABULARY), ("", VOCABULARY), ("  ", VOCABULARY), ("a  b", ["a"])],
        ),
    ],
    mistakes=[
        Mistake(
            "shortest match",
            "You take the shortest token that fits: greedy means the longest.",
            [Edit("length = min(longest, len(text) - place)", "length = 1", GREEDY)],
        ),
        Mistake(
            "unknown characters dropped",
            "You drop characters that no token holds: each stands alone as a token.",
            [Edit("return found", "return [token for token in found if token in tokens]", GREEDY)],
        ),
        Mistake(
            "longest token never tried",
            "You never try the longest tokens of the vocabulary: your longest length is one too small.",
            [
                Edit(
                    "longest = max(map(len, tokens), default=0)",
                    "longest = max(map(len, tokens), default=0) - 1",
                    GREEDY,
                )
            ],
        ),
        Mistake(
            "numbers cut into digits",
            "You cut numbers into single digits: they are cut like any text, into the longest tokens.",
            [Edit("tokenize_greedily(str(number), vocabulary)", "list(str(number))", "tokenize_numbers")],
        ),
        Mistake(
            "numbers left whole",
            "You leave each number whole: cut it into the longest tokens that the vocabulary has.",
            [Edit("tokenize_greedily(str(number), vocabulary)", "[str(number)]", "tokenize_numbers")],
        ),
        Mistake(
            "numbers cut from the right",
            "You cut numbers from the right. Here it goes from the left, as with any text.",
            [
                Edit(
                    "tokenize_greedily(str(number), vocabulary)",
                    "[token[::-1] for token in tokenize_greedily(str(number)[::-1], [one[::-1] for one in vocabulary])][::-1]",
                    "tokenize_numbers",
                )
            ],
        ),
        Mistake(
            "all numbers in one list",
            "You put the tokens of all numbers into one list: there is a list for each number.",
            [
                Edit(
                    "return [tokenize_greedily(str(number), vocabulary) for number in numbers]",
                    "return [token for number in numbers for token in tokenize_greedily(str(number), vocabulary)]",
                    "tokenize_numbers",
                )
            ],
        ),
        Mistake(
            "different tokens counted",
            "You count each token once. A token that occurs twice counts twice.",
            [
                Edit(
                    "len(tokenize_greedily(text, vocabulary))",
                    "len(set(tokenize_greedily(text, vocabulary)))",
                    "count_tokens",
                )
            ],
        ),
        Mistake(
            "white space not counted",
            "You leave white space out: a space is text as well, and takes a token.",
            [
                Edit(
                    "tokenize_greedily(text, vocabulary)",
                    'tokenize_greedily(text.replace(" ", ""), vocabulary)',
                    "count_tokens",
                )
            ],
        ),
        Mistake(
            "characters counted",
            "You count characters: count the tokens.",
            [Edit("len(tokenize_greedily(text, vocabulary))", "len(text)", "count_tokens")],
        ),
        Mistake(
            "words a token",
            "You divide words by tokens. Fertility is tokens a word.",
            [
                Edit(
                    "count_tokens(text, vocabulary) / words if words",
                    "words / count_tokens(text, vocabulary) if words",
                    "fertility_score",
                )
            ],
        ),
        Mistake(
            "tokens a character",
            "You divide by the number of characters: divide by the number of words.",
            [Edit("words = len(text.split())", "words = len(text) if text.split() else 0", "fertility_score")],
        ),
        Mistake(
            "words split at single spaces",
            "You split at every single space, so two spaces in a row make an empty word. text.split() without argument does not.",
            [Edit("text.split()", 'text.split(" ")', "fertility_score")],
        ),
        Mistake(
            "no words not thought of",
            "A text without words divides by zero: its fertility is 0.",
            [Edit(" if words else 0.0", "", "fertility_score")],
        ),
    ],
)
