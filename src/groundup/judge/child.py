"""The process that learners' answers run in: it starts once, loads the libraries, and forks for every answer.

Run as a module, in isolated mode, with a control socket's number as argument. It imports nothing of this package but
two files beside it, so the reference is nowhere in an answer's memory. Every fork sets limits on itself before it
reads a line of the answer: address space, processor time, size of files; an audit hook refuses the network, other
processes, and files outside the answer's own folder. None of this decides a verdict: outputs are compared elsewhere.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from groundup.judge.runner import Runner, describe, load
from groundup.judge.wire import HEAD_BYTES, Opaque, measure, pack, unpack

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
_LENGTH = struct.Struct("!I")
MOST_FILE_BYTES = 16 * 2**20


class Refused(Exception):
    """The answer did what the judge does not allow."""


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
    control.sendall(b"ready!")
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 4096, 2)
        if not data:
            return
        request = json.loads(data)
        if "reap" in request:
            control.sendall(_LENGTH.pack(reap(request["reap"])))
            continue
        pid = os.fork()
        if pid == 0:
            control.close()
            try:
                serve_answer(descriptors, request)
            finally:
                os._exit(0)
        for descriptor in descriptors:
            os.close(descriptor)
        control.sendall(_LENGTH.pack(pid))


def reap(pid: int) -> int:
    """Wait for a killed or ended fork; return the signal that ended it, or 1000 and its exit code."""
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError:
        return 1000
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 1000 + os.WEXITSTATUS(status)


def serve_answer(descriptors: list[int], request: dict[str, Any]) -> None:
    """Set the limits, load the answer, and do what the judge asks for until it hangs up."""
    os.setsid()
    channel, output = descriptors
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(request["folder"])
    sys.argv = ["answer"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "groundup"]:
        del sys.modules[name]
    limit(request["memory"], request["seconds"])
    connection = socket.socket(fileno=channel)
    runner: Runner | None = None
    refused: list[str] = []
    guard(request["folder"], refused)
    while (message := receive(connection)) is not None:
        asked = unpack(message)
        if asked["do"] == "load":
            forbid(asked["forbidden"], refused)
            try:
                runner = Runner(load(asked["source"]))
                reply: dict[str, Any] = {"value": sorted(name for name in runner.namespace if name[0] != "_")}
            except BaseException as error:
                reply = describe(error)
        else:
            assert runner is not None
            reply = runner.perform(asked)
        sys.stdout.flush()
        reply["refused"] = list(refused)
        try:
            connection.sendall(pack(reply))
        except (TypeError, ValueError, RecursionError):
            connection.sendall(pack({"value": Opaque("something that cannot be sent"), "refused": []}))


def receive(connection: socket.socket) -> bytes | None:
    """Read one message; None where the other side hung up."""
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


def limit(memory: int, seconds: float) -> None:
    """Bound this process: ``memory`` bytes more than now, processor seconds, sizes of files, no core file."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        now = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, now + memory))
    processor = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def forbid(names: list[str], refused: list[str]) -> None:
    """Replace library functions that the statement forbids by ones that refuse."""
    for name in names:
        module_name, _, attribute = name.rpartition(".")
        module = sys.modules.get(module_name)
        if module is None or not hasattr(module, attribute):
            continue

        def refuse(*_: Any, _name: str = name, **__: Any) -> Any:
            refused.append(_name)
            raise Refused(f"{_name} is not allowed in this exercise")

        original = getattr(module, attribute)
        setattr(module, attribute, type(attribute, (), {"__init__": refuse}) if isinstance(original, type) else refuse)


_PROCESSES = ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen", "pty.")
_CHANGES = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.chmod",
    "os.chown",
    "os.link",
    "os.symlink",
    "os.trun",
)


def guard(folder: str, refused: list[str]) -> None:
    """Refuse, from now on, the network, other processes, the reference, and files outside ``folder``."""

    def refuse(what: str) -> None:
        if what not in refused:
            refused.append(what)
        raise Refused(what)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import":
            if arguments[0] == "groundup" or arguments[0].startswith("groundup."):
                refuse("importing groundup")
        elif event == "open":
            path, mode, flags = arguments
            if isinstance(path, int):
                return
            place = os.path.realpath(os.fsdecode(path))
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) if isinstance(flags, int) else "w" in (mode or "")
            if writes and not place.startswith(folder) and place != os.devnull:
                refuse("writing files outside its own folder")
            # Tracebacks quote the files of this process.
            if place.startswith(PACKAGE) and not place.startswith(HERE):
                refuse("reading groundup's own files")
        elif event.startswith(("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto")):
            refuse("the network")
        elif event.startswith(_PROCESSES):
            refuse("starting another process")
        elif event in ("os.kill", "os.killpg", "signal.pthread_kill"):
            refuse("sending signals")
        elif (
            event.startswith(_CHANGES)
            and event != "os.chdir"
            and not all(
                os.path.realpath(os.fsdecode(path)).startswith(folder)
                for path in arguments
                if isinstance(path, str | bytes)
            )
        ):
            refuse("changing files outside its own folder")

    sys.addaudithook(hook)


if __name__ == "__main__":
    serve_zygote(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
