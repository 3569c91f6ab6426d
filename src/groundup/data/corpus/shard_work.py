"""What a process does to a chunk of a text: find its characters, learn byte pairs of it, write its shard."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from groundup.base.cluster import require_visible
from groundup.base.files import replacing
from groundup.data.corpus.sharded_tokens import shard_path
from groundup.data.corpus.text_chunks import Chunk, read_chunk
from groundup.data.corpus.tokens import Tokenizer, read_tokenizer_file, train_tokenizer


def choose_dtype(vocabulary: int) -> str:
    """Return the numbers that tokens are kept in: two bytes each, four where there are more than 65,536 tokens.

    Examples
    --------
    >>> choose_dtype(65_536), choose_dtype(65_537)
    ('<u2', '<u4')
    """
    return "<u2" if vocabulary <= 65_536 else "<u4"


# In the folder of the shards, so that whatever process makes one finds what it is made with.
TOKENIZER = "tokenizer.json"
_held = threading.local()


@dataclass(frozen=True)
class ShardWork:
    """One shard to make; its folder holds the tokenizer."""

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
    """Write one shard, unless it is there, and return how many tokens and characters it has."""
    if (known := work.find()) is not None:
        return known  # by a process that died before it could say so
    tokenizer = _hold_tokenizer(work.folder / TOKENIZER)
    tokens = characters = 0
    with replacing(shard_path(work.folder, work.number)) as temporary, temporary.open("wb") as file:
        for block in read_chunk(work.chunk):
            numbers = tokenizer.encode_block(block)
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


def see_first(work: Any, item: Any) -> Any:
    """Do one of the works above on another machine, once it is known that all files it needs are seen there.

    Raises
    ------
    UserError
        One is not.
    """
    if isinstance(item, ShardWork):
        chunks = [item.chunk]
        require_visible(
            [item.folder / TOKENIZER], "Set GROUNDUP_CACHE to a folder on a disk that every machine shares."
        )
    else:
        chunks = item[0] if isinstance(item[0], list) else [item]
    require_visible(part.path for chunk in chunks for part in chunk)
    return work(item)


def _hold_tokenizer(path: Path) -> Tokenizer:
    """Return a shard folder's tokenizer; each thread keeps its last one, with the words that it knows by now."""
    if getattr(_held, "path", None) != path:
        # Every core has a process already.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        _held.tokenizer, _held.path = read_tokenizer_file(path), path
    return _held.tokenizer
