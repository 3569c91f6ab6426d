"""The learner's folder: which answer is meant, which exercise they are at, and what is remembered."""

import json
import os
from datetime import datetime, timedelta

import pytest

from groundup.base.errors import UserError
from groundup.exercises.registry import list_names
from groundup.exercises.standing import find_standing
from groundup.exercises.workspace import Workspace, name_exercise


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = Workspace(tmp_path / "answers")
    made.folder.mkdir()
    return made


def write(workspace, name, text, age):
    path = workspace.path(name)
    path.write_text(text)
    os.utime(path, (10**9 - age, 10**9 - age))
    return path


def test_the_current_exercise_is_the_one_changed_last_or_the_next_that_is_not_done(workspace):
    first, second = list_names()[:2]
    assert workspace.find_current() == (first, "the first that is not done")
    old, new = write(workspace, first, "a", 50), write(workspace, "softmax", "b", 10)
    assert workspace.find_current() == ("softmax", "changed last")
    assert workspace.find(None) == ("softmax", new)
    workspace.record("softmax", new, accepted=True)
    assert workspace.find_current() == ("cross-entropy", "the next that is not done")
    workspace.record(first, old, accepted=True)
    assert workspace.find_current() == (second, "the next that is not done")
    new.write_text("changed")
    assert workspace.find_state("softmax") == "changed since"
    assert workspace.find_current() == ("softmax", "changed last")


def test_the_current_exercise_is_the_one_started_or_checked_last(workspace):
    old, new = write(workspace, "softmax", "a", 50), write(workspace, "gpt", "b", 10)
    workspace.record("softmax", old, accepted=False)
    assert workspace.find_current() == ("softmax", "checked last")
    workspace.record("gpt", new, accepted=False)
    assert workspace.find_current() == ("gpt", "checked last")
    workspace.start("linear")
    assert workspace.find_current() == ("linear", "started last")
    assert workspace.find_state("linear") == "begun"
    os.utime(old)  # saved by an editor
    assert workspace.find_current() == ("softmax", "changed last")
    old.unlink()
    assert workspace.find_current() == ("linear", "started last")


def test_the_hint_shown_last_is_remembered_beside_the_verdict(workspace):
    assert workspace.count_hints("softmax") == 0
    workspace.record_hint("softmax", 2)
    path = write(workspace, "softmax", "a", 0)
    assert workspace.find_state("softmax") == "begun"
    workspace.record("softmax", path, accepted=True)
    assert workspace.count_hints("softmax") == 2
    assert workspace.find_state("softmax") == "done"


def test_how_far_a_learner_is(workspace):
    names = list_names()
    last = names[-1]
    workspace.record(last, write(workspace, last, "a", 0), accepted=True)
    standing = find_standing(workspace, last)
    assert (standing.done, standing.all, standing.chapter) == (1, len(names), "Beyond")
    assert (standing.chapter_done, standing.following, standing.begun) == (1, names[0], False)
    write(workspace, names[0], "a", 5)
    assert find_standing(workspace, last).begun


def test_all_done_is_said(workspace):
    for age, name in enumerate(list_names()):
        workspace.record(name, write(workspace, name, "a", age), accepted=True)
    with pytest.raises(UserError, match="All exercises are done"):
        workspace.find_current()


def test_what_is_kept_is_what_was_judged(workspace):
    path = write(workspace, "softmax", "a", 0)
    path.write_text("newer")  # saved while the judge was at work
    workspace.record("softmax", path, accepted=True, raw=b"a")
    assert workspace.find_state("softmax") == "changed since"


def test_a_notebook_is_an_answer_where_there_is_no_file(workspace):
    notebook = workspace.folder / "softmax.ipynb"
    notebook.write_text("{}")
    assert workspace.find("softmax") == ("softmax", notebook)
    assert workspace.find(None) == ("softmax", notebook)
    workspace.record("softmax", notebook, accepted=True)
    assert workspace.find_state("softmax") == "done"
    path = write(workspace, "softmax", "a", 0)
    assert workspace.find("softmax") == ("softmax", path)


@pytest.mark.parametrize(
    "kept",
    ["", "[]", "{", '{"softmax": 3}', '{"softmax": {"accepted": true}}', "[" * 10**5, "\x00"]
    + [
        json.dumps({"softmax": {"worked": worked, "hint": "2"}})
        for worked in (3, [1], [1, 2, "x"], ["1", 2, "checked"])
    ],
)
def test_a_damaged_memory_is_no_memory(workspace, kept):
    write(workspace, "softmax", "a", 0)
    (workspace.folder / ".progress.json").write_text(kept)
    assert workspace.find_state("softmax") in ("begun", "changed since")
    assert workspace.count_hints("softmax") == 0
    assert workspace.find_current()[1] == "changed last"
    assert workspace.find_state("gpt") == ""


@pytest.mark.parametrize("beside", [True, False])
def test_a_file_with_hyphens_is_not_passed_over_in_silence(workspace, beside):
    if beside:
        write(workspace, "gradient-descent", "a", 50)
    (workspace.folder / "gradient-descent.py").write_text("b")
    with pytest.raises(UserError, match=r"gradient-descent\.py: the answer's file is named grad") as told:
        workspace.find("gradient-descent")
    assert "`groundup check" in str(told.value)
    assert workspace.find(str(workspace.folder / "gradient-descent.py"))[0] == "gradient-descent"


def test_folders_in_the_place_of_answers_are_no_answers(workspace):
    workspace.path("softmax").mkdir()
    assert workspace.find_state("softmax") == ""
    with pytest.raises(UserError, match="there is no answer yet"):
        workspace.find("softmax")
    with pytest.raises(UserError, match="there is no such file"):
        workspace.find(str(workspace.path("softmax")))


def test_a_stub_needs_a_folder(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(UserError, match=r"is a file|cannot be written"):
            Workspace(folder).start("softmax")


@pytest.mark.parametrize(
    ("place", "exercise"),
    [
        ("softmax.py", "softmax"),
        ("Softmax.PY", "softmax"),
        ("my/softmax (2).py", "softmax"),
        ("mysoftmax.py", "softmax"),
        ("layer_normalization.py", "layer-norm"),
        ("ada_gpt_training_final.py", "gpt-training"),
        ("softmax/ada.py", "softmax"),
        ("softmax-ada/main.py", "softmax"),
        ("softmax/gpt.py", "gpt"),
    ],
)
def test_a_files_name_tells_its_exercise(place, exercise, workspace):
    assert name_exercise(workspace.folder / place) == exercise


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("notes.py", "its name contains no exercise"),
        (
            "linear_regression.py",
            "it may be meant for regression-forward or regression-training. Say which with --exercise",
        ),
    ],
)
def test_a_name_that_does_not_tell_one_is_said(place, told, workspace):
    with pytest.raises(UserError, match=told):
        name_exercise(workspace.folder / place)


def test_a_notebooks_cells_tell_where_its_name_does_not(workspace):
    def write_book(*cells):
        book = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
        (workspace.folder / "monday.ipynb").write_text(json.dumps(book))
        return workspace.folder / "monday.ipynb"

    assert name_exercise(write_book("%%check softmax\nx = 1")) == "softmax"
    with pytest.raises(UserError, match="softmax or gpt"):
        name_exercise(write_book("%%check softmax\nx = 1", "%check gpt"))
    with pytest.raises(UserError, match="contains no exercise"):
        name_exercise(write_book("x = 1"))


def test_time_between_two_actions_is_work_unless_it_is_a_pause(tmp_path):
    workspace = Workspace(tmp_path)
    path = workspace.start("softmax")
    progress = tmp_path / ".progress.json"

    def act(minutes):
        kept = json.loads(progress.read_text())
        seen = datetime.fromisoformat(kept["softmax"]["seen"]) - timedelta(minutes=minutes)
        kept["softmax"]["seen"] = seen.isoformat()
        progress.write_text(json.dumps(kept))
        workspace.record("softmax", path, accepted=False)
        return workspace.list_work()["softmax"][1]

    assert act(10) == pytest.approx(600, abs=60)
    assert act(40) == pytest.approx(600, abs=60)
    workspace.record_hint("softmax", 1)
    assert act(5) == pytest.approx(900, abs=60)
    workspace.reset("softmax")
    assert workspace.list_work()["softmax"] == (0, pytest.approx(900, abs=60), "")
