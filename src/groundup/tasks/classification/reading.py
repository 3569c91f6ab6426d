"""A table read for classification: the classes found first, then the rows, as any task on a table reads them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from groundup.base.errors import UserError
from groundup.data.tables.columns import ColumnCode, encode, is_called_identifier, list_names, refuse_empty
from groundup.data.tables.design_matrix import Design
from groundup.data.tables.table import Table, TableChunk, as_number, hold_table, open_table, read_words, show_cell
from groundup.data.tables.tumours import load_tumours
from groundup.tasks.tables.reading import TableSettings, read
from groundup.tasks.tables.rows import Readings, with_readings

BREAST_CANCER = "breast-cancer"
SOURCE = "breast cancer in Wisconsin (Street, Wolberg and Mangasarian 1993)"
MOST_CLASSES = 50
# Of columns that nobody named, one with so many different cells is hardly one of classes.
_LIKELY_CLASSES = 20
_WHOLE = re.compile(r"([-+]?\d+)\.0*")  # as pandas writes whole numbers of a column in which some are missing
_TARGET_NAMES = ("target", "y", "label", "class", "outcome", "category", "species", "diagnosis")


@dataclass(frozen=True)
class Rows:
    """Rows as features and classes.

    Attributes
    ----------
    X : array of float64, shape (batch, feature)
        The features.
    labels : array of int64, shape (batch,)
        The number of each row's class.
    """

    X: np.ndarray
    labels: np.ndarray

    @classmethod
    def take(cls, table: np.ndarray) -> Rows:
        """Take apart rows of ``[1, features, target]``."""
        return cls(table[:, 1:-1], table[:, -1].astype(np.int64))


@dataclass(frozen=True)
class Sample:
    """What is learned from, and what is held out.

    Attributes
    ----------
    design : Design
        How the columns become features.
    classes : tuple of str
        The classes, sorted.
    train, held : Rows
        The rows.
    notes : list of str
        What the user should know about the classes.
    """

    design: Design
    classes: tuple[str, ...]
    train: Rows
    held: Rows
    notes: list[str]


def open_data(data: str | None) -> Table:
    """Open a table; that of breast cancers where none is named."""
    return hold_breast_cancer() if data in (None, BREAST_CANCER) else open_table(str(data))


def hold_breast_cancer() -> Table:
    """Return scikit-learn's table of tumours.

    Examples
    --------
    >>> hold_breast_cancer().names[:2], hold_breast_cancer().names[-1]
    (['mean radius', 'mean texture'], 'diagnosis')
    """
    columns, malignant = load_tumours()
    return hold_table(SOURCE, {**columns, "diagnosis": np.where(malignant, "malignant", "benign").tolist()})


def read_sample(table: Table, settings: TableSettings, seed: int) -> Sample:
    """Read a table's rows and their classes.

    Raises
    ------
    UserError
        The table, or the column of classes, cannot be used.
    """
    named = settings.target is not None
    target = table.find(str(settings.target)) if named else _choose_target(table)
    counts = _count_classes(table, target, settings.skip_bad_rows)
    classes = tuple(sorted(counts, key=_rank))
    notes = _check_classes(table.source, target, counts)
    design = read(_number_classes(table, target, classes), replace(settings, target=target), seed, keep_rows=True)
    train, held = design.rows, design.held_rows
    for place, name in enumerate(classes):
        if np.any(train[:, -1] == place):
            continue
        mine = held[:, -1] == place
        if not np.any(mine):
            raise UserError(
                f'{table.source}, column "{target}": no usable row is "{name}": in each a cell is missing. Fill '
                "missing cells in with --set missing=mean, or take these rows out."
            )
        train, held = np.vstack([train, held[mine]]), held[~mine]
        notes.append(f'"{name}" is so rare that no row of it could be held out: its accuracy is not measured.')
    return Sample(design, classes, Rows.take(train), Rows.take(held), notes)


def read_known(data: str, codes: Sequence[ColumnCode], target: str, classes: Sequence[str]) -> tuple[Rows, int]:
    """Read another table by what a run knows of its columns; return the rows, and how many were left out.

    Raises
    ------
    UserError
        The table cannot be used, or a row is of a class that did not occur in training.
    """
    names = [target, *(code.name for code in codes)]
    table = open_table(data, remedy="Correct it.").call(names)
    # A run from before may have a class 1.0.
    places = {_as_class(name): place for place, name in enumerate(classes)}

    def work(readings: Readings) -> tuple[Rows, int]:
        X: list[np.ndarray] = []
        labels: list[np.ndarray] = []
        left_out = 0
        for chunk in table.read(names, False):
            features, usable = encode(table.source, chunk, codes, readings)
            numbers, words = _read_classes(chunk, target)
            found = np.array([*(places.get(word, -2) for word in words), -1])[numbers]
            if np.any(found == -2):
                index = int(np.argmax(found == -2))
                raise UserError(
                    f'{table.source}, row {chunk.rows[index]}, column "{target}": "{show_cell(chunk, target, index)}" '
                    f"did not occur in training, only {', '.join(classes)}. Correct it, or train with such rows."
                )
            usable &= found >= 0
            left_out += int(np.sum(~usable))
            X.append(features[usable])
            labels.append(found[usable])
        rows = Rows(np.concatenate(X), np.concatenate(labels))
        if not len(rows.labels):
            raise UserError(f"{table.source}: no row with every cell that is needed ({', '.join(names)}).")
        return rows, left_out

    return with_readings(table, codes, None, work)


def _choose_target(table: Table) -> str:
    """Return the column of classes: one called so, or the last one with a few different words, or whole numbers."""
    first = next((chunk for chunk in table.read(table.names, True) if len(chunk.rows)), None)
    if first is None:
        raise UserError(f"{table.source}: no rows under the header. A table needs rows to learn from.")
    called = [name for name in table.names if name.strip().lower() in _TARGET_NAMES]
    if fitting := [name for name in called if not _is_measured(read_words(first, name)[1])]:
        return fitting[0]
    likely = [name for name in reversed(table.names) if not is_called_identifier(name) and _has_few(first, name)]
    words = [name for name in likely if not all(map(_is_number, read_words(first, name)[1]))]
    if called and not likely:
        return called[0]  # what is wrong with it is told
    if not likely:
        raise UserError(
            f"{table.source}: no column with 2 to {_LIKELY_CLASSES} different words or whole numbers, one per class. "
            "Name one with --target."
        )
    return (words or likely)[0]


def _read_classes(chunk: TableChunk, target: str) -> tuple[np.ndarray, list[str]]:
    """Read a column of classes as `read_words` does; a whole number is the same class with and without ``.0``."""
    codes, written = read_words(chunk, target)
    classes = [_as_class(word) for word in written]
    words = list(dict.fromkeys(classes))
    places = {word: place for place, word in enumerate(words)}
    return np.array([*(places[word] for word in classes), -1])[codes], words


def _as_class(word: str) -> str:
    return match[1] if (match := _WHOLE.fullmatch(word)) else word


def _has_few(chunk: TableChunk, name: str) -> bool:
    words = read_words(chunk, name)[1]
    return 2 <= len(words) <= min(_LIKELY_CLASSES, max(2, len(chunk.rows) // 3)) and not _is_measured(words)


def _is_measured(words: Sequence[str]) -> bool:
    """Tell whether cells are numbers that were measured, or too many to be classes."""
    numbers = [as_number(word) for word in words]
    fractions = bool(numbers) and len(words) > 2 and not all(map(float.is_integer, filter(np.isfinite, numbers)))
    return len(words) > MOST_CLASSES or (fractions and bool(np.all(np.isfinite(numbers))))


def _is_number(word: str) -> bool:
    return bool(np.isfinite(as_number(word)))


def _rank(word: str) -> tuple[bool, float, str]:
    number = as_number(word)
    return not np.isfinite(number), number if np.isfinite(number) else 0.0, word


def _count_classes(table: Table, target: str, skip_bad: bool) -> Counter[str]:
    counts: Counter[str] = Counter()
    for chunk in table.read([target], skip_bad):
        codes, words = _read_classes(chunk, target)
        counts.update({word: int(np.sum(codes == code)) for code, word in enumerate(words)})
        if len(counts) > 100 * MOST_CLASSES:
            break  # enough to refuse it
    return counts


def _check_classes(source: str, target: str, counts: Counter[str]) -> list[str]:
    """Return what is odd about the classes; refuse a column that has none.

    Raises
    ------
    UserError
        There is one only, or too many.
    """
    if not counts:
        refuse_empty(source, target)
    where = f'{source}, column "{target}"'
    if len(counts) == 1:
        raise UserError(
            f'{where}: every row is "{next(iter(counts))}", so there is nothing to learn. Choose another with --target.'
        )
    numbers = [as_number(word) for word in counts]
    measured = bool(np.all(np.isfinite(numbers)))
    if _is_measured([*counts]):
        remedy = (
            f"For a number use: groundup train regression --target {target}"
            if measured
            else "Group them, or choose another column with --target."
        )
        most = f", {MOST_CLASSES} is the maximum" if len(counts) > MOST_CLASSES else ", which are measured numbers"
        raise UserError(f"{where}: {len(counts):,} different cells, too many for classes{most}. {remedy}")
    notes = []
    if measured and len(counts) > 2:
        notes.append(f"Each different number of {target} counts as a separate class; their order is ignored.")
    alike: dict[str, list[str]] = {}
    for word in counts:
        alike.setdefault(word.casefold(), []).append(word)
    notes += [f"{list_names(words)} are counted as different classes." for words in alike.values() if len(words) > 1]
    return notes


def _number_classes(table: Table, target: str, classes: Sequence[str]) -> Table:
    """Return the table with the numbers of the classes in the place of the classes."""
    places = {name: float(place) for place, name in enumerate(classes)}

    def read_numbered(names: Sequence[str], skip_ragged: bool, rank: int = 0, size: int = 1, /) -> Iterator[TableChunk]:
        for chunk in table.read(names, skip_ragged, rank, size):
            if target in chunk.columns:
                codes, words = _read_classes(chunk, target)
                numbers = np.array([*(places[word] for word in words), np.nan])[codes]
                chunk = replace(chunk, columns={**chunk.columns, target: pa.array(numbers, from_pandas=True)})
            yield chunk

    return replace(table, read=read_numbered)
