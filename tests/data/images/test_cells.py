"""The form of the built-in digits: what a drawing becomes in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits

from groundup.data.images.cells import bring_into_cells, count_cells, enlarge_cells, even_out_strokes, make_bitmap
from groundup.data.images.images import load_builtin


def draw(*strokes, pen=24, side=280):
    board = Image.new("L", (side, side))
    for stroke in strokes:
        ImageDraw.Draw(board).line(stroke, fill=255, width=pen, joint="curve")
    return np.asarray(board)


def test_the_built_in_digits_are_counts_that_are_enlarged():
    assert np.array_equal(load_builtin().pixels[7], enlarge_cells(load_digits().images[7]))


@given(arrays(np.uint8, (40, 33), elements=st.sampled_from([0, 0, 0, 90, 255])))
def test_ink_fills_the_height_and_never_leaves_the_form(pixels):
    bitmap = make_bitmap(pixels)
    assert bitmap.shape == (32, 32)
    assert bitmap.any() == pixels.any()
    assert count_cells(bitmap).sum() == bitmap.sum()
    assert bring_into_cells(pixels).shape == (28, 28)


@pytest.mark.parametrize("pen", [3, 12, 24, 40])
def test_a_straight_line_is_as_wide_as_the_1s_of_the_built_in_digits(pen):
    widths = make_bitmap(draw([(140, 40), (140, 240)], pen=pen)).sum(1)
    assert set(widths[4:-4]) <= set(range(4, 15))


def test_the_place_and_the_size_of_a_drawing_do_not_matter():
    large, small = draw([(80, 40), (200, 40), (120, 240)]), draw([(20, 150), (80, 150), (40, 250)], pen=12)
    difference = make_bitmap(large) ^ make_bitmap(small)
    assert difference.mean() < 0.05


def test_a_slanted_line_stands_upright():
    columns = [np.flatnonzero(row).mean() for row in make_bitmap(draw([(190, 40), (90, 240)]))[3:-3]]
    assert np.ptp(columns) < 4


def test_strokes_are_evened_out():
    thin, thick = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
    thin[2:30, 16] = thick[:, 2:30] = True
    assert even_out_strokes(thin)[10].sum() == 5  # twice thicker on either side
    assert even_out_strokes(thick)[0].sum() == 24  # the edge of the bitmap takes nothing away
    hatching = np.indices((32, 32)).sum(0) % 2 == 0
    assert even_out_strokes(hatching).any()


def test_what_is_ready_or_blank_is_kept():
    ready = load_builtin().pixels[0]
    assert np.array_equal(bring_into_cells(ready), ready)
    assert not bring_into_cells(np.zeros((50, 40), np.float32)).any()
