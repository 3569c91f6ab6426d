"""A vocabulary of characters: built, and used both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.judge.answer import Answer
from groundup.judge.exercise import Case, Check, Edit, Exercise, Mistake, Observed


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step's class as the course's three functions."""

    def build_vocab(text: str) -> Any:
        characters = step.CharacterVocabulary(text)
        # The step keeps a list of characters: its dictionary tells where counting begins.
        first = 1 + max(characters.numbers.values(), default=-1) - len(characters.characters)
        return dict(characters.numbers), dict(enumerate(characters.characters, start=first))

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


TEXT = st.text("abcXZ é!\n", min_size=1, max_size=8)


NOT_YET = "not all three are written yet"


def go_round(answer: Answer, text: str) -> Any:
    """Return a text, encoded with its own vocabulary, and decoded again."""
    if not all(answer.has(name) for name in ("build_vocab", "encode", "decode")):
        return Observed(NOT_YET, context=NOT_YET)
    stoi, itos = answer.call("build_vocab", text)
    numbers = answer.call("encode", text, stoi)
    return {"ids": [int(number) for number in numbers], "text again": answer.call("decode", numbers, itos)}


@dataclass(frozen=True)
class ThereAndBack(Check):
    """Finds nothing wrong as long as one of the three is missing, which the verdict says anyway."""

    def expect(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:
        """Yield the numbers and the text."""
        yield NOT_YET if context == NOT_YET else self.look(candidate, case)


def look(answer: Answer, text: str) -> Observed:
    """Return both dictionaries, and keep them for `Dictionaries`."""
    result = answer.call("build_vocab", text)
    return Observed(result, context=result)


@dataclass(frozen=True)
class Dictionaries(Check):
    """Notices two dictionaries in another order, one alone, and characters in another order."""

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:
        """Say which."""
        stoi, itos = candidate.call("build_vocab", *case)
        if isinstance(context, dict):
            return ["It returns one dictionary. Two are asked for, in a tuple: character → number, number → character."]
        if not isinstance(context, tuple | list) or len(context) != 2:
            return []
        if tuple(context) == (itos, stoi):
            return ["The two dictionaries are right, but in the other order: character → number comes first."]
        ours, back = context
        if not isinstance(ours, dict) or not isinstance(back, dict):
            return ["A dictionary is asked for in both places: character → number, and number → character."]
        if ours.keys() == stoi.keys() and set(ours.values()) == set(stoi.values()):
            told = [
                "Each character has one number of its own, but another than is asked for. A set has no order: sort it first."
            ]
            return told if {number: name for name, number in ours.items()} == back else []
        return []


NAMES = sorted(set("abcXZ é!\n"))
STOI, ITOS = {name: place for place, name in enumerate(NAMES)}, dict(enumerate(NAMES))
BUILD = "CharacterVocabulary.__init__"
ENCODE, DECODE = "CharacterVocabulary.encode", "CharacterVocabulary.decode"

exercise = Exercise(
    name="vocabulary",
    title="A vocabulary of characters",
    room="text",
    folder=Path(__file__).parent,
    modules=["groundup.steps.vocabulary"],
    reference=reference,
    entries={"build_vocab": ["build_vocab"], "encode": ["encode"], "decode": ["decode"]},
    checks=[
        Dictionaries(
            "both dictionaries", "build_vocab", st.tuples(TEXT), observe=look, edges=[("hello",), ("",), ("aaa",)]
        ),
        Check(
            "text to numbers", "encode", st.tuples(TEXT, st.just(STOI)), edges=[("", STOI), ("cab", STOI)], examples=20
        ),
        Check(
            "numbers to text",
            "decode",
            st.tuples(st.lists(st.integers(0, len(NAMES) - 1), max_size=6), st.just(ITOS)),
            edges=[([], ITOS), ([0, 0, 1], ITOS)],
            examples=20,
        ),
        ThereAndBack(
            "there and back",
            "encode",
            st.tuples(TEXT),
            observe=go_round,
            edges=[("hello",)],
            examples=15,
            arguments=("text",),
        ),
    ],
    mistakes=[
        Mistake(
            "not sorted",
            "You number the characters in the order in which they appear: sort them first.",
            [Edit("sorted(set(text))", "list(dict.fromkeys(text))", BUILD)],
        ),
        Mistake(
            "sorted backwards",
            "You sort the characters backwards.",
            [Edit("sorted(set(text))", "sorted(set(text), reverse=True)", BUILD)],
        ),
        Mistake(
            "repeated characters kept",
            "You number every occurrence: a character that occurs twice has one number. Make a set of them first.",
            [Edit("sorted(set(text))", "sorted(text)", BUILD)],
        ),
        Mistake(
            "numbered from 1",
            "You number the characters from 1. There is no padding here: the first character is 0.",
            [Edit("enumerate(self.characters)", "enumerate(self.characters, start=1)", BUILD)],
        ),
        Mistake(
            "numbered by frequency",
            "You give the commonest character the number 0. The characters are numbered in their sorted order.",
            [
                Edit(
                    "sorted(set(text))",
                    "sorted(dict.fromkeys(text), key=lambda character: -text.count(character))",
                    BUILD,
                )
            ],
        ),
        Mistake(
            "words instead of characters",
            "You number the words: the tokens here are single characters.",
            [Edit("sorted(set(text))", "sorted(set(text.split()))", BUILD)],
        ),
        Mistake(
            "lower-cased",
            "You turn everything into small letters: “X” and “x” are two characters.",
            [Edit("sorted(set(text))", "sorted(set(text.lower()))", BUILD)],
        ),
        Mistake(
            "white space left out",
            "You leave white space out: a space and a line end are characters like others.",
            [Edit("sorted(set(text))", "sorted(set(text) - set(' \\n'))", BUILD)],
        ),
        Mistake(
            "repeated characters encoded once",
            "You encode a repeated character only once: a text of five characters becomes five numbers.",
            [Edit("for character in text]", "for character in dict.fromkeys(text)]", ENCODE)],
        ),
        Mistake(
            "encoded backwards",
            "Your numbers stand in reverse order.",
            [Edit("for character in text]", "for character in text[::-1]]", ENCODE)],
        ),
        Mistake(
            "encoded numbers sorted",
            "You sort the numbers: they stand in the order of the text.",
            [Edit("for character in text]", "for character in sorted(text)]", ENCODE)],
        ),
        Mistake(
            "white space at the ends left out",
            "You strip the text before you encode it: white space at its ends is text, too.",
            [Edit("for character in text]", "for character in text.strip()]", ENCODE)],
        ),
        Mistake(
            "decoded backwards",
            "Your text comes out back to front.",
            [Edit("for number in numbers)", "for number in numbers[::-1])", DECODE)],
        ),
        Mistake(
            "spaces between the characters",
            "You join the characters with spaces: join them with nothing.",
            [Edit('"".join', '" ".join', DECODE)],
        ),
        Mistake(
            "a list instead of text",
            "You return a list of characters: join them to one text.",
            [
                Edit(
                    '"".join(self.characters[number] for number in numbers)',
                    "[self.characters[number] for number in numbers]",
                    DECODE,
                )
            ],
        ),
        Mistake(
            "decoded numbers repeated once",
            "You decode a repeated number only once.",
            [Edit("for number in numbers)", "for number in dict.fromkeys(numbers))", DECODE)],
        ),
    ],
)
