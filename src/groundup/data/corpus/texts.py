"""Text to train on: a file, a folder, JSONL, Parquet, standard input, or what comes with Python.

Text is kept character for character, line ends included; only a byte-order mark at the start of a file is dropped.
It is UTF-8, or what its byte-order mark or its first lines say (`groundup.base.decoding`). A compressed file is read
as the plain one would be. In JSONL every line is an object and in Parquet every row a record, whose ``text`` is one
document. Files of a folder are joined in the order of their paths, an empty line between them.
"""

from __future__ import annotations

import codecs
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from groundup.base.decoding import LOOK_AT, binary_file, check_utf8, decode_text, is_plain, looks_binary
from groundup.base.errors import UserError
from groundup.base.json_faults import describe_json_error
from groundup.data.corpus.names import find_names
from groundup.data.corpus.packed_texts import (
    PARQUET,
    find_packing,
    is_bookkeeping,
    plain_name,
    read_bytes,
    read_head,
    read_raw,
    unpack_blocks,
)
from groundup.data.corpus.text_column import BETWEEN_DOCUMENTS, FIND, USUAL, TextColumn
from groundup.data.listing import walk_files
from groundup.data.named.resolve import locate
from groundup.data.streams import is_stream, name_stream, read_blocks, read_stream

BUILT_IN = {
    "shakespeare": "plays of Shakespeare, 1,115,394 characters (the default)",
    "python-reference": "the Python language reference, about 465,000 characters of English",
    "standard-library": "the source of Python's standard library, several million characters of code",
    "shakespeare-names": "520 names of people and places in these plays, one per line",
}
# In a file of this many bytes or more, numbers that are all this small are those of tokens (GPT-2 has 50,257).
LEAST_TOKEN_BYTES = 128
MOST_SHORT_TOKENS, MOST_LONG_TOKENS = 50_304, 300_000
SHAKESPEARE = Path(__file__).with_name("shakespeare.txt")


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


def read_text(data: str | None = None, column: TextColumn = FIND) -> Text:
    """Read a whole text into memory.

    Parameters
    ----------
    data : str, optional
        A path of a file, a folder or a pipe, ``-`` for standard input, a name (see
        `groundup.data.named.resolve.locate`), or one in `BUILT_IN`; the first of those by default.
    column : TextColumn, optional
        How the field of JSONL and the column of Parquet files are chosen.

    Raises
    ------
    UserError
        Nothing has that name, the text is empty, binary or wrongly encoded, a JSONL line has no text, or a packed file
        is damaged.

    Examples
    --------
    >>> text = read_text("shakespeare")
    >>> len(text.content), text.content[:14]
    (1115394, 'First Citizen:')
    """
    name = data or next(iter(BUILT_IN))
    if is_stream(name):
        text = Text(name_stream(name), decode_text(read_stream(name, unpack=unpack_blocks), name_stream(name)))
    elif (path := locate(name, BUILT_IN)).exists():
        files, notes = find_text_files(path)
        notes += describe_columns(files, column)
        text = Text(name, BETWEEN_DOCUMENTS.join(read_text_file(file, column) for file in files), notes)
    elif name == "shakespeare":
        text = Text(name, read_text_file(SHAKESPEARE))
    elif name == "python-reference":
        text = Text(name, BETWEEN_DOCUMENTS.join(_reference_pages()))
    elif name == "standard-library":
        sources = (read_text_file(path) for path in _library_sources())
        text = Text(name, BETWEEN_DOCUMENTS.join(source for source in sources if source))
    elif name == "shakespeare-names":
        text = Text(name, "".join(f"{found}\n" for found in find_names(read_text_file(SHAKESPEARE))))
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
        A folder that cannot be read or holds no text file; a file of token numbers.
    """
    if path.is_file():
        if _holds_token_numbers(path):
            raise _refuse_token_numbers(path)
        return [path], []
    found: list[Path] = []
    binary: list[Path] = []
    for file in walk_files(path):
        if not is_bookkeeping(file):
            (found if _is_text(file) else binary).append(file)
    if not found:
        if binary and _holds_token_numbers(binary[0]):
            raise _refuse_token_numbers(binary[0])
        raise UserError(
            f"{path}: no text files in this folder. Give a folder with .txt, .md, .jsonl, .parquet or other text."
        )
    notes = [f"{path}: {len(binary)} binary file(s) left out, the first is {binary[0].name}."] if binary else []
    return sorted(found), notes


def _holds_token_numbers(path: Path) -> bool:
    """Tell whether a file looks like those of nanoGPT: token numbers, with 16 bits each (or 32), and nothing else."""
    if path.suffix.lower() != ".bin":
        return False
    head = read_bytes(path, LOOK_AT)
    head = head[: len(head) // 4 * 4]
    if len(head) < LEAST_TOKEN_BYTES or not looks_binary(head):
        return False
    short, long = (struct.unpack(f"<{len(head) // size}{kind}", head) for size, kind in ((2, "H"), (4, "I")))
    return max(short) < MOST_SHORT_TOKENS or max(long) < MOST_LONG_TOKENS


def _refuse_token_numbers(path: Path) -> UserError:
    source = path.with_name("input.txt")  # as nanoGPT's own examples call it
    text = f"{source}, the text that it was" if source.is_file() else "the text that it was"
    return UserError(
        f"{path}: a file of token numbers, such as nanoGPT trains on, not text. Give {text} made from: groundup makes "
        "its own tokens (--set tokenizer=bytepair for byte pairs)."
    )


def describe_columns(files: Iterable[Path], column: TextColumn = FIND) -> list[str]:
    """Return notes on columns that were found, unless they are called as usual, and on rows without a text.

    Raises
    ------
    UserError
        A Parquet file is damaged, or a file has not one certain column of texts.
    """
    chosen: dict[str, Path] = {}
    notes = []
    for file in files:
        if find_packing(file, read_bytes(file, LOOK_AT)) == PARQUET:
            from groundup.data.corpus.parquet_texts import find_column

            name, missing = find_column(file, column)
            if missing:
                notes.append(f"{file}: {missing} row(s) without a text left out.")
        elif is_json_lines(file):
            name = find_field(file, str(file), column)
        else:
            continue
        if name not in (USUAL, column.name):
            chosen.setdefault(name, file)
    return [*(f'{file}: the text is its column "{_tidy(name)}".' for name, file in chosen.items()), *notes]


def find_field(path: Path, name: str, column: TextColumn) -> str:
    """Return which field of a file of JSONL is the text, by its first record; ``name`` is for messages.

    Raises
    ------
    UserError
        Several could be, or the file is packed and damaged.
    """
    head = bytearray()
    for block in read_raw(path):
        head += block if head else block.removeprefix(codecs.BOM_UTF8).lstrip()
        if b"\n" in head[-len(block) :]:
            break
    try:
        record = json.loads(head.partition(b"\n")[0])
    except (ValueError, RecursionError):
        record = None  # told when the text is read
    return column.choose_field(name, record if isinstance(record, dict) else {})


def read_text_file(path: Path, column: TextColumn = FIND) -> str:
    """Return one file's text, unpacked; of JSONL (``.jsonl``, ``.ndjson``) and Parquet its documents, joined.

    Raises
    ------
    UserError
        See `decode_text`, `read_documents` and `groundup.data.corpus.packed_texts.read_raw`.
    """
    raw = b"".join(read_raw(path, column))
    if find_packing(path, read_bytes(path, LOOK_AT)) == PARQUET:
        return raw.decode()
    text = decode_text(raw, str(path))
    if is_json_lines(path):
        return BETWEEN_DOCUMENTS.join(read_documents(text.split("\n"), str(path), column=column))
    return text


def is_json_lines(path: Path) -> bool:
    """Tell by its suffix whether a file is JSONL, compressed or not."""
    return plain_name(path).lower().endswith((".jsonl", ".ndjson"))


def copy_stream_as_text(data: str, path: Path) -> None:
    """Write standard input or a pipe to a file as it comes, unpacked, in the memory of one block.

    Raises
    ------
    UserError
        It is empty, binary, or not UTF-8.
    """
    name, empty = name_stream(data), True
    source = unpack_blocks(read_blocks(data), name)
    head = next(source, b"")
    if not is_plain(head[:LOOK_AT]):
        raise binary_file(name, head)
    with path.open("wb") as file:
        for block in check_utf8(chain([head], source), name):
            empty = empty and not block.decode("utf-8", "ignore").strip()
            file.write(block if file.tell() else block.removeprefix(codecs.BOM_UTF8))
    if empty:
        raise empty_text(name)


def empty_text(name: str) -> UserError:
    """Return what is said of a text in which there is nothing to learn from."""
    return UserError(f"{name}: the text is empty. Give a file or folder with some text in it.")


def read_documents(lines: Iterable[str], name: str, first_line: int = 1, column: TextColumn = FIND) -> list[str]:
    """Return the text of every JSONL line; empty lines count for nothing.

    Raises
    ------
    UserError
        A line is no JSON object, has no text in its field of texts, or that field is not certain.
    """
    documents: list[str] = []
    field = ""
    for number, line in enumerate(lines, start=first_line):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(
                f"{name}, line {number}: not valid JSON ({describe_json_error(error)}). Correct or remove the line."
            ) from error
        if isinstance(record, dict):
            field = field or (column).choose_field(name, record)
        if not isinstance(record, dict) or not isinstance(record.get(field), str):
            raise _lacks_text(f"{name}, line {number}", field or USUAL)
        try:
            record[field].encode()
        except UnicodeEncodeError as error:
            raise UserError(
                f"{name}, line {number}: character {error.start} of the text is half of a pair (a lone surrogate), "
                "which UTF-8 cannot write. Correct or remove the line."
            ) from error
        documents.append(record[field])
    return documents


def _lacks_text(place: str, field: str) -> UserError:
    return UserError(f'{place}: no text in the field "{_tidy(field)}". Add it, or remove the line.')


def _tidy(name: str) -> str:
    # Not above: tables take a while to import.
    from groundup.data.tables.table import tidy

    return tidy(name)


def _reference_pages() -> list[str]:
    from pydoc_data.topics import topics

    return [topics[name].strip() for name in sorted(topics)]


def _library_sources() -> list[Path]:
    import sysconfig

    library = Path(sysconfig.get_path("stdlib"))
    skipped = {"test", "tests", "site-packages", "dist-packages", "lib2to3", "__pycache__", "idlelib", "pydoc_data"}
    return sorted(path for path in library.rglob("*.py") if not skipped & set(path.relative_to(library).parts))


def _is_text(file: Path) -> bool:
    """Tell whether a file in a folder is one to learn from: not binary, and of Parquet with a column of texts."""
    head = read_bytes(file, LOOK_AT)
    packing = find_packing(file, head)
    if packing == PARQUET:
        from groundup.data.corpus.parquet_texts import has_texts

        return has_texts(file)
    return not looks_binary(head if packing is None else read_head(file))
