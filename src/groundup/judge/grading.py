"""Judges many answers at once: a judging process per core, each with its own fork server; none can stop the others."""

from __future__ import annotations

import select
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from groundup.judge.isolation.worker import ATTEMPTS, Job, Setting, Worker, WorkerDied, give_up


@contextmanager
def make_base() -> Iterator[Path]:
    """Make a folder for the answers' own folders; remove it with whatever they left."""
    base = Path(tempfile.mkdtemp(prefix="groundup-grading-")).resolve()
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def grade(jobs: Sequence[Job], setting: Setting, workers: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the place of each job and its verdict (`Verdict.to_json`) as they come, in any order.

    However the answers behave, every job gets a verdict: a judge that dies or hangs over one is replaced, the answer
    judged once more, and then given up. Leaving the iteration early ends all processes.

    Parameters
    ----------
    jobs : sequence of Job
        What to judge.
    setting : Setting
        Where and how.
    workers : int
        How many judges work at once.
    """
    waiting = deque((place, 1) for place in range(len(jobs)))
    seats: list[_Seat] = []
    try:
        seats.extend(_Seat(setting) for _ in range(min(workers, len(jobs))))
        while waiting or any(seat.busy for seat in seats):
            for seat in seats:
                if waiting and not seat.busy:
                    place, attempt = waiting.popleft()
                    seat.give(place, attempt, jobs[place])
            busy = [seat for seat in seats if seat.busy]
            soonest = min(seat.worker.deadline for seat in busy)
            ready = select.select([seat.worker for seat in busy], [], [], max(0.0, soonest - time.monotonic()))[0]
            for seat in busy:
                try:
                    if seat.worker in ready:
                        if (verdict := seat.worker.take()) is not None:
                            yield seat.place, verdict.to_json()
                    elif time.monotonic() >= seat.worker.deadline:
                        raise WorkerDied("the judge's own process took far too long")
                except WorkerDied as died:
                    seat.replace(setting)
                    if seat.attempt < ATTEMPTS:
                        waiting.append((seat.place, seat.attempt + 1))
                    else:
                        yield seat.place, give_up(jobs[seat.place], f"{died}, {ATTEMPTS} times").to_json()
    finally:
        for seat in seats:
            seat.worker.close()


class _Seat:
    """One judge's process, and what it works on."""

    def __init__(self, setting: Setting) -> None:
        self.worker = Worker(setting)
        self.place = self.attempt = -1

    @property
    def busy(self) -> bool:
        """Whether it works on something."""
        return self.worker.job is not None

    def give(self, place: int, attempt: int, job: Job) -> None:
        """Hand out a job."""
        self.place, self.attempt = place, attempt
        self.worker.give(job)

    def replace(self, setting: Setting) -> None:
        """Put another judge in the place of one that is lost."""
        self.worker.close()
        self.worker = Worker(setting)
