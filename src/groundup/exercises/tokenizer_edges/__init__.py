"""What a tokenizer does at the edges: numbers, counts, fertility."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step."""
    return {name: getattr(step, name) for name in ("tokenize_numbers", "count_tokens", "fertility_score")}


def number_tokens(tokens: Iterable[str]) -> dict[str, int]:
    """Return a vocabulary of tokens as the course gives it: token → number."""
    return {token: number for number, token in enumerate(tokens)}


def large() -> tuple[str, None, Case]:
    """Return a text of 2,400 characters and a vocabulary of ten tokens."""
    return (
        "count_tokens",
        None,
        (
            "the cat sat on the mat. " * 100,
            number_tokens(["the", "cat", " cat", "sat", " sat", "on", " the ", "mat", "at", ". "]),
        ),
    )


DIGITS = st.lists(st.text("123", min_size=1, max_size=3), max_size=5, unique=True).map(number_tokens)
PIECES = st.lists(st.text("ab ", min_size=1, max_size=3), max_size=5, unique=True).map(number_tokens)
TEXTS = st.text("ab ", max_size=10)
GREEDY = "tokenize_greedily"
VOCABULARY = number_tokens(["low", "er", "lower", "new", "est", " "])

exercise = Exercise(
    name="tokenizer-edges",
    title="A tokenizer's edges",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.tokenizer_edges"],
    reference=reference,
    entries={name: [name] for name in ("tokenize_numbers", "count_tokens", "fertility_score")},
    rounding=4,
    large=large,
    after=["byte-pair"],
    checks=[
        Check(
            "numbers cut into tokens",
            "tokenize_numbers",
            st.tuples(st.lists(st.integers(0, 9999), max_size=4), DIGITS),
            edges=[
                (numbers, number_tokens(tokens))
                for numbers, tokens in (
                    ([123, 1234], ["12", "123", "34"]),
                    ([], ["1"]),
                    ([7, 77], []),
                    ([3332], ["33", "3", "332"]),
                    ([123456], ["123", "456", "3456"]),
                    ([90, 12091], ["12", "91"]),
                )
            ],
        ),
        Check(
            "tokens of a text",
            "count_tokens",
            st.tuples(TEXTS, PIECES),
            edges=[
                ("lower newest", VOCABULARY),
                ("", VOCABULARY),
                ("xyz", VOCABULARY),
                ("aab", number_tokens(["a", "aa", "ab"])),
                ("bbab", number_tokens(["ab"])),
            ],
        ),
        Check(
            "tokens a word",
            "fertility_score",
            st.tuples(TEXTS, PIECES),
            edges=[
                ("lower newest", VOCABULARY),
                ("", VOCABULARY),
                ("  ", VOCABULARY),
                ("a  b", number_tokens(["a"])),
                ("a a a", number_tokens(["a"])),
            ],
        ),
    ],
    mistakes=[
        Mistake(
            "shortest match",
            "You take the shortest token that fits: greedy means the longest.",
            [Edit("length = min(longest, len(text) - place)", "length = 1", GREEDY)],
        ),
        Mistake(
            "the first match of the vocabulary",
            "You take the first token of the vocabulary that fits. Its order says nothing: of all that fit, take the longest.",
            [
                Edit(
                    "while length > 1 and text[place : place + length] not in tokens:\n            length -= 1",
                    "length = next((len(token) for token in vocabulary if text.startswith(token, place)), 1)",
                    GREEDY,
                )
            ],
        ),
        Mistake(
            "the rest after an unknown character in one piece",
            "Where no token fits you take all that is left as one piece. Only the one character stands alone; behind it, go on looking.",
            [Edit("max(length, 1)", "(length if text[place : place + length] in tokens else len(text))", GREEDY)],
        ),
        Mistake(
            "unknown characters dropped",
            "Where no token fits you drop the character: it stands alone, as a token of its own, so that nothing of the text is lost.",
            [Edit("return found", "return [token for token in found if token in tokens]", GREEDY)],
        ),
        Mistake(
            "characters dropped that a token begins with",
            "A token may begin with a character and still not fit: of “21” alone, nothing fits at the 2 of 200. You drop such a character. "
            "Where no token fits, the single character stands alone.",
            [
                Edit(
                    "return found",
                    "return [one for one in found if one in tokens or not any(token.startswith(one) for token in tokens)]",
                    GREEDY,
                )
            ],
        ),
        Mistake(
            "a token expected wherever one begins",
            "A token may begin with a character and still not fit: of “21” alone, nothing fits at the 2 of 200. There you look for the "
            "longest of no tokens at all. Where no token fits, the single character stands alone.",
            [
                Edit(
                    "text[place : place + max(length, 1)]",
                    "max((token for token in tokens if text.startswith(token, place)), key=len) "
                    "if any(token.startswith(text[place]) for token in tokens) else text[place]",
                    GREEDY,
                )
            ],
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
            "numbers not written out",
            "A number has no characters: write it as text first, with str.",
            [Edit("str(number)", "number", "tokenize_numbers")],
        ),
        Mistake(
            "how many tokens instead of which",
            "You return how many tokens each number has: return the tokens themselves.",
            [
                Edit(
                    "tokenize_greedily(str(number), vocabulary)",
                    "len(tokenize_greedily(str(number), vocabulary))",
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
            "You divide words by tokens. Fertility is the number of tokens divided by the number of words.",
            [
                Edit(
                    "count_tokens(text, vocabulary) / words if words",
                    "words / count_tokens(text, vocabulary) if words",
                    "fertility_score",
                )
            ],
        ),
        Mistake(
            "rounded down",
            "You divide with //, which cuts the fraction off: divide with /.",
            [Edit("vocabulary) / words", "vocabulary) // words", "fertility_score")],
        ),
        Mistake(
            "different words counted",
            "You count a word that occurs twice only once: divide by all the words.",
            [Edit("text.split()", "set(text.split())", "fertility_score")],
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
