"""A vocabulary of characters: built, and used both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.exercises.vocabulary.mistakes import MISTAKES
from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Exercise, Observation


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step's class as the course's three functions; a mistake may ask for other dictionaries."""

    def build_vocab(text: str) -> Any:
        characters = step.CharacterVocabulary(text)
        # The step keeps a list of characters: its dictionary tells where counting begins.
        first = 1 + max(characters.numbers.values(), default=-1) - len(characters.characters)
        if first > 1:
            return dict(characters.numbers), {number: name for name, number in characters.numbers.items()}
        stoi, itos = dict(characters.numbers), dict(enumerate(characters.characters, start=first))
        if hasattr(characters, "listed"):
            return stoi, characters.characters
        if hasattr(characters, "twice"):
            return stoi, stoi
        return (itos, stoi) if hasattr(characters, "exchanged") else (stoi, itos)

    def with_numbers(stoi: dict[str, int]) -> Any:
        characters = step.CharacterVocabulary("")
        characters.numbers = stoi
        return characters

    def encode(text: str, stoi: dict[str, int]) -> list[int]:
        return with_numbers(stoi).encode(text)

    def decode(ids: list[int], itos: dict[int, str]) -> str:
        characters = step.CharacterVocabulary("")
        characters.characters = [itos[number] for number in sorted(itos)]
        return characters.decode(ids)

    return {"build_vocab": build_vocab, "encode": encode, "decode": decode}


CHARACTERS = "abcXYZ é!7\n\t"
TEXT = st.text(CHARACTERS, min_size=1, max_size=8) | st.text("aAbB zZ", max_size=6) | st.text(max_size=4)


NOT_YET = "not all three are written yet"


def go_round(answer: Answer, text: str) -> Any:
    """Return a text, encoded with its own vocabulary, and decoded again."""
    if not all(answer.has(name) for name in ("build_vocab", "encode", "decode")):
        return Observation(NOT_YET, context=NOT_YET)
    stoi, itos = answer.call("build_vocab", text)
    numbers = answer.call("encode", text, stoi)
    return {"ids": [int(number) for number in numbers], "text again": answer.call("decode", numbers, itos)}


@dataclass(frozen=True)
class ThereAndBack(Check):
    """Finds nothing wrong as long as one of the three is missing, which the verdict says anyway."""

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the numbers and the text."""
        yield NOT_YET if context == NOT_YET else self.observe(candidate, case)


def observe(answer: Answer, text: str) -> Observation:
    """Return both dictionaries, and keep them for `Dictionaries`."""
    result = answer.call("build_vocab", text)
    return Observation(result, context=result)


@dataclass(frozen=True)
class Dictionaries(Check):
    """Notices two dictionaries in another order, one alone, and characters in another order."""

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say which."""
        stoi, itos = candidate.call("build_vocab", *case)
        if isinstance(context, dict):
            return ["It returns one dictionary. Return two in a tuple: character → number, and number → character."]
        if not isinstance(context, tuple | list) or len(context) != 2:
            return []
        if tuple(context) == (itos, stoi):
            return ["The two dictionaries are right, but in the other order: character → number comes first."]
        ours, back = context
        if not isinstance(ours, dict) or not isinstance(back, dict):
            return ["A dictionary is asked for in both places: character → number, and number → character."]
        if ours.keys() == stoi.keys() and set(ours.values()) == set(stoi.values()):
            told = [
                "Each character has one number of its own, but not the one that is asked for. A set has no "
                "order: sort it first."
            ]
            return told if {number: name for name, number in ours.items()} == back else []
        return []


# Numbered in sorted order or in another: the dictionary decides.
ORDERS = ["".join(sorted(CHARACTERS)), "Zb!a é\tXc\nY7"]
STOI = {name: place for place, name in enumerate(ORDERS[0])}
OTHER_STOI = {name: ORDERS[1].index(name) for name in "7!X\tacZ\néYb "}
ITOS, OTHER_ITOS = (dict(enumerate(names)) for names in ORDERS)
KNOWN = st.text(CHARACTERS, max_size=8)
LINES = "a\n b\t\n"

exercise = Exercise(
    name="vocabulary",
    title="A vocabulary of characters",
    folder=Path(__file__).parent,
    modules=["groundup.steps.c5_words.vocabulary"],
    reference=reference,
    entries={"build_vocab": ["build_vocab"], "encode": ["encode"], "decode": ["decode"]},
    checks=[
        Dictionaries(
            "both dictionaries",
            "build_vocab",
            st.tuples(TEXT),
            observer=observe,
            edges=[
                ("hello",),
                ("",),
                ("a",),
                ("aaa",),
                ("Hello, World! 12",),
                ("Ba",),
                ("aBbA",),
                (LINES,),
                (" x ",),
                ("zzyx zy",),
            ],
        ),
        Check(
            "text to numbers",
            "encode",
            st.tuples(KNOWN, st.sampled_from([STOI, OTHER_STOI])),
            edges=[("", STOI), ("cab", STOI), ("X a!", OTHER_STOI), (LINES, OTHER_STOI), ("Zaa", OTHER_STOI)],
            examples=20,
        ),
        Check(
            "numbers to text",
            "decode",
            st.tuples(st.lists(st.integers(0, len(CHARACTERS) - 1), max_size=6), st.sampled_from([ITOS, OTHER_ITOS])),
            edges=[([], ITOS), ([0, 0, 1], ITOS), ([4, 0, 3, 4], OTHER_ITOS), ([7], OTHER_ITOS)],
            examples=20,
        ),
        ThereAndBack(
            "there and back",
            "encode",
            st.tuples(TEXT),
            observer=go_round,
            edges=[("hello",), (LINES,), ("Hello, World! ",)],
            examples=15,
            arguments=("text",),
        ),
    ],
    mistakes=MISTAKES,
)
