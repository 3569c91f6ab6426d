"""What the lesson on tokens shows."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from groundup.base.errors import UserError
from groundup.data.texts.labelled_texts import STARTER_NAME, load_splits
from groundup.data.texts.words import split_words
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.views import Slider, TextBox, View
from groundup.steps.c5_words.batches import take_windows
from groundup.steps.c5_words.byte_pair import Pair, count_pairs, encode, merge_pair, train_byte_pairs
from groundup.steps.c5_words.vocabulary import CharacterVocabulary, Vocabulary, pad

LONGEST = 120
MOST_MERGES = 200
SHOWN_PAIRS = 6


def _check(text: str, longest: int = LONGEST) -> str:
    if not text.strip():
        raise UserError("Type a text: there is nothing to cut yet.")
    if len(text) > longest:
        raise UserError(f"This text has {len(text)} characters. Use at most {longest}, so that it fits on the page.")
    return text


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def rank_pairs(symbols: list[str]) -> list[tuple[Pair, int]]:
    """Return all pairs of neighbors with their counts, in the order in which they would be merged."""
    return sorted(count_pairs({tuple(symbols): 1}).items(), key=lambda item: (-item[1], item[0]))


def compute_merges(text: str, merges: int) -> dict[str, Any]:
    """Merge the most frequent pair of neighbors in a text, again and again.

    Parameters
    ----------
    text : str
        At most 120 characters; it is treated as one long word, spaces included.
    merges : int
        How many merges are done; fewer where nothing is left to merge.

    Returns
    -------
    dict
        ``symbols``: the text, cut; ``starts``: where each symbol begins in the text; ``fresh``: the places of the
        symbols that the last merge made; ``next``: the places of the symbols that the next merge joins with their right
        neighbors; ``pairs``: the most frequent pairs, each with its count; ``done``: the symbols made so far, in order;
        ``lengths``: the number of symbols after each merge, from 0 merges on; ``origins``: where each pair stands.
    """
    symbols = list(_check(text))
    done: list[str] = []
    lengths = [len(symbols)]
    for _ in range(merges):
        ranked = rank_pairs(symbols)
        if not ranked:
            break
        pair = ranked[0][0]
        symbols = merge_pair(symbols, pair)
        done.append("".join(pair))
        lengths.append(len(symbols))
    ranked = rank_pairs(symbols)
    following = ranked[0][0] if ranked else None
    joined, place = [], 0
    while following and place < len(symbols) - 1:
        found = (symbols[place], symbols[place + 1]) == following
        if found:
            joined.append(place)
        place += 2 if found else 1
    starts = [sum(map(len, symbols[:place])) for place in range(len(symbols))]
    size = len(set(text)) + len(set(done) - set(text))
    verb = "is" if lengths[0] == 1 else "are"
    next_words = f" Next: “{following[0]}” and “{following[1]}”, {_count(ranked[0][1], 'time')}." if following else ""
    return {
        "origins": {
            f"pair{number}": trace_sum(
                f"“{a}” before “{b}”",
                count,
                *([Factor(f"at symbol {place + 1}", 1.0, f"symbol{place}")] for place in find_pair(symbols, (a, b))),
            )
            for number, ((a, b), count) in enumerate(ranked[:SHOWN_PAIRS])
        },
        "text": text,
        "symbols": symbols,
        "starts": starts,
        "fresh": [place for place, symbol in enumerate(symbols) if done and symbol == done[-1]],
        "next": joined,
        "pairs": [{"left": a, "right": b, "count": count} for (a, b), count in ranked[:SHOWN_PAIRS]],
        "done": done,
        "lengths": lengths,
        "vocabulary": size,
        "says": f"After {_count(len(done), 'merge')}, {_count(lengths[0], 'character')} "
        f"{verb} {_count(len(symbols), 'symbol')}, and the vocabulary has {_count(size, 'symbol')}.{next_words}",
    }


def find_pair(symbols: list[str], pair: tuple[str, str]) -> list[int]:
    """Return the places of a pair's left symbols."""
    return [place for place in range(len(symbols) - 1) if (symbols[place], symbols[place + 1]) == pair]


def compute_table(sentences: str, asked: str) -> dict[str, Any]:
    """Give the words of some sentences numbers, and encode another sentence with these numbers.

    Parameters
    ----------
    sentences : str
        At most six, with a slash between them.
    asked : str
        The sentence to encode.

    Returns
    -------
    dict
        ``vocabulary``: the words in order, from id 1; ``tensor``: the sentences as ids, filled up with 0, array (B, T);
        ``rows``: the words of each sentence; ``asked``: each word with its ``id`` and whether it is ``known``;
        ``unknown``: the id of unknown words.
    """
    lines = [line for line in _check(sentences).split("/") if line.strip()]
    if not 1 <= len(lines) <= 6 or max(len(line.split()) for line in lines) > 10:
        raise UserError("Use 1 to 6 sentences of at most 10 words, so that the table fits on the page.")
    if asked.strip():
        _check(asked)
    vocabulary = Vocabulary(lines)
    words = asked.split()
    unknown = [word for word in words if word not in vocabulary.numbers]
    text = f"The vocabulary has {_count(len(vocabulary.words), 'word')}; with padding and the unknown word there are "
    text += f"V = {len(vocabulary)} ids. The encoded sentence: {vocabulary.encode(asked)}."
    if unknown:
        text += f" Unknown, with the id {vocabulary.unknown}: {', '.join(dict.fromkeys(unknown))}."
    return {
        "vocabulary": vocabulary.words,
        "unknown": vocabulary.unknown,
        "rows": [line.split() for line in lines],
        "tensor": pad([vocabulary.encode(line) for line in lines]),
        "asked": [
            {"word": word, "id": number, "known": word in vocabulary.numbers}
            for word, number in zip(words, vocabulary.encode(asked), strict=True)
        ],
        "says": text,
    }


@cache
def load_words() -> Counter[str]:
    """Return the words and punctuation marks of the built-in training sentences, and how often each occurs."""
    return Counter(word for text in load_splits(STARTER_NAME).train.texts for word in split_words(text))


@cache
def load_merges() -> list[Pair]:
    """Return the first 200 merges on the words of the built-in training sentences; it takes about a second."""
    words = load_words()
    return train_byte_pairs(words, len(set("".join(words))) + MOST_MERGES)[1]


def compute_cuts(text: str, merges: int) -> dict[str, Any]:
    """Cut a text into characters, pieces and words.

    Parameters
    ----------
    text : str
        At most 120 characters.
    merges : int
        0 to 200: how many of the merges are used that were learned on the built-in sentences.

    Returns
    -------
    dict
        ``rows``: for characters, pieces and words their ``name``, their ``tokens``, each with its ``text``, its
        ``start`` in the text and whether it is ``known``, and the size of the ``vocabulary``; ``fertility``: pieces per
        word.
    """
    text = _check(text)
    words = load_words()
    learned = load_merges()[:merges]
    letters = CharacterVocabulary("".join(words))
    known = Vocabulary([" ".join(words)])
    pieces = {*letters.characters, *("".join(pair) for pair in learned)}
    cut: dict[str, list[tuple[str, int, bool]]] = {"characters": [], "pieces": [], "words": []}
    position = 0
    for word in split_words(text):
        position = text.lower().find(word, position)
        cut["words"].append((word, position, word in known.numbers))
        cut["characters"] += [(letter, position + at, letter in letters.numbers) for at, letter in enumerate(word)]
        for piece in encode(word, learned):
            cut["pieces"].append((piece, position, piece in pieces))
            position += len(piece)
    sizes = {"characters": len(letters), "pieces": len(pieces), "words": len(known.words)}
    fertility = len(cut["pieces"]) / max(len(cut["words"]), 1)
    return {
        "text": text,
        "rows": [
            {
                "name": name,
                "vocabulary": sizes[name],
                "tokens": [{"text": token, "start": start, "known": is_known} for token, start, is_known in tokens],
            }
            for name, tokens in cut.items()
        ],
        "fertility": fertility,
        "says": f"{', '.join(_count(len(tokens), name.removesuffix('s')) for name, tokens in cut.items())}: "
        f"{fertility:.2f} pieces per word.",
    }


def compute_windows(text: str, start: int, length: int) -> dict[str, Any]:
    """Take one window of a text, and the same window moved by one token.

    Parameters
    ----------
    text : str
        Its words are the tokens.
    start : int
        Where the window begins, from 0.
    length : int
        T, the number of tokens per window.

    Returns
    -------
    dict
        ``tokens``: all tokens; ``start``; ``inputs`` and ``targets``: T tokens each; ``starts``: how many starts are
        possible.
    """
    tokens = _check(text, 200).split()
    if len(tokens) <= length:
        raise UserError(f"{len(tokens)} words are too few for a window of {length}: its last target is one word later.")
    starts = len(tokens) - length
    start = min(start, starts - 1)
    inputs, targets = take_windows(tokens, [start], length)
    return {
        "tokens": tokens,
        "start": start,
        "inputs": inputs[0],
        "targets": targets[0],
        "starts": starts,
        "says": f"{len(tokens)} tokens have {starts} windows of {length}. In window {start}, the last target is "
        f"“{targets[0][-1]}”.",
    }


VIEWS = {
    "merges": View(
        "Byte pairs, merge by merge",
        compute_merges,
        (
            TextBox("text", "a text", "banana bandana ban"),
            Slider("merges", "merges", 0, low=0, high=40, step=1, plays=True),
        ),
    ),
    "table": View(
        "Sentences as a tensor of ids",
        compute_table,
        (
            TextBox("sentences", "sentences, / between them", "the cat sat on the mat / the dog sat"),
            TextBox("asked", "a sentence to encode", "the dog sat on the cat"),
        ),
    ),
    "cuts": View(
        "One sentence, cut in three ways",
        compute_cuts,
        (
            TextBox("text", "your sentence", "the waiter was quick and very friendly"),
            Slider("merges", "merges", 50, low=0, high=MOST_MERGES, step=1),
        ),
    ),
    "windows": View(
        "A window and its targets",
        compute_windows,
        (
            TextBox("text", "a text", "to be or not to be that is the question"),
            Slider("start", "start s", 0, low=0, high=20, step=1, plays=True),
            Slider("length", "length T", 4, low=1, high=8, step=1),
        ),
    ),
}
