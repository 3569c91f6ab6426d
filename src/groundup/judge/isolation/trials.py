"""Runs code that may hang or swallow all memory in forks of this process, each attempt with limits of its own.

The judge tries many edits of the reference. One of them may square a whole number sixty times, and nothing in Python
stops a single multiplication: only the kernel does, and only a process.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import pickle
import select
import signal
import struct
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from groundup.judge.isolation.system import MEMORY_FILE, limits_memory

Attempt = Callable[[], Any]
_LENGTH = struct.Struct("!I")
MEMORY = 2**30
STALLED_SECONDS = 20.0


def run_apart(
    attempts: Callable[[], Iterator[Attempt]],
    seconds_each: float,
    seconds: float,
    enough: int = 1,
    is_last: Callable[[Any], bool] | None = None,
) -> tuple[list[Any], float]:
    """Run attempts one after another in a fork; return what those brought that brought anything.

    Parameters
    ----------
    attempts : callable
        Returns an iterator over attempts, the same ones at every call. An attempt is a function of nothing that returns
        a result, or None. All of it runs in forks: what is changed in memory there is changed nowhere else.
    seconds_each : float
        Processor time for one attempt. One that takes longer brings nothing, and the next one follows.
    seconds : float
        Processor time for all attempts together.
    enough : int
        After how many results to stop.
    is_last : callable, optional
        Tells of a result whether to stop after it, however few there are.

    Returns
    -------
    found : list
        The results, in the order of the attempts; an attempt's error is no result.
    spent : float
        Processor time that it took.
    """
    found: list[Any] = []
    skip, spent = 0, 0.0
    while spent < seconds and len(found) < enough:
        fork = _Fork(attempts, skip, seconds_each, enough - len(found), seconds - spent, is_last)
        try:
            for place, taken, result in fork.results():
                spent += taken
                skip = place + 1
                if result is not None:
                    found.append(result)
            if fork.ended:
                return found, spent
        finally:
            fork.close()
        skip += 1  # the one that it died of
        spent += seconds_each
    return found, spent


class _Fork:
    """One fork, which goes through the attempts until one ends it."""

    def __init__(
        self,
        attempts: Callable[[], Iterator[Attempt]],
        skip: int,
        seconds_each: float,
        enough: int,
        seconds: float,
        is_last: Callable[[Any], bool] | None,
    ) -> None:
        self.pipe, write = os.pipe()
        self.ended = False
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # Python warns of threads, which may hold locks: nothing here takes one that another thread may have.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.pipe)
                _attempt_all(write, attempts, skip, seconds_each, enough, seconds, is_last)
            finally:
                os._exit(0)
        os.close(write)

    def results(self) -> Iterator[tuple[int, float, Any]]:
        """Yield place, processor seconds and result of each attempt."""
        while (head := self._read(_LENGTH.size)) is not None:
            (length,) = _LENGTH.unpack(head)
            if length == 0:
                self.ended = True
                return
            body = self._read(length)
            if body is None:
                return
            yield pickle.loads(body)

    def _read(self, count: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            if not select.select([self.pipe], [], [], STALLED_SECONDS)[0]:
                return None
            part = os.read(self.pipe, count - len(parts))
            if not part:
                return None
            parts += part
        return bytes(parts)

    def close(self) -> None:
        """End the fork."""
        os.close(self.pipe)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _attempt_all(
    pipe: int,
    attempts: Callable[[], Iterator[Attempt]],
    skip: int,
    seconds_each: float,
    enough: int,
    seconds: float,
    is_last: Callable[[Any], bool] | None,
) -> None:
    """Go through the attempts from the one numbered ``skip`` on, and write down what each brings."""
    gc.disable()
    _prepare()
    # To make an attempt ready takes time as well, to compile changes most of it: all of it counts.
    count, started = 0, time.process_time()
    before = started
    for place, attempt in enumerate(attempts()):
        if place < skip:
            continue
        if count >= enough or time.process_time() - started > seconds:
            break
        signal.setitimer(signal.ITIMER_PROF, seconds_each)
        try:
            result = attempt()
        except Exception:  # noqa: BLE001 - a changed reference may raise anything
            result = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        count += result is not None
        now = time.process_time()
        body = pickle.dumps((place, now - before, result))
        before = now
        _write(pipe, _LENGTH.pack(len(body)) + body)
        if result is not None and is_last is not None and is_last(result):
            break
    _write(pipe, _LENGTH.pack(0))


def _prepare() -> None:
    """Limit this fork: the timer's signal ends it without a word, and memory is bounded."""
    import resource  # Windows has none

    faulthandler.disable()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if limits_memory():
        now = int(MEMORY_FILE.read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, hard))
    torch = sys.modules.get("torch")
    if torch is not None:
        # The parent's threads are not here.
        torch.set_num_threads(1)


def _write(pipe: int, message: bytes) -> None:
    view = memoryview(message)
    while view:
        view = view[os.write(pipe, view) :]
