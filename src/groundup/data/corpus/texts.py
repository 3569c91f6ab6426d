"""Text to train on: a file, a folder, JSONL, standard input, or what comes with Python.

Text is kept character for character, line ends included; only a byte-order mark at the start of a file is dropped.
It is UTF-8, or what its byte-order mark or its first lines say (`groundup.base.decoding`). In JSONL every line is an
object whose ``text`` is one document. Files of a folder are joined in the order of their paths, an empty line between
them.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from groundup.base.decoding import LOOK_AT, binary_file, check_utf8, decode_text, looks_binary
from groundup.base.errors import UserError
from groundup.data.listing import walk_files
from groundup.data.named.resolve import locate
from groundup.data.streams import is_stream, name_stream, read_blocks, read_stream

BUILT_IN = {
    "shakespeare": "plays of Shakespeare, 1,115,394 characters (the default)",
    "python-reference": "the Python language reference, about 465,000 characters of English",
    "standard-library": "the source of Python's standard library, several million characters of code",
}
SHAKESPEARE = Path(__file__).with_name("shakespeare.txt")
BETWEEN_DOCUMENTS = "\n\n"


@dataclass
class Text:
    """A text and what there is to tell about it.

    Attributes
    ----------
    name : str
        Where it comes from, for messages.
    content : str
        The text itself.
    notes : list of str
        What the user should know, such as files left out.
    """

    name: str
    content: str
    notes: list[str] = field(default_factory=list)


def read_text(data: str | None = None) -> Text:
    """Read a whole text into memory.

    Parameters
    ----------
    data : str, optional
        A path of a file, a folder or a pipe, ``-`` for standard input, a name (see
        `groundup.data.named.resolve.locate`), or one in `BUILT_IN`; the first of those by default.

    Raises
    ------
    UserError
        Nothing has that name, the text is empty, binary or wrongly encoded, or a JSONL line has no text.

    Examples
    --------
    >>> text = read_text("shakespeare")
    >>> len(text.content), text.content[:14]
    (1115394, 'First Citizen:')
    """
    name = data or next(iter(BUILT_IN))
    if is_stream(name):
        text = Text(name_stream(name), decode_text(read_stream(name), name_stream(name)))
    elif (path := locate(name, BUILT_IN)).exists():
        files, notes = find_text_files(path)
        text = Text(name, BETWEEN_DOCUMENTS.join(read_text_file(file) for file in files), notes)
    elif name == "shakespeare":
        text = Text(name, read_text_file(SHAKESPEARE))
    elif name == "python-reference":
        text = Text(name, BETWEEN_DOCUMENTS.join(_reference_pages()))
    elif name == "standard-library":
        sources = (read_text_file(path) for path in _library_sources())
        text = Text(name, BETWEEN_DOCUMENTS.join(source for source in sources if source))
    else:
        raise UserError(
            f'No file, folder or built-in text called "{name}". Built in are {", ".join(BUILT_IN)}; '
            "- reads standard input."
        )
    if not text.content.strip():
        raise empty_text(text.name)
    return text


def find_text_files(path: Path) -> tuple[list[Path], list[str]]:
    """Return the text files at or under ``path`` in order, and notes on files left out.

    Of a folder, hidden files and binary ones (a zero byte near the start) are left out.

    Raises
    ------
    UserError
        A folder that cannot be read or holds no text file.
    """
    if path.is_file():
        return [path], []
    found: list[Path] = []
    binary: list[Path] = []
    for file in walk_files(path):
        (binary if looks_binary(_read_bytes(file, LOOK_AT)) else found).append(file)
    if not found:
        raise UserError(f"{path}: no text files in this folder. Give a folder with .txt, .md, .jsonl or other text.")
    notes = [f"{path}: {len(binary)} binary file(s) left out, the first is {binary[0].name}."] if binary else []
    return sorted(found), notes


def read_text_file(path: Path) -> str:
    """Return one file's text; of a JSONL file (``.jsonl``, ``.ndjson``) its documents, joined.

    Raises
    ------
    UserError
        See `decode_text` and `read_documents`; or the file cannot be read.
    """
    text = decode_text(_read_bytes(path), str(path))
    if is_json_lines(path):
        return BETWEEN_DOCUMENTS.join(read_documents(text.split("\n"), str(path)))
    return text


def is_json_lines(path: Path) -> bool:
    """Tell by its suffix whether a file is JSONL."""
    return path.suffix.lower() in (".jsonl", ".ndjson")


def copy_stream_as_text(data: str, path: Path) -> None:
    """Write standard input or a pipe to a file as it comes, in the memory of one block.

    Raises
    ------
    UserError
        It is empty, binary, or not UTF-8.
    """
    name, empty = name_stream(data), True
    source = read_blocks(data)
    head = next(source, b"")
    if b"\0" in head[:LOOK_AT]:
        raise binary_file(name)
    with path.open("wb") as file:
        for block in check_utf8(chain([head], source), name):
            empty = empty and not block.decode("utf-8", "ignore").strip()
            file.write(block if file.tell() else block.removeprefix(codecs.BOM_UTF8))
    if empty:
        raise empty_text(name)


def empty_text(name: str) -> UserError:
    """Return what is said of a text in which there is nothing to learn from."""
    return UserError(f"{name}: the text is empty. Give a file or folder with some text in it.")


def read_documents(lines: Iterable[str], name: str, first_line: int = 1) -> list[str]:
    """Return the ``text`` of every JSONL line; empty lines count for nothing.

    Raises
    ------
    UserError
        A line is no JSON object, or has no text in ``text``.
    """
    documents = []
    for number, line in enumerate(lines, start=first_line):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{name}, line {number}: not valid JSON ({error}). Correct or remove the line.") from error
        if not isinstance(record, dict) or not isinstance(record.get("text"), str):
            raise UserError(f'{name}, line {number}: no text in the field "text". Add it, or remove the line.')
        try:
            record["text"].encode()
        except UnicodeEncodeError as error:
            raise UserError(
                f"{name}, line {number}: character {error.start} of the text is half of a pair (a lone surrogate), "
                "which UTF-8 cannot write. Correct or remove the line."
            ) from error
        documents.append(record["text"])
    return documents


def _reference_pages() -> list[str]:
    from pydoc_data.topics import topics

    return [topics[name].strip() for name in sorted(topics)]


def _library_sources() -> list[Path]:
    import sysconfig

    library = Path(sysconfig.get_path("stdlib"))
    skipped = {"test", "tests", "site-packages", "dist-packages", "lib2to3", "__pycache__", "idlelib", "pydoc_data"}
    return sorted(path for path in library.rglob("*.py") if not skipped & set(path.relative_to(library).parts))


def _read_bytes(path: Path, count: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({_reason(error)}). Check the path and its permissions.") from error


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
