"""The learner's commands: start, check, watch, hint, solution; their work is never written over."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from groundup.cli import main
from groundup.course import EXERCISES, find_chapter
from groundup.exercises.registry import read_model_answer, read_stub

RIGHT = (Path(__file__).parents[1] / "exercises" / "answers" / "regression_training" / "einsum.py").read_text()
WRONG = RIGHT.replace("* 2 / n", "* 2")


@pytest.fixture
def here(tmp_path, monkeypatch, one_judge):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_json(capsys, *arguments):
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_start_shows_the_statement_and_writes_the_stub_once(here, capsys):
    code, facts = run_json(capsys, "learn", "start", "regression-training")
    path = here / "answers" / "regression_training.py"
    assert code == 0
    assert "## Worked by hand" in facts["statement"]
    assert "raise NotImplementedError" in path.read_text()
    path.write_text("# mine")
    assert main(["learn", "start", "regression-training"]) == 0
    assert path.read_text() == "# mine"
    told = capsys.readouterr().out
    assert "Worked by hand" in told
    assert "You have already begun it: continue in" in told


def test_show_prints_the_statement_and_the_stub_and_writes_nothing(here, capsys):
    code, facts = run_json(capsys, "learn", "show", "softmax")
    assert (code, facts["exercise"], facts["stub"]) == (0, "softmax", read_stub("softmax"))
    assert "## Worked by hand" in facts["statement"]
    assert main(["learn", "show", "softmax"]) == 0
    told = capsys.readouterr().out
    assert "Worked by hand" in told
    assert told.endswith(read_stub("softmax"))
    assert main(["learn", "show"]) == 0
    assert "gradient-descent, the first that is not done" in capsys.readouterr().out
    assert not (here / "answers").exists()


def test_check_says_no_then_yes_and_remembers(here, capsys):
    main(["learn", "start", "regression-training"])
    capsys.readouterr()
    code, facts = run_json(capsys, "check")
    assert (code, facts["accepted"]) == (1, False)
    assert "not written yet" in facts["findings"][0]
    path = here / "answers" / "regression_training.py"
    path.write_text(WRONG)
    code, facts = run_json(capsys, "check", "regression-training", "--seed", "1")
    assert (code, facts["mistakes"]) == (1, ["not divided by N"])
    assert facts["failing"]["got"] != facts["failing"]["expected"]
    path.write_text(RIGHT)
    code, facts = run_json(capsys, "check", str(path))
    assert (code, facts["accepted"]) == (0, True)
    assert facts["cost"]["times"] > 0
    assert json.loads((here / "answers" / ".progress.json").read_text())["regression-training"]["accepted"]


def test_the_verdict_for_people_shows_the_case_with_its_names(here, capsys):
    path = here / "regression_training_of_ada.py"
    path.write_text(WRONG)
    assert main(["check", str(path), "--seed", "1"]) == 1
    told = capsys.readouterr().out
    assert "not divided by N" in told
    assert "model_prediction =" in told
    assert "expected" in told
    assert not (here / "answers").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check"], "holds no answer yet"),
        (["check", "regresion-training"], "Did you mean regression-training?"),
        (["check", "regression-training"], "Start with `groundup learn start regression-training`"),
        (["check", "missing.py"], "no such file"),
        (["check", "unnamed.py"], "its name contains no exercise"),
        (["check", "regression_training_bytes.py"], "UTF-8"),
        (["learn", "start", "nothing"], "no exercise named nothing"),
        (["learn", "show", "nothing"], "no exercise named nothing"),
        (["hint", "regression-training", "--stage", "4"], "regression-training has 3 hints"),
        (["solution", "nothing"], "no exercise named nothing"),
    ],
)
def test_bad_input_is_one_line(here, capsys, arguments, message):
    (here / "unnamed.py").write_text("x = 1")
    (here / "regression_training_bytes.py").write_bytes(b"x = '\xff'")
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.strip().splitlines()) == 1


def test_hints_come_in_stages_and_the_solution_is_the_model_answer_and_the_step(here, capsys):
    hints = [run_json(capsys, "hint", "regression-training", "--stage", str(stage))[1]["hint"] for stage in (1, 2, 3)]
    assert len(set(hints)) == 3
    _, facts = run_json(capsys, "solution", "regression-training")
    assert facts["model_answer"] == read_model_answer("regression-training")
    assert "def differentiate_one_weight" in facts["modules"]["groundup.steps.c2_regression.regression"]
    assert main(["solution", "regression-training"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Model answer\n")
    assert told.index("def get_derivative") < told.index("compares your answer") < told.index("def differentiate_one")


def test_each_call_shows_the_next_hint(here, capsys):
    shown = [run_json(capsys, "learn", "hint", "softmax")[1] for _ in range(4)]
    assert [facts["stage"] for facts in shown] == [1, 2, 3, 3]
    assert {facts["of"] for facts in shown} == {3}
    assert main(["hint", "softmax"]) == 0
    told = capsys.readouterr().out
    assert "Hint 3 of 3" in told
    assert "There are no more hints. The model answer: groundup solution softmax" in told
    assert run_json(capsys, "hint", "softmax", "--stage", "1")[1]["stage"] == 1
    assert main(["hint", "softmax"]) == 0
    told = capsys.readouterr().out
    assert "Hint 2 of 3" in told
    assert "The next hint: groundup hint softmax" in told
    assert run_json(capsys, "hint", "linear")[1]["stage"] == 1
    assert len(run_json(capsys, "hint", "linear", "--all")[1]["hints"]) == 3
    assert main(["hint", "linear", "--all", "--stage", "1"]) == 2
    capsys.readouterr()
    (here / "file").write_text("")
    assert main(["hint", "softmax", "--answers", "file"]) == 0
    captured = capsys.readouterr()
    assert "Hint 1 of 3" in captured.out
    assert captured.err == (
        "groundup: which hint you saw could not be saved: file is a file. Give a folder for your answers.\n"
    )


def test_a_right_answer_is_told_how_far_the_learner_is(here, capsys):
    mine = here / "my answers"
    mine.mkdir()
    (mine / "regression_training.py").write_text(RIGHT)
    code, facts = run_json(capsys, "learn", "--answers", "my answers", "check", "regression-training")
    assert (code, facts["done"], facts["all"], facts["next"]) == (0, 1, len(EXERCISES), "training-loop")
    count = len(find_chapter("regression-training").exercises)
    assert facts["chapter"] == {"name": "Regression", "done": 1, "all": count}
    assert main(["check", "--answers", "my answers"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("regression-training, checked last:")
    assert f"Chapter Regression: 1 of {count} done. The whole course: 1 of {len(EXERCISES)}." in told
    assert "Next: groundup learn start training-loop --answers 'my answers'" in " ".join(told.split())
    assert run_json(capsys, "hint", "--answers", "my answers")[1]["chosen"] == "the next that is not done"
    assert run_json(capsys, "solution", "--answers", "my answers")[1]["exercise"] == "regression-training"
    code, facts = run_json(capsys, "learn", "start", "--answers", "my answers")
    assert (code, facts["exercise"]) == (0, "training-loop")
    assert main(["learn", "--answers", "my answers"]) == 0
    assert "Next: go on in my answers/training_loop.py, then:" in " ".join(capsys.readouterr().out.split())


def test_watch_judges_every_save(here):
    path = here / "regression_training.py"
    path.write_text(WRONG)
    command = [sys.executable, "-m", "groundup", "check", str(path), "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert json.loads(process.stdout.readline())["accepted"] is False
            # A file's time is only as fine as the file system's clock.
            time.sleep(0.05)
            replacement = here / "new.py"
            replacement.write_text(RIGHT)
            os.replace(replacement, path)
            assert json.loads(process.stdout.readline())["accepted"] is True
            path.write_text("def differentiate_one_weight(:")
            assert "not Python, line 1" in json.loads(process.stdout.readline())["headline"]
            process.send_signal(signal.SIGINT)
            assert process.wait(600) == 0
        finally:
            process.kill()


def test_no_signature_is_cut_off(here, capsys):
    main(["learn", "start", "regression-training"])
    told = "".join(capsys.readouterr().out.split())
    assert "…" not in told


def test_what_a_class_is_built_with_is_shown_by_its_names(here, capsys):
    path = here / "self_attention.py"
    path.write_text(
        "from torch import nn\n\n\nclass SingleHeadAttention(nn.Module):\n"
        "    def __init__(self, embedding_dim, attention_dim):\n        super().__init__()\n"
        "        self.value = nn.Linear(embedding_dim, attention_dim)\n\n"
        "    def forward(self, embedded):\n        return self.value(embedded)\n"
    )
    assert main(["check", str(path), "--seed", "1"]) == 1
    told = capsys.readouterr().out
    assert "embedding_dim = " in told
    assert "expected" not in told, "weights that fit nowhere have no right output"


def test_nothing_but_answers_is_left_in_the_learners_folder(tmp_path):
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "regression_training.py").write_text(WRONG)
    command = [sys.executable, "-m", "groundup", "check", "regression-training"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["answers"]


def test_without_a_name_the_current_exercise_is_meant(here, capsys):
    code, facts = run_json(capsys, "hint")
    assert (code, facts["exercise"], facts["chosen"]) == (0, "gradient-descent", "the first that is not done")
    code, facts = run_json(capsys, "learn", "start")
    assert (code, facts["exercise"]) == (0, "gradient-descent")
    path = here / "answers" / "gradient_descent.py"
    path.write_text("# mine")
    assert main(["learn", "start"]) == 0
    assert "You have already begun it: continue in" in capsys.readouterr().out
    assert path.read_text() == "# mine"
    assert run_json(capsys, "learn", "start", "softmax")[0] == 0
    assert run_json(capsys, "hint", "--stage", "2")[1]["exercise"] == "softmax"
    assert "started last" in run_json(capsys, "solution")[1]["chosen"]
    assert main(["hint"]) == 0
    assert capsys.readouterr().out.startswith("softmax, started last:")
    assert main(["solution", "gpt", "--answers", "elsewhere"]) == 0
    assert "class " in capsys.readouterr().out


def test_a_notebook_is_checked_by_the_cells_of_its_answer(here, capsys):
    cells = ["%matplotlib inline\nimport numpy as np", "# nothing\n\ndef softmax(z):\n    return np.exp(z) / K"]
    book = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}, "nbformat": 4}
    for name, more in (("softmax.ipynb", []), ("monday.ipynb", ["--exercise", "softmax"])):
        (here / name).write_text(json.dumps(book))
        code, facts = run_json(capsys, "check", name, *more)
        assert (code, facts["part"], facts["path"]) == (1, "cells 1 and 2", name)
        assert facts["findings"] == ["It raises NameError: name 'K' is not defined (line 4 of cell 2)."]
    assert main(["check", "monday.ipynb"]) == 2
    assert "its name contains no exercise" in capsys.readouterr().err
    book["cells"][1]["source"] = "%%check softmax\n" + cells[1].replace(
        "z) / K", "z - np.max(z)) / np.exp(z - np.max(z)).sum()"
    )
    (here / "monday.ipynb").write_text(json.dumps(book))
    assert run_json(capsys, "check", "monday.ipynb")[1]["accepted"]


def test_a_file_that_declares_its_encoding_is_judged(here, capsys):
    (here / "regression_training.py").write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\n" + RIGHT.encode())
    assert run_json(capsys, "check", "regression_training.py")[1]["accepted"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "linear_regression.py"], "may be meant for regression-forward or regression-training"),
        (["check", "softmax.py"], "UTF-16, which Python does not read"),
        (["check", "softmax.ipynb"], "no notebook, or a damaged one"),
        (["check", "a" * 300 + ".py"], "there is no such file"),
        (["check", "folder_softmax.py"], "there is no such file"),
        (["learn", "start", "--answers", "softmax.py"], "softmax.py is a file"),
    ],
)
def test_files_that_cannot_be_judged_are_told_in_a_line(here, capsys, arguments, message):
    (here / "linear_regression.py").write_text("x = 1")
    (here / "softmax.py").write_bytes("x = 1".encode("utf-16"))
    (here / "softmax.ipynb").write_text("{")
    (here / "folder_softmax.py").mkdir()
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert len(captured.err.strip().splitlines()) == 1
