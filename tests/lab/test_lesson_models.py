"""Models that train while a lesson is read, in a real browser: what is waited for, and what goes on from the hand."""

import re

import pytest
from browsing import find_barriers

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_training_that_a_view_waits_for_shows_how_far_it_is_and_stops(page, lab):
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


def test_a_training_of_another_process_is_told_and_has_no_button_that_stops_it(page, lab):
    now = {"model": "words", "step": 0, "steps": 0, "losses": [], "left": None, "stopped": False, "elsewhere": True}
    page.route("**/api/lessons/attention/views/*", lambda route: route.fulfill(json={"waiting": now, "says": "Wait."}))
    page.goto(f"{lab.address}/lessons/attention/")
    figure = page.locator("#view-words")
    expect(figure.get_by_role("progressbar")).to_be_visible()
    expect(figure.locator(".says")).to_have_text("Wait.")
    expect(figure.locator(".training-told")).to_have_text("")
    expect(figure.locator(".training-now button")).to_be_hidden()
    assert find_barriers(page) == []


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


@pytest.mark.parametrize("name", ["transformer", "inside", "sampling"])
def test_the_pictures_of_a_small_model_fit_a_phone(lesson, page, name, wait_until):
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.locator(".view .wide")
    count = {"transformer": 1, "inside": 1, "sampling": 2}[name]
    wait_until(lambda: wide.count() == count, 120)
    fits = "all => all.every((x) => x.clientWidth > 0 && x.scrollWidth <= x.clientWidth + 2)"
    wait_until(lambda: wide.evaluate_all(fits), 60)


@pytest.mark.parametrize("width", [1280, 390])
def test_eight_words_fit_into_the_picture_of_attention(page, lab, width, wait_until):
    tokens = ["\n", "The", " queen", " with", " the", " old", " dog", " lost"]
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


def test_the_chosen_word_stays_when_the_sentence_is_changed(page, lab):
    def answer(route):
        values = route.request.post_data_json
        tokens = ["\n", *(f" {word}" for word in values["sentence"].split())]
        count, some = len(tokens), [[0.1] * 16 for _ in tokens]
        frame = {"tokens": tokens, "weights": [[[[1 / count] * count] * count] * 4] * 2, "layer": 1, "head": 2}
        frame |= {"word": min(values["word"], count) - 1, "mask": True, "values": some, "new": some}
        frame |= {"keys": some, "query": some[0], "scores": [0.1] * count, "read": values["read"]}
        frame["says"] = f"It looks from {values['word']} in head {values['head']}."
        route.fulfill(json=frame)

    page.route("**/api/lessons/attention/views/words", answer)
    page.goto(f"{lab.address}/lessons/attention/")
    box = page.locator(".stage input[name=sentence]")
    expect(page.locator(".stage g.word")).to_have_count(8)
    box.fill("The queen with the big dog at night lost")
    expect(page.locator(".stage g.word")).to_have_count(10)
    says = page.locator(".stage .says")
    expect(says).to_have_text("It looks from 10 in head 7.")
    box.fill("The lake")
    expect(page.locator(".stage g.word")).to_have_count(3)
    expect(says).to_have_text("It looks from 10 in head 7.")


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


@pytest.mark.parametrize("name", ["network"])
def test_more_settings_wait_until_they_are_asked_for_and_one_input_always_stays(lesson, page, settle):
    figure = page.locator("#view-border")
    inputs = figure.locator(".several input")
    expect(inputs.first).to_be_hidden()
    figure.get_by_text("More settings").click()
    expect(inputs.first).to_be_visible()
    settle(page, "border", lambda: inputs.nth(1).press("Space"))
    expect(figure.locator(".feature text", has_text="x")).to_have_text(["x₁"])
    inputs.first.press("Space")
    expect(inputs.first).to_be_checked()
    settle(page, "border", lambda: inputs.nth(4).press("Space"))
    expect(figure.locator(".feature text", has_text="x")).to_have_text(["x₁", "x₁x₂"])


@pytest.mark.parametrize("name", ["network"])
def test_a_node_that_is_pointed_at_or_reached_by_the_keys_shows_its_map_large(lesson, page):
    figure = page.locator("#view-border")
    plane = figure.locator("svg:not(.diagram) image")
    border = plane.get_attribute("href")
    figure.locator(".feature").nth(3).hover()
    expect(plane).not_to_have_attribute("href", border)
    expect(figure.locator(".edge")).to_have_attribute("d", "")
    page.mouse.move(0, 0)
    expect(plane).to_have_attribute("href", border)
    figure.locator(".feature[tabindex='0']").focus()
    of_input = plane.get_attribute("href")
    page.keyboard.press("ArrowRight")
    expect(figure.locator(".feature:focus")).to_have_attribute("aria-label", "map of node 1")
    expect(plane).not_to_have_attribute("href", of_input)


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
