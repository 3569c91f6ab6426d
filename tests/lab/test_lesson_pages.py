"""Every lesson in a real browser: it keeps nobody out, asks first, fits the screen, and everything on it moves."""

import pytest
from browsing import find_barriers

from groundup.course import LESSONS
from groundup.lessons.page_loading import load_views

expect = pytest.importorskip("playwright.sync_api").expect
# The cells of a table whose one word or number goes on in a second line.
BROKEN = r"""cells => cells.filter((cell) => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return !cell.children.length && !/\s/.test(cell.textContent) && range.getClientRects().length > 1;
}).map((cell) => cell.textContent)"""
# Controls and running code of which a part lies outside of their place.
BEYOND = """all => all.filter((x) => {
  const end = (x.closest(".controls") ?? x).getBoundingClientRect().right + 1;
  return x.scrollWidth > x.clientWidth + 1 || [...x.children].some((part) => part.getBoundingClientRect().right > end);
}).map((x) => x.textContent)"""


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_asks_first_fits_the_screen_and_everything_on_it_moves(lesson, name, wait_until):
    assert find_barriers(lesson) == []
    answer_questions(lesson)
    look_at_sizes(lesson, wait_until)
    move_everything(lesson, name)


@pytest.mark.parametrize("name", ["sentiment"])
@pytest.mark.parametrize("text", ["h1", ".lead", ".prose p"])
def test_text_that_can_hardly_be_read_in_the_dark_is_found(lesson, text):
    assert find_barriers(lesson) == []
    # A sheet made by a script: the pages allow no style that is written into them.
    dim = """text => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(`@media (prefers-color-scheme: dark) { ${text} { color: #2a2f36 !important } }`);
        document.adoptedStyleSheets = [sheet];
    }"""
    lesson.evaluate(dim, text)
    tag = text.strip(".").split()[-1].replace("lead", "p")
    (found,) = find_barriers(lesson)
    assert found.startswith(f"color-contrast of <{tag}")


def answer_questions(lesson):
    """Answer each question, which nothing but its answer explains, and press each "Try this"."""
    for question in lesson.locator(".question").all():
        question.scroll_into_view_if_needed()
        assert not question.locator(".why").is_visible()
        question.locator(".answers button").first.click()
        expect(question.locator(".why")).to_be_visible()
        assert question.locator(".answers .right").count() == 1
        assert question.locator(".judged").inner_text().startswith(("Yes.", "Not quite."))
    for attempt in lesson.locator("button.try").all():
        attempt.click()


def look_at_sizes(page, wait_until):
    """Check that a phone shows the whole width, and the first screen of a larger one the whole main view.

    It asks again from outside until the page has been laid out: a page of the lab evaluates no text, so that
    Playwright's own way to wait works only where there is nothing to wait for.
    """
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until(lambda: page.evaluate("document.documentElement.scrollWidth") <= 390, 60)
    wait_until(lambda: find_silent(page) == [], 60)
    assert page.locator(".prose td").evaluate_all(BROKEN) == []
    fades = "all => all.filter((x) => getComputedStyle(x).maskImage.includes('gradient')).map((x) => x.className)"
    assert page.locator(".picture :not(.wide)").evaluate_all(fades) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("scrollTo(0, 0)")
    bottom = (
        "e => Math.max(...[...e.querySelectorAll('.picture, .controls')].map((x) => x.getBoundingClientRect().bottom))"
    )
    wait_until(lambda: page.locator(".stage .view").evaluate(bottom) <= 800, 60)
    assert page.locator(".control, pre.running").evaluate_all(BEYOND) == []
    cut = "all => all.filter((x) => x.scrollWidth > x.clientWidth + 1).map((x) => x.textContent.slice(0, 40))"
    assert page.locator(".tex.display").evaluate_all(cut) == []


def find_silent(page):
    """Return what is wider than a phone and does not say so, or is not reached by the keys."""
    scrolls = "['auto', 'scroll'].includes(getComputedStyle(x).overflowX) && x.scrollWidth > x.clientWidth + 2"
    told = "x.tabIndex === 0 && x.nextElementSibling?.matches('.swipe:not([hidden])')"
    silent = f"({scrolls}) && !x.closest('pre, details:not([open])') && !({told})"
    found = f"all => all.filter((x) => {silent}).map((x) => x.outerHTML.slice(0, 80))"
    return page.locator(".lesson-page div, .lesson-page p").evaluate_all(found)


def move_everything(lesson, name):
    """Move each control of each view by keys and clicks, and let it play, for a reader who wants motion."""
    lesson.emulate_media(reduced_motion="no-preference")
    assert lesson.locator(".view").count() == len(load_views(name))
    for view, spec in load_views(name).items():
        figure = lesson.locator(f"#view-{view}")
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".picture").locator("svg, canvas, table, pre, div").first).to_be_visible(timeout=60000)
        expect(figure.locator(".says")).not_to_be_empty(timeout=60000)
        open_a_number(lesson, figure)
        for folded in figure.locator(".more-settings summary").all():
            folded.click()
        for slider in figure.locator("input[type=range]").all():
            slider.focus()
            lesson.keyboard.press("End")
            highest = slider.get_attribute("aria-valuetext")
            lesson.keyboard.press("Home")
            # The view itself writes its value there, on a busy machine not at once.
            if slider.is_visible():
                expect(slider).not_to_have_attribute("aria-valuetext", highest)
            lesson.keyboard.press("ArrowRight")
        for option in figure.locator(".choice:not(.several) label").all():
            option.click()
            assert option.locator("input").is_checked()
        for switch in figure.locator(".switch input").all():
            before = switch.is_checked()
            switch.click()
            assert switch.is_checked() != before
        for one in reversed(figure.locator(".several label").all()):  # the first is on: it may go when others came
            before = one.locator("input").is_checked()
            one.click()
            assert one.locator("input").is_checked() != before
        if spec.stream or any(getattr(control, "plays", False) for control in spec.controls):
            figure.get_by_role("button", name="Restart").click()
            figure.get_by_role("button", name="Step").click()
            figure.get_by_role("button", name="Play").click()
            lesson.wait_for_timeout(200)
            pause(figure)
        assert figure.locator(".refusal").inner_text() == ""


def open_a_number(page, figure):
    """Open a number of a view, if it has one that opens, and close it by the keys."""
    number = figure.locator(".number-opens[tabindex='0']")
    if not number.count():
        return
    pause(figure)
    number.focus()
    expect(figure.locator(".origin-own")).to_have_count(1)
    expect(figure.locator(".origin")).to_contain_text("=")
    page.keyboard.press("Escape")
    expect(figure.locator(".origin")).to_be_hidden()


def pause(figure):
    """Press Pause where it still is: what plays may end meanwhile, and a click would wait for it to come back."""
    figure.get_by_role("button", name="Pause").evaluate_all("all => all.forEach((one) => one.click())")
