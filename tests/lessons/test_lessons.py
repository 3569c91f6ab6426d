"""Every lesson: complete by the registry, run as a script, and its kit."""

import os
import subprocess
import sys

import pytest

from groundup.exercises.registry import list_names
from groundup.lessons import kit
from groundup.lessons.registry import FOLDER, LESSONS, NOTEBOOKS

NAMES = [lesson.name for lesson in NOTEBOOKS]


def test_the_lessons_and_their_files_are_the_same():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert files == set(NAMES)
    assert {name for lesson in LESSONS for name in lesson.exercises} == set(list_names())


@pytest.mark.parametrize("lesson", NOTEBOOKS, ids=NAMES)
def test_a_lesson_has_what_every_lesson_has(lesson):
    source = lesson.path.read_text()
    assert f'app_title="{lesson.title}"' in source
    assert "kit.show_source(" in source
    assert source.count("mo.ui.") >= 2
    for part in ("show_task", "make_editor", "judge_answer"):
        assert f'kit.{part}("{lesson.exercises[0]}"' in source


RUN_ALL = """
import runpy, sys, traceback
for path in sys.argv[1:]:
    try:
        runpy.run_path(path, run_name="__main__")
    except BaseException:
        print(path, traceback.format_exc())
"""


@pytest.mark.slow
def test_every_lesson_runs_as_a_script(tmp_path):
    # One process for all of them: loading PyTorch fifteen times would take most of the time.
    environment = {**os.environ, "GROUNDUP_CACHE": str(tmp_path / "cache")}
    paths = [str(lesson.path) for lesson in NOTEBOOKS]
    command = [sys.executable, "-c", RUN_ALL, *paths]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr[-2000:]
    assert not (tmp_path / "answers").exists(), "a script writes no answer"


def test_an_answer_is_judged_and_kept_where_the_lab_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv(kit.ANSWERS, str(tmp_path))
    source = "def sigmoid(z):\n    return 1 / (1 + 2.718281828459045 ** -z)\n\n\ndef relu(z):\n    return z * (z > 0)\n"
    try:
        assert "Accepted" in kit.judge_answer("activations", source).text
        assert (tmp_path / "activations.py").read_text() == source
        assert (
            "leaky"
            in kit.judge_answer("activations", source.replace("z * (z > 0)", "z * (z > 0) + 0.01 * z * (z < 0)")).text
        )
        assert "Judge it" in kit.judge_answer("activations", None).text
    finally:
        kit.close()


def test_source_is_shown_from_the_file():
    from groundup.steps.c5_words.sampling import keep_top_k

    assert "masked_fill" in kit.show_source(keep_top_k).text
    assert "steps/c5_words/sampling.py" in kit.show_source(keep_top_k).text
