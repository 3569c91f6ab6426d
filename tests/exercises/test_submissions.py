"""Whose an answer is in a folder of many: layouts that people and platforms make, and learners who would cheat."""

import json
import os

import pytest

from groundup.base.errors import UserError
from groundup.exercises.submissions import find_submissions, list_repeated, look_through


@pytest.fixture
def survey(tmp_path):
    """Return a function from places to (place → learner), what is unknown, what is left out, and notes."""

    def look(*places, exercise=None):
        folder = tmp_path / "class"
        for place in places:
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1")
        found = look_through(folder, exercise)
        learners = {str(one.path.relative_to(folder)): one.learner for one in found.found}
        unknown = {str(one.path.relative_to(folder)): one.reason for one in found.unknown}
        left_out = {str(one.path.relative_to(folder)): one.reason for one in found.left_out}
        return learners, unknown, left_out, found

    return look


def test_nobody_puts_an_answer_in_anothers_name(survey):
    learners, _, _, found = survey(
        "ada/softmax.py", "mallory/softmax.py", "mallory/ada/softmax.py", "mallory/ada_softmax.py", "mallory/Ada/gpt.py"
    )
    assert {place: learner for place, learner in learners.items() if learner == "ada"} == {"ada/softmax.py": "ada"}
    assert sum("counted as mallory's and not as ada's" in note for note in found.notes) == 3
    (repeated,) = list_repeated(found.found)
    assert {one.learner for one in repeated} == {"mallory"}
    assert len(repeated) == 3


def test_nor_where_everybody_writes_names_into_files(survey):
    learners, *_ = survey(
        "ada/ada_softmax.py", "ben/softmax_ben.py", "mallory/ada_softmax.py", "mallory/ben_softmax.py"
    )
    assert learners["mallory/ada_softmax.py"] == learners["mallory/ben_softmax.py"] == "mallory"
    assert learners["ada/ada_softmax.py"] == "ada"


def test_nor_in_what_a_platform_exports(survey):
    learners, *_ = survey(
        "Ada L_12345_assignsubmission_file_/softmax.py",
        "Mallory_777_assignsubmission_file_/Ada L_12345_assignsubmission_file_/softmax.py",
        "Mallory_777_assignsubmission_file_/Ada L_12345_assignsubmission_file_softmax.py",
        "adal_11111_22222_gpt.py",
        "mallory_33333_44444_adal_11111_22222_gpt.py",
    )
    assert [place for place, learner in learners.items() if learner in ("Ada L", "adal")] == [
        "Ada L_12345_assignsubmission_file_/softmax.py",
        "adal_11111_22222_gpt.py",
    ]


def test_nor_in_teams(survey):
    learners, *_ = survey("team1/softmax.py", "team2/softmax.py", "team2/ada_softmax.py", "team2/team1_softmax.py")
    assert set(learners.values()) == {"team1", "team2"}
    assert [place for place, learner in learners.items() if learner == "team1"] == ["team1/softmax.py"]


def test_two_learners_of_one_name_stay_two(survey):
    learners, *_ = survey(
        "Ada Lovelace_12345_assignsubmission_file_/softmax.py", "Ada Lovelace_67890_assignsubmission_file_/softmax.py"
    )
    assert set(learners.values()) == {"Ada Lovelace (12345)", "Ada Lovelace (67890)"}


def test_groups_with_a_folder_a_learner_are_read_as_groups(survey):
    learners, _, _, found = survey(
        "Tuesday/ada/softmax.py", "Tuesday/ben/softmax.py", "Friday/cleo/softmax.py", "Friday/dan/softmax.py"
    )
    assert set(learners.values()) == {"ada", "ben", "cleo", "dan"}
    assert found.notes == ["Read as groups, with a learner's name inside: Friday, Tuesday."]


def test_an_unpacked_archive_around_everything_is_no_learner(survey):
    learners, *_ = survey("all of them/ada/softmax.py", "all of them/ben/softmax.py")
    assert set(learners.values()) == {"ada", "ben"}


def test_one_learners_own_folder(survey):
    learners, unknown, *_ = survey("softmax.py", "gpt (2).py", "notes.py")
    assert learners == {"softmax.py": "class", "gpt (2).py": "class"}
    assert unknown == {"notes.py": "its name contains no exercise"}


def test_beside_others_a_file_without_a_learner_is_nobodys(survey):
    learners, unknown, *_ = survey("softmax.py", "ada/softmax.py")
    assert learners == {"ada/softmax.py": "ada"}
    assert unknown == {"softmax.py": "its name contains the exercise, but no learner"}


def test_weeks_inside_and_outside(survey):
    learners, *_ = survey("week1/ada/softmax.py", "week 2/ada/gpt.py", "ben/week1/softmax.py", "ben/week2/gpt.py")
    assert set(learners.values()) == {"ada", "ben"}


def test_tests_and_helpers_beside_an_answer_are_none(survey):
    learners, _, left_out, _ = survey("ada/gpt.py", "ada/gpt_utils.py", "ada/test_gpt.py", "ben/test_softmax.py")
    assert learners == {"ada/gpt.py": "ada", "ben/test_softmax.py": "ben"}
    assert set(left_out) == {"ada/gpt_utils.py", "ada/test_gpt.py"}


def test_files_beside_one_that_is_named_for_the_exercise_are_none(survey):
    learners, _, left_out, _ = survey(
        "softmax-ada/softmax.py",
        "softmax-ada/model2.py",
        "ben/softmax/main.py",
        "cleo/softmax/softmax.py",
        "cleo/softmax/x.py",
    )
    assert learners == {
        "softmax-ada/softmax.py": "ada",
        "ben/softmax/main.py": "ben",
        "cleo/softmax/softmax.py": "cleo",
    }
    assert set(left_out) == {"softmax-ada/model2.py", "cleo/softmax/x.py"}


def test_names_that_may_mean_several_are_said(survey):
    _, unknown, *_ = survey("ada/softmax_dropout.py", "ben/softmax.py")
    assert unknown == {"ada/softmax_dropout.py": "its name may mean softmax or dropout"}


def test_what_systems_leave_behind_is_not_looked_into(survey):
    learners, unknown, left_out, _ = survey(
        "ada/softmax.py",
        "__MACOSX/ada/._softmax.py",
        "__MACOSX/ada/softmax.py",
        "ada/._softmax.py",
        "ada/.ipynb_checkpoints/softmax-checkpoint.ipynb",
        "ada/__pycache__/softmax.py",
        "ada/env/pyvenv.cfg",
        "ada/env/lib/linear.py",
        "ada/node_modules/gpt.py",
        "ada/everything.zip",
        "ada/readme.txt",
    )
    assert learners == {"ada/softmax.py": "ada"}
    assert unknown == {}
    assert left_out == {"ada/everything.zip": "an archive: unpack it to have it judged"}


def test_links_are_not_followed_and_said(survey, tmp_path):
    survey("ada/softmax.py")
    folder = tmp_path / "class"
    (folder / "mallory").mkdir()
    (folder / "mallory" / "softmax.py").symlink_to(folder / "ada" / "softmax.py")
    (folder / "eve").symlink_to(folder / "ada")
    learners, _, left_out, _ = survey()
    assert learners == {"ada/softmax.py": "ada", "mallory/softmax.py": "mallory"}  # whose verdict says why
    assert left_out == {"eve": "a link to a folder, which is not followed"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everything")
def test_folders_that_cannot_be_looked_into_are_said(survey, tmp_path):
    survey("ada/softmax.py", "ben/softmax.py")
    (tmp_path / "class" / "ben").chmod(0)
    try:
        _, _, left_out, _ = survey()
    finally:
        (tmp_path / "class" / "ben").chmod(0o700)
    assert "cannot be opened (permission denied)" in left_out["ben"]


def test_with_an_exercise_given_names_need_tell_none(survey):
    learners, *_ = survey(
        "ada.py", "ben/main.py", "cleo/my idea.py", "dan_softmax.py", "week1/eve.py", exercise="softmax"
    )
    assert sorted(learners.values()) == ["ada", "ben", "cleo", "dan", "eve"]


def test_a_notebook_without_a_telling_name_is_looked_into(tmp_path):
    (tmp_path / "ada").mkdir()
    cells = ["%%check softmax\ndef softmax(z): ...", "%check gpt", "x = 1", "%%check nothing"]
    book = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    (tmp_path / "ada" / "homework.ipynb").write_text(json.dumps(book))
    (tmp_path / "ada" / "empty.ipynb").write_text("{}")
    found, unknown = find_submissions(tmp_path)
    assert [(one.learner, one.exercise) for one in found] == [("ada", "gpt"), ("ada", "softmax")]
    assert unknown == [tmp_path / "ada" / "empty.ipynb"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "class.zip").write_bytes(b"")
    with pytest.raises(UserError, match="is a file"):
        look_through(tmp_path / "class.zip")
    with pytest.raises(UserError, match="file name too long"):
        look_through(tmp_path / ("a" * 300))
