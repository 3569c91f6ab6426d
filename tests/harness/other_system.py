"""Run as a program: the package on a system like Windows, which lacks what the judge needs; says what came of it.

The packages that groundup uses are loaded first: they have their own ways on such a system. Then the calls that it
lacks are taken away, and only after that is groundup loaded.
"""

import asyncio
import contextlib
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import time
import warnings
from http.client import HTTPConnection

USED = """
asyncio filelock gguf hypothesis.strategies jaxtyping matplotlib.figure mcp.server.mcpserver
multiprocessing.forkserver numpy platformdirs pyarrow pytest requests rich.progress sklearn.linear_model
starlette.applications sympy tokenizers torch typer uvicorn
"""
MODULES = ["fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"]
CALLS = {
    os: """chown fork forkpty getegid geteuid getgid getloadavg getpgid getpriority getuid killpg lchown major minor
        mkfifo nice pread sched_getaffinity sched_getparam sched_getscheduler set_blocking setsid statvfs sysconf waitid
        O_DIRECTORY O_NOFOLLOW O_PATH PRIO_PROCESS WEXITSTATUS WIFSIGNALED WNOHANG WTERMSIG""",
    select: "epoll poll",
    signal: """alarm pthread_kill pthread_sigmask setitimer sigwait ITIMER_PROF SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL
        SIGPIPE SIGPROF SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGXCPU SIGXFSZ""",
    socket: "recv_fds send_fds",
}
LONGEST_WAIT = 300.0


def take_away():
    """Make this process look like one on Windows, as far as what it lacks is concerned."""
    for name in USED.split():
        importlib.import_module(name)
    sys.modules.update(dict.fromkeys(MODULES))
    for module, names in CALLS.items():
        for name in names.split():
            if hasattr(module, name):
                delattr(module, name)
    sys.platform = "win32"
    asyncio.ProactorEventLoop = asyncio.SelectorEventLoop  # the one that Windows has, for which uvicorn asks
    sys.modules.pop("groundup", None)


def import_all():
    """Return what went wrong, by module."""
    import groundup

    wrong = {}
    for found in pkgutil.walk_packages(groundup.__path__, "groundup."):
        if not found.name.endswith((".__main__", ".stub", ".model_answer")):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of other packages, which find something missing
                    importlib.import_module(found.name)
            except Exception as error:  # noqa: BLE001 - that is what is asked
                wrong[found.name] = f"{type(error).__name__}: {error}"
    return wrong


def call(*words):
    """Return exit code, standard output and standard error of a command line."""
    from groundup.cli import main

    told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(told[0]), contextlib.redirect_stderr(told[1]):
        code = main(list(words))
    return code, told[0].getvalue(), told[1].getvalue()


def visit(port):
    """Ask the lab for a page, then press Ctrl-C; the page's status is printed."""
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/")
            print(json.dumps(connection.getresponse().status), flush=True)
            break
        except OSError:
            time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    take_away()
    answers = {"imports": import_all()}
    for line in sys.stdin.read().splitlines():
        answers[line] = call(*line.split())
    print(json.dumps(answers), flush=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    threading.Thread(target=visit, args=(free,), daemon=True).start()
    from groundup.cli import main

    main(["lab", "--no-open", "--port", str(free)])
