"""One picture from a file, seen as MNIST has them: 28 × 28 grey levels, ink bright on black.

A picture is turned as every viewer shows it, whatever its kind, its depth and its colours; then its ink is found
(`groundup.data.images.ink`).
"""

from __future__ import annotations

import codecs
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from groundup.base.decoding import find_kind, is_markup
from groundup.base.errors import UserError
from groundup.base.plain_text import shorten
from groundup.data.images.ink import Fit, fit_to_size, lift_ink, put_on_paper

LIGHT_INK, PAGES = "light ink on transparent paper", "several pages or frames"
HEIF = {".heic", ".heif", ".hif"}
HEIF_REMEDY = "reading an iPhone's HEIC needs a plugin: pip install pillow-heif"
MOST_SIDE = 1024

# Pillow gives these to other programs, or only recognises them.
_NOT_PICTURES = {"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG", "IPTC"}
# Those that begin with bytes of their own, so that a file without a telling suffix can be known by them.
_KNOWN_BY_BYTES = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "AVIF", "JPEG2000", "ICO", "QOI", "PSD", "HEIF")
_WHITES = {"whole": (1, 255, 1023, 4095, 16383, 65535), "broken": (1, 255, 65535)}


@dataclass(frozen=True)
class Picture:
    """A picture as the networks see it, and notes about it.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (28, 28)
        0 is paper, 255 is ink.
    remarks : frozenset of str
        Some of ``LIGHT_INK`` and ``PAGES``.
    """

    pixels: np.ndarray
    remarks: frozenset[str] = frozenset()

    @property
    def blank(self) -> bool:
        """Whether there is no ink in it."""
        return not self.pixels.any()


def read_picture(path: Path | BinaryIO) -> np.ndarray:
    """Read one picture, a file's path or an open file; see `look_at_picture`.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
    """
    return look_at_picture(path).pixels


def look_at_picture(path: Path | BinaryIO, name: str | None = None, fit: Fit = fit_to_size) -> Picture:
    """Read one picture in MNIST's form: grey, 28 × 28, bright ink on black; all zero if it has no ink.

    It is turned as its EXIF data say. A picture that is not 28 × 28 already is cut to its ink, scaled into 20 × 20 and
    put down by its centre of mass, as the makers of MNIST did; another ``fit`` does it in another way. Messages call it
    by its path, or by a name.

    Raises
    ------
    UserError
        The file is missing or no picture.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata: the pixels are all that is used
            with Image.open(path, formats=_openable()) as opened:
                pages = opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1
                with _quiet() if opened.format == "TIFF" else nullcontext():
                    opened.load()
                colours, alpha = _take_apart(_turn_upright(opened))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file. Give a picture's path.") from error
    except Exception as error:  # Pillow raises whatever the bytes of a damaged file lead it to
        raise UserError(_explain(path, error, name)) from error
    colours, light = put_on_paper(colours, alpha)
    remarks = frozenset(remark for remark, so in ((LIGHT_INK, light), (PAGES, pages)) if so)
    return Picture(fit(lift_ink(colours)), remarks)


def is_picture(path: Path) -> bool:
    """Tell whether a file is to be read as a picture: by its suffix, or by its first bytes where that tells nothing."""
    from PIL import Image

    suffix = path.suffix.lower()
    if suffix in HEIF:
        return _can_open_heif()
    if suffix in _suffixes():
        return True
    if suffix in Image.registered_extensions():
        return False
    known = [name for name in _KNOWN_BY_BYTES if name in _openable()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=known):
                return True
    except Exception:  # noqa: BLE001 - Pillow's decoders raise anything
        return False


@cache
def _openable() -> tuple[str, ...]:
    from PIL import Image

    Image.init()
    _can_open_heif()
    logging.getLogger("PIL").addHandler(logging.NullHandler())  # else its errors are printed beside ours
    return tuple(name for name in Image.ID if name not in _NOT_PICTURES)


@cache
def _suffixes() -> frozenset[str]:
    from PIL import Image

    known = {*_openable(), "MPO"}
    return frozenset(suffix for suffix, name in Image.registered_extensions().items() if name in known)


@cache
def _can_open_heif() -> bool:
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what libtiff, which is C, writes about a damaged file off the screen: the error is reported once."""
    try:
        screen, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:  # there is no screen
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        os.close(nowhere)


def _turn_upright(image: Any) -> Any:
    """Return a loaded picture as viewers show it."""
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(image.getexif().get(0x0112))
    except Exception:  # noqa: BLE001 - damaged EXIF data: viewers show the pixels as they are stored
        turn = None
    return image if turn is None else image.transpose(turn)


def _take_apart(image: Any) -> tuple[Any, Any]:
    """Return a picture of any mode as grey or RGB of 8 bits, and how opaque it is (``None``: altogether)."""
    from PIL import Image

    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        values = np.asarray(image)
        there = np.isfinite(values) & (values != image.info.get("transparency", np.nan))
        grey = Image.fromarray(_bring_to_bytes(values, there))
        return _reduce(grey), None if there.all() else _reduce(Image.fromarray(there.astype(np.uint8) * 255))
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        layered = _reduce((image.convert("LA") if image.mode == "La" else image).convert("RGBA"))
        return layered.convert("RGB"), layered.getchannel("A")
    if image.mode not in ("L", "1"):
        return _reduce(image if image.mode == "RGB" else image.convert("RGB")), None
    grey = image.convert("L")
    return _reduce(grey.point(lambda level: 255 * level) if grey.getextrema()[1] <= 1 else grey), None


def _bring_to_bytes(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return deep grey levels as bytes: 0 to the white that is usual for numbers of their size becomes 0 to 255.

    Nothing in a file says how many of its 16 or 32 bits a camera or a program has used.

    Examples
    --------
    >>> _bring_to_bytes(np.array([[0, 4095]]), np.array([[True, True]])).tolist()
    [[0, 255]]
    >>> _bring_to_bytes(np.array([[-1.0, 0.0, 1.0]]), np.array([[True, True, True]])).tolist()
    [[0, 128, 255]]
    """
    if not there.any():
        return np.zeros(values.shape, np.uint8)
    levels = np.where(there, values, 0).astype(np.float64)
    low, high = float(levels[there].min()), float(levels[there].max())
    whites = _WHITES["broken" if values.dtype.kind == "f" else "whole"]
    if low >= 0 and high <= whites[-1]:
        low, high = 0.0, next(float(white) for white in whites if high <= white)
    return np.rint((levels - low).clip(0) * (255 / max(high - low, 1e-300))).clip(0, 255).astype(np.uint8)


def _reduce(image: Any) -> Any:
    """Return a photograph's pixels averaged: what matters of it is still there, and is found ten times sooner."""
    factor = max(image.size) // MOST_SIDE
    return image.reduce(factor) if factor > 1 else image


def _name_content(head: bytes) -> str:
    r"""Say what a file holds that no reader of pictures knows, by its first bytes.

    Examples
    --------
    >>> _name_content(b"<!DOCTYPE html>"), _name_content(b"Dear Ada,\nhow are you?"), _name_content(b"\x00\xff")
    ('it is a web page or XML', 'it is a text: "Dear Ada,"', 'its content is of an unknown kind')
    """
    kind = find_kind(head)
    if kind is not None:
        return "it is damaged" if kind[0] == "a picture" else f"it is {kind[0]}"
    if is_markup(head):
        return "it is a web page or XML"
    try:
        # The last of these bytes may be the beginning of a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(head).strip()
    except UnicodeDecodeError:
        text = ""
    if text and all(letter.isprintable() or letter.isspace() for letter in text):
        return f'it is a text: "{shorten(text.splitlines()[0].strip(), 30)}"'
    return "its content is of an unknown kind"


def _explain(path: Path | BinaryIO, error: Exception, name: str | None = None) -> str:
    reason, remedy = str(error) or type(error).__name__, "Save it as PNG or JPEG, or take it away."
    if isinstance(path, Path):
        try:
            with path.open("rb") as file:
                head = file.read(40)
        except (OSError, ValueError) as unread:
            reason = (getattr(unread, "strerror", None) or str(unread)).lower()
            return f"{str(path)[:200]}: cannot be read ({reason}). Check the path and its permissions."
        if not head:
            reason = "the file is empty"
        elif head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftyphevc", b"ftypheim", b"ftypheis", b"ftypmsf1"):
            reason, remedy = HEIF_REMEDY, "Or save it as PNG or JPEG."
        elif head.startswith(b"version https://git-lfs"):
            reason, remedy = "Git LFS has only put a note in its place", "Get the picture with: git lfs pull"
        elif "cannot identify" in reason:
            reason = _name_content(head)
    if "decompression bomb" in reason:
        reason, remedy = "it has too many pixels", "Make it smaller."
    return f"{name or path}: not a picture that can be read ({' '.join(reason.split())}). {remedy}"
