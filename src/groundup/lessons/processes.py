"""Processes beside the lab that share its memory: each is forked from one that has loaded everything and does nothing.

A fork shares every page of memory that neither side writes to: PyTorch and Python's modules, 170 MB, are there once.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Any, Protocol

from groundup.base.errors import UserError

_LETTERS = 64


class Process(Protocol):
    """A process at work; those of `multiprocessing` are such."""

    def kill(self) -> None:
        """End it at once."""

    def join(self) -> None:
        """Wait until it has ended."""


class Starter(Protocol):
    """What starts processes."""

    def warm(self) -> None:
        """Get ready, so that the first process starts at once."""

    def start(self, work: Callable[..., None], *arguments: Any) -> tuple[Process, Connection]:
        """Let a process do ``work(*arguments, pipe)``; return it, and the other end of the pipe."""

    def close(self) -> None:
        """Start no more."""


class Fresh:
    """Starts processes by `multiprocessing`: where there is a fork server, it has loaded PyTorch a second time."""

    def __init__(self) -> None:
        self.context: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")

    def warm(self) -> None:
        """As of `Starter`."""
        if self.context.get_start_method() == "forkserver":
            self.context.set_forkserver_preload(["groundup.lessons.streams", "torch"])
            forkserver.ensure_running()

    def start(self, work: Callable[..., None], *arguments: Any) -> tuple[Process, Connection]:
        """As of `Starter`."""
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=work, args=(*arguments, theirs), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def close(self) -> None:
        """As of `Starter`: `multiprocessing` sees to it."""


class ForkServer:
    """Forks this process as it is now; that fork waits, and is forked for each process that is started.

    Make it before this process runs threads: a lock that one of them holds would stay locked in the fork. It ends with
    this process.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # The collector writes to every object that it looks at: what is there now is shared, and it leaves it alone.
        gc.collect()
        gc.freeze()
        self._pid = os.fork()
        if not self._pid:
            _run(_serve, theirs)
        theirs.close()

    def warm(self) -> None:
        """As of `Starter`: it is ready."""

    def start(self, work: Callable[..., None], *arguments: Any) -> tuple[Process, Connection]:
        """As of `Starter`.

        Raises
        ------
        UserError
            It has been killed.
        """
        ours, theirs = multiprocessing.Pipe()
        pid = self.ask(b"start", theirs.fileno())
        theirs.close()
        ours.send((work, arguments))
        return Forked(pid, self), ours

    def ask(self, order: bytes, *descriptors: int) -> int:
        """Return the number of the process that was started (``b"start"``) or ended (its number)."""
        with self._lock, contextlib.suppress(OSError):
            socket.send_fds(self._channel, [order], descriptors)
            if told := self._channel.recv(_LETTERS):
                return int(told)
        raise UserError("The process that starts trainings has ended. Start the lab again.")

    def close(self) -> None:
        """End it."""
        self._channel.close()
        os.waitpid(self._pid, 0)


@dataclass(frozen=True)
class Forked:
    """A process that a fork server has started."""

    pid: int
    server: ForkServer

    def kill(self) -> None:
        """As of `Process`."""
        with contextlib.suppress(UserError):  # it has ended with the fork server
            self.server.ask(str(self.pid).encode())

    def join(self) -> None:
        """As of `Process`: the fork server has waited."""


def _serve(channel: socket.socket) -> None:
    """Fork a process for each descriptor that comes, and end the one whose number comes, until the lab has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the lab ends it
    # Whatever the lab listens on must be free when the lab has ended.
    os.closerange(3, channel.fileno())
    os.closerange(channel.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
    while True:
        order, descriptors, _, _ = socket.recv_fds(channel, _LETTERS, 1)
        if not order:
            return
        if descriptors:
            pid = os.fork()
            if not pid:
                channel.close()
                _run(_work, descriptors[0])
            os.close(descriptors[0])
        else:
            pid = int(order)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        channel.send(str(pid).encode())


def _work(descriptor: int) -> None:
    pipe = Connection(descriptor)
    with contextlib.suppress(EOFError):
        work, arguments = pipe.recv()
        work(*arguments, pipe)


def _run(work: Callable[[Any], None], given: Any) -> None:
    """Do what a forked process is for, and end it: what the lab has yet to do is not for it."""
    status = 1
    try:
        work(given)
        status = 0
    except BaseException:  # noqa: BLE001 - it ends here
        traceback.print_exc()
    finally:
        os._exit(status)


def choose_starter() -> Starter:
    """Return what starts processes on this system; see `ForkServer` for when to ask."""
    return ForkServer() if sys.platform == "linux" else Fresh()
