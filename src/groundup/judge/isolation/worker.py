"""A judge in its own process: an answer can never stop or slow its caller, or fill the caller's memory.

Run as a module, with a socket's number as argument, it judges what comes through the socket until that closes. Both
ends are trusted: what an answer itself sends never comes this far.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.judge.exercise import Exercise
from groundup.judge.isolation.fork_server import ONE_THREAD, ForkServer, ForkServerDied
from groundup.judge.isolation.system import require_processes
from groundup.judge.judging import CheckOptions, judge
from groundup.judge.verdict import Verdict

_LENGTH = struct.Struct("!Q")
START_SECONDS = 120.0
# What the judge may take besides the answer itself: loading libraries, comparing, shrinking, naming.
JUDGE_SECONDS = 60.0
JUDGE_MEMORY = 4 * 2**30
ATTEMPTS = 2
BEGINS = "begins"


@dataclass(frozen=True)
class Job:
    """One answer to judge.

    Attributes
    ----------
    exercise : str
        Its name.
    source : str
        The learner's file.
    effort : CheckOptions
        How much to look.
    libraries : sequence of str
        What the process that answers start from should hold before: an answer that needs others loads them itself.
    """

    exercise: str
    source: str
    effort: CheckOptions = field(default_factory=CheckOptions)
    libraries: Sequence[str] = ("numpy",)


@dataclass(frozen=True)
class Setting:
    """Where and how answers run.

    Attributes
    ----------
    load : callable
        Name → exercise; a function of a module, so that another process finds it.
    wrapper : sequence of str
        See `ForkServer`.
    base : Path, optional
        See `ForkServer`.
    """

    load: Callable[[str], Exercise]
    wrapper: Sequence[str] = ()
    base: Path | None = None


class WorkerDied(Exception):
    """The judge's process is gone."""


class Worker:
    """The judge's process, seen from its caller. Close it, or use it in a ``with`` statement.

    Attributes
    ----------
    job : Job or None
        What it works on.
    deadline : float
        When to give up waiting for its verdict, as `time.monotonic` counts.

    Raises
    ------
    UserError
        No answer can be judged on this system.
    """

    def __init__(self, setting: Setting) -> None:
        require_processes()
        self.setting = setting
        self.job: Job | None = None
        self.deadline = float("inf")
        ours, theirs = socket.socketpair()
        # -P: a file in the learner's folder that is called like a library is not taken for it.
        command = [sys.executable, "-P", "-m", __name__, str(theirs.fileno())]
        self.process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            # The cores are taken by others that judge; and no graphics processor is waited for.
            env={**os.environ, **ONE_THREAD, "CUDA_VISIBLE_DEVICES": ""},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self.channel = ours
        self._send(setting)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it does."""
        self.channel.close()
        self.process.kill()
        self.process.wait()

    def warm(self, libraries: Sequence[str]) -> None:
        """Let it load libraries, and start the process that answers run in, before there is anything to judge."""
        self._send(list(libraries))

    def give(self, job: Job) -> None:
        """Let it begin with a job."""
        self.job = job
        self.deadline = time.monotonic() + START_SECONDS
        self._send(job)

    def take(self) -> Verdict | None:
        """Return the verdict on the job, where something can be read; None if the judge only says that it begins.

        Raises
        ------
        WorkerDied
            Nothing will come.
        """
        message = _receive(self.channel)
        if message is None or self.job is None:
            raise WorkerDied("the judge's own process died")
        if isinstance(message, Verdict):
            self.job, self.deadline = None, float("inf")
            return message
        self.deadline = time.monotonic() + self.job.effort.limits.total_seconds + JUDGE_SECONDS
        return None

    def judge(self, job: Job) -> Verdict:
        """Give a job, wait, and return the verdict; errors as in `take`."""
        self.give(job)
        while True:
            if select.select([self.channel], [], [], max(0.0, self.deadline - time.monotonic()))[0]:
                if (verdict := self.take()) is not None:
                    return verdict
            elif time.monotonic() >= self.deadline:
                raise WorkerDied("the judge's own process took far too long")

    def _send(self, message: Any) -> None:
        # A judge that is gone is noticed when its reply is read.
        with contextlib.suppress(OSError):
            _send(self.channel, message)


def give_up(job: Job, reason: str) -> Verdict:
    """Return the verdict on an answer that could not be judged."""
    return Verdict(job.exercise, False, f"It could not be judged: {reason}.")


def _send(channel: socket.socket, message: Any) -> None:
    body = pickle.dumps(message)
    channel.sendall(_LENGTH.pack(len(body)) + body)


def _receive(channel: socket.socket) -> Any:
    """Return a message; None if the other side is gone."""
    head = _read(channel, _LENGTH.size)
    body = _read(channel, _LENGTH.unpack(head)[0]) if head is not None else None
    return pickle.loads(body) if body is not None else None


def _read(channel: socket.socket, count: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < count:
        try:
            part = channel.recv(min(count - len(parts), 1 << 20))
        except OSError:
            return None
        if not part:
            return None
        parts += part
    return bytes(parts)


def serve(channel: socket.socket) -> None:
    """Judge what comes through a socket until it closes: what the judge's process does."""
    # Ctrl-C goes to every process of a terminal: the caller decides what follows from it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_memory()
    setting = _receive(channel)
    fork_server: ForkServer | None = None
    try:
        while (message := _receive(channel)) is not None:
            libraries = message.libraries if isinstance(message, Job) else message
            fork_server = warm(fork_server, libraries, setting)
            if isinstance(message, Job):
                _send(channel, BEGINS)
                _send(channel, judge_job(message, fork_server, setting))
    except ConnectionError:
        pass  # the caller is gone
    finally:
        if fork_server is not None:
            fork_server.close()


def warm(fork_server: ForkServer | None, libraries: Sequence[str], setting: Setting) -> ForkServer:
    """Return a fork server that holds some libraries: the given one, or a new one; this process loads them too."""
    held = fork_server.libraries if fork_server is not None else ()
    if fork_server is None or not set(libraries) <= set(held):
        if fork_server is not None:
            fork_server.close()
        wanted = [*held, *(name for name in libraries if name not in held)]
        fork_server = ForkServer(wanted, setting.wrapper, setting.base)
    for name in libraries:
        if name in ("numpy", "torch"):
            __import__(name)
    return fork_server


def judge_job(job: Job, fork_server: ForkServer, setting: Setting) -> Verdict:
    """Return the verdict on one job; an error of the judge's own costs that job alone, and it is tried again once."""
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            return judge(setting.load(job.exercise), job.source, fork_server, job.effort)
        except ForkServerDied as error:
            reason = f"the process that answers start from ended ({error})"
        except Exception as error:  # noqa: BLE001 - the judge fails, not the answer: it is told so and judged again
            reason = f"{type(error).__name__}: {str(error)[:200]}"
        fork_server.restart()
    return give_up(job, reason)


def bound_memory() -> None:
    """Let this process take `JUDGE_MEMORY` bytes and no more."""
    import resource  # Windows has none

    if hasattr(resource, "RLIMIT_DATA"):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (JUDGE_MEMORY, hard))


if __name__ == "__main__":
    # Under its own name, so that what is sent is of the same classes on both sides.
    from groundup.judge.isolation import worker

    worker.serve(socket.socket(fileno=int(sys.argv[1])))
