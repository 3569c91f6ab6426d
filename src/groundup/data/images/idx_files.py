"""MNIST's idx files: pictures and their labels, gzipped or not."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from groundup.base.errors import UserError

IMAGES, LABELS = 2051, 2049
_STEMS = {"train": ("train",), "test": ("t10k", "test")}
_KINDS = {
    8: "unsigned bytes",
    9: "signed bytes",
    11: "16-bit numbers",
    12: "32-bit numbers",
    13: "32-bit floats",
    14: "64-bit floats",
}


def read_idx(path: Path, wanted: int) -> np.ndarray:
    """Read one idx file, gzipped or not, as bytes in the shape its header gives.

    The format: a magic number (two zero bytes, the type of the values, the count of dimensions), each dimension's
    size as a big-endian 32-bit number, then the values (LeCun, Cortes and Burges, "The MNIST database").

    Raises
    ------
    UserError
        The file is empty, of another kind, or has fewer or more bytes than its header says.
    """
    content = _read_bytes(path)
    if len(content) < 4:
        raise UserError(f"{path}: empty or too short for an idx file of {_name(wanted)}. Copy it again.")
    magic = struct.unpack(">I", content[:4])[0]
    if magic != wanted:
        raise UserError(f"{path}: not an idx file of {_name(wanted)}: {_explain_magic(magic, wanted)}")
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


def find_idx(folder: Path, part: str) -> tuple[Path, Path] | None:
    """Return the idx files of one part (``train`` or ``test``) of a folder, pictures and labels, or ``None``.

    MNIST's names are written with a dash or a dot; others put a word of their own in front of them
    (``emnist-digits-train-images-idx3-ubyte``).

    Raises
    ------
    UserError
        There are labels without pictures or pictures without labels, or several files could be meant.
    """
    for stem in _STEMS[part]:
        for dash in ("-", "."):
            for ending in ("", ".gz"):
                images = folder / f"{stem}-images{dash}idx3-ubyte{ending}"
                if images.is_file():
                    return images, find_labels(images)
    for stem in _STEMS[part]:
        named = sorted(folder.glob(f"[!.]*-{stem}-images[-.]idx3-ubyte*"))
        if len({path.name.removesuffix(".gz") for path in named}) > 1:
            raise UserError(
                f"{folder}: {named[0].name} and {named[-1].name} are both there. Give the file of pictures instead."
            )
        if named:
            return named[0], find_labels(named[0])
        labels = sorted(folder.glob(f"{stem}-labels[-.]idx1*"))
        if labels:
            raise UserError(f"{folder}: {labels[0].name} is there, but no {stem}-images-idx3-ubyte[.gz] beside it.")
    return None


def find_labels(images: Path) -> Path:
    """Return the labels' file that belongs to a file of pictures; the ending may differ.

    Raises
    ------
    UserError
        There is none, or the file's name is not that of a file of pictures.
    """
    if "images" not in images.name:
        packed = images.suffix.lower() in (".zip", ".tar", ".tgz", ".rar", ".7z")
        remedy = "Unpack it, and give the folder" if packed else "Give one, or a folder with LABEL/PICTURE.png"
        raise UserError(f"{images}: not a file of pictures such as train-images-idx3-ubyte[.gz]. {remedy}.")
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    plain = name.removesuffix(".gz")
    for candidate in (name, plain, plain + ".gz"):
        path = images.with_name(candidate)
        if path.is_file() and path != images:
            return path
    raise UserError(f"{images}: its labels are missing: no {plain}[.gz] beside it. Copy it there.")


def _name(wanted: int) -> str:
    return {IMAGES: "pictures", LABELS: "labels"}[wanted]


def _explain_magic(magic: int, wanted: int) -> str:
    said = f"its magic number is {magic}"
    if magic in (IMAGES, LABELS):
        return f"{said} (that is the number of {_name(magic)}), expected {wanted}. Give the other file."
    kind, dimensions = _KINDS.get(magic >> 8), magic % 256
    if kind is None:
        return f"{said}, expected {wanted}. Copy it again."
    return (
        f"{said}, {kind} in {dimensions} dimension(s), expected {wanted}, unsigned bytes in {wanted % 256}. "
        "Write its values as bytes in that shape."
    )


def _read_bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        # zlib in one call is twice as fast as reading through gzip.open.
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"{path}: cannot be read ({reason.lower()}). Copy it again.") from error
