"""Byte-pair encoding: common pairs of neighbours become symbols of their own, again and again.

Start from single characters; count every pair of neighbouring symbols; write the most common pair as one new symbol
everywhere; repeat. Frequent words end as one token, rare ones as a few, and no word is ever unknown as long as its
characters are known. Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword
units", ACL 2016, algorithm 1.

Pairs that are equally common need a rule: `get_merges` takes the alphabetically smallest pair, `train_byte_pairs`
the pair whose symbols are oldest, as Hugging Face's ``tokenizers`` does.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

Pair = tuple[str, str]


def count_pairs(words: Mapping[tuple[str, ...], int]) -> Counter[Pair]:
    """Count neighbouring symbols in words that occur so many times each.

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
    """Write every occurrence of ``pair`` as one symbol, from the left.

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
    """Return the first merges of a text taken as one long word.

    Parameters
    ----------
    corpus : str
        The text.
    num_merges : int
        How many merges at most; fewer where nothing is left to merge.

    Returns
    -------
    list of [str, str]
        The merged pairs in order; of equally common pairs the alphabetically smallest.

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
        A text already split into words; no merge crosses a word's end.
    vocabulary_size : int
        How many symbols, single characters included. All characters are kept even where they are more.

    Returns
    -------
    vocabulary : dict of str to int
        Each symbol's number: characters first, sorted, then the merged symbols by age.
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
    """Split a word into symbols: of the pairs in it, the one merged first in training is merged first.

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
    """Put symbols together again.

    Examples
    --------
    >>> decode(["low", "es", "t"])
    'lowest'
    """
    return "".join(symbols)
