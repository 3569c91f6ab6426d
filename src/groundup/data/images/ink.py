"""Ink and paper: the grey levels of a picture of any colours, ink bright on black, centred on 28 × 28.

The border is taken for paper. What differs from it is ink, darker or lighter, or of another colour where the two are
equally bright.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from groundup.data.images.paper import find_paper, take_border, trim_edges

# Returns grey levels on 28 × 28 for the ink of a picture of any size.
Fit: TypeAlias = "Callable[[np.ndarray], np.ndarray]"
SIDE = 28
INK_SIDE = 20

# In grey levels of 0 to 255: paper is never perfectly even, and an antialiased edge is no ink by itself.
BLANK = 10
# A picture is averaged down to this many pixels for what is asked of it as a whole: noise and dust fall away.
SMALL_SIDE = 256
SEEN_ON_WHITE = 96
COLOURFUL, MORE_COLOURFUL = 48, 3
GRAINS, MOST_GRAIN = 3, 120
FAR, MOST_SPREAD = 5, 12
# What is drawn is looked for in cells of a picture so large: a grain of dust is not.
CELLS = 64
STRONG, CELL = 50, 16
# What Pillow looks up for each grey level: a function would be called 256 times for each picture.
_IS_STRONG = [255 if level > STRONG else 0 for level in range(256)]
_IS_CELL = [255 if level >= CELL else 0 for level in range(256)]


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

    opaque = take_border(np.asarray(alpha)) >= 128
    if opaque.mean() < 0.5:
        white, black = lay_on("white"), lay_on("black")
        on_white, on_black = (
            255 - _make_small(white.convert("L")).getextrema()[0],
            _make_small(black.convert("L")).getextrema()[1],
        )
        light = on_white < SEEN_ON_WHITE and on_white < on_black
        return (black, True) if light else (white, False)
    edge = take_border(np.asarray(colours))[opaque]
    found = lay_on(tuple(int(level) for level in np.atleast_1d(np.median(edge, axis=0))))
    if not lift_ink(found).any():  # cut out of the paper: only the holes can be ink
        found = lay_on("black" if edge.mean() > 127 else "white")
    return found, False


def lift_ink(colours: Any) -> np.ndarray:
    """Return the ink of a picture: float32, 0 if it is paper, 255 at its strongest; all zero if there is none.

    A picture of 28 × 28 on perfectly black or white paper keeps its levels: it is taken for one made ready.

    Parameters
    ----------
    colours : PIL.Image
        Grey or RGB, opaque.
    """
    trimmed = trim_edges(colours)
    ink = _lift(trimmed)
    # A frame around nothing is no frame: it is what is drawn.
    return ink if trimmed is colours or ink.any() else _lift(colours)


def _lift(colours: Any) -> np.ndarray:
    grey = np.asarray(colours.convert("L"), dtype=np.float32)
    paper = find_paper(grey)
    level = float(np.median(take_border(grey)))
    darker = paper - grey
    if isinstance(paper, np.ndarray):
        darker *= np.where(darker > 0, level / paper, 1)  # in the shade, ink and paper differ less
    small = np.asarray(_make_small(_as_picture(darker)))
    most, least = max(0.0, float(small.max())), max(0.0, -float(small.min()))
    # Dark ink on light paper or the other way round; in doubt the paper's own brightness decides.
    dark = most > 2 * least + BLANK if level <= 127 else not least > 2 * most + BLANK
    contrast = most if dark else least
    ink = (darker if dark else -darker).clip(0)
    ready = colours.size == (SIDE, SIDE) and level in (0, 255)
    if colours.mode == "RGB":
        own = np.median(take_border(np.asarray(colours)), axis=0)
        coloured = float(_differ(_make_small(colours), own).max())
        if coloured >= COLOURFUL and coloured > MORE_COLOURFUL * contrast:
            contrast, ink, ready = coloured, _differ(colours, own), False
    if contrast < BLANK + _measure_grain(small):
        return np.zeros_like(grey)
    return ink if ready else _clean(ink * (255 / ink.max()))


def _measure_grain(darker: np.ndarray) -> float:
    """Return how far the grain of the paper reaches; 0 if the border is too lively to be paper with grain."""
    spread = 1.48 * float(np.median(np.abs(take_border(darker))))
    return FAR * spread if spread <= MOST_SPREAD else 0.0


def _clean(ink: np.ndarray) -> np.ndarray:
    """Take the paper's grain away, as strong as it is along the border; a quarter of the border may be ink."""
    grain = GRAINS * float(np.percentile(take_border(ink), 75))
    return (ink - grain).clip(0) * (255 / (255 - grain)) if grain <= MOST_GRAIN else ink


def fit_to_size(ink: np.ndarray) -> np.ndarray:
    """Return grey levels on 28 × 28 as bytes: kept if they are of that size, else centred by `centre`."""
    from PIL import Image

    pixels = np.rint(ink).astype(np.uint8)
    return pixels if pixels.shape == (SIDE, SIDE) else centre(Image.fromarray(pixels))


def centre(picture: Any) -> np.ndarray:
    """Scale a grey picture's ink into 20 × 20 and put its centre of mass in the middle of 28 × 28."""
    from PIL import Image

    box = find_ink(picture)
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


def find_ink(picture: Any) -> tuple[int, int, int, int] | None:
    """Return the box around all strong ink that is more than a grain."""
    from PIL import Image, ImageChops, ImageFilter

    strong = picture.point(_IS_STRONG)
    factor = max(picture.size) // CELLS
    if factor > 1:
        cells = picture.reduce(factor).point(_IS_CELL)
        cells = cells.filter(ImageFilter.MaxFilter(3))  # a stroke may just reach into the next cell
        cells = cells.resize((cells.width * factor, cells.height * factor), Image.Resampling.NEAREST)
        more = ImageChops.multiply(strong, cells.crop((0, 0, *picture.size)))
    return (more.getbbox() if factor > 1 else None) or strong.getbbox() or picture.getbbox()


def _as_picture(levels: np.ndarray) -> Any:
    from PIL import Image

    return Image.fromarray(levels)


def _differ(colours: Any, paper: np.ndarray) -> np.ndarray:
    """Return each pixel's distance from the paper's colour, in the channel where the distance is largest."""
    channels = zip(colours.split(), paper, strict=True)
    return np.max([np.abs(np.asarray(channel, dtype=np.float32) - level) for channel, level in channels], axis=0)


def _make_small(picture: Any) -> Any:
    factor = max(picture.size) // SMALL_SIDE
    return picture.reduce(factor) if factor > 1 else picture
