"""Byte-pair encoding: merge the most common pair of neighboring symbols into a new symbol, again and again.

The symbols are single characters at first. In every round, all pairs of neighboring symbols are counted, and the most
common pair is replaced by one new symbol everywhere. In the end frequent words are one token and rare words are a few
tokens, and no word is unknown if all its characters are known. Source: Sennrich, Haddow and Birch, "Neural machine
translation of rare words with subword units", ACL 2016, algorithm 1.

If several pairs are equally common, `get_merges` takes the alphabetically first pair, and `train_byte_pairs` takes the
pair whose symbols are oldest, as Hugging Face's ``tokenizers`` does.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Pair = tuple[str, str]


def count_pairs(words: Mapping[tuple[str, ...], int]) -> Counter[Pair]:
    """Count the pairs of neighboring symbols, given each word (as symbols) and how often it occurs.

    Examples
    --------
    >>> count_pairs({("a", "b", "a", "b"): 2})
    Counter({('a', 'b'): 4, ('b', 'a'): 2})
    """
    counts: Counter[Pair] = Counter()
    for symbols, times in words.items():
        for pair in itertools.pairwise(symbols):
            counts[pair] += times
    return counts


def merge_pair(symbols: Sequence[str], pair: Pair) -> list[str]:
    """Replace every occurrence of ``pair`` by one symbol, from left to right.

    Examples
    --------
    >>> merge_pair(["a", "a", "a", "b"], ("a", "a"))
    ['aa', 'a', 'b']
    """
    merged: list[str] = []
    place = 0
    while place < len(symbols):
        if tuple(symbols[place : place + 2]) == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(symbols[place])
            place += 1
    return merged


def get_merges(corpus: str, num_merges: int) -> list[list[str]]:
    """Return the first merges of a text that is treated as one long word.

    Parameters
    ----------
    corpus : str
        The text.
    num_merges : int
        The largest number of merges; fewer are returned if nothing is left to merge.

    Returns
    -------
    list of [str, str]
        The merged pairs in order; of equally common pairs, the alphabetically first.

    Examples
    --------
    >>> get_merges("aaabab", 3)
    [['a', 'a'], ['a', 'b'], ['aa', 'ab']]
    """
    symbols = list(corpus)
    merges: list[list[str]] = []
    for _ in range(num_merges):
        counts = count_pairs({tuple(symbols): 1})
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        symbols = merge_pair(symbols, best)
        merges.append(list(best))
    return merges


def train_byte_pairs(words: Mapping[str, int], vocabulary_size: int) -> tuple[dict[str, int], list[Pair]]:
    """Learn a vocabulary and its merges from words and how often each occurs.

    Parameters
    ----------
    words : mapping of str to int
        Each distinct word and how often it occurs; no merge crosses the end of a word.
    vocabulary_size : int
        The number of symbols, including single characters. All characters are kept, even if there are more of them.

    Returns
    -------
    vocabulary : dict of str to int
        Each symbol's number: first the characters, sorted, then the merged symbols in the order of their merges.
    merges : list of (str, str)
        The merged pairs in order.

    Examples
    --------
    >>> vocabulary, merges = train_byte_pairs({"low": 5, "lower": 2, "newest": 6}, 12)
    >>> merges
    [('w', 'e'), ('l', 'o'), ('e', 'we'), ('n', 'ewe')]
    """
    characters = sorted({character for word in words for character in word})
    vocabulary = {character: number for number, character in enumerate(characters)}
    split = Counter({tuple(word): times for word, times in words.items()})
    merges: list[Pair] = []
    while len(vocabulary) < vocabulary_size:
        counts = count_pairs(split)
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], vocabulary[pair[0]], vocabulary[pair[1]]))
        vocabulary.setdefault(best[0] + best[1], len(vocabulary))
        merges.append(best)
        split = Counter({tuple(merge_pair(symbols, best)): times for symbols, times in split.items()})
    return vocabulary, merges


def encode(word: str, merges: Iterable[Sequence[str]]) -> list[str]:
    """Split a word into symbols by applying the merges in the order in which training made them.

    Examples
    --------
    >>> encode("lowest", [("l", "o"), ("lo", "w"), ("e", "s")])
    ['low', 'es', 't']
    """
    ranks = {(pair[0], pair[1]): rank for rank, pair in reversed(list(enumerate(merges)))}
    symbols = list(word)
    while True:
        present = [pair for pair in itertools.pairwise(symbols) if pair in ranks]
        if not present:
            return symbols
        symbols = merge_pair(symbols, min(present, key=ranks.__getitem__))


def decode(symbols: Iterable[str]) -> str:
    """Join symbols into a text.

    Examples
    --------
    >>> decode(["low", "es", "t"])
    'lowest'
    """
    return "".join(symbols)
