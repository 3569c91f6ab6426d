"""Text to token numbers and back: characters, or byte pairs.

Both are kept as a Hugging Face ``tokenizer.json``, which other tools open. Characters are looked up in a table, a
million in a few milliseconds; byte pairs are Hugging Face's ``tokenizers`` at work (our own readable trainer, equal in
its merges, is `groundup.steps.c5_words.byte_pair`), each word once (`groundup.data.corpus.byte_pairs`). Byte-level byte
pairs (Radford et al., "Language models are unsupervised multitask learners", 2019, section 2.2) can write any text,
because every single byte is a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
from tokenizers import Tokenizer as Backend

from groundup.base.errors import UserError
from groundup.data.corpus.safe_splits import BLOCK, read_blocks

if TYPE_CHECKING:
    from groundup.data.corpus.byte_pairs import UnitEncoder

LOOKED_UP = 100_000  # characters above which words are looked up, which takes a moment to prepare
LONGEST_WORD = 1000  # characters from which byte pairs are learned together
_LONG_STRETCH = re.compile(rf"\S{{{LONGEST_WORD},}}|\s{{{LONGEST_WORD},}}")
_REPLACEMENT = "\ufffd"  # what stands for bytes that are not (yet) a character

# Steps whose result this module computes in another way, and the tests that check that the two agree.
EQUALS = {
    "byte_pair": "tests/steps/c5_words/test_byte_pair.py::test_encoding_equals_that_of_tokenizers",
    "greedy_tokenizer": "tests/data/corpus/test_tokens.py::test_characters_are_the_greedy_cut_of_their_own_vocabulary",
}


class Tokenizer:
    """Text to token numbers and back.

    Parameters
    ----------
    backend : tokenizers.Tokenizer
        What ``tokenizer.json`` holds.

    Attributes
    ----------
    size : int
        How many different tokens there are.
    characters : str or None
        The alphabet in the order of its numbers, where the tokens are characters (others may stand behind them);
        ``None`` for other tokens.
    whole_words : bool
        Whether it only looks words up: such a tokenizer cannot write what it does not know, and no run here has one.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.size: int = backend.get_vocab_size(with_added_tokens=True)
        self.characters: str | None = None
        self.whole_words = False
        if isinstance(backend.model, models.WordLevel):
            vocabulary = backend.get_vocab(with_added_tokens=False)
            characters = "".join(sorted(vocabulary, key=vocabulary.__getitem__))
            self.whole_words = not len(characters) == len(vocabulary) > 0
            if not self.whole_words:
                codes = _codes(characters)
                self.characters = characters
                self._places = np.full(int(codes.max()) + 2, -1, dtype=np.int32)
                self._places[codes] = np.arange(len(codes))
                # Tokens beside the characters, such as the marks of a chat; no text is encoded as one.
                everything = backend.get_vocab(with_added_tokens=True)
                self._names = sorted(everything, key=everything.__getitem__)

    @cached_property
    def _units(self) -> UnitEncoder | None:
        """What looks words up, where this tokenizer cuts texts into words as GPT-2 does."""
        from groundup.data.corpus.byte_pairs import UnitEncoder, can_look_up

        return UnitEncoder(self.backend) if can_look_up(self.backend) else None

    def encode(self, text: str) -> np.ndarray:
        """Return the token numbers of a text, int32.

        Raises
        ------
        UserError
            The tokens are characters and the text holds others; they are named.
        """
        if self.characters is None:
            if len(text) > LOOKED_UP and self._units is not None:
                raw = text.encode()
                cut = (raw[start : start + BLOCK] for start in range(0, len(raw), BLOCK))
                return np.concatenate([self._units.encode(block) for block in read_blocks(cut)])
            # Merges of characters can write only what they are made of; byte pairs can write anything.
            if self.backend.pre_tokenizer is None and (unknown := set(text) - set(self.backend.get_vocab())):
                raise UserError(_name_unknown("".join(sorted(unknown))))
            parts = self.backend.encode_batch_fast(list(_pieces(text)), add_special_tokens=False)
            return np.concatenate([np.empty(0, np.int32), *(np.array(part.ids, dtype=np.int32) for part in parts)])
        codes = _codes(text)
        places: np.ndarray = self._places.take(codes, mode="clip")
        if len(places) and places.min() < 0:
            raise UserError(_name_unknown("".join(dict.fromkeys(map(chr, codes[places < 0].tolist())))))
        return places

    def encode_block(self, block: bytes) -> np.ndarray:
        """Return the token numbers of a block of a longer text: what `encode` gives, faster and in less memory.

        Parameters
        ----------
        block : bytes
            UTF-8, cut at safe splits (`groundup.data.corpus.safe_splits`).
        """
        if self.characters is not None and block.isascii():
            places = self._byte_places[np.frombuffer(block, dtype=np.uint8)]
            if places.size == 0 or places.min() >= 0:
                return places
        elif self._units is not None:
            return self._units.encode(block)
        return self.encode(block.decode())

    @cached_property
    def _byte_places(self) -> np.ndarray:
        return self._places[np.minimum(np.arange(128), len(self._places) - 1)]

    def count_characters(self, tokens: np.ndarray) -> int:
        """Return how many characters begin in a row of tokens: those of its text, where it begins with a whole one."""
        return len(tokens) if self.characters is not None else int(self._beginnings[tokens].sum())

    @cached_property
    def _beginnings(self) -> np.ndarray:
        """How many characters begin in each token of bytes: as many as it has bytes that do not go on with one."""
        vocabulary = self.backend.get_vocab(with_added_tokens=True)
        # Each byte stands as one letter: the printable as themselves, the others as letters from 256 on.
        printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
        others = [byte for byte in range(256) if byte not in printable]
        going_on = {chr(byte if byte in printable else 256 + others.index(byte)) for byte in range(0x80, 0xC0)}
        counts = np.zeros(max(vocabulary.values()) + 1, dtype=np.int64)
        for token, number in vocabulary.items():
            counts[number] = sum(letter not in going_on for letter in token)
        return counts

    def can_write(self, character: str) -> bool:
        """Tell whether a character can be encoded."""
        if self.characters is not None:
            return character in self.characters
        return self.backend.pre_tokenizer is not None or character in self.backend.get_vocab()

    def decode(self, tokens: Sequence[int] | np.ndarray) -> str:
        """Return the text of token numbers; bytes that are no character become U+FFFD, unknown numbers nothing."""
        if self.characters is None:
            return self.backend.decode([int(token) for token in tokens], skip_special_tokens=False)
        return "".join(self._names[token] for token in tokens if token < len(self._names))

    def show(self, token: int) -> str:
        """Return one token as a person can read it, spaces and line ends included.

        Examples
        --------
        >>> train_tokenizer("characters", ["a b"]).show(0)
        "' '"
        """
        return repr(self.decode([token]))

    def to_json(self) -> str:
        """Return the content of ``tokenizer.json``."""
        return self.backend.to_str(pretty=True)


class TextStream:
    """Tokens as they come, out as text that never ends inside a character.

    Examples
    --------
    >>> stream = TextStream(train_tokenizer("characters", ["ab"]))
    >>> stream.feed(0) + stream.feed(1)
    'ab'
    """

    longest_wait = 8

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.waiting: list[int] = []

    def feed(self, token: int) -> str:
        """Take one token; return the text that is ready, ``""`` while a character's bytes are missing."""
        self.waiting.append(int(token))
        text = self.tokenizer.decode(self.waiting)
        if text.endswith(_REPLACEMENT) and len(self.waiting) < self.longest_wait:
            return ""
        self.waiting = []
        return text

    def finish(self) -> str:
        """Return what is left, broken characters included."""
        text = self.tokenizer.decode(self.waiting)
        self.waiting = []
        return text


def train_tokenizer(kind: str, texts: Iterable[str], vocabulary_size: int = 4096) -> Tokenizer:
    """Make a tokenizer for texts.

    Parameters
    ----------
    kind : {"characters", "bytepair"}
        Every character of the texts a token, in Unicode order; or byte-level byte pairs learned from the texts.
    texts : iterable of str
        What it is made for.
    vocabulary_size : int
        How many tokens byte pairs may have, at least 256.

    Examples
    --------
    >>> tokenizer = train_tokenizer("characters", ["hello world"])
    >>> tokenizer.characters
    ' dehlorw'
    >>> tokenizer.encode("hold").tolist()
    [3, 5, 4, 1]
    """
    if kind == "characters":
        return Tokenizer(_character_backend(sorted(find_characters(texts))))
    backend = Backend(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        min_frequency=2,
    )
    pieces = (part for text in texts for piece in _pieces(text) for part in _cut_long_words(piece))
    backend.train_from_iterator(pieces, trainer)
    return Tokenizer(backend)


def make_merge_tokenizer(characters: Iterable[str], merges: Iterable[Sequence[str]]) -> Tokenizer:
    """Make a tokenizer of characters and of merges of them, in the order in which they were learned.

    Parameters
    ----------
    characters : iterable of str
        Each is a token.
    merges : iterable of pairs of str
        Each pair of tokens becomes one, before the pairs after it.

    Raises
    ------
    UserError
        A merge is of a token that is neither a character nor merged before.

    Examples
    --------
    >>> tokenizer = make_merge_tokenizer("ab", [("a", "b"), ("ab", "a")])
    >>> tokenizer.encode("abaab").tolist(), tokenizer.decode([3, 2])
    ([3, 2], 'abaab')
    """
    vocabulary = {character: place for place, character in enumerate(sorted(characters))}
    pairs = []
    for first, second in merges:
        if first not in vocabulary or second not in vocabulary:
            raise UserError(f"The merge of {first!r} and {second!r} comes before both are tokens.")
        vocabulary.setdefault(first + second, len(vocabulary))
        pairs.append((first, second))
    backend = Backend(models.BPE(vocabulary, pairs))
    backend.decoder = decoders.Fuse()
    return Tokenizer(backend)


def find_characters(texts: Iterable[str]) -> set[str]:
    """Return the set of all characters of the texts."""
    found: set[str] = set()
    for text in texts:
        seen = np.zeros(0x110000, dtype=bool)
        seen[_codes(text)] = True
        found.update(map(chr, np.flatnonzero(seen).tolist()))
    return found


def read_tokenizer(content: str, name: str) -> Tokenizer:
    """Read the content of a ``tokenizer.json``; ``name`` is for the error.

    Raises
    ------
    UserError
        It is none.
    """
    try:
        return Tokenizer(read_backend(content))
    except ValueError as error:
        raise UserError(f"{name}: not a tokenizer that can be read ({error}). Train the run again.") from error


def read_backend(content: str) -> Backend:
    """Read the content of a ``tokenizer.json`` of any kind; texts are neither cut to a length nor filled up.

    Raises
    ------
    ValueError
        It is none.
    """
    try:
        backend = Backend.from_str(content)
        backend.no_truncation()
        backend.no_padding()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # tokenizers raises plain Exception, and what Rust calls a panic is not even one
        raise ValueError(" ".join(str(error).split())[:200]) from error
    return backend


def read_tokenizer_file(path: Path) -> Tokenizer:
    """Read a ``tokenizer.json``; see `read_tokenizer`."""
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path}: the tokenizer is damaged (no plain file). Train the run again.")
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"{path}: the tokenizer cannot be read ({reason}). Train the run again.") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: the tokenizer is damaged (not UTF-8). Train the run again.") from error
    return read_tokenizer(content, str(path))


def _character_backend(characters: Sequence[str]) -> Backend:
    vocabulary = {character: place for place, character in enumerate(characters)}
    # WordLevel wants the name of an unknown token; ours is not in the vocabulary, so nothing unknown passes silently.
    backend = Backend(models.WordLevel(vocabulary, unk_token="<unknown>"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    backend.decoder = decoders.Fuse()
    return backend


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32)


def _pieces(text: str, length: int = 500_000) -> Iterable[str]:
    """Cut a long text before line ends that follow a word, because no byte-pair token spans such a point."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + length)
        while end > 0 and text[end - 1].isspace():
            end = text.find("\n", end + 1)
        end = len(text) if end <= 0 else end
        yield text[start:end]
        start = end


def _cut_long_words(text: str) -> Iterable[str]:
    """Cut a text inside words of more than `LONGEST_WORD` characters, nowhere else.

    The trainer's time grows with the square of a word's length: a text of one word would take minutes.
    """
    words = pre_tokenizers.ByteLevel(add_prefix_space=False)  # its own: a tokenizer in training is locked
    start = 0
    for stretch in _LONG_STRETCH.finditer(text):
        for _, (begin, end) in words.pre_tokenize_str(stretch.group()):
            for cut in range(stretch.start() + begin + LONGEST_WORD, stretch.start() + end, LONGEST_WORD):
                yield text[start:cut]
                start = cut
    yield text[start:]


def _name_unknown(characters: str) -> str:
    shown = " ".join(json.dumps(character, ensure_ascii=not character.isprintable()) for character in characters[:8])
    more = f" and {len(characters) - 8} more" if len(characters) > 8 else ""
    return (
        f"This model never saw {shown}{more}: its tokens are the characters of its training text. "
        "Leave them out, or train a new gpt that can write anything: groundup train gpt --set tokenizer=bytepair"
    )
