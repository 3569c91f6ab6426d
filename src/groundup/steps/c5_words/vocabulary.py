"""Vocabularies: every word or character of a text gets a number, because a network computes with numbers.

The distinct words of the text are sorted and numbered from 1. The number 0 is padding: it fills short sentences up to
the length of the longest. The last number is reserved for words that did not occur in the text. Characters are numbered
in the same way but from 0, because they need no padding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

PADDING = 0


class Vocabulary:
    """Words numbered from 1 in sorted order.

    Parameters
    ----------
    sentences : iterable of str
        Each is split into words at white space, and every distinct word gets a number.

    Attributes
    ----------
    words : list of str
        Sorted; ``words[i]`` has the number ``i + 1``.
    unknown : int
        The number of all other words: ``len(words) + 1``.

    Examples
    --------
    >>> vocabulary = Vocabulary(["the cat", "a cat"])
    >>> vocabulary.words
    ['a', 'cat', 'the']
    >>> vocabulary.encode("the red cat")
    [3, 4, 2]
    >>> vocabulary.decode([3, 4, 2, 0])
    'the <unknown> cat'
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        self.words = sorted({word for sentence in sentences for word in sentence.split()})
        self.numbers = {word: number for number, word in enumerate(self.words, start=1)}
        self.unknown = len(self.words) + 1

    def __len__(self) -> int:
        """Return V, the count of padding, words and the unknown word. An embedding needs V rows."""
        return len(self.words) + 2

    def encode(self, sentence: str) -> list[int]:
        """Return the number of every word; an empty sentence gives an empty list."""
        return [self.numbers.get(word, self.unknown) for word in sentence.split()]

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the words of ``numbers``, without padding.

        Raises
        ------
        ValueError
            A number belongs to no word.
        """
        return " ".join(self._word(number) for number in numbers if number != PADDING)

    def _word(self, number: int) -> str:
        if number == self.unknown:
            return "<unknown>"
        if not 1 <= number < self.unknown:
            raise ValueError(f"{number} is no word's number: they run from 1 to {self.unknown}")
        return self.words[number - 1]


def pad(sentences: Sequence[Sequence[int]], length: int | None = None) -> Int[Tensor, "batch time"]:
    """Put encoded sentences into one tensor; short sentences are filled up with `PADDING` on the right.

    Parameters
    ----------
    sentences : sequence of sequences of int
        B encoded sentences.
    length : int, optional
        T; the length of the longest sentence by default.

    Returns
    -------
    Tensor
        int64, B×T.

    Raises
    ------
    ValueError
        A sentence is longer than ``length``.

    Examples
    --------
    >>> pad([[5, 2], [7]])
    tensor([[5, 2],
            [7, 0]])
    """
    longest = max(map(len, sentences), default=0)
    length = longest if length is None else length
    if longest > length:
        raise ValueError(f"a sentence has {longest} words, more than the length {length}")
    padded = torch.full((len(sentences), length), PADDING, dtype=torch.int64)
    for row, sentence in zip(padded, sentences, strict=True):
        row[: len(sentence)] = torch.tensor(sentence, dtype=torch.int64)
    return padded


def get_dataset(positive: Sequence[str], negative: Sequence[str]) -> Int[Tensor, "batch time"]:
    """Encode labeled sentences as one tensor, the positive sentences first.

    Parameters
    ----------
    positive, negative : sequence of str
        The sentences; the vocabulary contains the words of both.

    Returns
    -------
    Tensor
        int64, B×T: B sentences; the longest has T words.

    Examples
    --------
    >>> get_dataset(["Dogecoin to the moon"], ["I will short Tesla today"])
    tensor([[1, 7, 6, 4, 0],
            [2, 9, 5, 3, 8]])
    """
    sentences = [*positive, *negative]
    vocabulary = Vocabulary(sentences)
    return pad([vocabulary.encode(sentence) for sentence in sentences])


class CharacterVocabulary:
    """Characters numbered from 0 in sorted order.

    Parameters
    ----------
    text : str
        Each of its distinct characters gets a number.

    Examples
    --------
    >>> characters = CharacterVocabulary("hello")
    >>> characters.encode("hello")
    [1, 0, 2, 2, 3]
    >>> characters.decode([1, 0, 2, 2, 3])
    'hello'
    """

    def __init__(self, text: str) -> None:
        self.characters = sorted(set(text))
        self.numbers = {character: number for number, character in enumerate(self.characters)}

    def __len__(self) -> int:
        """Return V, the number of distinct characters."""
        return len(self.characters)

    def encode(self, text: str) -> list[int]:
        """Return the number of every character.

        Raises
        ------
        ValueError
            A character has no number; the message names the first such character and its position.
        """
        for place, character in enumerate(text):
            if character not in self.numbers:
                raise ValueError(f"character {character!r} at place {place} is not in the vocabulary")
        return [self.numbers[character] for character in text]

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text of ``numbers``.

        Raises
        ------
        ValueError
            A number belongs to no character.
        """
        numbers = list(numbers)
        for number in numbers:
            if not 0 <= number < len(self.characters):
                raise ValueError(f"{number} is no character's number: they run from 0 to {len(self.characters) - 1}")
        return "".join(self.characters[number] for number in numbers)
