"""A vocabulary of words with an unknown word, and sentences as one padded table."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.calling import KEEP, call_twice
from groundup.exercises.unknown_words.mistakes import MISTAKES
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise

BUILD, ENCODE, ALL = "build_vocab", "encode", "encode_all"


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step's class as the exercise's three functions."""

    def with_numbers(vocab: dict[str, int]) -> Any:
        vocabulary = step.Vocabulary([])
        vocabulary.numbers, vocabulary.unknown = vocab, len(vocab) + 1
        return vocabulary

    def build_vocab(sentences: list[str]) -> dict[str, int]:
        return dict(step.Vocabulary(sentences).numbers)

    def encode(sentence: str, vocab: dict[str, int]) -> Any:
        return with_numbers(vocab).encode(sentence)

    def encode_all(sentences: list[str], vocab: dict[str, int]) -> Any:
        return step.pad([with_numbers(vocab).encode(sentence) for sentence in sentences])

    return {BUILD: build_vocab, ENCODE: encode, ALL: encode_all}


# No two of them differ in nothing but capitals: a sort that takes such words for equal leaves their order open.
WORDS = ["cat", "Dog", "a", "the", "sat", "on", "I", "Zoo", "good", "don't", "10", "2nd"]
KNOWN = {word: number for number, word in enumerate(sorted(["cat", "Dog", "a", "the", "sat"]), start=1)}
# Its order is not that of the words: the dictionary decides.
OTHER = {"sat": 2, "the": 1, "I": 4, "on": 3}
VOCABULARIES = st.sampled_from([KNOWN, OTHER, {"cat": 1}, {}])


def sentences(least: int, most: int) -> st.SearchStrategy[str]:
    """Draw a sentence of so many words, with white space of any kind between them."""
    gaps, ends = st.sampled_from([" ", " ", " ", "  ", "\t", "\n"]), st.sampled_from(["", "", "", " "])
    words = st.lists(st.sampled_from(WORDS), min_size=least, max_size=most)
    return st.builds(lambda start, gap, end, words: start + gap.join(words) + end, ends, gaps, ends, words)


SENTENCES = st.lists(sentences(0, 5), min_size=1, max_size=4)


def look_at_words(answer: Answer, sentences: list[str]) -> Any:
    """Return the dictionary; what stands for padding or the unknown word in it has one name, however it is spelled."""
    got = answer.call(BUILD, sentences)
    if not isinstance(got, dict):
        return got
    words = {word for sentence in sentences for word in sentence.split()}
    return {key if key in words else name_special(key): number for key, number in got.items()}


def name_special(key: Any) -> Any:
    """Return one name for all spellings of padding, one for those of the unknown word, and any other key as it is."""
    found = re.fullmatch(r"\W*(pad|unk)\w*\W*", key, re.IGNORECASE) if isinstance(key, str) else None
    return {"pad": "<pad>", "unk": "<unknown>"}[found[1].lower()] if found else key


def look_at_dictionary(answer: Answer, sentence: str, vocab: dict[str, int]) -> dict[str, str]:
    """Tell whether the dictionary that is passed in has as many words afterwards."""
    kept = answer.given(KEEP, vocab)
    answer.call(ENCODE, sentence, kept)
    same = answer.method(kept, ["__len__"]) == len(vocab)
    return {"the dictionary that is passed in": "stays as it is" if same else "is changed"}


def sizes(first: Any, *rest: Any) -> dict[str, int]:
    """Return the length of the longest sentence, and how many words the vocabulary has."""
    given = [first] if isinstance(first, str) else first
    longest = max([len(one.split()) for one in given], default=0)
    return {"T": longest, **({"V": len(rest[0])} if rest else {})}


def benchmark_case() -> tuple[str, None, Case]:
    """Return 500 sentences of up to 40 words."""
    lines = [" ".join(WORDS[(place * k) % len(WORDS)] for k in range(1 + place % 40)) for place in range(500)]
    return ALL, None, (lines, KNOWN)


exercise = Exercise(
    name="unknown-words",
    title="Unknown words and padding",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.vocabulary"],
    reference=reference,
    entries={BUILD: [BUILD], ENCODE: [ENCODE], ALL: [ALL]},
    libraries=("numpy", "torch"),
    sizes=sizes,
    benchmark_case=benchmark_case,
    checks=[
        Check(
            "the vocabulary",
            BUILD,
            st.tuples(SENTENCES),
            observer=look_at_words,
            arguments=("sentences",),
            edges=[
                (["the cat sat", "the dog"],),
                (["b a", "c"],),
                (["Zoo a", "I a a"],),
                (["a  b", "c\td"],),
                (["", "b b"],),
                ([""],),
                ([],),
                (["a c b", "c b", "c"],),
            ],
            examples=30,
        ),
        Check(
            "a sentence",
            ENCODE,
            st.tuples(sentences(0, 6), VOCABULARIES),
            edges=[
                ("the red cat", KNOWN),
                ("sat on the sofa", OTHER),
                ("", KNOWN),
                ("a", {}),
                ("  the\tcat ", KNOWN),
                ("blue red blue", {"cat": 1}),
                ("the a the Dog", KNOWN),
            ],
            examples=30,
        ),
        Check(
            "several sentences",
            ALL,
            st.tuples(SENTENCES, VOCABULARIES),
            edges=[
                (["the red cat", "a"], KNOWN),
                (["sat", "the cat sat on", ""], KNOWN),
                (["", "on on"], OTHER),
                (["one two three", "the"], {}),
                (["cat"], {"cat": 1}),
            ],
            examples=30,
        ),
        Check(
            "a second call with the same vocabulary",
            ENCODE,
            st.tuples(sentences(0, 4), VOCABULARIES),
            edges=[("the red cat", KNOWN)],
            observer=partial(call_twice, entry=ENCODE),
            arguments=("sentence", "vocab"),
            examples=4,
            repeats=True,
        ),
        Check(
            "the dictionary after the call",
            ENCODE,
            st.tuples(sentences(1, 4), VOCABULARIES),
            edges=[("the red cat", KNOWN), ("red", {})],
            observer=look_at_dictionary,
            arguments=("sentence", "vocab"),
            examples=2,
            repeats=True,
        ),
    ],
    mistakes=MISTAKES,
)
