"""Galton's table: the totals and the slope that he and others published."""

import csv

import numpy as np
import pytest

from groundup.data.tables.galton import COUNTS, load_families


def test_rows_and_columns_sum_to_the_published_totals():
    assert np.sum(COUNTS, axis=1).tolist() == [4, 19, 43, 68, 183, 219, 211, 78, 66, 23, 14]
    assert np.sum(COUNTS, axis=0).tolist() == [5, 7, 32, 59, 48, 117, 138, 120, 167, 99, 64, 41, 17, 14]


def test_the_line_is_the_known_one():
    parents, children = load_families()
    slope, intercept = np.polyfit(parents / 2.54, children / 2.54, 1)
    assert (slope, intercept) == pytest.approx((0.6463, 23.9415), abs=5e-4)


def test_it_agrees_with_the_notebook_that_it_was_counted_from(shared_data):
    with shared_data("heights-galton/GaltonFamilies.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    mean = np.mean([float(row["midparentHeight"]) for row in rows])
    child = np.mean([float(row["childHeight"]) * (1.08 if row["gender"] == "female" else 1) for row in rows])
    parents, children = load_families()
    assert parents.mean() / 2.54 == pytest.approx(mean, abs=1.0)
    assert children.mean() / 2.54 == pytest.approx(child, abs=1.5)
