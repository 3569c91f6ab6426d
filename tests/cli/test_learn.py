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

RIGHT = (Path(__file__).parents[1] / "exercises" / "answers" / "regression_training" / "einsum.py").read_text()
WRONG = RIGHT.replace("* 2 / n", "* 2")


@pytest.fixture
def here(tmp_path, monkeypatch):
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
    assert main(["learn", "start", "regression-training"]) == 2
    assert path.read_text() == "# mine"
    assert "stays as it is" in capsys.readouterr().err


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
        (["check", "regression-training"], "Begin with `groundup learn start regression-training`"),
        (["check", "missing.py"], "no such file"),
        (["check", "unnamed.py"], "its name holds no exercise's"),
        (["check", "regression_training_bytes.py"], "UTF-8"),
        (["learn", "start", "nothing"], "no exercise named nothing"),
        (["hint", "regression-training", "--stage", "4"], "less than or equal to 3"),
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


def test_hints_come_in_stages_and_the_solution_is_the_step(here, capsys):
    hints = [run_json(capsys, "hint", "regression-training", "--stage", str(stage))[1]["hint"] for stage in (1, 2, 3)]
    assert len(set(hints)) == 3
    _, facts = run_json(capsys, "solution", "regression-training")
    assert "def differentiate_one_weight" in facts["modules"]["groundup.steps.regression"]


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
            assert process.wait(10) == 0
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
