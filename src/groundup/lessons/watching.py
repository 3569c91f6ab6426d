"""Follows the training of a model that a page waits for, and stops it when the reader asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from groundup.base.errors import UserError
from groundup.base.reporting import Progress, Reporter

# For so long after an answer to a page, its reader is taken to be at work; the longest that a step waits for that.
REST_SECONDS, MOST_SECONDS = 0.3, 2.0
# So many losses make a curve; of a longer training every second one is kept, then every fourth, and so on.
MOST_LOSSES = 60


class TrainingStoppedError(Exception):
    """The reader has stopped the training of a model."""


class RightOfWay:
    """Lets answers to a page go first: what trains beside them waits before each step, while its reader is at work."""

    def __init__(self) -> None:
        self.waiting = 0
        self._answering, self._free_at = 0, 0.0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take it while an answer is computed."""
        with self._changed:
            self._answering += 1
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    def keep(self) -> None:
        """Keep it for a moment: the page draws, and may ask for the next picture."""
        with self._changed:
            self._free_at = time.monotonic() + REST_SECONDS

    def wait(self) -> None:
        """Wait until it is free, but not for ever."""
        end = time.monotonic() + MOST_SECONDS
        with self._changed:
            self.waiting += 1
            while (left := (end if self._answering else min(end, self._free_at)) - time.monotonic()) > 0:
                self._changed.wait(left)
            self.waiting -= 1


RIGHT_OF_WAY = RightOfWay()


class Watch:
    """How far a training is: the steps, and the loss in them.

    Attributes
    ----------
    step, steps : int
        The last step, and of how many; 0 of 0 before the first.
    losses : list of (int, float)
        Some steps, evenly spaced, and the loss in each.
    elsewhere : bool
        Whether another process trains the model; its steps are not known here.
    stopped : threading.Event
        Whether the reader wants it to stop. It does before the next step.
    """

    def __init__(self) -> None:
        self.step = self.steps = self._first = 0
        self.losses: list[tuple[int, float]] = []
        self.elsewhere = False
        self.stopped = threading.Event()
        self._every = 1
        self._began = time.monotonic()

    def begin(self, steps: int, done: int = 0) -> None:
        """Count from here: ``done`` of so many steps, whose losses are kept."""
        self.step = self._first = done
        self.elsewhere = False
        self.losses = [point for point in self.losses if point[0] <= done]
        self._every, self._began = self._every if done else 1, time.monotonic()
        self.set_total(steps)

    def set_total(self, total: int) -> None:
        """Correct the number of steps."""
        self.steps = total

    def advance(self, steps: int = 1, **figures: float) -> None:
        """Count steps, and let answers to a page go before the next one.

        Raises
        ------
        TrainingStoppedError
            The reader wants it to stop.
        """
        if self.stopped.is_set():
            raise TrainingStoppedError
        self.step += steps
        if "loss" in figures and self.step % self._every == 0:
            self.losses.append((self.step, figures["loss"]))
        if len(self.losses) > MOST_LOSSES:
            self._every *= 2
            self.losses = [(step, loss) for step, loss in self.losses if step % self._every == 0]
        RIGHT_OF_WAY.wait()

    def estimate_seconds_left(self) -> float | None:
        """Return how long the training still takes at its speed, in seconds; ``None`` before its first step."""
        taken = self.step - self._first
        if taken <= 0:
            return None
        return (self.steps - self.step) * (time.monotonic() - self._began) / taken

    def describe(self) -> dict[str, Any]:
        """Return all this for a page."""
        return {
            "step": self.step,
            "steps": self.steps,
            "losses": [list(point) for point in self.losses],
            "left": self.estimate_seconds_left(),
            "stopped": self.stopped.is_set(),
            "elsewhere": self.elsewhere,
        }


class WatchReporter(Reporter):
    """Reports the steps of a training to a watch, and prints nothing."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def say(self, text: str) -> None:
        """Say nothing."""

    @contextmanager
    def progress(self, total: int, description: str, done: int = 0, in_bytes: bool = False) -> Iterator[Progress]:  # noqa: ARG002 - the reporter's signature
        """Report steps; what is counted in bytes goes before the training."""
        if in_bytes:
            yield Watch()
        else:
            self.watch.begin(total, done)
            yield self.watch


_watches: dict[str, Watch] = {}


def find_watch(name: str) -> Watch:
    """Return what follows the training of the model of this name."""
    return _watches.setdefault(name, Watch())


def stop_training(name: str, stop: bool) -> None:
    """Stop the training of a model for a page, or let it go on when a page asks for the model the next time.

    Raises
    ------
    UserError
        No page has asked for a model of this name.
    """
    if name not in _watches:
        raise UserError(f"No model called {name!r} is being trained for a lesson.")
    stopped = _watches[name].stopped
    if stop:
        stopped.set()
    else:
        stopped.clear()
