"""Progress of bytes: how many, how fast, and how long still; on a terminal and in a file."""

import io

import pytest
from rich.console import Console

from groundup.base.console import PlainConsole
from groundup.base.reporting import Reporter


@pytest.fixture
def reporter(monkeypatch):
    monkeypatch.setattr(Reporter, "plain_line_seconds", 0.0)
    return Reporter()


def test_a_file_gets_lines_of_megabytes(reporter, capsys):
    with reporter.progress(40_000_000, "tokenising", done=10_000_000, in_bytes=True) as progress:
        progress.advance(15_000_000)
    line = capsys.readouterr().err
    assert line.startswith("tokenising 25/40 MB  ")
    assert "MB/s" in line
    assert line.endswith(" s left\n")


def test_a_terminal_gets_bytes_rate_and_time_left(reporter):
    written = io.StringIO()
    reporter.console = Console(file=written, force_terminal=True, width=120)
    with reporter.progress(40_000_000, "tokenising", done=10_000_000, in_bytes=True) as progress:
        progress.advance(30_000_000)
    assert "40.0/40.0 MB" in written.getvalue()


def test_a_terminal_gets_sentences_broken_between_words_and_the_rest_whole(monkeypatch):
    sentence, path, command = "word " * 40, "Saved in " + "long/" * 30, "Try it: groundup predict a " + "1+2 " * 30
    for terminal in (True, False):
        out = io.StringIO()
        console = PlainConsole(file=out, force_terminal=terminal, width=80)
        for line in (sentence, path, command, "    indented " * 10):
            console.print_line(line)
        lines = out.getvalue().splitlines()
        assert lines[-3:] == [path, command, "    indented " * 10]
        assert max(map(len, lines[:-3])) <= 80 if terminal else lines[:-3] == [sentence]


def test_steps_are_counted_as_before(reporter, capsys):
    with reporter.progress(40, "training", done=10) as progress:
        progress.advance(5, loss=1.5)
    assert capsys.readouterr().err.startswith("training 15/40  loss 1.5  ")
