"""The lessons' pictures under a hand, in a real browser: balls, formulas, points and drawn digits."""

import re

import pytest
from browsing import wait_until_ready

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize("name", ["descending"])
def test_the_hand_moves_the_ball(lesson, page):
    ball = page.locator("#view-hill .handle.start")
    box = ball.bounding_box()
    before = ball.get_attribute("aria-valuenow")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] - 150, box["y"] + 20, steps=8)
    page.mouse.up()
    assert float(ball.get_attribute("aria-valuenow")) < float(before) - 2
    ball.focus()
    held = ball.get_attribute("aria-valuenow")
    page.keyboard.press("ArrowRight")
    expect(ball).not_to_have_attribute("aria-valuenow", held)


@pytest.mark.parametrize("name", ["descending"])
def test_a_formula_that_is_none_is_refused_in_a_line_and_the_picture_stays(lesson, page, settle):
    box = page.locator("#view-hill input[name=formula]")
    settle(page, "hill", lambda: box.fill("x +"))
    expect(page.locator("#view-hill .refusal")).to_contain_text("x +")
    assert page.locator("#view-hill .curve").get_attribute("d").startswith("M")
    settle(page, "hill", lambda: box.fill("x^2 - 3"))
    expect(page.locator("#view-hill .refusal")).to_be_empty()


def look_at_map(page):
    """Return what a reader sees: the dots of each colour, and the circles of the sentence."""
    read = "(all, names) => all.map((one) => names.map((name) => one.getAttribute(name)))"
    dots = page.locator("#view-map .cloud path").evaluate_all(read, ["d", "stroke"])
    return dots, page.locator("#view-map svg circle").evaluate_all(read, ["cx", "cy", "fill"])


@pytest.mark.parametrize("name", ["sentiment"])
def test_pictures_that_follow_each_other_quickly_end_where_a_single_one_does(lesson, page, settle):
    page.emulate_media(reduced_motion="no-preference")
    drag = """async (input, values) => {
        for (const value of values) {
            input.value = value;
            input.dispatchEvent(new Event("input", {bubbles: true}));
            await new Promise((done) => setTimeout(done, 40));
        }
    }"""

    def read(values):
        settle(page, "map", lambda: page.locator("#view-map input[name=epochs]").evaluate(drag, values))
        expect(page.locator("#view-map .says")).to_contain_text(f"After {values[-1]} epochs")
        page.wait_for_timeout(500)  # whatever still moves has arrived
        return look_at_map(page)

    hurried = read([2, 10, 20, 30])
    page.reload()
    wait_until_ready(page)
    assert read([30]) == hurried


@pytest.mark.parametrize("name", ["digits"])
def test_a_digit_is_read_while_it_is_drawn(lesson, page):
    says, board = page.locator("#view-board .says"), page.locator("canvas.board")
    expect(says).to_contain_text("It reads")
    before, box = says.inner_text(), board.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 150, steps=6)
    expect(says).not_to_have_text(before)  # the pen is still down
    page.mouse.up()
    page.locator(".clear-board").click()
    expect(says).to_have_text(before)
    board.focus()
    for key in ("ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(says).not_to_have_text(before)
    expect(page.locator("#view-test .says")).not_to_be_empty(timeout=60000)  # nothing is left to be computed


@pytest.mark.parametrize("name", ["digits"])
def test_a_straight_1_and_an_8_in_one_stroke_are_read(lesson, page):
    says, board = page.locator("#view-board .says"), page.locator("canvas.board")
    expect(says).to_contain_text("It reads")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    one = [(0.51, 0.15), (0.5, 0.85)]
    eight = [(0.62, 0.27), (0.5, 0.17), (0.37, 0.26), (0.4, 0.39), (0.52, 0.49), (0.65, 0.62), (0.62, 0.79)]
    eight += [(0.49, 0.86), (0.35, 0.77), (0.37, 0.63), (0.5, 0.5), (0.61, 0.39), (0.63, 0.27)]
    for digit, places in ((1, one), (8, eight)):
        at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
        page.mouse.move(*at[0])
        page.mouse.down()
        for x, y in at[1:]:
            page.mouse.move(x, y, steps=4)
        page.mouse.up()
        expect(says).to_have_text(re.compile(f"^It reads {digit} with ([5-9][0-9]|100)\u00a0%"))
        page.locator(".clear-board").click()
    expect(page.locator("#view-test .says")).not_to_be_empty()  # nothing is left to be computed


@pytest.mark.parametrize("name", ["convolution"])
def test_the_hand_moves_a_filter_and_turns_its_weights(lesson, page, settle):
    figure = page.locator("#view-filter")
    frame, total = figure.locator(".slide-frame").first, figure.locator("[data-number=sum]")
    expect(total).to_have_text("2.1")
    frame.focus()
    settle(page, "filter", lambda: page.keyboard.press("ArrowLeft"))
    expect(frame).to_have_attribute("aria-valuetext", "row 7, column 10")
    expect(total).to_have_text("−1")
    box = figure.locator(".slide").first.bounding_box()
    pixel = box["width"] / 16
    page.mouse.move(box["x"] + 2.5 * pixel, box["y"] + 2.5 * pixel)
    page.mouse.down()
    page.mouse.move(box["x"] + 10.5 * pixel, box["y"] + 6.5 * pixel, steps=5)
    page.mouse.up()
    expect(frame).to_have_attribute("aria-valuetext", "row 7, column 11")
    expect(total).to_have_text("2.1")
    # The weight of the pixel with ink 0.4, from 1 to 1.1.
    settle(page, "filter", lambda: figure.locator(".knob").first.press("ArrowUp"))
    expect(total).to_have_text("2.14")


def test_pictures_take_the_colors_of_a_page_that_turns_dark_and_light_again(page, lab, wait_until):
    page.goto(f"{lab.address}/lessons/sentiment/")
    wait_until_ready(page)
    page.wait_for_timeout(500)  # whatever still moves has arrived
    light = look_at_map(page)
    assert sum(path.count("M") for path, _ in light[0]) == 589
    page.emulate_media(color_scheme="dark")
    wait_until(lambda: look_at_map(page)[0] != light[0] and look_at_map(page)[1] != light[1])
    page.emulate_media(color_scheme="light")
    wait_until(lambda: look_at_map(page) == light)


@pytest.mark.parametrize("name", ["vocabulary"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pairs_stand_below_each_other_with_their_counts_beside_them(page, lab, name, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{lab.address}/lessons/{name}/")
    wait_until_ready(page)
    heading = page.locator(".merge-pairs .part-name").bounding_box()
    names, counts = (page.locator(f".merge-pair {tag}") for tag in (".pair-name", "output"))
    expect(names).to_have_count(6)
    floor = heading["y"] + heading["height"]
    for pair, count in zip(names.all(), counts.all(), strict=True):
        box, beside = pair.bounding_box(), count.bounding_box()
        assert box["y"] >= floor - 1
        assert 0 <= beside["x"] - box["x"] - box["width"] < 40
        assert abs(beside["y"] + beside["height"] / 2 - box["y"] - box["height"] / 2) < 8
        floor = box["y"] + box["height"]


@pytest.mark.parametrize("name", ["nudges"])
@pytest.mark.parametrize("width", [390])
def test_code_that_is_wider_than_the_screen_says_that_it_can_be_swiped(page, lab, name, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{lab.address}/lessons/{name}/")
    code = page.locator(".formula pre.code").first
    assert code.evaluate("pre => pre.scrollWidth > pre.clientWidth")
    expect(code).to_have_class(re.compile(r"\bmore\b"))
    expect(page.locator(".formula pre.code + .swipe").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_letters_beside_a_table_of_squares_can_be_read(page, lab, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{lab.address}/lessons/adapting/")
    letters = page.locator("#view-change svg").first.locator("text:not(.told)")
    expect(letters).not_to_have_count(0)
    sizes = letters.evaluate_all("all => all.map((x) => parseFloat(getComputedStyle(x).fontSize) * x.getScreenCTM().a)")
    assert min(sizes) >= 9.9
