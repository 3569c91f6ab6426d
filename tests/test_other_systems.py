"""On systems that lack what the judge needs (Windows) or what limits memory (macOS), everything else works."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import other_system
import pytest

from groundup.cli import lab as lab_command
from groundup.cli import local_server
from groundup.cli.streams import watch_interrupts
from groundup.judge.isolation import bubblewrap, fork_server, system
from groundup.lab import training_processes
from groundup.plugins import pytest_items
from groundup.runs.folder import Run
from groundup.runs.locking import is_locked
from groundup.runs.read_only import ReadOnlyRun

NEEDED = f"groundup: {system.NEEDED}\n"
COMMANDS = ["train regression", "runs", "learn start softmax", "check softmax", "grade class", "grade class --trust"]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What a process says that lacks much of a system: of every import, of some commands, and of the lab."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "class").mkdir()
    (folder / "class" / "ada_softmax.py").write_text("def softmax(z):\n    return z\n")
    done = subprocess.run(
        [sys.executable, other_system.__file__],
        input="\n".join(COMMANDS),
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "GROUNDUP_CACHE": str(folder / "cache"), "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line if line[0] not in "{4" else json.loads(line) for line in done.stdout.splitlines()]


def test_every_module_is_imported_where_the_system_lacks_much(told):
    assert told[0]["imports"] == {}


@pytest.mark.parametrize("command", COMMANDS[:3])
def test_a_command_without_the_judge_works(told, command):
    code, answer, _ = told[0][command]
    assert code == 0
    assert {"train": "Saved in", "runs": "finished", "learn": "Write your answer"}[command.split()[0]] in answer


@pytest.mark.parametrize("command", COMMANDS[3:])
def test_the_judge_says_in_one_line_what_it_needs(told, command):
    assert told[0][command] == [2, "", NEEDED]


def test_the_lab_is_opened_and_closed(told):
    assert 403 in told, "what is asked without the key is refused"
    assert told[-1] == "The lab is closed. The runs that it trained are saved."


@pytest.mark.parametrize(("place", "name"), [(os, "fork"), (os, "killpg"), (socket, "send_fds")])
def test_one_call_that_lacks_is_enough(place, name, monkeypatch, tmp_path):
    monkeypatch.delattr(place, name)
    with pytest.raises(pytest.UsageError, match="The judge needs Linux or macOS"):
        pytest_items.AnswersPlugin(None)


def test_what_has_no_limit_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
    monkeypatch.setattr(bubblewrap, "is_isolated", lambda: False)
    assert "memory" not in bubblewrap.find_bubblewrap(tmp_path)[1]
    monkeypatch.setattr(system, "MEMORY_FILE", tmp_path / "none")
    assert "take all memory: this system has no limit for it" in bubblewrap.find_bubblewrap(tmp_path)[1]


def test_libraries_that_answers_fork_from_have_one_thread():
    assert {"OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "OPENBLAS_NUM_THREADS"} <= set(fork_server.ONE_THREAD)


def test_a_training_is_stopped_as_the_system_can(monkeypatch, tmp_path):
    """Windows has no Ctrl-C for another process, but a Ctrl-Break for a group of processes."""
    started = []

    class Process:
        def __init__(self, command, **options):
            self.options, self.sent = options, []
            started.append(self)

        def poll(self):
            return None

        def send_signal(self, number):
            self.sent.append(number)

        def wait(self, seconds):
            return 0

        def kill(self):
            pass

    monkeypatch.setattr(training_processes.subprocess, "Popen", Process)
    jobs = training_processes.Jobs(tmp_path)
    jobs.start("gpt", "here")
    jobs.stop("here")
    assert (started[0].options["creationflags"], started[0].sent) == (0, [signal.SIGINT])
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 512, raising=False)
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", 1, raising=False)
    jobs.start("gpt", "there")
    jobs.stop("there")
    assert (started[1].options["creationflags"], started[1].sent) == (512, [1])
    jobs.close()
    assert started[1].sent == [1, 1]


def test_a_ctrl_break_is_a_ctrl_c(monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR2, raising=False)
    before = signal.getsignal(signal.SIGUSR2)
    try:
        watch_interrupts()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, before)


def test_the_labs_port_is_its_own(monkeypatch):
    """Windows' SO_REUSEADDR would let two programs listen on it."""
    chosen = []
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
    monkeypatch.setattr(socket.socket, "setsockopt", lambda self, level, option, value: chosen.append(option))
    local_server.listen(0).close()
    assert chosen == [socket.SO_KEEPALIVE]


def test_a_page_that_the_browser_still_reads_stays(monkeypatch, tmp_path):
    def refuse(self, missing_ok=False):
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(Path, "unlink", refuse)
    lab_command.remove_page(tmp_path / "page.html")


def test_a_file_is_copied_where_nobody_may_make_links(monkeypatch, tmp_path):
    def refuse(self, target, target_is_directory=False):
        raise OSError(1314, "a required privilege is not held")

    run = Run.create(tmp_path, "run", "gpt", {"settings": {}, "data": None, "seed": 0, "minutes": None})
    monkeypatch.setattr(Path, "symlink_to", refuse)
    seen = ReadOnlyRun(run)
    assert seen.path("config.json").read_bytes() == run.path("config.json").read_bytes()
    seen._own.cleanup()


def test_a_lock_is_judged_by_time_where_the_system_tells_nothing(monkeypatch, tmp_path):
    (tmp_path / "lock").touch()
    (tmp_path / "config.json").touch()
    monkeypatch.delattr(os, "major")
    assert is_locked(tmp_path / "lock")
    (tmp_path / "report.json").touch()
    assert not is_locked(tmp_path / "lock"), "the report is written at the end"
    (tmp_path / "report.json").unlink()
    os.utime(tmp_path / "config.json", (0, 0))
    assert not is_locked(tmp_path / "lock")
