"""Pictures from phones, scanners, whiteboards and apps read as the drawing that is on them."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from groundup.data.images.images import load_builtin
from groundup.data.images.pictures import look_at_picture, read_picture

FONT = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"), 260)
HEIGHT, WIDTH = 400, 300
DOWN, ACROSS = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]


def draw(sign="7", ink=0, paper=255, mode="L"):
    picture = Image.new(mode, (WIDTH, HEIGHT), paper)
    ImageDraw.Draw(picture).text((WIDTH / 2, HEIGHT / 2), sign, font=FONT, fill=ink, anchor="mm")
    return picture


def light(levels, surface):
    return Image.fromarray((np.asarray(levels, float) * surface).clip(0, 255).astype(np.uint8))


def grain(levels, spread, seed=0):
    noise = np.random.default_rng(seed).normal(0, spread, np.asarray(levels).shape)
    return Image.fromarray((np.asarray(levels, float) + noise).clip(0, 255).astype(np.uint8))


def put_strips(levels, level, top=0, bottom=0, left=0, right=0):
    return ImageOps.expand(levels, (left, top, right, bottom), level)


def rule(picture, colour, step=40):
    pen = ImageDraw.Draw(picture)
    for row in range(step // 2, HEIGHT, step):
        pen.line([(0, row), (WIDTH, row)], fill=colour)
    return picture


PHOTOGRAPHS = {
    "a lamp in the middle": light(draw(ink=60, paper=230), 1 - 0.25 * (ACROSS**2 + DOWN**2)),
    "a window on the right": light(draw(ink=40, paper=230), 0.72 + 0.27 * ACROSS),
    "a phone's shadow below": light(draw(ink=40, paper=200), 0.8 - 0.3 * DOWN),
    "chalk in uneven light": light(draw(ink=220, paper=80), 0.8 + 0.2 * ACROSS),
    "a whiteboard, grained": grain(draw(ink=90, paper=215), 12),
    "chalk, grained": grain(draw(ink=200, paper=70), 8),
    "pencil, grained": grain(draw(ink=205, paper=250), 2),
    "uneven and grained": grain(light(draw(ink=60, paper=220), 0.8 + 0.15 * ACROSS - 0.1 * DOWN**2), 5),
    "underexposed": draw(ink=10, paper=90),
    "overexposed": draw(ink=170, paper=252),
    "low contrast": draw(ink=110, paper=140),
    "a scan with black edges": put_strips(draw(ink=20, paper=245), 3, top=14, left=20),
    "a scan on a dark lid": put_strips(draw(ink=20, paper=245), 60, bottom=40),
    "a cell of a form": put_strips(draw(ink=20, paper=245), 0, 5, 5, 5, 5),
    "a frame in white on black": put_strips(draw(ink=240, paper=10), 200, 4, 4, 4, 4),
    "a photograph with a white rim": put_strips(draw(ink=180, paper=60), 255, 12, 12, 12, 12),
    "an app in dark mode": draw(ink=(230, 230, 230), paper=(18, 18, 18), mode="RGB"),
    "a blue pen on yellow paper": draw(ink=(30, 30, 200), paper=(250, 240, 120), mode="RGB"),
    "a green screen of old": draw(ink=(0, 255, 70), paper="black", mode="RGB"),
    "squared paper, pale": rule(draw(), 225),
    "a notebook": rule(draw(ink=(20, 20, 60), paper="white", mode="RGB"), (200, 215, 250)),
    "out of focus": draw().filter(ImageFilter.GaussianBlur(4)),
    "cut to the ink": draw().crop(ImageOps.invert(draw()).getbbox()),
    "far down on a sheet": ImageOps.expand(draw(), (900, 2000, 100, 50), 255),
    "wide": ImageOps.expand(draw(), (500, 0, 500, 0), 255),
}


def match(found, wanted, most=1):
    """The correlation of two readings, one moved against the other by ``most`` pixels at most."""
    moves = range(-most, most + 1)
    moved = [np.roll(found, (down, across), (0, 1)) for down in moves for across in moves]
    return max(np.corrcoef(one.ravel(), wanted.ravel())[0, 1] for one in moved)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "plain.png"
    draw().save(path)
    return read_picture(path)


@pytest.mark.parametrize("kind", ["png", "jpg"])
@pytest.mark.parametrize("case", PHOTOGRAPHS)
def test_is_read_as_the_drawing_on_it(tmp_path, case, kind, plain):
    PHOTOGRAPHS[case].save(tmp_path / f"a.{kind}")
    picture = look_at_picture(tmp_path / f"a.{kind}")
    assert match(picture.pixels, plain) > 0.95
    assert not picture.remarks


@settings(max_examples=50)
@given(
    sign=st.sampled_from("0123456789"),
    levels=st.tuples(st.integers(0, 255), st.integers(0, 255)).filter(lambda pair: abs(pair[0] - pair[1]) > 60),
    across=st.floats(-0.2, 0.2),
    round_=st.floats(0, 0.2),
    spread=st.floats(0, 4),
    strip=st.sampled_from([0, 0, 3, 12]),
)
@example(sign="0", levels=(0, 214), across=0.2, round_=0.2, spread=3.0, strip=12)
def test_light_grain_and_edges_do_not_change_what_is_read(
    tmp_path_factory, sign, levels, across, round_, spread, strip
):
    folder = tmp_path_factory.mktemp("photographs")
    draw(sign).save(folder / "plain.png")
    ink, paper = levels
    surface = 1 + across * ACROSS - round_ * (ACROSS**2 + DOWN**2) / 2
    photo = grain(light(draw(sign, ink, paper), surface.clip(0, 1)), spread)
    put_strips(photo, 0 if paper > 127 else 255, strip, strip, strip, strip).save(folder / "photo.png")
    assert match(read_picture(folder / "photo.png"), read_picture(folder / "plain.png")) > 0.9


EMPTY = {
    "grained": grain(np.full((200, 200), 220), 6),
    "grained, dark": grain(np.full((300, 200), 30), 4),
    "uneven": light(np.full((HEIGHT, WIDTH), 230), 0.8 + 0.15 * ACROSS),
    "uneven and grained": grain(light(np.full((HEIGHT, WIDTH), 230), 0.85 - 0.15 * DOWN**2), 3),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_photograph_is_blank(tmp_path, case):
    EMPTY[case].save(tmp_path / "a.png")
    assert look_at_picture(tmp_path / "a.png").blank


SHAPES = {
    "disc": lambda pen: pen.ellipse((20, 20, 180, 180), fill=0),
    "ring": lambda pen: pen.ellipse((20, 20, 180, 180), outline=0, width=20),
    "square": lambda pen: pen.rectangle((12, 12, 188, 188), fill=0),
    "square frame": lambda pen: pen.rectangle((12, 12, 188, 188), outline=0, width=14),
    "triangle": lambda pen: pen.polygon([(100, 10), (190, 190), (10, 190)], fill=0),
    "cross": lambda pen: [pen.rectangle(box, fill=0) for box in ((80, 5, 120, 195), (5, 80, 195, 120))],
    "bar on top": lambda pen: [pen.rectangle(box, fill=0) for box in ((5, 10, 195, 50), (85, 50, 115, 190))],
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("light_on_dark", [False, True])
def test_filled_shapes_are_drawings_too(tmp_path, shape, light_on_dark):
    picture = Image.new("L", (200, 200), 255)
    SHAPES[shape](ImageDraw.Draw(picture))
    box = ImageOps.invert(picture).getbbox()
    wanted = np.asarray(ImageOps.invert(picture).crop(box).resize((20, 20), Image.Resampling.BOX))
    (ImageOps.invert(picture) if light_on_dark else picture).save(tmp_path / "a.png")
    assert match(read_picture(tmp_path / "a.png"), np.pad(wanted, 4), most=4) > 0.9  # centred by its mass


def test_the_built_in_digits_enlarged_read_as_they_are(tmp_path):
    images = load_builtin()
    for place in range(0, 400, 10):
        Image.fromarray(255 - images.pixels[place]).resize((112, 112)).save(tmp_path / "a.png")
        assert match(read_picture(tmp_path / "a.png"), images.pixels[place]) > 0.9
