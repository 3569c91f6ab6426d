"""The tables that scikit-learn carries: read without it, and equal to what it reads itself."""

import subprocess
import sys

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

from groundup.data.images.cells import enlarge_cells
from groundup.data.images.images import load_builtin
from groundup.data.tables.tumours import load_tumours

LIGHT = """
import sys
from groundup.data.images.images import load_builtin
from groundup.data.tables.cohort import draw_cohort
from groundup.data.tables.galton import load_families
from groundup.data.tables.tumours import load_tumours
import groundup.models.newton
load_builtin(), draw_cohort(), load_families(), load_tumours()
print(*sorted({"pyarrow", "scipy", "sklearn"} & set(sys.modules)))
"""


def test_the_digits_are_scikit_learns():
    ours, theirs = load_builtin(), load_digits()
    assert np.array_equal(ours.labels, theirs.target)
    assert all(np.array_equal(ours.pixels[row], enlarge_cells(theirs.images[row])) for row in (0, 7, 1796))


def test_the_tumours_are_scikit_learns():
    (columns, malignant), theirs = load_tumours(), load_breast_cancer()
    assert list(columns) == theirs.feature_names.tolist()
    assert np.array_equal(np.stack(list(columns.values()), axis=1), theirs.data)
    assert np.array_equal(malignant, theirs.target_names[theirs.target] == "malignant")


def test_what_lessons_read_loads_none_of_the_heavy_libraries():
    told = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == ""
