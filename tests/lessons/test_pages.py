"""Lessons that are pages: their text is whole, their views compute whatever their controls allow."""

import json
import re
import threading
import time
from types import SimpleNamespace

import pytest
import torch
from opened_numbers import check_origins

from groundup.base.errors import UserError
from groundup.course import LESSONS
from groundup.lab.lesson_pages import compute_frame
from groundup.lessons.markdown import read_lesson, read_target
from groundup.lessons.page_loading import describe_views, load_text, load_views, once_per_lesson
from groundup.lessons.registry import PAGES, LessonError
from groundup.lessons.trained import _train
from groundup.lessons.views import Choice, Several, Slider, Switch, TextBox, View
from groundup.training.threads import ALL_THREADS, use_threads

every_page = pytest.mark.parametrize("name", LESSONS)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
EVERY_VIEW = [pytest.param(name, view, id=f"{name}-{view}") for name in LESSONS for view in load_views(name)]


def test_a_view_is_computed_by_one_thread_and_a_model_for_it_is_trained_by_all():
    before = torch.get_num_threads()
    torch.set_num_threads(ALL_THREADS + 1)
    try:
        assert compute_frame(View("", lambda: {"threads": torch.get_num_threads()}), {}) == {"threads": 1}
        assert torch.get_num_threads() == ALL_THREADS + 1
        trained = SimpleNamespace(name="", train=lambda watch: watch.append(torch.get_num_threads()))
        with use_threads(1):
            _train(trained, watch := [])
        assert watch == [ALL_THREADS]
    finally:
        torch.set_num_threads(before)


def test_every_folder_is_a_lesson():
    assert {path.parent.name for path in PAGES.glob("*/lesson.md")} == set(LESSONS)


@every_page
def test_a_lesson_has_what_every_lesson_has(name):
    text = load_text(name)
    kinds = [block.kind for block in text.blocks]
    assert 800 <= text.words <= 1500
    assert 2 <= kinds.count("view") <= 6
    assert kinds.count("question") >= 2
    assert kinds.count("try") >= 3
    for kind, least in {"formula": 1, "byhand": 1, "recall": 1, "next": 1}.items():
        assert kinds.count(kind) >= least, kind
    assert set(text.views) == set(load_views(name))
    assert text.question.endswith("?")


@every_page
def test_questions_and_buttons_set_what_their_view_can_be_set_to(name):
    views = load_views(name)
    for view, values in load_text(name).settings:
        checked = views[view].check(values)
        assert {key: checked[key] for key in values} == values
        if not views[view].stream and not views[view].lazy:
            assert views[view].make_frame(values)["says"]


@every_page
def test_no_question_is_answered_by_the_picture_that_stands_there(name):
    views = load_views(name)
    for block in load_text(name).blocks:
        if block.kind != "question":
            continue
        target, values = read_target(block.argument)
        view = views[target]
        shown = view.check({})
        trains = view.stream or any(
            getattr(control, "plays", False) and not shown[control.name] for control in view.controls
        )
        assert trains or view.check({**shown, **values}) != shown, block.body
        if not view.lazy and not view.stream:
            right = re.search(r"^- \[x\] (.*)$", block.body, re.MULTILINE)[1]
            before = block.body.partition("\n\n")[0].replace(right, "")
            numbers = {number for number in NUMBER.findall(right) if number not in NUMBER.findall(before)}
            assert not numbers or not numbers <= set(NUMBER.findall(view.make_frame(shown)["says"])), block.body


@every_page
def test_the_page_comes_with_the_first_frames(name):
    described = json.loads(describe_views(name))
    assert "<" not in describe_views(name)
    for view in described.values():
        assert view["lazy"] or view["frame"]["says"]


def list_ends(control):
    if isinstance(control, Slider):
        return [control.low, control.high]
    if isinstance(control, Choice):
        return list(control.options)
    if isinstance(control, Several):
        return [[option] for option in control.options]
    if isinstance(control, Switch):
        return [True, False]
    return ["", "x +", "<b>", "q + z", "日本語 🙂", "a" * control.most] if isinstance(control, TextBox) else []


@pytest.mark.parametrize(("name", "view"), EVERY_VIEW)
def test_a_view_computes_at_the_ends_of_every_control(name, view):
    found = load_views(name)[view]
    if found.lazy or found.stream:
        pytest.skip("it needs a trained model: its lesson's own tests hold this")
    for control in found.controls:
        for value in list_ends(control):
            frame = make_or_refuse(found, control, value)
            if frame is not None:
                assert isinstance(frame["says"], str)
                check_origins(frame)
                json.dumps(frame, allow_nan=False)


def make_or_refuse(view, control, value):
    """Return the frame, or None where a text is refused in one line."""
    if not isinstance(control, TextBox):
        return view.make_frame({control.name: value})
    try:
        return view.make_frame({control.name: value})
    except UserError as error:
        told = str(error)
    assert "\n" not in told
    return None


@pytest.mark.parametrize(("name", "view"), EVERY_VIEW)
def test_a_view_refuses_what_is_no_value(name, view):
    found = load_views(name)[view]
    with pytest.raises(UserError, match="no such control"):
        found.check({"nothing": 1})
    for control in found.controls:
        for value in (None, [], {}, float("nan"), float("inf"), "\0" * 5000, [["a", 1]]):
            if value == [] and getattr(control, "least", 1) == 0:
                continue
            with pytest.raises(UserError, match=f"^{control.name}: must be "):
                found.check({control.name: value})


GOOD = """+++
title = "T"
question = "Why?"
about = "A."
+++
Lead with $x$.

:::view one
:::

:::question one {"a": 1}
Which?
- [ ] This
- [x] That

Because.
:::

## More
"""


FORMULA = ":::formula gradient_descent.walk_down\n$$x + z$$\n\nIn the code: {}.\n:::"


def read(folder, text):
    path = folder / "lesson.md"
    path.write_text(text, encoding="utf-8")
    return read_lesson(path)


def test_a_text_becomes_a_page(tmp_path):
    text = read(tmp_path, GOOD + "\nA <script> and **bold**.\n")
    assert '<span class="joined"><span class="math inline"><span class="tex">x</span></span>.</span>' in text.lead
    assert 'data-view="one"' in text.stage
    assert 'data-right="true">That<' in text.beside
    assert "&lt;script&gt;" in text.text
    assert "<strong>bold</strong>" in text.text
    assert text.settings == (("one", {"a": 1}),)


def test_a_label_in_quotation_marks_is_its_button(tmp_path):
    told = 'Press "Go *on*", "Go", `"Go"` or "go".\n\n## "Go"\n\n- "Go"\n\n:::recall\n- "Go"?\n\n  "Go".\n:::\n'
    button = '<button type="button" class="try named" data-target="one" data-set="{&quot;a&quot;: 2}">Go</button>'
    text = read(tmp_path, GOOD + ':::try one {"a": 2}\nGo\n:::\n\n' + told)
    assert text.text.count(button) == 3
    assert f"&quot;Go <em>on</em>&quot;, {button}, <code>&quot;Go&quot;</code> or &quot;go&quot;." in text.text
    assert f"<li>{button}</li>" in text.text
    assert f"<summary>&quot;Go&quot;?</summary><p>{button}.</p>" in text.text
    assert "<h2>&quot;Go&quot;</h2>" in text.text


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (":::view one\n:::", "", "a :::view follows"),
        ("## More", ":::wiev one\n:::", "there is no block :::wiev"),
        ('title = "T"', "title = T", "between the lines"),
        ('title = "T"', "", 'title = "…" is missing'),
        ("- [x] That", "- [ ] That", "exactly one"),
        ("Because.\n", "", "explained below the list"),
        ('{"a": 1}', "{a: 1}", "line 11: :::question"),
        ("Because.\n:::", "Because.\n", "never closed"),
        (":::view one\n:::", ":::view one\n:::view two\n:::", "line 9: a block begins inside"),
        ("## More", ":::\n## More", "no block ends here"),
        ("## More", ":::step nowhere\n:::", "there is no step 'nowhere'"),
        (
            "## More",
            ":::formula gradient_descent.nothing\n$x$\n\nIn the code: $x$ `x`\n:::",
            "has no attribute 'nothing'",
        ),
        ("## More", ":::formula gradient_descent.walk_down\n$x$\n:::", "the last paragraph says which name holds"),
        ("## More", FORMULA.format("$x$ `guess`; $y$ `start`"), "stand pairs such as"),
        ("## More", FORMULA.format("$x$ `guess`, $y$ `start`"), "the formula has no symbol y"),
        ("## More", FORMULA.format("$x$ `guess`, $z$ `end`"), "the code has no name end"),
        ("## More", FORMULA.format("$x$ `guess`, $x$ `start`"), "x stands in two pairs"),
    ],
)
def test_what_is_wrong_in_a_text_is_said_with_its_line(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(LessonError, match=re.escape(words)) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert "lesson.md" in str(caught.value)


def test_a_lesson_that_two_ask_for_at_once_is_loaded_once():
    loaded, begun, may_end = [], threading.Event(), threading.Event()

    @once_per_lesson
    def load(name):
        loaded.append(name)
        begun.set()
        may_end.wait(300)
        return [name]

    found = []
    threads = [threading.Thread(target=lambda: found.append(load("losses"))) for _ in range(2)]
    threads[0].start()
    assert begun.wait(300)
    threads[1].start()
    time.sleep(0.1)  # a second load would begin by now
    may_end.set()
    for thread in threads:
        thread.join()
    assert loaded == ["losses"]
    assert found[0] is found[1]
