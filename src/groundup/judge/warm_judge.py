"""A judge that stays: between two answers its process is kept warm."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from groundup.judge.exercise import Exercise
from groundup.judge.isolation.worker import ATTEMPTS, Job, Setting, Worker, WorkerDied, give_up
from groundup.judge.judging import CheckOptions
from groundup.judge.verdict import Verdict


class WarmJudge:
    r"""Judges one answer after another, from any thread. Close it, or use it in a ``with`` statement.

    Parameters
    ----------
    load : callable
        Name → exercise; a function of a module, so that the judge's process finds it.

    Examples
    --------
    >>> from groundup.exercises.registry import load_exercise
    >>> with WarmJudge(load_exercise) as standing:
    ...     standing.judge("softmax", "def softmax(z):\n    return z").accepted
    False
    """

    def __init__(self, load: Callable[[str], Exercise]) -> None:
        self._setting = Setting(load)
        self._worker: Worker | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> WarmJudge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self, libraries: Sequence[str]) -> None:
        """Start the judge's process and let it load libraries; this returns at once."""
        with self._lock:
            self._find_worker().warm(libraries)

    def judge(
        self, name: str, source: str, effort: CheckOptions | None = None, libraries: Sequence[str] = ("numpy",)
    ) -> Verdict:
        """Return the verdict on an answer; that it could not be judged is a verdict, too.

        Parameters
        ----------
        name : str
            The exercise's.
        source : str
            The learner's file.
        effort : CheckOptions, optional
            How much to look; as much as by default if left out.
        libraries : sequence of str
            What the answer will import, and PyTorch where the exercise hands out tensors: an answer's process can load
            nothing to read them.
        """
        job = Job(name, source, effort or CheckOptions(), libraries)
        reason = ""
        with self._lock:
            for _ in range(ATTEMPTS):
                try:
                    return self._find_worker().judge(job)
                except WorkerDied as died:
                    reason = str(died)
                    self._drop()
                except BaseException:
                    self._drop()  # stopped between a question and its reply: the next one starts again
                    raise
        return give_up(job, reason)

    def close(self) -> None:
        """End the judge's process, if there is one."""
        self._drop()

    def _find_worker(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self._setting)
        return self._worker

    def _drop(self) -> None:
        if self._worker is not None:
            self._worker.close()
            self._worker = None
