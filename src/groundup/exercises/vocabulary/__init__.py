"""A vocabulary of characters: built, and used both ways."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from groundup.judge.answer import Answer
from groundup.judge.exercise import Check, Edit, Exercise, Mistake


def reference(step: ModuleType) -> dict[str, Any]:
    """Return the step's class as the course's three functions."""

    def build_vocab(text: str) -> Any:
        characters = step.CharacterVocabulary(text)
        return dict(characters.numbers), dict(enumerate(characters.characters))

    def with_numbers(stoi: dict[str, int]) -> Any:
        characters = step.CharacterVocabulary("")
        characters.numbers = stoi
        return characters

    def encode(text: str, stoi: dict[str, int]) -> list[int]:
        return with_numbers(stoi).encode(text)  # type: ignore[no-any-return]

    def decode(ids: list[int], itos: dict[int, str]) -> str:
        characters = step.CharacterVocabulary("")
        characters.characters = [itos[number] for number in sorted(itos)]
        return characters.decode(ids)  # type: ignore[no-any-return]

    return {"build_vocab": build_vocab, "encode": encode, "decode": decode}


TEXT = st.text("abcXZ é!\n", min_size=1, max_size=8)


def go_round(answer: Answer, text: str) -> Any:
    """Return a text, encoded with its own vocabulary, and decoded again."""
    stoi, itos = answer.call("build_vocab", text)
    numbers = answer.call("encode", text, stoi)
    return {"ids": [int(number) for number in numbers], "text again": answer.call("decode", numbers, itos)}


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
        Check("both dictionaries", "build_vocab", st.tuples(TEXT), edges=[("hello",), ("",), ("aaa",)]),
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
        Check(
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
