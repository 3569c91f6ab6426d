"""`check --watch` in a process of its own: whatever is saved, its verdict is told, and so is the next one's."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import warm

from groundup.cli.watch import SETTLE_SECONDS, _Change, _stamp, clears_screen
from groundup.course import EXERCISES, find_chapter

RIGHT = "import numpy as np\n\n\ndef softmax(z):\n    e = np.exp(z - np.max(z))\n    return e / e.sum()\n"


class Watch:
    """A watch on a file, and the verdicts it tells."""

    def __init__(self, path):
        self.path = path
        command = [sys.executable, "-m", "groundup", "check", str(path), "--watch", "--json", "--seed", "1"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def read(self):
        """Return the next verdict."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def save(self, content):
        """Put new content in the file's place at once, as most editors do; return its verdict."""
        draft = self.path.with_name(".draft")
        draft.write_bytes(content)
        os.replace(draft, self.path)
        return self.read()


@pytest.fixture
def watch(tmp_path):
    (tmp_path / "softmax.py").write_text(RIGHT)
    watch = Watch(tmp_path / "softmax.py")
    try:
        assert watch.read()["accepted"]
        yield watch
    finally:
        watch.process.kill()
        watch.process.communicate()


SAVES = {
    b"# caf\xe9\n": "softmax.py, line 1: byte 5 (0xe9) is not valid UTF-8",
    b"x = 1\0\n": "a zero byte",
    bytes(512): "a zero byte",
    RIGHT.encode("utf-16"): "UTF-16, which Python does not read",
    b"# coding: klingon\n": "does not know the encoding klingon",
    b"": "no softmax yet",
    b"def softmax(z:\n": "not Python, line 1",
    b"raise ValueError(chr(0xd800) + chr(27))\n": "does not run, line 1: ValueError",
    b"def softmax(z):\n    raise ValueError(chr(0xd800))\n": "Not right yet",
    b"def softmax(z):\n    return chr(0xd800)\n": "Not right yet",
    b"#" * 2**21: "larger than 1 MiB",
    b"import os; os._exit(3)\n": "exit code 3",
    b"x = " + b"-" * 10**5 + b"1": "nested too deeply",
    RIGHT.replace("\n", "\r\n").encode(): "Accepted.",
    b"\xef\xbb\xbf" + RIGHT.encode(): "Accepted.",
    b"# coding: latin-1\n# \xe9\n" + RIGHT.encode(): "Accepted.",
}


def test_every_save_has_a_verdict_and_the_watch_goes_on(watch):
    for content, told in SAVES.items():
        assert told in watch.save(content)["headline"], content[:40]
    assert watch.save(RIGHT.encode())["accepted"]
    watch.process.send_signal(signal.SIGINT)
    assert watch.process.wait(600) == 0
    assert "Traceback" not in watch.process.stderr.read()


def test_what_takes_the_files_place_is_waited_out(watch):
    watch.path.unlink()
    watch.path.mkdir()
    assert watch.read()["headline"] == f"The file cannot be read: {watch.path}: a folder."
    watch.path.rmdir()
    assert watch.save(RIGHT.encode())["accepted"]
    watch.path.unlink()
    os.mkfifo(watch.path)
    assert "no regular file" in watch.read()["headline"]
    watch.path.unlink()
    watch.path.symlink_to(watch.path)
    assert "symbolic links" in watch.read()["headline"]
    assert watch.save(RIGHT.encode())["accepted"]
    moved = watch.path.parent.rename(watch.path.parent.with_name("elsewhere"))
    assert "is gone: waiting for it." in "".join(watch.process.stderr.readline() for _ in range(2))
    moved.rename(watch.path.parent)
    # An editor that writes the file anew where it is.
    watch.path.write_text("def softmax(z):\n    return z\n")
    while "Not right yet" not in (verdict := watch.read())["headline"]:
        assert verdict["accepted"] or "no softmax yet" in verdict["headline"]


def test_a_verdict_that_cannot_be_kept_is_told_all_the_same(tmp_path):
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "softmax.py").write_text(RIGHT)
    (answers / ".progress.json").mkdir()
    command = [sys.executable, "-m", "groundup", "check", "softmax", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["accepted"]) == (0, True)
    assert done.stderr.startswith("groundup: the verdict could not be saved: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_waited_for(watch):
    watch.path.chmod(0)
    assert "permission denied" in watch.read()["headline"]
    watch.path.chmod(0o600)
    assert watch.read()["accepted"]


def test_what_changes_with_a_save(tmp_path):
    path = tmp_path / "a.py"
    assert _stamp(path) == ()
    assert _stamp(path / "b.py") == ()
    path.write_text("x = 1")
    first = _stamp(path)
    assert _stamp(path) == first
    # Renamed over, with the same size and time.
    shutil.copy2(path, tmp_path / "b.py")
    os.utime(tmp_path / "b.py", ns=(first[0], first[0]))
    os.replace(tmp_path / "b.py", path)
    assert _stamp(path)[:2] == first[:2]
    assert _stamp(path)[:3] != first[:3]
    path.chmod(0o400)
    assert _stamp(path)[:1] == first[:1]


def test_what_is_there_only_while_an_editor_writes_has_no_verdict(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("def f(")
    written = _Change(path, _stamp(path), first=False, saved=True, noticed=time.monotonic() - SETTLE_SECONDS)
    assert not written.has_passed(b"def f(")
    path.write_text("def f(x): pass")
    assert written.has_passed(b"def f(")
    path.unlink()
    assert written.has_passed(b"def f(")


@pytest.mark.parametrize(
    ("terminal", "environment", "clears"),
    [
        (True, {"TERM": "xterm-256color"}, True),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (False, {"TERM": "xterm", "FORCE_COLOR": "1"}, False),
    ],
)
def test_only_a_terminal_is_cleared(monkeypatch, terminal, environment, clears):
    for name in ("TERM", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    assert clears_screen() is clears


@pytest.mark.parametrize(
    "terminal",
    [False, pytest.param(True, marks=pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal"))],
)
def test_behind_a_right_answer_the_next_exercise_is_started_and_watched(tmp_path, terminal):
    answers = tmp_path / "answers"
    answers.mkdir()
    (answers / "gradient_descent.py").write_text(
        "def get_minimizer(iterations, learning_rate, init):\n    return init * (1 - 2 * learning_rate) ** iterations\n"
    )
    reading, writing = os.openpty() if terminal else os.pipe()
    words = [sys.executable, "-m", "groundup", "learn", "check", "gradient-descent", "--watch", "--seed", "1"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    with warm.start(words, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment) as watch:
        try:
            os.close(writing)
            told = ""

            def read_until(mark):
                nonlocal told
                while mark not in told:
                    told += os.read(reading, 10**6).decode()

            read_until("Write your answer into")
            lines = [watch.stderr.readline() for _ in range(2)]
            assert [line.split(":")[0] for line in lines] == [
                "Watching answers/gradient_descent.py",
                "Watching answers/descent_in_several_variables.py",
            ]
            stub = answers / "descent_in_several_variables.py"
            assert "raise NotImplementedError" in stub.read_text()
            stub.write_text("def minimize(:\n")
            read_until("not Python")
            watch.send_signal(signal.SIGINT)
            assert watch.wait(60) == 0
        finally:
            watch.kill()
            os.close(reading)
    first, _, rest = told.partition("Accepted.")
    count = len(find_chapter("gradient-descent").exercises)
    assert f"Chapter Descent: 1 of {count} done. The whole course: 1 of {len(EXERCISES)}." in rest
    assert "Write your answer into" in rest
    assert "learn start" not in rest.partition("not Python")[0], "it is started already"
    assert ("\x1b[2J" in first) is terminal
    assert rest.count("\x1b[2J") == int(terminal), "the verdict and the next statement stay until the next verdict"
    assert ("\x1b" in told) is terminal
