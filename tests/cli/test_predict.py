"""``predict`` of several inputs: bad ones are named, a line each, and hide no other answer, whatever the task."""

import io
import json
import sys

import pytest

from groundup.cli import main

# The task, what makes its run small, inputs that are answered, and inputs that are not with what is said of them.
RUNS = {
    "regression": (
        ["--data", "t.csv", "--target", "y"],
        ["x=1,k=a", "x=2.5,k=b"],
        {"x=tall,k=a": "not a finite number", "z=1": '"z"'},
    ),
    "classification": (["--data", "t.csv", "--target", "k"], ["x=1,y=2"], {"x=tall,y=1": "not a finite number"}),
    "sentiment": (["--data", "sentences", "--set", "epochs=1"], ["good", "bad"], {"caf\udce9": "not UTF-8"}),
    "digits": (
        ["--set", "epochs=1", "--set", "hidden=8"],
        ["builtin:3"],
        {"builtin:x": "builtin:N", "no.png": "no.png"},
    ),
    "gpt": (
        [
            "--data",
            "t.txt",
            *(word for pair in ("layers=1", "width=16", "heads=2", "context=8", "steps=1") for word in ("--set", pair)),
        ],
        ["one", "two"],
        {"ONE": 'never saw "O"', "Z": 'never saw "Z"'},
    ),
    "sums": (
        ["--set", "steps=1", "--set", "digits=2"],
        ["1+2", "33+4"],
        {"hello": "not a question", "123+1": "2 digits"},
    ),
}


@pytest.fixture(scope="module", params=RUNS)
def asked(request, tmp_path_factory):
    """A run of each task, with what it can and what it cannot answer."""
    folder = tmp_path_factory.mktemp(request.param)
    xs = [n * 37 % 60 / 4 + 0.1 for n in range(60)]
    rows = (f"{x},{2 * x + n % 3},{'ab'[x + n % 5 > 9]}\n" for n, x in enumerate(xs))
    (folder / "t.csv").write_text("x,y,k\n" + "".join(rows))
    (folder / "t.txt").write_text("one two three\n" * 40)
    words, good, bad = RUNS[request.param]
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert main(["train", request.param, "--run", "mine", *words]) == 0
    return folder, good, bad


def predict(folder, capsys, *words):
    capsys.readouterr()
    code = main(["predict", "mine", "--runs", str(folder / "runs"), *words])
    return code, *capsys.readouterr()


def write_out(word):
    return word.encode("ascii", "backslashreplace").decode()


def test_what_cannot_be_answered_is_named_beside_the_answers(asked, capsys):
    folder, good, bad = asked
    _, alone, _ = predict(folder, capsys, *good)
    mixed = [*good[:1], *bad, *good[1:]]
    code, out, err = predict(folder, capsys, *mixed)
    assert (code, out) == (2, alone)
    lines = err.splitlines()
    assert len(lines) == len(bad)
    for line, (word, told) in zip(lines, bad.items(), strict=True):
        assert line.startswith("groundup: ")
        assert told in line
        assert write_out(word) in line
    code, out, _ = predict(folder, capsys, *mixed, "--json")
    facts, known = json.loads(out), json.loads(predict(folder, capsys, *good, "--json")[1])
    assert code == 2
    assert [one["input"] for one in facts.pop("refused")] == [write_out(word) for word in bad]
    assert facts == known


def test_one_bad_input_is_one_line_and_so_are_several_for_one_reason(asked, capsys):
    folder, _, bad = asked
    word, told = next(iter(bad.items()))
    for words in ([word], [word, word]):
        code, out, err = predict(folder, capsys, *words)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert told in err


def test_lines_of_standard_input_are_answered_likewise(asked, capsys, monkeypatch):
    folder, good, bad = asked
    typed = "".join(f"{word}\n" for word in [*bad, *good] if word.isprintable())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8"))
    code, out, _ = predict(folder, capsys, "-")
    assert code == (2 if len(typed.splitlines()) > len(good) else 0)
    assert out == predict(folder, capsys, *good)[1]


def test_no_input_is_no_fault(asked, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b""), encoding="utf-8"))
    code, out, err = predict(asked[0], capsys, "-")
    assert (code, out) == (2, "")
    assert err == "groundup: standard input: empty. Write what to predict, one input per line.\n"
