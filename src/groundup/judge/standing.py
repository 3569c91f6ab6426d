"""A judge that stays: between two answers the process they run in is kept warm."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from groundup.judge.exercise import Exercise
from groundup.judge.judging import Effort, judge
from groundup.judge.process import Nursery
from groundup.judge.verdict import Verdict


class StandingJudge:
    r"""Judges one answer after another, from any thread. Close it, or use it in a ``with`` statement.

    Examples
    --------
    >>> from groundup.exercises.registry import load_exercise
    >>> with StandingJudge() as standing:
    ...     standing.judge(load_exercise("softmax"), "def softmax(z):\n    return z").accepted
    False
    """

    def __init__(self) -> None:
        self._nursery: Nursery | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> StandingJudge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self, libraries: Sequence[str]) -> Nursery:
        """Start the process that answers run in, where it does not hold these libraries yet; return it at once."""
        held = self._nursery.libraries if self._nursery is not None else ()
        if self._nursery is None or not set(libraries) <= set(held):
            self.close()
            self._nursery = Nursery([*held, *(name for name in libraries if name not in held)])
        return self._nursery

    def judge(
        self, exercise: Exercise, source: str, effort: Effort | None = None, libraries: Sequence[str] | None = None
    ) -> Verdict:
        """Return the verdict on an answer.

        Parameters
        ----------
        exercise, source
            As for `groundup.judge.judging.judge`.
        effort : Effort, optional
            How much to look; as much as by default if left out.
        libraries : sequence of str, optional
            What the answer imports; the exercise's own if left out.

        Raises
        ------
        NurseryDied
            Two processes in a row did not start, or ended.
        """
        effort = effort or Effort()
        wanted = exercise.libraries if libraries is None else libraries
        with self._lock:
            try:
                return judge(exercise, source, self.warm(wanted), effort)
            except BaseException:
                self.close()  # stopped between a question and its reply, say: the next one begins afresh
                raise

    def close(self) -> None:
        """End the process, if there is one."""
        if self._nursery is not None:
            self._nursery.close()
            self._nursery = None
