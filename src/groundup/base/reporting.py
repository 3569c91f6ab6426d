"""Shows a person the progress of long work."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from groundup.base.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as ProgressBars
    from rich.progress import TaskID

_SURROGATE = re.compile("[\ud800-\udfff]")
_OBEYED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
_NOT_ASCII = re.compile("[^\x00-\x7e]")


class Progress(Protocol):
    """A running count with figures beside it."""

    def advance(self, steps: int = 1, **figures: float) -> None:
        """Count ``steps`` more; ``figures`` (loss, accuracy, …) are shown beside the bar."""

    def set_total(self, total: int) -> None:
        """Count to ``total`` from now on."""


class Reporter:
    """Lines and progress bars on standard error; standard output is left to the answer.

    On a terminal the bar moves; elsewhere (a file, a pipe) a plain line is written now and then.
    """

    plain_line_seconds = 5.0
    _announced: str | None = None

    def __init__(self) -> None:
        from groundup.base.console import PlainConsole

        self.console = PlainConsole(stderr=True)

    @staticmethod
    def silent() -> Reporter:
        """Return a reporter that prints nothing, for use as a library."""
        return _Silent()

    def say(self, text: str) -> None:
        """Show one line."""
        announced, self._announced = self._announced, None
        if announced is not None:
            self.console.print_line(announced)
        self.console.print_line(text)

    def announce(self, text: str) -> None:
        """Show a line before the next one; never where an error comes first, which is told in one line."""
        self._announced = text

    @contextmanager
    def progress(self, total: int, description: str, done: int = 0, in_bytes: bool = False) -> Iterator[Progress]:
        """Show how far the work is: ``done`` of ``total`` at first, and the time that is left."""
        if self.console.is_terminal:
            with _bar(self.console, total, description, done, in_bytes) as bar:
                yield bar
        else:
            yield _PlainLines(total, description, done, in_bytes)


class _Silent(Reporter):
    def __init__(self) -> None:
        pass

    def say(self, text: str) -> None:
        pass

    @contextmanager
    def progress(self, total: int, description: str, done: int = 0, in_bytes: bool = False) -> Iterator[Progress]:  # noqa: ARG002 - the reporter's signature
        yield _Uncounted()


class _Uncounted:
    def advance(self, steps: int = 1, **figures: float) -> None:
        pass

    def set_total(self, total: int) -> None:
        pass


class _PlainLines:
    """Progress where nothing can move: a line every few seconds, none for short work."""

    def __init__(self, total: int, description: str, done: int, in_bytes: bool = False) -> None:
        self.total, self.description, self.done, self.in_bytes = total, description, done, in_bytes
        self.first = done
        self.started = self.last_line = time.monotonic()

    def set_total(self, total: int) -> None:
        self.total = total

    def advance(self, steps: int = 1, **figures: float) -> None:
        self.done += steps
        now = time.monotonic()
        if now - self.last_line < Reporter.plain_line_seconds:
            return
        self.last_line = now
        seconds = now - self.started
        left = (self.total - self.done) * seconds / max(1, self.done - self.first)
        shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        count = f"{self.done}/{self.total}"
        if self.in_bytes:
            count = f"{self.done / 1e6:.0f}/{self.total / 1e6:.0f} MB"
            shown = f"{(self.done - self.first) / 1e6 / seconds:.3g} MB/s"
        print(
            f"{self.description} {count}  {shown}  {left:.0f} s left",
            file=sys.stderr,
            flush=True,
        )


def make_bars(console: Console, in_bytes: bool) -> ProgressBars:
    """Return bars that move on a terminal: a description, how much is done, in bytes or steps, and how long it takes.

    Parameters
    ----------
    console : Console
        The terminal.
    in_bytes : bool
        Whether bytes are counted; otherwise each task has a field ``figures``, a text that is shown.
    """
    from rich import progress as rich_progress

    columns = [
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(bar_width=24),
        *(
            (rich_progress.DownloadColumn(), rich_progress.TransferSpeedColumn())
            if in_bytes
            else (rich_progress.MofNCompleteColumn(), rich_progress.TextColumn("{task.fields[figures]}"))
        ),
        rich_progress.TimeRemainingColumn(compact=True),
    ]
    return rich_progress.Progress(*columns, console=console, refresh_per_second=4)


@contextmanager
def _bar(console: Console, total: int, description: str, done: int, in_bytes: bool = False) -> Iterator[Progress]:
    with make_bars(console, in_bytes) as bars:
        yield _MovingBar(bars, bars.add_task(description, total=total, completed=done, figures=""))


class _MovingBar:
    def __init__(self, bars: ProgressBars, task: TaskID) -> None:
        self.bars, self.task = bars, task
        self.pending = 0
        self.last_update = self.started = time.monotonic()
        self.counted = 0

    def set_total(self, total: int) -> None:
        self.bars.update(self.task, total=total)

    def advance(self, steps: int = 1, **figures: float) -> None:
        self.pending += steps
        self.counted += steps
        now = time.monotonic()
        # Redrawing costs more than a small model's step, so the bar is told a few times a second only.
        bar = self.bars.tasks[self.task]
        finished = bar.completed + self.pending >= (bar.total or 0)
        if now - self.last_update < 0.2 and not finished:
            return
        rate = self.counted / max(1e-9, now - self.started)
        shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self.bars.update(self.task, advance=self.pending, figures=f"{shown}  {rate:.3g}/s")
        self.pending, self.last_update = 0, now


def write_json(facts: Any, ascii_only: bool = False) -> str:
    r"""Return facts as JSON that every reader takes, and every terminal shows.

    A number that JSON lacks (NaN, infinity) becomes ``null``, half a surrogate pair its number, as in ``\\udcff``. What
    a terminal would obey is written as JSON's escapes, with ``ascii_only`` all that is not ASCII.

    Raises
    ------
    UserError
        The facts are nested too deeply.
    """
    try:
        try:
            text = json.dumps(facts, ensure_ascii=False, default=str, allow_nan=False)
        except ValueError:  # rarely: to look at each number takes several times as long
            text = json.dumps(replace_infinite(facts), ensure_ascii=False, default=str)
    except RecursionError as error:
        raise UserError("The answer is nested too deeply for JSON.") from error
    if text.isascii() and "\x7f" not in text:
        return text
    text = _SURROGATE.sub(lambda found: f"\\\\u{ord(found.group()):04x}", text)
    return (_NOT_ASCII if ascii_only else _OBEYED).sub(lambda found: json.dumps(found.group())[1:-1], text)


def replace_infinite(value: Any) -> Any:
    """Return facts for JSON, which lacks NaN and infinity: each becomes ``None``."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {key: replace_infinite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_infinite(item) for item in value]
    return value
