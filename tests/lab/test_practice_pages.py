"""Practice in the browser: the same questions, bugs, reviews and counts as in the terminal, kept in the same files."""

import json
import random
from datetime import UTC, datetime

import pytest
from browsing import find_barriers, wait_until_ready

from groundup.cli import main
from groundup.exercises.practice import review
from groundup.exercises.practice.journal import Journal
from groundup.exercises.practice.questions import KINDS
from groundup.exercises.registry import read_hints, read_model_answer
from groundup.exercises.transcript import read_transcript
from groundup.exercises.workspace import Workspace

expect = pytest.importorskip("playwright.sync_api").expect
PAGES = ["/practice/quiz/?exercise=softmax", "/practice/review/", "/practice/bug/?exercise=softmax", "/progress/"]
LONG_AGO = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def answers(lab):
    """Return the lab's folder of answers, with nothing practised."""
    folder = lab.folder / "answers"
    folder.mkdir(exist_ok=True)
    (folder / "practice.json").unlink(missing_ok=True)
    for bug in folder.glob("bugs/*.py"):
        bug.unlink()
    return folder


@pytest.fixture
def post(lab):
    def post(path, status=200, **body):
        got, _, told = lab.ask(f"/api/practice/{path}", json.dumps(body))
        assert got == status, told
        return json.loads(told)

    return post


def add_due(answers, *names):
    with Journal(answers).change() as practice:
        review.add_solved(practice, names, LONG_AGO)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_practice_is_wider_than_a_phone_or_keeps_anybody_out(page, lab, answers, path):
    add_due(answers, "softmax", "linear")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(lab.address + path)
    if path != "/progress/":  # which runs no script
        wait_until_ready(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert find_barriers(page) == []


def test_questions_are_answered_by_keys_explained_and_kept(page, lab, answers):
    page.goto(f"{lab.address}/practice/quiz/?exercise=softmax")
    expect(page.locator(".answers button")).to_have_count(3)
    assert Journal(answers).read().asked["exercise"] == "softmax"
    page.keyboard.press("2")
    expect(page.locator("#next")).to_be_focused()
    kept = Journal(answers).read()
    assert kept.asked is None
    assert [line["exercise"] for line in kept.log] == ["softmax"]
    expect(page.locator(".said")).to_contain_text("Right." if kept.log[0]["right"] else "is right.")
    expect(page.locator(".answers .right")).to_have_count(1)
    expect(page.locator(".answers .wrong")).to_have_count(int(not kept.log[0]["right"]))
    assert find_barriers(page) == []
    page.keyboard.press("n")
    expect(page.locator(".answers button:enabled")).to_have_count(3)
    page.keyboard.press("1")
    expect(page.locator("#next")).to_be_focused()
    assert len(Journal(answers).read().log) == 2
    page.get_by_role("link", name="Look at the exercise").click()
    page.get_by_role("link", name="Back to the quiz").click()
    expect(page.locator(".answers button:enabled")).to_have_count(3)


def test_curves_are_drawn_beside_the_right_programs(page, lab, answers):
    name = "learning-rate-schedule"
    seed = next(n for n in range(99) if random.Random(f"{name} {n}").sample(KINDS, len(KINDS))[0] == "curve")
    assert main(["learn", "quiz", name, "--seed", str(seed), "--answers", str(answers), "--json"]) == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{lab.address}/practice/quiz/")
    expect(page.locator(".curve-picture .of-mistake")).to_have_count(3)
    expect(page.locator(".curve-picture .of-right")).to_have_count(3)
    assert len({one.get_attribute("points") for one in page.locator(".of-mistake").all()}) == 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert find_barriers(page) == []
    page.keyboard.press("3")
    expect(page.locator(".explained")).to_contain_text("The other curves come from other mistakes.")


def test_long_lines_of_code_keep_their_indentation_and_code_in_a_sentence_is_code(page, lab, answers):
    name = "descent-in-several-variables"
    seed = next(n for n in range(99) if random.Random(f"{name} {n}").sample(KINDS, len(KINDS))[0] == "code")
    assert main(["learn", "quiz", name, "--seed", str(seed), "--answers", str(answers), "--json"]) == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{lab.address}/practice/quiz/")
    expect(page.locator(".answers .code")).to_have_count(3)
    # Where each row of a line begins, and where the line's first letter stands.
    rows = page.evaluate("""() => [...document.querySelectorAll(".code-line")].map((line) => {
      const range = document.createRange();
      range.selectNodeContents(line);
      const lefts = [...range.getClientRects()].filter(({ width }) => width > 0);
      const tops = new Map();
      for (const { top, left } of lefts) {
        const row = [...tops.keys()].find((other) => Math.abs(other - top) < 6) ?? top;
        tops.set(row, Math.min(left, tops.get(row) ?? left));
      }
      return [...tops].sort(([one], [other]) => one - other).map(([, left]) => left);
    })""")
    texts = page.locator(".code-line").all_text_contents()
    wrapped = [(line, text) for line, text in zip(rows, texts, strict=True) if len(line) > 1]
    assert wrapped
    for (first, *others), text in wrapped:
        assert min(others) > first + 7 * (len(text) - len(text.lstrip())) / 2, text
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert find_barriers(page) == []
    page.keyboard.press("1")
    expect(page.locator(".why-text code")).to_have_count(4)
    assert "`" not in page.locator(".why-text").inner_text()


def test_what_is_due_is_asked_and_then_the_day_is_done(page, lab, answers):
    add_due(answers, "softmax")
    page.goto(lab.address)
    expect(page.locator(".pills b")).to_have_text("1 due")
    page.goto(f"{lab.address}/practice/")
    page.wait_for_url("**/practice/review/")
    expect(page.locator("#count")).to_have_text("1 of 1 due today")
    page.locator(".answers button").first.click()
    page.locator("#next").click()
    expect(page.locator(".nothing h2")).to_have_text("Done for today.")
    card = Journal(answers).read().cards["softmax"]
    assert datetime.fromisoformat(card["due"]) > datetime.now(UTC)


def test_a_bug_is_found_mended_and_kept(page, lab, answers):
    page.goto(f"{lab.address}/practice/bug/?exercise=softmax")
    page.wait_for_selector("#bug:not([hidden])")
    bug = Journal(answers).read().bugs["softmax"]
    path = answers / "bugs" / "softmax.py"
    planted = path.read_text()
    # A long line goes on beyond the edge, to be scrolled to: Python means something else by another indentation.
    assert page.locator("#lines code").first.evaluate("code => getComputedStyle(code).whiteSpace") == "pre"
    begins = page.locator("#lines code").evaluate_all("lines => lines.map((code) => code.getBoundingClientRect().left)")
    assert len(set(begins)) == 1
    lines = page.locator("#lines input")
    other = next(place for place in range(lines.count()) if lines.nth(place).is_enabled() and place != bug["line"] - 1)
    lines.nth(other).check()
    page.get_by_role("button", name="This line is wrong").click()
    expect(page.locator("#told")).to_contain_text("as it should be")
    lines.nth(bug["line"] - 1).check()
    page.get_by_role("button", name="This line is wrong").click()
    expect(page.locator("#told")).to_contain_text(f"Yes, it is line {bug['line']}")
    page.locator("#judge").click()
    expect(page.locator("#verdict h2")).to_contain_text("✗")
    assert find_barriers(page) == []
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(read_model_answer("softmax"))
    expect(page.locator("#saved")).to_have_text("saved in bugs/softmax.py")
    assert path.read_text() == read_model_answer("softmax") != planted
    page.keyboard.press("Control+Enter")
    expect(page.locator("#another")).to_be_focused()
    expect(page.locator(".mended .gone")).to_have_text(bug["wrong"])
    assert find_barriers(page) == []
    kept = Journal(answers).read()
    assert (kept.bugs, kept.log[-1]["kind"], kept.log[-1]["right"], path.exists()) == ({}, "bug", True, False)


def test_a_bug_that_the_terminal_planted_is_given_up_here(page, lab, answers):
    assert main(["learn", "debug", "softmax", "--answers", str(answers), "--json"]) == 0
    page.goto(f"{lab.address}/practice/bug/")
    expect(page.locator("#bug-title")).to_have_text("Softmax")
    page.locator("#bug-exercise").click()
    page.get_by_role("link", name="Back to the bug").click()
    expect(page.locator("#bug-title")).to_have_text("Softmax")
    page.locator("#give-up").click()
    expect(page.locator(".mended h3")).to_contain_text("This was the mistake.")
    assert Journal(answers).read().log[-1]["right"] is False


def test_a_question_of_the_lab_is_answered_in_the_terminal_and_the_other_way_round(post, answers, capsys):
    asked = post("ask", exercise="softmax")["question"]
    assert "right" not in asked
    assert post("ask", exercise="")["question"] == asked, "it waits"
    assert main(["learn", "quiz", "--answer", "1", "--answers", str(answers), "--json"]) in (0, 1)
    told = json.loads(capsys.readouterr().out)
    facts = {key: asked[key] for key in ("exercise", "seed", "review")}
    assert "answered already" in post("answer", 400, **facts, choice=0)["error"]
    assert main(["learn", "quiz", "softmax", "--answers", str(answers), "--json", "--seed", "5"]) == 0
    asked = post("ask", exercise="")["question"]
    assert asked["seed"] == 5
    answered = post("answer", exercise="softmax", seed=5, review=False, choice=told["answer"] - 1)
    log = Journal(answers).read().log
    assert [line["right"] for line in log] == [told["right"], answered["correct"]]


def test_hints_of_the_lab_and_of_the_terminal_are_counted_together(lab, answers, capsys):
    hints = read_hints("rms-norm")
    assert main(["hint", "rms-norm", "--answers", str(answers), "--json", "--stage", "1"]) == 0
    assert 'data-seen="1"' in lab.ask("/exercises/rms-norm/")[2]
    status, _, told = lab.ask("/api/exercises/rms-norm/hints/2", "{}")
    assert (status, json.loads(told)["note"]) == (200, "")
    capsys.readouterr()
    assert main(["hint", "rms-norm", "--answers", str(answers), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["hint"] == hints[2]
    assert lab.ask("/exercises/rms-norm/")[2].count('<section class="hint">') == 3


def test_progress_counts_what_was_done_and_gives_the_transcript(lab, answers, tmp_path):
    workspace = Workspace(answers)
    path = workspace.path("sampling")
    path.write_text(read_model_answer("sampling"))
    workspace.record("sampling", path, accepted=True)
    add_due(answers, "sampling")
    _, _, told = lab.ask("/progress/")
    assert "1 exercise is due for review today." in told
    assert '<a href="/exercises/sampling/">' in told
    status, headers, told = lab.ask("/progress/transcript.json")
    assert status == 200
    assert "attachment" in headers["content-disposition"]
    (tmp_path / "transcript.json").write_text(told)
    found = read_transcript(tmp_path / "transcript.json")
    assert {"name": "sampling", "state": "done"}.items() <= next(
        one for one in found["exercises"] if one["name"] == "sampling"
    ).items()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("ask", '{"exercise": "nothing"}', "There is no exercise named nothing"),
        ("ask", '{"exercise": 3}', "exercise: a text"),
        ("answer", '{"exercise": "softmax", "seed": -1, "choice": 0}', "seed: must be"),
        ("answer", '{"exercise": "softmax", "seed": 1, "choice": 3}', "choice: must be"),
        ("bug/line", '{"exercise": "softmax", "line": 1}', "done with"),
        ("bug/judge", "[]", "JSON object"),
    ],
)
def test_bad_requests_are_refused_in_a_line(lab, answers, path, body, words):
    got, _, told = lab.ask(f"/api/practice/{path}", body)
    assert got == 400, told
    assert words in told


def test_a_damaged_journal_is_told_and_kept_and_the_home_page_opens(lab, answers):
    (answers / "practice.json").write_text("{")
    assert lab.ask("/")[0] == 200
    status, _, told = lab.ask("/progress/")
    assert (status, "damaged" in told) == (400, True)
    assert (answers / "practice.json").read_text() == "{"
