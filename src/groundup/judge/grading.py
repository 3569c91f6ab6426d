"""Judges many answers at once: each in a judge's process with its own fork server; none can stop the others.

Threads of an executor wait for the judges: those of this process, or those of a cluster's workers.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from groundup.base.cluster import Cluster, describe_worker
from groundup.base.errors import UserError
from groundup.base.executors import share_out
from groundup.judge.isolation.system import require_processes
from groundup.judge.isolation.worker import ATTEMPTS, Job, Setting, Worker, WorkerDied, give_up

Numbered = tuple[int, Job]
OpenSetting = Callable[[], AbstractContextManager[tuple[Setting, str]]]
# Between two answers a cluster's judges wait so long before they end.
IDLE_SECONDS = 30.0


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
    if not jobs:
        return
    count = min(workers, len(jobs))
    judges, threads = Judges(setting), ThreadPoolExecutor(count)
    try:
        for (place, _), verdict in share_out(threads, judges.judge, enumerate(jobs), lambda: count):
            yield place, verdict
    finally:
        judges.kill()
        threads.shutdown(cancel_futures=True)
        judges.close()


def grade_on(
    cluster: Cluster, jobs: Sequence[Job], open_setting: OpenSetting
) -> Iterator[tuple[int, dict[str, Any], str]]:
    """Yield the place of each job, its verdict and how answers were isolated; judged on the workers of a cluster.

    A worker that dies costs nothing: what it judged is judged on another. An answer over which several died is given
    up. The workers see no file of this machine.

    Parameters
    ----------
    cluster : Cluster
        Whose workers judge, each with judges of its own.
    jobs : sequence of Job
        What to judge.
    open_setting : callable
        Called on each worker: where and how it judges, and what is said of that. A function at the top of a module.

    Raises
    ------
    UserError
        A worker cannot isolate answers, or see `groundup.base.cluster`.
    """
    work = partial(judge_here, uuid4().hex, open_setting)

    def lose(item: Numbered, error: BrokenExecutor) -> tuple[dict[str, Any], str]:
        return give_up(item[1], str(error)).to_json(), ""

    for (place, _), (verdict, note) in share_out(cluster, work, enumerate(jobs), cluster.count_threads, lose):
        yield place, verdict, note


class Judges:
    """Judges' processes, one for each thread that asks."""

    def __init__(self, setting: Setting) -> None:
        self._setting, self._own, self._lock = setting, threading.local(), threading.Lock()
        self._workers: set[Worker] = set()
        self._ended = False

    def judge(self, numbered: Numbered) -> dict[str, Any]:
        """Return the verdict on a job; a judge that dies or hangs over it is replaced."""
        _, job = numbered
        reason = ""
        for _ in range(ATTEMPTS):
            worker = self._find()
            try:
                return worker.judge(job).to_json()
            except WorkerDied as died:
                reason = str(died)
                self._drop(worker)
        return give_up(job, f"{reason}, {ATTEMPTS} times").to_json()

    def kill(self) -> None:
        """Let every thread that waits for a verdict wake up, and no other begin."""
        with self._lock:
            self._ended = True
            for worker in self._workers:
                worker.process.kill()

    def close(self) -> None:
        """End the judges, once no thread waits for one."""
        self.kill()
        while self._workers:
            self._workers.pop().close()

    def _find(self) -> Worker:
        worker: Worker | None = getattr(self._own, "worker", None)
        if worker is not None:
            return worker
        with self._lock:
            if self._ended:
                raise CancelledError
            self._own.worker = worker = Worker(self._setting)
            self._workers.add(worker)
        return worker

    def _drop(self, worker: Worker) -> None:
        self._own.worker = None
        with self._lock:
            self._workers.discard(worker)
        worker.close()


@dataclass
class _Standing:
    """The judges of one grading in a cluster's worker, which end when nothing is asked for a while."""

    judges: Judges
    note: str
    rest: ExitStack
    running: int = 0
    timer: threading.Timer | None = field(default=None)

    def close(self) -> None:
        self.judges.close()
        self.rest.close()


_standing: dict[str, _Standing] = {}
_lock = threading.Lock()


def judge_here(grading: str, open_setting: OpenSetting, numbered: Numbered) -> tuple[dict[str, Any], str]:
    """Return the verdict on a job and how answers are isolated here: what a cluster's worker is asked for."""
    with _lock:
        standing = _standing.get(grading)
        if standing is None:
            standing = _standing[grading] = _stand(open_setting)
        standing.running += 1
        if standing.timer is not None:
            standing.timer.cancel()
    try:
        return standing.judges.judge(numbered), standing.note
    finally:
        with _lock:
            standing.running -= 1
            if standing.running == 0:
                standing.timer = threading.Timer(IDLE_SECONDS, _end_idle, (grading, standing))
                standing.timer.daemon = True
                standing.timer.start()


def _stand(open_setting: OpenSetting) -> _Standing:
    if not _standing:
        atexit.register(_end_all)
    with ExitStack() as stack:
        try:
            require_processes()
            setting, note = stack.enter_context(open_setting())
        except UserError as error:
            raise UserError(f"{describe_worker()}: {error}") from error
        return _Standing(Judges(setting), note, stack.pop_all())


def _end_idle(grading: str, standing: _Standing) -> None:
    with _lock:
        if standing.running or _standing.get(grading) is not standing:
            return
        del _standing[grading]
    standing.close()


def _end_all() -> None:
    while _standing:
        _standing.popitem()[1].close()
