"""Processes for answers: one warm process that forks a fresh, limited one for every answer."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.judge.wire import HEAD_BYTES, WireError, measure, pack, unpack

CHILD = "groundup.judge.child"
KEPT_OUTPUT = 4096
MOST_REFUSED = 5
# All replies of one answer together: the judge keeps them while it looks for the mistake.
MOST_RECEIVED = 256 * 2**20
START_SECONDS, REACTION_SECONDS = 120.0, 20.0
# As `groundup.judge.child` has them, which is not imported here: it is the other side.
ALIVE, LOST = 3000, 70
_LENGTH = struct.Struct("!I")


@dataclass(frozen=True)
class Limits:
    """What an answer may use.

    Attributes
    ----------
    seconds : float
        For one request.
    total_seconds : float
        For all requests together.
    memory : int
        Bytes, beyond what the libraries take.
    """

    seconds: float = 5.0
    total_seconds: float = 30.0
    memory: int = 2**30


class AnswerDied(Exception):
    """The answer's process gave no reply.

    Attributes
    ----------
    reason : str
        ``"time"``, ``"exit"``, ``"signal"``, ``"noise"`` (what came back is no message), ``"silence"`` (it hung up)
        or ``"size"`` (more came back than the judge can keep).
    detail : str
        Seconds, exit code or signal's name.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class NurseryDied(Exception):
    """The warm process is gone, or does not react: start another."""


class Nursery:
    """The warm process. Close it, or use it in a ``with`` statement.

    Parameters
    ----------
    libraries : sequence of str
        What to import before the first fork: ``"numpy"``, ``"torch"``.
    wrapper : sequence of str
        A command to run the process under, for example bubblewrap's.
    base : Path, optional
        Where the answers' own folders are made; the system's place for temporary files if left out.
    """

    def __init__(self, libraries: Sequence[str], wrapper: Sequence[str] = (), base: Path | None = None) -> None:
        ours, theirs = socket.socketpair()
        self.base = base
        ours.settimeout(START_SECONDS)
        environment = {"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [*wrapper, sys.executable, "-I", "-B", "-m", CHILD, str(theirs.fileno()), *libraries]
        self.control = ours
        self.libraries = tuple(libraries)
        self.process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._ready = False

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1)
        self.process.kill()
        self.process.wait()

    def wait(self) -> None:
        """Wait until the libraries are loaded.

        Raises
        ------
        NurseryDied
            They could not be.
        """
        if not self._ready:
            if self._receive(6) != b"ready!":
                raise NurseryDied("the judge's own process did not start")
            self.control.settimeout(REACTION_SECONDS)
            self._ready = True

    def fork(self, limits: Limits) -> AnswerProcess:
        """Return a fresh process for one answer."""
        self.wait()
        return AnswerProcess(self, limits)

    def ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> int:
        """Send a control request; return its number.

        Raises
        ------
        NurseryDied
            None came.
        """
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], list(descriptors))
        except OSError as error:
            raise NurseryDied(str(error)) from None
        return int(_LENGTH.unpack(self._receive(_LENGTH.size))[0])

    def _receive(self, count: int) -> bytes:
        """Read one short message of the control socket."""
        try:
            message = self.control.recv(count)
        except OSError as error:
            raise NurseryDied(str(error)) from None
        if len(message) != count:
            raise NurseryDied("the judge's own process ended")
        return message


class AnswerProcess:
    """One answer's process. Use it in a ``with`` statement: leaving it kills whatever still runs.

    Attributes
    ----------
    printed : int
        How many bytes the answer has printed.
    output : bytes
        The first of them.
    refused : list of str
        What it tried and was not allowed.
    slowest : float
        Seconds of the longest call.
    """

    def __init__(self, nursery: Nursery, limits: Limits) -> None:
        self.nursery, self.limits = nursery, limits
        self.folder = tempfile.mkdtemp(prefix="groundup-answer-", dir=nursery.base)
        self.received = 0
        self.channel, theirs = socket.socketpair()
        self.pipe, write = os.pipe()
        os.set_blocking(self.pipe, False)
        self.channel.setblocking(False)
        request = {"folder": self.folder, "memory": limits.memory, "seconds": limits.total_seconds}
        try:
            self.pid = nursery.ask(request, [theirs.fileno(), write])
        except NurseryDied:
            self._close()
            raise
        finally:
            theirs.close()
            os.close(write)
        self.spent = 0.0
        self.slowest = 0.0
        self.printed, self.output, self.refused = 0, b"", list[str]()
        self._status: int | None = None
        self._died: AnswerDied | None = None

    def __enter__(self) -> AnswerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.kill()
        finally:
            self._close()

    def _close(self) -> None:
        self.channel.close()
        os.close(self.pipe)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self, wait: float = 0.0) -> int:
        """End the process and whatever it started; return how it had ended (`groundup.judge.child.end`).

        Its parent does it: only there does the number surely mean this process.
        """
        if self._status is None:
            self._status = self.nursery.ask({"end": self.pid, "wait": wait})
        return self._status

    def perform(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request; return the reply.

        Raises
        ------
        AnswerDied
            None came in time, or none that can be read.
        """
        if self._died is not None:
            # Asked once more by who looks for a smaller case: it died of the first.
            raise self._died
        try:
            return self._perform(request)
        except AnswerDied as died:
            self._died = died
            raise

    def _perform(self, request: dict[str, Any]) -> dict[str, Any]:
        started = time.monotonic()
        deadline = started + min(self.limits.seconds, self.limits.total_seconds - self.spent)
        try:
            self._send(pack(request), deadline)
            head = self._receive(HEAD_BYTES, deadline)
            size = measure(head)
            self.received += size
            if self.received > MOST_RECEIVED:
                raise AnswerDied("size", f"{self.received / 1e6:.0f}")
            reply = unpack(head + self._receive(size, deadline))
        except WireError as error:
            raise AnswerDied("noise", str(error)) from None
        finally:
            self.spent += time.monotonic() - started
        if not isinstance(reply, dict) or not isinstance(reply.get("refused", []), list):
            raise AnswerDied("noise", "no reply")
        self.refused = [str(item)[:80] for item in reply.get("refused", [])[:MOST_REFUSED]]
        self.slowest = max(self.slowest, time.monotonic() - started)
        return reply

    def _send(self, message: bytes, deadline: float) -> None:
        view = memoryview(message)
        while view:
            self._wait_for(deadline, writing=True)
            try:
                view = view[self.channel.send(view) :]
            except (BrokenPipeError, ConnectionResetError):
                raise self._death() from None

    def _receive(self, count: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            self._wait_for(deadline)
            try:
                part = self.channel.recv(min(count - len(parts), 1 << 20))
            except ConnectionResetError:
                part = b""
            if not part:
                raise self._death()
            parts += part
        return bytes(parts)

    def _wait_for(self, deadline: float, writing: bool = False) -> None:
        """Wait for the channel, and drain what the answer prints meanwhile."""
        pipes: list[Any] = [self.pipe]
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise AnswerDied("time", f"{self.limits.seconds:g}")
            readers = pipes if writing else [*pipes, self.channel]
            readable, writable, _ = select.select(readers, [self.channel] if writing else [], [], left)
            if self.pipe in readable and not self._drain():
                pipes = []
            if self.channel in readable or writable:
                return

    def _drain(self) -> bool:
        """Read what was printed; return whether more can come."""
        try:
            text = os.read(self.pipe, 1 << 16)
        except BlockingIOError:
            return True
        self.printed += len(text)
        self.output = (self.output + text)[:KEPT_OUTPUT]
        return bool(text)

    def _death(self) -> AnswerDied:
        self._drain()
        status = self.kill(wait=0.2)
        if status == ALIVE or status == 1000 + LOST:
            return AnswerDied("silence", "")
        if status >= 1000:
            return AnswerDied("exit", str(status - 1000))
        # The limit on processor time kills: first with this signal, then, where it is caught, with the other.
        if status in (signal.SIGXCPU, signal.SIGKILL):
            return AnswerDied("time", f"{self.limits.total_seconds:g}")
        return AnswerDied("signal", signal.Signals(status).name)
