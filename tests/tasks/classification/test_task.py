"""The classification job from the first command to the last, through the same doors as the command line."""

import json

import numpy as np
import pytest

from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.cli import main
from groundup.runs.folder import Run
from groundup.steps.c2_regression import logistic
from groundup.tasks.classification.reading import open_data, read_sample
from groundup.tasks.classification.task import Weights, open_classification, task
from groundup.tasks.classification.words import format_factor
from groundup.tasks.launch import launch
from groundup.tasks.opening import read_run_settings
from groundup.tasks.protocol import predict_words

SILENT = Reporter.silent()


@pytest.fixture
def train(tmp_path):
    def run(*pairs, data=None, **options):
        path = None if data is None else str(data)
        return launch("classification", root=tmp_path / "runs", data=path, pairs=pairs, reporter=SILENT, **options)

    return run


def write(path, rows, header="age,city,size (cm),bought"):
    path.write_text(header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.fixture
def customers(tmp_path):
    """Write a table of customers who buy the likelier the older they are, in one city more than in the other."""
    random = np.random.default_rng(0)
    age, size = random.integers(18, 80, 400), random.normal(170, 9, 400).round(1)
    city = np.where(random.random(400) < 0.5, "Oslo", "Rome")
    score = 0.1 * (age - 50) + 1.5 * (city == "Rome")
    bought = np.where(random.random(400) < logistic.sigmoid(score), "yes", "no")
    return write(tmp_path / "customers.csv", zip(age, city, size, bought, strict=True))


@pytest.fixture
def shapes(tmp_path):
    """Write a table of three classes that lie in three places."""
    random = np.random.default_rng(1)
    places = {"circle": (0, 0), "square": (3, 0), "triangle": (0, 3)}
    rows = [(*random.normal(place, 1).round(3), name) for name, place in places.items() for _ in range(80)]
    random.shuffle(rows)
    return write(tmp_path / "shapes.csv", rows, "x,y,shape")


def test_two_classes_are_told_as_odds_and_measured_against_the_most_frequent(train, customers):
    run, report = train(data=customers)
    facts = report.facts
    assert facts["target"] == "bought"
    assert facts["classes"] == ["no", "yes"]
    assert facts["test_rows"] + facts["rows"]["train"]["yes"] + facts["rows"]["train"]["no"] == 400
    assert facts["accuracy"] > facts["majority_accuracy"]
    assert facts["log_odds"]["yes"]["age"] == pytest.approx(0.1, abs=0.03)
    assert facts["log_odds"]["yes"]["city=Rome"] == pytest.approx(1.5, abs=0.8)
    told = "\n".join(report.lines)
    assert "one standard deviation more of age" in told
    assert "city Rome instead of Oslo: by " in told
    assert "each extra cm of size (cm): by " in told
    assert f"if {facts['majority_class']} is always guessed" in told
    assert sum(map(sum, facts["confusion"])) == facts["test_rows"]
    assert run.path("curves.png").read_bytes().startswith(b"\x89PNG")
    losses = [line["loss"] for line in run.metrics()]
    assert losses[0] == pytest.approx(np.log(2))
    assert losses == sorted(losses, reverse=True)


def test_the_weights_are_those_of_the_steps_own_loop(train, customers):
    run, report = train(data=customers)
    _, weights, _ = open_classification(run)
    rows = [line.split(",") for line in customers.read_text().splitlines()[1:]]
    X = np.array([[float(age), city == "Rome", float(size)] for age, city, size, _ in rows])
    y = np.array([float(bought == "yes") for *_, bought in rows])
    sample = read_sample(open_data(str(customers)), read_run_settings(run), 0)
    assert {tuple(row) for row in sample.train.X} <= {tuple(row) for row in X}
    assert len(sample.train.X) + len(sample.held.X) == len(y)
    mean, spread = sample.train.X.mean(axis=0), sample.train.X.std(axis=0)
    ready, truth = (sample.train.X - mean) / spread, sample.train.labels.astype(float)
    found, _ = logistic.train(ready, truth, 400, 2.0, 1.0 / len(truth))
    np.testing.assert_allclose(weights.weights[0] * spread, found, atol=1e-6)
    assert report.facts["deviations"] == pytest.approx(
        dict(zip(["age", "city=Rome", "size (cm)"], spread, strict=True))
    )


def test_predict_rows_and_files_and_probabilities_add_up(train, customers, shapes):
    run, _ = train(data=customers)
    reopened = Run.open(run.folder.parent, run.name)
    report = predict_words(task, reopened, ["age=79,city=Rome,size (cm)=170", "size (cm)=170,age=18,city=Oslo"], SILENT)
    assert [one["prediction"] for one in report.facts["predictions"]] == ["yes", "no"]
    typed = task.predict(reopened, [{"age": 79, "city": "Rome", "size (cm)": 170.0}])
    assert typed.report().facts["predictions"][0]["probability"] == report.facts["predictions"][0]["probability"]
    found = predict_words(task, reopened, [str(customers)], SILENT).facts["predictions"]
    assert len(found) == 400
    assert all(sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-5) for one in found)
    three, _ = train(data=shapes, name="three")
    report = predict_words(task, three, ["x=3,y=0", "x=0,y=3", "x=0,y=0"], SILENT)
    assert [one["prediction"] for one in report.facts["predictions"]] == ["square", "triangle", "circle"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("age=old,city=Rome,size (cm)=170", '"old" is not a finite number'),
        ("aeg=3,city=Rome,size (cm)=170", 'no column "aeg". Did you mean "age"'),
        ("age=3,city=Rome", 'no value for "size (cm)"'),
        ("age=3,city=Bonn,size (cm)=170", '"Bonn" did not occur in training, only Oslo, Rome'),
        ("absent.csv", "no such file"),
    ],
)
def test_rows_that_cannot_be_predicted(train, customers, row, told):
    run, _ = train(data=customers)
    with pytest.raises(UserError) as caught:
        predict_words(task, run, [row], SILENT)
    assert told in str(caught.value)


def test_more_classes_are_told_against_the_most_frequent_and_evaluated(train, shapes, tmp_path):
    run, report = train(data=shapes)
    assert set(report.facts["log_odds"]) == set(report.facts["classes"]) - {report.facts["against"]}
    held_out = task.evaluate(run, None, tmp_path, SILENT)
    for name in ("accuracy", "log_loss", "majority_accuracy"):
        assert held_out.facts[name] == pytest.approx(report.facts[name])
    assert held_out.facts["confusion"] == report.facts["confusion"]
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")
    other = write(tmp_path / "other.csv", [("square", 3, 0), ("circle", 0, ""), ("circle", 3, 0)], "shape,x,y")
    measured = task.evaluate(run, str(other), tmp_path, SILENT).facts
    assert (measured["rows"], measured["rows_left_out"], measured["accuracy"]) == (2, 1, 0.5)
    strange = write(tmp_path / "strange.csv", [("oval", 3, 0)], "shape,x,y")
    with pytest.raises(UserError, match='row 2, column "shape": "oval" did not occur in training, only circle'):
        task.evaluate(run, str(strange), tmp_path, SILENT)
    shapes.write_text(shapes.read_text().replace("square", "circle"))
    with pytest.raises(UserError, match="not the table this run began with"):
        task.evaluate(run, None, tmp_path, SILENT)


def test_odds_of_two_classes_are_opposite():
    weights = Weights(np.array([[1.0, -2.0]]), np.array([0.5]))
    np.testing.assert_allclose(weights.compare(1, 0), -weights.compare(0, 1))
    odds = weights.predict(np.array([[1.0, 0.0]])) / weights.predict(np.array([[0.0, 0.0]]))
    assert odds[0, 1] / odds[0, 0] == pytest.approx(np.e)
    assert format_factor(1.0) == "2.72"


ROWS = [(place % 7, place % 5, ["a", "b"][place * place % 3 == 1]) for place in range(60)]


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        (
            [(place, 1, "a") for place in range(30)],
            [],
            'column "label": every row is "a", so there is nothing to learn',
        ),
        ([(place, 1, f"w{place}") for place in range(70)], [], "70 different cells, too many for classes"),
        ([(place, 1, place / 7) for place in range(70)], [], "groundup train regression --target label"),
        ([(place % 7, 1, "") for place in range(30)], [], 'column "label": every value is missing'),
        (ROWS, ["--target", "lable"], 'no column "lable". Did you mean "label"'),
        (ROWS, ["--features", "label"], "target and a feature"),
        ([*ROWS, ("x", 1, "a")], [], 'row 62, column "one": "x" is not a finite number'),
        (ROWS[:2], [], "weights to learn"),
        (ROWS, ["--set", "penalty=0"], "penalty"),
        ([], [], "no rows under the header"),
    ],
)
def test_bad_tables_are_one_clear_line(rows, options, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "table.csv", rows, "one,two,label")
    assert main(["train", "classification", "--data", "table.csv", *options]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert told in said[-1]
    assert not (tmp_path / "runs" / "classification").exists()


def test_missing_cells_dates_levels_and_numbers_as_classes(train, tmp_path):
    random = np.random.default_rng(2)
    rows = []
    for place in range(150):
        late = random.random() < 0.5
        day = f"2024-{7 if late else 1:02d}-{1 + place % 28:02d}"
        rows.append((day, "" if place % 10 == 0 else ["low", "high"][place % 2], random.integers(9), 2 + late))
    path = write(tmp_path / "dated.csv", rows, "day,level,count,class")
    _, report = train(data=path)
    assert report.facts["classes"] == ["2", "3"]
    assert report.facts["accuracy"] == 1
    assert report.facts["rows"]["left_out"] == 15
    assert "each later day of day: by " in "\n".join(report.lines)
    _, filled = train("missing=mean", data=path, name="filled")
    assert filled.facts["rows"]["left_out"] == 0
    assert "level=(missing)" in filled.facts["log_odds"]["3"]


def test_a_whole_number_is_the_same_class_with_and_without_decimals(train, tmp_path):
    rows = [(n, f"{n % 2}.0" if n < 60 else n % 2) for n in range(120)]
    run, report = train(data=write(tmp_path / "a.csv", rows, "age,bought"))
    assert report.facts["classes"] == ["0", "1"]
    other = write(tmp_path / "b.csv", [(n, f"{n % 2}.00") for n in range(9)], "age,bought")
    assert task.evaluate(run, str(other), tmp_path, None).facts["rows"] == 9


def test_a_class_of_one_row_is_learned_from_and_said(train, tmp_path):
    rows = [*ROWS, (3, 3, "rare")]
    for seed in range(6):
        _, report = train(data=write(tmp_path / "rare.csv", rows, "one,two,label"), seed=seed, name=f"seed-{seed}")
        assert report.facts["rows"]["train"]["rare"] == 1
        if any("so rare that no row" in note for note in report.facts["notes"]):
            return
    raise AssertionError("the rare row was held out with none of the seeds")


def test_what_is_finished_is_never_overwritten_and_what_was_cut_off_begins_anew(train, customers, tmp_path, capsys):
    run, report = train(data=customers)
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    _, again = train(data=customers, resume=True, name=run.name)
    assert "is finished" in again.lines[0]
    assert "new rows right" in again.lines[0]
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before
    run.path("report.json").unlink()
    _, anew = train(data=customers, resume=True, name=run.name)
    assert anew.facts["accuracy"] == report.facts["accuracy"]
    assert run.path("model.safetensors").read_bytes() == before["model.safetensors"]


def test_the_commands_answer_in_json(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    answers = {}
    for words in ("train classification", "evaluate classification", "runs", "show classification"):
        assert main([*words.split(), "--json"]) == 0
        answers[words] = json.loads(capsys.readouterr().out)
    trained = answers["train classification"]
    assert trained["accuracy"] > 0.9 > 0.7 > trained["majority_accuracy"]
    assert answers["evaluate classification"]["accuracy"] == trained["accuracy"]
    assert "new rows right" in answers["runs"]["runs"][0]["outcome"]
    assert answers["show classification"]["task"] == "classification"
    assert main(["evaluate", "classification"]) == 0
    assert "true \\ said" in capsys.readouterr().out
    assert main(["train", "classification", "--set", "held_out=0", "--run", "all"]) == 0
    assert main(["evaluate", "all"]) == 2
    assert "no rows were held out" in capsys.readouterr().err
    assert main(["show", "all"]) == 0
    assert "no rows were held out to measure on" in capsys.readouterr().out
    assert main(["export", "classification", "--to", "gguf"]) == 2
    assert "--to gguf takes runs of gpt" in capsys.readouterr().err


def test_the_form_in_the_lab_names_no_file(train, customers):
    run, _ = train(data=customers)
    fields = {field["name"]: field for field in task.describe_form(run)["fields"]}
    assert fields["city"]["levels"] == ["Oslo", "Rome"]
    assert fields["size (cm)"]["unit"] == "cm"
    row = {"age": "79", "city": "Rome", "size (cm)": fields["size (cm)"]["mean"]}
    assert task.predict(run, task.read_form(run, {"row": row})).report().facts["predictions"][0]["prediction"] == "yes"
    with pytest.raises(UserError, match="A row is a text for each of"):
        task.read_form(run, {"row": {"/etc/passwd": "1"}})
