"""The section "Look inside" of a GPT's page: the figures of `groundup look`, for whoever points at them."""

import json
import re

import pytest
from browsing import find_barriers

from groundup.cli import main

TEXT = "The king is dead"
FIND = "/api/runs/gpt/inside"


def ask(lab, **asked):
    status, _, body = lab.ask(FIND, json.dumps(asked))
    return status, json.loads(body)


def test_it_answers_what_the_command_answers(lab, capsys):
    status, found = ask(lab, text=TEXT)
    assert status == 200
    assert main(["look", "gpt", "--text", TEXT, "--runs", str(lab.runs), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert found.keys() == told.keys()
    assert found["tokens"] == told["tokens"] == list(TEXT)
    assert found["surprise"][1:] == pytest.approx(told["surprise"][1:], abs=1e-4)
    assert found["heads"]["cost"][0] == pytest.approx(told["heads"]["cost"][0], abs=1e-4)


def test_the_validation_text_is_measured_in_part(lab):
    status, found = ask(lab, text=TEXT, on="validation")
    assert status == 200
    assert found["measured"]["on"] == "validation"
    assert 1024 < found["measured"]["tokens"] <= 2048


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "text is a text"),
        ({"text": 3}, "text is a text"),
        ({"text": TEXT, "on": "/etc/passwd"}, "on is text or validation"),
        ({"text": ""}, "nothing to look at"),
        ({"text": "日本"}, 'never saw "日" "本"'),
        ({"text": "a" * 5000}, "too many here"),
    ],
)
def test_what_cannot_be_looked_at_is_one_line(lab, asked, told):
    status, found = ask(lab, **asked)
    assert status == 400
    assert told in found["error"]


def test_only_runs_that_write_have_it(lab):
    assert 'id="inside"' in lab.ask("/runs/gpt")[2]
    assert 'id="inside"' not in lab.ask("/runs/digits")[2]
    status, _, body = lab.ask("/api/runs/digits/inside", json.dumps({"text": TEXT}))
    assert status == 400
    assert "not of gpt" in json.loads(body)["error"]


def test_a_text_is_looked_into_on_the_page(page, lab):
    expect = pytest.importorskip("playwright.sync_api").expect
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(lab.address + "/runs/gpt")
    page.fill("#look textarea", TEXT + "\n& on")
    page.click("#look button")
    heads = page.locator("#parts button")
    expect(page.locator("#look button")).to_be_enabled()
    assert page.locator("#look-status").inner_text() == ""
    assert heads.count() == 4 + 3
    assert page.locator("#shaded span").count() == page.locator("#lens th[scope=col]").count() == len(TEXT) + 5
    assert page.locator("#lens tbody tr").count() == 3  # surprise, embedding, block 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    heads.nth(2).click()
    expect(page.locator("#part-detail")).to_have_text(
        re.compile(r"^head 1\.3 off: loss [+−]0\.\d{3} ± .* induction 0\.\d\d\.$")
    )
    page.focus("#parts button >> nth=6")
    expect(page.locator("#part-detail")).to_have_text(re.compile(r"^block 1 off: loss [+−]\d\.\d{3}"))
    page.locator("#shaded span").nth(1).click()
    expect(page.locator("#surprise-detail")).to_have_text(re.compile(r"^“h”: \d+\.\d\d nats, probability"))

    page.select_option("#shown-score", "previous_token")
    expect(page.locator("#parts button")).to_have_count(4)
    expect(page.locator("#parts button").first).to_have_text(re.compile(r"^0\.\d\d$"))
    assert find_barriers(page) == []

    page.select_option("#look select", "validation")
    page.click("#look button")
    expect(page.locator("#measured")).to_contain_text("the validation text")
    page.fill("#look textarea", "日本")
    page.click("#look button")
    expect(page.locator("#look-status")).to_contain_text("never saw")
    page.wrong[:] = [text for text in page.wrong if "400" not in text]  # the browser itself logs the refusal
