"""What a shell suggests, and how a terminal without colours is served."""

import os
import pty
import re
import subprocess
import sys

import pytest

from groundup.cli import main
from groundup.cli.app import build_command, name_command
from groundup.course import EXERCISES


@pytest.fixture
def suggest(tmp_path, monkeypatch, capsys):
    """Return a function from a command line that is typed to what bash would suggest for its last word."""
    monkeypatch.chdir(tmp_path)
    for name in ("GROUNDUP_RUNS", "GROUNDUP_CATALOGUE"):
        monkeypatch.delenv(name, raising=False)
    for folder in ("runs/alpha", "runs/beta", "other/gamma"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "config.json").write_text("{}")
    (tmp_path / "runs" / "nothing").mkdir()

    def suggest(line):
        monkeypatch.setenv("_GROUNDUP_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
        assert main([]) == 0
        return capsys.readouterr().out.split()

    return suggest


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("groundup show ", ["alpha", "beta"]),
        ("groundup generate b", ["beta"]),
        ("groundup runs rm alpha ", ["alpha", "beta"]),
        ("groundup runs compare a", ["alpha"]),
        ("groundup show --runs other ", ["gamma"]),
        ("groundup runs --runs other rm ", ["gamma"]),
        ("groundup show --runs nowhere ", []),
        ("groundup train gpt --run al", ["alpha"]),
        ("groundup train gpt --like ", ["alpha", "beta"]),
        ("groundup train ", ["regression", "classification", "digits", "sentiment", "gpt", "chat", "sums", "reward"]),
        ("groundup check soft", ["softmax"]),
        ("groundup learn start soft", ["softmax"]),
        ("groundup hint ", list(EXERCISES)),
        ("groundup grade class --exercise soft", ["softmax"]),
        ("groundup learn where byte", ["byte-pair", "byte_pair"]),
        ("groundup data get mn", ["mnist"]),
        ("groundup train digits --data mn", ["mnist"]),
        ("groundup evaluate alpha --data mn", ["mnist"]),
        ("groundup export alpha --to ", ["gguf", "huggingface", "onnx"]),
        ("groundup tou", ["tour"]),
        ("groundup tour", ["tour"]),
        ("groundup qu", ["quantise"]),
        ("groundup runs", ["runs"]),
        ("groundup learn qu", ["quiz"]),
    ],
)
def test_names_are_suggested(suggest, line, found):
    assert suggest(line) == found


def test_the_environment_names_the_folder_of_runs(suggest, monkeypatch):
    monkeypatch.setenv("GROUNDUP_RUNS", "other")
    assert suggest("groundup show ") == ["gamma"]


def test_a_catalogue_with_a_mistake_breaks_no_key_press(suggest, monkeypatch, tmp_path):
    (tmp_path / "own.toml").write_text("[[")
    monkeypatch.setenv("GROUNDUP_CATALOGUE", str(tmp_path / "own.toml"))
    assert suggest("groundup data get mn") == []


@pytest.mark.parametrize("line", ["groundup show ", "groundup train --data ", "groundup export a --to "])
def test_a_key_press_loads_nothing_heavy(line, tmp_path):
    script = (
        "import sys; from groundup.cli import main; main([])\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'matplotlib', 'pyarrow', 'sympy', 'requests', 'tokenizers'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    typed = {"_GROUNDUP_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    told = subprocess.check_output([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, **typed}, text=True)
    assert told.splitlines()[-1] == "heavy: []"


@pytest.mark.parametrize(
    ("arguments", "typed", "name"),
    [
        (["train", "gpt"], {}, "train"),
        (["tra"], {}, None),
        (["--help"], {}, None),
        ([], {}, None),
        ([], {"COMP_WORDS": "groundup show ", "COMP_CWORD": "2"}, "show"),
        ([], {"COMP_WORDS": "groundup show", "COMP_CWORD": "1"}, None),
        ([], {"COMP_WORDS": "groundup", "COMP_CWORD": "1"}, None),
        ([], {"_TYPER_COMPLETE_ARGS": "groundup train gp"}, "train"),
    ],
)
def test_only_the_command_that_is_named_is_built(monkeypatch, arguments, typed, name):
    for variable in ("COMP_WORDS", "COMP_CWORD", "_TYPER_COMPLETE_ARGS"):
        monkeypatch.delenv(variable, raising=False)
    for variable, text in ({"_GROUNDUP_COMPLETE": "complete_bash"} | typed if typed else {}).items():
        monkeypatch.setenv(variable, text)
    assert name_command(arguments) == name
    assert list(build_command(name).commands)[: 2 if name is None else None] == (
        ["tour", "lab"] if name is None else [name]
    )


@pytest.mark.parametrize(
    ("environment", "colours", "signs"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_a_terminal_without_colours_gets_none(environment, colours, signs, tmp_path):
    ours, theirs = pty.openpty()
    others = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
    command = [sys.executable, "-m", "groundup", "solution", "softmax"]
    # Standard output is read while it is written: a terminal holds a few kilobytes.
    with subprocess.Popen(command, cwd=tmp_path, stdout=theirs, env={**others, **environment}):
        os.close(theirs)
        text = b""
        try:
            while block := os.read(ours, 65536):
                text += block
        except OSError:  # Linux' way to say that nobody writes any more
            pass
    os.close(ours)
    assert b"softmax" in text
    assert bool(re.search(rb"\x1b\[[0-9;]*\b(3|4|9|10)[0-8]\b", text)) == colours
    assert (b"\x1b" in text) == signs
