"""Pictures with labels: MNIST-format idx files, folders of pictures, and scikit-learn's handwritten digits.

Every source becomes one `Images`: grey levels as bytes, white ink on black, with the names of the classes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from groundup.base.errors import UserError
from groundup.data.carried import read_carried
from groundup.data.images.cells import enlarge_cells
from groundup.data.images.idx_files import IMAGES, LABELS, find_idx, find_labels, read_idx
from groundup.data.images.ink import SIDE, Fit, fit_to_size
from groundup.data.images.picture_folders import LabelledFolder, describe_examples, find_parts, list_labelled
from groundup.data.images.pictures import LIGHT_INK, PAGES, look_at_picture, read_picture
from groundup.data.named.resolve import locate

__all__ = [
    "SIDE",
    "Images",
    "load_builtin",
    "load_images",
    "read_folder",
    "read_idx",
    "read_idx_pair",
    "read_picture",
    "split_images",
    "split_places",
]


@dataclass(frozen=True)
class Images:
    """Pictures of one size and their labels.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (pictures, height, width)
        0 is paper, 255 is ink.
    labels : ndarray of int64, shape (pictures,)
        Places in ``classes``.
    classes : tuple of str
        The names of the classes.
    names : tuple of str
        What each picture is called (a file, or its number); may be empty.
    notes : tuple of str
        What the user should know, such as files left out.
    """

    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def name(self, place: int) -> str:
        """Return what the picture at ``place`` is called."""
        return self.names[place] if self.names else f"#{place}"

    def take(self, places: np.ndarray) -> Images:
        """Return the pictures at ``places``, still called as they were here."""
        names = tuple(self.name(int(place)) for place in places)
        return Images(self.pixels[places], self.labels[places], self.classes, names)


def load_images(source: str | None, fit: Fit = fit_to_size) -> tuple[Images, Images | None]:
    """Load training pictures, and test pictures if the source has its own.

    Parameters
    ----------
    source : str or None
        ``None`` or ``"builtin"`` for scikit-learn's digits, a folder of idx files, one idx file of pictures with
        its labels beside it, a folder ``label/picture.png``, or one with such folders called train and test; or a
        name, see `groundup.data.named.resolve.locate`.
    fit : callable
        Brings pictures of other sizes to 28 × 28: `groundup.data.images.ink.fit_to_size`, or for a network that was
        trained on the built-in digits `groundup.data.images.cells.bring_into_cells`.

    Raises
    ------
    UserError
        Nothing is there, or something in it cannot be read: the line says what and where.
    """
    if source is None or source == "builtin":
        return load_builtin(), None
    path = locate(source)
    if not path.exists():
        raise UserError(f"{source}: no such file or folder. Give a path, or leave --data out for the built-in digits.")
    if path.is_file():
        return read_idx_pair(path, find_labels(path), fit), None
    if not path.is_dir():
        raise UserError(f"{source}: neither a file nor a folder. Give a folder with LABEL/PICTURE.png, or an idx file.")
    train = find_idx(path, "train")
    test = find_idx(path, "test")
    if train or test:
        if train is None or test is None:
            pair = train or test
            assert pair is not None
            return read_idx_pair(*pair, fit), None
        images, test_images = read_idx_pair(*train, fit), read_idx_pair(*test, fit)
        if len(test_images.classes) > len(images.classes):
            raise UserError(
                f"{test[1]}: label {len(test_images.classes) - 1} is out of range: "
                f"the labels to train on go up to {len(images.classes) - 1}."
            )
        return images, test_images
    parts = find_parts(path)
    if parts is None:
        return read_folder(path, fit), None
    return _read_parts(*parts, fit)


def load_builtin() -> Images:
    """Return scikit-learn's 1,797 handwritten digits, 8 × 8 pixels, drawn up to 28 × 28.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998 (its test part, as scikit-learn carries it).
    """
    table = read_carried("digits.csv.gz")
    pixels = np.stack([enlarge_cells(counts) for counts in table[:, :-1].reshape(-1, 8, 8)])
    return Images(pixels, table[:, -1].astype(np.int64), tuple("0123456789"))


def read_idx_pair(images_path: Path, labels_path: Path, fit: Fit = fit_to_size) -> Images:
    """Read idx pictures and their labels; ``fit`` as of `load_images`.

    Raises
    ------
    UserError
        A file is missing, empty, of another kind, cut short, or the two do not belong together.
    """
    pixels = read_idx(images_path, IMAGES)
    labels = read_idx(labels_path, LABELS).astype(np.int64)
    if len(pixels) != len(labels):
        raise UserError(
            f"{images_path} holds {len(pixels)} pictures and {labels_path.name} {len(labels)} labels: "
            "they do not belong together. Copy both again."
        )
    if len(labels) == 0:
        raise UserError(f"{images_path}: holds no pictures.")
    used = np.unique(labels)
    if len(used) < 2:
        raise UserError(f"{labels_path}: every label is {used[0]}: two classes or more are needed. Add some.")
    if 0 in pixels.shape:
        raise UserError(f"{images_path}: its pictures are {pixels.shape[1]} × {pixels.shape[2]} pixels: empty.")
    notes = []
    if "emnist" in images_path.name.lower():
        pixels = np.ascontiguousarray(pixels.transpose(0, 2, 1))
        notes.append(f"{images_path.name}: EMNIST stores rows as columns; the pictures are turned upright.")
    if _paper_is_light(pixels):
        pixels = 255 - pixels
        notes.append(f"{images_path.name}: dark ink on light paper; the pictures are inverted.")
    if pixels.shape[1:] != (SIDE, SIDE):
        pixels = np.stack([fit(picture) for picture in pixels])
    blank = np.flatnonzero(~pixels.any(axis=(1, 2)))
    if len(blank):
        notes.append(f"{images_path.name}: {len(blank)} of {len(pixels)} pictures are blank, the first is #{blank[0]}.")
    classes = tuple(str(label) for label in range(max(10, int(labels.max()) + 1)))
    return Images(pixels, labels, classes, notes=tuple(notes))


def read_folder(folder: Path, fit: Fit = fit_to_size) -> Images:
    """Read pictures from ``folder/label/name.png``: any size and kind that Pillow opens; ``fit`` as of `load_images`.

    Raises
    ------
    UserError
        No pictures are there, only one label, or a picture cannot be opened.
    """
    listed = list_labelled(folder)
    if not listed.pictures:
        raise UserError(f"{folder}: {_explain_nothing(listed)}")
    if len(listed.labels) < 2:
        only = folder / listed.labels[0]
        inner = list_labelled(only).labels
        remedy = f" Is {only} what you mean, with {', '.join(inner[:3])}?" if len(inner) > 1 else ""
        raise UserError(
            f'{folder}: every picture has the label "{listed.labels[0]}": two labels or more are needed.{remedy}'
        )
    return _read_listed(listed, fit)


def split_images(images: Images, test_share: float, seed: int) -> tuple[Images, Images]:
    """Hold out a share of the pictures of every class; see `split_places`.

    Raises
    ------
    UserError
        No class has two pictures: nothing can be held out.
    """
    training, test = split_places(images.labels, test_share, seed)
    if len(test) == 0:
        raise UserError("Every label has one picture only: none can be held out to test on. Add pictures.")
    return images.take(training), images.take(test)


def split_places(labels: np.ndarray, test_share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return places to train on and to test on, both in order.

    Of every class with two pictures or more at least one is held out, and at least one trained on.

    Parameters
    ----------
    labels : ndarray of int64, shape (pictures,)
        The classes.
    test_share : float
        Which part of a class is held out, between 0 and 1.
    seed : int
        Decides which pictures.

    Examples
    --------
    >>> training, test = split_places(np.array([0, 0, 0, 0, 1, 1, 2]), 0.25, seed=0)
    >>> len(training), len(test)
    (5, 2)
    """
    random = np.random.default_rng(seed)
    held_out = []
    for label in np.unique(labels):
        places = random.permutation(np.flatnonzero(labels == label))
        count = min(max(1, round(test_share * len(places))), len(places) - 1)
        held_out.append(places[:count])
    test = np.sort(np.concatenate(held_out))
    return np.setdiff1d(np.arange(len(labels)), test), test


def _read_listed(listed: LabelledFolder, fit: Fit) -> Images:
    paths = [path for path, _ in listed.pictures]
    seen = [look_at_picture(path, fit=fit) for path in paths]
    notes = [*listed.notes]
    for remark, said in (
        (LIGHT_INK, "light ink on transparent paper: this paper is taken for black"),
        (PAGES, "several pages or frames: the first of each is taken"),
    ):
        if those := [path for path, picture in zip(paths, seen, strict=True) if remark in picture.remarks]:
            notes.append(f"{listed.folder}: {describe_examples(those, listed.folder, len(paths))}: {said}.")
    if blank := [path for path, picture in zip(paths, seen, strict=True) if picture.blank]:
        told = describe_examples(blank, listed.folder, len(paths))
        notes.append(f"{listed.folder}: {told}: blank, no ink is seen. They are kept, as empty sheets.")
    pixels = np.stack([picture.pixels for picture in seen])
    targets = np.array([place for _, place in listed.pictures], dtype=np.int64)
    names = tuple(str(path.relative_to(listed.folder)) for path in paths)
    return Images(pixels, targets, tuple(listed.labels), names, tuple(notes))


def _read_parts(training: Path, test: Path | None, notes: list[str], fit: Fit) -> tuple[Images, Images | None]:
    """Read pictures from ``train/label/name.png``, and from the test folder beside it."""
    images = read_folder(training, fit)
    images = replace(images, notes=(*notes, *images.notes))
    if test is None:
        return images, None
    listed = list_labelled(test)
    if not listed.pictures:
        raise UserError(f"{test}: {_explain_nothing(listed)}")
    unknown = [label for label in listed.labels if label not in images.classes]
    if unknown:
        raise UserError(
            f'{test}: label "{unknown[0]}" is out of range: the labels to train on are {", ".join(images.classes)}.'
        )
    found = _read_listed(listed, fit)
    places = np.array([images.classes.index(label) for label in listed.labels])
    return images, replace(found, labels=places[found.labels], classes=images.classes)


def _explain_nothing(listed: LabelledFolder) -> str:
    name = listed.folder.name
    if listed.unlabelled:
        return (
            f"its {len(listed.unlabelled)} picture(s) have no label. Put each into a folder named by its label: "
            f"{name}/LABEL/{listed.unlabelled[0].name}."
        )
    others = f" {listed.notes[0].partition(': ')[2]}" if listed.notes else ""
    return f"no idx files and no pictures in it.{others} Expected {name}/LABEL/PICTURE.png."


def _paper_is_light(pixels: np.ndarray) -> bool:
    """Tell by a thousand pictures' borders whether a set has dark ink on light paper."""
    some = pixels[:: 1 + len(pixels) // 1000]
    border = np.concatenate([some[:, 0], some[:, -1], some[:, :, 0], some[:, :, -1]], axis=1)
    return bool(np.mean(border > 191) > 0.75)
