"""Numbers in the lessons' pictures, in a real browser: how they are written, and what they open to."""

import pytest
from browsing import find_barriers

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize("name", ["descending"])
def test_numbers_are_written_as_a_person_writes_them(lesson):
    write = "import('/static/views/elements.js').then((made) => [made.tidy('2.2e-14, 1e+10, 3.04e+03, -1.1e-05'), "
    write += "made.format(3.04e9), made.format(-1e-10)])"
    written = [number.replace("\u00a0", " ") for number in lesson.evaluate(write)]
    assert written == ["2.2 · 10⁻¹⁴, 10¹⁰, 3040, −1.1 · 10⁻⁵", "3.04 · 10⁹", "−10⁻¹⁰"]


@pytest.mark.parametrize("name", ["nudges"])
def test_a_number_opens_to_what_it_comes_from_and_leads_there(lesson, page):
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


@pytest.mark.parametrize("name", ["nudges"])
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


def test_where_numbers_come_from_is_asked_for_when_the_hand_rests(page, lab):
    some, origin = [[0.5, -0.5]] * 2, {"value": 1, "then": "", "sum": 1, "terms": []}
    frame = {"tokens": ["The", " king"], "weights": [[[[1, 0], [0.4, 0.6]]]], "layer": 0, "head": 0, "word": 1}
    frame |= {"mask": True, "values": some, "new": some, "keys": some, "query": some[0], "scores": [0.1] * 2}
    asked = []

    def answer(route):
        values, whole = route.request.post_data_json, "?whole" in route.request.url
        asked.append((values["scale"], whole))
        late = (
            {"origins": {"w2": {**origin, "name": f"{values['scale']}"}}} if whole else {"origins": {}, "partial": True}
        )
        route.fulfill(json={**frame, "read": values["read"], "says": "It looks back.", **late})

    page.route("**/api/lessons/attention/views/words*", answer)
    page.goto(f"{lab.address}/lessons/attention/")
    figure = page.locator(".stage .view")
    share = figure.locator("[data-number=w2].number-opens")
    expect(share).to_have_count(1)
    assert asked == [(True, False), (True, True)]
    share.click()
    expect(figure.locator(".origin-result")).to_contain_text("True")
    figure.locator("input[name=scale]").evaluate("input => { for (let turn = 0; turn < 3; turn += 1) input.click(); }")
    expect(figure.locator(".origin-result")).to_contain_text("False")  # it stayed open
    assert asked[-1] == (False, True)
    assert [whole for _, whole in asked].count(True) == 2
