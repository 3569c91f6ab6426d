"""Every lesson in a real browser, in the lab: every control moved, bad things typed, its exercise answered."""

import json
import re
from pathlib import Path

import pytest

from groundup.lessons.registry import NOTEBOOKS

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not NOTEBOOKS, reason="no lesson is a notebook")]
every_lesson = pytest.mark.parametrize("lesson", NOTEBOOKS, ids=[lesson.name for lesson in NOTEBOOKS])
ANSWERS = Path(__file__).parents[1] / "exercises" / "answers"
BROKEN = re.compile("internal error|raised an exception|Traceback|was not run", re.IGNORECASE)
# What people type by accident or out of curiosity. None of it may end in more than a kind line.
BAD_TEXTS = [
    "",
    "x +",
    "x - 1 <b>",
    "1/x",
    "q + z",
    "$$ $x_1$ `a` *b*",
    "日本語 🙂",
    "__import__('os')",
    "word " * 1000,
]


def open_lesson(page, lab, lesson):
    page.goto(f"{lab.address}/lessons/{lesson.name}/")
    page.wait_for_selector("marimo-code-editor", state="attached", timeout=90000)
    assert page.locator("h1").first.inner_text() == lesson.title


def read_page(page):
    return page.evaluate("[document.body.innerText, ...[...document.images].map((one) => one.src)].join()")


def wait_until_other(page, shown, seconds=60):
    """Wait until the page shows something else: a busy machine takes its time to answer."""
    for _ in range(4 * seconds):
        if read_page(page) != shown:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"nothing on the page has changed after {seconds} seconds")


def wait_until_still(page, seconds=120):
    """Wait until nothing on the page has changed for a while: a lesson computes, and shows it as it comes."""
    before, still = None, 0
    for _ in range(2 * seconds):
        now = read_page(page)
        still = still + 1 if now == before else 0
        if still == 3:
            return now
        before = now
        page.wait_for_timeout(500)
    raise AssertionError(f"the page still changes after {seconds} seconds")


def check_unbroken(page):
    # A locator's text is looked for in shadow trees, too.
    assert page.get_by_text(BROKEN).count() == 0


@every_lesson
def test_every_control_of_a_lesson_can_be_moved(page, lab, lesson):
    open_lesson(page, lab, lesson)
    shown = wait_until_still(page)
    for name in ("Hint 1", "Hint 2", "Hint 3", "The step's code"):
        page.get_by_role("button", name=name).click()
    page.get_by_text(re.compile(r"^steps/[\w/]+\.py$")).filter(visible=True).first.wait_for()
    buttons = page.locator("marimo-button button")
    for place in range(buttons.count()):
        buttons.nth(place).click()
        wait_until_still(page)
    sliders = page.locator("marimo-slider [role=slider]")
    for place in range(sliders.count()):
        for key, limit in (("Home", "aria-valuemin"), ("End", "aria-valuemax")):
            sliders.nth(place).press(key)
            assert sliders.nth(place).get_attribute("aria-valuenow") == sliders.nth(place).get_attribute(limit)
        sliders.nth(place).press("ArrowLeft")
    choices = page.locator("marimo-dropdown select")
    for place in range(choices.count()):
        for option in range(choices.nth(place).locator("option").count()):
            choices.nth(place).select_option(index=option)
            page.wait_for_timeout(300)
    searches = page.locator("marimo-dropdown button")
    for place in range(searches.count()):
        searches.nth(place).click()
        page.keyboard.insert_text("aw")
        page.keyboard.press("Enter")
    switches = page.locator("marimo-switch [role=switch]")
    for place in range(switches.count()):
        switches.nth(place).click()
        page.wait_for_timeout(300)
    wait_until_other(page, shown)
    wait_until_still(page)
    check_unbroken(page)
    for place in range(switches.count()):
        switches.nth(place).click()
    wait_until_still(page)
    check_unbroken(page)
    texts = page.locator("marimo-text input, marimo-text-area textarea").count()
    assert sliders.count() + choices.count() + searches.count() + switches.count() + texts >= 2
    assert page.locator("img[alt], table").count() > 0


@pytest.mark.parametrize("name", [lesson.name for lesson in NOTEBOOKS if lesson.name in {"vocabulary", "sentiment"}])
def test_whatever_is_typed_a_lesson_stays_whole(page, lab, name):
    open_lesson(page, lab, next(lesson for lesson in NOTEBOOKS if lesson.name == name))
    wait_until_still(page)
    texts = page.locator("marimo-text input, marimo-text-area textarea")
    assert texts.count()
    for place in range(texts.count()):
        for typed in BAD_TEXTS:
            texts.nth(place).fill(typed)
            texts.nth(place).blur()
            wait_until_still(page)
            check_unbroken(page)
            assert page.locator("marimo-callout-output b, p b:text-is('b')").count() == 0


@every_lesson
def test_an_exercise_is_answered_wrongly_then_rightly_in_its_lesson(page, lab, lesson):
    name = lesson.exercises[0]
    folder = ANSWERS / name.replace("-", "_")
    right = (folder / "course.py") if (folder / "course.py").is_file() else sorted(folder.glob("*.py"))[0]
    open_lesson(page, lab, lesson)
    wait_until_still(page)
    editor = page.locator("marimo-code-editor .cm-content")
    stub = (lesson.path.parents[2] / "exercises" / folder.name / "stub.py").read_text()
    for source, sign in (("this is no Python", "✗"), (stub, "✗"), (right.read_text(), "✓")):
        editor.scroll_into_view_if_needed()
        editor.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(source)
        page.get_by_role("button", name="Judge it").click()
        page.locator("pre", has_text=re.compile(rf"{sign} .+: ")).first.wait_for(timeout=60000)
        check_unbroken(page)
    assert json.loads((lab.folder / "answers" / ".progress.json").read_text())[name]["accepted"]
    assert list((lab.folder / "answers").glob(f"{folder.name}*")) == [lab.folder / "answers" / f"{folder.name}.py"]
    page.goto(lab.address + "/")
    page.wait_for_selector(f".chip.done[title={name}]")


def test_an_editors_newer_work_is_not_written_over(page, lab):
    lesson = NOTEBOOKS[0]
    path = lab.folder / "answers" / f"{lesson.exercises[0].replace('-', '_')}.py"
    open_lesson(page, lab, lesson)
    wait_until_still(page)
    path.parent.mkdir(exist_ok=True)
    path.write_text("# an editor's")
    editor = page.locator("marimo-code-editor .cm-content")
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("# the page's")
    page.get_by_role("button", name="Judge it").click()
    page.get_by_text("changed elsewhere since this page was opened").wait_for(timeout=60000)
    beside = path.with_name(f"{path.stem}_from_the_lab.py")
    assert (path.read_text(), beside.read_text()) == ("# an editor's", "# the page's")
    path.unlink()
    beside.unlink()


def test_a_lesson_left_in_the_middle_of_training_harms_nothing(page, lab):
    for _ in range(2):
        other = page.context.new_page()
        other.goto(lab.address + "/lessons/network/")
        other.get_by_role("button", name="Play").first.click(timeout=60000)
        other.wait_for_timeout(300)
        other.close()
    page.goto(f"{lab.address}/lessons/shapes/")
    page.wait_for_selector("html[data-ready]", timeout=60000)
    page.goto(lab.address + "/")
    page.wait_for_selector("#list tbody tr")


@every_lesson
def test_no_lesson_is_wider_than_a_phone(page, lab, lesson):
    page.emulate_media(color_scheme=["light", "dark"][NOTEBOOKS.index(lesson) % 2])  # no width depends on colors
    page.set_viewport_size({"width": 390, "height": 800})
    open_lesson(page, lab, lesson)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    title = page.locator("h1").first
    ends = title.evaluate(
        "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right }"
    )
    menu = page.locator("button:visible").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).filter((r) => r.top < 60 && r.left > 300).map((r) => r.left)"
    )
    assert menu
    assert ends <= min(menu), "marimo's menu stands on the title"
