"""What the lesson on tokens shows."""

from __future__ import annotations

from typing import Any

from tokenizers import Tokenizer

from groundup.base.errors import UserError
from groundup.data.texts.words import split_words
from groundup.lessons.origins import Factor, trace_sum
from groundup.lessons.pages.vocabulary.pieces import BYTES, MOST_MERGES, list_bytes, load, make_tokenizer
from groundup.lessons.views import Choice, Slider, TextBox, View
from groundup.steps.c5_words.batches import take_windows
from groundup.steps.c5_words.byte_pair import Pair, count_pairs, merge_pair
from groundup.steps.c5_words.vocabulary import CharacterVocabulary, Vocabulary, pad

LONGEST = 120
SOURCES = {"shakespeare": "Shakespeare’s plays", "python-reference": "Python’s manual"}
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


def compute_pieces(text: str, merges: int, source: str) -> dict[str, Any]:
    """Cut a text into characters, words and pieces, with vocabularies that were learned from another text.

    Parameters
    ----------
    text : str
        At most 120 characters.
    merges : int
        0 to 3,840: how many byte pairs are merged.
    source : str
        The built-in text that the vocabularies come from.

    Returns
    -------
    dict
        ``rows``: for characters, words and pieces their ``name``, the ``size`` of the vocabulary, how many tokens
        are ``unknown``, and their ``tokens``: for each its ``text``, its ``id``, ``start`` and ``end`` in the text,
        whether it is ``known``, and whether it is ``bytes`` that are no character.
    """
    text = _check(text)
    learned = load(source)
    letters = CharacterVocabulary(learned.characters)
    characters = [_token(letter, letters.numbers.get(letter), place, place + 1) for place, letter in enumerate(text)]
    known = Vocabulary([" ".join(learned.words)])
    words, position = [], 0
    for word in split_words(text):
        position = text.lower().replace("’", "'").find(word, position)
        words.append(_token(word, known.numbers.get(word), position, position + len(word)))
        position += len(word)
    for token in words:
        token["id"] = known.unknown if token["id"] is None else token["id"]
    rows = [
        _row("characters", len(letters), characters),
        _row("words", len(known), words),
        _row("pieces", BYTES + merges, _cut(text, make_tokenizer(source, merges))),
    ]
    counts = [_count(len(row["tokens"]), row["name"].removesuffix("s")) for row in rows]
    lost = [_count(row["unknown"], row["name"].removesuffix("s")) for row in rows if row["unknown"]]
    return {
        "text": text,
        "rows": rows,
        "says": f"{', '.join(counts)}. {'Unknown: ' + ' and '.join(lost) if lost else 'Nothing is unknown'}.",
    }


def _token(text: str, number: int | None, start: int, end: int) -> dict[str, Any]:
    return {"text": text, "id": number, "start": start, "end": end, "known": number is not None, "bytes": False}


def _row(name: str, size: int, tokens: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "size": size, "unknown": sum(not token["known"] for token in tokens), "tokens": tokens}


def _cut(text: str, tokenizer: Tokenizer) -> list[dict[str, Any]]:
    """Return the pieces of a text; those that are only a part of a character are written in base 16."""
    found = tokenizer.encode(text)
    tokens = []
    for name, number, (start, end) in zip(found.tokens, found.ids, found.offsets, strict=True):
        raw = bytes(list_bytes()[letter] for letter in name)
        try:
            tokens.append(_token(raw.decode(), number, start, end))
        except UnicodeDecodeError:
            tokens.append(_token(raw.hex(" ").upper(), number, start, end) | {"bytes": True})
    return tokens


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


CUTTING = (
    Slider("merges", "merges", MOST_MERGES, low=0, high=MOST_MERGES, step=40),
    Choice("source", "learned from", "shakespeare", tuple(SOURCES), tuple(SOURCES.values())),
)

VIEWS = {
    "pieces": View(
        "A text, cut in three ways",
        compute_pieces,
        (TextBox("text", "your text", "O Romeo, Romeo! wherefore art thou Romeo?"), *CUTTING),
    ),
    # The same picture beside the question on other languages, which is far below the first.
    "languages": View(
        "A sentence of another language, cut in three ways",
        compute_pieces,
        (TextBox("text", "your text", "der Hund läuft, 犬が走る"), *CUTTING),
    ),
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
