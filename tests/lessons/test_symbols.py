"""Symbols of formulas and the names that hold them in the code are found where they stand, and nowhere else."""

import html
import re

import pytest

from groundup.course import LESSONS
from groundup.lessons.markdown import read_lesson
from groundup.lessons.page_loading import load_text
from groundup.lessons.registry import PAGES
from groundup.lessons.symbols import Pair, find_names, find_symbols, mark_code, split_pairs, wrap_symbols

every_lesson = pytest.mark.parametrize("name", LESSONS)


def list_formulas(name):
    """Return each formula of a lesson, as it is written and as it is shown."""
    text = load_text(name)
    written = [block.body for block in text.blocks if block.kind == "formula"]
    return list(zip(written, text.text.split('<div class="formula">')[1:], strict=True))


@every_lesson
def test_every_symbol_of_a_lesson_stands_in_its_formula_and_every_name_in_its_code(name):
    for body, shown in list_formulas(name):
        check_symbols(body, shown)


def check_symbols(body, shown):
    _, pairs = split_pairs(body)
    above, _, rest = shown.partition('<div class="pairs"')
    buttons, _, code = rest.partition('<div class="lines">')
    code = code.partition("</pre>")[0]
    marked = {int(number) for number in re.findall(r"symbol=(\d+)", above)}
    assert marked == set(range(len(pairs))) == {int(number) for number in re.findall(r'data-symbol="(\d+)"', code)}
    assert buttons.count("<button") == len(pairs)
    words = " ".join(html.unescape(re.sub("<[^>]+>", "", code)).split())
    for pair in pairs:
        for name in pair.names:
            assert name in words


@every_lesson
def test_marks_change_nothing_of_a_formula_but_the_marks(name):
    shown = load_text(name).text
    for marked, plain in re.findall(r'data-marked="([^"]*)">([^<]*)<', shown):
        tex = html.unescape(marked)
        while (found := re.sub(r"\\htmlData\{symbol=\d+\}", "", tex)) != tex:
            tex = found
        assert re.sub(r"[{}\s]", "", tex) == re.sub(r"[{}\s]", "", html.unescape(plain))
        assert tex.count("{") == tex.count("}")


@pytest.mark.parametrize(
    ("tex", "symbols", "found"),
    [
        (r"\hat y - y", ["y"], ["y"]),
        (r"\hat{y}_i - y_i", ["y_i"], ["y_i"]),
        (r"x_1 + x", ["x"], ["x"]),
        (r"\exp x + \text{max}", ["x"], ["x"]),
        (r"\mathrm{d}h + h", ["h"], ["h"]),
        (r"f'(x) + f(x)", ["f"], ["f"]),
        (r"W x", ["W", "W x"], ["W x", "W"]),
        (r"\beta_1^{t + 1}", [r"\beta_1", "t"], [r"\beta_1^{t + 1}", "t"]),
        (r"\max(0,\ p(x))", [r"\max(0, p(x))"], [r"\max(0,\ p(x))"]),
    ],
)
def test_a_symbol_is_found_alone_and_not_as_a_part_of_another_one(tex, symbols, found):
    marks = find_symbols(tex, [Pair((symbol,), ("name",)) for symbol in symbols])
    assert [tex[mark.begin : mark.end] for mark in marks] == found


@pytest.mark.parametrize(
    ("tex", "wrapped"),
    [
        (r"\sqrt d", r"\sqrt {\htmlData{symbol=0}{d}}"),
        (r"\frac1d", r"\frac1{\htmlData{symbol=0}{d}}"),
        ("x_d", r"x_{\htmlData{symbol=0}{d}}"),
        ("{d} + d^2", r"{\htmlData{symbol=0}{d}} + \htmlData{symbol=0}{d^2}"),
    ],
)
def test_an_argument_without_braces_gets_some(tex, wrapped):
    assert wrap_symbols(tex, find_symbols(tex, [Pair(("d",), ("depth",))])) == wrapped


def test_names_are_variables_not_attributes_nor_parts_of_words():
    source = "total = rate.total * totals + f(total)  # total\n"
    marks = find_names(source, [Pair(("t",), ("total",)), Pair(("f",), ("f(total)",))])
    assert [(mark.begin, mark.number) for mark in marks] == [(0, 0), (30, 1), (32, 0)]
    shown = mark_code("total = rate.total * totals + f(total)", marks)
    assert shown.endswith('+ <span data-symbol="1">f(<span data-symbol="0">total</span>)</span>')


def test_a_name_in_the_text_is_marked_as_well(tmp_path):
    lesson = (PAGES / "descending" / "lesson.md").read_text(encoding="utf-8").replace("`iterations`", "`learning_rate`")
    path = tmp_path / "lesson.md"
    path.write_text(lesson, encoding="utf-8")
    assert '<code data-symbol="2">learning_rate</code> times' in read_lesson(path).text
