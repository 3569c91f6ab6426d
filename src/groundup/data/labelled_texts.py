"""Labelled sentences from CSV, TSV and JSONL files, and the starter set that comes with the package."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from groundup.data.names import locate
from groundup.errors import UserError

TEXT_COLUMNS = ("sentence", "text", "review", "content", "comment", "message", "body", "tweet", "phrase")
LABEL_COLUMNS = ("label", "sentiment", "class", "target", "polarity", "category", "y")
POSITIVE_LABELS = frozenset({"1", "+1", "positive", "pos", "true", "yes", "good"})
NEGATIVE_LABELS = frozenset({"0", "-1", "negative", "neg", "false", "no", "bad"})
SUFFIXES = (".tsv", ".csv", ".jsonl", ".txt")
STARTER = Path(__file__).with_name("sentences.tsv")
STARTER_NAME = "sentences"

PARTS = {"train": ("train",), "validation": ("dev", "valid", "validation"), "test": ("test",)}

Row = tuple[int, Sequence[str]]


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
    """

    texts: list[str]
    labels: list[bool]
    source: str

    def __len__(self) -> int:
        """Count the texts."""
        return len(self.texts)

    def take(self, rows: Sequence[int], source: str) -> LabelledTexts:
        """Return some of the rows."""
        return LabelledTexts([self.texts[row] for row in rows], [self.labels[row] for row in rows], source)

    def require_both_labels(self) -> None:
        """Raise `UserError` where every text has the same label."""
        if len(set(self.labels)) == 1:
            only = "positive" if self.labels[0] else "negative"
            raise UserError(
                f"{self.source}: all {len(self)} texts are labelled {only}. "
                "Add texts of the other kind: what they differ in is what is learned."
            )


@dataclass(frozen=True)
class TextSplits:
    """Labelled texts to train on, to watch training with (may be missing), and to measure on."""

    train: LabelledTexts
    validation: LabelledTexts | None
    test: LabelledTexts


def load_splits(data: str | None, seed: int = 0, text_column: str = "", label_column: str = "") -> TextSplits:
    """Load texts to train on and texts held out.

    Parameters
    ----------
    data : str or None
        A folder with files train, test and, if there is one, dev; one file, of which a fifth is held out; the
        starter set where it is ``None`` or ``sentences``; or a name, see `groundup.data.names.locate`.
    seed : int
        Chooses the texts held out of one file.
    text_column, label_column : str
        Column names; found where left empty.

    Raises
    ------
    UserError
        The data is missing or cannot be used; the file, the row and the remedy are named.
    """
    if data is None or data == STARTER_NAME:
        return split_texts(read_labelled_texts(STARTER), seed)
    path = locate(data)
    if path.is_dir():
        return _load_folder(path, text_column, label_column)
    return split_texts(read_labelled_texts(path, text_column, label_column), seed)


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
    )


def read_labelled_texts(path: Path, text_column: str = "", label_column: str = "") -> LabelledTexts:
    """Read one file of labelled texts.

    Parameters
    ----------
    path : Path
        ``.csv`` (commas or semicolons), ``.tsv`` or ``.txt`` (tabs, quotes taken as they are), or ``.jsonl``. The
        first line may name the columns; without names, two columns are told apart by the labels in them.
    text_column, label_column : str
        Column names; found where left empty.

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
    text = _read_text(path)
    names: list[str] | None
    if path.suffix.lower() == ".jsonl":
        names, rows = _read_jsonl(path, text)
    else:
        names, rows = _read_columns(path, text, text_column, label_column)
    if not rows:
        raise UserError(f"{path}: no rows under the column names. It needs labelled texts, one a line.")
    if names is None:
        text_at, label_at = _tell_columns_apart(path, rows)
    else:
        text_at = _find_column(path, names, text_column, TEXT_COLUMNS, "text")
        label_at = _find_column(path, names, label_column, LABEL_COLUMNS, "label")
    texts, labels = [], []
    for number, cells in rows:
        if len(cells) <= max(text_at, label_at) or (names is not None and len(cells) != len(names)):
            raise UserError(
                f"{path}, row {number}: {len(cells)} columns where {len(names or rows[0][1])} belong. "
                "Correct the row or leave it out."
            )
        texts.append(cells[text_at])
        labels.append(_read_label(path, number, cells[label_at], headed=names is not None))
    return LabelledTexts(texts, labels, str(path))


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file. Give labelled texts as .csv, .tsv or .jsonl, or a folder.") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}).") from error
    if not content.strip():
        raise UserError(f"{path}: the file is empty. It needs labelled texts, one a line.")
    if b"\0" in content:
        place = content.index(b"\0")
        raise UserError(f"{path}: a binary file (byte {place} is zero). Give labelled texts as .csv, .tsv or .jsonl.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}, line {line}: not UTF-8 (byte 0x{content[error.start]:02x} at position {error.start}). "
            "Save the file as UTF-8."
        ) from error


def _read_jsonl(path: Path, text: str) -> tuple[list[str], list[Row]]:
    records = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError(f"{path}, row {number}: not JSON ({error}). Correct the row or leave it out.") from error
        if not isinstance(record, dict):
            raise UserError(f'{path}, row {number}: expected an object such as {{"text": "…", "label": 1}}.')
        records.append((number, record))
    names = list(records[0][1])
    for number, record in records:
        missing = next((name for name in names if name not in record), None)
        if missing is not None:
            raise UserError(f'{path}, row {number}: no "{missing}". Correct the row or leave it out.')
    return names, [(number, [_as_cell(record[name]) for name in names]) for number, record in records]


def _as_cell(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _read_columns(path: Path, text: str, text_column: str, label_column: str) -> tuple[list[str] | None, list[Row]]:
    rows = list(_cut_rows(path, text))
    first = [cell.strip() for cell in rows[0][1]]
    known = {*TEXT_COLUMNS, *LABEL_COLUMNS}
    if text_column or label_column or any(cell.lower() in known for cell in first):
        return first, rows[1:]
    return None, rows


def _cut_rows(path: Path, text: str) -> Iterator[Row]:
    if path.suffix.lower() != ".csv":
        # Tab-separated files quote nothing: a text may begin with a quotation mark.
        for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
            if line.strip():
                yield number, line.split("\t")
        return
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise UserError(f"{path}, row {reader.line_num}: {error}. Correct the row or leave it out.") from error


def _find_column(path: Path, names: Sequence[str], wanted: str, usual: Sequence[str], kind: str) -> int:
    lowered = [name.lower() for name in names]
    if wanted:
        if wanted.lower() in lowered:
            return lowered.index(wanted.lower())
        raise UserError(f'{path}: no column "{wanted}". The columns are {", ".join(names)}.')
    found = next((name for name in usual if name in lowered), None)
    if found is None:
        raise UserError(
            f"{path}: no {kind} column found among {', '.join(names)}. Name it with --set {kind}_column=NAME."
        )
    return lowered.index(found)


def _tell_columns_apart(path: Path, rows: Sequence[Row]) -> tuple[int, int]:
    """Return which of two nameless columns holds the texts and which the labels."""
    number, cells = rows[0]
    if len(cells) != 2:
        raise UserError(
            f"{path}, row {number}: {len(cells)} column{'s' * (len(cells) != 1)} without names where two belong, text "
            "and label. Separate them with a tab (.tsv), or name the columns in the first line."
        )
    understood = POSITIVE_LABELS | NEGATIVE_LABELS
    hits = [sum(cells[at].strip().lower() in understood for _, cells in rows if len(cells) == 2) for at in (0, 1)]
    return (1, 0) if hits[0] > hits[1] else (0, 1)


def _read_label(path: Path, number: int, cell: str, headed: bool) -> bool:
    label = cell.strip().lower()
    if label in POSITIVE_LABELS:
        return True
    if label in NEGATIVE_LABELS:
        return False
    if number == 1 and not headed:
        raise UserError(
            f'{path}, row 1: the label "{cell[:40]}" is not understood. If this line names the columns, say which with '
            "--set text_column=NAME --set label_column=NAME."
        )
    shown = cell if len(cell) <= 40 else cell[:37] + "..."
    raise UserError(f'{path}, row {number}: the label "{shown}" is not understood. Write 1 or positive, 0 or negative.')


def _load_folder(folder: Path, text_column: str, label_column: str) -> TextSplits:
    parts: dict[str, LabelledTexts | None] = {}
    for part, stems in PARTS.items():
        paths = (folder / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES)
        path = next((path for path in paths if path.is_file()), None)
        parts[part] = read_labelled_texts(path, text_column, label_column) if path else None
    train, validation, test = parts["train"], parts["validation"], parts["test"]
    if train is None or test is None:
        missing = "train" if train is None else "test"
        raise UserError(
            f"{folder}: no {missing} file. A folder of labelled texts holds train and test, and dev if there is one, "
            f"each as {', '.join(SUFFIXES[:3])}."
        )
    train.require_both_labels()
    return TextSplits(train, validation, test)
