"""`groundup train gpt --patience N` ends when the validation loss gets no better; its result is the best weights."""

import json
from pathlib import Path

import pytest

from groundup.cli import main
from groundup.runs.folder import Run

# Without a learning rate no loss is better than the first one.
SMALL = ["layers=1", "width=16", "heads=2", "context=16", "steps=40", "evaluate_every=5", "learning_rate=0"]
TRAIN = ["train", "gpt", "--run", "tiny", *[word for pair in [*SMALL, "sample_tokens=0"] for word in ("--set", pair)]]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("the cat sat on the mat and the dog sat on the cat. " * 40)


def test_it_ends_early_and_says_so(capsys):
    assert main([*TRAIN, "--data", "text.txt", "--patience", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["steps"], told["best_step"], told["stopped_early"]) == (15, 5, True)
    run = Run.open(Path("runs"), "tiny")
    assert [line["step"] for line in run.metrics() if "validation_loss" in line] == [5, 10, 15]
    assert main(["train", "--resume", "--run", "tiny"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "It ended early, after step 15: 2 measurements in a row brought no new best." in said
    assert "The result is the weights after step 5." in said
    assert "are worse there" not in said, "the last weights are as good"


def test_the_end_names_what_to_try(capsys):
    assert main([*TRAIN, "--data", "text.txt"]) == 0
    said = capsys.readouterr().out
    assert "Try it: groundup generate tiny" in said
    assert "train chat" not in said, "other texts may lack the characters of the built-in dialogues"
    assert main([*TRAIN, "--set", "steps=1", "--set", "measured_tokens=20", "--run", "plays"]) == 0
    assert "groundup train chat --from plays" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "heights", "--patience", "2"], "--patience: heights follows no validation loss"),
        (["train", "gpt", "--patience", "0"], "--patience"),
    ],
)
def test_senseless_patience_is_refused(capsys, words, said):
    assert main(words) == 2
    assert said in capsys.readouterr().err
