"""Standard streams that are closed, full, left by their reader or in a poor encoding: no traceback, no wrong code."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.base.console import PlainConsole
from groundup.base.errors import UserError
from groundup.base.plain_text import UNSAFE, clean, fold
from groundup.cli import FAULT, INTERRUPTED, main
from groundup.cli.output import emit, print_json, read_standard_input
from groundup.cli.streams import ReaderGone, own_streams
from groundup.tasks.protocol import Report

COMMANDS = ["--help", "data list", "data list --json"]


@contextlib.contextmanager
def output_in(encoding):
    """Let standard output be a file in an encoding; yield a function that returns what was written."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    with contextlib.redirect_stdout(file), own_streams():
        yield lambda: (file.flush(), file.buffer.getvalue())[1]


def start(command, cwd, **options):
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run([sys.executable, "-m", "groundup", *command.split()], cwd=cwd, env=environment, **options)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_seen_enough_is_no_error(command, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        result = start(command, tmp_path, stdout=pipe, stderr=subprocess.PIPE)
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_behind_standard_output_is_told_in_one_line(command, tmp_path):
    with open("/dev/full", "wb") as full:
        result = start(command, tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert re.fullmatch(r"groundup: Standard output cannot be written \(no space left .*\)\. .*\n", result.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_the_error_itself_is_told_where_standard_output_is_full(tmp_path):
    with open("/dev/full", "wb") as full:
        result = start("show none --json", tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert re.fullmatch('groundup: No run called "none".*\n', result.stderr)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_work_goes_on_where_nothing_can_be_said(tmp_path):
    with open("/dev/full", "wb") as full:
        result = start("train heights --json", tmp_path, stdout=subprocess.PIPE, stderr=full)
    assert result.returncode == 0
    assert json.loads(result.stdout)
    assert (tmp_path / "runs" / "heights" / "model.safetensors").is_file()


def test_no_file_takes_the_place_of_a_closed_stream(tmp_path):
    command = "descend x**2 --start 1 --out way.png"
    result = start(command, tmp_path, preexec_fn=lambda: [os.close(number) for number in (0, 1, 2)])
    assert result.returncode == 0
    assert (tmp_path / "way.png").read_bytes().endswith(b"IEND\xaeB`\x82")


def test_a_closed_standard_input_is_an_empty_one(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with own_streams():
        assert read_standard_input() == ""
    assert sys.stdin is None


@pytest.mark.parametrize("typed", [b"fine\n\xff\n", b"\0\0\0", b"x" * 11])
def test_what_is_typed_must_be_text(typed, monkeypatch):
    monkeypatch.setattr("groundup.cli.output.MOST_TYPED", 10)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
    with pytest.raises(UserError, match="standard input"):
        read_standard_input()


@pytest.mark.parametrize(
    ("command", "encoding"), [("--help", "ascii"), ("hint softmax", "cp1252"), ("solution neuron", "latin-1")]
)
def test_what_a_terminal_cannot_show_is_replaced(command, encoding, tmp_path):
    result = start(command, tmp_path, env={"PYTHONIOENCODING": encoding}, capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode(encoding)


def test_signs_become_words(tmp_path):
    with output_in("ascii") as written:
        emit(Report(lines=["✓ done, ✗ wrong: σ(x) ≥ 0 → Grüße", "[bold]x²[/bold] …"]), as_json=False)
    assert written() == b"ok done, wrong wrong: sigma(x) >= 0 -> Gr\\xfc\\xdfe\nx^2 ...\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_is_utf_8_in_every_terminal(encoding):
    facts = {"name": "Grüße ✓ 😀 \udcff", "Ж": [float("nan"), object(), "\x9b2J\x7f\u2028\u202e"], "\ud800": 1}
    with output_in(encoding) as written:
        print_json(facts)
    raw = written()
    read = json.loads(raw.decode("utf-8"))
    assert read["name"] == "Grüße ✓ 😀 \\udcff"
    assert read["Ж"][0] is None
    assert read["Ж"][2] == facts["Ж"][2]
    assert read["\\ud800"] == 1
    assert not UNSAFE.search(raw.decode("utf-8"))


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_every_text_is_json_and_can_be_read_again(text):
    with output_in("ascii") as written:
        print_json({text: text})
    ((key, value),) = json.loads(written()).items()
    assert key == value
    key.encode()


def test_json_nested_without_end_is_refused_in_one_line(capsys, monkeypatch):
    nested = []
    for _ in range(100_000):
        nested = [nested]
    monkeypatch.setattr("groundup.exercises.registry.load_exercise", lambda name: print_json({"nested": nested}))
    assert main(["solution", "softmax", "--json"]) == 2
    assert "too deeply" in json.loads(capsys.readouterr().out)["error"]


HOSTILE = "\x1b[2J\x1b]0;owned\x07 \x9b1m\udcff\x00 \u202e"


def test_text_of_strangers_does_nothing_in_a_terminal(capsys):
    report = Report(lines=[f"[bold]name {HOSTILE}[/bold]", "a [/red] tag", ":cat:"], table=(["a"], [[HOSTILE]]))
    emit(report, as_json=False)
    shown = capsys.readouterr().out
    assert not UNSAFE.search(shown)
    assert shown.count("\\x1b]0;owned") == 2
    assert "a [/red] tag" in shown
    assert ":cat:" in shown


def test_colours_stay_and_a_strangers_do_not(monkeypatch):
    file = io.StringIO()
    console = PlainConsole(file=file, force_terminal=True, color_system="standard", width=40)
    console.print("[red]mine[/red] \x1b[31mtheirs")
    assert file.getvalue() == "\x1b[31mmine\x1b[0m \\x1b[31mtheirs\n"


def test_a_long_text_is_broken_into_lines_after_it_was_written_out():
    file = io.StringIO()
    PlainConsole(file=file, width=40).print("\x1b" * 25 + " the end")
    assert file.getvalue().replace("\n", "").endswith("the end")


@given(st.text(st.characters() | st.characters(categories=["Cs"])))
def test_an_error_is_one_line_of_text_that_can_be_written(text):
    line = fold(text)
    assert len(line.splitlines()) <= 1
    assert not UNSAFE.search(line)
    line.encode()
    assert clean(line) == line


def test_a_very_long_error_is_shortened_in_the_middle():
    line = fold("begins " + "x" * 100_000 + " ends")
    assert line.startswith("begins x")
    assert line.endswith("x ends")
    assert len(line) < 2_100


def test_an_error_with_a_strangers_name_is_one_line(capsys):
    assert main(["show", f"two\nlines {HOSTILE}", "--json"]) == 2
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    assert "two\\nlines \\x1b[2J" in line
    assert not UNSAFE.search(told.err)
    assert json.loads(told.out)["error"] == line.removeprefix("groundup: ")


def test_a_fault_of_groundup_is_one_line_and_a_file_to_report(monkeypatch, capsys, tmp_path):
    def fail(name):
        raise KeyError("loss")

    monkeypatch.setattr("groundup.exercises.registry.load_exercise", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["solution", "softmax"]) == FAULT
    (line,) = capsys.readouterr().err.splitlines()
    assert "fault of groundup itself" in line
    assert "KeyError: 'loss'" in line
    (report,) = tmp_path.iterdir()
    assert str(report) in line
    assert "Traceback" in report.read_text()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"), "enough memory"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "not enough memory"),
        (RuntimeError("can't start new thread"), "no more processes or threads"),
        (BlockingIOError(11, "Resource temporarily unavailable"), "no more processes or threads"),
        (OSError(36, "File name too long", "a" * 300), "file name too long"),
        (OSError(28, "No space left on device", "a.csv"), "a.csv: the disk is full"),
        (PermissionError(13, "Permission denied", b"a\xff"), "permission denied"),
        (RuntimeError("Could not determine home directory."), "home folder"),
        (ModuleNotFoundError("No module named 'scipy'"), "Install groundup again"),
    ],
)
def test_what_the_system_refuses_is_bad_luck_and_no_fault(error, told, monkeypatch, capsys):
    def fail(name):
        raise error

    monkeypatch.setattr("groundup.exercises.registry.load_exercise", fail)
    assert main(["solution", "softmax"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_reader_that_is_gone_ends_a_command_with_code_0(monkeypatch, capsys):
    def fail(name):
        raise ReaderGone

    monkeypatch.setattr("groundup.exercises.registry.load_exercise", fail)
    assert main(["solution", "softmax"]) == 0
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_while_python_loads_the_commands_is_one_line(tmp_path):
    """A module that stands for the moment: it is imported first, and Ctrl-C comes while it is."""
    (tmp_path / "typer.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\n")
    result = start("--version", tmp_path, env={"PYTHONPATH": str(tmp_path)}, stderr=subprocess.PIPE, text=True)
    assert result.returncode == INTERRUPTED
    assert result.stderr == "groundup: stopped\n"


def test_an_interrupt_that_python_swallows_is_repeated():
    script = (
        "import sys, threading, signal, time\n"
        "from groundup.cli.streams import watch_interrupts\n"
        "watch_interrupts()\n"
        "class Swallows:\n"
        "    def __del__(self):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "try:\n"
        "    thing = Swallows()\n"
        "    del thing\n"
        "    time.sleep(20)\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert (result.stdout, result.stderr, result.returncode) == ("stopped\n", "", 0)


def test_an_interrupt_after_the_work_leaves_no_traceback(tmp_path):
    script = (
        "import atexit, sys, signal, time\n"
        "atexit.register(lambda: (signal.raise_signal(signal.SIGINT), time.sleep(9)))\n"
        "from groundup.cli import main\n"
        "sys.argv = ['groundup', '--version']\n"
        "sys.exit(main())\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert result.returncode in (-signal.SIGINT, 0)
    assert result.stderr == ""


def test_a_ctrl_c_within_generated_code_gives_the_usual_exit_code(tmp_path):
    # Python itself would end a process started with -m by the signal, although the exception was caught.
    (tmp_path / "started.py").write_text(
        "import sys, groundup.cli as cli\ncli._run = lambda _: exec('raise KeyboardInterrupt')\nsys.exit(cli.main())\n"
    )
    ended = subprocess.run([sys.executable, "-m", "started"], cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (INTERRUPTED, "groundup: stopped\n")
