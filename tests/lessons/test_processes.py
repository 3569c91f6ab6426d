"""Processes that are forked from one that waits."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are started afresh")

# What each test's program begins with; it is a module of its own so that forks find its functions.
BEGINNING = """
    import os, signal, socket, time
    from groundup.base.errors import UserError
    from groundup.lessons.processes import ForkServer

    state = ["before"]

    def tell(word, pipe):
        pipe.send((word, state, os.getpid()))

    def wait(pipe):
        pipe.send(os.getpid())
        time.sleep(600)

    def fail(pipe):
        raise ZeroDivisionError

    def lives(pid):
        try:
            return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False
"""


@pytest.fixture
def run(tmp_path):
    """Return what starts a program in a process of its own: the tests' one may run threads."""
    started = []

    def start(program):
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(BEGINNING) + textwrap.dedent(program))
        command = [sys.executable, str(path)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_process_shares_what_was_there_and_has_its_own_pipe(run):
    program = run("""
        server = ForkServer()
        state[0] = "after"
        first, second = server.start(tell, "one"), server.start(tell, "two")
        told = [pipe.recv() for _, pipe in (first, second)]
        print([word for word, _, _ in told], [seen for _, seen, _ in told], len({pid for _, _, pid in told}))
        server.close()
    """)
    assert program.communicate(timeout=60) == ("['one', 'two'] [['before'], ['before']] 2\n", "")


def test_a_process_that_computes_is_ended_at_once(run):
    program = run("""
        server = ForkServer()
        process, pipe = server.start(wait)
        pid = pipe.recv()
        process.kill()
        process.join()
        print(lives(pid), process.pid == pid)
        server.close()
    """)
    assert program.communicate(timeout=60) == ("False True\n", "")


def test_a_fault_is_told_and_ends_the_pipe(run):
    program = run("""
        server = ForkServer()
        process, pipe = server.start(fail)
        try:
            pipe.recv()
        except EOFError:
            print("ended")
        process.kill()
        server.close()
    """)
    told, wrong = program.communicate(timeout=60)
    assert told == "ended\n"
    assert "ZeroDivisionError" in wrong


def test_a_fork_server_that_was_killed_is_told_in_a_line(run):
    program = run("""
        server = ForkServer()
        process, pipe = server.start(wait)
        os.kill(server._pid, signal.SIGKILL)
        try:
            server.start(tell, "one")
        except UserError as error:
            print(error)
        process.kill()
        os.kill(pipe.recv(), signal.SIGKILL)
        server.close()
    """)
    assert program.communicate(timeout=60) == (
        "The process that starts trainings has ended. Start the lab again.\n",
        "",
    )


def test_nothing_outlives_a_lab_that_was_killed_and_its_port_is_free(run):
    program = run("""
        listening = socket.create_server(("127.0.0.1", 0))
        server = ForkServer()
        _, pipe = server.start(tell, "one")
        print(listening.getsockname()[1], server._pid, pipe.recv()[2], flush=True)
        time.sleep(600)
    """)
    _, *pids = map(int, program.stdout.readline().split())
    # The fork server holds nothing that the lab listens on.
    held = [os.readlink(f"/proc/{pids[0]}/fd/{number}") for number in os.listdir(f"/proc/{pids[0]}/fd")]
    assert sum(name.startswith("socket:") for name in held) == 1
    program.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
