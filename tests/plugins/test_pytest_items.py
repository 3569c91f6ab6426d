"""``pytest --groundup`` in real processes: answers are items, and without the option nothing is there."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from groundup.exercises.registry import read_stub

pytest_plugins = "pytester"

RIGHT = "import numpy as np\n\ndef softmax(z):\n    powers = np.exp(z - np.max(z))\n    return powers / powers.sum()\n"
LEAKY = (
    "import numpy as np\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n\n"
    "def relu(z):\n    return np.maximum(z, 0.01 * z)\n"
)
NEVER_IMPORTED = "raise SystemExit('imported by pytest itself')\n"


@pytest.fixture
def start(pytester, monkeypatch):
    """Return a function that runs pytest in a folder with three answers, the plugin found as an installed one is."""
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    entries = [f"{name} = {what}" for name, what in declared["project"]["entry-points"]["pytest11"].items()]
    installed = pytester.mkdir("site") / "groundup_as_declared-0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: groundup-as-declared\nVersion: 0\n")
    (installed / "entry_points.txt").write_text("\n".join(["[pytest11]", *entries]))
    monkeypatch.setenv("PYTHONPATH", str(installed.parent))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.delenv("GROUNDUP_ANSWERS", raising=False)
    answers = pytester.mkdir("answers")
    (answers / "softmax.py").write_text(RIGHT)
    (answers / "activations.py").write_text(LEAKY)
    (answers / "linear.py").write_text(read_stub("linear"))
    (answers / "notes.py").write_text(NEVER_IMPORTED)
    # Other plugins would only take their time.
    without = [word for name in ("anyio", "hypothesispytest", "jaxtyping") for word in ("-p", f"no:{name}")]
    return lambda *words: pytester.runpytest_subprocess(*without, *words)


def test_verdicts_are_outcomes_in_the_judges_words(start, pytester):
    done = start("--groundup", "--groundup-seed", "1", "--junitxml=report.xml", "-rsP")
    done.assert_outcomes(passed=1, failed=1, skipped=1)
    told = done.stdout.str()
    for words in (
        "That is a leaky ReLU",
        "z = [-1.]",
        "your answer  [-0.01]",
        "expected     [0.]",
        "not begun",
        "large input",
    ):
        assert words in told
    assert "SKIPPED [1] answers/linear.py" in told
    for words in ("Traceback", "answer_items.py:", "pytest.fail"):
        assert words not in told
    cases = {case.get("name"): case for case in ElementTree.parse(pytester.path / "report.xml").iter("testcase")}
    assert cases.keys() == {"softmax", "activations", "linear"}
    assert "leaky ReLU" in cases["activations"].find("failure").text
    assert "leaky" in cases["activations"].find("failure").get("message")
    assert 0 < float(cases["softmax"].get("time")) < 60


def test_nothing_is_there_without_the_option(start):
    done = start("--doctest-modules", "answers/softmax.py", "-v")
    assert "no tests ran" in done.stdout.str()
    assert "groundup:" not in done.stdout.str()


def test_collecting_runs_no_answer_and_names_are_stable(start, pytester):
    (pytester.path / "answers" / "notes.py").unlink()  # no answer: pytest's doctests import it, as ever
    for path in (pytester.path / "answers").glob("*.py"):
        path.write_text(NEVER_IMPORTED)
    for words in ([], ["answers"], ["answers/softmax.py", "answers/linear.py", "answers/activations.py"]):
        listed = start("--groundup", "--co", "-q", "--doctest-modules", *words).stdout.str()
        nodes = {line for line in listed.splitlines() if "::" in line}
        assert nodes == {
            "answers/softmax.py::softmax",
            "answers/linear.py::linear",
            "answers/activations.py::activations",
        }
    start("--groundup", "answers/softmax.py::softmax", "--doctest-modules").assert_outcomes(failed=1)


def test_notebooks_and_encodings_are_answers_too(start, pytester):
    answers = pytester.path / "answers"
    for path in answers.glob("*.py"):
        path.unlink()
    cells = [f"%%check softmax\n{RIGHT}\nsoftmax([1])", "%%check activations\ndef relu(z):\n    return nothing"]
    book = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    (answers / "monday.ipynb").write_text(json.dumps(book))
    (answers / "softmax.py").write_bytes(b"# coding: latin-1\n# \xe9\n" + RIGHT.encode())
    done = start("--groundup", "-v")
    done.assert_outcomes(passed=2, failed=1)
    told = done.stdout.str()
    assert "answers/monday.ipynb::softmax PASSED" in told
    assert "answers/monday.ipynb, cell 2" in told


def test_a_project_called_for_an_exercise_is_not_full_of_answers(start, pytester):
    course = pytester.mkdir("gpt-course")
    (course / "model.py").write_text(NEVER_IMPORTED)
    (course / "softmax.py").write_text(RIGHT)
    listed = start("--groundup", "gpt-course", "--co", "-q").stdout.str()
    assert [line for line in listed.splitlines() if "::" in line] == ["gpt-course/softmax.py::softmax"]


def test_choosing_and_stopping(start):
    start("--groundup", "-k", "softmax").assert_outcomes(passed=1, deselected=2)
    done = start("--groundup", "-x")
    done.assert_outcomes(failed=1)


def test_a_projects_own_tests_run_beside_and_are_no_answers(start, pytester):
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\ntestpaths = ["checks"]\nfilterwarnings = ["error"]\n')
    (pytester.mkdir("checks") / "test_softmax.py").write_text("def test_own():\n    pass\n")
    start("--groundup", "checks").assert_outcomes(passed=1)
    done = start("--groundup")
    done.assert_outcomes(passed=2, failed=1, skipped=1)
    start().assert_outcomes(passed=1)


def test_workers_judge_the_same(start, pytester):
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\ntestpaths = ["checks"]\n')
    (pytester.mkdir("checks") / "test_own.py").write_text("def test_own():\n    pass\n")
    done = start("--groundup", "-n", "2")
    done.assert_outcomes(passed=2, failed=1, skipped=1)
    assert "That is a leaky ReLU" in done.stdout.str()


def test_hostile_and_broken_files_fail_alone(start, pytester):
    answers = pytester.path / "answers"
    (answers / "cross_entropy.py").write_text("import os\nos._exit(0)\n")
    (answers / "regression_training.py").write_text("def train(:\n")
    (answers / "regression_forward.py").write_bytes(b"\xff\xfe\x00x = 1")
    done = start("--groundup", "-k", "cross or regression or softmax")
    done.assert_outcomes(passed=1, failed=3, deselected=2)
    assert "It ended the whole program" in done.stdout.str()
    assert "The file is not Python, line 1" in done.stdout.str()


def test_a_class_by_folders(start, pytester):
    (pytester.mkdir("class") / "ada_softmax.py").write_text(RIGHT)
    (pytester.mkdir("class/softmax") / "bob.py").write_text(RIGHT.replace("- np.max(z)", ""))
    done = start("--groundup", "class")
    done.assert_outcomes(passed=1, failed=1)
    start("--groundup", "class/softmax").assert_outcomes(failed=1)
    start("--groundup", "class/softmax/bob.py").assert_outcomes(failed=1)


def test_a_missing_folder_is_said_in_one_line(start, pytester, monkeypatch):
    monkeypatch.setenv("GROUNDUP_ANSWERS", "elsewhere")
    done = start("--groundup")
    assert done.ret == 4
    assert "groundup learn start" in done.stderr.str()
    assert "Traceback" not in done.stderr.str()


def test_the_plugin_loads_nothing_of_the_package_before_it_is_asked():
    code = (
        "import sys, groundup.plugins.pytest_plugin; "
        "print(sorted(name for name in sys.modules if name.startswith('groundup')), 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['groundup', 'groundup.plugins', 'groundup.plugins.pytest_plugin'] False"
