"""What the tokenizers of the lesson on tokens have learned: the words and the byte pairs of a text.

To learn them takes a second or two, so they are kept beside the lessons' models.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cache, lru_cache

from tokenizers import Tokenizer, models, pre_tokenizers

from groundup.base.errors import UserError
from groundup.base.writing import pack_json, write_atomically
from groundup.data.corpus.texts import read_text
from groundup.data.corpus.tokens import train_tokenizer
from groundup.data.texts.words import split_words
from groundup.lessons.trained import models_folder

SIZE = 4096  # of both vocabularies
BYTES = 256
MOST_MERGES = SIZE - BYTES
MOST_WORDS = SIZE - 2  # padding and the unknown word have ids, too


@dataclass(frozen=True)
class Learned:
    """What was learned from a text.

    Attributes
    ----------
    characters : str
        Its characters, sorted.
    words : list of str
        Its most frequent words and punctuation marks, sorted; of those that are equally frequent, the first ones.
    merges : list of str
        Its byte pairs, in order, with a space between their two parts; each byte is written as a letter, as GPT-2 does.
    """

    characters: str
    words: list[str]
    merges: list[str]


def learn(name: str) -> Learned:
    """Learn from a built-in text; it takes some seconds."""
    text = read_text(name).content
    counts = Counter(split_words(text))
    words = sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]
    model = json.loads(train_tokenizer("bytepair", [text], SIZE).to_json())["model"]
    return Learned("".join(sorted(set(text))), sorted(words), [" ".join(pair) for pair in model["merges"]])


@cache
def load(name: str) -> Learned:
    """Return what was learned from a built-in text, now or before."""
    kept = models_folder() / f"pieces-{name}.json"
    with contextlib.suppress(OSError, ValueError, TypeError):  # absent, or damaged
        return Learned(**json.loads(kept.read_bytes()))
    learned = learn(name)
    with contextlib.suppress(OSError, UserError):  # where nothing can be kept it is learned again the next time
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, pack_json(asdict(learned)))
    return learned


@lru_cache(maxsize=32)
def make_tokenizer(name: str, merges: int) -> Tokenizer:
    """Return the tokenizer of bytes and of the first byte pairs of a text."""
    learned = [(first, second) for first, second in map(str.split, load(name).merges[:merges])]
    tokens = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *(first + second for first, second in learned)]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, learned))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


@cache
def list_bytes() -> dict[str, int]:
    """Return the byte for which each letter of a byte pair stands: the printable ones are themselves."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(BYTES) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(BYTES + place): byte for place, byte in enumerate(others)}
