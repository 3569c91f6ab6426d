"""Data that can be read only once: standard input, a pipe, ``<(…)`` of a shell.

It has no end that is known beforehand, and nothing of it can be read twice: a run keeps a copy.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from groundup.base.decoding import LOOK_AT, looks_binary
from groundup.base.errors import UserError
from groundup.data.named.resolve import exists, is_address

STANDARD_INPUT = "-"
BLOCK = 1 << 20
MOST = 1_000_000_000
Unpack = Callable[[Iterable[bytes], str], Iterator[bytes]]


def is_stream(data: str) -> bool:
    """Tell whether what follows ``--data`` is standard input, a pipe or a device: neither a file nor a folder.

    Examples
    --------
    >>> is_stream("-"), is_stream("/dev/null"), is_stream(".")
    (True, True, False)
    """
    path = Path(data)
    if is_address(data):
        return False
    return data == STANDARD_INPUT or (exists(path) and not path.is_file() and not path.is_dir())


def name_stream(data: str) -> str:
    """Return what a stream is called in messages."""
    return "standard input" if data == STANDARD_INPUT else data


def read_blocks(data: str) -> Iterator[bytes]:
    """Yield what a stream gives, block by block, until it ends.

    Raises
    ------
    UserError
        It cannot be opened or read, or is a disk.
    """
    try:
        if data == STANDARD_INPUT:
            if sys.stdin is None:
                raise UserError("standard input: closed. Give a file, or send something into it.")
            yield from iter(lambda: sys.stdin.buffer.read(BLOCK), b"")
            return
        if stat.S_ISBLK(os.stat(data).st_mode):
            raise UserError(f"{data}: a disk. Give a file or a folder.")
        with open(data, "rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")
    except OSError as error:
        raise UserError(f"{name_stream(data)}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def read_stream(data: str, most: int = MOST, unpack: Unpack | None = None) -> bytes:
    """Return all text that a stream gives, after ``unpack(blocks, name)`` if that is given.

    Raises
    ------
    UserError
        It gives nothing, no text, or more than ``most`` bytes; see also `read_blocks`.
    """
    gathered = bytearray()
    blocks = read_blocks(data)
    for block in blocks if unpack is None else unpack(blocks, name_stream(data)):
        gathered += block
        if looks_binary(bytes(gathered[:LOOK_AT])):
            raise UserError(f"{name_stream(data)}: binary, not text. Give a file, or a pipe with text in it.")
        if len(gathered) > most:
            raise UserError(f"{name_stream(data)}: more than {most / 1e6:g} MB without an end. Give a file.")
    if not gathered.strip():
        raise UserError(f"{name_stream(data)}: empty. Give a file, or a pipe with text in it.")
    return bytes(gathered)
