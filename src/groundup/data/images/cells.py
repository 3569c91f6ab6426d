"""The form of the built-in digits: 32 × 32 squares, black or white, counted in 8 × 8 cells, drawn up to 28 × 28.

A picture is brought into it as the makers of these digits did, by NIST's programs: its ink is made 32 squares high,
its strokes neither too thin nor too thick, and it is slanted until its left edge is upright. NIST's programs make all
ink 20 squares wide. Here it comes half way: a straight line drawn with a mouse would fill all 20, while the 1s of the
built-in digits, whose lines are never quite straight, are 8 to 11 wide.

Source: M. D. Garris, J. L. Blue, G. T. Candela, D. L. Dimmick, J. Geist, P. J. Grother, S. A. Janet and C. L. Wilson,
"NIST Form-Based Handprint Recognition System", NISTIR 5469, 1994.
"""

from __future__ import annotations

import numpy as np

from groundup.data.images.ink import SIDE, centre, find_ink

SQUARES, WIDTH, MOST_WIDE = 32, 20, 28  # the side of the bitmap; how wide ink is in it as a rule, and at most
CELL = 4
LEVEL = 16  # grey levels per black square of a cell
THIN, THINNER = 256, 108  # black squares under which strokes are made thicker, once or twice
THICK, THICKER = 412, 560
EDGE = 2  # rows at the top and the bottom whose left edge is not relied on


def bring_into_cells(ink: np.ndarray) -> np.ndarray:
    """Return grey levels as they would be among the built-in digits; those on 28 × 28 are kept.

    Parameters
    ----------
    ink : ndarray, shape (height, width)
        0 is paper, 255 is ink.

    Returns
    -------
    ndarray of uint8, shape (28, 28)
    """
    pixels = np.rint(ink).astype(np.uint8)
    return pixels if pixels.shape == (SIDE, SIDE) else enlarge_cells(count_cells(make_bitmap(pixels)))


def enlarge_cells(counts: np.ndarray) -> np.ndarray:
    """Draw counts of black squares, 0 to 16 in each of 8 × 8 cells, up to grey levels on 28 × 28."""
    from PIL import Image

    return centre(Image.fromarray(np.minimum(counts * LEVEL, 255).astype(np.uint8)))


def count_cells(bitmap: np.ndarray) -> np.ndarray:
    """Return how many squares are black in each cell of 4 × 4 squares.

    Examples
    --------
    >>> count_cells(np.eye(32, dtype=bool))[:2, :3]
    array([[4, 0, 0],
           [0, 4, 0]])
    """
    return bitmap.reshape(SQUARES // CELL, CELL, SQUARES // CELL, CELL).sum((1, 3))


def make_bitmap(pixels: np.ndarray) -> np.ndarray:
    """Return a picture's ink, normalised.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width)
        0 is paper, 255 is ink.

    Returns
    -------
    ndarray of bool, shape (32, 32)
    """
    from PIL import Image

    bitmap = np.zeros((SQUARES, SQUARES), dtype=bool)
    picture = Image.fromarray(pixels)
    box = find_ink(picture)
    if box is None:
        return bitmap
    ink = picture.crop(box)
    width = min(max(1, round((WIDTH * SQUARES * ink.width / ink.height) ** 0.5)), MOST_WIDE)
    stretched = np.asarray(ink.resize((width, SQUARES), Image.Resampling.BILINEAR))
    # Half of what full ink is; of a stroke that is thinner than a square everywhere, full ink is never seen.
    full = np.percentile(stretched[stretched > 0], 90)
    left = (SQUARES - width) // 2
    bitmap[:, left : left + width] = stretched >= full / 2
    return straighten(even_out_strokes(bitmap))


def even_out_strokes(bitmap: np.ndarray) -> np.ndarray:
    """Return a bitmap with its strokes made thicker if few of its squares are black, and thinner if many are."""
    count = bitmap.sum()
    if count < THIN:
        for _ in range(1 + (count < THINNER)):
            bitmap = _spread(bitmap)
    elif count > THICK:
        for _ in range(1 + (count > THICKER)):
            thinner = ~_spread(~bitmap)
            bitmap = thinner if thinner.any() else bitmap  # of dots or hatching, nothing would be left
    return bitmap


def _spread(bitmap: np.ndarray) -> np.ndarray:
    """Return a bitmap in which the four neighbours of each black square are black, too."""
    wide = np.pad(bitmap, 1)
    return wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]


def straighten(bitmap: np.ndarray) -> np.ndarray:
    """Return a bitmap slanted until the left edges near its top and its bottom are above each other."""
    rows = np.flatnonzero(bitmap.any(1))
    top, bottom = rows[0] + EDGE, rows[-1] - EDGE
    if bottom <= top or not bitmap[top].any() or not bitmap[bottom].any():
        return bitmap
    slope = (int(bitmap[top].argmax()) - int(bitmap[bottom].argmax())) / (bottom - top)
    places, rows = np.arange(SQUARES), np.arange(SQUARES)[:, None]
    from_where = places - np.rint((rows - SQUARES // 2) * slope).astype(int)
    there = (from_where >= 0) & (from_where < SQUARES)
    moved = there & bitmap[rows, from_where.clip(0, SQUARES - 1)]
    return moved if moved.any() else bitmap  # a few dots can all be moved out of it
