"""A corpus larger than memory: several processes tokenise it once into memory-mapped files.

Every chunk of the text (`groundup.data.corpus.text_chunks`) becomes one shard, written whole or not at all, so that
after a kill only the chunks without a shard are done again. A process reads, tokenises and writes its chunk in small
blocks: memory is the same for a text of any size. ``manifest.json`` comes last and says what the shards are made from;
from then on opening them takes no longer for a large text than for a small one.

A text has one folder, named by its files' paths, sizes and times of change; in it are the tokenizers made for it, and a
folder of shards a tokenizer.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import current_process
from pathlib import Path
from typing import Any

import numpy as np

from groundup.base.cluster import Cluster, ClusterLost
from groundup.base.errors import UserError
from groundup.base.executors import LocalProcesses, share_out
from groundup.base.files import remove_torn, replacing
from groundup.base.processors import count_cores
from groundup.data.corpus.packed_texts import is_packed, unpack_text
from groundup.data.corpus.safe_splits import WHITE_SPACE
from groundup.data.corpus.shard_work import (
    TOKENIZER,
    ShardWork,
    choose_dtype,
    find_chunk_characters,
    make_shard,
    see_first,
    train_on_chunks,
)
from groundup.data.corpus.sharded_tokens import ShardedTokens, shard_path
from groundup.data.corpus.text_chunks import Chunk, choose_chunk_bytes, count_bytes, find_chunks
from groundup.data.corpus.text_column import FIND, TextColumn
from groundup.data.corpus.texts import empty_text
from groundup.data.corpus.tokens import Tokenizer, read_tokenizer, train_tokenizer

FORMAT = 2
UNPACKED = "unpacked"
SAMPLE_BYTES = 1_000_000
SAMPLES = 16
LEARNED_SHARE = 0.9
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
Advance = Callable[[int], None]


def _nowhere(count: int) -> None: ...


@dataclass
class ShardMaker:
    """Makes the shards of one text, and finds those made before.

    Attributes
    ----------
    files : sequence of Path
        The text, in order; see `groundup.data.corpus.texts.find_text_files`.
    root : Path
        The folder of all sharded texts.
    processes : int, optional
        How many work at once; one a processor core if left out.
    chunk_bytes : int, optional
        About how large the chunks are; chosen by the text's size if left out.
    name : str
        What the text is called, for errors.
    column : TextColumn
        How the field of JSONL and the column of Parquet files are chosen.
    cluster : Cluster, optional
        Its workers make the shards in place of this machine's processes; they must see the text's files and ``root``.
    folder : Path
        Where everything made of this text lies.
    size : int
        How many bytes the files have; once they are unpacked, how many they have then.
    packed_size : int
        How many bytes those files have that must be unpacked.
    """

    files: Sequence[Path]
    root: Path
    processes: int | None = None
    chunk_bytes: int | None = None
    name: str = "the text"
    column: TextColumn = FIND
    cluster: Cluster | None = None
    folder: Path = field(init=False)
    size: int = field(init=False)
    packed_size: int = field(init=False)

    def __post_init__(self) -> None:
        about = [
            (str(path.resolve()), status.st_size, status.st_mtime_ns) for path in self.files for status in [path.stat()]
        ]
        self.size = sum(size for _, size, _ in about)
        self._packed = [is_packed(path) for path in self.files]
        self.packed_size = sum(size for (_, size, _), packed in zip(about, self._packed, strict=True) if packed)
        # How large the chunks of a packed text are is chosen when its size is known.
        chunk_bytes = self.chunk_bytes or (0 if self.packed_size else choose_chunk_bytes(self.size))
        column = [self.column.name] if self.column.name else []
        self.processes = self.processes or count_cores()
        self.folder = self.root / _digest(json.dumps([FORMAT, chunk_bytes, about, *column]))
        self._chunks: list[Chunk] | None = None

    @property
    def chunks(self) -> list[Chunk]:
        """The chunks of the text, found when they are first needed."""
        if self._chunks is None:
            self.unpack()
            files, names = self._list_plain(), [str(path.resolve()) for path in self.files]
            self._chunks = find_chunks(files, self.chunk_bytes, names, self.column)
        return self._chunks

    def unpack(self, advance: Advance = _nowhere) -> None:
        """Unpack what is packed, where that is not done yet; `make_shards` removes it in the end.

        Parameters
        ----------
        advance : callable
            Called with the bytes, of the packed files, that were read.

        Raises
        ------
        UserError
            A file is damaged or has no column of texts (see `groundup.data.corpus.packed_texts.read_raw`), or the disk
            refuses.
        """
        plain = self._list_plain()
        for path, target in zip(self.files, plain, strict=True):
            if path == target:
                continue
            self._prepare_folder(target.parent)
            if target.exists():
                advance(path.stat().st_size)
                continue
            try:
                unpack_text(path, target, self.column, advance)
            except OSError as error:
                raise self._explain(target.parent, error) from error
        self.size = sum(path.stat().st_size for path in plain)
        self.chunk_bytes = self.chunk_bytes or choose_chunk_bytes(self.size)

    def _list_plain(self) -> list[Path]:
        """Return the files of the text, those in place of packed ones included."""
        return [
            self.folder / UNPACKED / f"{number:06d}-{_shorten(path)}" if packed else path
            for number, (path, packed) in enumerate(zip(self.files, self._packed, strict=True))
        ]

    def find_tokenizer(self, kind: str, vocabulary_size: int) -> Tokenizer | None:
        """Return the tokenizer made for the text before, if there is one."""
        path = self._tokenizer_path(kind, vocabulary_size)
        try:
            return read_tokenizer(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UserError):
            return None

    def make_tokenizer(self, kind: str, vocabulary_size: int, advance: Advance = _nowhere) -> Tokenizer:
        """Return the text's tokenizer: every character of it, or byte pairs of a sample; kept for the next time.

        The sample is up to 16 parts of a megabyte, evenly spread over the first nine tenths of the text.

        Parameters
        ----------
        kind : {"characters", "bytepair"}
            What the tokens are.
        vocabulary_size : int
            How many tokens byte pairs may have.
        advance : callable
            Called with the bytes that were read.

        Raises
        ------
        UserError
            The text is empty, or a file of it is wrong; see `groundup.data.corpus.text_chunks.read_chunk`.
        """
        if (known := self.find_tokenizer(kind, vocabulary_size)) is not None:
            return known
        if not self.chunks:
            raise empty_text(self.name)
        if kind == "characters":
            alphabet: set[str] = set()
            for chunk, found in self._share_out(find_chunk_characters, self.chunks):
                alphabet |= found
                advance(count_bytes(chunk))
            if not alphabet - set(WHITE_SPACE):
                raise empty_text(self.name)
            content = train_tokenizer(kind, sorted(alphabet)).to_json()
        else:
            learn_from = self.chunks[: max(1, round(LEARNED_SHARE * len(self.chunks)))]
            places = sorted({round(place) for place in np.linspace(0, len(learn_from) - 1, SAMPLES)})
            sample = [learn_from[place] for place in places]
            work = [(sample, SAMPLES * SAMPLE_BYTES // len(sample), vocabulary_size)]
            _, content = next(self._share_out(train_on_chunks, work))
            if content is None:
                raise empty_text(self.name)
        path = self._tokenizer_path(kind, vocabulary_size)
        self._write(path, content)
        return read_tokenizer(content, str(path))

    def find_shards(self, tokenizer: Tokenizer) -> ShardedTokens | None:
        """Return the tokens of shards made before; ``None`` if some are missing or damaged."""
        folder = self._folder_of(tokenizer)
        try:
            about = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            width = np.dtype(about["dtype"]).itemsize
            sizes = [shard_path(folder, number).stat().st_size for number in range(len(about["tokens"]))]
            if sizes == [width * count for count in about["tokens"]]:
                return ShardedTokens(folder, about["dtype"], about["tokens"], about["characters"])
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    @contextmanager
    def locked(self, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep other processes from working on the same text; ``wait`` is called when one of them is at it already."""
        from filelock import FileLock, Timeout

        if getattr(current_process(), "_inheriting", False):
            raise UserError(
                "A program that tokenises a large text starts itself again, once a process: put what it does under "
                '`if __name__ == "__main__":`.'
            )
        self._prepare_folder(self.folder)
        lock = FileLock(self.folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            wait()
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def count_done(self, tokenizer: Tokenizer) -> int:
        """Return how many bytes of the text have their shards."""
        return sum(count_bytes(work.chunk) for work in self._list_work(tokenizer) if work.find())

    def make_shards(self, tokenizer: Tokenizer, advance: Advance = _nowhere) -> ShardedTokens:
        """Tokenise the text, but for chunks done before, and return all tokens.

        Parameters
        ----------
        tokenizer : Tokenizer
            What turns it into numbers.
        advance : callable
            Called with the bytes of each chunk that is done.

        Raises
        ------
        UserError
            A file is wrong, see `groundup.data.corpus.text_chunks.read_chunk`, or the disk refuses.
        """
        if (found := self.find_shards(tokenizer)) is not None:
            return found
        folder = self._folder_of(tokenizer)
        self._prepare_folder(folder)
        remove_torn(folder)
        self._write(folder / TOKENIZER, tokenizer.to_json())
        work = self._list_work(tokenizer)
        counts = [one.find() for one in work]
        missing = [one for one, count in zip(work, counts, strict=True) if count is None]
        try:
            for one, count in self._share_out(make_shard, missing):
                counts[one.number] = count
                advance(count_bytes(one.chunk))
        except OSError as error:
            raise self._explain(folder, error) from error
        known = [count for count in counts if count is not None]
        tokens, characters = [count[0] for count in known], sum(count[1] for count in known)
        dtype = choose_dtype(tokenizer.size)
        about = {"format": FORMAT, "dtype": dtype, "characters": characters, "tokens": tokens}
        self._write(folder / "manifest.json", json.dumps(about))
        if (made := self.find_shards(tokenizer)) is None:
            raise UserError(
                f"{folder}: some of the shards that were made cannot be seen here. Set GROUNDUP_CACHE to a folder on a "
                "disk that every machine of the cluster shares, and start again."
            )
        shutil.rmtree(self.folder / UNPACKED, ignore_errors=True)
        self._chunks = None
        return made

    def _tokenizer_path(self, kind: str, vocabulary_size: int) -> Path:
        return self.folder / ("characters.json" if kind == "characters" else f"{kind}-{vocabulary_size}.json")

    def _list_work(self, tokenizer: Tokenizer) -> list[ShardWork]:
        folder, dtype = self._folder_of(tokenizer), choose_dtype(tokenizer.size)
        return [ShardWork(folder, number, chunk, dtype) for number, chunk in enumerate(self.chunks)]

    def _prepare_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._explain(folder, error) from error

    def _share_out(self, work: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        if not items:
            return
        try:
            if self.cluster is not None:
                yield from share_out(self.cluster, partial(see_first, work), items, self.cluster.count_threads)
                return
            assert self.processes is not None
            count = min(self.processes, len(items))
            with LocalProcesses(count) as processes:
                yield from share_out(processes, work, items, lambda: count)
        except ClusterLost as error:
            raise ClusterLost(f"{error} The shards that are done are kept.") from error
        except BrokenExecutor as error:
            where = "a process" if self.cluster is None else f"{self.cluster.address}: worker after worker"
            remedy = (
                ", perhaps with --set shard_processes=1" if self.cluster is None else " with fewer threads per worker"
            )
            raise UserError(
                f"{self.folder}: {where} that tokenised the text was killed, perhaps for want of memory. Start "
                f"again{remedy}; what is done is kept."
            ) from error

    def _folder_of(self, tokenizer: Tokenizer) -> Path:
        return self.folder / _digest(tokenizer.to_json())

    def _write(self, path: Path, content: str) -> None:
        self._prepare_folder(path.parent)
        try:
            with replacing(path) as temporary:
                temporary.write_text(content, encoding="utf-8")
        except OSError as error:
            raise self._explain(path.parent, error) from error

    def _explain(self, folder: Path, error: OSError) -> UserError:
        if error.errno in FULL:
            # Of a packed text, it is not known before it is unpacked.
            needed = "" if self.chunk_bytes is None else f" The shards take up to {2 * self.size / 1e9:.2g} GB."
            return UserError(
                f"{folder}: the disk is full.{needed} Free some space, or "
                "set GROUNDUP_CACHE to a folder of another disk, and start again; what is done is kept."
            )
        reason = (error.strerror or str(error)).lower()
        return UserError(f"{folder}: the shards cannot be written ({reason}). Set GROUNDUP_CACHE to another folder.")


def _shorten(path: Path) -> str:
    """Return the end of a file's name, by which its kind is known."""
    return os.fsdecode(os.fsencode(path.name)[-100:])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
