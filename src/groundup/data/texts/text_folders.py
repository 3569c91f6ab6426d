"""Folders of labelled texts: files train and test, folders named by labels, or a file per label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePath

from groundup.base.decoding import decode_text
from groundup.base.errors import UserError
from groundup.data.corpus.packed_texts import plain_name
from groundup.data.listing import list_folder, walk_files
from groundup.data.texts.labelled_rows import Row
from groundup.data.texts.sentiment_labels import EACH, parse_label, parse_labels
from groundup.data.texts.text_files import (
    SUFFIXES,
    Reading,
    Source,
    find_suffix,
    read_bytes,
    read_source,
    read_unpacked,
)

PARTS = {"train": ("train", "training"), "validation": ("dev", "valid", "validation", "val"), "test": ("test",)}
WHOLE = "whole"
_UNLABELLED = ("unsup", "unsupervised", "unlabeled", "unlabelled")
_LABEL_WORDS = ("pos", "neg", "positive", "negative", "neutral")
_ABOUT = {"readme", "license", "licence", "copying", "notice", "changelog", "authors", "citation"}
_SHARD = re.compile(r"^(.+)-\d{5}-of-\d{5}$")
_FEWEST_TEXTS, _DEEPEST = 2, 4


@dataclass(frozen=True)
class Found:
    """What a folder holds.

    Attributes
    ----------
    parts : dict
        "train", "test" and perhaps "validation", or only `WHOLE`, each with the sources that make it up.
    notes : tuple of str
        What the user should know: what was left out.
    """

    parts: dict[str, list[Source]]
    notes: tuple[str, ...] = ()


def read_folder(folder: Path, reading: Reading) -> Found:
    """Read a folder of labelled texts in one of the usual layouts.

    Raises
    ------
    UserError
        It is in none of them, two files claim the same part, or a file cannot be used.
    """
    for _ in range(_DEEPEST):
        if (found := _read_parts(folder, reading) or _read_classes(folder, reading)) is not None:
            return found
        inner = [path for path in list_folder(folder) if path.is_dir()]
        if len(inner) != 1 or any(_is_table(path) for path in list_folder(folder)):
            break
        folder = inner[0]
    if len([path for path in list_folder(folder) if path.is_dir()]) > 1:
        raise _no_texts(folder)
    raise _no_part(folder, "train")


def _read_parts(folder: Path, reading: Reading) -> Found | None:
    """Read what is divided into train, test and perhaps dev, each a file, files or a folder."""
    parts: dict[str, list[Source]] = {}
    notes: list[str] = []
    entries = list_folder(folder)
    folders = {path.name.lower(): path for path in entries if path.is_dir()}
    for part, stems in PARTS.items():
        files = _find_files(folder, entries, stems)
        if files:
            parts[part] = [read_source(path, reading) for path in files]
        elif inner := next((folders[stem] for stem in stems if stem in folders), None):
            found = _read_classes(inner, reading)
            if found is None and len(tables := [path for path in list_folder(inner) if _is_table(path)]) == 1:
                found = Found({WHOLE: [read_source(tables[0], reading)]})
            if found is None:
                raise _no_texts(inner)
            parts[part] = found.parts[WHOLE]
            notes += found.notes
        parts = {name: sources for name, sources in parts.items() if any(source.rows for source in sources)}
    if not parts:
        return None
    if set(parts) == {"train"}:
        notes.append(f"{folder}: no test part; a fifth of the train part is held out.")
        return Found({WHOLE: parts["train"]}, tuple(notes))
    for part in ("train", "test"):
        if part not in parts:
            raise _no_part(folder, part)
    return Found(parts, tuple(notes))


def _find_files(folder: Path, entries: Sequence[Path], stems: Sequence[str]) -> list[Path]:
    """Return the file of a part: called just so, or with the part's name as a word in its name; or its shards."""
    files = [path for path in entries if path.is_file()]
    exact = [path for stem in stems for path in files if _is_table(path) and _cut_stem(path) == stem]
    order = {suffix: place for place, suffix in enumerate(SUFFIXES)}
    if len(exact) > 1:
        first, second = sorted(exact, key=lambda path: order[find_suffix(path.name)])[:2]
        raise UserError(f"{folder}: {first.name} and {second.name} are both there. Leave one in the folder.")
    if exact:
        return exact
    others = {stem for names in PARTS.values() for stem in names} - set(stems)
    ending = tuple(f".{stem}" for stem in stems)
    near = [
        path
        for path in files
        if (_is_table(path) or path.suffix.lower() in ending)
        and set(stems) & _cut_words(path.name)
        and not others & _cut_words(path.name)
        and not set(_LABEL_WORDS) & _cut_words(path.name)
    ]
    whole = {(shard[1] if (shard := _SHARD.match(_cut_stem(path))) else path.name) for path in near}
    if len(whole) > 1:
        raise UserError(f"{folder}: {near[0].name} and {near[1].name} are both there. Leave one in the folder.")
    return near


def _read_classes(folder: Path, reading: Reading) -> Found | None:
    """Read folders named by labels, else a file per label; ``None`` if there are neither."""
    return _read_label_folders(folder, reading) or _read_label_files(folder, reading)


def _read_label_folders(folder: Path, reading: Reading) -> Found | None:
    """Read texts that are a file each, in folders named by their labels (``pos/1.txt``), and say what was left out."""
    looks_like_label, mapping = reading.make_label_test(), parse_labels(reading.labels)
    texts = {path: _list_texts(path) for path in list_folder(folder) if path.is_dir()}
    left_out = [path.name for path in texts if path.name.lower() in _UNLABELLED]
    labelled = [path for path in texts if path.name not in left_out and texts[path]]
    known = [path for path in labelled if looks_like_label(path.name)]
    if known and mapping.whole != EACH:
        left_out += [path.name for path in texts if path not in known and path.name not in left_out]
        labelled = known
    elif len(labelled) < 2 or min(len(texts[path]) for path in labelled) < _FEWEST_TEXTS:
        return None
    numbers = count(1)
    rows = [
        Row(next(numbers), " ".join(decode_text(read_bytes(text), str(text)).split()), path.name)
        for path in labelled
        for text in texts[path]
    ]
    said = f"{folder}: left out {', '.join(sorted(left_out)[:8])}: no labels that are understood."
    return Found({WHOLE: [Source(str(folder), rows)]}, (said,) if left_out else ()) if rows else None


def _list_texts(folder: Path) -> list[Path]:
    return [path for path in walk_files(folder) if path.suffix.lower() == ".txt" or _has_no_suffix(path)]


def _has_no_suffix(path: Path) -> bool:
    return path.suffix == "" or path.suffix[1:].isdecimal()


def _read_label_files(folder: Path, reading: Reading) -> Found | None:
    """Read files named by their labels (``pos.txt``), one text per line; ``train_pos.txt`` belongs to a part."""
    mapping = parse_labels(reading.labels)
    named: dict[tuple[str, str], list[Path]] = {}
    left_out = []
    for path in list_folder(folder):
        if not path.is_file() or find_suffix(path.name) not in (".txt", "", *(f".{word}" for word in _LABEL_WORDS)):
            continue
        stem = _cut_stem(path)
        words = _cut_words(path.name)
        label = parse_label(stem)
        meant = [word for word in _LABEL_WORDS if word in words]
        each = mapping.whole == EACH and not words & _ABOUT
        if each or label.is_word or label.rated_of or label.key in mapping:
            named.setdefault((WHOLE, stem), []).append(path)
        elif len(meant) == 1 and not words & _ABOUT:
            part = next((part for part, stems in PARTS.items() if words & set(stems)), WHOLE)
            named.setdefault((part, meant[0]), []).append(path)
        else:
            left_out.append(path.name)
    if len({label for _, label in named}) < 2:
        return None
    for paths in named.values():
        if len(paths) > 1:
            raise UserError(
                f"{folder}: {paths[0].name} and {paths[1].name} are both there. Leave one file per label in the folder."
            )
    parts: dict[str, list[Source]] = {}
    for (part, meaning), (path,) in named.items():
        lines = decode_text(read_unpacked(path), str(path)).splitlines()
        rows = [Row(number, line.strip(), meaning) for number, line in enumerate(lines, start=1) if line.strip()]
        parts.setdefault(part, []).append(Source(str(path), rows))
    if WHOLE in parts or not {"train", "test"} <= set(parts):
        parts = {WHOLE: [source for sources in parts.values() for source in sources]}
    read = ", ".join(PurePath(source.name).name for sources in parts.values() for source in sources)
    told = f"{folder}: a text per line of {read}" + (f"; left out {', '.join(left_out[:8])}" if left_out else "")
    return Found(parts, (f"{told}.",))


def _cut_stem(path: Path) -> str:
    """Return a file's name in lower case without its suffixes that tell its kind."""
    name = plain_name(path).lower()
    if (suffix := PurePath(name).suffix)[1:] in _LABEL_WORDS:
        return suffix[1:]  # rt-polarity.pos is named by its suffix
    return name.removesuffix(suffix) if suffix in SUFFIXES else name


def _cut_words(name: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", name.lower()) if word}


def _is_table(path: Path) -> bool:
    return path.is_file() and find_suffix(path.name) in SUFFIXES


def _no_part(folder: Path, missing: str) -> UserError:
    return UserError(
        f"{folder}: no {missing} file. A folder of labelled texts holds train and test, and dev if there is one, "
        f"each as {', '.join(SUFFIXES[:3])} or as a folder; or folders of texts named by their labels, pos and neg; "
        f"or a file per label, pos.txt and neg.txt. If every file is a class: --set labels={EACH}."
    )


def _no_texts(folder: Path) -> UserError:
    return UserError(
        f"{folder}: no texts in it. Expected folders named by labels, such as pos and neg, with .txt files, two or "
        "more in each; or a file per label, pos.txt and neg.txt."
    )
