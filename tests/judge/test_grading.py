"""Many answers at once: hostile ones among right ones, and judges that die, hang or fail."""

import os
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.grading import grade
from groundup.judge.isolation import worker
from groundup.judge.isolation.bubblewrap import find_bubblewrap, wrap
from groundup.judge.isolation.fork_server import ForkServer, ForkServerDied, Limits
from groundup.judge.isolation.worker import Job, Setting
from groundup.judge.judging import CheckOptions

NAME = "regression-training"
RIGHT = textwrap.dedent("""
    import numpy as np

    class Solution:
        def get_derivative(self, model_prediction, ground_truth, N, X, desired_weight):
            HERE
            return -2 * np.dot(ground_truth - model_prediction, X[:, desired_weight]) / N

        def train_model(self, X, Y, num_iterations, initial_weights):
            weights = np.array(initial_weights, dtype=float)
            for _ in range(num_iterations):
                prediction = X @ weights
                slopes = [self.get_derivative(prediction, Y, len(X), X, j) for j in range(len(weights))]
                weights = weights - 0.01 * np.array(slopes)
            return np.round(weights, 5)
""")
HOSTILE = [
    "while True: pass",
    "import os; os._exit(0)",
    "import os; os.abort()",
    "import os; os.kill(os.getppid(), 9)",
    "import os; os.fork() or os.setsid() or os.fork()",
    "while True: print('x' * 10**6)",
    "kept = [bytearray(10**8) for _ in range(100)]",
]
EFFORT = CheckOptions(seed=1, shrink_seconds=0.05, naming_seconds=0.1, limits=Limits(seconds=1.0, total_seconds=4.0))
SETTING = Setting(load_exercise)


def write(code="pass"):
    return RIGHT.replace("HERE", code)


def ask(source, name=NAME, effort=EFFORT):
    return Job(name, source, effort)


def grade_all(jobs, setting=SETTING, workers=2):
    return [verdict for _, verdict in sorted(grade(jobs, setting, workers), key=lambda item: item[0])]


def load_with_accidents(name):
    """Load an exercise; the names tell what happens to the judge itself."""
    exercise = load_exercise(NAME)
    if name == "dies":
        os._exit(1)
    if name == "hangs":
        time.sleep(100)
    if name == "fails":
        raise MemoryError("no more")
    return exercise


def test_hostile_answers_do_not_disturb_right_ones():
    sources = [source for code in HOSTILE for source in (write(code), write())]
    verdicts = grade_all([ask(source) for source in sources])
    assert len(verdicts) == len(sources)
    assert [verdict["accepted"] for verdict in verdicts] == [False, True] * len(HOSTILE)
    assert all(verdict["headline"] for verdict in verdicts)


def test_a_judge_that_dies_hangs_or_fails_costs_one_answer_alone(monkeypatch):
    monkeypatch.setattr(worker, "JUDGE_SECONDS", 8.0)
    # The judges' processes import this file by its name.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    names = [NAME, "dies", NAME, "hangs", NAME, "fails", NAME]
    effort = CheckOptions(
        seed=1, shrink_seconds=0.05, naming_seconds=0.1, limits=Limits(seconds=1.0, total_seconds=2.0)
    )
    verdicts = grade_all([ask(write(), name, effort) for name in names], Setting(load_with_accidents))
    assert [verdict["accepted"] for verdict in verdicts] == [name == NAME for name in names]
    assert "died, 2 times" in verdicts[1]["headline"]
    assert "took far too long, 2 times" in verdicts[3]["headline"]
    assert "MemoryError: no more" in verdicts[5]["headline"]


def test_no_jobs_need_no_judge():
    assert grade_all([]) == []


def test_leaving_early_ends_the_processes():
    verdicts = grade([ask(write("while True: pass"))] * 4 + [ask(write())], SETTING, 2)
    next(verdicts)
    started = time.monotonic()
    verdicts.close()
    assert time.monotonic() - started < 600


def test_a_fork_server_that_was_killed_says_so():
    with ForkServer([]) as fork_server:
        fork_server.wait()
        fork_server.process.kill()
        fork_server.process.wait()
        with pytest.raises(ForkServerDied):
            fork_server.fork(Limits())


def test_answers_live_in_the_base_folder_and_leave_nothing(tmp_path):
    with ForkServer([], base=tmp_path) as fork_server:
        with fork_server.fork(Limits()) as process:
            assert process.folder.startswith(str(tmp_path))
        assert not list(tmp_path.iterdir())


ESCAPE = """
import os, time
from groundup.judge.isolation import forking, audit_hook
audit_hook.adopt_orphans()
read, write = os.pipe()
pid = os.fork()
if pid == 0:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, str(os.getpid()).encode())
            time.sleep(60)
        os._exit(0)
    time.sleep(60)
escaped = int(os.read(read, 20))
forking._forks.add(pid)
assert forking.end(pid, 0) == forking.ALIVE
for gone in (pid, escaped):
    try:
        os.kill(gone, 0)
    except ProcessLookupError:
        print("gone")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose children are whose")
def test_what_escaped_by_setsid_and_double_fork_is_ended():
    ended = subprocess.run([sys.executable, "-c", ESCAPE], capture_output=True, text=True, timeout=600, check=True)
    assert ended.stdout.split() == ["gone", "gone"]


def test_the_sandbox_has_no_network_and_one_folder_to_write_to(tmp_path):
    command = wrap("/usr/bin/bwrap", tmp_path)
    assert command[0] == "/usr/bin/bwrap"
    assert "--unshare-all" in command
    assert "--share-net" not in command
    assert command[command.index("--ro-bind") :][:3] == ["--ro-bind", "/", "/"]
    place = command.index("--bind")
    assert command[place : place + 3] == ["--bind", str(tmp_path), str(tmp_path)]
    # What is bound later lies over what was bound before.
    assert place > command.index("--ro-bind")
    assert command[-1] == "--"


def make_bwrap(folder, body):
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_answers_run_under_bubblewrap_where_it_works(tmp_path, monkeypatch):
    make_bwrap(tmp_path, f'echo "$@" >> {tmp_path}/calls\nwhile [ "$1" != "--" ]; do shift; done\nshift\nexec "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    base = tmp_path / "base"
    base.mkdir()
    wrapper, note = find_bubblewrap(base)
    assert wrapper == wrap(str(tmp_path / "bwrap"), base)
    assert "no network" in note
    (verdict,) = grade_all([ask(write())], Setting(load_exercise, wrapper, base))
    assert verdict["accepted"]
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == 2, "tried once, then used by one judge"
    assert sys.executable in calls[1]
    assert "groundup.judge.isolation.forking" in calls[1]


def test_bubblewrap_that_does_not_work_is_not_used(tmp_path, monkeypatch):
    make_bwrap(tmp_path, 'echo "bwrap: No permissions to create a new namespace" >&2; exit 1')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    wrapper, note = find_bubblewrap(tmp_path)
    assert wrapper == []
    assert "No permissions" in note
    monkeypatch.setenv("PATH", "/nowhere")
    wrapper, note = find_bubblewrap(tmp_path)
    assert wrapper == []
    assert "not installed" in note


def test_sixty_answers_with_hostile_ones_among_them():
    sources = [write(HOSTILE[place // 5 % len(HOSTILE)]) if place % 5 == 0 else write() for place in range(60)]
    verdicts = grade_all([ask(source) for source in sources])
    assert [verdict["accepted"] for verdict in verdicts] == [place % 5 != 0 for place in range(60)]
