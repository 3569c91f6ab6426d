"""Reads an answer's file as Python would: encodings that it declares, byte-order marks, what is no source."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

from groundup.base.decoding import check_utf8, find_wide
from groundup.base.errors import UserError

MOST_BYTES = 2**20
NOTEBOOK = ".ipynb"
# Pictures that were shown lie in the file, too.
MOST_NOTEBOOK_BYTES = 2**26
SUFFIXES = (".py", NOTEBOOK)

# As PEP 263 has it, for bytes: the line itself may be in the encoding that it declares.
_DECLARED = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_COMMENT_OR_EMPTY = re.compile(rb"^[ \t\f]*(?:#|$)")


def is_answer_file(path: Path) -> bool:
    """Tell by its suffix whether a file may hold an answer: Python, or a notebook."""
    return path.suffix.lower() in SUFFIXES


def is_notebook(path: Path) -> bool:
    """Tell by its suffix whether a file is a notebook."""
    return path.suffix.lower() == NOTEBOOK


def read_bytes(path: Path, name: str, follow: bool = True) -> bytes:
    """Return the content of a regular file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.
    follow : bool
        Whether the file may be a link.

    Raises
    ------
    UserError
        It cannot be read, is no regular file, or is too large.
    """
    most = MOST_NOTEBOOK_BYTES if is_notebook(path) else MOST_BYTES
    # Opening a file that meanwhile became a pipe would wait for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    flags |= 0 if follow else getattr(os, "O_NOFOLLOW", 0)
    try:
        _check_kind(os.stat(path, follow_symlinks=follow).st_mode, name)
        handle = os.open(path, flags)
        try:
            _check_kind(os.fstat(handle).st_mode, name)
            with open(handle, "rb", closefd=False) as file:
                raw = file.read(most + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise UserError(f"{name}: {(error.strerror or str(error)).lower()}.") from error
    except ValueError as error:
        raise UserError(f"{name}: {error}.") from error
    if len(raw) > most:
        raise UserError(f"{name}: larger than {most // 2**20} MiB, which no answer is.")
    return raw


def _check_kind(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link, which is not followed"))
        told = next((told for is_kind, told in kinds if is_kind(mode)), "no regular file")
        raise UserError(f"{name}: {told}.")


def _decode_utf8(raw: bytes, name: str) -> str:
    """Return UTF-8 as text, without a mark; what a text's later lines declare says nothing to Python."""
    return b"".join(check_utf8([raw], name)).decode().removeprefix("\ufeff")


def decode_source(raw: bytes, name: str) -> str:
    r"""Return a source as text: UTF-8, or what its first or second line declares (PEP 263).

    Parameters
    ----------
    raw : bytes
        The file.
    name : str
        What messages call it.

    Raises
    ------
    UserError
        It is no text in that encoding, or holds zero bytes; the line is named.

    Examples
    --------
    >>> decode_source("# -*- coding: latin-1 -*-\n# été".encode("latin-1"), "a.py")[-3:]
    'été'
    """
    if (wide := find_wide(raw)) is not None:
        encoding = wide[1][:6].upper()
        raise UserError(f"{name}: {encoding}, which Python does not read. Save the file as UTF-8.")
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(0)) + 1
        raise UserError(f"{name}, line {line}: a zero byte, as a full disk or a broken copy leaves it. Save it again.")
    declared = find_declared(raw)
    if declared is None:
        return _decode_utf8(raw, name)
    line, encoding = declared
    marked = raw.startswith(codecs.BOM_UTF8)
    try:
        known = codecs.lookup(_shorten(encoding))
        # Codecs that are not for text, and those in which not even this line could be read.
        if b"# coding".decode(known.name) != "# coding":
            raise LookupError
    except (LookupError, ValueError):
        told = f"{name}, line {line}: Python does not know the encoding {encoding}. Save the file as UTF-8."
        raise UserError(told) from None
    if known.name == "utf-8":
        return _decode_utf8(raw, name)
    if marked:
        told = f"{name}, line {line}: it declares {encoding}, but is marked as UTF-8. Remove the declaration."
        raise UserError(told)
    try:
        return raw.decode(known.name)
    except UnicodeDecodeError as error:
        wrong = raw.count(b"\n", 0, error.start) + 1
        byte = f"byte {error.start} (0x{raw[error.start]:02x})"
        told = f"{name}, line {wrong}: {byte} is not valid {encoding}, which line {line} declares."
        raise UserError(f"{told} Save the file as UTF-8.") from None
    except ValueError as error:
        raise UserError(f"{name}: it is not valid {encoding} ({error}). Save the file as UTF-8.") from None


def find_declared(raw: bytes) -> tuple[int, str] | None:
    """Return line and name of the encoding that a source declares; None if it declares none."""
    lines = re.split(rb"\r\n|\r|\n", raw.removeprefix(codecs.BOM_UTF8), maxsplit=2)
    for number, line in enumerate(lines[:2], start=1):
        if found := _DECLARED.match(line):
            return number, found[1].decode()
        if not _COMMENT_OR_EMPTY.match(line):
            break
    return None


def _shorten(encoding: str) -> str:
    """Return an encoding's name without what Emacs puts after it for the ends of lines (``utf-8-unix``)."""
    plain = encoding.lower().replace("_", "-")
    for name in ("utf-8", "latin-1", "iso-8859-1", "iso-latin-1"):
        if plain.startswith(name + "-"):
            return name
    return encoding
