"""Python processes that are forked from one that has loaded PyTorch, as `subprocess.Popen` would start them.

A process that begins from nothing computes for seconds before it does what a test is about. Where loading is not what
is tested, ``start`` takes the place of ``subprocess.Popen`` and ``run`` that of ``subprocess.run``, for command lines
that begin with ``sys.executable``. ``torchrun``, forked like this, has its processes forked, too.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import random
import runpy
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path

PLACE = "GROUNDUP_TEST_WARM_PROCESS"  # in the environment of what was forked, which may ask for more
# What the jobs load, and what torchrun and its processes do.
LOADED = [
    "PIL.JpegImagePlugin",
    "groundup.cli.app",
    "groundup.cli.processes",
    "groundup.cli.streams",
    "groundup.cli.train",
    "groundup.judge.explain.printing",
    "groundup.judge.warm_judge",
    "groundup.parts.swap",
    "groundup.tasks.digits.plots",
    "groundup.tasks.digits.task",
    "groundup.tasks.gpt.task",
    "groundup.tasks.launch",
    "groundup.tasks.regression.task",
    "groundup.tasks.sentiment.task",
    "groundup.tour.stops",
    "groundup.training.sharding",
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "rich.markdown",
    "sklearn.datasets",
    "tokenizers",
    "torch._dynamo",
    "torch.distributed.fsdp",
    "torch.distributed.run",
    "torch.distributed.tensor",
]
STREAMS = 3


class Warm(subprocess.Popen):
    """A process forked from the warm one; everything else is as in ``subprocess.Popen``."""

    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *others):
        # The order of Popen's own call: startupinfo, creationflags, shell, three pipes' two ends each, the rest.
        ends = others[3:9]
        wanted = {
            "words": [os.fspath(word) for word in args[1:]],
            "cwd": os.fspath(cwd or os.getcwd()),
            "env": dict(os.environ if env is None else env),
            "session": bool(others[-2]),
        }
        asked = json.dumps(wanted).encode()
        given = [
            child if child != -1 else own for child, own in zip((ends[0], ends[3], ends[5]), range(3), strict=True)
        ]
        self._answers = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._answers.connect(find_place())
        self._child_created = True
        socket.send_fds(self._answers, [len(asked).to_bytes(8, "big")], given)
        self._answers.sendall(asked)
        self.pid = int.from_bytes(receive(self._answers, 8), "big")
        self._close_pipe_fds(*ends)

    def _internal_poll(self, _deadstate=None, **_):
        with contextlib.suppress(BlockingIOError, TimeoutError):
            return self._hear(0)
        return None

    def _wait(self, timeout):
        try:
            return self._hear(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(self.args, timeout) from None

    def _hear(self, timeout):
        """Return how it ended, as soon as the warm process says so."""
        if self.returncode is None:
            with self._waitpid_lock:
                if self.returncode is None:
                    self._answers.settimeout(timeout)
                    code = receive(self._answers, 8)
                    with contextlib.suppress(OSError):
                        self._answers.shutdown(socket.SHUT_WR)
                        self._answers.recv(1)  # it comes to an end once nothing is left of the process
                    self._answers.close()
                    self.returncode = int.from_bytes(code, "big", signed=True)
        return self.returncode


def receive(connection, count):
    """Return so many bytes; what waits for the first waits as long as its time-out, and the rest comes at once."""
    content = connection.recv(count)
    connection.settimeout(None)
    while len(content) < count:
        more = connection.recv(count - len(content))
        if not more:
            raise ConnectionError("the warm process is gone")
        content += more
    return content


def run(command, *, check=False, timeout=None, capture_output=False, **options):
    """Do what ``subprocess.run`` does, by a forked process."""
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with start(command, **options) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(command, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def start(command, **options):
    """Start a process: forked on Linux; elsewhere, libraries that are loaded do not bear it."""
    return (Warm if sys.platform == "linux" else subprocess.Popen)(command, **options)


def find_place():
    """Return where the warm process listens; start it where there is none yet."""
    return os.environ.get(PLACE) or _start_server()


@functools.cache
def _start_server():
    folder = Path(tempfile.mkdtemp(prefix="groundup-warm-"))
    own = {**os.environ, "OMP_NUM_THREADS": "1", "GOMP_SPINCOUNT": "5000"}
    (folder / "running").mkdir()
    place = str(folder / "socket")
    # Its standard input ends with the tests' process, however that ends, and it with that.
    command = [sys.executable, __file__, place]
    server = subprocess.Popen(command, env=own, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)

    def stop():
        server.stdin.close()
        server.wait()
        server.stdout.close()

    atexit.register(stop)
    assert server.stdout.readline() == b"ready\n"
    return place


def list_running(*words):
    """Return the ids of the forked processes whose command lines hold these words."""
    running = Path(find_place()).with_name("running")
    found = {}
    for path in running.iterdir():
        with contextlib.suppress(FileNotFoundError):
            found[int(path.name)] = path.read_text().split("\0")
    return sorted(number for number, line in found.items() if set(words) <= set(line))


def serve(place):
    """Fork whatever is asked for, one process a connection, and say on it how the process ended."""
    for name in LOADED:
        importlib.import_module(name)
    # The first command line that is read builds all commands, and loads more.
    with contextlib.redirect_stdout(io.StringIO()):
        importlib.import_module("groundup.cli.app").build_command()(args=["--version"], standalone_mode=False)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(place)
    listening.listen(64)
    woken, waking = socket.socketpair()
    waking.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waking.fileno())
    started: dict[int, socket.socket] = {}
    told: dict[socket.socket, int] = {}
    running = Path(place).with_name("running")
    # What is there by now is never looked through, and so stays one memory for all.
    gc.collect()
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        for one in (listening, woken, sys.stdin):
            selector.register(one, selectors.EVENT_READ)
        print("ready", flush=True)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if sys.stdin in ready:
                shutil.rmtree(Path(place).parent)
                return None
            if woken in ready:
                woken.recv(4096)
                for child, connection in tell_ended(started, running):
                    told[connection] = child
                    selector.register(connection, selectors.EVENT_READ)
            for connection in told.keys() & ready:
                selector.unregister(connection)
                os.waitpid(told.pop(connection), 0)
                connection.close()
            if listening in ready:
                connection = listening.accept()[0]
                size, descriptors, _, _ = socket.recv_fds(connection, 8, STREAMS)
                wanted = json.loads(receive(connection, int.from_bytes(size, "big")))
                child = os.fork()
                if child == 0:
                    signal.set_wakeup_fd(-1)
                    selector.close()
                    # Who is told of it may send a signal to its group at once, or look for it among those that run.
                    if wanted["session"]:
                        os.setsid()
                    (running / str(os.getpid())).write_text("\0".join(wanted["words"]))
                    connection.sendall(os.getpid().to_bytes(8, "big"))
                    for one in (listening, woken, waking, connection, *started.values(), *told):
                        one.close()
                    return become, wanted, descriptors, place
                for descriptor in descriptors:
                    os.close(descriptor)
                started[child] = connection


def tell_ended(started, running):
    """Say which processes have ended, and how; return these and their connections.

    As one's own child does, each stays until who asked for it has heard: torchrun sends a signal to the group of a
    process that it has not heard of, and ends itself where there is none.
    """
    ended = []
    for child in list(started):
        if found := os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            (running / str(child)).unlink(missing_ok=True)
            connection = started.pop(child)
            code = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
            with contextlib.suppress(OSError):  # nobody may wait for it any more
                connection.sendall(code.to_bytes(8, "big", signed=True))
            ended.append((child, connection))
    return ended


def become(wanted, descriptors, place):
    """Be the process that was asked for: its streams, folder, environment and words; then end as it does."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    os.closerange(STREAMS, max(descriptors) + 1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(wanted["env"] | {PLACE: place})
    os.chdir(wanted["cwd"])
    random.seed()
    told = {"encoding": "utf-8", "closefd": False}
    sys.stdin, sys.stdout = open(0, **told), open(1, "w", **told)  # noqa: SIM115 - the process's own
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", **told)  # noqa: SIM115 - likewise
    fork_what_torchrun_starts()
    code = 1
    try:
        execute(wanted["words"])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001 - as Python itself tells it
        traceback.print_exc()
    with contextlib.suppress(BaseException):
        threading._shutdown()
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def execute(words):
    """Do what ``python`` does with these words."""
    words = words[1:] if words[0] == "-u" else words
    if words[0] == "-m":
        sys.argv = words[1:]
        sys.path.insert(0, os.getcwd())
        sys.modules.pop(words[1] + ".__main__", None)
        if not hasattr(sys.modules.get(words[1]), "__path__"):
            sys.modules.pop(words[1], None)
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        sys.path.insert(0, "")
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = words
        sys.path.insert(0, str(Path(words[0]).absolute().parent))
        runpy.run_path(words[0], run_name="__main__")


def fork_what_torchrun_starts():
    from torch.distributed.elastic.multiprocessing.subprocess_handler import subprocess_handler

    subprocess_handler.Popen = Warm


if __name__ == "__main__":
    sys.modules["warm"] = sys.modules["__main__"]
    asked = serve(sys.argv[1])
    if asked:
        asked[0](*asked[1:])
