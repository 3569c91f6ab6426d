"""Lessons that are pages, in a real browser: everything on them can be moved, asked, read, and left."""

import json
import re
from importlib.resources import files

import jinja2
import pytest

from groundup.course import LESSONS
from groundup.lab.lesson_pages import send_page
from groundup.lessons import registry
from groundup.lessons.page_loading import load_text, load_views

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
every_page = pytest.mark.parametrize("name", LESSONS)


@pytest.fixture
def lesson(page, lab, name):
    """Return the page of a lesson, ready."""
    page.goto(f"{lab.address}/lessons/{name}/")
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.fixture
def settle(wait_until):
    """Return what acts on a page, and waits until the view has drawn what the lab computed for it."""

    def act_and_wait(page, view, act):
        figure = page.locator(f"#view-{view}")
        before = int(figure.get_attribute("data-settled") or 0)
        act()
        wait_until(lambda: int(figure.get_attribute("data-settled") or 0) > before)

    return act_and_wait


@every_page
def test_a_lesson_asks_first_fits_the_screen_and_everything_on_it_moves(lesson, name, find_barriers, wait_until):
    assert find_barriers(lesson) == []
    answer_questions(lesson)
    look_at_sizes(lesson, wait_until)
    move_everything(lesson, name)


def move_everything(lesson, name):
    assert lesson.locator(".view").count() == len(load_views(name))
    for view, spec in load_views(name).items():
        figure = lesson.locator(f"#view-{view}")
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".picture").locator("svg, canvas, table, pre, div").first).to_be_visible(timeout=60000)
        expect(figure.locator(".says")).not_to_be_empty(timeout=60000)
        open_a_number(lesson, figure)
        for slider in figure.locator("input[type=range]").all():
            slider.focus()
            for key in ("End", "Home", "ArrowRight"):
                lesson.keyboard.press(key)
        for option in figure.locator(".choice label").all():
            option.click()
        for switch in figure.locator(".switch input").all():
            switch.click()
        if spec.stream or any(getattr(control, "plays", False) for control in spec.controls):
            figure.get_by_role("button", name="Restart").click()
            figure.get_by_role("button", name="Step").click()
            figure.get_by_role("button", name="Play").click()
            lesson.wait_for_timeout(200)
            pause(figure)
        assert figure.locator(".refusal").inner_text() == ""


def pause(figure):
    """Press Pause where it still is: what plays may end meanwhile, and a click would wait for it to come back."""
    figure.get_by_role("button", name="Pause").evaluate_all("all => all.forEach((one) => one.click())")


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


@pytest.mark.parametrize("name", ["descending"])
def test_numbers_are_written_as_a_person_writes_them(lesson):
    write = "import('/static/views/elements.js').then((made) => [made.tidy('2.2e-14, 1e+10, 3.04e+03, -1.1e-05'), "
    write += "made.format(3.04e9), made.format(-1e-10)])"
    written = [number.replace("\u00a0", " ") for number in lesson.evaluate(write)]
    assert written == ["2.2 · 10⁻¹⁴, 10¹⁰, 3040, −1.1 · 10⁻⁵", "3.04 · 10⁹", "−10⁻¹⁰"]


@pytest.mark.parametrize("name", ["digits"])
def test_a_view_right_below_its_question_is_covered_until_the_answer(lesson, page):
    figure, question = page.locator("#view-nodes"), page.locator(".question[data-target=nodes]")
    expect(figure.locator(".says")).to_be_hidden()
    question.locator(".answers button").first.click()
    expect(figure.locator(".says")).to_be_visible()
    assert not figure.evaluate("x => x.inert")


@pytest.mark.parametrize("name", ["descending"])
def test_a_button_pressed_while_its_picture_is_covered_follows_the_answer(lesson, page):
    figure, question = page.locator("#view-rates"), page.locator(".question[data-target=rates]")
    page.get_by_role("button", name="Small and safe").click()
    expect(question).to_be_in_viewport()
    expect(question.get_by_role("status")).to_have_text("Answer this first. Then you see “Small and safe”.")
    expect(figure.locator(".says")).to_be_hidden()
    question.locator(".answers button").first.click()
    expect(question.locator(".kept")).to_have_count(0)
    expect(figure.locator(".says")).to_contain_text("learning rate of 0.5 ")
    expect(figure.locator(".says")).to_contain_text("learning rate of 0.05 ")


@pytest.mark.parametrize("name", ["descending"])
def test_a_hand_in_the_picture_comes_before_a_button_pressed_earlier(lesson, page):
    figure, question = page.locator("#view-rates"), page.locator(".question[data-target=rates]")
    page.get_by_role("button", name="Small and safe").click()
    # Both at once: on a busy machine the button would come before the hand.
    answer_and_move = """(slider, answer) => {
        answer.click();
        slider.dispatchEvent(new KeyboardEvent("keydown", {key: "End", bubbles: true}));
        slider.value = slider.max;
        slider.dispatchEvent(new Event("input", {bubbles: true}));
    }"""
    answer = question.locator(".answers button").first.element_handle()
    figure.locator("input[name=steps]").evaluate(answer_and_move, answer)
    expect(figure.locator(".says")).to_contain_text("At step 60")
    page.wait_for_timeout(4000)  # longer than the button waits
    expect(figure.locator(".says")).to_contain_text("learning rate of 0.5 ")


@pytest.mark.parametrize("name", ["descending"])
def test_a_name_in_the_text_is_the_button_that_it_names(lesson, page):
    page.locator(".prose .named", has_text="The same steepness everywhere").click()
    expect(page.locator("#view-hill").get_by_label("f(x) =")).to_have_value("abs(x)")
    expect(page.locator("#view-hill")).to_be_in_viewport()


@pytest.mark.parametrize("name", ["descending"])
def test_a_symbol_marks_its_name_in_the_code_and_a_name_its_symbol(lesson, page, find_barriers):
    formula = page.locator(".formula").first
    marked = formula.locator(".lines .lit, .katex-html .lit")
    rate, button = (
        formula.locator(".lines [data-symbol]", has_text="learning_rate").last,
        formula.locator(".pairs button"),
    )
    alpha = formula.locator(".tex.display .katex-html [data-symbol]", has_text="α")
    told = ["α", "α", "learning_rate", "learning_rate"]  # in the formula, in the text below it; in the code
    expect(marked).to_have_count(0)
    for one in (alpha, rate, button.nth(2)):
        one.hover()
        expect(marked).to_have_text(told)
        page.mouse.move(0, 0)
        expect(marked).to_have_count(0)
    button.nth(2).focus()
    expect(marked).to_have_text(told)
    page.keyboard.press("Enter")
    button.nth(2).blur()
    expect(marked).to_have_text(told)
    expect(button.nth(2)).to_have_attribute("aria-pressed", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert find_barriers(page) == []
    rate.click()
    page.mouse.move(0, 0)
    expect(marked).to_have_count(0)


def test_pictures_take_the_colors_of_a_page_that_turns_dark_and_light_again(page, lab, wait_until):
    page.goto(f"{lab.address}/lessons/sentiment/")
    page.wait_for_selector("html[data-ready]")
    dots = page.locator("#view-map svg circle")

    def read():
        return dots.evaluate_all("all => all.map((dot) => dot.getAttribute('fill'))")

    wait_until(lambda: len(read()) > 100)
    light = read()
    page.emulate_media(color_scheme="dark")
    wait_until(lambda: read() != light)
    page.emulate_media(color_scheme="light")
    wait_until(lambda: read() == light)


def test_a_training_that_a_view_waits_for_shows_how_far_it_is_and_stops(page, lab, find_barriers):
    now = {"model": "words", "step": 120, "steps": 400, "left": 12.3, "stopped": False}
    now["losses"] = [[60, 3.0], [120, 2.5]]
    asked = []

    def stop(route):
        asked.append(route.request.post_data_json)
        now["stopped"] = asked[-1]["stop"]
        route.fulfill(status=202, json={})

    page.route("**/api/lessons/attention/views/*", lambda route: route.fulfill(json={"waiting": now, "says": "Wait."}))
    page.route("**/api/lessons/models", stop)
    page.goto(f"{lab.address}/lessons/attention/")
    training = page.locator("#view-words .training-now")
    told = training.locator(".training-told")
    expect(told).to_have_text("Step 120 of 400, loss 2.50, about 12 s left.")
    expect(training.locator("polyline")).to_have_count(1)
    assert find_barriers(page) == []
    training.get_by_role("button", name="Stop").click()
    expect(told).to_have_text("Stopped at step 120 of 400.")
    training.get_by_role("button", name="Train the model").click()
    expect(told).to_contain_text("Step 120 of 400")
    assert asked == [{"model": "words", "stop": True}, {"model": "words", "stop": False}]


@pytest.mark.parametrize("name", ["transformer"])
def test_a_training_that_a_picture_waits_for_later_leaves_the_page_when_it_is_done(lesson, page, settle):
    figure = page.locator("#view-zoom")
    figure.scroll_into_view_if_needed()
    expect(figure.locator("svg rect").first).to_be_visible(timeout=60000)
    now = {"model": "words", "step": 87, "steps": 100, "left": 1.0, "stopped": False, "losses": []}
    wait = {"waiting": now, "says": "Wait."}
    page.route("**/api/lessons/transformer/views/zoom", lambda route: route.fulfill(json=wait), times=1)
    settle(page, "zoom", lambda: figure.get_by_label("key of token").press("Home"))
    expect(figure.locator(".says")).to_contain_text("looks at token 1")
    assert figure.locator(".training-now").count() == 0


@pytest.mark.parametrize("name", ["transformer", "sampling"])
def test_the_pictures_of_a_small_model_fit_a_phone(lesson, page, name, wait_until):
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.locator(".view .wide")
    count = {"transformer": 1, "sampling": 2}[name]
    wait_until(lambda: wide.count() == count, 120)
    fits = "all => all.every((x) => x.clientWidth > 0 && x.scrollWidth <= x.clientWidth + 2)"
    wait_until(lambda: wide.evaluate_all(fits), 60)


@pytest.mark.parametrize("width", [1280, 390])
def test_eight_words_fit_into_the_picture_of_attention(page, lab, width, wait_until):
    tokens = ["\n", "The", " keys", " to", " the", " old", " door", " are"]
    some = [[0.1] * 16 for _ in tokens]
    frame = {"tokens": tokens, "weights": [[[[0.125] * 8] * 8] * 4] * 2, "layer": 1, "head": 0, "word": 6}
    frame |= {"mask": True, "values": some, "new": some, "says": "It looks back."}
    frame |= {"keys": some, "query": some[0], "scores": [0.1] * 7, "read": 25}
    page.set_viewport_size({"width": width, "height": 844})
    page.route("**/api/lessons/attention/views/words", lambda route: route.fulfill(json=frame))
    page.goto(f"{lab.address}/lessons/attention/")
    expect(page.locator(".stage g.word")).to_have_count(len(tokens))
    picture = page.locator(".stage .wide")
    wait_until(lambda: picture.evaluate("x => x.clientWidth > 0 && x.scrollWidth <= x.clientWidth + 2"), 60)
    letters = page.locator(".stage .word .name").first.evaluate("x => parseFloat(getComputedStyle(x).fontSize)")
    assert letters > 12


@pytest.mark.parametrize("name", ["backpropagation"])
def test_a_number_opens_to_what_it_comes_from_and_leads_there(lesson, page, find_barriers):
    panel = page.locator("#view-layers .origin")
    page.locator("#view-layers").scroll_into_view_if_needed()
    page.locator("#view-layers [data-number=dw11]").click()
    expect(panel).to_contain_text("∂W₁[0, 0]")
    expect(panel.locator("td").nth(1)).to_have_text("0.5 · 1")
    expect(page.locator("#view-layers .origin-source")).to_have_count(2)
    assert find_barriers(page) == []
    panel.get_by_role("button", name="∂z₁").click()
    expect(panel).to_contain_text("slope of ReLU")
    page.locator("#view-layers .knob").first.press("ArrowUp")
    expect(panel.locator("td").nth(1)).to_have_text("0.55 · 1")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


@pytest.mark.parametrize("name", ["backpropagation"])
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


@pytest.mark.parametrize("name", ["directions"])
def test_numbers_of_the_step_that_is_shown_open_when_the_hand_rests(lesson, page):
    figure = page.locator("#view-hill")
    for step in (1, 2):
        figure.get_by_role("button", name="Step").click()
        expect(figure.locator(f"[data-number=x{step}].number-opens")).to_have_count(1)
    figure.locator("[data-number=x2]").click()
    expect(figure.locator(".origin-result")).to_contain_text("next x =")
    expect(figure.locator(".origin")).to_contain_text("−0.02 ·")
    figure.get_by_role("button", name="Step").click()
    expect(figure.locator(".origin")).to_be_hidden()


@pytest.mark.parametrize("name", ["backpropagation"])
def test_a_line_of_the_computation_lights_what_it_computes_in_the_picture(lesson, page):
    figure = page.locator("#view-layers")
    lines = figure.locator(".stage-lines button")
    expect(lines).to_have_count(9)
    lines.nth(5).click()
    expect(lines.nth(5)).to_have_attribute("aria-current", "step")
    expect(lines.nth(5)).to_contain_text("(1, 2)")
    expect(lines.nth(6).locator(".value")).to_be_empty()
    expect(figure.locator(".says")).to_contain_text("dW₂ = dŷ ⊗ h = (1, 2)")
    expect(figure.locator(".knob-frame.now")).to_have_count(2)
    expect(figure.locator(".node.now")).to_have_count(0)
    figure.get_by_role("button", name="Step").click()
    expect(lines.nth(6)).to_have_attribute("aria-current", "step")
    expect(figure.locator(".node.now")).to_have_count(2)


@pytest.mark.parametrize("name", ["backpropagation"])
def test_a_gradient_of_a_graph_leads_to_what_it_was_multiplied_with_and_back(lesson, page):
    figure = page.locator("#view-graph")
    figure.scroll_into_view_if_needed()
    figure.locator("[data-number=g0]").press("Enter")
    panel, title = figure.locator(".origin"), figure.locator(".origin-result")
    expect(panel.locator("td").nth(1)).to_have_text("1 · 2")
    expect(figure.locator(".origin-source")).to_have_count(2)
    panel.get_by_role("button", name="gradient along x × y").click()
    expect(title).to_contain_text("gradient along x × y = 1")
    panel.get_by_role("button", name="back").click()
    expect(title).to_have_text("gradient along x = 2")
    expect(panel.get_by_role("button", name="back")).to_have_count(0)


@pytest.mark.parametrize("name", ["classification"])
def test_an_open_count_marks_the_tumours_that_it_counts(lesson, page):
    figure = page.locator("#view-border")
    dots = figure.locator("svg").first.locator("circle[fill-opacity='0.72']")
    faded = "all => all.filter((dot) => dot.style.opacity === '0.12').length"
    assert (dots.count(), dots.evaluate_all(faded)) == (569, 0)
    figure.locator("[data-number=overlooked]").click()
    expect(figure.locator(".origin-result")).to_contain_text("= 39")
    assert dots.evaluate_all(faded) == 569 - 39
    page.keyboard.press("Escape")
    assert dots.evaluate_all(faded) == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_the_numbers_of_a_word_open_while_it_is_chosen_and_not_those_of_another(page, lab, width):
    tokens, some = ["The", " king", " runs"], [[0.5, -0.5]] * 3
    weights = [[1, 0, 0], [0.4, 0.6, 0], [0.2, 0.3, 0.5]]
    term = {"factors": [{"label": "its exponential", "value": 0.5}], "product": 0.5}
    open_one = {"name": "weight on “runs”", "value": 0.5, "then": "", "sum": 0.5, "terms": [term]}
    frame = {"tokens": tokens, "weights": [[weights]], "layer": 0, "head": 0, "word": 2, "mask": True, "values": some}
    frame |= {"new": some, "says": "It looks back.", "origins": {"w3": open_one}}
    frame |= {"keys": some, "query": some[0], "scores": [0.1] * 3, "read": 25}
    page.set_viewport_size({"width": width, "height": 844})
    page.route("**/api/lessons/attention/views/words", lambda route: route.fulfill(json=frame))
    page.goto(f"{lab.address}/lessons/attention/")
    figure = page.locator(".stage .view")
    share, words = figure.locator("[data-number=w3]"), figure.locator("g.word")
    share.click()
    expect(figure.locator(".origin-result")).to_have_text("weight on “runs” = 0.5")
    words.nth(1).hover()  # the mouse on its way to the panel changes nothing
    expect(share).to_have_count(1)
    words.nth(1).focus()
    expect(figure.locator(".origin")).to_be_hidden()
    expect(share).to_have_count(0)
    words.nth(1).blur()
    expect(share).to_have_count(1)


@pytest.mark.parametrize("name", ["network"])
def test_a_weight_is_changed_by_hand_and_the_training_goes_on_from_it(lesson, page, settle):
    figure = page.locator("#view-border")
    weight = figure.locator(".weight-bar input")
    before = figure.locator(".says").inner_text()
    page.evaluate("document.querySelectorAll('#view-border .wire-reach')[9].dispatchEvent(new Event('click'))")
    expect(weight).to_be_focused()
    chosen = figure.locator(".wire-reach.chosen")  # dotted: a thick line would look like a large weight
    expect(chosen).to_have_count(1)
    assert chosen.evaluate("line => parseFloat(getComputedStyle(line).strokeWidth)") < 2
    settle(page, "border", lambda: weight.press("End"))
    expect(figure.locator(".weight-bar output")).to_have_text("4")
    expect(figure.locator(".says")).not_to_have_text(before)
    settle(page, "border", lambda: figure.get_by_role("button", name="Step").click())
    settle(page, "border", lambda: figure.get_by_role("button", name="Step").click())
    assert 3 < float(weight.input_value()) <= 4
    settle(page, "border", lambda: figure.get_by_role("button", name="Restart").click())
    expect(figure.locator(".says")).to_have_text(before)


@pytest.mark.parametrize(("name", "view", "moved"), [("network", "border", "rate"), ("training", "learn", "width")])
def test_what_trains_answers_the_hand_before_a_process_has_started(lesson, page, settle, view, moved):
    figure = page.locator(f"#view-{view}")
    says = figure.locator(".says")
    expect(says).to_contain_text("Step 0")
    started = []
    page.on("request", lambda request: started.append(request.url) if "streams" in request.url else None)
    before = says.inner_text()
    settle(page, view, lambda: figure.locator(f"input[name={moved}]").press("Home"))
    if view == "learn":
        expect(says).not_to_have_text(before)
        expect(figure.locator("td.text")).to_have_count(1)  # what the model writes comes after the curve
    expect(says).to_contain_text("Step 0")
    settle(page, view, lambda: figure.get_by_role("button", name="Restart").click())
    assert started == []
    settle(page, view, lambda: figure.get_by_role("button", name="Step").click())
    # The first press makes a step: the page shows the state before it already.
    expect(says).to_contain_text(re.compile("Step [1-9]"))


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


@pytest.mark.parametrize("name", ["sentiment"])
def test_a_button_that_asks_for_a_trained_model_shows_it_and_not_its_training(lesson):
    figure = lesson.locator("#view-map")
    figure.locator(".play-button").click()
    expect(figure.locator(".play-button")).to_have_text("Pause")
    lesson.locator("button.try", has_text="misjudges").click()
    expect(figure.locator(".play-button")).to_have_text("Play")
    expect(figure.locator(".says")).to_contain_text("“the staff were rude” is positive with")
    expect(figure.locator(".says")).to_contain_text("After 40 epochs")
    expect(figure.locator(".says")).to_contain_text("To compare: “the soup was warm” is positive with 99.9")


@pytest.mark.parametrize("name", ["sentiment"])
def test_pictures_that_follow_each_other_quickly_end_where_a_single_one_does(lesson, page, settle):
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
        return page.locator("#view-map circle").evaluate_all("all => all.map((one) => one.getAttribute('cx'))")

    hurried = read([2, 10, 20, 30])
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
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


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/api/lessons/descending/views/hill", {"rate": 99}, 400, "rate: must be a number from 0.01 to 1.2"),
        ("/api/lessons/descending/views/hill", {"formula": 3}, 400, "formula: must be a text"),
        ("/api/lessons/descending/views/nothing", {}, 404, "no such view"),
        ("/api/lessons/nothing/views/hill", {}, 404, "no lesson nothing"),
        ("/api/lessons/descending/streams/hill", {}, 400, "no such view that trains"),
        ("/api/streams/0123456789abcdef", {"frames": 1}, 400, "has ended"),
        ("/api/streams/0123456789abcdef", {"frames": 99}, 400, "from 1 to 16"),
        ("/api/streams/0123456789abcdef/stop", {}, 202, "stopped"),
    ],
)
def test_bad_requests_are_refused_in_a_line(lab, path, body, status, words):
    got, _, told = lab.ask(path, json.dumps(body))
    assert got == status
    assert words in told


def test_a_page_is_sent_while_its_text_is_read_and_its_pictures_are_computed():
    asked = []

    def note(name, value):
        asked.append(name)
        return value

    facts = {
        "lesson": registry.LESSONS[0],
        "chapter": "Chapter",
        "load_text": lambda: note("text", load_text(LESSONS[0])),
        "describe_views": lambda: note("views", "{}"),
        "exercises": [],
        "modules": ["view.js"],
        "fonts": ["Letters"],
        "before": None,
        "after": None,
    }
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(files("groundup.lab") / "templates")), undefined=jinja2.StrictUndefined
    )
    environment.globals["version"] = "1"
    sent = [(part, list(asked)) for part in send_page(environment.get_template("lesson.html"), facts)]
    (head, before), (text, between), (end, after) = sent
    assert (before, between, after) == ([], ["text"], ["text", "views"])
    assert "/static/views/view.js" in head
    assert "<h1>" in text
    assert '<script type="application/json"' in end


def test_a_lesson_may_run_no_script_but_the_labs_own(lab):
    _, headers, told = lab.ask("/lessons/descending/")
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "<script>" not in told
    assert lab.ask("/lessons/descending/views.js")[1]["content-type"].startswith("text/javascript")
    assert lab.ask("/lessons/descending/views.py")[0] == 404
