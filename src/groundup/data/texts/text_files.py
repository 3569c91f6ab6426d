"""One file of labelled texts, opened: compressed or not, a text of any of the known kinds, or Parquet."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from groundup.base.decoding import LOOK_AT, decode_text, find_kind, find_wide, is_markup, other_kind
from groundup.base.errors import UserError
from groundup.data.corpus.packed_texts import PARQUET as PACKED_AS_PARQUET
from groundup.data.corpus.packed_texts import find_packing, plain_name, read_raw
from groundup.data.streams import name_stream, read_stream
from groundup.data.texts.column_names import ColumnsNotFoundError, LooksLikeLabel
from groundup.data.texts.labelled_rows import Row, Rows, read_records, read_rows
from groundup.data.texts.sentiment_labels import parse_label, parse_labels

SUFFIXES = (".tsv", ".csv", ".jsonl", ".txt", ".json", ".ndjson", ".parquet")
_PARQUET = b"PAR1"
_LONGEST_LABEL = 60


@dataclass(frozen=True)
class Reading:
    """How a file of labelled texts is to be read.

    Attributes
    ----------
    text_column, label_column : str
        Columns by their names, or by their numbers from 1 on; found where left empty.
    labels : str
        What labels mean, see `groundup.data.texts.sentiment_labels.parse_labels`.
    scale : str
        The name of a scale of numbers to take where it fits; mostly that of the data a run was trained on.
    classes : tuple of str
        The classes of the run that the texts are for; of a new run none.
    measured : bool
        Whether a run is measured on the texts, and nothing can be set for it.
    """

    text_column: str = ""
    label_column: str = ""
    labels: str = ""
    scale: str = ""
    classes: tuple[str, ...] = ()
    measured: bool = False

    def make_label_test(self) -> LooksLikeLabel:
        """Return what tells whether a cell can be a label: a usual one, or one that the user names."""
        named = parse_labels(self.labels)
        known = {parse_label(name).key for name in self.classes}

        def looks_like_label(cell: str) -> bool:
            if len(cell) > _LONGEST_LABEL:
                return False
            label = parse_label(cell)
            return label.looks_like_one or label.key in named or label.key in known

        return looks_like_label


@dataclass(frozen=True)
class Source:
    """Rows whose labels are not understood yet, and where they come from.

    Attributes
    ----------
    name : str
        The file.
    rows : list of Row
        Its rows.
    label_column : str or None
        The name of the column of labels; ``None`` if the first row may be the columns' names after all.
    note : str
        What the user should know of how it was read.
    """

    name: str
    rows: list[Row]
    label_column: str | None = ""
    note: str = ""


def read_source(data: Path | str, reading: Reading) -> Source:
    """Read the rows of a file or a stream.

    Raises
    ------
    UserError
        It is missing, empty, damaged, binary or wrongly encoded, or a row or column of it cannot be used.
    """
    try:
        return _read_source(data, reading)
    except ColumnsNotFoundError as error:
        if not reading.measured:
            raise
        remedy = "In the first line, name the columns as where the run was trained, or text and label."
        raise UserError(f"{error.fault} {remedy}") from error


def _read_source(data: Path | str, reading: Reading) -> Source:
    name = name_stream(data) if isinstance(data, str) else str(data)
    content = read_stream(data) if isinstance(data, str) else read_unpacked(data)
    if not content.strip():
        raise UserError(f"{name}: the file is empty. It needs labelled texts, one a line.")
    looks_like_label = reading.make_label_test()
    if content.startswith(_PARQUET):
        rows = _read_parquet(content, name, reading, looks_like_label)
        return Source(name, *rows)
    found = find_kind(content[:LOOK_AT])
    if found is None and is_markup(content[:LOOK_AT]):
        found = "a web page or XML", ""
    if found is not None:
        raise other_kind(name, found, "labelled texts", "Give labelled texts as .csv, .tsv, .jsonl or .parquet.")
    if b"\0" in content and find_wide(content) is None:
        place = content.index(b"\0")
        raise UserError(
            f"{name}: a binary file (byte {place} is zero). Give labelled texts as .csv, .tsv, .jsonl or .parquet."
        )
    rows = read_rows(
        decode_text(content, name), name, reading.text_column, reading.label_column, looks_like_label, find_suffix(name)
    )
    return Source(name, *rows)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    UserError
        It cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file. Give labelled texts as .csv, .tsv or .jsonl, or a folder.") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def read_unpacked(path: Path) -> bytes:
    """Return the content of a file; if it is compressed, of what it holds. Parquet stays as it is.

    Raises
    ------
    UserError
        It cannot be read, or is damaged or cut short.
    """
    content = read_bytes(path)
    return content if find_packing(path, content[:LOOK_AT]) in (None, PACKED_AS_PARQUET) else b"".join(read_raw(path))


def find_suffix(name: str) -> str:
    """Return the suffix that tells a file's kind.

    Examples
    --------
    >>> find_suffix("reviews.CSV.gz"), find_suffix("train.ft.txt"), find_suffix("a")
    ('.csv', '.txt', '')
    """
    return PurePath(plain_name(Path(name))).suffix.lower()


def _read_parquet(content: bytes, name: str, reading: Reading, looks_like_label: LooksLikeLabel) -> Rows:
    import pyarrow as pa
    import pyarrow.parquet

    try:
        table = pa.parquet.read_table(io.BytesIO(content))
        records = list(enumerate(table.to_pylist(), start=1))
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise UserError(f"{name}: not a Parquet file, or a damaged one ({reason}). Get the file again.") from error
    if not records:
        return Rows([], "")
    rows = read_records(records, name, reading.text_column, reading.label_column, looks_like_label)
    names = _find_label_names(table.schema.metadata or {}, rows.label_column)
    if not names:
        return rows
    # Hugging Face writes classes as numbers and their names beside them; -1 is a text without a label.
    named = [row._replace(label=names.get(row.label, row.label)) for row in rows.rows if row.label != "-1"]
    return rows._replace(rows=named)


def _find_label_names(metadata: dict[bytes, bytes], column: str | None) -> dict[str, str]:
    try:
        features: Any = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        names = features[column]["names"]
        return {str(number): str(name) for number, name in enumerate(names)}
    except (ValueError, KeyError, TypeError):
        return {}
