"""Processes for answers: one warm process that forks a fresh, limited one for every answer."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.base.cache import cache_folder
from groundup.judge.isolation.messages import HEAD_BYTES, MessageError, measure, pack, unpack

CHILD = "groundup.judge.isolation.forking"
KEPT_OUTPUT = 4096
MOST_REFUSED, MOST_LIBRARIES = 5, 40
# Of all files of an answer together, looked at while it is waited for.
MOST_FOLDER_BYTES, MOST_ENTRIES = 64 * 2**20, 1000
LOOK_SECONDS = 0.2
# After so many seconds it is asked whether the answer ran in them, or another process.
WORTH_ASKING = 0.02
# All replies of one answer together: the judge keeps them while it looks for the mistake.
MOST_RECEIVED = 256 * 2**20
# Processes fork from these: threads do not come along, and macOS's own (Accelerate) would break a product after a fork.
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
ONE_THREAD = dict.fromkeys(_THREADS, "1")
START_SECONDS, REACTION_SECONDS = 120.0, 20.0
LOADING_SECONDS = 120.0
# However long other processes run in an answer's place, it is not waited for longer.
MOST_WAITED = 120.0
# As `groundup.judge.isolation.forking` has them, which is not imported here: it is the other side.
ALIVE, LOST = 3000, 70
_LENGTH = struct.Struct("!I")


@dataclass(frozen=True)
class Limits:
    """What an answer may use. Seconds in which other processes run in its place do not count, where the system tells.

    Attributes
    ----------
    seconds : float
        For one request.
    total_seconds : float
        For all requests together.
    patience : float
        After so many seconds only the cases that every answer is tried on are still tried.
    memory : int
        Bytes, beyond what the libraries take.
    """

    seconds: float = 4.0
    total_seconds: float = 7.0
    patience: float = 3.0
    memory: int = 2**30


class AnswerDied(Exception):
    """The answer's process gave no reply.

    Attributes
    ----------
    reason : str
        ``"time"``, ``"exit"``, ``"signal"``, ``"noise"`` (what came back is no message), ``"silence"`` (it hung up),
        ``"size"`` (more came back than the judge can keep) or ``"files"`` (its files take too much room).
    detail : str
        Seconds, exit code, signal's name or megabytes.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class ForkServerDied(Exception):
    """The warm process is gone, or does not react: start another."""


class ForkServer:
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
        self.base, self.wrapper = base, tuple(wrapper)
        self.libraries = tuple(libraries)
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(START_SECONDS)
        environment = {"PATH": os.environ.get("PATH", ""), **ONE_THREAD}
        command = [*self.wrapper, sys.executable, "-I", "-B", "-m", CHILD, str(theirs.fileno()), *self.libraries]
        self.control = ours
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

    def __enter__(self) -> ForkServer:
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

    def restart(self) -> None:
        """End the process and start another: nothing that an answer may have done to it lives on."""
        self.close()
        self._start()

    def wait(self) -> None:
        """Wait until the libraries are loaded.

        Raises
        ------
        ForkServerDied
            They could not be.
        """
        if not self._ready:
            if self._receive(6) != b"ready!":
                raise ForkServerDied("the judge's own process did not start")
            self.control.settimeout(REACTION_SECONDS)
            self._ready = True

    def fork(self, limits: Limits, libraries: Sequence[str] = ()) -> AnswerProcess:
        """Return a fresh process for one answer, which loads some more libraries before its limits begin."""
        self.wait()
        return AnswerProcess(self, limits, libraries)

    def make_folder(self) -> str:
        """Make an answer's own folder; return where it is."""
        try:
            return tempfile.mkdtemp(prefix="groundup-answer-", dir=self.base)
        except PermissionError:
            if self.base is None:
                raise
            # Where the kernel does not keep it from that, an answer may have closed the folder around its own.
            self.base.chmod(stat.S_IRWXU)
            return tempfile.mkdtemp(prefix="groundup-answer-", dir=self.base)

    def ask(self, request: dict[str, Any], descriptors: Sequence[int] = ()) -> int:
        """Send a control request; return its number.

        Raises
        ------
        ForkServerDied
            None came.
        """
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], list(descriptors))
        except OSError as error:
            raise ForkServerDied(str(error)) from None
        return int(_LENGTH.unpack(self._receive(_LENGTH.size))[0])

    def _receive(self, count: int) -> bytes:
        """Read one short message of the control socket."""
        try:
            message = self.control.recv(count)
        except OSError as error:
            raise ForkServerDied(str(error)) from None
        if len(message) != count:
            raise ForkServerDied("the judge's own process ended")
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

    def __init__(self, fork_server: ForkServer, limits: Limits, libraries: Sequence[str] = ()) -> None:
        self.fork_server, self.limits = fork_server, limits
        self.folder = fork_server.make_folder()
        self.received = 0
        self.channel, theirs = socket.socketpair()
        self.pipe, write = os.pipe()
        os.set_blocking(self.pipe, False)
        self.channel.setblocking(False)
        request = {
            "folder": self.folder,
            "memory": limits.memory,
            "seconds": limits.total_seconds,
            "libraries": list(libraries)[:MOST_LIBRARIES],
            "fonts": str(cache_folder() / "matplotlib"),
        }
        try:
            self.pid = fork_server.ask(request, [theirs.fileno(), write])
        except ForkServerDied:
            self._close()
            raise
        finally:
            theirs.close()
            os.close(write)
        self.spent = self.waited = 0.0
        self.slowest = self._processor = 0.0
        self._ready = False
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
        """End the process and whatever it started; return how it had ended (`groundup.judge.isolation.forking.end`).

        Its parent does it: only there does the number surely mean this process.
        """
        if self._status is None:
            self._status = self.fork_server.ask({"end": self.pid, "wait": wait})
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
        if not self._ready:
            # It loads libraries, for which the answer is not to blame.
            self._exchange(None, LOADING_SECONDS)
            self._ready = True
        reply, seconds = self._exchange(request, min(self.limits.seconds, self.limits.total_seconds - self.spent))
        self.spent += seconds
        self.slowest = max(self.slowest, seconds)
        self.refused = [str(item)[:80] for item in reply.get("refused", [])[:MOST_REFUSED]]
        return reply

    def _exchange(self, request: dict[str, Any] | None, seconds: float) -> tuple[dict[str, Any], float]:
        """Send a request, if there is one, and return what comes back, and in how many seconds of its own."""
        # What the judge itself does with a message, for which it may load a library, is no time of the answer.
        message = None if request is None else pack(request)
        started, waited = time.monotonic(), self.waited
        deadline = started + seconds
        try:
            if message is not None:
                deadline = self._send(message, deadline)
            head, deadline = self._receive(HEAD_BYTES, deadline)
            size = measure(head)
            self.received += size
            if self.received > MOST_RECEIVED:
                raise AnswerDied("size", f"{self.received / 1e6:.0f}")
            content = self._receive(size, deadline)[0]
            elapsed = time.monotonic() - started
            reply = unpack(head + content)
        except MessageError as error:
            raise AnswerDied("noise", str(error)) from None
        if not isinstance(reply, dict) or not isinstance(reply.get("refused", []), list):
            raise AnswerDied("noise", "no reply")
        if elapsed > WORTH_ASKING:
            self._ask_waited()
            return reply, max(0.0, elapsed - (self.waited - waited))
        # What it says itself is taken for so short a time, in which nothing is to be had by lying.
        told, before = reply.get("processor"), self._processor
        self._processor = told if isinstance(told, float) else 0.0
        return reply, min(elapsed, max(0.0, self._processor - before))

    def _send(self, message: bytes, deadline: float) -> float:
        view = memoryview(message)
        while view:
            deadline = self._wait_for(deadline, writing=True)
            try:
                view = view[self.channel.send(view) :]
            except (BrokenPipeError, ConnectionResetError):
                raise self._death() from None
        return deadline

    def _receive(self, count: int, deadline: float) -> tuple[bytes, float]:
        parts = bytearray()
        while len(parts) < count:
            deadline = self._wait_for(deadline)
            try:
                part = self.channel.recv(min(count - len(parts), 1 << 20))
            except ConnectionResetError:
                part = b""
            if not part:
                raise self._death()
            parts += part
        return bytes(parts), deadline

    def _wait_for(self, deadline: float, writing: bool = False) -> float:
        """Wait for the channel, drain what the answer prints meanwhile, and look at its files; return the deadline."""
        pipes: list[Any] = [self.pipe]
        while True:
            left = deadline - time.monotonic()
            readers = pipes if writing else [*pipes, self.channel]
            writers = [self.channel] if writing else []
            readable, writable, _ = select.select(readers, writers, [], max(0.0, min(left, LOOK_SECONDS)))
            if self.pipe in readable and not self._drain():
                pipes = []
            if self.channel in readable or writable:
                return deadline
            if left <= 0:
                more = self._ask_waited()
                if more < 0.01:
                    raise AnswerDied("time", f"{self.limits.seconds:g}")
                deadline += more
            elif not readable:
                self._look_at_files()

    def _ask_waited(self) -> float:
        """Return for how many seconds more than known the process was ready to run, and another one ran instead."""
        now = min(MOST_WAITED, self.fork_server.ask({"waited": self.pid}) / 1000)
        more, self.waited = now - self.waited, now
        return more

    def _look_at_files(self) -> None:
        """Raise where the answer's files are too many or take too much room, all together."""
        count = total = 0
        for place, folders, files in os.walk(self.folder):
            count += len(folders) + len(files)
            for name in files[: MOST_ENTRIES + 1]:
                with contextlib.suppress(OSError):
                    total += os.lstat(os.path.join(place, name)).st_blocks * 512
            if count > MOST_ENTRIES or total > MOST_FOLDER_BYTES:
                raise AnswerDied("files", f"{total / 1e6:.0f}")

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
