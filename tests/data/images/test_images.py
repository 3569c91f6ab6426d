"""Pictures: idx files there and back, folders, polarity, and every way in which they can be wrong."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageDraw

from groundup.base.errors import UserError
from groundup.data.images.images import (
    SIDE,
    load_builtin,
    load_images,
    read_idx,
    read_idx_pair,
    read_picture,
    split_images,
    split_places,
)


def idx(values: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


def write_pair(folder, pixels, labels, stem="train", ending=""):
    folder.mkdir(exist_ok=True)
    pack = gzip.compress if ending else bytes
    (folder / f"{stem}-images-idx3-ubyte{ending}").write_bytes(pack(idx(np.asarray(pixels, np.uint8))))
    (folder / f"{stem}-labels-idx1-ubyte{ending}").write_bytes(pack(idx(np.asarray(labels, np.uint8))))
    return folder


def draw_seven(size=(60, 80), ink="black", paper="white", mode="RGB"):
    picture = Image.new(mode, size, paper)
    pen = ImageDraw.Draw(picture)
    pen.line([(15, 15), (45, 15), (25, 65)], fill=ink, width=6)
    return picture


@pytest.mark.parametrize("ending", ["", ".gz"])
@given(pixels=arrays(np.uint8, st.tuples(st.integers(1, 5), st.just(SIDE), st.just(SIDE))))
def test_idx_there_and_back(tmp_path_factory, ending, pixels):
    path = tmp_path_factory.mktemp("idx") / "some.idx"
    path.write_bytes(gzip.compress(idx(pixels)) if ending else idx(pixels))
    np.testing.assert_array_equal(read_idx(path, 2051), pixels)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_folder_of_idx_files(tmp_path, ending):
    pixels = np.random.default_rng(0).integers(0, 256, (6, SIDE, SIDE), dtype=np.uint8)
    folder = write_pair(tmp_path / "mnist", pixels, [0, 1, 2, 3, 4, 5], ending=ending)
    images, test = load_images(str(folder))
    assert test is None
    np.testing.assert_array_equal(images.pixels, pixels)
    write_pair(folder, pixels[:2], [5, 4], stem="t10k")
    images, test = load_images(str(folder))
    assert (len(images), test.labels.tolist()) == (6, [5, 4])
    only, _ = load_images(str(folder / f"train-images-idx3-ubyte{ending}"))
    assert only.labels.tolist() == [0, 1, 2, 3, 4, 5]


def test_pictures_of_another_size_are_brought_to_28(tmp_path):
    folder = write_pair(tmp_path / "small", np.full((4, 8, 8), 200), [0, 1, 0, 1])
    images, _ = load_images(str(folder))
    assert images.pixels.shape == (4, SIDE, SIDE)
    assert images.pixels.any()


BAD_IDX = {
    "empty": (b"", "empty"),
    "wrong magic number": (struct.pack(">IIII", 1234, 1, 28, 28) + bytes(784), "magic number is 1234, expected 2051"),
    "labels for pictures": (idx(np.zeros(3, np.uint8)), "that is the number of labels"),
    "header cut": (struct.pack(">II", 2051, 4), "header is incomplete"),
    "cut short": (idx(np.zeros((3, 28, 28), np.uint8))[:-1], "cut short"),
    "too long": (idx(np.zeros((3, 28, 28), np.uint8)) + b"x", "1 bytes more"),
    "torn gzip": (gzip.compress(idx(np.zeros((3, 28, 28), np.uint8)))[:-9], "cannot be read"),
    "no pictures": (idx(np.zeros((0, 28, 28), np.uint8)), "0 pictures"),
    "pictures without pixels": (idx(np.zeros((3, 0, 28), np.uint8)), "empty"),
    "count mismatch": (idx(np.zeros((2, 28, 28), np.uint8)), "2 pictures and .* 3 labels"),
}


@pytest.mark.parametrize("case", BAD_IDX)
def test_bad_idx_files_are_told_in_one_line(tmp_path, case):
    content, message = BAD_IDX[case]
    write_pair(tmp_path, np.zeros((3, 28, 28)), [0, 1, 2])
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(UserError, match=message) as caught:
        load_images(str(tmp_path))
    assert "\n" not in str(caught.value)
    assert "train-images-idx3-ubyte" in str(caught.value)


def test_values_that_are_no_bytes_are_named(tmp_path):
    write_pair(tmp_path, np.zeros((3, 28, 28)), [0, 1, 2])
    floats = struct.pack(">BBBBIII", 0, 0, 13, 3, 3, 28, 28) + np.zeros((3, 28, 28), ">f4").tobytes()
    (tmp_path / "train-images-idx3-ubyte").write_bytes(floats)
    with pytest.raises(UserError, match=r"magic number is 3331, 32-bit floats in 3 dimension.*expected 2051"):
        load_images(str(tmp_path))
    coloured = idx(np.zeros((3, 28, 28, 3), np.uint8))
    (tmp_path / "train-images-idx3-ubyte").write_bytes(coloured)
    with pytest.raises(UserError, match=r"unsigned bytes in 4 dimension.*unsigned bytes in 3"):
        load_images(str(tmp_path))


def test_dark_ink_on_light_paper_is_inverted_and_that_is_said(tmp_path):
    pixels = np.zeros((40, SIDE, SIDE), np.uint8)
    pixels[:, 6:22, 12:16] = 250
    right, _ = load_images(str(write_pair(tmp_path / "right", pixels, [0, 1] * 20)))
    assert right.notes == ()
    found, _ = load_images(str(write_pair(tmp_path / "inverted", 255 - pixels, [0, 1] * 20)))
    np.testing.assert_array_equal(found.pixels, right.pixels)
    assert "the pictures are inverted" in found.notes[0]


def test_blank_idx_pictures_are_counted(tmp_path):
    pixels = np.full((4, SIDE, SIDE), 9, np.uint8)
    pixels[2] = 0
    images, _ = load_images(str(write_pair(tmp_path, pixels, [0, 1, 0, 1])))
    assert images.notes[0].endswith("1 of 4 pictures are blank, the first is #2.")


def test_emnist_is_found_by_its_names_and_turned_upright(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 99, (4, SIDE, SIDE), dtype=np.uint8)
    folder = write_pair(tmp_path / "emnist", pixels.transpose(0, 2, 1), [0, 1, 0, 1], "emnist-digits-train", ".gz")
    write_pair(folder, pixels[:2].transpose(0, 2, 1), [1, 0], "emnist-digits-test", ".gz")
    images, test = load_images(str(folder))
    np.testing.assert_array_equal(images.pixels, pixels)
    assert "turned upright" in images.notes[0]
    np.testing.assert_array_equal(test.pixels, pixels[:2])
    write_pair(folder, pixels, [0, 1, 0, 1], "emnist-letters-train", ".gz")
    with pytest.raises(UserError, match="are both there"):
        load_images(str(folder))


def test_sources_that_are_not_there(tmp_path):
    with pytest.raises(UserError, match="no such file or folder"):
        load_images(str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="no idx files and no pictures"):
        load_images(str(tmp_path))
    write_pair(tmp_path, np.zeros((3, 28, 28)), [0, 1, 2])
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(UserError, match="labels are missing"):
        load_images(str(tmp_path))
    write_pair(tmp_path, np.zeros((3, 28, 28)), [0, 1, 2])
    (tmp_path / "train-images-idx3-ubyte").unlink()
    with pytest.raises(UserError, match="no train-images-idx3-ubyte"):
        load_images(str(tmp_path))


def test_labels_that_do_not_do(tmp_path):
    with pytest.raises(UserError, match="every label is 4"):
        load_images(str(write_pair(tmp_path / "one", np.zeros((3, 28, 28)), [4, 4, 4])))
    folder = write_pair(tmp_path / "two", np.zeros((3, 28, 28)), [0, 1, 2])
    write_pair(folder, np.zeros((2, 28, 28)), [1, 12], stem="t10k")
    with pytest.raises(UserError, match="label 12 is out of range"):
        load_images(str(folder))


def test_folder_of_pictures(tmp_path):
    for label in ("10", "9", "seven"):
        (tmp_path / label).mkdir()
        for number in range(2):
            draw_seven().save(tmp_path / label / f"{number}.png")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.txt").write_text("no picture")
    images, test = load_images(str(tmp_path))
    assert test is None
    assert images.classes == ("9", "10", "seven")
    assert images.labels.tolist() == [0, 0, 1, 1, 2, 2]
    assert images.name(0) == "9/0.png"


def test_folder_with_one_label_or_a_bad_picture(tmp_path):
    (tmp_path / "3").mkdir()
    draw_seven().save(tmp_path / "3" / "a.png")
    with pytest.raises(UserError, match='every picture has the label "3"'):
        load_images(str(tmp_path))
    (tmp_path / "4").mkdir()
    (tmp_path / "4" / "broken.png").write_bytes(b"\x89PNG not really")
    with pytest.raises(UserError, match=r"broken\.png: not a picture"):
        load_images(str(tmp_path))


@pytest.mark.parametrize(
    "picture",
    [
        draw_seven(),
        draw_seven(ink="white", paper="black"),
        draw_seven(size=(160, 120)),
        draw_seven(mode="RGBA", paper=(0, 0, 0, 0)),
        draw_seven(mode="L", ink=20, paper=230),
    ],
    ids=["dark on light", "light on dark", "much paper", "transparent paper", "grey"],
)
def test_every_way_to_draw_a_seven_becomes_the_same_picture(tmp_path, picture):
    picture.save(tmp_path / "seven.png")
    pixels = read_picture(tmp_path / "seven.png").astype(int)
    draw_seven().save(tmp_path / "plain.png")
    plain = read_picture(tmp_path / "plain.png").astype(int)
    assert pixels.shape == (SIDE, SIDE)
    assert abs(pixels - plain).max() < 60
    ink = np.argwhere(pixels > 100)
    assert np.all(ink.max(0) - ink.min(0) < 20)


def test_a_28_by_28_picture_keeps_its_pixels_and_blank_paper_is_blank(tmp_path):
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    pixels[4:20, 5:9] = 250
    Image.fromarray(pixels).save(tmp_path / "ready.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "ready.png"), pixels)
    Image.new("L", (50, 50), 255).save(tmp_path / "blank.png")
    assert not read_picture(tmp_path / "blank.png").any()
    with pytest.raises(UserError, match="no such file"):
        read_picture(tmp_path / "none.png")


def test_built_in_digits():
    images = load_builtin()
    assert images.pixels.shape == (1797, SIDE, SIDE)
    assert np.bincount(images.labels).min() > 170
    assert np.all(images.pixels.max(axis=(1, 2)) > 100)


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=30), share=st.floats(0.01, 0.9), seed=st.integers(0, 9))
def test_split_holds_out_some_of_every_class(labels, share, seed):
    labels = np.array(labels)
    training, test = split_places(labels, share, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate([training, test])), np.arange(len(labels)))
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        assert np.sum(labels[training] == label) >= 1
        assert (np.sum(labels[test] == label) >= 1) == (count > 1)


def test_split_needs_two_pictures_of_a_class(tmp_path):
    images, _ = load_images(str(write_pair(tmp_path, np.zeros((2, 28, 28)), [0, 1])))
    with pytest.raises(UserError, match="one picture only"):
        split_images(images, 0.2, 0)


def test_real_mnist(shared_data):
    folder = shared_data("mnist")
    images, test = load_images(str(folder))
    assert images.pixels.shape == (60_000, SIDE, SIDE)
    assert test.pixels.shape == (10_000, SIDE, SIDE)
    assert images.labels[:5].tolist() == [5, 0, 4, 1, 9]
    with pytest.raises(UserError, match="do not belong together"):
        read_idx_pair(folder / "train-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz")
