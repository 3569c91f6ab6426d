"""The regression job from the first command to the last, through the same doors as the command line."""

import json

import numpy as np
import pytest
from rich.text import Text

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.runs.folder import Run
from groundup.tasks.launch import launch
from groundup.tasks.protocol import predict_words
from groundup.tasks.regression.task import task
from groundup.tasks.tables.units import choose_units


@pytest.fixture
def train(tmp_path):
    def run(*pairs, data=None, **options):
        path = None if data is None else str(data)
        return launch("heights", root=tmp_path / "runs", data=path, pairs=pairs, reporter=Reporter.silent(), **options)

    return run


@pytest.fixture
def families(tmp_path):
    """Write a table whose heights follow a rule: father 0.4, mother 0.3, boys 5 more, and no noise."""
    random = np.random.default_rng(0)
    father, mother = random.normal(69, 2.5, 80).round(1), random.normal(64, 2.3, 80).round(1)
    boys = random.random(80) < 0.5
    height = 0.4 * father + 0.3 * mother + 5 * boys + 18
    rows = zip(range(1, 81), father, mother, np.where(boys, "male", "female"), height, strict=True)
    path = tmp_path / "families.csv"
    path.write_text(",father,mother,gender,height\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def test_a_rule_is_found_and_told_in_words(train, families):
    run, report = train("units=inch", data=families)
    assert report.facts["target"] == "height"
    assert report.facts["weights"] == pytest.approx({"father": 0.4, "mother": 0.3, "gender=male": 5.0}, rel=1e-6)
    assert report.facts["bias"] == pytest.approx(18, rel=1e-6)
    assert report.facts["test_error"] < 1e-6
    told = "\n".join(report.lines)
    assert "each extra inch of father adds 0.4 inch" in told
    assert "gender male instead of female adds 5 inch" in told
    assert "Left out column 1" in told
    assert run.path("curves.png").read_bytes().startswith(b"\x89PNG")
    steps = [line["step"] for line in run.metrics()]
    assert steps[0] == 0
    assert steps[-1] == 10000
    assert json.loads(run.path("report.json").read_text())["target"] == "height"


def test_predict_rows_and_files(train, families):
    run, _ = train(data=families)
    reopened = Run.open(run.folder.parent, run.name)
    report = predict_words(
        task, reopened, ["father=70,mother=64,gender=male", "gender=female, father=70, mother=64"], None
    )
    values = [found["prediction"] for found in report.facts["predictions"]]
    assert values == pytest.approx([0.4 * 70 + 0.3 * 64 + 23, 0.4 * 70 + 0.3 * 64 + 18], rel=1e-6)
    found = predict_words(task, reopened, [str(families)], None).facts["predictions"]
    assert len(found) == 80
    assert found[0]["input"].endswith("row 2")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("father=tall,mother=64,gender=male", '"tall" is not a finite number'),
        ("father=70,mothr=64,gender=male", 'no column "mothr". Did you mean "mother"'),
        ("father=70,mother=64", 'no value for "gender"'),
        ("father=70,mother=64,gender=m", '"m" did not occur in training, only female, male'),
        (f"father={'7' * 400},mother=64,gender=male", '7777...", row 1, column "father"'),
        ("absent.csv", "no such file"),
    ],
)
def test_rows_that_cannot_be_predicted(train, families, row, told):
    run, _ = train(data=families)
    with pytest.raises(UserError) as caught:
        predict_words(task, run, [row], None)
    assert told in str(caught.value)


def test_evaluate_on_held_out_rows_and_on_a_table(train, families, tmp_path):
    run, trained = train("held_out=0.3", data=families)
    held_out = task.evaluate(run, None, tmp_path, None)
    assert held_out.facts["rows"] == trained.facts["rows"]["held_out"]
    assert held_out.facts["error"] == pytest.approx(trained.facts["test_error"], abs=1e-9)
    assert held_out.facts["error_of_the_mean"] == pytest.approx(trained.facts["test_error_of_the_mean"])
    other = tmp_path / "other.csv"
    other.write_text("height,father,mother,gender\n60,70,64,male\n65,,64,male\n61,70,64,female\n")
    measured = task.evaluate(run, str(other), tmp_path, None).facts
    assert (measured["rows"], measured["rows_left_out"]) == (2, 1)
    assert measured["error"] == pytest.approx(np.sqrt(((70.2 - 60) ** 2 + (65.2 - 61) ** 2) / 2), rel=1e-6)
    assert (tmp_path / "fit.png").exists()
    other.write_text("height,father,mother,gender\n60,70,64,male\n65\n")
    with pytest.raises(UserError, match=r"row 3: 1 cell, expected 4\. Correct it\.$"):
        task.evaluate(run, str(other), tmp_path, None)
    train("held_out=0", data=families, name="whole")
    with pytest.raises(UserError, match="no rows were held out"):
        task.evaluate(Run.open(run.folder.parent, "whole"), None, tmp_path, None)


def test_the_built_in_cohort_is_labelled_as_simulated(train):
    run, report = train()
    assert report.facts["simulated"]
    assert "simulated cohort" in report.lines[0]
    assert run.config["model"]["simulated"]
    assert report.facts["units"]["weight_10"] == "kg"
    assert 2 < report.facts["test_error"] < 5 < report.facts["test_error_of_the_mean"]


def test_training_again_gives_the_same_run(train, families):
    first, report = train(data=families, name="one", seed=3)
    again, second = train(data=families, name="one", seed=3, resume=True)
    assert report.facts == second.facts
    assert len(again.metrics()) == len({line["step"] for line in first.metrics()})


def test_a_learning_rate_that_diverges_is_told(train, families):
    with pytest.raises(UserError, match="learning_rate=5 is too large for these rows"):
        train("learning_rate=5", data=families)
    _, report = train("learning_rate=2", "iterations=10", data=families, name="short")
    assert "every step overshoots" in report.lines[-1]
    _, report = train("iterations=3", data=families, name="early")
    assert "stopped short of least squares" in report.lines[-1]


def test_missing_cells_are_told_and_can_be_filled(train, families):
    text = families.read_text().replace("\n5,", "\n5,,64,male,70\n5,")
    families.write_text(text)
    _, report = train(data=families, name="dropped")
    assert '1 rows left out: 1 with no "father" given.' in report.lines
    run, report = train("missing=mean", data=families, name="filled")
    assert report.facts["rows"]["left_out"] == 0
    assert predict_words(task, run, ["mother=64,gender=male"], None).facts["predictions"][0]["prediction"] > 60


def test_names_with_brackets_are_shown_as_they_are(train, tmp_path):
    path = tmp_path / "table.csv"
    random = np.random.default_rng(0)
    x = random.normal(size=30)
    path.write_text("weight [kg],height (cm)\n" + "".join(f"{a},{2 * a + 1}\n" for a in x))
    _, report = train(data=path)
    told = Text.from_markup("\n".join(report.lines)).plain
    assert "each extra kg of weight [kg] adds 2 cm" in told


def test_units_with_brackets_are_shown_as_they_are(tmp_path, capsys):
    x = np.random.default_rng(0).normal(size=40)
    (tmp_path / "table.csv").write_text("weight,height\n" + "".join(f"{a},{2 * a + 1}\n" for a in x))
    named = ["--runs", str(tmp_path / "runs"), "--run", "odd"]
    table = ["--data", str(tmp_path / "table.csv"), "--target", "height", "--set", "units=height:[/cm]"]
    assert main(["train", "heights", *named, *table]) == 0
    for command in (["runs"], ["show", "odd"], ["evaluate", "odd"], ["predict", "odd", "weight=1"]):
        capsys.readouterr()
        assert main([*command, *named[:2]]) == 0
        assert "[/cm]" in capsys.readouterr().out


def test_units():
    names = ["father", "mother", "midparentHeight", "childHeight", "gender"]
    assert choose_units(names, "childHeight", ["father", "gender"], None) == {"childHeight": "inch", "father": "inch"}
    assert choose_units(["a", "b"], "b", ["a"], "a:kg, b:cm") == {"a": "kg", "b": "cm"}
    assert choose_units(["a", "b"], "b", ["a"], None) == {}
    for wrong in ("a:", "z:cm", "a:kg,b"):
        with pytest.raises(UserError, match="is not column:unit"):
            choose_units(["a", "b"], "b", ["a"], wrong)


def test_the_berkeley_children(train, shared_data):
    _, report = train(data=shared_data("heights-berkeley/age10-to-adult.csv"))
    facts = report.facts
    assert facts["target"] == "height_18"
    assert list(facts["weights"]) == ["sex=male", "weight_10", "height_10"]
    assert facts["rows"]["train"] + facts["rows"]["held_out"] == 136
    assert facts["gap_to_least_squares"] < 1e-9
    assert facts["test_error"] < 0.6 * facts["test_error_of_the_mean"]
    assert "each extra cm of height_10 adds" in "\n".join(report.lines)


def test_galtons_families(train, shared_data):
    data = shared_data("heights-galton/GaltonFamilies.csv")
    _, report = train("target=childHeight", "features=father,mother,gender", data=data)
    assert report.facts["weights"]["father"] == pytest.approx(0.39, abs=0.04)
    assert "each extra inch of father adds 0." in "\n".join(report.lines)
    _, report = train(data=data, name="everything")
    assert report.facts["target"] == "childHeight"
    told = " ".join(report.facts["notes"])
    assert "column 1 and family" in told
    assert "Left out midparentHeight" in told


def test_heights_is_another_name_and_its_old_runs_open(families, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "heights", "--data", str(families)]) == 0
    run = Run.open(tmp_path / "runs", "heights")
    assert run.config["task"] == "regression"
    assert main(["train", "regression", "--data", str(families), "--set", "iterations=5"]) == 0
    assert (tmp_path / "runs" / "regression").is_dir()
    for name in ("config.json", "report.json"):  # as it was written before the task had its name
        run.path(name).write_text(run.path(name).read_text().replace('"task": "regression"', '"task": "heights"'))
    before = run.path("model.safetensors").read_bytes()
    capsys.readouterr()
    for words in (
        "train heights --run heights --resume",
        "train regression --run heights --resume",
        "train --run heights --resume",
        "predict heights father=70,mother=64,gender=male",
        "evaluate heights",
        "show heights",
        "export heights --to onnx",
    ):
        assert main([*words.split(), "--json"]) == 0, words
    capsys.readouterr()
    assert run.path("model.safetensors").read_bytes() == before
    assert main(["runs", "--json"]) == 0
    assert {one["task"] for one in json.loads(capsys.readouterr().out)["runs"]} == {"regression"}
    assert main(["train", "digits", "--run", "heights", "--resume"]) == 2
    assert main(["train", "regression", "--data", "families", "--run", "galton"]) == 0
    assert "each extra inch of parents_inch adds 0.6" in capsys.readouterr().out
