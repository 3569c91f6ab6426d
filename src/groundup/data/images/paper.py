"""The paper of a picture: edges of a scan or a cell taken off, uneven light made even."""

from __future__ import annotations

from typing import Any

import numpy as np

SMALLEST_TRIMMED = 40  # pixels: a line of a smaller picture may be part of what is drawn
MOST_TRIMMED = 0.15
EVEN, STEP, MOSTLY = 40, 60, 0.8
UNEVEN, EXPLAINED = 12, 0.25


def take_border(levels: np.ndarray) -> np.ndarray:
    """Return the levels along the four edges, shape (pixels,) or (pixels, channels)."""
    return np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])


def trim_edges(picture: Any) -> Any:
    """Return a picture without even strips along its edges that are not its paper: a scan's black edge, a cell's frame.

    Parameters
    ----------
    picture : PIL.Image
        Grey or RGB.
    """
    if min(picture.size) < SMALLEST_TRIMMED:
        return picture
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    top, bottom = (_measure_strip(lines) for lines in (grey, grey[::-1]))
    inner = grey[top : len(grey) - bottom].T
    left, right = (_measure_strip(lines) for lines in (inner, inner[::-1]))
    kept = grey[top : len(grey) - bottom, left : grey.shape[1] - right]
    # What comes after a strip is paper only if most of the picture is: a square's outline has paper around it.
    if kept.size == grey.size or abs(np.median(take_border(kept)) - np.median(kept)) > STEP:
        return picture
    return picture.crop((left, top, picture.width - right, picture.height - bottom))


def _measure_strip(lines: np.ndarray) -> int:
    """Return how many of the first lines are an even strip that ends in a step to other paper; mostly none."""
    some = lines[: int(MOST_TRIMMED * len(lines)) + 3]
    levels = np.median(some, axis=1)
    far = np.abs(levels - levels[0]) > STEP
    if not far.any():
        return 0
    width = int(np.argmax(far))
    low, high = np.percentile(some[:width], (5, 95), axis=1)
    after = some[min(width + 1, len(some) - 1)]
    paper = np.median(after)
    # In uneven light it varies, but stays nearer to itself than to the strip.
    is_paper = np.mean(np.abs(after - paper) <= max(EVEN, abs(paper - levels[0]) / 2)) >= MOSTLY
    if (high - low).max() > EVEN or not is_paper:
        return 0
    return width + 1  # the step itself is seldom sharp


def find_paper(grey: np.ndarray) -> np.ndarray | float:
    """Return the level of the paper: one number, or one per pixel if the light is uneven.

    A surface of second degree is laid through the border, and taken where it explains the border well.

    Parameters
    ----------
    grey : ndarray of float32, shape (height, width)
        Grey levels, 0 to 255.

    Examples
    --------
    >>> find_paper(np.full((50, 50), 200, np.float32))
    200.0
    """
    border = take_border(grey).astype(np.float64)
    low, middle, high = np.percentile(border, (10, 50, 90))
    if high - low < UNEVEN or min(grey.shape) < SMALLEST_TRIMMED:
        return float(middle)
    across, down = (np.linspace(-1, 1, count, dtype=np.float32) for count in grey.shape[::-1])
    x, y = (take_border(np.broadcast_to(line, grey.shape)) for line in (across, down[:, None]))
    places = np.stack([np.ones_like(x), x, y, x * y, x**2, y**2], axis=1).astype(np.float64)
    kept = np.ones(len(border), dtype=bool)
    for _ in range(4):  # what is drawn over the edge falls out
        factors = np.linalg.lstsq(places[kept], border[kept], rcond=None)[0]
        off = np.abs(places @ factors - border)
        kept = off <= max(3 * float(np.median(off)), 4)
    if np.median(off) > EXPLAINED * (high - low) or kept.mean() < MOSTLY:
        return float(middle)
    level, by_x, by_y, by_both, by_xx, by_yy = factors.astype(np.float32)
    rows = (level + by_x * across + by_xx * across**2)[None, :] + (by_y * down + by_yy * down**2)[:, None]
    return (rows + by_both * np.outer(down, across)).clip(1, 255)
