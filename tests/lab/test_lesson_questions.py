"""Questions and buttons of the lessons, in a real browser: what is covered, and what follows an answer or a button."""

import pytest
from browsing import find_barriers

expect = pytest.importorskip("playwright.sync_api").expect


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
def test_a_reader_who_wants_no_motion_is_at_the_question_at_once(lesson, page):
    button = page.get_by_role("button", name="Small and safe")
    press = "button => { const before = scrollY; button.click(); return scrollY - before; }"
    assert button.evaluate(press) != 0
    page.evaluate("scrollTo(0, 0)")
    page.emulate_media(reduced_motion="no-preference")
    assert button.evaluate(press) == 0  # it is on its way


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
def test_a_symbol_marks_its_name_in_the_code_and_a_name_its_symbol(lesson, page):
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
    assert find_barriers(page) == []
    rate.click()
    page.mouse.move(0, 0)
    expect(marked).to_have_count(0)


@pytest.mark.parametrize("name", ["classification"])
def test_an_answer_that_moves_a_threshold_does_not_train_again_and_a_button_does(lesson):
    lesson.emulate_media(reduced_motion="no-preference")
    figure, question = lesson.locator("#view-border"), lesson.locator(".question[data-target=border]")
    steps = """press => { press.click(); return document.querySelector("#view-border input[name=steps]").value; }"""
    assert question.locator(".answers button").first.evaluate(steps) == "200"
    expect(figure.locator(".play-button")).to_have_text("Play")
    expect(figure.locator(".says")).to_contain_text("14 are overlooked")
    # It begins again: the slider counts in steps of 5.
    assert lesson.get_by_role("button", name="Watch it learn").first.evaluate(steps) == "5"
    expect(figure.locator(".play-button")).to_have_text("Pause")


@pytest.mark.parametrize("name", ["sentiment"])
def test_a_button_that_asks_for_a_trained_model_shows_it_and_not_its_training(lesson):
    lesson.emulate_media(reduced_motion="no-preference")
    figure = lesson.locator("#view-map")
    figure.locator(".play-button").click()
    expect(figure.locator(".play-button")).to_have_text("Pause")
    lesson.locator("button.try", has_text="misjudges").click()
    expect(figure.locator(".play-button")).to_have_text("Play")
    expect(figure.locator(".says")).to_contain_text("“the staff were rude” is positive with")
    expect(figure.locator(".says")).to_contain_text("After 40 epochs")
    expect(figure.locator(".says")).to_contain_text("To compare: “the soup was warm” is positive with 99.9")
