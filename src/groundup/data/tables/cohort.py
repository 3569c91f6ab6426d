"""A simulated cohort: children measured at age 10, their parents, and the height they reach.

No child in it exists. It is drawn from published figures so that everything works offline:

- Height and weight at 10 years (120.5 months) and height at 20 years by sex: the L, M and S of the 2000 CDC growth
  charts (Kuczmarski et al., Vital and Health Statistics 11(246), 2002): a measurement with standard score z is
  M · (1 + L·S·z)^(1/L). For height at 10 the median and the 3rd and 97th percentiles of the same charts are used.
- Correlation of parents' and children's heights 0.51, 0.49, 0.51 and 0.51 (father and son, mother and son, father and
  daughter, mother and daughter) and of husband and wife 0.28: Pearson and Lee, "On the laws of inheritance in man",
  Biometrika 2 (1903). 0.5 and 0.28 are used.
- Correlation of height at 10 and at 18, within a sex, 0.89 (boys) and 0.78 (girls), of height with the logarithm of
  weight at 10, 0.68 and 0.77: computed from the 136 children of Tuddenham and Snyder, "Physical growth of California
  boys and girls" (1954).

What is assumed beyond that: standard scores are jointly normal, and parents tell of the child's height at 10 only
through its adult height.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

if TYPE_CHECKING:
    from groundup.data.tables.table import Table

NAME = "cohort"
SOURCE = "simulated cohort (drawn from published growth statistics, no real children)"
COLUMNS = {
    "sex": "",
    "father_height": "cm",
    "mother_height": "cm",
    "height_10": "cm",
    "weight_10": "kg",
    "adult_height": "cm",
}

# L, M and S of adult height in cm and of weight at 10 in kg; median and standard deviation of height at 10 in cm,
# the latter from the 3rd and 97th percentiles, which lie 2 · 1.8808 standard deviations apart.
_ADULT = {"male": (1.167279, 176.849232, 0.0403696), "female": (1.108046, 163.338251, 0.0396363)}
_WEIGHT = {"male": (-1.206688, 32.087991, 0.1789287), "female": (-0.846873, 33.063923, 0.1959470)}
_HEIGHT = {"male": (138.8234, (151.5294 - 126.6678) / 3.7616), "female": (138.2112, (151.2920 - 125.9599) / 3.7616)}
_PARENT, _SPOUSES = 0.5, 0.28
_STAYS = {"male": 0.89, "female": 0.78}
_HEAVY = {"male": 0.68, "female": 0.77}


def simulate_cohort(children: int = 2000, seed: int = 0) -> Table:
    """Draw a cohort as a table; parameters and columns as of `draw_cohort`.

    Examples
    --------
    >>> simulate_cohort(5).names
    ['sex', 'father_height', 'mother_height', 'height_10', 'weight_10', 'adult_height']
    """
    from groundup.data.tables.table import hold_table  # loads PyArrow, which the columns alone do not need

    columns, boys = draw_cohort(children, seed)
    return hold_table(SOURCE, {"sex": np.where(boys, "male", "female").tolist(), **columns})


def draw_cohort(
    children: int = 2000, seed: int = 0
) -> tuple[dict[str, Float[np.ndarray, " child"]], Bool[np.ndarray, " child"]]:
    """Draw a cohort.

    Parameters
    ----------
    children : int
        How many.
    seed : int
        The same seed gives the same children.

    Returns
    -------
    dict
        ``father_height``, ``mother_height``, ``height_10`` and ``adult_height`` in cm, ``weight_10`` in kg.
    array of bool
        Who is a boy.
    """
    random = np.random.default_rng(seed)
    boys = random.random(children) < 0.5
    father, own, mother, early, weight = random.standard_normal((5, children))
    mother = _SPOUSES * father + np.sqrt(1 - _SPOUSES**2) * mother
    # Regression on both parents: the same slope for either, chosen so that each correlation is _PARENT.
    slope = _PARENT / (1 + _SPOUSES)
    adult = slope * (father + mother) + np.sqrt(1 - 2 * slope * _PARENT) * own
    stays, heavy = (np.where(boys, of["male"], of["female"]) for of in (_STAYS, _HEAVY))
    height = stays * adult + np.sqrt(1 - stays**2) * early
    weight = heavy * height + np.sqrt(1 - heavy**2) * weight
    middle, deviation = (np.where(boys, _HEIGHT["male"][place], _HEIGHT["female"][place]) for place in (0, 1))
    columns = {
        "father_height": _measure(father, *_ADULT["male"]),
        "mother_height": _measure(mother, *_ADULT["female"]),
        "height_10": middle + deviation * height,
        "weight_10": np.where(boys, _measure(weight, *_WEIGHT["male"]), _measure(weight, *_WEIGHT["female"])),
        "adult_height": np.where(boys, _measure(adult, *_ADULT["male"]), _measure(adult, *_ADULT["female"])),
    }
    return {name: np.round(values, 1) for name, values in columns.items()}, boys


def _measure(score: np.ndarray, power: float, median: float, spread: float) -> np.ndarray:
    """Turn standard scores into measurements; scores beyond 3 are taken as 3, where the skewed weights end."""
    return median * (1 + power * spread * np.clip(score, -3, 3)) ** (1 / power)
