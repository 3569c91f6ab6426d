"""Pictures with labels: MNIST-format idx files, folders of pictures, and scikit-learn's handwritten digits.

Every source becomes one `Images`: grey levels as bytes, white ink on black, with the names of the classes.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from groundup.data.names import locate
from groundup.errors import UserError

SIDE = 28
INK_SIDE = 20
PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm"}
_IDX_IMAGES, _IDX_LABELS = 2051, 2049
_STEMS = {"train": "train", "test": "t10k"}


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
    """

    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def name(self, place: int) -> str:
        """Return what the picture at ``place`` is called."""
        return self.names[place] if self.names else f"#{place}"

    def take(self, places: np.ndarray) -> Images:
        """Return the pictures at ``places``, still called as they were here."""
        names = tuple(self.name(int(place)) for place in places)
        return Images(self.pixels[places], self.labels[places], self.classes, names)


def load_images(source: str | None) -> tuple[Images, Images | None]:
    """Load pictures to train on, and the test pictures where the source brings its own.

    Parameters
    ----------
    source : str or None
        ``None`` or ``"builtin"`` for scikit-learn's digits, a folder of idx files, one idx file of pictures with
        its labels beside it, or a folder ``label/picture.png``; or a name,
        see `groundup.data.names.locate`.

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
        return read_idx_pair(path, _labels_beside(path)), None
    train = _find_idx(path, "train")
    test = _find_idx(path, "test")
    if train or test:
        if train is None or test is None:
            pair = train or test
            assert pair is not None
            return read_idx_pair(*pair), None
        images, test_images = read_idx_pair(*train), read_idx_pair(*test)
        if len(test_images.classes) > len(images.classes):
            raise UserError(
                f"{test[1]}: label {len(test_images.classes) - 1} is out of range: "
                f"the labels to train on go up to {len(images.classes) - 1}."
            )
        return images, test_images
    return read_folder(path), None


def load_builtin() -> Images:
    """Return scikit-learn's 1,797 handwritten digits, 8 × 8 pixels, drawn up to 28 × 28.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998 (its test part, as scikit-learn carries it).
    """
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    small = np.minimum(digits.images * 16, 255).astype(np.uint8)
    pixels = np.stack([_centre(Image.fromarray(picture)) for picture in small])
    return Images(pixels, digits.target.astype(np.int64), tuple("0123456789"))


def read_idx_pair(images_path: Path, labels_path: Path) -> Images:
    """Read idx pictures and their labels.

    Raises
    ------
    UserError
        A file is missing, empty, of another kind, cut short, or the two do not belong together.
    """
    pixels = read_idx(images_path, _IDX_IMAGES)
    labels = read_idx(labels_path, _IDX_LABELS).astype(np.int64)
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
    if pixels.shape[1:] != (SIDE, SIDE):
        if 0 in pixels.shape:
            raise UserError(f"{images_path}: its pictures are {pixels.shape[1]} × {pixels.shape[2]} pixels: empty.")
        pixels = np.stack([_fit_to_size(picture) for picture in pixels])
    return Images(pixels, labels, tuple(str(label) for label in range(max(10, int(labels.max()) + 1))))


def read_idx(path: Path, wanted: int) -> np.ndarray:
    """Read one idx file, gzipped or not, as bytes in the shape its header gives.

    The format: a magic number (two zero bytes, the type of the values, the count of dimensions), each dimension's
    size as a big-endian 32-bit number, then the values (LeCun, Cortes and Burges, "The MNIST database").
    """
    kind = {_IDX_IMAGES: "pictures", _IDX_LABELS: "labels"}[wanted]
    content = _read_bytes(path)
    if len(content) < 4:
        raise UserError(f"{path}: empty or too short for an idx file of {kind}. Copy it again.")
    magic = struct.unpack(">I", content[:4])[0]
    if magic != wanted:
        other = {_IDX_IMAGES: " (that is the number of pictures)", _IDX_LABELS: " (that is the number of labels)"}
        raise UserError(
            f"{path}: not an idx file of {kind}: its magic number is {magic}{other.get(magic, '')}, expected {wanted}. "
            "Copy it again."
        )
    dimensions = magic % 256
    header = 4 + 4 * dimensions
    shape = struct.unpack(f">{dimensions}I", content[4:header]) if len(content) >= header else ()
    if not shape or len(content) - header < math.prod(shape):
        promised = f"its header promises {math.prod(shape) + header} bytes" if shape else "its header is incomplete"
        raise UserError(f"{path}: cut short: {promised}, {len(content)} are there. Copy it again.")
    if len(content) - header > math.prod(shape):
        extra = len(content) - header - math.prod(shape)
        raise UserError(f"{path}: {extra} bytes more than its header promises. Copy it again.")
    # A bytearray may be written to, which is what torch asks of an array it shares.
    return np.frombuffer(bytearray(content[header:]), np.uint8).reshape(shape)


def read_folder(folder: Path) -> Images:
    """Read pictures from ``folder/label/name.png``: any size and kind that Pillow opens, turned grey.

    Raises
    ------
    UserError
        No pictures are there, only one label, or a picture cannot be opened.
    """
    labels = sorted((item for item in folder.iterdir() if item.is_dir()), key=lambda item: _by_number(item.name))
    found = [
        (path, place)
        for place, label in enumerate(labels)
        for path in sorted(label.iterdir())
        if path.suffix.lower() in PICTURES
    ]
    if not found:
        raise UserError(f"{folder}: no idx files and no pictures in it. Expected {folder.name}/LABEL/PICTURE.png.")
    used = sorted({place for _, place in found})
    if len(used) < 2:
        only = labels[used[0]].name
        raise UserError(f'{folder}: every picture has the label "{only}": two labels or more are needed.')
    numbers = {place: number for number, place in enumerate(used)}
    pixels = np.stack([read_picture(path) for path, _ in found])
    targets = np.array([numbers[place] for _, place in found], dtype=np.int64)
    names = tuple(str(path.relative_to(folder)) for path, _ in found)
    return Images(pixels, targets, tuple(labels[place].name for place in used), names)


def read_picture(path: Path | BinaryIO) -> np.ndarray:
    """Read one picture, a file's path or an open file, as MNIST has them: grey, ink bright on black, on 28 × 28.

    The border is taken for paper: where it is brighter than mid-grey on average, the ink is dark and the picture is
    inverted; grey paper is made black. A picture that is not 28 × 28 already is cut to its ink, scaled into 20 × 20
    and put down by its centre of mass, as the makers of MNIST did.

    Returns
    -------
    ndarray of uint8, shape (28, 28)

    Raises
    ------
    UserError
        The file is missing or no picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as opened:
            # Transparent paper counts as white.
            if "A" in opened.getbands() or "transparency" in opened.info:
                layered = opened.convert("RGBA")
                grey = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("L")
            else:
                grey = opened.convert("L")
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file. Give a picture's path.") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError(f"{path}: not a picture that can be read ({error}). Save it as PNG.") from error
    pixels = np.asarray(grey)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if border.mean() > 127:
        pixels, border = 255 - pixels, 255 - border
    paper = int(np.median(border))
    if paper > 0:  # grey paper: make it black, and the strongest ink white again
        ink = np.maximum(pixels.astype(np.float64) - paper, 0)
        pixels = (ink * (255 / max(ink.max(), 1))).astype(np.uint8)
    return _fit_to_size(pixels)


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


def _fit_to_size(pixels: np.ndarray) -> np.ndarray:
    from PIL import Image

    return pixels if pixels.shape == (SIDE, SIDE) else _centre(Image.fromarray(pixels))


def _centre(picture: Any) -> np.ndarray:
    """Scale a grey picture's ink into 20 × 20 and put its centre of mass in the middle of 28 × 28."""
    from PIL import Image

    box = picture.point(lambda level: 255 if level > 50 else 0).getbbox() or picture.getbbox()
    if box is None:
        return np.zeros((SIDE, SIDE), np.uint8)
    ink = picture.crop(box)
    scale = INK_SIDE / max(ink.size)
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    ink = np.asarray(ink.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)
    mass = max(ink.sum(), 1e-9)
    row = round(SIDE / 2 - (ink.sum(1) @ (np.arange(ink.shape[0]) + 0.5)) / mass)
    column = round(SIDE / 2 - (ink.sum(0) @ (np.arange(ink.shape[1]) + 0.5)) / mass)
    row = min(max(row, 0), SIDE - ink.shape[0])
    column = min(max(column, 0), SIDE - ink.shape[1])
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[row : row + ink.shape[0], column : column + ink.shape[1]] = ink.astype(np.uint8)
    return canvas


def _by_number(name: str) -> tuple[int, int | str]:
    return (0, int(name)) if name.isdecimal() else (1, name)


def _find_idx(folder: Path, part: str) -> tuple[Path, Path] | None:
    """Return the idx files of one part, or ``None``; MNIST's names are written with a dash or a dot."""
    stem = _STEMS[part]
    for dash in ("-", "."):
        for ending in ("", ".gz"):
            images = folder / f"{stem}-images{dash}idx3-ubyte{ending}"
            if images.is_file():
                return images, _labels_beside(images)
    labels = sorted(folder.glob(f"{stem}-labels*"))
    if labels:
        raise UserError(f"{folder}: {labels[0].name} is there, but no {stem}-images-idx3-ubyte[.gz] beside it.")
    return None


def _labels_beside(images: Path) -> Path:
    """Return the labels' file that belongs to a file of pictures; the ending may differ."""
    if "images" not in images.name:
        raise UserError(
            f"{images}: not a file of pictures such as train-images-idx3-ubyte[.gz]. Give one, or a folder with "
            "LABEL/PICTURE.png."
        )
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    plain = name.removesuffix(".gz")
    for candidate in (name, plain, plain + ".gz"):
        path = images.with_name(candidate)
        if path.is_file() and path != images:
            return path
    raise UserError(f"{images}: its labels are missing: no {plain}[.gz] beside it. Copy it there.")


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        # zlib in one call is twice as fast as reading through gzip.open.
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{path}: cannot be read ({reason.lower()}). Copy it again.") from error
