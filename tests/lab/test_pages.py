"""The lab in a real browser: every page, moved, drawn on and typed into. A page that logs an error fails its test."""

import re
import shutil

import pytest
from browsing import find_barriers

from groundup.cli import main
from groundup.lessons.registry import LESSONS

expect = pytest.importorskip("playwright.sync_api").expect
PAGES = ["/", "/runs/gpt", "/runs/digits", "/runs/sentiment", "/runs/heights"]


def test_home_shows_the_course_and_the_runs(page, lab):
    page.goto(lab.address)
    page.wait_for_selector("#list tbody tr")
    assert page.locator(".lessons > li").count() == len(LESSONS)
    for name in ("gpt", "digits", "sentiment", "heights"):
        assert page.locator("#list a", has_text=name).first.is_visible()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_phone_or_keeps_anybody_out(page, lab, path):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(lab.address + path)
    page.wait_for_selector("#list tbody tr, #charts figure")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert find_barriers(page) == []


def test_everything_can_be_reached_with_the_keyboard(page, lab):
    page.goto(lab.address + "/runs/gpt")
    page.wait_for_selector("#charts figure")
    reached = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.name || ''"))
    assert {"prompt", "temperature", "top_k", "top_p", "tokens", "go"} <= reached


def test_a_chat_takes_turns_and_begins_again(page, lab):
    settings = [word for pair in ("steps=30", "precision=float32") for word in ("--set", pair)]
    assert main(["train", "chat", "--from", "gpt", "--runs", str(lab.runs), "--run", "talking", *settings]) == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(lab.address + "/runs/talking")
    page.wait_for_selector("#charts figure")
    assert find_barriers(page) == []
    for turn, message in enumerate(["Who?", "Sir!"], start=1):
        page.fill("#prompt", message)
        page.keyboard.press("Enter")
        expect(page.locator("#conversation p")).to_have_count(2 * turn)
        expect(page.locator("#conversation p").nth(2 * turn - 2)).to_have_text(f"You: {message}")
        expect(page.locator("#conversation p").last).not_to_have_text("")
        expect(page.locator("#go")).to_have_text("Send")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("#again")
    expect(page.locator("#conversation p")).to_have_count(0)


def test_a_drawn_digit_is_read(page, lab):
    page.goto(lab.address + "/runs/digits")
    box = page.locator("#board").bounding_box()
    # A ring, as one draws a zero.
    ring = [(140, 40), (85, 70), (70, 140), (85, 210), (140, 240), (195, 210), (210, 140), (195, 70), (140, 40)]
    page.mouse.move(box["x"] + ring[0][0], box["y"] + ring[0][1])
    page.mouse.down()
    for x, y in ring[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()
    page.wait_for_selector("#bars .best")
    expect(page.locator("#verdict")).to_have_text(re.compile("^It reads 0"))
    page.click("#clear")
    assert page.locator("#bars .best").count() == 0
    page.focus("#board")
    page.keyboard.press("s")
    page.wait_for_selector("#bars .best")
    expect(page.locator("#verdict")).to_contain_text("It is ")


def test_a_sentence_is_weighed_word_by_word(page, lab):
    page.goto(lab.address + "/runs/sentiment")
    page.fill("#text", "a lovely xyzzy day")
    expect(page.locator("#words span")).to_have_count(4)
    assert page.locator("#words .unknown").inner_text() == "xyzzy"
    expect(page.locator("#words small", has_text=re.compile(r"^[+−]\d\.\d$")).first).to_be_visible()
    with page.expect_response("**/play"):
        page.fill("#text", "<img src=x onerror=alert(1)>")
    page.evaluate("new Promise(requestAnimationFrame)")  # what came is drawn
    assert page.locator("#words img").count() == 0
    page.fill("#text", "xyzzy plugh")
    expect(page.locator("#verdict")).to_have_text("It knows none of these words.")
    page.fill("#text", "")
    expect(page.locator("#verdict")).to_have_text("Type a sentence.")


def test_a_gpt_writes_and_is_stopped(page, lab):
    page.goto(lab.address + "/runs/gpt")
    for name, value in (("temperature", "1.2"), ("top_k", "5"), ("top_p", "0.9"), ("tokens", "40")):
        page.locator(f"[name={name}]").fill(value)
    page.click("#go")
    expect(page.locator("#written")).to_have_text(re.compile(r"[\s\S]{40}"))
    expect(page.locator("#go")).to_have_text("Write")
    page.locator("[name=tokens]").fill("1000")
    page.click("#go")
    expect(page.locator("#written")).to_have_text(re.compile(r"[\s\S]{10}"))
    page.click("#go")
    expect(page.locator("#go")).to_have_text("Write")


def test_a_height_is_predicted(page, lab):
    page.goto(lab.address + "/runs/heights")
    expect(page.locator("#verdict")).to_have_text(re.compile(r"height: \d+"))  # of a row of means
    for name, value in (("height_10", "140"), ("weight_10", "35"), ("father_height", "180"), ("mother_height", "165")):
        page.fill(f"[name={name}]", value)
    expect(page.locator("#verdict")).to_have_text("")
    page.click("#row button")
    expect(page.locator("#verdict")).to_have_text(re.compile(r"height: 1[5-8]\d\.\d cm ± \d\.\d cm$"))
    expect(page.locator("#learned li", has_text="of father_height adds 0.")).to_be_visible()


def test_a_run_is_started_from_the_home_page(page, lab):
    page.goto(lab.address)
    page.select_option("[name=task]", "sentiment")
    page.fill("[name=name]", "begun")
    page.click("#start button")
    page.wait_for_url("**/runs/begun")
    expect(page.locator("#state")).to_have_text("finished")
    expect(page.locator("#outcome")).to_contain_text("new")
    # Its playground may have asked for a prediction before it was trained: the browser itself logs the refusal.
    page.wrong[:] = [text for text in page.wrong if "400" not in text]


def test_curves_move_while_a_run_trains_and_two_tabs_see_it(page, lab, stop_early):
    stop_early("followed", steps=1_000_000)
    page.goto(lab.address + "/runs/followed")
    expect(page.locator("#state")).to_have_text("stopped")
    page.click("#resume")
    expect(page.locator("#state")).to_have_text("starting …")
    assert not page.locator("#resume").is_visible(), "a second press would start it twice"
    expect(page.locator("#state")).to_have_text("training")
    other = page.context.new_page()
    other.goto(lab.address + "/runs/followed")
    page.wait_for_selector("#charts polyline")
    expect(page.locator("#time")).to_have_text(re.compile(r"^About [\d.]+ (minutes|hours) left\."))
    assert page.locator("#progress").evaluate("bar => bar.value") > 0
    first = page.locator("#charts polyline").first.get_attribute("points")
    expect(page.locator("#charts polyline").first).not_to_have_attribute("points", first)
    other.wait_for_selector("#charts polyline")
    other.close()
    page.click("#stop")
    expect(page.locator("#state")).to_have_text("stopped")
    expect(page.locator("#time")).to_contain_text("Nothing is lost")


def test_a_run_deleted_while_it_is_shown(page, lab):
    shutil.copytree(lab.runs / "heights", lab.runs / "passing")
    page.goto(lab.address + "/runs/passing")
    page.wait_for_selector("#charts figure")
    shutil.rmtree(lab.runs / "passing")
    expect(page.locator("#said")).to_contain_text("is gone")
    # The browser itself logs the 404.
    page.wrong[:] = [text for text in page.wrong if "404" not in text]
