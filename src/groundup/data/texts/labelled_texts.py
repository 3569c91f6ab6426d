"""Labelled sentences from tables, JSON, fastText's files and folders, and the built-in sentences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from groundup.base.decoding import decode_text, find_wide
from groundup.base.errors import UserError
from groundup.data.listing import list_folder, walk_files
from groundup.data.named.resolve import locate
from groundup.data.streams import is_stream, name_stream, read_stream
from groundup.data.texts.labelled_rows import Row, read_rows, show_cell
from groundup.data.texts.sentiment_labels import (
    BINARY,
    Scale,
    UnknownLabel,
    parse_label,
    parse_mapping,
    read_labels,
)

SUFFIXES = (".tsv", ".csv", ".jsonl", ".txt", ".json", ".ndjson")
STARTER = Path(__file__).with_name("sentences.tsv")
REVIEWS_NAME, STARTER_NAME = "reviews", "sentences"
BUILT_IN = {REVIEWS_NAME: Path(__file__).with_name("reviews.tsv"), STARTER_NAME: STARTER}

PARTS = {"train": ("train", "training"), "validation": ("dev", "valid", "validation", "val"), "test": ("test",)}
_LONGEST_LABEL = 60


@dataclass(frozen=True)
class Reading:
    """How a file of labelled texts is to be read.

    Attributes
    ----------
    text_column, label_column : str
        Columns by their names, or by their numbers from 1 on; found where left empty.
    labels : str
        What labels mean, see `groundup.data.texts.sentiment_labels.parse_mapping`.
    scale : str
        The name of a scale of numbers to take where it fits; mostly that of the data a run was trained on.
    """

    text_column: str = ""
    label_column: str = ""
    labels: str = ""
    scale: str = ""


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and what each was labelled.

    Attributes
    ----------
    texts : list of str
        As they stand in the file.
    labels : list of bool
        ``True`` for positive.
    source : str
        Where they come from, for messages.
    scale : str
        The scale that their labels are numbers of; empty if they are words.
    notes : tuple of str
        What the user should know: how the labels were read, and what was left out.
    """

    texts: list[str]
    labels: list[bool]
    source: str
    scale: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.texts)

    def take(self, rows: Sequence[int], source: str) -> LabelledTexts:
        """Return some of the rows."""
        return LabelledTexts([self.texts[row] for row in rows], [self.labels[row] for row in rows], source, self.scale)

    def require_both_labels(self) -> None:
        """Raise `UserError` if every text has the same label."""
        if len(set(self.labels)) == 1:
            only = "positive" if self.labels[0] else "negative"
            raise UserError(
                f"{self.source}: all {len(self)} texts are labelled {only}. "
                "Add texts of the other kind: what they differ in is what is learned."
            )


@dataclass(frozen=True)
class TextSplits:
    """Labelled texts to train on, to watch training with (may be missing), and to measure on; and notes on them."""

    train: LabelledTexts
    validation: LabelledTexts | None
    test: LabelledTexts
    notes: tuple[str, ...] = ()


def load_splits(
    data: str | None, seed: int = 0, text_column: str = "", label_column: str = "", labels: str = ""
) -> TextSplits:
    """Load texts to train on and texts held out.

    Parameters
    ----------
    data : str or None
        A folder with files (or folders) train, test and, if there is one, dev; a folder with folders of texts named by
        labels; one file or pipe, of which a fifth is held out; one of `BUILT_IN`, the first where it is ``None``;
        or a name, see `groundup.data.named.resolve.locate`.
    seed : int
        Chooses the texts held out of one file.
    text_column, label_column : str
        Columns by their names, or by their numbers from 1 on; found where left empty.
    labels : str
        What labels mean, see `groundup.data.texts.sentiment_labels.parse_mapping`.

    Raises
    ------
    UserError
        The data is missing or cannot be used; the file, the row and the remedy are named.
    """
    data = data or REVIEWS_NAME
    if data in BUILT_IN:
        return split_texts(read_labelled_texts(BUILT_IN[data]), seed)
    path = locate(data)
    reading = Reading(text_column, label_column, labels)
    if not path.is_dir():
        return split_texts(_read_alone(data if is_stream(data) else path, reading), seed)
    if (divided := _load_folder(path, reading)) is not None:
        return divided
    return split_texts(_load_label_folders(path, reading), seed)


def load_test(
    data: str, text_column: str = "", label_column: str = "", labels: str = "", scale: str = ""
) -> LabelledTexts:
    """Load texts to measure on: the test part of a folder if there is one, else everything.

    Parameters
    ----------
    data, text_column, label_column, labels
        See `load_splits`.
    scale : str
        The name of a scale of labels to take where it fits: that of the data a run was trained on.
    """
    if data in BUILT_IN:
        return read_labelled_texts(BUILT_IN[data])
    path = locate(data)
    reading = Reading(text_column, label_column, labels, scale)
    if not path.is_dir():
        return _read_alone(data if is_stream(data) else path, reading)
    divided = _load_folder(path, reading)
    return replace(divided.test, notes=divided.notes) if divided is not None else _load_label_folders(path, reading)


def split_texts(texts: LabelledTexts, seed: int, held_out: float = 0.2) -> TextSplits:
    """Hold out a share of either label's texts, chosen by ``seed``."""
    texts.require_both_labels()
    chosen: set[int] = set()
    for label in (False, True):
        rows = [row for row, found in enumerate(texts.labels) if found == label]
        if len(rows) < 2:
            raise UserError(
                f"{texts.source}: only {len(rows)} text labelled {'positive' if label else 'negative'}; one to learn "
                "from and one to measure on are needed. Add some."
            )
        chosen.update(random.Random(seed).sample(rows, max(1, round(held_out * len(rows)))))
    kept = [row for row in range(len(texts)) if row not in chosen]
    return TextSplits(
        train=texts.take(kept, texts.source),
        validation=None,
        test=texts.take(sorted(chosen), f"{texts.source} (held out)"),
        notes=texts.notes,
    )


def read_labelled_texts(
    data: Path | str, text_column: str = "", label_column: str = "", labels: str = ""
) -> LabelledTexts:
    """Read one file of labelled texts.

    Parameters
    ----------
    data : Path or str
        A file, or what `groundup.data.streams.is_stream` calls a stream; of the kinds that
        `groundup.data.texts.labelled_rows` reads. The first line may name the columns; without names, two columns are
        told apart by the labels in them.
    text_column, label_column, labels : str
        See `load_splits`.

    Raises
    ------
    UserError
        The file is missing, empty, binary or not UTF-8; a column is missing; a label is not understood.

    Examples
    --------
    >>> texts = read_labelled_texts(STARTER)
    >>> len(texts), sum(texts.labels)
    (224, 112)
    """
    return _read_alone(data, Reading(text_column, label_column, labels))


def _read_alone(data: Path | str, reading: Reading) -> LabelledTexts:
    (texts,) = _understand([_read_file(data, reading)], reading)
    return texts


@dataclass(frozen=True)
class _Source:
    """Rows that are not understood yet, and where they come from; ``named`` where a first line is no row."""

    name: str
    rows: list[Row]
    named: bool = True


def _understand(sources: Sequence[_Source], reading: Reading) -> list[LabelledTexts]:
    """Return the labelled texts of files whose labels mean the same in all of them."""
    mapping = parse_mapping(reading.labels)
    for source in sources:
        for number, _, label in source.rows:
            if not label.strip():
                raise UserError(f"{source.name}, row {number}: the label is missing. Add it or leave the row out.")
    try:
        meanings, scale = read_labels([row.label for source in sources for row in source.rows], mapping, reading.scale)
    except UnknownLabel as unknown:
        raise _explain(sources, unknown) from None
    found, start = [], 0
    for source in sources:
        own = meanings[start : start + len(source.rows)]
        start += len(source.rows)
        kept = [(row.text, meaning) for row, meaning in zip(source.rows, own, strict=True) if meaning is not None]
        if not kept:
            raise UserError(f"{source.name}: every text is labelled neutral. Add positive and negative ones.")
        notes = _format_reading(source.name, scale, len(own) - len(kept))
        name = scale.name if scale is not None else ""
        found.append(LabelledTexts([text for text, _ in kept], [label for _, label in kept], source.name, name, notes))
    return found


def _format_reading(name: str, scale: Scale | None, left_out: int) -> tuple[str, ...]:
    told = []
    if scale not in (None, BINARY):
        assert scale is not None
        told.append(f"{scale.said} (--set labels=… says otherwise)")
    if left_out:
        told.append(f"{left_out} text(s) labelled neither left out")
    return (f"{name}: {'; '.join(told)}.",) if told else ()


def _explain(sources: Sequence[_Source], unknown: UnknownLabel) -> UserError:
    place = unknown.place
    for source in sources:
        if place < len(source.rows):
            break
        place -= len(source.rows)
    number, _, cell = source.rows[place]
    said = f'{source.name}, row {number}: the label "{show_cell(cell)}" is not understood.'
    alone = sum(row.label == cell for row in source.rows) == 1
    if place == 0 and not source.named and alone:
        return UserError(
            f"{said} If this line names the columns, say which with --set text_column=NAME --set label_column=NAME."
        )
    return UserError(f"{said} {unknown.remedy}")


def _read_file(data: Path | str, reading: Reading) -> _Source:
    name = name_stream(data) if isinstance(data, str) else str(data)
    content = read_stream(data) if isinstance(data, str) else _read_bytes(data)
    if not content.strip():
        raise UserError(f"{name}: the file is empty. It needs labelled texts, one a line.")
    if b"\0" in content and find_wide(content) is None:
        place = content.index(b"\0")
        raise UserError(f"{name}: a binary file (byte {place} is zero). Give labelled texts as .csv, .tsv or .jsonl.")
    text = decode_text(content, name)
    mapping = parse_mapping(reading.labels)

    def looks_like_label(cell: str) -> bool:
        if len(cell) > _LONGEST_LABEL:
            return False
        label = parse_label(cell)
        return label.looks_like_one or label.key in mapping

    rows, named = read_rows(text, name, reading.text_column, reading.label_column, looks_like_label)
    return _Source(name, rows, named)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file. Give labelled texts as .csv, .tsv or .jsonl, or a folder.") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error


def _load_folder(folder: Path, reading: Reading) -> TextSplits | None:
    """Load a folder that is divided into train, test and perhaps dev; ``None`` if it only holds labels' folders."""
    sources: dict[str, _Source] = {}
    folders = {path.name.lower(): path for path in list_folder(folder) if path.is_dir()}
    notes: list[str] = []
    for part, stems in PARTS.items():
        paths = [folder / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES]
        there = [path for path in paths if path.is_file()]
        if len(there) > 1:
            raise UserError(f"{folder}: {there[0].name} and {there[1].name} are both there. Leave one in the folder.")
        if there:
            sources[part] = _read_file(there[0], reading)
        elif inner := next((folders[stem] for stem in stems if stem in folders), None):
            sources[part], told = _read_label_folders(inner, reading)
            notes += told
    if not sources and len(folders) > 1:
        return None
    missing = next((part for part in ("train", "test") if part not in sources), None)
    if missing is not None:
        raise UserError(
            f"{folder}: no {missing} file. A folder of labelled texts holds train and test, and dev if there is one, "
            f"each as {', '.join(SUFFIXES[:3])} or as a folder; or folders of texts named by their labels, pos and neg."
        )
    found = dict(zip(sources, _understand(list(sources.values()), reading), strict=True))
    found["train"].require_both_labels()
    notes += [note for texts in found.values() for note in texts.notes]
    return TextSplits(found["train"], found.get("validation"), found["test"], tuple(notes))


def _load_label_folders(folder: Path, reading: Reading) -> LabelledTexts:
    source, notes = _read_label_folders(folder, reading)
    (texts,) = _understand([source], reading)
    return replace(texts, notes=(*notes, *texts.notes))


def _read_label_folders(folder: Path, reading: Reading) -> tuple[_Source, list[str]]:
    """Read texts that are a file each, in folders named by their labels (``pos/1.txt``), and say what was left out."""
    mapping = parse_mapping(reading.labels)
    rows: list[Row] = []
    left_out = []
    for inner in list_folder(folder):
        if not inner.is_dir():
            continue
        label = parse_label(inner.name)
        if not (label.looks_like_one or label.key in mapping):
            left_out.append(inner.name)
            continue
        for path in walk_files(inner):
            if path.suffix.lower() in (".txt", ""):
                text = decode_text(_read_bytes(path), str(path))
                rows.append(Row(len(rows) + 1, " ".join(text.split()), inner.name))
    if not rows:
        raise UserError(
            f"{folder}: no texts in it. Expected folders named by labels, such as pos and neg, with .txt files."
        )
    notes = [f"{folder}: left out {', '.join(left_out[:8])}: no labels that are understood."] if left_out else []
    return _Source(str(folder), rows), notes
