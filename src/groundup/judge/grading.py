"""Judges many answers at once: a judge's process a core, each with a nursery of its own, none able to stop the rest."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from groundup.judge.exercise import Exercise
from groundup.judge.judging import Effort, judge
from groundup.judge.process import Nursery, NurseryDied
from groundup.judge.verdict import Verdict

START_SECONDS = 120.0
# What the judge may take besides the answer itself: comparing, shrinking, naming.
JUDGE_SECONDS = 30.0
JUDGE_MEMORY = 4 * 2**30
ATTEMPTS = 2


@dataclass(frozen=True)
class Job:
    """One answer to judge.

    Attributes
    ----------
    exercise : str
        Its name.
    source : str
        The learner's file.
    """

    exercise: str
    source: str


@dataclass(frozen=True)
class Grading:
    """How to judge.

    Attributes
    ----------
    load : callable
        Name → exercise; a function of a module, so that other processes find it.
    libraries : sequence of str
        Of all the exercises together.
    effort : Effort
        For each answer.
    workers : int
        How many judges work at once.
    wrapper : sequence of str
        See `Nursery`.
    base : Path, optional
        See `Nursery`.
    """

    load: Callable[[str], Exercise]
    libraries: Sequence[str]
    effort: Effort = field(default_factory=Effort)
    workers: int = 1
    wrapper: Sequence[str] = ()
    base: Path | None = None


@contextmanager
def make_base() -> Iterator[Path]:
    """Make a folder for the answers' own folders; remove it with whatever they left."""
    base = Path(tempfile.mkdtemp(prefix="groundup-grading-")).resolve()
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def grade(jobs: Sequence[Job], grading: Grading) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the place of each job and its verdict (`Verdict.to_json`) as they come, in any order.

    However the answers behave, every job gets a verdict: a judge that dies or hangs over one is replaced, the answer
    judged once more, and then given up. Leaving the iteration early ends all processes.
    """
    waiting = deque((place, 1) for place in range(len(jobs)))
    seats: list[_Seat] = []
    try:
        seats.extend(_Seat(grading) for _ in range(min(grading.workers, len(jobs))))
        while waiting or any(seat.busy for seat in seats):
            for seat in seats:
                if waiting and seat.ready and not seat.busy:
                    place, attempt = waiting.popleft()
                    seat.give(place, attempt, jobs[place])
            pending: list[Any] = [seat.connection for seat in seats]
            wait(pending, max(0.0, min(seat.deadline for seat in seats) - time.monotonic()))
            for number, seat in enumerate(seats):
                try:
                    if seat.connection.poll():
                        verdict = seat.take()
                        if verdict is not None:
                            yield seat.place, verdict
                        continue
                    if time.monotonic() < seat.deadline:
                        continue
                    reason = "took far too long"
                except (EOFError, OSError):
                    reason = "died"
                lost = seat.end()
                if lost is None and not seat.ready:
                    raise RuntimeError(f"a judge's process {reason} before it was ready")
                seats[number] = _Seat(grading)
                if lost is not None and lost[1] < ATTEMPTS:
                    waiting.append((lost[0], lost[1] + 1))
                elif lost is not None:
                    yield lost[0], give_up(jobs[lost[0]], f"the judge's own process {reason} over it, {ATTEMPTS} times")
    finally:
        for seat in seats:
            seat.end()


def give_up(job: Job, reason: str) -> dict[str, Any]:
    """Return the verdict on an answer that could not be judged."""
    return Verdict(job.exercise, False, f"It could not be judged: {reason}.").to_json()


class _Seat:
    """One judge's process, and what it works on."""

    def __init__(self, grading: Grading) -> None:
        self.grading = grading
        self.ready = self.busy = False
        self.place = self.attempt = -1
        self.deadline = time.monotonic() + START_SECONDS
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=serve, args=(theirs, grading), daemon=True)
        # Ctrl-C goes to every process of a terminal: here the parent alone decides what follows from it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def give(self, place: int, attempt: int, job: Job) -> None:
        """Hand out a job."""
        self.place, self.attempt, self.busy = place, attempt, True
        self.deadline = time.monotonic() + self.grading.effort.limits.total_seconds + JUDGE_SECONDS
        # A judge that is gone is noticed when its reply is read.
        with suppress(OSError):
            self.connection.send(job)

    def take(self) -> dict[str, Any] | None:
        """Read a verdict; None where it only tells that it is ready."""
        message: dict[str, Any] | None = self.connection.recv()
        self.deadline = float("inf")
        if message is None:
            self.ready = True
        else:
            self.busy = False
        return message

    def end(self) -> tuple[int, int] | None:
        """End the process; return place and attempt of the job that is lost with it."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        return (self.place, self.attempt) if self.busy else None


def serve(connection: Connection, grading: Grading) -> None:
    """Judge what comes through the connection until it closes: what a judge's process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_memory()
    # The cores are taken by the other judges.
    os.environ["OMP_NUM_THREADS"] = "1"
    nursery = Nursery(grading.libraries, grading.wrapper, grading.base)
    try:
        for name in grading.libraries:
            __import__(name)
        nursery.wait()
        connection.send(None)
        while True:
            try:
                job = connection.recv()
            except EOFError:
                return
            connection.send(judge_job(job, nursery, grading))
    finally:
        nursery.close()


def judge_job(job: Job, nursery: Nursery, grading: Grading) -> dict[str, Any]:
    """Return the verdict on one job; an error of the judge's own costs that job alone, and it is tried again once."""
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            return judge(grading.load(job.exercise), job.source, nursery, grading.effort).to_json()
        except NurseryDied as error:
            reason = f"the process that answers start from ended ({error})"
        except Exception as error:
            reason = f"{type(error).__name__}: {str(error)[:200]}"
        nursery.restart()
    return give_up(job, reason)


def bound_memory() -> None:
    """Let this process take `JUDGE_MEMORY` bytes and no more."""
    if hasattr(resource, "RLIMIT_DATA"):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (JUDGE_MEMORY, hard))


def count_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def list_libraries(exercises: Iterable[Exercise]) -> list[str]:
    """Return all libraries of some exercises, each once."""
    return sorted({name for exercise in exercises for name in exercise.libraries})
