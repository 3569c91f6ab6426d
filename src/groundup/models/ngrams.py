"""The features of a sentence: its words, its pairs of neighboring words, and pieces of its words (character n-grams).

A pair has a meaning that its words alone do not have ("not good"). A piece is a run of three to six characters of a
word whose ends are marked (Bojanowski et al., "Enriching word vectors with subword information", TACL 2017). Through
pieces, what was learned about "boring" also applies to "bored" and to words that did not occur in training. Every
distinct word, pair and piece of a sentence is one *feature*. A feature counts once, however often it occurs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int

from groundup.steps.c5_words.vocabulary import PADDING, Vocabulary

SHORTEST_PIECE, LONGEST_PIECE = 3, 6


def cut_pieces(word: str) -> list[str]:
    """Return the runs of 3 to 6 characters of a word whose ends are marked by ``<`` and ``>``.

    Examples
    --------
    >>> cut_pieces("dull")
    ['<du', 'dul', 'ull', 'll>', '<dul', 'dull', 'ull>', '<dull', 'dull>', '<dull>']
    """
    marked = f"<{word}>"
    lengths = range(SHORTEST_PIECE, LONGEST_PIECE + 1)
    return [marked[start : start + length] for length in lengths for start in range(len(marked) - length + 1)]


@dataclass(frozen=True)
class Occurrences:
    """Where features occur: ``feature[i]`` covers the word at position ``place[i]`` of sentence ``sentence[i]``.

    A pair has two entries i, one for each of its words.
    """

    sentence: Int[np.ndarray, " row"]
    place: Int[np.ndarray, " row"]
    feature: Int[np.ndarray, " row"]


class NgramFeatures:
    """The features of a text, numbered: words as in the vocabulary, then pairs, then pieces.

    Parameters
    ----------
    vocabulary : Vocabulary
        The known words.
    pairs : array of int64
        The known pairs, sorted. A pair is stored as ``first · len(vocabulary) + second``; the beginning and the end of
        a sentence count as word 0.

    Attributes
    ----------
    groups : list of slice
        The ranges of feature numbers of the words, the pairs and the pieces.
    """

    def __init__(self, vocabulary: Vocabulary, pairs: Int[np.ndarray, " pair"]) -> None:
        self.vocabulary, self.pairs = vocabulary, pairs
        self.pieces: dict[str, int] = {}
        known = [[self.pieces.setdefault(p, len(self.pieces)) for p in cut_pieces(w)] for w in vocabulary.words]
        # One row per word number; padding and the unknown word have no pieces here.
        self._pieces, self._starts = _flatten([[], *known, []])
        bounds = np.cumsum([0, len(vocabulary), len(pairs), len(self.pieces)])
        self.groups = [slice(int(low), int(high)) for low, high in itertools.pairwise(bounds)]

    @classmethod
    def learn(cls, sentences: Iterable[Sequence[str]]) -> NgramFeatures:
        """Create the features from all words, pairs and pieces of sentences given as lists of words."""
        sentences = list(sentences)
        vocabulary = Vocabulary(word for words in sentences for word in words)
        features = cls(vocabulary, np.empty(0, np.int64))
        return cls(vocabulary, np.unique(features._encode(sentences).pairs))

    def __len__(self) -> int:
        """Count the features."""
        return self.groups[-1].stop

    def find(self, sentences: Sequence[Sequence[str]]) -> Occurrences:
        """Find every known feature in sentences given as lists of words."""
        encoded = self._encode(sentences)
        kept = encoded.words != self.vocabulary.unknown
        words = Occurrences(encoded.sentence[kept], encoded.place[kept], encoded.words[kept])
        return _join([words, self._find_pairs(encoded), self._find_pieces(encoded, sentences)])

    def _encode(self, sentences: Sequence[Sequence[str]]) -> _Encoded:
        numbers, unknown = self.vocabulary.numbers, self.vocabulary.unknown
        words, starts = _flatten([[numbers.get(word, unknown) for word in words] for words in sentences])
        return _Encoded(words, starts, len(self.vocabulary))

    def _find_pairs(self, encoded: _Encoded) -> Occurrences:
        if not len(self.pairs):
            return _join([])
        at = np.searchsorted(self.pairs, encoded.pairs)
        at[at == len(self.pairs)] = 0
        known = self.pairs[at] == encoded.pairs
        feature = self.groups[1].start + at
        rows = [
            Occurrences(encoded.pair_sentence[kept], encoded.pair_place[kept] + shift, feature[kept])
            # The pair's first word is not the sentence's beginning; its second is not the sentence's end.
            for shift, kept in ((-1, known & ~encoded.opens), (0, known & ~encoded.closes))
        ]
        return _join(rows)

    def _find_pieces(self, encoded: _Encoded, sentences: Sequence[Sequence[str]]) -> Occurrences:
        first, last = self._starts[encoded.words], self._starts[encoded.words + 1]
        counts = last - first
        row = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        pieces = self._pieces[first[row] + within]
        found = [Occurrences(encoded.sentence[row], encoded.place[row], self.groups[2].start + pieces)]
        for index in np.flatnonzero(encoded.words == self.vocabulary.unknown):
            sentence, place = int(encoded.sentence[index]), int(encoded.place[index])
            known = [self.pieces[p] for p in cut_pieces(sentences[sentence][place]) if p in self.pieces]
            feature = self.groups[2].start + np.array(known, np.int64)
            found.append(Occurrences(np.full(len(known), sentence), np.full(len(known), place), feature))
        return _join(found)


@dataclass(frozen=True)
class _Encoded:
    """Encoded sentences, concatenated; sentence i begins at ``starts[i]``."""

    words: Int[np.ndarray, " word"]
    starts: Int[np.ndarray, " bound"]
    vocabulary_size: int

    @cached_property
    def lengths(self) -> Int[np.ndarray, " sentence"]:
        return np.diff(self.starts)

    @cached_property
    def sentence(self) -> Int[np.ndarray, " word"]:
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def place(self) -> Int[np.ndarray, " word"]:
        return np.arange(len(self.words)) - np.repeat(self.starts[:-1], self.lengths)

    @cached_property
    def pair_sentence(self) -> Int[np.ndarray, " pair"]:
        # With its two ends, a sentence of n words has n + 1 pairs; an empty sentence has none.
        return np.repeat(np.arange(len(self.lengths)), self.lengths + (self.lengths > 0))

    @cached_property
    def pair_place(self) -> Int[np.ndarray, " pair"]:
        counts = self.lengths + (self.lengths > 0)
        return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)

    @cached_property
    def opens(self) -> np.ndarray:
        return self.pair_place == 0

    @cached_property
    def closes(self) -> np.ndarray:
        return self.pair_place == self.lengths[self.pair_sentence]

    @cached_property
    def pairs(self) -> Int[np.ndarray, " pair"]:
        first = np.full(len(self.pair_place), PADDING)
        second = np.full(len(self.pair_place), PADDING)
        first[~self.opens] = self.words
        second[~self.closes] = self.words
        return first * self.vocabulary_size + second


def _flatten(rows: Sequence[Sequence[int]]) -> tuple[Int[np.ndarray, " item"], Int[np.ndarray, " bound"]]:
    starts = np.cumsum([0, *map(len, rows)])
    return np.fromiter((item for row in rows for item in row), np.int64, int(starts[-1])), starts


def _join(parts: Sequence[Occurrences]) -> Occurrences:
    def joined(name: str) -> Int[np.ndarray, " row"]:
        return np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])

    return Occurrences(joined("sentence"), joined("place"), joined("feature"))
