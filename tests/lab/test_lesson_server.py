"""What the lab answers to the page of a lesson, asked without a browser."""

import json
from importlib.resources import files
from types import SimpleNamespace

import jinja2
import pytest

from groundup.course import LESSONS
from groundup.lab import app
from groundup.lab.lesson_pages import send_page
from groundup.lessons import registry
from groundup.lessons.page_loading import load_text


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/api/lessons/descending/views/hill", {"rate": 99}, 400, "rate: must be a number from 0.01 to 1.2"),
        ("/api/lessons/descending/views/hill", {"formula": 3}, 400, "formula: must be a text"),
        ("/api/lessons/descending/views/nothing", {}, 404, "no such view"),
        ("/api/lessons/nothing/views/hill", {}, 404, "no lesson nothing"),
        ("/api/lessons/descending/streams/hill", {}, 400, "no such view that trains"),
        ("/api/streams/0123456789abcdef", {"frames": 1}, 400, "has ended"),
        ("/api/streams/0123456789abcdef", {"frames": 99}, 400, "from 1 to 16"),
        ("/api/streams/0123456789abcdef/stop", {}, 202, "stopped"),
    ],
)
def test_bad_requests_are_refused_in_a_line(lab, path, body, status, words):
    got, _, told = lab.ask(path, json.dumps(body))
    assert got == status
    assert words in told


def test_a_page_is_sent_while_its_text_is_read_and_its_pictures_are_computed():
    asked = []

    def note(name, value):
        asked.append(name)
        return value

    facts = {
        "lesson": registry.LESSONS[0],
        "chapter": "Chapter",
        "load_text": lambda: note("text", load_text(LESSONS[0])),
        "describe_views": lambda: note("views", "{}"),
        "exercises": [],
        "modules": ["view.js"],
        "fonts": ["Letters"],
        "before": None,
        "after": None,
    }
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(files("groundup.lab") / "templates")), undefined=jinja2.StrictUndefined
    )
    environment.globals["version"] = "1"
    sent = [(part, list(asked)) for part in send_page(environment.get_template("lesson.html"), facts)]
    (head, before), (text, between), (end, after) = sent
    assert (before, between, after) == ([], ["text"], ["text", "views"])
    assert "/static/views/view.js" in head
    assert "<h1>" in text
    assert '<script type="application/json"' in end


def test_a_lesson_may_run_no_script_but_the_labs_own(lab):
    _, headers, told = lab.ask("/lessons/descending/")
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "<script>" not in told
    assert lab.ask("/lessons/descending/views.js")[1]["content-type"].startswith("text/javascript")
    assert lab.ask("/lessons/descending/views.py")[0] == 404


def test_the_first_lessons_and_what_opens_a_trained_model_are_loaded_before_anybody_asks(monkeypatch):
    loaded = []
    monkeypatch.setattr(app, "prepare", loaded.append)
    monkeypatch.setattr(app.importlib, "import_module", loaded.append)
    app.warm_up(SimpleNamespace(warm=lambda: loaded.append("streams")))
    assert loaded == [LESSONS[0], "streams", "groundup.lessons.trained", LESSONS[1]]
