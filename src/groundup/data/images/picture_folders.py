"""Folders of pictures: which files are pictures, which label each has, and notes about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from groundup.data.images.pictures import HEIF, HEIF_REMEDY, is_picture
from groundup.data.listing import list_folder, walk_files

TRAINING, TEST = {"train", "training"}, {"test", "testing"}
VALIDATION = {"val", "valid", "validation", "dev", "eval"}


@dataclass
class Found:
    """The pictures under a folder.

    Attributes
    ----------
    pictures : list of Path
        In the order of their paths.
    left_out : Counter of str
        How many other files there are, by suffix.
    """

    pictures: list[Path] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def describe_left_out(self) -> str:
        """Return what was left out in words, the most common suffix first; empty if nothing was."""
        words = [f"{count} {suffix or 'without a suffix'}" for suffix, count in self.left_out.most_common(8)]
        if len(self.left_out) > 8:
            words.append("others")
        remedy = f" ({HEIF_REMEDY})" if HEIF & set(self.left_out) else ""
        return ", ".join(words) + remedy


def find_pictures(folder: Path) -> Found:
    """Find the pictures anywhere under a folder, hidden ones left out.

    Raises
    ------
    UserError
        A folder cannot be read.
    """
    found = Found()
    for path in walk_files(folder):
        if is_picture(path):
            found.pictures.append(path)
        else:
            found.left_out[path.suffix.lower()] += 1
    found.pictures.sort()
    return found


@dataclass
class LabelledFolder:
    """A folder of folders, each named by the label of the pictures in it.

    Attributes
    ----------
    folder : Path
        Where it is.
    labels : list of str
        Those that have pictures, numbers in their order first.
    pictures : list of (Path, int)
        Each picture and its label's place in ``labels``.
    notes : list of str
        What was left out, and what may have been meant otherwise.
    unlabelled : list of Path
        Pictures that lie in no label's folder.
    """

    folder: Path
    labels: list[str] = field(default_factory=list)
    pictures: list[tuple[Path, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unlabelled: list[Path] = field(default_factory=list)


def list_labelled(folder: Path) -> LabelledFolder:
    """List the pictures of a folder by their labels; a picture deeper down belongs to the outermost folder's label.

    Raises
    ------
    UserError
        A folder cannot be read.
    """
    listed = LabelledFolder(folder)
    left_out: Counter[str] = Counter()
    empty = []
    for item in sorted(list_folder(folder), key=lambda item: _by_number(item.name)):
        if not item.is_dir():
            if item.is_file() and is_picture(item):
                listed.unlabelled.append(item)
            elif item.is_file():
                left_out[item.suffix.lower()] += 1
            continue
        found = find_pictures(item)
        left_out.update(found.left_out)
        if found.pictures:
            listed.pictures += [(path, len(listed.labels)) for path in found.pictures]
            listed.labels.append(item.name)
        else:
            empty.append(item.name)
    if left_out:
        words = Found(left_out=left_out).describe_left_out()
        listed.notes.append(f"{folder}: {sum(left_out.values())} file(s) left out that are no pictures: {words}.")
    if empty and listed.pictures:
        listed.notes.append(f"{folder}: no picture in {', '.join(empty[:8])}: no class is made of it.")
    if listed.unlabelled and listed.pictures:
        listed.notes.append(
            f"{folder}: {len(listed.unlabelled)} picture(s) left out that lie in no label's folder, the first is "
            f"{listed.unlabelled[0].name}."
        )
    deeper = [path for path, _ in listed.pictures if len(path.relative_to(folder).parts) > 2]
    if deeper:
        first = deeper[0].relative_to(folder)
        listed.notes.append(
            f"{folder}: {len(deeper)} picture(s) lie deeper, the first is {first}: its label is {first.parts[0]}, the "
            "outermost folder."
        )
    return listed


def find_parts(folder: Path) -> tuple[Path, Path | None, list[str]] | None:
    """Return the folders to train on and to test on of a folder that is so divided, and notes; ``None`` if it is not.

    It is, where all its folders are called train, test or validation (or alike) and the one to train on holds folders.
    Where there is no test folder with labels, the validation folder is the test part.
    """
    folders = {item.name.lower(): item for item in list_folder(folder) if item.is_dir()}
    training = _pick(folders, TRAINING)
    if training is None or set(folders) - TRAINING - TEST - VALIDATION:
        return None
    if not any(item.is_dir() for item in list_folder(training)):
        return None
    found = [part for part in (_pick(folders, TEST), _pick(folders, VALIDATION)) if part is not None]
    with_labels = [part for part in found if any(item.is_dir() for item in list_folder(part))]
    notes = [f"{part}: left out, it holds no folders named by labels." for part in found if part not in with_labels]
    notes += [f"{part}: not used, {with_labels[0].name} is what is tested on." for part in with_labels[1:]]
    return training, with_labels[0] if with_labels else None, notes


def _pick(folders: dict[str, Path], names: set[str]) -> Path | None:
    return next((folders[name] for name in sorted(names) if name in folders), None)


def _by_number(name: str) -> tuple[int, int, str]:
    return (0, int(name), name) if name.isdecimal() and len(name) < 20 else (1, 0, name)


def describe_examples(paths: Sequence[Path], folder: Path, count: int) -> str:
    """Return how many of ``count`` pictures something is said of, and the first of them.

    Examples
    --------
    >>> describe_examples([Path("mine/0/1.png")], Path("mine"), 7)
    '1 of 7 pictures (0/1.png)'
    >>> describe_examples([Path("mine/0/1.png"), Path("mine/0/2.png")], Path("mine"), 7)
    '2 of 7 pictures (the first is 0/1.png)'
    """
    first = paths[0].relative_to(folder)
    return f"{len(paths)} of {count} pictures ({first if len(paths) == 1 else f'the first is {first}'})"
