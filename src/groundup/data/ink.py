"""Ink and paper: the grey levels of a picture of any colours, ink bright on black, centred on 28 × 28.

The border is taken for paper. What differs from it is ink, darker or lighter, or of another colour where the two are
equally bright.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SIDE = 28
INK_SIDE = 20

# In grey levels of 0 to 255: paper is never perfectly even, and an antialiased edge is no ink by itself.
BLANK = 10
# A picture is averaged down to this many pixels for what is asked of it as a whole: noise and dust fall away.
SMALL_SIDE = 256
SEEN_ON_WHITE = 96
COLOURFUL, MORE_COLOURFUL = 48, 3


def put_on_paper(colours: Any, alpha: Any) -> tuple[Any, bool]:
    """Lay a picture on paper where it is transparent.

    Transparent paper counts as white, or as black where all that is drawn on it is light. In a picture with opaque
    paper, transparent corners and holes get the paper's colour.

    Parameters
    ----------
    colours : PIL.Image
        Grey or RGB.
    alpha : PIL.Image or None
        How opaque it is, grey; ``None``: altogether.

    Returns
    -------
    PIL.Image
        Grey or RGB, opaque.
    bool
        Whether it is light ink on transparent paper.
    """
    from PIL import Image

    if alpha is None:
        return colours, False

    def lay_on(paper: Any) -> Any:
        return Image.composite(colours, Image.new(colours.mode, colours.size, paper), alpha)

    opaque = _border(np.asarray(alpha)) >= 128
    if opaque.mean() < 0.5:
        white, black = lay_on("white"), lay_on("black")
        on_white, on_black = (
            255 - _make_small(white.convert("L")).getextrema()[0],
            _make_small(black.convert("L")).getextrema()[1],
        )
        light = on_white < SEEN_ON_WHITE and on_white < on_black
        return (black, True) if light else (white, False)
    edge = _border(np.asarray(colours))[opaque]
    found = lay_on(tuple(int(level) for level in np.atleast_1d(np.median(edge, axis=0))))
    if not lift_ink(found).any():  # cut out of the paper: only the holes can be ink
        found = lay_on("black" if edge.mean() > 127 else "white")
    return found, False


def lift_ink(colours: Any) -> np.ndarray:
    """Return the ink of a picture: float32, 0 where it is paper, 255 at its strongest; all zero where there is none.

    A picture of 28 × 28 on perfectly black or white paper keeps its levels: it is taken for one made ready.

    Parameters
    ----------
    colours : PIL.Image
        Grey or RGB, opaque.
    """
    grey = np.asarray(colours.convert("L"), dtype=np.float32)
    paper = float(np.median(_border(grey)))
    darkest, lightest = _make_small(colours.convert("L")).getextrema()
    darker, lighter = paper - darkest, lightest - paper
    # Dark ink on light paper and the other way round; in doubt the paper's own brightness decides.
    dark = darker > 2 * lighter + BLANK if paper <= 127 else not lighter > 2 * darker + BLANK
    contrast = darker if dark else lighter
    ink = (paper - grey if dark else grey - paper).clip(0)
    ready = colours.size == (SIDE, SIDE) and paper in (0, 255)
    if colours.mode == "RGB":
        own = np.median(_border(np.asarray(colours)), axis=0)
        coloured = float(_differ(_make_small(colours), own).max())
        if coloured >= COLOURFUL and coloured > MORE_COLOURFUL * contrast:
            contrast, ink, ready = coloured, _differ(colours, own), False
    if contrast < BLANK:
        return np.zeros_like(grey)
    return ink if ready else ink * (255 / ink.max())


def fit_to_size(ink: np.ndarray) -> np.ndarray:
    """Return grey levels on 28 × 28 as bytes: kept if they are of that size, else centred by `centre`."""
    from PIL import Image

    pixels = np.rint(ink).astype(np.uint8)
    return pixels if pixels.shape == (SIDE, SIDE) else centre(Image.fromarray(pixels))


def centre(picture: Any) -> np.ndarray:
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


def _border(levels: np.ndarray) -> np.ndarray:
    """Return the levels along the four edges, shape (pixels,) or (pixels, channels)."""
    return np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])


def _differ(colours: Any, paper: np.ndarray) -> np.ndarray:
    """Return how far each pixel is from the paper's colour: in the channel where it is farthest."""
    channels = zip(colours.split(), paper, strict=True)
    return np.max([np.abs(np.asarray(channel, dtype=np.float32) - level) for channel, level in channels], axis=0)


def _make_small(picture: Any) -> Any:
    factor = max(picture.size) // SMALL_SIDE
    return picture.reduce(factor) if factor > 1 else picture
