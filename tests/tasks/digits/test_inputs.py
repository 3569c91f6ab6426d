"""Pictures as people have them, from training to prediction on the command line."""

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw

from groundup.cli import main
from groundup.tasks.digits.task import load_parts

LINES = {"one": [(20, 8), (20, 42)], "seven": [(8, 10), (30, 10), (18, 42)]}


def draw(kind, mode="L", ink=0, paper=255, seed=0):
    picture = Image.new(mode, (40, 50), paper)
    moves = np.random.default_rng(seed).integers(-4, 5, (3, 2)).tolist()
    points = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(LINES[kind], moves, strict=False)]
    ImageDraw.Draw(picture).line(points, fill=ink, width=4)
    return picture


def make_folder(folder, names, **how):
    for kind, name in names.items():
        (folder / name).mkdir(parents=True)
        for number in range(10):
            draw(kind, seed=number, **how).save(folder / name / f"{number}.png")
    return folder


def groundup(*arguments):
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of runs with one in it, ``a``."""
    folder = tmp_path_factory.mktemp("trained")
    data = make_folder(folder / "mine", {"one": "one", "seven": "seven"})
    assert groundup("train", "digits", "--data", data, "--run", "a", "--set", "hidden=32", "--runs", folder) == 0
    return folder


def test_a_class_with_one_picture_is_learned_from_and_that_it_is_not_measured_is_said(tmp_path):
    data = make_folder(tmp_path / "mine", {"one": "one", "seven": "seven"})
    (data / "rare").mkdir()
    draw("one").save(data / "rare" / "0.png")
    training, held_out = load_parts(str(data), 0.2, 0)
    assert (len(training), len(held_out)) == (17, 4)
    assert training.notes[-1].endswith(
        "no picture is left to test on of rare: how well this is recognised is not measured."
    )


NAMES = ["[red] seven", "[#abc]", "[@click=x]", "[", "$\\frac{$", "\\[b]", "[bold]"]


def test_no_sign_in_a_name_is_taken_for_markup(tmp_path, capsys):
    data = make_folder(tmp_path / "[mine]", {"one": "one"})
    for number, name in enumerate(NAMES):
        (data / name).mkdir()
        for copy in range(4):
            draw("seven", seed=10 * number + copy).save(data / name / f"{copy} red].png")
    run = ("--runs", tmp_path)
    assert (
        groundup("train", "digits", "--data", data, "--run", "a", "--set", "hidden=8", "--set", "epochs=1", *run) == 0
    )
    capsys.readouterr()
    pictures = [f"{data}/{name}/0 red].png" for name in NAMES]
    assert groundup("predict", "a", *pictures, *run) == 0
    said = capsys.readouterr().out
    assert all(f"{picture}: " in said for picture in pictures)
    assert groundup("predict", "a", *pictures, *run, "--json") == 0
    verdicts = [answer["prediction"] for answer in json.loads(capsys.readouterr().out)["predictions"]]
    assert all(f".png: {verdict} with" in said for verdict in verdicts)
    assert groundup("evaluate", "a", "--data", data, *run) == 0
    header, *rows = capsys.readouterr().out.splitlines()[-len(NAMES) - 2 :]
    assert all(name in header for name in NAMES)
    assert sorted(row.split("  ")[0] for row in rows) == sorted(["one", *NAMES])


def test_a_blank_picture_gets_no_verdict(trained, tmp_path, capsys):
    Image.new("L", (30, 30), 255).save(tmp_path / "empty.png")
    assert groundup("predict", "a", tmp_path / "empty.png", "--runs", trained) == 0
    assert "empty.png: a picture without ink: it is blank" in capsys.readouterr().out
    assert groundup("predict", "a", tmp_path / "empty.png", "--runs", trained, "--json") == 0
    (answer,) = json.loads(capsys.readouterr().out)["predictions"]
    assert answer["prediction"] is None
    assert answer["blank"] is True


def test_where_a_class_is_empty_sheets_a_blank_picture_is_judged(tmp_path, capsys):
    data = make_folder(tmp_path / "mine", {"one": "x", "seven": "o"})
    (data / "nothing").mkdir()
    for number in range(10):
        Image.new("L", (40, 50), 255 - number).save(data / "nothing" / f"{number}.png")
    run = ("--runs", tmp_path)
    assert groundup("train", "digits", "--data", data, "--run", "a", "--set", "hidden=32", *run) == 0
    assert "10 of 30 pictures (the first is nothing/0.png): blank" in " ".join(capsys.readouterr().err.split())
    assert groundup("predict", "a", data / "nothing" / "3.png", *run) == 0
    assert "nothing/3.png: nothing with probability" in capsys.readouterr().out


def test_pictures_that_are_all_blank_are_refused(tmp_path, capsys):
    data = tmp_path / "mine"
    for label in "ab":
        (data / label).mkdir(parents=True)
        for number in range(3):
            Image.new("L", (40, 50), 255).save(data / label / f"{number}.png")
    assert groundup("train", "digits", "--data", data, "--runs", tmp_path / "runs") == 2
    assert "pictures to train on are blank: no ink is seen on any" in capsys.readouterr().err
    assert not list((tmp_path / "runs").glob("*/config.json"))


def test_light_ink_on_transparent_paper_is_predicted_as_dark_on_white(trained, tmp_path, capsys):
    layer = Image.new("RGBA", (40, 50), (255, 255, 255, 0))
    layer.putalpha(Image.fromarray(255 - np.asarray(draw("seven", seed=3))))
    layer.save(tmp_path / "light.png")
    draw("seven", seed=3).save(tmp_path / "dark.png")
    assert groundup("predict", "a", tmp_path / "light.png", tmp_path / "dark.png", "--runs", trained, "--json") == 0
    light, dark = json.loads(capsys.readouterr().out)["predictions"]
    assert light["probabilities"] == dark["probabilities"]
    assert "transparent" in light["remark"]


def test_a_folder_to_predict_is_read_to_its_bottom_without_hidden_files(trained, tmp_path, capsys):
    for name in ("a.png", "deep/b.jfif", ".thumbnails/c.png", "__MACOSX/._a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        draw("one").save(tmp_path / name, "JPEG" if name.endswith("jfif") else "PNG")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    assert groundup("predict", "a", tmp_path, "--runs", trained, "--json") == 0
    printed = capsys.readouterr()
    said = [answer["input"] for answer in json.loads(printed.out)["predictions"]]
    assert said == [str(tmp_path / "a.png"), str(tmp_path / "deep" / "b.jfif")]
    assert "left out 1 files that are no pictures: 1 .txt" in " ".join(printed.err.split())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("builtin:" + "9" * 5000, "expected builtin:N with N from 0 to 1796"),
        ("builtin:٣", ""),
        ("builtin:²", "expected builtin:N"),
        ("a" * 5000 + ".png", "not a path"),
        ("/dev/null", "the file is empty"),
        ("no/such/folder", "no such file"),
    ],
)
def test_odd_inputs_end_in_one_line(trained, capsys, asked, message):
    code = groundup("predict", "a", asked, "--runs", trained)
    said = capsys.readouterr().err
    assert code == (2 if message else 0)
    assert message in said
    assert len(said) < 400
    assert said.count("\n") == code // 2


@pytest.mark.parametrize("data", ["/dev/null", "/dev/zero"])
def test_devices_are_no_data(tmp_path, capsys, data):
    assert groundup("train", "digits", "--data", data, "--runs", tmp_path) == 2
    assert f"{data}: neither a file nor a folder" in capsys.readouterr().err
