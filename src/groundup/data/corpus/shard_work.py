"""What a process does to a chunk of a text: find its characters, learn byte pairs of it, write its shard."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groundup.base.files import replacing
from groundup.data.corpus.sharded_tokens import shard_path
from groundup.data.corpus.text_chunks import Chunk, read_chunk
from groundup.data.corpus.tokens import Tokenizer, read_tokenizer, train_tokenizer


def choose_dtype(vocabulary: int) -> str:
    """Return the numbers that tokens are kept in: two bytes each, four where there are more than 65,536 tokens.

    Examples
    --------
    >>> choose_dtype(65_536), choose_dtype(65_537)
    ('<u2', '<u4')
    """
    return "<u2" if vocabulary <= 65_536 else "<u4"


@dataclass(frozen=True)
class ShardWork:
    """One shard to make."""

    folder: Path
    number: int
    chunk: Chunk
    dtype: str

    @property
    def count_path(self) -> Path:
        """Where the numbers of its tokens and characters stand, once the shard is whole."""
        return self.folder / f"{self.number:06d}.json"

    def find(self) -> tuple[int, int] | None:
        """Return the tokens and characters of a shard that is there, ``None`` if it is not, or not whole."""
        try:
            tokens, characters = json.loads(self.count_path.read_text(encoding="utf-8"))
            size = shard_path(self.folder, self.number).stat().st_size
        except (OSError, ValueError, TypeError):
            return None
        return (tokens, characters) if size == tokens * np.dtype(self.dtype).itemsize else None


def make_shard(work: ShardWork) -> tuple[int, int]:
    """Write one shard and return how many tokens and characters it has."""
    tokens = characters = 0
    with replacing(shard_path(work.folder, work.number)) as temporary, temporary.open("wb") as file:
        for block in read_chunk(work.chunk):
            numbers = _tokenizer.encode_block(block)
            file.write(numbers.astype(work.dtype).data)
            tokens += len(numbers)
            characters += count_characters(block)
    with replacing(work.count_path) as temporary:
        temporary.write_text(json.dumps([tokens, characters]), encoding="utf-8")
    return tokens, characters


def count_characters(block: bytes) -> int:
    """Return how many characters a block of UTF-8 has: its bytes but for those that go on with one."""
    return int(np.count_nonzero((np.frombuffer(block, dtype=np.uint8) & 0xC0) != 0x80))


def find_chunk_characters(chunk: Chunk) -> set[str]:
    """Return all characters of a chunk."""
    seen = np.zeros(0x110000, dtype=bool)
    for block in read_chunk(chunk):
        wide = not block.isascii()
        codes = np.frombuffer(
            block.decode().encode("utf-32-le") if wide else block, dtype=np.uint32 if wide else np.uint8
        )
        seen[codes] = True
    return set(map(chr, np.flatnonzero(seen).tolist()))


def train_on_chunks(work: tuple[list[Chunk], int, int]) -> str | None:
    """Learn byte pairs from the first bytes of chunks; ``None`` if these are only white space.

    Parameters
    ----------
    work : tuple
        The chunks, how many bytes of each, and the vocabulary's size.
    """
    chunks, size, vocabulary_size = work
    sample = [text for chunk in chunks for text in _first_blocks(chunk, size)]
    if not any(text.strip() for text in sample):
        return None
    return train_tokenizer("bytepair", sample, vocabulary_size).to_json()


def _first_blocks(chunk: Chunk, size: int) -> Iterator[str]:
    for block in read_chunk(chunk):
        yield block[:size].decode("utf-8", "ignore")
        size -= len(block)
        if size <= 0:
            return


_tokenizer: Tokenizer


def remember_tokenizer(content: str) -> None:
    """Prepare this process to make shards."""
    global _tokenizer
    # Every core has a process already.
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    _tokenizer = read_tokenizer(content, "tokenizer.json")
