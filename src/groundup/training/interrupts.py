"""Ctrl-C while a model is trained: the step is finished and saved first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from groundup.training.distributed import ProcessGroup


class Interrupted(KeyboardInterrupt):
    """Ctrl-C between two steps, after everything was saved.

    Attributes
    ----------
    step, steps : int
        The last step that was taken, and of how many.
    run : str
        The name of the run, once it is known.
    """

    run = ""

    def __init__(self, step: int, steps: int) -> None:
        super().__init__(f"stopped at step {step} of {steps}")
        self.step, self.steps = step, steps


@contextmanager
def catch_interrupts(team: ProcessGroup) -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a request to stop after the step; a second one stops at once.

    In a team every process gets the terminal's Ctrl-C and soon torchrun's SIGTERM: both ask, neither stops at once.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(signum: int, frame: object) -> None:  # noqa: ARG001 - the signature of schedules and of signal handlers
        asked.set()
        if team.size == 1:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    taken = [signal.SIGINT] if team.size == 1 else [signal.SIGINT, signal.SIGTERM]
    before = {number: signal.signal(number, ask) for number in taken}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
