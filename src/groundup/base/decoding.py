"""Bytes to text: UTF-8, UTF-16 and UTF-32, and what a file says of itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from groundup.base.errors import UserError

LOOK_AT = 8192
_MARKS = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A Python source's first or second line, an XML declaration, a web page's meta element.
_SOURCE = re.compile(rb"\A(?:[^\n]*\r?\n)?[ \t\f]*(?:#|//|/\*|%|;)[^\n]*?coding[:=][ \t]*([-\w.]+)")
_MARKUP = re.compile(
    rb"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([-\w.]+)|<meta[^>]*?charset\s*=\s*["']?([-\w.]+)""", re.I
)
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|head|body|table)\b", re.IGNORECASE)
# What files of other kinds begin with, what they are, and what to do with them; nothing where that is not known.
_UNPACK, _SAVE = "Unpack it, and give what is in it.", "Save its text as a plain text file (UTF-8)."
_SHEET = "Save the sheet as CSV (UTF-8)."
_KINDS = (
    (b"%PDF-", "a PDF", _SAVE),
    (b"{\\rtf", "a document (RTF)", _SAVE),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document", f"{_SHEET[:-1]}, or the text as a text file."),
    (b"\x89PNG\r\n\x1a\n", "a picture", ""),
    (b"\xff\xd8\xff", "a picture", ""),
    (b"GIF87a", "a picture", ""),
    (b"GIF89a", "a picture", ""),
    (b"SQLite format 3\0", "a database (SQLite)", "Export the table as CSV."),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", ""),
    (b"\x93NUMPY", "a NumPy array", ""),
)
_ZIPPED = (
    ((b"xl/", b"opendocument.spreadsheet"), "an Excel file or another spreadsheet", _SHEET),
    ((b"word/", b"opendocument.text", b"epub+zip", b"ppt/"), "a document (Word, EPUB or alike)", _SAVE),
    ((b".npy",), "NumPy arrays (npz)", ""),
)
# These write everything in ASCII: such a file is valid UTF-8, but another text.
_SEVEN_BITS = ("iso2022", "hz", "utf_7", "utf7")


def decode_text(raw: bytes, name: str) -> str:
    """Return ``raw`` as text, without a byte-order mark.

    Parameters
    ----------
    raw : bytes
        UTF-8, UTF-16, UTF-32, or what its first lines declare.
    name : str
        Where it comes from, for the error.

    Raises
    ------
    UserError
        It is binary, or wrongly encoded: the first wrong byte's position and line are named.

    Examples
    --------
    >>> decode_text("né".encode(), "a.txt")
    'né'
    """
    if find_kind(raw[:LOOK_AT]) is not None:
        raise binary_file(name, raw[:LOOK_AT])
    wide = find_wide(raw)
    if wide is not None:
        mark, encoding = wide
        try:
            return raw[len(mark) :].decode(encoding)
        except UnicodeDecodeError as error:
            place = len(mark) + error.start
            known = encoding[:6].upper()
            raise UserError(f"{name}: byte {place} is not valid {known}. Save the file as UTF-8.") from error
    if b"\0" in raw[:LOOK_AT]:
        raise binary_file(name, raw[:LOOK_AT])
    declared = _find_declared(raw[:LOOK_AT])
    if declared is not None and declared.startswith(_SEVEN_BITS):
        return _decode_declared(raw, declared, name)
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if declared is not None:
            return _decode_declared(raw, declared, name)
        line = raw.count(b"\n", 0, error.start) + 1
        raise wrong_byte(name, line, error.start, raw[error.start]) from error


def find_wide(raw: bytes) -> tuple[bytes, str] | None:
    """Return the byte-order mark (it may be missing) and the encoding of a text in UTF-16 or UTF-32, else ``None``.

    Examples
    --------
    >>> find_wide("né".encode("utf-16-le")), find_wide(b"ne")
    ((b'', 'utf-16-le'), None)
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return None if encoding == "utf-8" else (mark, encoding)
    head = raw[:LOOK_AT]
    even, odd = head[::2], head[1::2]
    for zeros, others, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if len(head) % 2 == 0 and zeros.count(0) > max(1, len(zeros) // 2) and 0 not in others:
            text = head.decode(encoding, "replace")
            if all(letter.isprintable() or letter.isspace() for letter in text):
                return b"", encoding
    return None


def looks_binary(head: bytes) -> bool:
    """Tell by a file's first bytes whether it is no text."""
    return find_kind(head) is not None or (b"\0" in head[:LOOK_AT] and find_wide(head) is None)


def is_plain(head: bytes) -> bool:
    """Tell by a file's first bytes whether it can be UTF-8: not of another kind, and without zeros."""
    return b"\0" not in head and find_kind(head) is None


def is_markup(head: bytes) -> bool:
    """Tell by a file's first bytes whether it is a web page or XML."""
    return _PAGE.match(head) is not None


def find_kind(head: bytes) -> tuple[str, str] | None:
    """Return what a file of another kind than text is, by its first bytes, and what to do with it; else ``None``.

    Examples
    --------
    >>> find_kind(b"%PDF-1.7"), find_kind(b"plain text")
    (('a PDF', 'Save its text as a plain text file (UTF-8).'), None)
    """
    if head.startswith(b"PK\x03\x04"):
        kinds = (kind for marks, *kind in _ZIPPED if any(mark in head[:LOOK_AT] for mark in marks))
        what, remedy = next(kinds, ("a ZIP archive", _UNPACK))
        return what, remedy
    if head[257:262] == b"ustar":
        return "a tar archive", "Unpack it (tar -xf), and give what is in it."
    return next(((what, remedy) for mark, what, remedy in _KINDS if head.startswith(mark)), None)


def check_utf8(blocks: Iterable[bytes], name: str, start: int = 0, lines: int = 0) -> Iterator[bytes]:
    """Yield blocks of a file, cut anywhere, each once it is known to be UTF-8.

    Parameters
    ----------
    blocks : iterable of bytes
        The file from byte ``start`` on.
    name : str
        Where they come from, for the error.
    start, lines : int
        How many bytes and line ends the file has before them.

    Raises
    ------
    UserError
        The first wrong byte's position and line are named.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in chain(blocks, [b""]):
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            line = lines + error.object.count(b"\n", 0, error.start) + 1
            raise wrong_byte(name, line, start - waiting + error.start, error.object[error.start]) from error
        start, lines = start + len(block), lines + block.count(b"\n")
        yield block


def other_kind(name: str, found: tuple[str, str], wanted: str, otherwise: str) -> UserError:
    """Return what is said of a file of another kind (see `find_kind`); ``otherwise``: the remedy where it has none."""
    what, remedy = found
    return UserError(f"{name}: {what}, not {wanted}. {remedy or otherwise}")


def binary_file(name: str, head: bytes = b"") -> UserError:
    """Return what is said of a file that is no text, by its first bytes if they are given."""
    found = find_kind(head)
    if found is not None:
        return other_kind(name, found, "a text", "Give a text file.")
    return UserError(f"{name}: a binary file (or UTF-16), not UTF-8 text. Give a text file, or convert it to UTF-8.")


def wrong_byte(name: str, line: int, place: int, byte: int) -> UserError:
    """Return what is said of a byte that is not UTF-8, by its line and its place in the file."""
    return UserError(f"{name}, line {line}: byte {place} (0x{byte:02x}) is not valid UTF-8. Save the file as UTF-8.")


def _find_declared(head: bytes) -> str | None:
    """Return the name of the encoding that a text declares in its first lines, as Python knows it."""
    found = _SOURCE.search(head) or _MARKUP.search(head)
    if found is None:
        return None
    try:
        codec = codecs.lookup(next(name for name in found.groups() if name).decode())
    except LookupError:
        return None
    return codec.name.replace("-", "_") if codec._is_text_encoding else None


def _decode_declared(raw: bytes, encoding: str, name: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{name}, line {line}: byte {error.start} (0x{raw[error.start]:02x}) is not valid {encoding}, "
            "which the file says it is written in. Save the file as UTF-8."
        ) from error
