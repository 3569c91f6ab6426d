"""The texts of a Parquet file: one document a row of its column of texts, read a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from groundup.base.errors import UserError
from groundup.data.corpus.text_column import BETWEEN_DOCUMENTS, USUAL, TextColumn

_BATCH_BYTES = 1 << 21
_MOST_ROWS = 4096
# What a damaged file makes pyarrow raise.
_TROUBLE = (pa.ArrowException, OSError, ValueError, KeyError, IndexError, OverflowError, MemoryError)


def read_parquet(path: Path, column: TextColumn, advance: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """Yield the documents of a file in UTF-8, an empty line between two; rows without a text are left out.

    Parameters
    ----------
    path : Path
        The file.
    column : TextColumn
        How the column of texts is chosen.
    advance : callable, optional
        Called with how many more bytes of the file are read, counted by its rows.

    Raises
    ------
    UserError
        It is no Parquet file, a damaged one, has not one certain column of texts, or a text is not UTF-8.
    """
    row, separator = 0, b""
    with _open(path) as file:
        name = _choose(path, file, column)
        rows_at_once = max(1, min(_MOST_ROWS, _BATCH_BYTES * file.metadata.num_rows // max(1, _measure(file, name))))
        for batch in file.iter_batches(rows_at_once, columns=[name], use_threads=False):
            documents = _as_bytes(batch.column(0)).to_pylist()
            block = BETWEEN_DOCUMENTS.encode().join(document for document in documents if document is not None)
            try:
                block.decode()
            except UnicodeDecodeError:
                raise _wrong_row(path, name, documents, row) from None
            row += len(documents)
            if advance is not None:
                advance(path.stat().st_size * len(documents) // file.metadata.num_rows)
            if any(document is not None for document in documents):
                yield separator + block
                separator = BETWEEN_DOCUMENTS.encode()


def has_texts(path: Path) -> bool:
    """Tell whether a Parquet file has a column of texts at all.

    Raises
    ------
    UserError
        It is no Parquet file, or a damaged one.
    """
    with _open(path) as file:
        return bool(_list_texts(file, TextColumn()))


def find_column(path: Path, column: TextColumn) -> tuple[str, int]:
    """Return the column of texts, and how many rows have none, as far as the file's footer tells.

    Raises
    ------
    UserError
        See `read_parquet`.
    """
    with _open(path) as file:
        name = _choose(path, file, column)
        found = [part.statistics for part in _find_parts(file, name)]
        return name, sum(one.null_count for one in found if one is not None and one.has_null_count)


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    try:
        # Reading ahead would keep the whole file in memory in the end.
        with pa.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BATCH_BYTES) as file:
            yield file
    except UserError:
        raise
    except _TROUBLE as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        reason = reason[:1].lower() + reason[1:]
        raise UserError(
            f"{path}: not a Parquet file, or a damaged one ({reason}). Copy or download it again."
        ) from error


def _choose(path: Path, file: Any, column: TextColumn) -> str:
    return column.choose(str(path), list(file.schema_arrow.names), _list_texts(file, column))


def _list_texts(file: Any, column: TextColumn) -> list[str]:
    """Return the columns that can hold texts: of bytes only those that are said to be texts."""
    return [
        field.name
        for field in file.schema_arrow
        if _is_text(field.type) or (_is_bytes(field.type) and field.name in (USUAL, column.name))
    ]


def _is_text(kind: Any) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)


def _is_bytes(kind: Any) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def _as_bytes(column: Any) -> Any:
    column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return column.cast(pa.large_string() if _is_text(column.type) else pa.large_binary()).cast(pa.large_binary())


def _find_parts(file: Any, name: str) -> Iterator[Any]:
    """Yield what the footer says of a column in each row group."""
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        columns = (group.column(place) for place in range(group.num_columns))
        yield from (part for part in columns if part.path_in_schema == name)


def _measure(file: Any, name: str) -> int:
    return sum(part.total_uncompressed_size for part in _find_parts(file, name))


def _wrong_row(path: Path, name: str, documents: list[bytes | None], before: int) -> UserError:
    from groundup.data.tables.table import tidy

    for row, document in enumerate(documents, start=before + 1):
        try:
            (document or b"").decode()
        except UnicodeDecodeError as error:
            return UserError(
                f'{path}, row {row}, column "{tidy(name)}": byte {error.start} (0x{error.object[error.start]:02x}) is '
                "not valid UTF-8. Write the file again with texts in UTF-8."
            )
    raise AssertionError("no wrong text")
