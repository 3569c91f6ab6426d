"""Formulas and views below the first screen are drawn after the page answers the hand."""

import pytest
from browsing import wait_until_ready

expect = pytest.importorskip("playwright.sync_api").expect

# A browser that never rests, until the test lets it.
HOLD = "window.held = []; window.requestIdleCallback = (draw) => window.held.push(draw);"
REST = "held.splice(0).forEach((draw) => draw({timeRemaining: () => 1000}))"
# How many formulas of a part of the page stand there as they were typed.
UNDRAWN = "all => all.filter((place) => !place.querySelector('.katex')).length"
# The views that have been built: they have controls, or a picture.
BUILT = "all => all.filter((one) => one.querySelector('.picture > *')).map((one) => one.dataset.view)"


def open_page(page, lab, place=""):
    page.add_init_script(HOLD)
    page.goto(f"{lab.address}/lessons/losses/{place}")
    page.wait_for_selector("html[data-ready]", state="attached")
    first, later = page.locator(":is(.opening, .stage) .tex"), page.locator(".prose .tex")
    assert first.evaluate_all(UNDRAWN) == 0
    assert later.count() > 10
    return later


def test_a_page_is_ready_before_the_formulas_below_its_first_screen_are_drawn(page, lab):
    later = open_page(page, lab)
    assert later.evaluate_all(UNDRAWN) == later.count()
    expect(page.locator("html[data-drawn]")).to_have_count(0)
    page.evaluate(REST)
    wait_until_ready(page)
    assert later.evaluate_all(UNDRAWN) == 0


def test_what_is_printed_has_all_its_formulas(page, lab):
    later = open_page(page, lab)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert later.evaluate_all(UNDRAWN) == 0


def test_a_page_that_opens_at_one_of_its_pictures_does_not_move_later(page, lab):
    later = open_page(page, lab, "#view-bars")
    assert later.evaluate_all(UNDRAWN) == 0
    assert page.evaluate("held.length") == 0


def test_a_page_is_ready_before_its_later_views_are_built(page, lab):
    open_page(page, lab)
    views = page.locator("figure.view")
    assert views.evaluate_all(BUILT) == [page.locator(".stage figure.view").get_attribute("data-view")]
    page.evaluate(REST)
    wait_until_ready(page)
    assert len(views.evaluate_all(BUILT)) == views.count() > 1


def test_a_button_builds_the_view_that_it_sets(page, lab):
    open_page(page, lab)
    button = page.locator("button.try[data-target=race]").first
    button.evaluate("(one) => one.click()")
    assert "race" in page.locator("figure.view").evaluate_all(BUILT)
