"""What a tokenizer does at the edges: numbers, counts, fertility."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.tokenizer_edges.mistakes import MISTAKES
from groundup.judge.exercise import Case, Check, Exercise


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {name: getattr(step, name) for name in ("tokenize_numbers", "count_tokens", "fertility_score")}


def number_tokens(tokens: Iterable[str]) -> dict[str, int]:
    """Return a vocabulary of tokens as the course gives it, token → number; the numbers say nothing."""
    return {token: 7 * place % 101 for place, token in enumerate(tokens)}


def benchmark_case() -> tuple[str, None, Case]:
    """Return a text of 2,400 characters and a vocabulary of ten tokens."""
    return (
        "count_tokens",
        None,
        (
            "the cat sat on the mat. " * 100,
            number_tokens(["the", "cat", " cat", "sat", " sat", "on", " the ", "mat", "at", ". "]),
        ),
    )


DIGITS = st.lists(
    st.text("123", min_size=1, max_size=3) | st.text("12", min_size=3, max_size=6), max_size=6, unique=True
).map(number_tokens)
CHARACTERS = "abAB ,\n"
PIECES = st.lists(st.text(CHARACTERS, min_size=1, max_size=4), max_size=6, unique=True)
VOCABULARY = number_tokens(["low", "er", "lower", "new", "est", " "])
CAPITALS = number_tokens(["the", "The", " cat", "cat", "Cat", ", ", "THE CAT"])


@st.composite
def texts(draw: st.DrawFn, words: bool = False) -> Case:
    """Draw a text, in which tokens are frequent, and a vocabulary; a text with a word in it, if need be."""
    pieces = draw(PIECES)
    parts = st.text(CHARACTERS, min_size=1, max_size=3)
    text = "".join(draw(st.lists(parts | st.sampled_from(pieces) if pieces else parts, max_size=6)))
    return (text if text.split() or not words else f"{text}a"), number_tokens(pieces)


@st.composite
def numbers(draw: st.DrawFn) -> Case:
    """Draw numbers, in which tokens are frequent, and a vocabulary."""
    vocabulary = draw(DIGITS)
    own = [int(token) for token in vocabulary]
    any_number = st.integers(0, 9999) | st.text("123", min_size=4, max_size=9).map(int)
    return draw(st.lists(any_number | st.sampled_from(own) if own else any_number, max_size=4)), vocabulary


exercise = Exercise(
    name="tokenizer-edges",
    title="A tokenizer's edges",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.greedy_tokenizer"],
    reference=reference,
    entries={name: [name] for name in ("tokenize_numbers", "count_tokens", "fertility_score")},
    rounding=4,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "numbers cut into tokens",
            "tokenize_numbers",
            numbers(),
            edges=[
                (numbers_, number_tokens(tokens))
                for numbers_, tokens in (
                    ([123, 1234], ["12", "123", "34"]),
                    ([], ["1"]),
                    ([0], ["1"]),
                    ([7, 77, 7], []),
                    ([3332], ["33", "3", "332"]),
                    ([123456], ["123", "456", "3456"]),
                    ([90, 12091], ["12", "91"]),
                    ([200, 99], ["21"]),
                    ([1234567, 123456], ["1234567", "12", "3456", "345678"]),
                    ([123, 1123], ["123", "1"]),
                    ([1234567, 123451], ["1234", "12345", "123456"]),
                    ([321, 12, 321], ["21", "1"]),
                )
            ],
        ),
        Check(
            "tokens of a text",
            "count_tokens",
            texts(),
            edges=[
                ("lower newest", VOCABULARY),
                ("", VOCABULARY),
                ("xyz", VOCABULARY),
                ("abc", {}),
                ("aab", number_tokens(["a", "aa", "ab"])),
                ("bbab", number_tokens(["ab"])),
                ("abcde", number_tokens(["ab", "abc", "cde"])),
                ("The cat, the CAT", CAPITALS),
                ("THE CAT, Cat!", CAPITALS),
                (" the  cat\n", CAPITALS),
                ("abcdefg abcdefgh", number_tokens(["abcdefgh", "ab", "g a"])),
                ("the the the", CAPITALS),
                ("a b", number_tokens(["ab"])),
            ],
        ),
        Check(
            "tokens per word",
            "fertility_score",
            texts(words=True),
            edges=[
                ("lower newest", VOCABULARY),
                ("a  b", number_tokens(["a"])),
                ("a\nb\tc", number_tokens(["a"])),
                (" a a ", number_tokens(["a"])),
                ("a a a", number_tokens(["a"])),
                ("a", number_tokens(["a"])),
                ("a b", number_tokens(["ab"])),
                ("The cat, the CAT!", CAPITALS),
                ("well-known: it's me", number_tokens(["well", "known", "-"])),
                ("one two three four five six seven", number_tokens(["one", "two", " "])),
                ("  ", VOCABULARY),
                ("", VOCABULARY),
                ("\n ", CAPITALS),
            ],
        ),
    ],
    mistakes=MISTAKES,
)
