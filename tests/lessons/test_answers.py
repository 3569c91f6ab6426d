"""What a lesson's page saves: whole or not at all, and never over newer work."""

import threading

import pytest

from groundup.base.errors import UserError
from groundup.exercises.workspace import Workspace
from groundup.lessons import answers
from groundup.lessons.answers import load_answer, record_verdict, save_answer

NAME = "gradient-descent"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "answers")


def test_a_page_saves_again_and_again(workspace):
    assert load_answer(workspace, NAME, "page") == (None, "")
    for text in ("first", "second", "Grüße", "second"):
        assert save_answer(workspace, NAME, "page", text) == answers.Saved(workspace.path(NAME))
        assert workspace.path(NAME).read_text(encoding="utf-8") == text
    assert load_answer(workspace, NAME, "other page") == ("second", "")
    assert len(list(workspace.folder.iterdir())) == 1


def test_an_editors_newer_work_stays_and_the_pages_is_kept_beside_it(workspace):
    path = workspace.path(NAME)
    save_answer(workspace, NAME, "page", "from the page")
    path.write_text("from an editor")
    for text in ("newer", "newest"):
        saved = save_answer(workspace, NAME, "page", text)
        assert "changed elsewhere" in saved.note
        assert saved.path.name in saved.note
        assert saved.path.read_text() == text
    assert path.read_text() == "from an editor"
    assert saved.path == path.with_name("gradient_descent_from_the_lab.py")
    # The page is loaded anew, and goes on from the editor's work.
    assert load_answer(workspace, NAME, "loaded anew") == ("from an editor", "")
    assert save_answer(workspace, NAME, "loaded anew", "both").note == ""
    assert path.read_text() == "both"


def test_two_pages_do_not_write_over_each_other(workspace):
    load_answer(workspace, NAME, "one")
    load_answer(workspace, NAME, "two")
    assert save_answer(workspace, NAME, "one", "of one").note == ""
    first = save_answer(workspace, NAME, "two", "of two")
    load_answer(workspace, NAME, "three")
    assert save_answer(workspace, NAME, "one", "of one, later").note == ""
    second = save_answer(workspace, NAME, "three", "of three")
    texts = {path.read_text() for path in workspace.folder.iterdir()}
    assert texts == {"of one, later", "of two", "of three"}
    assert first.path != second.path


def test_what_is_the_same_or_was_deleted_is_no_newer_work(workspace):
    path = workspace.path(NAME)
    path.parent.mkdir()
    path.write_text("the same")
    assert save_answer(workspace, NAME, "unknown page", "the same").note == ""
    path.unlink()
    assert save_answer(workspace, NAME, "unknown page", "again").note == ""
    assert path.read_text() == "again"


def test_a_file_that_is_no_text_stays_as_it_is(workspace):
    path = workspace.path(NAME)
    path.parent.mkdir()
    path.write_bytes("Grüße".encode("latin-1"))
    text, note = load_answer(workspace, NAME, "page")
    assert text is None
    assert "not UTF-8" in note
    assert save_answer(workspace, NAME, "page", "mine").path != path
    assert path.read_bytes() == "Grüße".encode("latin-1")


def test_half_a_character_is_refused(workspace):
    with pytest.raises(UserError, match="half a character, at 2"):
        save_answer(workspace, NAME, "page", "a\ud800")


@pytest.mark.parametrize("what", ["folder is a file", "path is a folder"])
def test_what_cannot_be_saved_is_told(workspace, what):
    if what == "folder is a file":
        workspace.folder.write_text("mine")
        assert "not saved" in save_answer(workspace, NAME, "page", "text").note
        assert workspace.folder.read_text() == "mine"
    else:
        workspace.path(NAME).mkdir(parents=True)
        saved = save_answer(workspace, NAME, "page", "text")
        assert "cannot be read" in saved.note
        assert saved.path.read_text() == "text"


def test_a_reader_sees_the_old_text_or_the_new_one(workspace):
    """An editor or `check --watch` that reads meanwhile never finds half of it."""
    texts = {letter * 300_000 for letter in "ab"}
    save_answer(workspace, NAME, "page", "a" * 300_000)
    seen, done = set(), threading.Event()

    def read():
        while not done.is_set():
            seen.add(workspace.path(NAME).read_text())

    reader = threading.Thread(target=read)
    reader.start()
    for place in range(40):
        save_answer(workspace, NAME, "page", "ba"[place % 2] * 300_000)
    done.set()
    reader.join()
    assert seen <= texts


def test_a_verdict_is_kept_for_what_was_judged_only(workspace):
    save_answer(workspace, NAME, "page", "judged")
    workspace.path(NAME).write_text("newer")
    record_verdict(workspace, NAME, "judged", accepted=True)
    assert workspace.find_state(NAME) == "begun"
    record_verdict(workspace, NAME, "newer", accepted=True)
    assert workspace.find_state(NAME) == "done"
