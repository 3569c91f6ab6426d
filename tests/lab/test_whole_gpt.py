"""The picture of a whole GPT under a hand: its stages, its next tokens, and parts that are switched off."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize("name", ["transformer"])
def test_a_question_shows_one_stage_and_a_button_walks_through_all(lesson, page, wait_until):
    lesson.emulate_media(reduced_motion="no-preference")
    figure = page.locator("#view-path")
    says, stage = figure.locator(".says"), figure.locator("input[name=stage]")
    expect(says).to_contain_text("the likeliest next token is")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/views/path" in request.url else None)
    page.locator(".question[data-target=path] .answers button").first.click()
    expect(says).to_contain_text("Attention of block 1")
    expect(figure.get_by_role("button", name="Play")).to_be_visible()
    expect(figure.locator("g.looks").first).to_have_attribute("opacity", "1")
    expect(figure.locator("g.fed").first).to_have_attribute("opacity", "0.06")  # not reached yet
    stage.press("ArrowRight")
    expect(says).to_contain_text("Feed-forward of block 1")
    expect(figure.locator("g.looks").first).to_have_attribute("opacity", "0.6")
    expect(figure.locator("g.fed").first).to_have_attribute("opacity", "1")
    page.get_by_role("button", name="Walk through it").click()
    expect(figure.get_by_role("button", name="Pause")).to_be_visible()
    wait_until(lambda: int(stage.input_value()) == 2)
    assert asked == []  # the page has all that a stage shows


@pytest.mark.parametrize("name", ["transformer"])
def test_a_next_token_that_is_pressed_is_appended_to_the_text(lesson, page, settle):
    figure = page.locator("#view-path")
    token = figure.locator("g .name[role=button]").first
    expect(token).to_be_visible()
    written = token.get_attribute("aria-label").removeprefix("append ").replace("␣", " ").replace("⏎", " ")
    box, before = figure.locator("input[name=text]"), figure.locator("g.word").count()
    settle(page, "path", token.click)
    expect(box).to_have_value(f"Where is my lor{written}")
    expect(figure.locator("g.word")).to_have_count(before + 1)


@pytest.mark.parametrize("name", ["inside"])
def test_a_press_switches_a_block_off_and_on(lesson, page, settle):
    figure = page.locator("#view-path")
    block = figure.get_by_role("switch", name="block 1")
    expect(block).to_be_checked()
    settle(page, "path", block.click)
    expect(block).not_to_be_checked()
    expect(figure.locator("input[name=off]")).to_have_value("block 1")
    settle(page, "path", lambda: block.press("Enter"))
    expect(block).to_be_checked()
    expect(figure.locator("input[name=off]")).to_have_value("")
