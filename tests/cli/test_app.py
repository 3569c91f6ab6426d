"""The command line as processes: start-up, exit codes, one line for bad input."""

import json
import os
import subprocess
import sys

import pytest
import warm

from groundup.cli import main
from groundup.training.interrupts import Interrupted


def groundup(*arguments, cwd, by=warm.run):
    return by([sys.executable, "-m", "groundup", *arguments], cwd=cwd, capture_output=True, text=True)


def test_help_imports_nothing_heavy(tmp_path):
    """Start-up stays instant because nothing heavy is imported; the benchmark has the seconds."""
    script = (
        "import sys; from groundup.cli import main; code = main(['--help'])\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'matplotlib', 'pyarrow', 'sympy', 'safetensors', 'filelock'}\n"
        "print(sorted(heavy & set(sys.modules)), code)"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[] 0"
    assert "train" in result.stdout


def test_version_and_no_arguments(tmp_path):
    assert groundup("--version", cwd=tmp_path, by=subprocess.run).stdout.startswith("groundup 0.")
    assert "Usage" in groundup(cwd=tmp_path).stdout


def test_from_nothing_bad_input_is_one_line_too(tmp_path):
    result = groundup("show", "none", cwd=tmp_path, by=subprocess.run)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == 'groundup: No run called "none" in runs. Runs there: none yet.\n'


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frobnicate"], "No such command"),
        (["train"], "Name a task: regression"),
        (["train", "digit"], 'Did you mean "digits"?'),
        (["train", "digits", "--frob"], "No such option"),
        (["train", "digits", "--set", "epoch=3"], 'Did you mean "epochs"?'),
        (["train", "digits", "--seed", "x"], "--seed"),
        (["train", "digits", "--minutes", "-1"], "above 0"),
        (["train", "digits", "--run", "a/b"], "use letters"),
        (["predict", "none", "x.png"], 'No run called "none"'),
        (["predict"], "Missing argument"),
        (["show", "none"], 'No run called "none"'),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(tmp_path, arguments, message):
    result = groundup(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_error_is_json_too_where_json_was_asked_for(tmp_path):
    result = groundup("show", "none", "--json", cwd=tmp_path)
    assert result.returncode == 2
    assert 'No run called "none"' in json.loads(result.stdout)["error"]


def test_no_runs_yet(tmp_path):
    assert "No runs" in groundup("runs", cwd=tmp_path).stdout
    assert json.loads(groundup("runs", "--json", cwd=tmp_path).stdout) == {"runs": []}


@pytest.mark.parametrize(("given", "expected"), [(None, "5000"), ("7", "7")])
def test_threads_are_told_not_to_spin_unless_the_user_says_how_long(monkeypatch, capsys, given, expected):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    if given:
        monkeypatch.setenv("GOMP_SPINCOUNT", given)
    assert main(["--version"]) == 0
    assert os.environ["GOMP_SPINCOUNT"] == expected


def test_ctrl_c_in_training_says_how_to_go_on(monkeypatch, capsys, tmp_path):
    def stop(*_, **__):
        raise Interrupted(3, 10)

    monkeypatch.setattr("groundup.tasks.launch.launch", stop)
    assert main(["train", "digits", "--runs", str(tmp_path)]) == 130
    told = capsys.readouterr().err
    assert told.startswith(
        "groundup: stopped after step 3 of 10; nothing is lost. Continue with: groundup train --run digits"
    )


@pytest.mark.parametrize("command", ["data list", "train gpt --settings"])
def test_a_table_breaks_no_word_on_a_narrow_screen(monkeypatch, capsys, command):
    words = {}
    for width in (1000, 80, 40, 24):
        monkeypatch.setenv("COLUMNS", str(width))
        assert main(command.split()) == 0
        words[width] = [word.rstrip(":") for word in capsys.readouterr().out.split()]
        assert set(words[width]) <= set(words[1000])
