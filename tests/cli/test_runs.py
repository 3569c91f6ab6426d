"""What can be done with runs that are there: compare them, begin one like another, delete them."""

import json

import pytest

from groundup.cli import main
from groundup.runs.folder import Run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    first = ["train", "sentiment", "--data", "sentences", "--runs", str(root)]
    assert main([*first, "--run", "words", "--set", "least_steps=20", "--seed", "3"]) == 0
    assert main(["train", "--like", "words", "--run", "again", "--set", "epochs=3", "--runs", str(root)]) == 0
    return root


def test_a_run_like_another_takes_its_task_data_and_settings(trained, tmp_path, capsys):
    first, again = (Run.open(trained, name).config for name in ("words", "again"))
    assert (again["task"], again["data"]) == ("sentiment", "sentences")
    assert again["settings"] == {**first["settings"], "epochs": 3}
    capsys.readouterr()
    for words, told in (
        (["train", "--like", "words", "--resume"], "begins a new run"),
        (["train", "gpt", "--like", "words"], "words is a run of sentiment, not of gpt"),
        (["train", "--like", "nothing"], 'No run called "nothing"'),
    ):
        assert main([*words, "--runs", str(trained)]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert told in error


def test_runs_are_compared_where_they_differ(trained, tmp_path, capsys):
    picture = tmp_path / "both.png"
    words = ["runs", "--runs", str(trained), "compare", "words", "again", "--out", str(picture)]
    assert main([*words, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["differing"] == {"seed": [3, 0], "epochs": [2, 3]}
    assert [run["run"] for run in facts["runs"]] == ["words", "again"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "epochs" in shown
    assert "of 44 new texts right" in " ".join(shown.split())
    assert "batch_size" not in shown, "what is equal is left out"
    assert main(["runs", "compare", "words", "--runs", str(trained)]) == 2
    assert "Name two runs or more" in capsys.readouterr().err


def test_a_run_is_shown_in_words_with_the_settings_that_have_a_value(tmp_path, capsys):
    settings = {"width": 16, "learning_rate": None, "text_column": ""}
    run = Run.create(tmp_path, "begun", "gpt", {"settings": settings, "seed": 4})
    run.log(step=20, loss=2.5, learning_rate=0.01)
    run.log(step=37, loss=2.25, validation_loss=2.4, learning_rate=0.0)
    sums = Run.create(tmp_path, "sums", "sums", {"settings": {}})
    sums.log(step=7, loss=1.5, training_accuracy=0.5, accuracy=0.25)
    for words in (["runs"], ["show", "begun"]):
        assert main([*words, "--runs", str(tmp_path)]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "stopped at step 37" in shown
        assert shown.count("37") == 1, "the step is told once"
        assert "a choice among 11 tokens on new text (2.400 nats)" in shown
        assert "None" not in shown
        assert "_loss" not in shown
    assert "settings width=16 figures" in shown
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "25.0% of new answers right" in shown


def test_a_run_is_deleted_only_when_it_was_asked_for(trained, tmp_path, capsys):
    for name in ("words", "again"):
        (tmp_path / name).mkdir()
        for path in (trained / name).iterdir():
            if path.is_file():
                (tmp_path / name / path.name).write_bytes(path.read_bytes())
    assert main(["runs", "rm", "words", "--runs", str(tmp_path)]) == 2
    assert "--yes is needed" in capsys.readouterr().err
    assert main(["runs", "rm", "words", "nothing", "--yes", "--runs", str(tmp_path)]) == 2
    assert (tmp_path / "words").is_dir(), "one wrong name, and none is deleted"
    with Run.open(tmp_path, "words").locked():
        assert main(["runs", "rm", "words", "--yes", "--runs", str(tmp_path)]) == 2
    assert (tmp_path / "words" / "model.safetensors").is_file()
    (tmp_path / "linked").symlink_to(tmp_path / "again")
    assert main(["runs", "rm", "linked", "--yes", "--runs", str(tmp_path)]) == 2
    capsys.readouterr()
    assert main(["runs", "--runs", str(tmp_path), "rm", "words", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": ["words"]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "linked"]
    assert (tmp_path / "again" / "model.safetensors").is_file()


def test_a_short_option_prints_the_version(capsys):
    assert main(["-V"]) == 0
    assert capsys.readouterr().out.startswith("groundup ")
