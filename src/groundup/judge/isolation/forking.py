"""The process that learners' answers run in: it starts once, loads the libraries, and forks for every answer.

Run as a module, in isolated mode, with a control socket's number as argument. It imports nothing of this package but
some files beside it, so the reference is nowhere in an answer's memory. Every fork sets limits on itself before it
reads a line of the answer, and refuses what `audit_hook` lists. None of this decides a verdict: outputs are compared
elsewhere.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any

from groundup.judge.isolation.audit_hook import adopt_orphans, install_audit_hook, limit
from groundup.judge.isolation.forbidding import Forbidding
from groundup.judge.isolation.lending import load_libraries
from groundup.judge.isolation.messages import HEAD_BYTES, MessageError, Opaque, measure, pack, unpack
from groundup.judge.isolation.runner import Runner, describe, load, open_peak

_LENGTH = struct.Struct("!I")
ALIVE, LOST = 3000, 70


def serve_zygote(control: socket.socket, libraries: list[str]) -> None:
    """Fork on request until the control socket closes."""
    for name in libraries:
        __import__(name)
    if "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.set_num_threads(1)
        # The first random numbers load what every fork would load again.
        torch.manual_seed(0)
        torch.randn(2).sum()
    _own_modules[:] = [name for name in sys.modules if name.partition(".")[0] == "groundup"]
    adopt_orphans()
    state = read_state()
    try:
        control.sendall(b"ready!")
        while True:
            data, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
            if not data:
                return
            request = json.loads(data)
            if "end" in request:
                control.sendall(_LENGTH.pack(end(request["end"], request["wait"])))
                continue
            if "waited" in request:
                control.sendall(_LENGTH.pack(read_waiting_time(request["waited"])))
                continue
            if read_state() != state:
                return  # an answer reached its parent: what comes after it starts from another
            pid = os.fork()
            if pid == 0:
                control.close()
                # Whatever gets out of the answer, this process never runs on as a copy of its parent.
                try:
                    serve_answer(descriptors, request)
                    os._exit(0)
                finally:
                    os._exit(LOST)
            _forks.add(pid)
            for descriptor in descriptors:
                os.close(descriptor)
            control.sendall(_LENGTH.pack(pid))
    except ConnectionError:
        return  # the caller is gone, which ends this process as well
    finally:
        for pid in list(_forks):
            end(pid, 0)


_forks: set[int] = set()
# What no answer finds loaded. A fork that went through all names of `sys.modules` would touch, and so copy, the memory
# of thousands of them.
_own_modules: list[str] = []


def read_state() -> list[Any]:
    """Return what the system lets one process change of another: limits, priority, processors, way of scheduling."""
    import resource  # Windows has none

    found: list[Any] = [resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name[:7] == "RLIMIT_"]
    found.append(os.getpriority(os.PRIO_PROCESS, 0))
    if hasattr(os, "sched_getaffinity"):
        found += [os.sched_getaffinity(0), os.sched_getscheduler(0), os.sched_getparam(0).sched_priority]
    return found


def read_waiting_time(pid: int) -> int:
    """Return for how many milliseconds a fork was ready to run and another process ran instead."""
    try:
        with open(f"/proc/{pid}/schedstat") as file:
            return int(file.read().split()[1]) // 1_000_000
    except (OSError, ValueError, IndexError):
        return 0  # not Linux: the clock counts all


def end(pid: int, wait: float) -> int:
    """End a fork and whatever it left behind.

    Parameters
    ----------
    pid : int
        The fork's.
    wait : float
        Seconds in which it may end by itself: what only just hung up has a status of its own to tell.

    Returns
    -------
    int
        How the fork had ended: by a signal of this number, by an exit code (1000 and it), or `ALIVE`.
    """
    how = ALIVE
    if pid in _forks:
        _forks.discard(pid)
        deadline = time.monotonic() + wait
        while True:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                how = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 1000 + os.WEXITSTATUS(status)
            if done or time.monotonic() >= deadline:
                break
            time.sleep(0.001)
        for send in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                send(pid, signal.SIGKILL)
        if how == ALIVE:
            os.waitpid(pid, 0)
    for _ in range(100):
        orphans = find_orphans()
        if not orphans:
            break
        for orphan in orphans:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(orphan, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(orphan, 0)
    return how


def find_orphans() -> list[int]:
    """Return children of this process that it never forked: what an answer started, and left when it ended."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [pid for pid in map(int, file.read().split()) if pid not in _forks]
    except OSError:
        return []


def serve_answer(descriptors: list[int], request: dict[str, Any]) -> None:
    """Set the limits, load the answer, and do what the judge asks for until it hangs up."""
    os.setsid()
    channel, output = descriptors
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    folder = os.path.realpath(request["folder"])
    os.chdir(folder)
    # Libraries keep temporary files and caches: PyTorch's optimisers look for a place when they are first used.
    os.environ |= dict.fromkeys(("TMPDIR", "HOME", "XDG_CACHE_HOME"), folder)
    os.environ |= {"MPLBACKEND": "Agg", "MPLCONFIGDIR": request["fonts"]}
    if "tempfile" in sys.modules:
        vars(sys.modules["tempfile"])["tempdir"] = folder
    sys.argv = ["answer"]
    for name in _own_modules:
        del sys.modules[name]
    connection = socket.socket(fileno=channel)
    runner: Runner | None = None
    refused: list[str] = []
    open_peak()
    load_libraries(request["libraries"])
    # Fonts are drawn by now, if at all, as for any file.
    os.environ["MPLCONFIGDIR"] = folder
    limit(request["memory"], request["seconds"])
    install_audit_hook(folder, refused)
    connection.sendall(pack_reply({"value": None}, refused))
    while (message := receive(connection)) is not None:
        asked = unpack(message)
        if asked["do"] == "load":
            try:
                forbidding = Forbidding(asked["forbidden"])
                with forbidding.watch():
                    namespace, lent = load(asked["source"], asked["borrowed"], asked["imports"], asked["stars"])
                runner = Runner(namespace, forbidding.watch)
                reply: dict[str, Any] = {"value": lent}
            except BaseException as error:  # noqa: BLE001 - a learner's code may raise anything, SystemExit too
                reply = describe(error)
        else:
            assert runner is not None
            reply = runner.perform(asked)
        with suppress(BaseException):
            sys.stdout.flush()
        reply["processor"] = time.process_time()
        connection.sendall(pack_reply(reply, list(refused)))


def pack_reply(reply: dict[str, Any], refused: list[str]) -> bytes:
    """Return a reply as a message, whatever the answer put into it."""
    try:
        return pack({**reply, "refused": refused})
    except MessageError as error:
        value = Opaque(str(error))
    except BaseException:  # noqa: BLE001 - a learner's code may raise anything, SystemExit too
        value = Opaque("value that cannot be taken apart")
    whole = isinstance(reply.get("value"), dict) and {"result": value, "changed": []}
    return pack({"value": whole or value, "refused": refused, "processor": reply.get("processor")})


def receive(connection: socket.socket) -> bytes | None:
    """Read one message; None if the other side hung up."""
    head = read_exactly(connection, HEAD_BYTES)
    if head is None:
        return None
    body = read_exactly(connection, measure(head))
    return None if body is None else head + body


def read_exactly(connection: socket.socket, count: int) -> bytes | None:
    """Read ``count`` bytes."""
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    serve_zygote(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
