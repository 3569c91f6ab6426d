"""Views that train: each in a process of its own, which makes a frame when the page asks for one.

Play is to ask again and again, Step is to ask once, and Pause is not to ask: nothing is computed ahead but one frame.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from groundup.base.allocation import give_back_freed
from groundup.base.errors import UserError
from groundup.lessons.page_loading import load_views
from groundup.lessons.processes import Process, Starter

MOST_STREAMS = 2  # a lesson has one at most
IDLE_SECONDS = 20 * 60
# The longest that a page waits for one frame.
FRAME_SECONDS = 60.0


def run_stream(lesson: str, view: str, values: Mapping[str, Any], pipe: Connection) -> None:
    """Send one frame, ``(kind, content)``, for each message that comes; the work of a stream's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the lab ends it
    with contextlib.suppress(EOFError, OSError):
        try:
            for number, frame in enumerate(load_views(lesson)[view].make_frames(values)):
                if not number:
                    give_back_freed()  # what reading its data took
                pipe.recv()
                pipe.send(("frame", frame))
            pipe.recv()
            pipe.send(("end", ""))
        except UserError as error:
            pipe.recv()
            pipe.send(("error", str(error)))


@dataclass
class Stream:
    """A view at work."""

    process: Process
    pipe: Connection
    turn: threading.Lock = field(default_factory=threading.Lock)
    last_asked: float = field(default_factory=time.monotonic)

    def close(self) -> None:
        """End its process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Streams:
    """The views that train now; the one that has waited longest ends when there are too many.

    Parameters
    ----------
    starter : Starter
        What starts the processes.
    """

    def __init__(self, starter: Starter) -> None:
        self.starter = starter
        self.open: dict[str, Stream] = {}
        self.lock = threading.Lock()

    def warm(self) -> None:
        """Let the first stream start as soon as any other."""
        self.starter.warm()

    def start(self, lesson: str, view: str, values: Mapping[str, Any]) -> str:
        """Begin a stream; return its number.

        Raises
        ------
        UserError
            There is no such view, it is none that trains, or a value is wrong.
        """
        found = load_views(lesson).get(view)
        if found is None or not found.stream:
            raise UserError(f"{view}: there is no such view that trains.")
        checked = found.check(values)
        process, pipe = self.starter.start(run_stream, lesson, view, checked)
        number = secrets.token_hex(8)
        with self.lock:
            self.open[number] = Stream(process, pipe)
            ended = self._choose_ended()
        for stream in ended:
            stream.close()
        return number

    def _choose_ended(self) -> list[Stream]:
        waiting = sorted(self.open, key=lambda number: self.open[number].last_asked)
        late = time.monotonic() - IDLE_SECONDS
        chosen = [number for number in waiting if self.open[number].last_asked < late]
        chosen += [number for number in waiting if number not in chosen][: max(0, len(waiting) - MOST_STREAMS)]
        return [self.open.pop(number) for number in chosen]

    def pull(self, number: str, most: int = 1) -> dict[str, Any]:
        """Return the next ``frames`` of a stream, whether it is ``done``, and what of its controls is ``refused``.

        Raises
        ------
        UserError
            The stream has ended.
        """
        stream = self.open.get(number)
        if stream is None:
            raise UserError("This training has ended. Press Restart.")
        stream.last_asked = time.monotonic()
        frames: list[Any] = []
        with stream.turn:
            try:
                while len(frames) < most:
                    stream.pipe.send(None)
                    if not stream.pipe.poll(FRAME_SECONDS):
                        raise EOFError
                    kind, content = stream.pipe.recv()
                    if kind == "frame":
                        frames.append(content)
                        continue
                    self.stop(number)
                    if kind == "error":
                        return {"frames": frames, "done": True, "refused": content}
                    return {"frames": frames, "done": True}
            except (EOFError, OSError):
                self.stop(number)
                raise UserError("This training has ended. Press Restart.") from None
        return {"frames": frames, "done": False}

    def stop(self, number: str) -> None:
        """End a stream, if it has not ended."""
        with self.lock:
            stream = self.open.pop(number, None)
        if stream is not None:
            stream.close()

    def close(self) -> None:
        """End all."""
        for number in list(self.open):
            self.stop(number)
        self.starter.close()
