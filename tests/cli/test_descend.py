"""``groundup descend`` answers in words, in JSON and with a picture."""

import json

import pytest
from PIL import Image

from groundup.cli import main


def run(capsys, *arguments):
    code = main(["descend", *arguments])
    return code, capsys.readouterr()


def test_the_course_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, output = run(capsys, "x**2", "--start", "x=5", "--learning-rate", "0.01", "--steps", "10", "--json")
    facts = json.loads(output.out)
    assert code == 0
    assert round(facts["end"]["x"], 5) == 4.08536
    assert facts["derivatives"] == {"x": "2*x"}
    assert len(facts["trajectory"]) == 11
    with Image.open(facts["picture"]) as picture:
        assert picture.size[0] > 500


def test_two_variables_end_at_zero(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments = ["x**2 + y**2", "--start", "x=2,y=5", "--learning-rate", "0.1", "--steps", "1000", "--json"]
    _, output = run(capsys, *arguments)
    facts = json.loads(output.out)
    assert max(abs(value) for value in facts["end"].values()) < 1e-12
    assert facts["trajectory"][0][:2] == [2, 5]
    assert facts["trajectory"][-1][:2] == list(facts["end"].values())


@pytest.mark.parametrize("expression", ["x^2", "x^2+y^2", "x^2+y^2+z^2", "1-x^2", "x^2+0*y"])
@pytest.mark.parametrize("rate", ["0.1", "5"])
def test_every_kind_of_walk_is_drawn(tmp_path, capsys, expression, rate):
    names = [name for name in "xyz" if name in expression]
    start = ",".join(f"{name}=1" for name in names)
    picture = tmp_path / "way.png"
    code, output = run(capsys, expression, "--start", start, "--learning-rate", rate, "--out", str(picture))
    assert code == 0
    assert "df/dx" in output.out
    with Image.open(picture) as opened:
        assert opened.format == "PNG"


def test_no_picture_where_none_is_wanted(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "x^2", "--start", "1", "--no-picture")[0] == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x^2", "--start", "y=1"], 'has no "y"'),
        (["x^2", "--start", "x=a"], "not a number"),
        (["x^2", "--start", "x="], "not a number"),
        (["x^2", "--start", "x=nan"], "finite"),
        (["x^2", "--start", "x=1,x=2"], "twice"),
        (["x^2+y^2", "--start", "x=1"], "no value for y"),
        (["x^2+y^2", "--start", "1"], "a value for each variable"),
        (["x^2", "--start", "x=1", "--method", "newton"], "choose one of"),
        (["x^2", "--start", "x=1", "--learning-rate", "-1"], "above 0"),
        (["x^2", "--start", "x=1", "--steps", "-1"], "0 or more"),
        (["x^2", "--start", "x=1", "--steps", "100000000"], "at most 100,000"),
        (["import os", "--start", "x=1"], "no formula"),
        (["log(x)", "--start", "x=-1"], "no finite value"),
        (["x^2"], "Missing option"),
        (["x+y", "--start", "x=3,y=1e300"], "leave the picture out"),
        (["x^2", "--start", "x=1", "--out", "/nowhere/at/all.png"], "cannot be written"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, output = run(capsys, *arguments)
    assert code == 2
    assert message in output.err
    assert len(output.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("expression", ["x-x+y-y", "x*1e-320+y", "sqrt(x)*sqrt(y)"])
def test_a_surface_without_contours_is_drawn(tmp_path, capsys, expression):
    picture = tmp_path / "way.png"
    code, output = run(capsys, expression, "--start", "x=3,y=1e17", "--steps", "0", "--out", str(picture))
    assert (code, output.err) == (0, "")
    assert picture.is_file()


def test_a_long_walk_says_how_far_it_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("groundup.base.reporting.Reporter.plain_line_seconds", 0)
    assert run(capsys, "x^2", "--start", "1", "--steps", "20", "--no-picture")[1].err == ""
    _, output = run(capsys, "x^2", "--start", "1", "--steps", "600", "--no-picture")
    assert "walking 300/600" in output.err


def test_a_slope_of_many_pages_is_shortened_for_people_only(capsys):
    expression = "*".join(f"(x+{number})" for number in range(40))
    _, output = run(capsys, expression, "--start", "1", "--steps", "1", "--no-picture")
    assert "more characters" in output.out
    assert len(output.out) < 3000
    _, output = run(capsys, expression, "--start", "1", "--steps", "1", "--no-picture", "--json")
    assert len(json.loads(output.out)["derivatives"]["x"]) > 5000


def test_the_gradient_is_checked_at_the_start(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    start = ["x^3 + sin(x*y)", "--start", "x=2,y=5", "--no-picture", "--steps", "1", "--check"]
    code, output = run(capsys, *start, "--json")
    checked = json.loads(output.out)["gradient_check"]
    assert code == 0
    assert checked["agrees"]
    assert 0 < checked["relative_difference"] < 1e-6
    assert checked["gradient"] == pytest.approx(checked["central_differences"], rel=1e-6)
    assert run(capsys, *start)[1].out.count("by central differences") == 2
    # A ReLU at its kink: half of the slope on either side, where PyTorch says 0.
    code, output = run(capsys, "relu(x)", "--start", "x=0", "--no-picture", "--check")
    assert code == 1
    assert "They do not agree" in output.out
    code, output = run(capsys, "sqrt(x)", "--start", "x=0.000001", "--no-picture", "--check", "--json", "--steps", "0")
    assert code == 1
    assert json.loads(output.out)["gradient_check"]["central_differences"] == {"x": None}
