"""What a hand and the arrow keys move in the lessons on descent, regression, classification and losses."""

import re

import pytest
from browsing import wait_until_ready

expect = pytest.importorskip("playwright.sync_api").expect


def open_view(page, lab, lesson, view):
    page.goto(f"{lab.address}/lessons/{lesson}/")
    wait_until_ready(page)
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


def test_a_sentence_says_its_numbers_as_a_person_writes_them(page, lab):
    page.goto(lab.address)
    told = {
        "3.04e+03": "3040",
        "a loss of 4e-05.": "a loss of 4\u00a0·\u00a010⁻⁵.",
        "2.9e-07": "2.9\u00a0·\u00a010⁻⁷",
        "5.56e−06, 5.56e−09": "5.56\u00a0·\u00a010⁻⁶, 5.56\u00a0·\u00a010⁻⁹",
        "The slope is −0.": "The slope is 0.",
        "−0.05 and -0.0": "−0.05 and 0.0",
        "25.9% of 10": "25.9\u00a0% of 10",
    }
    tidy = "async (texts) => texts.map((await import('/static/views/elements.js')).tidy)"
    assert page.evaluate(tidy, list(told)) == list(told.values())


def test_the_ball_is_put_elsewhere_on_the_map(page, lab):
    figure = open_view(page, lab, "directions", "hill")
    drag(page, figure.get_by_label("start of the ball"), -100, -60)
    expect(figure.locator(".says")).to_contain_text(re.compile(r"After 0 steps: x = −"))
    figure.get_by_role("button", name="Step").click()
    expect(figure.locator(".says")).to_contain_text("After 1 step:")


def test_the_tip_of_the_arrow_turns_around_its_point(page, lab):
    figure = open_view(page, lab, "directions", "compass")
    page.locator(".question[data-target=compass] .answers button").first.click()
    tip = figure.get_by_label("direction on the map")
    expect(tip).to_have_attribute("aria-valuetext", "135°")
    drag(page, tip, 40, 40)
    expect(tip).not_to_have_attribute("aria-valuetext", "135°")
    expect(figure.locator(".says")).to_contain_text("uphill")


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
    expect(figure.locator(".says")).to_contain_text("25.9 %")
    drag(page, figure.get_by_label("score of cat"), 0, 60)
    expect(figure.locator(".says")).not_to_contain_text("25.9 %")
    assert float(figure.get_by_label("score of cat").get_attribute("aria-valuenow")) > 2


def test_the_pieces_of_the_strip_keep_their_lengths_when_the_same_is_added_to_all(page, lab):
    figure = open_view(page, lab, "losses", "bars")
    measure = "pieces => pieces.map((piece) => Math.round(piece.getBoundingClientRect().width))"
    expect(figure.locator(".sums p").first).to_have_text("cat: e1 ≈ 2.72÷ 10.5 ≈ 25.9 %")
    before = figure.locator(".strip i").evaluate_all(measure)
    assert before[1] > 2 * before[0] > 10 * before[2]
    page.locator(".question[data-target=bars] .answers button").first.click()
    expect(figure.locator(".sums p").first).to_have_text("cat: e11 ≈ 59900÷ 231000 ≈ 25.9 %")
    assert figure.locator(".strip i").evaluate_all(measure) == before
