"""Folders of pictures as phones, Macs, Windows, Jupyter, Kaggle and drawing apps leave them."""

import os

import numpy as np
import pytest
from PIL import Image, ImageDraw

from groundup.base.errors import UserError
from groundup.data.images.images import load_images


def draw(ink=0, paper=255, mode="L"):
    picture = Image.new(mode, (40, 50), paper)
    ImageDraw.Draw(picture).line([(10, 10), (28, 10), (18, 40)], fill=ink, width=4)
    return picture


def put(folder, *names, picture=None, kind=None):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(picture, bytes):
            path.write_bytes(picture)
        else:
            (picture or draw()).save(path, kind)
    return folder


def put_labels(folder, *labels):
    return put(folder, *(f"{label}/{number}.png" for label in labels for number in range(2)))


def load(folder):
    images, test = load_images(str(folder))
    assert test is None
    return images


HIDDEN = [
    ".ipynb_checkpoints/0-checkpoint.png",
    ".thumbnails/a.png",
    ".Trash-1000/files/a.png",
    "__MACOSX/a.png",
    "__MACOSX/0/._0.png",
    "@eaDir/a.png",
    "$RECYCLE.BIN/a.png",
    "0/._0.png",
    "0/.hidden.png",
    "0/.ipynb_checkpoints/0-checkpoint.png",
    "1/@eaDir/0.png/SYNOFILE_THUMB_M.jpg",
]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_systems_and_programs_put_there_is_left_out(tmp_path, name):
    put_labels(tmp_path, "0", "1")
    put(tmp_path, name, picture=b"\0\5\x16\7\0\2\0\0Mac OS X" if "._" in name else None, kind="PNG")
    put(tmp_path, "0/Thumbs.db", "0/desktop.ini", "1/.DS_Store", "desktop.ini", picture=b"\xd0\xcf\x11\xe0")
    images = load(tmp_path)
    assert images.classes == ("0", "1")
    assert len(images) == 4
    assert images.notes == ()


SUFFIXES = {
    "a.jfif": "JPEG",
    "a.jpe": "JPEG",
    "a.JPG": "JPEG",
    "a.ppm": "PPM",
    "a.pbm": "PPM",
    "a.pnm": "PPM",
    "a.tga": "TGA",
    "a.avif": "AVIF",
    "a.jp2": "JPEG2000",
    "a.dib": "DIB",
    "a.apng": "PNG",
    "a.ico": "ICO",
    "a.mpo": "MPO",
    "IMG_0001": "PNG",
    "photo.jpg_large": "JPEG",
    "scan.1": "TIFF",
}


@pytest.mark.parametrize("name", SUFFIXES)
def test_what_pillow_opens_is_opened_whatever_its_suffix(tmp_path, name):
    put_labels(tmp_path, "0", "1")
    put(tmp_path, f"2/{name}", picture=draw().convert("RGB"), kind=SUFFIXES[name])
    images = load(tmp_path)
    assert images.classes == ("0", "1", "2")
    assert images.notes == ()
    assert images.pixels[-1].max() > 200


def test_what_is_left_out_is_counted_by_suffix_in_one_line(tmp_path):
    put_labels(tmp_path, "0", "1")
    put(tmp_path, "0/a.txt", "0/b.txt", "1/c.json", "1/README", "2/labels.csv", picture=b"hello, no picture")
    put(tmp_path, "notes.txt", picture=b"hello, no picture")
    (note, empty) = load(tmp_path).notes
    assert note.endswith("6 file(s) left out that are no pictures: 3 .txt, 1 without a suffix, 1 .json, 1 .csv.")
    assert empty.endswith("no picture in 2: no class is made of it.")


def test_an_iphones_pictures_are_counted_with_what_they_need(tmp_path):
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60)
    put_labels(tmp_path, "0", "1")
    put(tmp_path, "2/IMG_1.HEIC", "2/IMG_2.HEIC", picture=heic)
    (note, _) = load(tmp_path).notes
    assert "2 file(s) left out that are no pictures: 2 .heic (reading an iPhone's HEIC needs a plugin" in note
    assert "pip install pillow-heif" in note
    put(tmp_path / "only", "a/1.heic", "b/1.heic", picture=heic)
    with pytest.raises(UserError, match=r"no pictures in it\. 2 file\(s\) left out .* pillow-heif"):
        load(tmp_path / "only")


def test_pictures_deeper_down_belong_to_the_outermost_folder_and_that_is_said(tmp_path):
    put(tmp_path, "0/anna/1.png", "0/ben/1.png", "0/2.png", "1/anna/1.png", "1/3.png")
    images = load(tmp_path)
    assert images.classes == ("0", "1")
    assert images.labels.tolist() == [0, 0, 0, 1, 1]
    (note,) = images.notes
    assert note.endswith("3 picture(s) lie deeper, the first is 0/anna/1.png: its label is 0, the outermost folder.")


def test_pictures_without_a_label_are_counted_or_refused(tmp_path):
    put(tmp_path, "cat.0.png", "dog.0.png")
    with pytest.raises(
        UserError, match=r"its 2 picture\(s\) have no label\. Put each into a folder .*LABEL/cat\.0\.png"
    ):
        load(tmp_path)
    put_labels(tmp_path, "0", "1")
    (note,) = load(tmp_path).notes
    assert note.endswith("2 picture(s) left out that lie in no label's folder, the first is cat.0.png.")


def test_a_folder_in_a_folder_is_asked_about(tmp_path):
    put_labels(tmp_path / "digits", "3", "7")
    with pytest.raises(UserError, match=r'has the label "digits": two .* Is .*digits what you mean, with 3, 7\?'):
        load(tmp_path)


@pytest.mark.parametrize(
    ("training", "test", "used"),
    [
        ("train", "test", "test"),
        ("Training", "Testing", "Testing"),
        ("train", "valid", "valid"),
        ("train", "val", "val"),
    ],
)
def test_a_divided_folder_is_divided_so(tmp_path, training, test, used):
    put_labels(tmp_path / training, "cat", "dog", "owl")
    put_labels(tmp_path / test, "dog")
    images, held_out = load_images(str(tmp_path))
    assert images.classes == ("cat", "dog", "owl")
    assert len(images) == 6
    assert held_out.classes == images.classes
    assert held_out.labels.tolist() == [1, 1]


def test_of_a_divided_folder_what_is_not_used_is_said(tmp_path):
    put_labels(tmp_path / "train", "cat", "dog")
    put(tmp_path / "test", "1.jpg", "2.jpg")
    images, held_out = load_images(str(tmp_path))
    assert held_out is None
    assert images.notes[0].endswith("test: left out, it holds no folders named by labels.")
    put_labels(tmp_path / "valid", "cat", "dog")
    put_labels(tmp_path / "test", "cat", "dog")
    images, held_out = load_images(str(tmp_path))
    assert len(held_out) == 4
    assert images.notes[0].endswith("valid: not used, test is what is tested on.")
    put_labels(tmp_path / "test", "cow")
    with pytest.raises(UserError, match='label "cow" is out of range: the labels to train on are cat, dog'):
        load_images(str(tmp_path))


def test_trains_may_be_a_class_like_others(tmp_path):
    put_labels(tmp_path, "train", "bus", "tram")
    assert load(tmp_path).classes == ("bus", "train", "tram")
    put_labels(tmp_path / "two", "train", "test")
    assert load(tmp_path / "two").classes == ("test", "train")


def test_light_on_dark_and_dark_on_light_may_be_mixed(tmp_path):
    put(tmp_path, "0/a.png", "1/a.png")
    put(tmp_path, "0/b.png", "1/b.png", picture=draw(255, 0))
    put(tmp_path, "0/c.png", "1/c.png", picture=draw(30, 110))
    put(tmp_path, "0/d.png", "1/d.png", picture=draw(220, 140))
    pixels = load(tmp_path).pixels.astype(int)
    assert np.abs(pixels - pixels[0]).max() <= 2


def test_blank_light_and_many_paged_pictures_are_counted(tmp_path):
    put_labels(tmp_path, "0", "1")
    put(tmp_path, "0/empty.png", "1/empty.png", picture=Image.new("L", (30, 30), 255))
    put(tmp_path, "1/light.png", picture=draw((255, 255, 255, 255), (0, 0, 0, 0), "RGBA"))
    draw().save(tmp_path / "1" / "pages.tif", save_all=True, append_images=[draw()])
    light, pages, blank = load(tmp_path).notes
    assert "1 of 8 pictures (1/light.png): light ink on transparent paper" in light
    assert "1 of 8 pictures (1/pages.tif): several pages" in pages
    assert "2 of 8 pictures (the first is 0/empty.png): blank, no ink is seen" in blank


def test_labels_are_in_the_order_of_numbers_then_names(tmp_path):
    put_labels(tmp_path, "10", "2", "02", "b", "[red] a", "９" * 30)
    assert load(tmp_path).classes == ("02", "2", "10", "[red] a", "b", "９" * 30)


def test_a_link_to_a_label_is_followed_and_one_to_nowhere_is_not(tmp_path):
    put_labels(tmp_path / "elsewhere", "x")
    put_labels(tmp_path / "mine", "1")
    (tmp_path / "mine" / "0").symlink_to(tmp_path / "elsewhere" / "x")
    (tmp_path / "mine" / "1" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "mine" / "1" / "round").symlink_to(tmp_path / "mine")
    images = load(tmp_path / "mine")
    assert images.classes == ("0", "1")
    assert len(images) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_told(tmp_path):
    put_labels(tmp_path, "0", "1")
    (tmp_path / "1").chmod(0)
    with pytest.raises(UserError, match=r"1: cannot be read \(permission denied\)"):
        load(tmp_path)
    (tmp_path / "1").chmod(0o700)


def test_what_is_neither_file_nor_folder_is_told(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/null", str(tmp_path / "pipe")):
        with pytest.raises(UserError, match="neither a file nor a folder"):
            load_images(path)
    (tmp_path / "mine.zip").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"Unpack it, and give the folder"):
        load_images(str(tmp_path / "mine.zip"))
