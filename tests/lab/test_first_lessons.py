"""What a hand and the arrow keys move in the lessons on descent, regression, classification and losses."""

import re

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.slow


def open_view(page, lab, lesson, view):
    page.goto(f"{lab.address}/lessons/{lesson}/")
    page.wait_for_selector("html[data-ready]")
    figure = page.locator(f"#view-{view}")
    figure.scroll_into_view_if_needed()
    return figure


def drag(page, handle, across, up):
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y - up, steps=6)
    page.mouse.up()


def test_the_ball_is_put_elsewhere_on_the_map(page, lab):
    figure = open_view(page, lab, "directions", "hill")
    drag(page, figure.get_by_label("start of the ball"), -100, -60)
    expect(figure.locator(".says")).to_contain_text(re.compile(r"At step 0: x = −"))
    figure.get_by_role("button", name="Step").click()
    expect(figure.locator(".says")).to_contain_text("After 1 step:")


def test_an_end_of_the_line_and_the_ball_in_the_bowl_move_the_same_line(page, lab):
    figure = open_view(page, lab, "regression", "line")
    drag(page, figure.get_by_label("right end of the line"), 0, 60)
    expect(figure.locator(".says")).to_contain_text(re.compile(r"prediction = 0\.[1-9]\d* · x"))
    ball = figure.get_by_label("weight and bias")
    before = float(ball.get_attribute("aria-valuenow"))
    assert before > 0.1
    drag(page, ball, -60, 0)
    expect(figure.locator(".says")).not_to_contain_text(f"prediction = {before:.3g} · x")
    assert float(ball.get_attribute("aria-valuenow")) < before


def test_arrow_keys_move_the_threshold_by_a_hundredth(page, lab):
    figure = open_view(page, lab, "classification", "border")
    border = figure.get_by_role("slider", name="border", exact=True)
    border.focus()
    page.keyboard.press("ArrowLeft")
    expect(border).to_have_attribute("aria-valuetext", "threshold 0.49")
    drag(page, border, -60, 0)
    expect(border).not_to_have_attribute("aria-valuetext", "threshold 0.49")


def test_a_bar_that_is_dragged_changes_the_probabilities(page, lab):
    figure = open_view(page, lab, "losses", "bars")
    drag(page, figure.get_by_label("score of cat"), 0, 60)
    expect(figure.locator(".says")).not_to_contain_text("25.95%")
    assert float(figure.get_by_label("score of cat").get_attribute("aria-valuenow")) > 2
