"""Tokens on disk: many memory-mapped files of token numbers, as one long row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

# A map keeps its file open, and systems allow about a thousand open files.
MOST_OPEN = 256


class ShardedTokens:
    """Tokens in memory-mapped shards.

    A shard is little-endian token numbers and nothing else. Each is opened when it is first read.

    Attributes
    ----------
    folder : Path
        Where the shards lie.
    characters : int
        How many characters the whole text has.
    """

    def __init__(self, folder: Path, dtype: str, counts: Sequence[int], characters: int) -> None:
        self.folder, self.characters = folder, characters
        self.ends = np.cumsum(np.array(counts, dtype=np.int64))
        self._open = lru_cache(MOST_OPEN)(lambda number: np.memmap(shard_path(folder, number), dtype=dtype, mode="r"))

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def take(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Return ``length`` tokens from each start, int64; a window may reach over several shards."""
        rows = np.empty((len(starts), length), dtype=np.int64)
        for row, start in zip(rows, starts.tolist(), strict=True):
            number = int(np.searchsorted(self.ends, start, side="right"))
            filled = 0
            while filled < length:
                first = int(self.ends[number - 1]) if number else 0
                if self.ends[number] > first:  # an empty file cannot be mapped
                    part = self._open(number)[start + filled - first :][: length - filled]
                    row[filled : filled + len(part)] = part
                    filled += len(part)
                number += 1
        return rows


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of one shard."""
    return folder / f"{number:06d}.tokens"
