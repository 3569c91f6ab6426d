"""What the kernel itself refuses an answer's process, with `audit_hook` taken out of its way."""

import os
import resource
import socket
import sys
import textwrap
import time

import pytest

from groundup.exercises.registry import load_exercise
from groundup.judge.answer import Answer
from groundup.judge.isolation.fork_server import AnswerDied, ForkServer, ForkServerDied, Limits
from groundup.judge.isolation.forking import read_state
from groundup.judge.isolation.landlock import ask_version
from groundup.judge.isolation.seccomp import has_filter
from groundup.judge.judging import CheckOptions, judge

RIGHT = "import numpy as np\ndef softmax(z):\n    powers = np.exp(z - np.max(z))\n    return powers / powers.sum()\n"
QUICK = CheckOptions(share=0.1, measure=False)
EXERCISE = load_exercise("softmax")
LIMITS = Limits()
needs_kernel = pytest.mark.skipif(not has_filter() or not ask_version(), reason="neither seccomp nor Landlock here")

# The hook ends by raising; what it raises leads to its own variables.
UNHOOK = """
def unhook():
    import os
    try:
        os.fork()
    except PermissionError as error:
        trace = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        frame = trace.tb_frame
        while frame:
            names = frame.f_globals
            for name in ("_PROCESSES", "_SIGNALS", "_NETWORK", "_INNARDS", "_LINKS", "_CHANGES", "_LISTS"):
                if name in names:
                    names[name] = ()
            frame = frame.f_back
"""


@pytest.fixture(scope="module")
def fork_server():
    with ForkServer(["numpy"]) as warm:
        yield warm


def run(fork_server, body, unhook=True, limits=LIMITS):
    """Return what an answer's own function returns, or the name of what it raises."""
    source = UNHOOK + "def f(given):\n" + ("    unhook()\n" if unhook else "") + textwrap.indent(body, "    ")
    with fork_server.fork(limits) as process:
        asked = {"do": "load", "source": source, "forbidden": [], "borrowed": [], "imports": [], "stars": False}
        process.perform(asked)
        try:
            return Answer(process.perform, {}).call("f", [os.getpid(), process.pid])
        except Exception as error:  # noqa: BLE001 - what was raised is what is tested
            return getattr(error, "kind", "") or str(error)


@needs_kernel
@pytest.mark.parametrize(
    "body",
    [
        "import os, resource\nresource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (8, 8))",
        "import os\nos.sched_setaffinity(os.getppid(), {0})",
        "import os\nos.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "import os\nos.sched_setscheduler(os.getppid(), os.SCHED_BATCH, os.sched_param(0))",
        "import os\nos.kill(os.getppid(), 0)",
        "import os, signal\nsignal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0)",
        "import os\nos.fork()",
        "import subprocess\nsubprocess.Popen(['/bin/true'])",
        "import os\nos.posix_spawn('/bin/true', ['true'], {})",
        "import os\nos.execv('/bin/true', ['true'])",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "import socket\nsocket.socket(socket.AF_UNIX)",
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import os\nos.chmod('.', 0o777)",
        "import os\nos.utime('.')",
        "import os\nos.chown('.', -1, -1)",
        "import os\nos.setxattr('.', 'user.a', b'b')",
        "import os\nos.mkfifo('pipe')",
        "import os\nos.symlink('/', 'root')",
        "import os\nos.memfd_create('more')",
        "import os\nos.listdir('/home')",
        "import os\nos.open('/proc/1/environ', os.O_RDONLY)",
    ],
)
def test_what_no_answer_needs_is_refused_by_the_kernel(fork_server, body):
    assert run(fork_server, body) in ("PermissionError", "Refused")


@needs_kernel
@pytest.mark.parametrize(
    "body",
    [
        "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()\nreturn 1",
        "import os, signal\nsignal.signal(10, lambda *_: None)\nos.kill(os.getpid(), 10)\nreturn 1",
        "import resource\nresource.getrlimit(resource.RLIMIT_AS)\nreturn 1",
        "open('mine', 'w').write('x')\nimport os\nos.remove('mine')\nreturn 1",
        "import socket\nfor end in socket.socketpair():\n    end.close()\nreturn 1",
        "import tempfile\ntempfile.TemporaryFile().close()\nreturn 1",
        "import sqlite3\nsqlite3.connect(':memory:').execute('create table a (b)')\nreturn 1",
    ],
)
def test_what_concerns_the_process_alone_is_allowed(fork_server, body):
    assert run(fork_server, body) == 1


@needs_kernel
def test_one_answer_changes_nothing_for_the_next_ones(fork_server):
    before = read_limits(fork_server)
    hostile = RIGHT + textwrap.dedent("""
        import os, resource
        for number in (resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_AS):
            try:
                resource.prlimit(os.getppid(), number, (1, 1))
            except OSError:
                pass
        os.makedirs('a/b/c')
        try:
            held = os.open('.', os.O_RDONLY)
            os.chdir('a/b/c')
            os.chmod('..', 0, dir_fd=held)
        except OSError:
            pass
    """)
    judge(EXERCISE, hostile, fork_server, QUICK)
    assert read_limits(fork_server) == before
    for _ in range(3):
        assert judge(EXERCISE, RIGHT, fork_server, QUICK).accepted


def read_limits(fork_server):
    return [
        resource.prlimit(fork_server.process.pid, getattr(resource, name))
        for name in dir(resource)
        if name[:7] == "RLIMIT_"
    ]


def test_a_process_whose_limits_were_changed_makes_room_for_another():
    with ForkServer(["numpy"]) as fork_server:
        fork_server.wait()
        first = fork_server.process.pid
        soft, hard = resource.prlimit(first, resource.RLIMIT_NOFILE)
        resource.prlimit(first, resource.RLIMIT_NOFILE, (soft - 1, hard))
        with pytest.raises(ForkServerDied):
            fork_server.fork(Limits())
        fork_server.restart()
        resource.prlimit(fork_server.process.pid, resource.RLIMIT_NOFILE, (soft, hard))
        assert judge(EXERCISE, RIGHT, fork_server, QUICK).accepted  # judged again, by a new one
        assert fork_server.process.pid != first


def test_a_folder_that_was_closed_is_opened_again(tmp_path):
    if os.getuid() == 0:
        pytest.skip("nothing is closed to root")
    with ForkServer(["numpy"], base=tmp_path) as fork_server:
        tmp_path.chmod(0)
        assert judge(EXERCISE, RIGHT, fork_server, QUICK).accepted


def test_an_answer_that_cuts_its_connection_is_not_blamed_before_it_did_so_twice(fork_server):
    first = fork_server.process.pid
    verdict = judge(EXERCISE, "import os\nos.closerange(3, 200)\n" + RIGHT, fork_server, QUICK)
    assert not verdict.accepted
    assert verdict.headline.startswith("It could not be judged")
    assert fork_server.process.pid != first


@needs_kernel
def test_all_files_of_an_answer_together_are_bounded(fork_server):
    body = "for n in range(10**6):\n    open(f'{n % 30}', 'ab').write(b'x' * 2**20)\n    import time; time.sleep(0.001)"
    many = "import sqlite3\nfor n in range(10**6):\n    open(f'{n}', 'wb').write(b'x' * 2**20)"
    for code in (body, many):
        with fork_server.fork(Limits()) as process:
            asked = {"source": UNHOOK + "def f():\n    unhook()\n" + textwrap.indent(code, "    "), "forbidden": []}
            process.perform({"do": "load", **asked, "borrowed": [], "imports": [], "stars": False})
            try:
                result = Answer(process.perform, {}).call("f")
            except AnswerDied as died:
                result = died.reason
            except Exception as error:  # noqa: BLE001 - what was raised is what is tested
                result = error.kind
            assert result in ("files", "OSError", "PermissionError", "Refused"), result


def test_seconds_in_which_another_process_runs_do_not_count(fork_server):
    # One core, and another process that wants it, too: half of the time is the answer's.
    if not hasattr(os, "sched_setaffinity") or not os.path.exists("/proc/self/schedstat"):
        pytest.skip("this system does not tell")
    own = os.sched_getaffinity(0)
    core = {min(own)}
    others = []
    try:
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                os.sched_setaffinity(0, core)
                while True:
                    pass
            others.append(pid)
        with ForkServer(["numpy"]) as busy:
            busy.wait()
            os.sched_setaffinity(busy.process.pid, core)
            body = "import time\nwhile time.process_time() < 1.2:\n    pass\nreturn 1"
            with pytest.raises(ForkServerDied):
                busy.fork(Limits())  # it notices, and leaves
        with ForkServer(["numpy"], wrapper=["taskset", "-c", str(min(own))]) as busy:
            started = time.monotonic()
            assert run(busy, body, unhook=False, limits=Limits(seconds=1.5, total_seconds=6.0)) == 1
            assert time.monotonic() - started > 1.6
    finally:
        for pid in others:
            os.kill(pid, 9)
            os.waitpid(pid, 0)


def test_sleep_counts(fork_server):
    started = time.monotonic()
    with fork_server.fork(Limits(seconds=0.5, total_seconds=1.0)) as process:
        asked = {"source": "def f():\n    import time; time.sleep(60)\n", "forbidden": []}
        process.perform({"do": "load", **asked, "borrowed": [], "imports": [], "stars": False})
        with pytest.raises(AnswerDied, match="time"):
            process.perform({"do": "call", "with": (["f"], ()), "seed": 0})
    assert time.monotonic() - started < 50, "it slept on"


def test_state_is_the_same_from_one_look_to_the_next():
    assert read_state() == read_state()


@pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is of Linux")
def test_under_bubblewrap_no_socket_of_the_file_system_is_reached(tmp_path):
    from groundup.judge.isolation.bubblewrap import find_bubblewrap

    base = tmp_path / "base"
    base.mkdir()
    wrapper, note = find_bubblewrap(base)
    if not wrapper:
        pytest.skip(note)
    with socket.socket(socket.AF_UNIX) as listening:
        # Under /tmp, where the session's sockets are.
        place = f"/tmp/groundup-test-{os.getpid()}.sock"
        listening.bind(place)
        try:
            with ForkServer(["numpy"], wrapper, base) as fork_server:
                body = f"import os\nreturn [os.path.exists({place!r}), os.listdir('/tmp'), os.path.exists('/run/user')]"
                seen = run(fork_server, body)
        finally:
            os.unlink(place)
    assert seen == "PermissionError" or (seen[0] is False and seen[2] is False)
