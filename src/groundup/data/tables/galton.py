"""Real heights that come with the package: 928 adult children and their parents, measured in the 1880s.

The figures are Table I of Francis Galton, "Regression towards mediocrity in hereditary stature", Journal of the
Anthropological Institute 15 (1886), 246-263, the paper that gave regression its name. It counts children by their own
height and by the mean of their parents' heights, in steps of an inch; women's heights are multiplied by 1.08 in it.
The open classes at both ends are placed half an inch beyond their neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from groundup.data.tables.table import Table

NAME = "families"
SOURCE = "Galton's families (1886)"
CENTIMETRES = 2.54
# Inches. Of the children: below 62.2, 62.2, …, 73.2, above; of the parents: above 72.5, 72.5, …, 64.5, below.
CHILDREN = (61.7, *(62.2 + step for step in range(12)), 73.7)
PARENTS = (73.0, *(72.5 - step for step in range(9)), 64.0)
COUNTS = (
    (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0),
    (0, 0, 0, 0, 0, 0, 0, 1, 2, 1, 2, 7, 2, 4),
    (0, 0, 0, 0, 1, 3, 4, 3, 5, 10, 4, 9, 2, 2),
    (1, 0, 1, 0, 1, 1, 3, 12, 18, 14, 7, 4, 3, 3),
    (0, 0, 1, 16, 4, 17, 27, 20, 33, 25, 20, 11, 4, 5),
    (1, 0, 7, 11, 16, 25, 31, 34, 48, 21, 18, 4, 3, 0),
    (0, 3, 5, 14, 15, 36, 38, 28, 38, 19, 11, 4, 0, 0),
    (0, 3, 3, 5, 2, 17, 17, 14, 13, 4, 0, 0, 0, 0),
    (1, 0, 9, 5, 7, 11, 11, 7, 7, 5, 2, 1, 0, 0),
    (1, 1, 4, 4, 1, 5, 5, 0, 2, 0, 0, 0, 0, 0),
    (1, 0, 2, 4, 1, 2, 2, 1, 1, 0, 0, 0, 0, 0),
)


def load_families() -> tuple[Float[np.ndarray, " child"], Float[np.ndarray, " child"]]:
    """Return the mean height of each child's parents, and the child's own as an adult.

    Returns
    -------
    parents, children : array of float64, shape (928,)
        Centimetres.

    Examples
    --------
    >>> parents, children = load_families()
    >>> len(children), round(float(np.polyfit(parents, children, 1)[0]), 2)
    (928, 0.65)
    """
    counts = np.array(COUNTS)
    rows, columns = np.nonzero(counts)
    times = counts[rows, columns]
    parents, children = np.array(PARENTS)[rows], np.array(CHILDREN)[columns]
    return np.repeat(parents, times) * CENTIMETRES, np.repeat(children, times) * CENTIMETRES


def hold_families() -> Table:
    """Return the same as a table: ``parents_inch`` (the mean height of both) and ``height_inch``, a row a child.

    Examples
    --------
    >>> hold_families().names
    ['parents_inch', 'height_inch']
    """
    from groundup.data.tables.table import hold_table  # loads PyArrow, which the heights alone do not need

    parents, children = (np.round(values / CENTIMETRES, 1) for values in load_families())
    return hold_table(SOURCE, {"parents_inch": parents, "height_inch": children})
