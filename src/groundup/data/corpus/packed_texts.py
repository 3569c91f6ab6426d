"""Files of text as they come out of their packing: compressed by gzip, zstd, bzip2, xz or lz4, or a column of Parquet.

A packed file is read block by block, in the memory of one block. What comes out of a compressed file is what would be
in the plain one, in any encoding; what comes out of Parquet is UTF-8, one document a row.
"""

from __future__ import annotations

import codecs
import io
import lzma
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

from groundup.base.decoding import LOOK_AT, binary_file
from groundup.base.errors import UserError
from groundup.base.files import replacing
from groundup.data.corpus.text_column import FIND, TextColumn

BLOCK = 1 << 18
Advance = Callable[[int], None]
PARQUET = "parquet"
_MARKS = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x50\x2a\x4d\x18": "zstd",  # a frame to skip, with which parallel programs begin
    b"BZh": "bz2",
    b"\xfd7zXZ\0": "xz",
    b"\x04\x22\x4d\x18": "lz4",
    b"PAR1": PARQUET,
}
_ENDINGS = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd", ".bz2": "bz2", ".xz": "xz", ".lz4": "lz4"}
_PARQUET_ENDINGS = (".parquet", ".pq")
# What Git keeps in place of a large file.
_POINTER = b"version https://git-lfs.github.com/spec/v1\noid "
_LEFT_BY_SPARK = ("_metadata", "_common_metadata", "_SUCCESS")


def plain_name(path: Path) -> str:
    """Return a file's name without the ending of a compression.

    Examples
    --------
    >>> plain_name(Path("a.jsonl.GZ")), plain_name(Path("b.parquet"))
    ('a.jsonl', 'b.parquet')
    """
    return path.stem if path.suffix.lower() in _ENDINGS else path.name


def is_packed(path: Path) -> bool:
    """Tell whether a file has to be unpacked before it is text.

    Raises
    ------
    UserError
        It cannot be read; see `find_packing`.
    """
    return find_packing(path, read_bytes(path, LOOK_AT)) is not None


def find_packing(path: Path, head: bytes) -> str | None:
    """Return how a file is packed, by its first bytes: a browser may have unpacked it and left its name.

    Raises
    ------
    UserError
        It stands for a file that Git has not fetched, or is named after a packing that it has not.
    """
    if head.startswith(_POINTER):
        raise UserError(f"{path}: not the file itself but Git's pointer to it. Fetch it with: git lfs pull")
    packing = _recognise(head)
    ending = path.suffix.lower()
    if packing is None and head and (ending in _PARQUET_ENDINGS or (ending in _ENDINGS and b"\0" in head)):
        raise _damaged(path, _ENDINGS.get(ending, PARQUET), "it does not begin as one")
    return packing


def read_raw(path: Path, column: TextColumn = FIND, advance: Advance | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file of text, unpacked, in blocks of about `BLOCK` bytes.

    Parameters
    ----------
    path : Path
        A plain file, a compressed one, or Parquet.
    column : TextColumn, optional
        How the column of a Parquet file is chosen.
    advance : callable, optional
        Called with how many more bytes of the file, as it lies on the disk, are read.

    Raises
    ------
    UserError
        The file cannot be read, is damaged or ends too early, or has no column of texts.
    """
    packing = find_packing(path, read_bytes(path, LOOK_AT))
    if packing == PARQUET:
        from groundup.data.corpus.parquet_texts import read_parquet

        yield from _check_text(read_parquet(path, column, advance), path)
        return
    done = 0
    try:
        with path.open("rb") as raw, _open(raw, packing) as file:
            while block := file.read(BLOCK):
                yield block
                if advance is not None:
                    advance(raw.tell() - done)
                    done = raw.tell()
    except (OSError, EOFError, lzma.LZMAError) as error:
        if packing is None or getattr(error, "errno", None) is not None:
            raise cannot_read(path, error) from error
        raise _damaged(path, packing, (str(error).splitlines() or ["it ends too early"])[0]) from error


def unpack_blocks(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the blocks of a stream, unpacked if it is compressed.

    Parameters
    ----------
    blocks : iterable of bytes
        All that the stream gives, cut anywhere.
    name : str
        What it is called in messages.

    Raises
    ------
    UserError
        It is damaged or ends too early.
    """
    source = iter(blocks)
    first = next(source, b"")
    packing = _recognise(first)
    if packing in (None, PARQUET):  # of Parquet, the end must be read first
        yield from chain([first], source)
        return
    try:
        with io.BufferedReader(_Blocks(chain([first], source))) as raw, _open(raw, packing) as file:
            yield from iter(lambda: file.read(BLOCK), b"")
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise _damaged(name, packing, (str(error).splitlines() or ["it ends too early"])[0]) from error


class _Blocks(io.RawIOBase):
    """Blocks as a file that can be read once."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.waiting = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self.waiting = self.waiting or next(self.blocks, b"")
        part = self.waiting[: len(into)]
        into[: len(part)] = part
        self.waiting = self.waiting[len(part) :]
        return len(part)


def read_head(path: Path, column: TextColumn = FIND) -> bytes:
    """Return the first bytes of a file of text, unpacked: `LOOK_AT` of them if it has so many."""
    head = b""
    for block in read_raw(path, column):
        head += block
        if len(head) >= LOOK_AT:
            break
    return head[:LOOK_AT]


def unpack_text(path: Path, target: Path, column: TextColumn, advance: Advance) -> None:
    """Write a packed file's text into a plain file, whole or not at all; parameters as of `read_raw`.

    Raises
    ------
    UserError
        See `read_raw`; or the file changed meanwhile.
    OSError
        The disk does not take it.
    """
    before = path.stat()
    parquet = find_packing(path, read_bytes(path, LOOK_AT)) == PARQUET
    with replacing(target) as temporary, temporary.open("wb") as file:
        for block in read_raw(path, column, advance):
            if parquet and not file.tell() and block.startswith(codecs.BOM_UTF8):
                file.write(codecs.BOM_UTF8)  # the first one of a plain file is dropped
            file.write(block)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise UserError(f"{path} changed while it was read. Start again when it is left alone.")


def measure_texts(paths: Iterable[Path], column: TextColumn, most: float) -> int:
    """Return how many bytes files of text have together, unpacked; above ``most`` it may be a smaller number above."""
    size, packed = 0, []
    for path in paths:
        if is_packed(path):
            packed.append(path)
        else:
            size += path.stat().st_size
    for path in packed:
        for block in read_raw(path, column) if size <= most else ():
            size += len(block)
            if size > most:
                break
    return size


def is_bookkeeping(path: Path) -> bool:
    """Tell whether a file in a folder of Parquet files describes the others."""
    return path.name in _LEFT_BY_SPARK


def read_bytes(path: Path, count: int = -1) -> bytes:
    """Return the first bytes of a file, as it lies on the disk.

    Raises
    ------
    UserError
        It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise cannot_read(path, error) from error


def cannot_read(path: Path | str, error: Exception) -> UserError:
    """Return what is said of a file that the system does not let us read."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return UserError(f"{path}: cannot be read ({reason}). Check the path and its permissions.")


def _recognise(head: bytes) -> str | None:
    return next((packing for mark, packing in _MARKS.items() if head.startswith(mark)), None)


def _open(raw: Any, packing: str | None) -> Any:
    if packing is None:
        return nullcontext(raw)
    if packing == "xz":
        return lzma.open(raw)
    # Not above: plain texts need no Arrow.
    import pyarrow

    return pyarrow.CompressedInputStream(pyarrow.PythonFile(raw, "r"), packing)


def _check_text(blocks: Iterator[bytes], path: Path) -> Iterator[bytes]:
    """Refuse what the plain file would be refused for."""
    head = b""
    for block in blocks:
        if len(head) < LOOK_AT:
            head = (head + block)[:LOOK_AT]
            if b"\0" in head:
                raise binary_file(str(path))
        yield block


def _damaged(path: Path | str, packing: str, reason: str) -> UserError:
    reason = reason[:1].lower() + reason[1:]
    if "memory for decoding" in reason:
        return UserError(f"{path}: unpacking it takes more memory than usual. Use: zstd -d --long=31 {path}")
    kind = "a Parquet file" if packing == PARQUET else f"a file compressed by {packing}"
    return UserError(f"{path}: not {kind}, or a damaged one ({reason}). Copy or download it again.")
