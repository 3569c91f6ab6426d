"""A corpus larger than memory: tokenised once, in parallel, into files that are memory-mapped.

The files are cut at line ends into pieces of about 16 MB. Every piece becomes one shard, written whole or not at all by
one of several processes, so that after a kill only the pieces without a shard are done again. ``manifest.json`` comes
last and says what the shards are made from. A shard is little-endian token numbers and nothing else, two bytes each
(four where there are more than 65,536 tokens). Memory holds one piece per process.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from groundup.data.texts import BETWEEN_DOCUMENTS, decode_text, is_json_lines, read_documents
from groundup.data.tokens import Tokenizer, find_characters, read_tokenizer, train_tokenizer
from groundup.errors import UserError

PIECE_BYTES = 16_000_000
SAMPLE_PIECES = 4


@dataclass(frozen=True)
class Piece:
    """A part of a file that begins and ends at a line's end: bytes ``start`` to ``end``."""

    path: str
    start: int
    end: int
    modified: int

    def read(self) -> str:
        """Return the piece's text, documents of JSONL joined, with what stands between it and the next piece."""
        with open(self.path, "rb") as file:
            file.seek(self.start)
            raw = file.read(self.end - self.start)
        try:
            text = decode_text(raw, self.path)
            if is_json_lines(Path(self.path)):
                return "".join(document + BETWEEN_DOCUMENTS for document in read_documents(text.split("\n"), self.path))
        except UserError:
            self._refuse()
            raise
        return text + (BETWEEN_DOCUMENTS if self.end == os.path.getsize(self.path) else "")

    def _refuse(self) -> None:
        """Name the wrong place as counted from the file's start, not from the piece's."""
        with open(self.path, "rb") as file:
            raw = file.read(self.end)
        text = decode_text(raw, self.path)
        if is_json_lines(Path(self.path)):
            read_documents(text.split("\n"), self.path)


class ShardedTokens:
    """Tokens in memory-mapped shards, as one long row.

    Attributes
    ----------
    folder : Path
        Where the shards lie.
    characters : int
        How many characters the whole text has.
    """

    def __init__(self, folder: Path, dtype: str, counts: Sequence[int], characters: int) -> None:
        self.folder, self.characters = folder, characters
        self.shards = [
            np.memmap(shard_path(folder, number), dtype=dtype, mode="r") if count else np.empty(0, dtype)
            for number, count in enumerate(counts)
        ]
        self.ends = np.cumsum(counts)

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return int(self.ends[-1])

    def take(self, starts: np.ndarray, length: int) -> np.ndarray:
        """Return ``length`` tokens from each start, int64; a window may reach over several shards."""
        rows = np.empty((len(starts), length), dtype=np.int64)
        for row, start in zip(rows, starts.tolist(), strict=True):
            number = int(np.searchsorted(self.ends, start, side="right"))
            filled = 0
            while filled < length:
                begin = start + filled - (int(self.ends[number - 1]) if number else 0)
                part = self.shards[number][begin : begin + length - filled]
                row[filled : filled + len(part)] = part
                filled += len(part)
                number += 1
        return rows


def find_pieces(files: Sequence[Path], piece_bytes: int = PIECE_BYTES) -> list[Piece]:
    """Cut files at line ends into pieces of about ``piece_bytes`` bytes; a line is never cut."""
    pieces = []
    for path in files:
        about = path.stat()
        with path.open("rb") as file:
            start = 0
            while start < about.st_size:
                file.seek(min(about.st_size, start + piece_bytes))
                file.readline()
                end = file.tell()
                pieces.append(Piece(str(path.resolve()), start, end, about.st_mtime_ns))
                start = end
    return pieces


def train_on_pieces(kind: str, pieces: Sequence[Piece], vocabulary_size: int) -> Tokenizer:
    """Make a tokenizer: of every character of all pieces, or of byte pairs of a few pieces spread over the text."""
    if kind == "characters":
        with _processes() as pool:
            alphabet: set[str] = set().union(*pool.map(_find_characters, pieces))
        return train_tokenizer(kind, sorted(alphabet))
    spread = sorted({round(place) for place in np.linspace(0, len(pieces) - 1, SAMPLE_PIECES)})
    return train_tokenizer(kind, (pieces[place].read() for place in spread), vocabulary_size)


def tokenize_into_shards(
    pieces: Sequence[Piece], tokenizer: Tokenizer, root: Path, advance: Callable[[], None] = lambda: None
) -> ShardedTokens:
    """Tokenise pieces, but for those done before, and return all tokens.

    Parameters
    ----------
    pieces : sequence of Piece
        From `find_pieces`.
    tokenizer : Tokenizer
        What turns them into numbers.
    root : Path
        The folder of all sharded texts; this one gets a folder named by its pieces and tokenizer.
    advance : callable
        Called once a piece.

    Raises
    ------
    UserError
        A piece is not UTF-8 text, or the disk refuses.
    """
    content = tokenizer.to_json()
    made_from = {
        "pieces": [asdict(piece) for piece in pieces],
        "tokenizer": hashlib.sha256(content.encode()).hexdigest(),
    }
    folder = root / hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]
    manifest = folder / "manifest.json"
    dtype = "<u2" if tokenizer.size <= 65_536 else "<u4"
    if not manifest.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            characters = _fill(folder, pieces, content, dtype, advance)
            done = {**made_from, "dtype": dtype, "characters": characters}
            _write_whole(manifest, json.dumps(done, indent=1).encode())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UserError(
                f"{folder}: the shards cannot be written ({reason}). Set GROUNDUP_CACHE to another folder."
            ) from error
    known = json.loads(manifest.read_text(encoding="utf-8"))
    width = np.dtype(known["dtype"]).itemsize
    counts = [shard_path(folder, number).stat().st_size // width for number in range(len(pieces))]
    return ShardedTokens(folder, known["dtype"], counts, sum(known["characters"]))


def shard_path(folder: Path, number: int) -> Path:
    """Return the path of one shard."""
    return folder / f"{number:06d}.tokens"


def _fill(folder: Path, pieces: Sequence[Piece], tokenizer: str, dtype: str, advance: Callable[[], None]) -> list[int]:
    for torn in folder.glob(".*.tmp"):
        torn.unlink(missing_ok=True)
    characters = [0] * len(pieces)
    try:
        with _processes(_remember_tokenizer, tokenizer) as pool:
            waiting = {
                pool.submit(_make_shard, folder, number, piece, dtype): number for number, piece in enumerate(pieces)
            }
            try:
                for finished in as_completed(waiting):
                    characters[waiting[finished]] = finished.result()
                    advance()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    except BrokenProcessPool as error:
        raise UserError(
            f"{folder}: a process that tokenised the text was killed, perhaps for want of memory. Start again; what is "
            "done is kept."
        ) from error
    return characters


def _make_shard(folder: Path, number: int, piece: Piece, dtype: str) -> int:
    """Write one shard, if it is not there yet, and return how many characters its piece has."""
    path, count = shard_path(folder, number), folder / f"{number:06d}.characters"
    if path.is_file() and count.is_file():
        return int(count.read_text())
    text = piece.read()
    _write_whole(path, _tokenizer.encode(text).astype(dtype).tobytes())
    _write_whole(count, str(len(text)).encode())
    return len(text)


def _find_characters(piece: Piece) -> set[str]:
    return find_characters([piece.read()])


_tokenizer: Tokenizer


def _remember_tokenizer(content: str) -> None:
    global _tokenizer
    _tokenizer = read_tokenizer(content, "tokenizer.json")


def _processes(prepare: Callable[..., None] | None = None, *arguments: str) -> ProcessPoolExecutor:
    # A fresh interpreter each: a fork of a process that runs threads (torch, tokenizers) may hang.
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=prepare, initargs=arguments)  # type: ignore[arg-type]


def _write_whole(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
