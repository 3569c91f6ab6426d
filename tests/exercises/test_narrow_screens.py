"""On 80 and on 60 columns no word is broken, no line of code that fits, and nothing is left out."""

import io
from collections import Counter

import pytest

from groundup.base.console import PlainConsole
from groundup.base.narrow import choose_widths, fit_line
from groundup.cli import main
from groundup.exercises.practice.bugs import write_plainly
from groundup.exercises.registry import list_names, load_exercise, read_hints, read_model_answer, read_statement
from groundup.judge.explain.edits import read_source
from groundup.judge.explain.printing import NumberedCode, Statement, print_verdict
from groundup.judge.verdict import Shown, Verdict

WIDTHS = (80, 60)


def render(thing, width):
    console = PlainConsole(file=io.StringIO(), width=width, color_system=None)
    console.print(thing)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    return lines


def count_words(lines, width):
    """Count the words that fit into a line; a table's rules are none, and its headings are more where it is a list."""
    words = (word.rstrip(":") for line in lines for word in line.split())
    headings = {"given", "returns", "function", "method"}
    return Counter(word for word in words if len(word) < width and set(word) - set("─━") and word not in headings)


def test_statements_and_hints_are_whole():
    for name in list_names():
        text = "\n\n## ".join([read_statement(name), *read_hints(name)])
        code = [line[4:] for line in text.splitlines() if line.startswith("    ")]
        wide = render(Statement(text), 600)
        for width in WIDTHS:
            lines = render(Statement(text), width)
            assert not count_words(wide, width) - count_words(lines, width), name
            shown = [line.strip() for line in lines]
            assert all(line.strip() in shown for line in code if len(line) <= width), name


@pytest.mark.parametrize("width", WIDTHS)
def test_solutions_are_whole(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["solution", "softmax"]) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= width
    source = "\n".join([read_model_answer("softmax"), *map(read_source, load_exercise("softmax").modules)])
    assert {line for line in source.splitlines() if len(line) <= width} <= set(lines)
    assert not Counter(source.split()) - Counter(word for line in lines for word in line.split())


@pytest.mark.parametrize("width", WIDTHS)
def test_verdicts_are_whole_and_stay_indented(width):
    numbers = "[" + ", ".join(f"{number}.0625" for number in range(40)) + "]"
    shown = Shown("the check", [("model_prediction", numbers)], "[[1.5, 2.5],\n [3.5, 4.5]]", numbers)
    findings = ["It is not divided by the number of examples, which the formula of the statement does." * 2]
    verdict = Verdict("softmax", False, "Not right yet: the check.", findings=findings, shown=shown)
    told = io.StringIO()
    print_verdict(load_exercise("softmax"), verdict, "answers/softmax.py", PlainConsole(file=told, width=width))
    lines = told.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    assert all(line.startswith("  ") for line in lines[1:])
    assert Counter(numbers.split()) <= Counter(word for line in lines for word in line.split())
    first = next(place for place, line in enumerate(lines) if "your answer" in line)
    assert lines[first + 1].index("[3.5") == lines[first].index("[[1.5") + 1


@pytest.mark.parametrize("width", [60, 30])
def test_numbered_code_goes_on_farther_in_than_it_began(width):
    for name in list_names():
        source = write_plainly(read_model_answer(name))
        indent = number = 0
        for line in render(NumberedCode(source), width):
            beside = 3 + len(str(source.count("\n")))
            label, code = line[:beside].strip(), line[beside:]
            depth = len(code) - len(code.lstrip())
            if label:
                number += 1
                whole = source.splitlines()[number - 1]
                indent = len(whole) - len(whole.lstrip())
                assert (int(label), depth if code else indent) == (number, indent)
            else:
                assert depth >= indent + (4 if width == 60 else 0)
        shown = "".join(line[beside:].strip() for line in render(NumberedCode(source), width))
        assert shown.replace(" ", "") == "".join(source.split())


def test_columns_share_what_there_is():
    assert choose_widths([["get(x, y)"], ["a b " * 10], ["c d " * 30]], 79) == [9, 33, 33]
    assert choose_widths([["a" * 30], ["b" * 30]], 61) is None
    assert choose_widths([[""], []], 10) == [0, 0]


def test_remarks_come_nearer_before_a_formula_is_broken():
    assert fit_line("  y = w * x      with one weight", 28) == ["  y = w * x  with one weight"]
    assert fit_line("  y = w * x      with one weight", 20) == ["  y = w * x  with", "      one weight"]
