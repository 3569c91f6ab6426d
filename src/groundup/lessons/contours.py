"""Contours of a landscape, for views that show one from above."""

from __future__ import annotations

from itertools import pairwise

import contourpy
import numpy as np
from jaxtyping import Float


def trace_contours(
    x: Float[np.ndarray, " column"],
    y: Float[np.ndarray, " row"],
    values: Float[np.ndarray, "row column"],
    levels: Float[np.ndarray, " level"],
) -> list[str]:
    """Return, for each level, the outline of what lies below it, as a path of SVG in the landscape's own coordinates.

    Parameters
    ----------
    x, y : array, shapes (column,) and (row,)
        The coordinates of the grid; let it reach a little beyond the picture, so that its border is not seen.
    values : array, shape (row, column)
        The landscape's height at each point of the grid; where it is not finite, nothing is drawn.
    levels : array, shape (level,)
        The heights, smallest first.

    Returns
    -------
    list of str
        Closed outlines, those of holes included, to be filled by the even-odd rule; "" where nothing lies below.

    Examples
    --------
    >>> axis = np.linspace(-1, 1, 3)
    >>> [outline] = trace_contours(axis, axis, np.hypot(*np.meshgrid(axis, axis)), np.array([0.5]))
    >>> outline[0], sorted(set(outline[1:-1].split("L"))), outline[-1]
    ('M', ['-0.5,0', '0,-0.5', '0,0.5', '0.5,0'], 'Z')
    """
    held = np.ma.masked_invalid(values)
    if not held.count():
        return ["" for _ in levels]
    generator = contourpy.contour_generator(x, y, held, fill_type="OuterOffset")
    lowest = float(held.min()) - 1
    return [_trace(*generator.filled(lowest, float(level))) if level > lowest else "" for level in levels]


def _trace(outlines: list[np.ndarray], offsets: list[np.ndarray]) -> str:
    parts = []
    for outline, ends in zip(outlines, offsets, strict=True):
        told = [f"{a:g},{b:g}" for a, b in np.round(outline, 3) + 0.0]
        parts += ["M" + "L".join(told[first:last]) + "Z" for first, last in pairwise(ends)]
    return "".join(parts)
