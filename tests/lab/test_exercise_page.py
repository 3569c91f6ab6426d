"""Exercises in the browser: typed, saved, judged, helped with, and led on from."""

import html
import json
import re

import pytest
from browsing import find_barriers, wait_until_ready

from groundup.exercises.registry import list_names, read_model_answer, read_stub

expect = pytest.importorskip("playwright.sync_api").expect
WRONG = "import numpy as np\n\n\ndef softmax(z):\n    e = np.exp(z - np.max(z))\n    return e / e.max()\n"
RIGHT = WRONG.replace(".max()\n", ".sum()\n")


@pytest.fixture
def softmax(page, lab):
    """Return the page of the exercise, with no answer yet."""
    path = lab.folder / "answers" / "softmax.py"
    for old in path.parent.glob("softmax*.py"):
        old.unlink()
    page.goto(f"{lab.address}/exercises/softmax/")
    wait_until_ready(page)
    page.path = path
    return page


def write(page, text):
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_an_answer_is_judged_in_its_page_until_it_is_right(softmax):
    page = softmax
    assert find_barriers(page) == []
    write(page, WRONG)
    page.keyboard.press("Control+Enter")
    verdict = page.locator("#verdict")
    expect(verdict).to_have_class(re.compile("wrong"))
    expect(verdict.locator("h2")).to_contain_text("not divided by the sum")
    expect(verdict.locator(".grid .differs").first).to_be_visible()
    assert find_barriers(page) == []
    assert page.path.read_text() == WRONG
    assert page.locator("#state").inner_text() == "not right yet"
    write(page, RIGHT)
    page.locator("#judge").click()
    expect(verdict).to_have_class(re.compile("accepted"))
    assert page.path.read_text() == RIGHT
    verdict.get_by_role("link", name=re.compile("Next: ")).click()
    page.wait_for_url("**/exercises/cross-entropy/")
    progress = json.loads((page.path.parent / ".progress.json").read_text())
    assert progress["softmax"]["accepted"]


def test_what_is_typed_is_saved_and_the_version_before_comes_back(softmax):
    page = softmax
    assert not page.path.exists(), "to look writes nothing"
    write(page, WRONG)
    expect(page.locator("#saved")).to_have_text("saved in softmax.py")
    assert page.path.read_text() == WRONG
    page.locator("#reset").click()
    expect(page.locator(".cm-content")).to_contain_text("NotImplementedError")
    page.locator("#before").click()
    expect(page.locator(".cm-content")).to_contain_text("e.max()")
    expect(page.locator("#saved")).to_have_text("saved in softmax.py")
    assert page.path.read_text() == WRONG


def test_another_editors_work_is_read_and_never_written_over(softmax):
    page = softmax
    page.path.parent.mkdir(exist_ok=True)
    page.path.write_text("# from an editor\n")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".cm-content")).to_contain_text("from an editor")
    page.path.write_text("# later\n")
    write(page, "# from the page")
    expect(page.locator("#note")).to_contain_text("changed elsewhere")
    assert page.path.read_text() == "# later\n"
    assert page.path.with_name("softmax_from_the_lab.py").read_text() == "# from the page"


def test_hints_come_one_after_another_and_then_the_model_answer(softmax):
    page = softmax
    count = int(page.locator("#hints").get_attribute("data-count"))
    for stage in range(1, count + 1):
        page.locator("#hint").click()
        expect(page.locator("#hints .hint")).to_have_count(stage)
    assert not page.locator("#hint").is_visible()
    page.locator("#solution").click()
    expect(page.locator("#model pre").first).to_contain_text("class Solution")
    expect(page.locator("#model pre").last).to_contain_text("def softmax")


def test_what_does_not_run_is_marked_in_its_line_and_what_it_prints_is_shown(softmax):
    page = softmax
    write(page, 'def softmax(z):\n    print("looking at", z)\n    return z / nothing\n')
    page.keyboard.press("Control+s")
    expect(page.locator("#verdict")).to_have_class(re.compile("wrong"))
    expect(page.locator(".cm-lintRange-error")).to_be_visible()
    page.locator("#verdict summary").click()
    expect(page.locator("#verdict .printed pre")).to_contain_text("looking at")


def test_on_a_phone_the_parts_are_tabs(softmax):
    page = softmax
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#statement").is_visible()
    page.get_by_role("tab", name="Editor").click()
    assert page.locator(".cm-content").is_visible()
    assert not page.locator("#statement").is_visible()


def test_a_long_line_goes_on_below_farther_in_than_it_began(softmax):
    page = softmax
    write(page, "def softmax(z):\n    return " + " + ".join(["number"] * 60))
    rows = (
        page.locator(".cm-line")
        .nth(1)
        .evaluate(
            """line => {
          const range = document.createRange();
          range.selectNodeContents(line);
          return [...range.getClientRects()].map(({ left, top }) => [left, top]);
        }"""
        )
    )
    word = page.locator(".cm-line", has_text="return").locator("span", has_text="return").bounding_box()
    below = [left for left, top in rows if top > word["y"] + word["height"] / 2]
    assert below
    assert min(below) > word["x"]


@pytest.mark.parametrize("place", ["quiz", "review", "bug"])
def test_an_exercise_leads_back_to_the_page_that_led_to_it(lab, place):
    _, _, told = lab.ask(f"/exercises/softmax/?from={place}")
    assert f'<a class="back" href="/practice/{place}/">← Back to the {place}</a>' in told
    _, _, told = lab.ask("/exercises/softmax/?from=elsewhere")
    assert "Back to" not in told


def test_every_exercise_has_a_page(lab):
    for name in list_names():
        status, _, told = lab.ask(f"/exercises/{name}/")
        assert status == 200, name
        data = json.loads(re.search(r'id="exercise-data">(.*?)</script>', told, re.DOTALL)[1])
        assert data["name"] == name
        assert data["stub"] == read_stub(name)


def test_the_model_answer_comes_first_and_then_the_step(lab):
    status, _, told = lab.ask("/api/exercises/regression-training/solution")
    assert status == 200
    facts = json.loads(told)
    shown = html.unescape(re.sub("<.*?>", "", facts["answer"]))
    assert shown.split() == read_model_answer("regression-training").split()
    assert "compares your answer" in facts["about"]
    assert [step["module"] for step in facts["modules"]] == ["groundup.steps.c2_regression.regression"]


def test_the_last_exercise_of_a_lesson_leads_to_the_next_lesson(lab):
    _, _, told = lab.ask("/exercises/gradient-descent/")
    assert 'id="next" href="/lessons/directions/">Next: Several directions<' in told


@pytest.mark.parametrize("path", ["/", "/lessons/losses/"])
def test_an_exercise_that_comes_later_than_its_lesson_names_its_chapter(lab, path):
    _, _, told = lab.ask(path)
    assert 'Cross-entropy from logits<span class="state">chapter 4</span>' in told
    assert 'Softmax<span class="state">chapter' not in told


def test_exercises_leads_to_the_first_that_is_not_done(lab):
    status, headers, _ = lab.ask("/exercises/")
    assert status == 303
    assert headers["location"].startswith("/exercises/")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/exercises/nothing/", None, 404, "nothing"),
        ("/api/exercises/nothing/judge", "{}", 404, "nothing"),
        ("/api/exercises/softmax/judge", '{"text": 3}', 400, "text: a text"),
        ("/api/exercises/softmax/save", "[]", 400, "JSON object"),
        ("/api/exercises/softmax/save", '{"text": "\\ud800"}', 400, "half a character"),
        ("/api/exercises/softmax/hints/9", "{}", 404, "hints"),
    ],
)
def test_bad_requests_are_refused_in_a_line(lab, path, body, status, words):
    got, _, told = lab.ask(path, body)
    assert got == status, told
    assert words in told
