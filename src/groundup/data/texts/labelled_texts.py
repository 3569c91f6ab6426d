"""Labelled sentences from tables, JSON, fastText's files and folders, and the built-in sentences."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from groundup.base.errors import UserError
from groundup.data.named.resolve import locate
from groundup.data.streams import is_stream
from groundup.data.texts.column_names import show_cell
from groundup.data.texts.label_classes import TWO, find_classes
from groundup.data.texts.sentiment_labels import BINARY, UnknownLabel, parse_labels
from groundup.data.texts.text_files import Reading, Source, read_source
from groundup.data.texts.text_folders import WHOLE, read_folder

STARTER = Path(__file__).with_name("sentences.tsv")
REVIEWS_NAME, STARTER_NAME = "reviews", "sentences"
BUILT_IN = {REVIEWS_NAME: Path(__file__).with_name("reviews.tsv"), STARTER_NAME: STARTER}


@dataclass(frozen=True)
class LabelledTexts:
    """Texts and what each was labelled.

    Attributes
    ----------
    texts : list of str
        As they stand in the file.
    labels : list of int
        Each text's class, as its place in ``classes``; of `TWO`, ``True`` is positive.
    source : str
        Where they come from, for messages.
    scale : str
        The scale that their labels are numbers of; empty if they are words.
    notes : tuple of str
        What the user should know: how the labels were read, and what was left out.
    classes : tuple of str
        The names of the classes.
    """

    texts: list[str]
    labels: list[int]
    source: str
    scale: str = ""
    notes: tuple[str, ...] = ()
    classes: tuple[str, ...] = TWO

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.texts)

    def take(self, rows: Sequence[int], source: str) -> LabelledTexts:
        """Return some of the rows."""
        texts, labels = [self.texts[row] for row in rows], [self.labels[row] for row in rows]
        return LabelledTexts(texts, labels, source, self.scale, classes=self.classes)

    def require_all_labels(self) -> None:
        """Raise `UserError` if every text has the same label, or no text has one of the labels."""
        found = set(self.labels)
        if len(found) == 1:
            raise UserError(
                f"{self.source}: all {len(self)} texts are labelled {show_cell(self.classes[self.labels[0]])}. "
                "Add texts of the other kind: what they differ in is what is learned."
            )
        missing = next((name for place, name in enumerate(self.classes) if place not in found), None)
        if missing is not None:
            raise UserError(f"{self.source}: no text is labelled {show_cell(missing)}. Add some to learn from.")


@dataclass(frozen=True)
class TextSplits:
    """Labelled texts to train on, to watch training with (may be missing), and to measure on; and notes on them."""

    train: LabelledTexts
    validation: LabelledTexts | None
    test: LabelledTexts
    notes: tuple[str, ...] = ()


def load_splits(
    data: str | None,
    seed: int = 0,
    text_column: str = "",
    label_column: str = "",
    labels: str = "",
    classes: Sequence[str] = (),
) -> TextSplits:
    """Load texts to train on and texts held out.

    Parameters
    ----------
    data : str or None
        A folder in one of the layouts of `groundup.data.texts.text_folders`; one file or pipe, of which a fifth is
        held out; one of `BUILT_IN`, the first where it is ``None``; or a name, see
        `groundup.data.named.resolve.locate`.
    seed : int
        Chooses the texts held out of one file.
    text_column, label_column : str
        Columns by their names, or by their numbers from 1 on; found where left empty.
    labels : str
        What labels mean, see `groundup.data.texts.sentiment_labels.parse_labels`.
    classes : sequence of str
        The classes of the run that the texts are for; of a new run none, they are found.

    Raises
    ------
    UserError
        The data is missing or cannot be used; the file, the row and the remedy are named.
    """
    data = data or REVIEWS_NAME
    if data in BUILT_IN:
        return split_texts(read_labelled_texts(BUILT_IN[data]), seed)
    path = locate(data)
    reading = Reading(text_column, label_column, labels, classes=tuple(classes))
    if not path.is_dir():
        return split_texts(_read_alone(data if is_stream(data) else path, reading), seed)
    found = _read_folder(path, reading)
    if WHOLE in found:
        return split_texts(found[WHOLE], seed)
    found["train"].require_all_labels()
    notes = tuple(note for texts in found.values() for note in texts.notes)
    return TextSplits(found["train"], found.get("validation"), found["test"], notes)


def load_test(
    data: str,
    text_column: str = "",
    label_column: str = "",
    labels: str = "",
    scale: str = "",
    classes: Sequence[str] = TWO,
) -> LabelledTexts:
    """Load texts to measure on: the test part of a folder if there is one, else everything.

    Parameters
    ----------
    data, text_column, label_column, labels, classes
        See `load_splits`.
    scale : str
        The name of a scale of labels to take where it fits: that of the data a run was trained on.
    """
    reading = Reading(text_column, label_column, labels, scale, tuple(classes), measured=True)
    if data in BUILT_IN:
        return _read_alone(BUILT_IN[data], Reading(classes=tuple(classes)))
    path = locate(data)
    if not path.is_dir():
        return _read_alone(data if is_stream(data) else path, reading)
    found = _read_folder(path, reading)
    if WHOLE in found:
        return found[WHOLE]
    return replace(found["test"], notes=tuple(note for texts in found.values() for note in texts.notes))


def split_texts(texts: LabelledTexts, seed: int, held_out: float = 0.2) -> TextSplits:
    """Hold out a share of each label's texts, chosen by ``seed``."""
    texts.require_all_labels()
    chosen: set[int] = set()
    for label, name in enumerate(texts.classes):
        rows = [row for row, found in enumerate(texts.labels) if found == label]
        if len(rows) < 2:
            raise UserError(
                f"{texts.source}: only {len(rows)} text labelled {show_cell(name)}; one to learn from and one to "
                "measure on are needed. Add some."
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
    return _read_alone(data, Reading(text_column, label_column, labels, classes=TWO))


def _read_alone(data: Path | str, reading: Reading) -> LabelledTexts:
    source = read_source(data, reading)
    return _understand({source.name: [source]}, reading)[source.name]


def _read_folder(folder: Path, reading: Reading) -> dict[str, LabelledTexts]:
    """Return the parts of a folder, or its `WHOLE`; notes on the folder go with the first."""
    found = read_folder(folder, reading)
    names = {
        part: sources[0].name if len(sources) == 1 else str(folder if part == WHOLE else folder / part)
        for part, sources in found.parts.items()
    }
    texts = _understand(found.parts, reading, names)
    first = next(iter(texts))
    return {**texts, first: replace(texts[first], notes=(*found.notes, *texts[first].notes))}


def _understand(
    parts: dict[str, list[Source]], reading: Reading, names: dict[str, str] | None = None
) -> dict[str, LabelledTexts]:
    """Return the labelled texts of parts whose labels mean the same in all of them."""
    sources = [source for part in parts.values() for source in part]
    for source in sources:
        for number, _, label in source.rows:
            if not label.strip():
                raise UserError(f"{source.name}, row {number}: the label is missing. Add it or leave the row out.")
    try:
        classes = find_classes(
            [row.label for source in sources for row in source.rows],
            parse_labels(reading.labels),
            reading.scale,
            reading.classes,
            next((source.label_column or "" for source in sources), ""),
        )
    except UnknownLabel as unknown:
        raise _explain(sources, unknown, reading) from None
    scale = classes.scale.name if classes.scale is not None else ""
    found: dict[str, LabelledTexts] = {}
    start = 0
    for part, own in parts.items():
        name = part if names is None else names[part]
        rows = [row for source in own for row in source.rows]
        places = classes.places[start : start + len(rows)]
        start += len(rows)
        kept = [(row.text, place) for row, place in zip(rows, places, strict=True) if place is not None]
        if not kept:
            raise UserError(f"{name}: every text is labelled neutral. Add positive and negative ones.")
        said = classes.told
        if classes.scale is BINARY and any(source.note for source in own):
            said = BINARY.said  # of a column that was guessed, 1 may mean anything
        told = [said] if said and (classes.names == TWO or not found) else []
        if len(rows) > len(kept):
            told.append(f"{len(rows) - len(kept)} text(s) labelled neither left out")
        if blank := sum(not text.strip() for text, _ in kept):
            told.append(f"{blank} text(s) are empty")
        told += _find_contradictions(kept)
        notes = [source.note for source in own if source.note] + ([f"{name}: {'; '.join(told)}."] if told else [])
        texts, labels = [text for text, _ in kept], [place for _, place in kept]
        found[part] = LabelledTexts(texts, labels, name, scale, tuple(notes), classes.names)
    return found


def _find_contradictions(texts: Sequence[tuple[str, int]]) -> list[str]:
    """Return what there is to tell of texts that occur with more than one label; nothing if none does."""
    labels: dict[str, set[int]] = {}
    for text, place in texts:
        labels.setdefault(" ".join(text.split()), set()).add(place)
    several = [text for text, found in labels.items() if text and len(found) > 1]
    if not several:
        return []
    return [f'{len(several)} text(s) occur with more than one label, such as "{show_cell(several[0])}"']


def _explain(sources: Sequence[Source], unknown: UnknownLabel, reading: Reading) -> UserError:
    place = unknown.place
    for source in sources:
        if place < len(source.rows):
            break
        place -= len(source.rows)
    number, _, cell = source.rows[place]
    said = f'{source.name}, row {number}: the label "{show_cell(cell)}" is not understood.'
    if reading.measured:
        known = ", ".join(map(show_cell, reading.classes))
        return UserError(f"{said} The run tells {known} apart: write one of these, or leave the row out.")
    alone = sum(row.label == cell for row in source.rows) == 1
    if place == 0 and source.label_column is None and alone:
        return UserError(
            f"{said} If this line names the columns, say which with --set text_column=NAME --set label_column=NAME."
        )
    return UserError(f"{said} {unknown.remedy}")
