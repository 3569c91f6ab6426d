"""A picture reads the same however it is stored: in every kind of file, depth, colour and orientation."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from groundup.base.errors import UserError
from groundup.data.images.pictures import LIGHT_INK, PAGES, is_picture, look_at_picture, read_picture

SEVEN = [(15, 15), (45, 15), (25, 65)]


def draw(points=SEVEN, size=(60, 80), ink=0, paper=255, mode="L", width=6):
    picture = Image.new(mode, size, paper)
    ImageDraw.Draw(picture).line(points, fill=ink, width=width)
    return picture


def saving(kind, mode=None, **options):
    def save(picture, path):
        (picture.convert(mode) if mode else picture).save(path, kind, **options)

    return save


def saving_values(kind, make, **options):
    """Save numbers made of the grey levels 0 to 255."""

    def save(picture, path):
        Image.fromarray(make(np.asarray(picture.convert("L")))).save(path, kind, **options)

    return save


def save_pnm(magic, kind, top):
    def save(picture, path):
        levels = np.rint(np.asarray(picture.convert("L")) / 255 * top).astype(kind)
        path.write_bytes(b"%s\n# a comment\n%d %d\n%d\n" % (magic, *picture.size, top) + levels.tobytes())

    return save


def save_with_clear_colour(picture, path):
    """A palette whose white is marked as transparent."""
    small = picture.convert("L").quantize(16)
    white = next(number for number in range(16) if small.getpalette()[3 * number] > 250)
    small.save(path, "PNG", transparency=white)


def save_lab(picture, path):
    grey = picture.convert("L")
    neutral = Image.new("L", grey.size, 0)  # TIFF stores a and b as signed
    Image.merge("LAB", (grey, neutral, neutral)).save(path, "TIFF")


def save_big_endian(picture, path):
    levels = np.asarray(picture.convert("L")).astype(">u2") * 257
    Image.frombytes("I;16B", picture.size, levels.astype(">u2").tobytes()).save(path, "TIFF")


def save_16_bit_with_clear_value(picture, path):
    """Grey PNG of 16 bits in which white is transparent, written by hand: Pillow cannot."""
    import struct
    import zlib

    levels = np.asarray(picture.convert("L")).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in levels)

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", *picture.size, 16, 0, 0, 0, 0)
    clear = chunk(b"tRNS", struct.pack(">H", 65535))
    data = chunk(b"IHDR", header) + clear + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)


WAYS = {
    "png grey": (".png", saving("PNG", "L")),
    "png colour": (".png", saving("PNG", "RGB")),
    "png colour and alpha": (".png", saving("PNG", "RGBA")),
    "png grey and alpha": (".png", saving("PNG", "LA")),
    "png palette": (".png", saving("PNG", "P")),
    "png palette with transparency": (".png", save_with_clear_colour),
    "png 16 bits": (".png", saving_values("PNG", lambda grey: grey.astype(np.uint16) * 257)),
    "png 16 bits with a transparent value": (".png", save_16_bit_with_clear_value),
    "png 12 bits in 16": (".png", saving_values("PNG", lambda grey: grey.astype(np.uint16) * 16)),
    "png 8 bits in 16": (".png", saving_values("PNG", lambda grey: grey.astype(np.uint16))),
    "apng": (".apng", saving("PNG", "L")),
    "tiff grey": (".tif", saving("TIFF", "L")),
    "tiff packed": (".tiff", saving("TIFF", "RGB", compression="tiff_lzw")),
    "tiff 16 bits": (".tif", saving_values("TIFF", lambda grey: grey.astype(np.uint16) * 257)),
    "tiff 16 bits, big-endian": (".tif", save_big_endian),
    "tiff 32 bits": (".tif", saving_values("TIFF", lambda grey: grey.astype(np.int32) * 257)),
    "tiff 32 bits, all used": (".tif", saving_values("TIFF", lambda grey: grey.astype(np.int32) * 8_000_000)),
    "tiff 32 bits, below zero": (".tif", saving_values("TIFF", lambda grey: grey.astype(np.int32) * 10 - 1024)),
    "tiff floats to 1": (".tif", saving_values("TIFF", lambda grey: (grey / 255).astype(np.float32))),
    "tiff floats to 255": (".tif", saving_values("TIFF", lambda grey: grey.astype(np.float32))),
    "tiff floats around 0": (".tif", saving_values("TIFF", lambda grey: (grey / 127.5 - 1).astype(np.float32))),
    "tiff floats with no paper": (
        ".tif",
        saving_values("TIFF", lambda grey: np.where(grey == 255, np.nan, grey / 255).astype(np.float32)),
    ),
    "tiff CMYK": (".tif", saving("TIFF", "CMYK")),
    "tiff L*a*b*": (".tif", save_lab),
    "jpeg": (".jpg", saving("JPEG", "L", quality=95)),
    "jpeg colour": (".jpeg", saving("JPEG", "RGB", quality=95, subsampling=2)),
    "jpeg CMYK": (".jpg", saving("JPEG", "CMYK", quality=95)),
    "jpeg progressive": (".jpe", saving("JPEG", "RGB", quality=95, progressive=True)),
    "jfif": (".jfif", saving("JPEG", "RGB", quality=95)),
    "webp": (".webp", saving("WEBP", "RGB", quality=95)),
    "webp exact": (".webp", saving("WEBP", "RGBA", lossless=True)),
    "avif": (".avif", saving("AVIF", "RGB", quality=95)),
    "jpeg 2000": (".jp2", saving("JPEG2000", "L")),
    "jpeg 2000, 16 bits": (".jp2", saving_values("JPEG2000", lambda grey: grey.astype(np.uint16) * 257)),
    "gif": (".gif", saving("GIF", "P")),
    "bmp": (".bmp", saving("BMP", "RGB")),
    "dib": (".dib", saving("DIB", "RGB")),
    "tga": (".tga", saving("TGA", "RGBA")),
    "pcx": (".pcx", saving("PCX", "L")),
    "ppm": (".ppm", saving("PPM", "RGB")),
    "pgm": (".pgm", save_pnm(b"P5", np.uint8, 255)),
    "pgm to 100": (".pgm", save_pnm(b"P5", np.uint8, 100)),
    "pgm 16 bits": (".pnm", save_pnm(b"P5", ">u2", 65535)),
    "pfm": (".pfm", saving_values("PPM", lambda grey: (grey / 255).astype(np.float32))),
    "sgi": (".sgi", saving("SGI", "L")),
}
TURNED = {  # EXIF orientation: how the pixels of an upright picture lie in the file
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def differ(one, other):
    return int(np.abs(one.astype(int) - other).max())


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "plain.png"
    draw().save(path)
    return read_picture(path)


@pytest.mark.parametrize("way", WAYS)
def test_every_kind_and_depth_reads_the_same(tmp_path, way, plain):
    suffix, save = WAYS[way]
    path = tmp_path / f"seven{suffix}"
    save(draw(), path)
    assert is_picture(path)
    assert differ(read_picture(path), plain) <= 20


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_masks_of_0_and_1_are_seen(tmp_path, mode, plain):
    mask = np.asarray(draw()) > 127
    picture = Image.fromarray(mask) if mode == "1" else Image.fromarray(mask.astype("u1" if mode == "L" else "u2"))
    picture.save(tmp_path / "mask.png")
    assert differ(read_picture(tmp_path / "mask.png"), plain) <= 1


@settings(max_examples=60)
@given(
    points=st.lists(st.tuples(st.integers(12, 60), st.integers(12, 80)), min_size=3, max_size=6, unique=True),
    way=st.sampled_from(sorted(WAYS)),
    light=st.booleans(),
)
def test_any_drawing_reads_the_same_in_every_kind(tmp_path_factory, points, way, light):
    folder = tmp_path_factory.mktemp("drawings")
    picture = draw(points, (72, 92), *((255, 0) if light and "transparen" not in way and "no paper" not in way else ()))
    picture.save(folder / "plain.png")
    suffix, save = WAYS[way]
    save(picture, folder / f"other{suffix}")
    found, wanted = (read_picture(folder / name).astype(int) for name in (f"other{suffix}", "plain.png"))
    # Where the centre lies between two pixels, a trace of noise decides which one is taken.
    shifted = [np.roll(found, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    nearest = min(shifted, key=lambda one: np.abs(one - wanted).mean())
    assert np.abs(nearest - wanted).mean() < 3
    assert np.corrcoef(nearest.ravel(), wanted.ravel())[0, 1] > 0.98


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("way", ["png", "jpeg", "webp", "tiff", "avif", "mpo"])
def test_pictures_are_read_as_viewers_show_them(tmp_path, way, orientation, plain):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = TURNED[orientation]
    stored = draw().convert("RGB")
    stored = stored if turn is None else stored.transpose(turn)
    path = tmp_path / f"view.{way.replace('mpo', 'jpg')}"
    stored.save(path, way, exif=exif, quality=95)
    assert differ(read_picture(path), plain) <= 20


def test_a_picture_of_28_by_28_is_turned_too(tmp_path):
    pixels = np.zeros((28, 28), np.uint8)
    pixels[3:9, 5:20] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(pixels)).save(tmp_path / "turned.png", exif=exif)
    np.testing.assert_array_equal(read_picture(tmp_path / "turned.png"), pixels)


@pytest.mark.parametrize("damage", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM", b"nonsense"])
def test_damaged_exif_data_do_no_harm(tmp_path, damage, plain):
    draw().save(tmp_path / "a.jpg", exif=damage, quality=95)
    assert differ(read_picture(tmp_path / "a.jpg"), plain) <= 20


@pytest.mark.parametrize("orientation", [0, 9, 42])
def test_orientations_that_are_none(tmp_path, orientation, plain):
    exif = Image.Exif()
    exif[0x0112] = orientation
    draw().save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert differ(read_picture(tmp_path / "a.jpg"), plain) <= 20


def test_a_large_photograph_reads_as_the_drawing_on_it(tmp_path):
    points = [(x * 50, y * 50) for x, y in SEVEN]
    draw(points, (3000, 4000), width=300).save(tmp_path / "drawing.png")
    photo = draw(points, (3000, 4000), ink=60, paper=190, width=300).filter(ImageFilter.GaussianBlur(3))
    levels = np.asarray(photo) + np.random.default_rng(0).normal(0, 6, (4000, 3000))
    Image.fromarray(levels.clip(0, 255).astype(np.uint8)).save(tmp_path / "photo.jpg", quality=85)
    assert differ(read_picture(tmp_path / "photo.jpg"), read_picture(tmp_path / "drawing.png")) <= 30


ON_TRANSPARENT = {
    "black": ((0, 0, 0, 255), False),
    "red": ((200, 0, 0, 255), False),
    "white": ((255, 255, 255, 255), True),
    "light grey": ((200, 200, 200, 255), True),
    "yellow": ((255, 255, 0, 255), True),
    "pale blue": ((220, 230, 255, 255), True),
}


@pytest.mark.parametrize("colour", ON_TRANSPARENT)
def test_ink_of_any_colour_is_seen_on_transparent_paper(tmp_path, colour, plain):
    ink, light = ON_TRANSPARENT[colour]
    draw(mode="RGBA", ink=ink, paper=(0, 0, 0, 0)).save(tmp_path / "a.png")
    draw(mode="RGBA", ink=ink, paper=(255, 255, 255, 0)).save(tmp_path / "b.png")
    for name in ("a.png", "b.png"):
        picture = look_at_picture(tmp_path / name)
        assert differ(picture.pixels, plain) <= 2
        assert (LIGHT_INK in picture.remarks) == light


def test_a_sticker_with_a_transparent_margin_keeps_its_ink(tmp_path, plain):
    sticker = Image.new("RGBA", (80, 100), (0, 0, 0, 0))
    sticker.paste(draw(mode="RGBA", ink="black", paper="white"), (10, 10))
    sticker.save(tmp_path / "a.png")
    assert differ(read_picture(tmp_path / "a.png"), plain) <= 2


@pytest.mark.parametrize(("ink", "paper"), [("black", "white"), ("white", "black"), ("navy", (240, 230, 180))])
def test_transparent_corners_are_no_ink(tmp_path, ink, paper, plain):
    card = draw(mode="RGBA", ink=ink, paper=paper)
    corners = Image.new("L", card.size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 59, 79), 9, fill=255)
    card.putalpha(corners)
    card.save(tmp_path / "a.png")
    assert differ(read_picture(tmp_path / "a.png"), plain) <= 2


@pytest.mark.parametrize("paper", ["white", "black", "olive"])
def test_what_is_cut_out_of_the_paper_is_ink(tmp_path, paper, plain):
    stencil = Image.new("RGBA", (60, 80), paper)
    stencil.putalpha(draw())
    stencil.save(tmp_path / "a.png")
    assert differ(read_picture(tmp_path / "a.png"), plain) <= 2


EQUALLY_BRIGHT = [
    ((230, 0, 0), (0, 117, 0)),
    ((0, 117, 0), (230, 0, 0)),
    ((255, 255, 0), (255, 255, 255)),
    ((0, 0, 255), (0, 0, 0)),
    ((255, 90, 90), (140, 140, 140)),
]


@pytest.mark.parametrize(("ink", "paper"), EQUALLY_BRIGHT)
def test_ink_as_bright_as_its_paper_is_seen_by_its_colour(tmp_path, ink, paper, plain):
    draw(mode="RGB", ink=ink, paper=paper).save(tmp_path / "a.png")
    assert differ(read_picture(tmp_path / "a.png"), plain) <= 2


@given(ink=st.integers(0, 255), paper=st.integers(0, 255))
def test_grey_ink_on_grey_paper_reads_as_black_on_white(tmp_path_factory, ink, paper):
    assume({ink, paper} != {0, 1})  # that is a mask
    folder = tmp_path_factory.mktemp("greys")
    draw().save(folder / "plain.png")
    draw(ink=ink, paper=paper).save(folder / "a.png")
    found = read_picture(folder / "a.png")
    if abs(ink - paper) >= 10:
        assert differ(found, read_picture(folder / "plain.png")) <= 2
    else:
        assert not found.any()


BLANK = {
    "white": Image.new("L", (50, 60), 255),
    "black": Image.new("RGB", (50, 60), "black"),
    "blue": Image.new("RGB", (50, 60), "blue"),
    "one pixel": Image.new("L", (1, 1), 7),
    "transparent": Image.new("RGBA", (50, 60), (0, 0, 0, 0)),
    "16 bits": Image.fromarray(np.full((60, 50), 40_000, np.uint16)),
    "floats": Image.fromarray(np.full((60, 50), 0.7, np.float32)),
    "no numbers": Image.fromarray(np.full((60, 50), np.nan, np.float32)),
    "scanned": Image.fromarray(np.random.default_rng(1).normal(245, 2.5, (900, 700)).clip(0, 255).astype(np.uint8)),
}


@pytest.mark.parametrize("sheet", BLANK)
def test_an_empty_sheet_is_blank(tmp_path, sheet):
    BLANK[sheet].save(tmp_path / "a.tif")
    picture = look_at_picture(tmp_path / "a.tif")
    assert picture.blank
    assert not picture.pixels.any()


def test_of_several_pages_the_first_is_read_and_that_is_said(tmp_path, plain):
    for name in ("a.tif", "a.gif", "a.webp", "a.png"):
        draw().save(tmp_path / name, save_all=True, append_images=[draw(ink=255, paper=0)], lossless=True)
        picture = look_at_picture(tmp_path / name)
        assert differ(picture.pixels, plain) <= 2, name
        assert PAGES in picture.remarks, name


def test_a_phones_second_picture_is_no_page(tmp_path):
    draw().convert("RGB").save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[draw().convert("RGB")])
    assert not look_at_picture(tmp_path / "a.jpg").remarks


def test_an_open_file_is_read_too(plain):
    content = io.BytesIO()
    draw().save(content, "PNG")
    content.seek(0)
    np.testing.assert_array_equal(read_picture(content), plain)


BROKEN = {
    "empty": (b"", r"a\.png: not a picture that can be read \(the file is empty\)"),
    "text": (b"hello world, no picture", r'it is a text: "hello world, no picture"'),
    "web page": (b"<!DOCTYPE html><html>", r"it is a web page or XML"),
    "PDF": (b"%PDF-1.7\n\xe2\xe3\n1 0 obj\n", r"it is a PDF"),
    "PNG of which a part is lost": (b"\x89PNG\r\n\x1a\n" + bytes(40), r"it is damaged"),
    "bytes": (bytes(range(128, 200)), r"its content is of an unknown kind"),
    "HEIC under another name": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60), r"pip install pillow-heif"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", r"git lfs pull"),
    "900 million pixels": (b"P4\n30000 30000\n" + bytes(50), r"\(it has too many pixels\)\. Make it smaller"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n", r"not a picture"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_picture_is_told_in_one_line(tmp_path, case):
    content, message = BROKEN[case]
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        read_picture(tmp_path / "a.png")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".gif", ".bmp", ".avif", ".jp2"])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.9])
def test_a_picture_cut_short_is_told_or_read(tmp_path, suffix, kept):
    path = tmp_path / f"a{suffix}"
    draw().convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    try:
        said = str(read_picture(path).shape)
    except UserError as error:
        said = str(error)
    assert said == "(28, 28)" or f"a{suffix}: not a picture that can be read" in said


@pytest.mark.parametrize("path", ["no/such.png", "a" * 300 + ".png", "nul\0.png"])
def test_paths_that_lead_nowhere(path):
    with pytest.raises(UserError, match=r"no such file|cannot be read"):
        read_picture(Path(path))


def test_pictures_without_a_telling_suffix_are_known_by_their_bytes(tmp_path):
    for name, kind in (("scan", "PNG"), ("IMG_1.JPG_large", "JPEG"), ("photo.orig", "WEBP"), ("page.1", "TIFF")):
        draw().save(tmp_path / name, kind)
        assert is_picture(tmp_path / name), name
    for name, content in (("notes", b"hello"), ("a.txt", b"P"), ("b.json", b"{}"), ("c.pdf", b"%PDF-1.4"), ("d", b"")):
        (tmp_path / name).write_bytes(content)
        assert not is_picture(tmp_path / name), name


def test_a_damaged_tiff_is_told_once(tmp_path, capfd):
    path = tmp_path / "a.tif"
    draw().convert("RGB").save(path, compression="tiff_lzw")
    content = path.read_bytes()
    path.write_bytes(content[:60] + bytes(40) + content[100:])
    with suppress(UserError):
        read_picture(path)
    assert capfd.readouterr().err == ""


STORED = []
for _suffix, _save in WAYS.values():
    if not STORED or _suffix not in {suffix for suffix, _ in STORED}:
        STORED.append((_suffix, _save))


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    contents = []
    for suffix, save in STORED:
        save(draw(), folder / f"a{suffix}")
        contents.append((folder / f"a{suffix}").read_bytes())
    return contents


@settings(max_examples=150)
@given(st.data())
def test_any_damage_is_told_in_one_line_or_read(tmp_path_factory, stored, data):
    raw = bytearray(data.draw(st.sampled_from(stored)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, min(len(raw), 200) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "a.png"
    path.write_bytes(raw)
    try:
        said = str(read_picture(path).shape)
    except UserError as error:
        said = str(error)
    assert len(said.splitlines()) == 1
