"""Measurements of 569 tumours, as scikit-learn carries them.

Source: W. N. Street, W. H. Wolberg and O. L. Mangasarian, "Breast Cancer Wisconsin (Diagnostic)", UCI Machine Learning
Repository, 1993.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float

from groundup.data.carried import read_carried

FEATURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


def load_tumours() -> tuple[dict[str, Float[np.ndarray, " tumour"]], Bool[np.ndarray, " tumour"]]:
    """Return the measurements by name, and whether each tumour is malignant.

    Of each feature of the nuclei there is the mean, its standard error, and the mean of the three worst.

    Examples
    --------
    >>> columns, malignant = load_tumours()
    >>> list(columns)[::10], int(malignant.sum())
    (['mean radius', 'radius error', 'worst radius'], 212)
    """
    names = [f"mean {name}" for name in FEATURES]
    names += [f"{name} error" for name in FEATURES] + [f"worst {name}" for name in FEATURES]
    table = read_carried("breast_cancer.csv", header=1)
    return dict(zip(names, table[:, :-1].T, strict=True)), table[:, -1] == 0
