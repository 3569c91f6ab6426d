"""Words in the lessons' pictures can be read: no curve, handle or number of an axis lies over them."""

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

# Whether a curve of the same picture runs through a text.
IS_CROSSED = """text => {
    const box = text.getBoundingClientRect();
    const svg = text.closest("svg");
    return [...svg.querySelectorAll("path.curve")].some((path) => {
        const matrix = path.getScreenCTM();
        for (let at = 0; at <= path.getTotalLength(); at += 0.5) {
            const { x, y } = path.getPointAtLength(at).matrixTransform(matrix);
            if (x > box.left && x < box.right && y > box.top && y < box.bottom) return true;
        }
        return false;
    });
}"""
# The words of other texts, and how many handles, that a text lies over.
FIND_COVERED = """text => {
    const box = text.getBoundingClientRect();
    const meets = (other) => {
        const at = other.getBoundingClientRect();
        return at.width && at.left < box.right && at.right > box.left && at.top < box.bottom && at.bottom > box.top;
    };
    const svg = text.closest("svg");
    const texts = [...svg.querySelectorAll("text")].filter((other) => other !== text && other.textContent);
    const handles = [...svg.querySelectorAll(".handle .dot")];
    return [texts.filter(meets).map((other) => other.textContent), handles.filter(meets).length];
}"""

WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def narrow(page, width):
    page.set_viewport_size({"width": width, "height": 900})


@WIDTHS
@pytest.mark.parametrize("name", ["regression"])
def test_the_words_at_a_corner_do_not_lie_over_its_curve(narrow, lesson, settle):
    told = lesson.locator("#view-guess text", has_text="a corner: no slope")
    answer = lesson.locator(".question[data-target=guess] .answers button").first
    settle(lesson, "guess", answer.click)
    expect(lesson.locator("#view-guess text", has_text="average 177.4")).to_have_count(1)
    assert not told.evaluate(IS_CROSSED)
    assert told.evaluate(FIND_COVERED)[0] == []


@WIDTHS
@pytest.mark.parametrize("name", ["losses"])
def test_no_curve_crosses_the_name_of_the_floor(narrow, lesson, settle):
    figure = lesson.locator("#view-squashed")
    settle(lesson, "squashed", lesson.locator(".question[data-target=squashed] .answers button").first.click)
    name = figure.locator("text", has_text="floor")
    expect(name).to_have_text("floor 2.078")
    assert not name.evaluate(IS_CROSSED)
    settle(lesson, "squashed", lambda: figure.locator("input[name=classes]").press("Home"))
    expect(name).to_have_text("floor 0.3133")
    assert not name.evaluate(IS_CROSSED)


@WIDTHS
@pytest.mark.parametrize(
    ("name", "control", "ends"),
    [("overfitting", "hidden", (0.0, 1.3)), ("regularisation", "decay", (0.16, 0.32))],
)
def test_the_names_of_both_losses_are_beside_the_handle_and_above_the_axis(
    narrow, lesson, page, settle, name, control, ends
):
    def end(route):
        frame = route.fetch().json()
        last = frame["steps"] // frame["stride"]
        share = [step / last for step in range(last + 1)]
        frame |= {"step": frame["steps"], "sure": [0.7 + 0.2 * at for at in share]}
        known, new = ends
        frame |= {"training": [[known + (0.7 - known) * (1 - at) ** 2, 1] for at in share]}
        frame |= {"test": [[0.3 + (new - 0.3) * at, 0.8] for at in share]}
        route.fulfill(json=frame)

    page.route(f"**/api/lessons/{name}/views/network", end)
    figure = page.locator("#view-network")
    settle(
        page,
        "network",
        lambda: figure.locator(f"input[name={control}]").press("ArrowLeft" if name == "overfitting" else "ArrowRight"),
    )
    expect(figure.locator(".says")).to_contain_text("Step 400")
    for word in ("training", "new"):
        label = figure.get_by_text(word, exact=True)
        assert label.evaluate(FIND_COVERED) == [[], 0], word
        assert not label.evaluate(IS_CROSSED)


@pytest.mark.parametrize("name", ["bigram"])
def test_a_small_share_has_a_digit_that_is_not_0(lesson, settle):
    figure = lesson.locator("#view-write")
    settle(lesson, "write", lambda: figure.locator("input[name=back]").press("ArrowRight"))
    expect(figure.locator(".says")).to_contain_text("In 2 of 10,000 places")
    expect(figure.locator("text.told").nth(1)).to_have_text("0.02\u00a0%")


@pytest.mark.parametrize("name", ["loop"])
def test_the_code_that_runs_is_as_large_as_the_code_of_a_formula(lesson):
    size = "code => getComputedStyle(code).fontSize"
    running, other = (lesson.locator(one).first for one in ("#view-loop pre.code", ".formula pre.code"))
    assert running.evaluate(size) == other.evaluate(size)
