"""Files of text cut into chunks that can be tokenised apart, each read in blocks.

A chunk is about 16 MB of text, of one file or of many small ones, and begins at a safe split
(`groundup.data.corpus.safe_splits`): its tokens are those that it has in the whole text. A file is looked at near its
cuts only. White space at the end of a file or document belongs to the chunk after it, with the empty line that stands
between documents: the safe split is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np

from groundup.base.decoding import LOOK_AT, binary_file, check_utf8, is_plain, wrong_byte
from groundup.base.errors import UserError
from groundup.data.corpus.packed_texts import cannot_read
from groundup.data.corpus.safe_splits import BLOCK, LONGEST, WHITE_SPACE, cut_long, find_splits, read_blocks
from groundup.data.corpus.text_column import BETWEEN_DOCUMENTS, FIND, TextColumn
from groundup.data.corpus.texts import find_field, is_json_lines, read_documents

CHUNK_BYTES = 16_000_000
LEAST_CHUNKS, LEAST_BYTES = 8, 2 * BLOCK  # so that a text of a few megabytes gives every process something to do
MARK = b"\xef\xbb\xbf"
MOST_WHITE = 1 << 20


@dataclass(frozen=True)
class Part:
    """Bytes ``start`` to ``end`` of a file.

    Attributes
    ----------
    before : str
        What stands ahead of them: white space of the part before, and what separates documents.
    dropped : int
        How many characters at the end of the last documents stand before the next part instead (JSONL).
    modified : int
        When the file was last changed, in nanoseconds.
    name : str
        What the file is called in messages.
    column : TextColumn or None
        The field of texts, of JSONL; ``None`` for plain text.
    """

    path: str
    start: int
    end: int
    modified: int
    name: str
    column: TextColumn | None = None
    before: str = ""
    dropped: int = 0

    def read(self, size: int = BLOCK) -> Iterator[bytes]:
        """Yield the part's text, cut anywhere."""
        try:
            with open(self.path, "rb") as file:
                if self.start == 0 and not is_plain(head := file.read(LOOK_AT)):
                    raise binary_file(self.name, head)
                file.seek(self.start)
                yield self.before.encode()
                yield from self._read_plain(file, size) if self.column is None else self._read_documents(file)
                if os.fstat(file.fileno()).st_mtime_ns != self.modified:
                    raise UserError(f"{self.name} changed while it was read. Start again when it is left alone.")
        except OSError as error:
            raise cannot_read(self.name, error) from error

    def _read_plain(self, file: BinaryIO, size: int) -> Iterator[bytes]:
        for raw in self._read_raw(file, size):
            yield raw.removeprefix(MARK) if file.tell() == len(raw) else raw

    def _read_raw(self, file: BinaryIO, size: int) -> Iterator[bytes]:
        left = self.end - self.start
        while left and (raw := file.read(min(size, left))):
            left -= len(raw)
            yield raw

    def _read_documents(self, file: BinaryIO) -> Iterator[bytes]:
        separator, waiting = "", ""
        while file.tell() < self.end and (line := file.readline()):
            for document in self._parse(line, file.tell() - len(line)):
                if document.strip(WHITE_SPACE):
                    yield waiting.encode()
                    waiting = ""
                waiting += separator + document
                separator = BETWEEN_DOCUMENTS
        yield waiting[: len(waiting) - self.dropped].encode()

    def _parse(self, line: bytes, start: int) -> list[str]:
        try:
            text = line.decode().removesuffix("\n").removeprefix("" if start else "\ufeff")
        except UnicodeDecodeError as error:
            self._refuse_byte(start + error.start)
        try:
            return read_documents([text], self.name, column=self.column or FIND)
        except UserError:
            # Its number is counted only now that it is needed.
            return read_documents([text], self.name, _count_lines(self.path, start) + 1, self.column or FIND)

    def _refuse_byte(self, place: int) -> NoReturn:
        with open(self.path, "rb") as file:
            file.seek(place)
            raise wrong_byte(self.name, _count_lines(self.path, place) + 1, place, file.read(1)[0])

    def check(self) -> None:
        """Raise the error of the first byte that is not UTF-8, counted from the file's start, if there is one."""
        with open(self.path, "rb") as file:
            file.seek(self.start)
            for _ in check_utf8(
                self._read_raw(file, BLOCK), self.name, self.start, _count_lines(self.path, self.start)
            ):
                pass


Chunk = tuple[Part, ...]


def count_bytes(chunk: Chunk) -> int:
    """Return how many bytes of files a chunk has."""
    return sum(part.end - part.start for part in chunk)


def read_chunk(chunk: Chunk, size: int = BLOCK) -> Iterator[bytes]:
    """Yield a chunk's text in blocks of about ``size`` bytes that are cut at safe splits, each checked to be UTF-8.

    Raises
    ------
    UserError
        A file is binary, not UTF-8, has a JSONL line without a text, cannot be read, or changed since it was cut.
    """
    for block in read_blocks((raw for part in chunk for raw in part.read(size)), size):
        if not block.isascii():
            try:
                block.decode()
            except UnicodeDecodeError:
                _refuse_chunk(chunk)
        yield block


def choose_chunk_bytes(size: int) -> int:
    """Return how large the chunks of a text of ``size`` bytes are.

    Examples
    --------
    >>> choose_chunk_bytes(2_000_000), choose_chunk_bytes(20_000_000_000)
    (524288, 16000000)
    """
    return max(LEAST_BYTES, min(CHUNK_BYTES, size // LEAST_CHUNKS))


def find_chunks(
    files: Sequence[Path],
    chunk_bytes: int | None = None,
    names: Sequence[str] | None = None,
    column: TextColumn = FIND,
) -> list[Chunk]:
    """Cut the text of files into chunks of about ``chunk_bytes`` bytes.

    Together, in their order, they are the text that `groundup.data.corpus.texts.read_text` gives.

    Parameters
    ----------
    files : sequence of Path
        They are not packed.
    chunk_bytes : int, optional
        Chosen by the text's size if left out.
    names : sequence of str, optional
        What the files are called in messages, if not by their paths.
    column : TextColumn, optional
        How the field of JSONL is chosen.
    """
    about = [path.stat() for path in files]
    chunk_bytes = chunk_bytes or choose_chunk_bytes(sum(one.st_size for one in about))
    chunks: list[Chunk] = []
    parts: list[Part] = []
    room, before = chunk_bytes, ""
    names = names or [str(path.resolve()) for path in files]
    for number, (path, status, name) in enumerate(zip(files, about, names, strict=True), start=1):
        field = TextColumn(find_field(path, name, column)) if is_json_lines(path) else None
        size, end = status.st_size, -1
        with path.open("rb") as file:
            while end < size:
                start = max(0, end)
                end = _find_cut(file, start, start + room, size, field, parts, before)
                parts.append(Part(str(path.resolve()), start, end, status.st_mtime_ns, name, field, before))
                room, before = room - (end - start), ""
                if end < size or (room <= 0 and number < len(files)):
                    parts, before = _move_white_space(parts)
                    if parts:
                        chunks.append(tuple(parts))
                    parts, room = [], chunk_bytes
                    before += BETWEEN_DOCUMENTS if field is not None and end < size else ""
        before += BETWEEN_DOCUMENTS
    return [*chunks, tuple(parts)] if parts else chunks


def _count_lines(path: str, end: int) -> int:
    """Return how many lines end before a place in a file."""
    count = 0
    with open(path, "rb") as file:
        while file.tell() < end:
            count += file.read(min(BLOCK, end - file.tell())).count(b"\n")
    return count


def _find_cut(
    file: BinaryIO, start: int, about: int, size: int, field: TextColumn | None, parts: list[Part], before: str
) -> int:
    """Return the first place from ``about`` on where the text from ``start`` on may be cut; the end where none is.

    ``parts`` and ``before`` are what the chunk has ahead of it.
    """
    if about >= size:
        return size
    if field is not None:
        return _find_line_end(file, about, size, field)
    seen = max(start, about - 4)
    file.seek(seen)
    splits = find_splits(np.frombuffer(file.read(LONGEST + 8), dtype=np.uint8)) + seen
    splits = splits[(splits >= about) & (splits > (seen + 3 if seen > start else seen))]
    if len(splits):
        return int(splits[0])
    # Inside a unit so long that it is cut: its cuts are counted from its start.
    ahead = [raw for part in parts for raw in part.read()] + [before.encode()]
    file.seek(start)
    mark = len(MARK) if start == 0 and file.read(len(MARK)) == MARK else 0
    file.seek(start + mark)
    place = start + mark - sum(map(len, ahead))
    for block in read_blocks(chain(ahead, iter(lambda: file.read(BLOCK), b""))):
        bounds = [0, *find_splits(np.frombuffer(block, dtype=np.uint8)).tolist(), len(block)]
        for one, other in pairwise(bounds):
            for cut in [one, *cut_long(block, one, other)]:
                if place + cut >= about:
                    return place + cut
        place += len(block)
    return size


def _find_line_end(file: BinaryIO, about: int, size: int, field: TextColumn) -> int:
    """Return the end of the first JSONL line from ``about`` on whose document is not all white space."""
    file.seek(about)
    file.readline()
    while file.tell() < size:
        line = file.readline()
        end = file.tell()
        if _read_document(line, field).strip(WHITE_SPACE):
            # Nothing but empty lines after it: they are part of it.
            return end if any(raw.strip() for raw in iter(lambda: file.read(BLOCK), b"")) else size
    return size


def _read_document(line: bytes, field: TextColumn) -> str:
    try:
        return BETWEEN_DOCUMENTS.join(read_documents([line.decode()], "", column=field))
    except (UserError, UnicodeDecodeError):
        return "?"  # told when the chunk is read


def _move_white_space(parts: list[Part]) -> tuple[list[Part], str]:
    """Return parts of text without the white space at their end, and that white space."""
    moved = ""
    while parts:
        *others, last = parts
        white, empty = _find_white_space(last)
        if not empty:
            if last.column is not None:
                return [*others, replace(last, dropped=len(white))], white + moved
            return [*others, replace(last, end=last.end - len(white.encode()))], white + moved
        parts, moved = others, last.before + white + moved
    return [], moved


def _find_white_space(part: Part) -> tuple[str, bool]:
    """Return the white space at a part's end, and whether there is nothing else in it."""
    length, reach = part.end - part.start, 1 << 16
    with open(part.path, "rb") as file:
        while True:
            reach = min(reach, length)
            file.seek(part.end - reach)
            raw = file.read(reach)
            if part.column is not None:
                lines = [line for line in raw.split(b"\n")[0 if reach == length else 1 :] if line.strip()]
                white, found = _white_documents(lines, part.column)
            else:
                text = raw.decode("utf-8", "ignore")
                white, found = text[len(text.rstrip(WHITE_SPACE)) :], not text or bool(text.rstrip(WHITE_SPACE))
                if not found and reach < length and reach >= MOST_WHITE:
                    return "", False
            if found or reach == length:
                return white, not found or not length
            reach *= 4


def _white_documents(lines: list[bytes], field: TextColumn) -> tuple[str, bool]:
    """Return the white space at the end of JSONL lines joined, and whether there is something before it."""
    white, separator = "", ""
    for line in reversed(lines):
        document = _read_document(line, field)
        solid = document.rstrip(WHITE_SPACE)
        white = document[len(solid) :] + separator + white
        if solid:
            return white, True
        separator = BETWEEN_DOCUMENTS
    return white, False


def _refuse_chunk(chunk: Chunk) -> NoReturn:
    for part in chunk:
        if part.column is None:
            part.check()
    raise UserError(f"{chunk[0].name} changed while it was read. Start again when it is left alone.")
