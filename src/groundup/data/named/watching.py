"""What a download shows on standard error: a moving bar on a terminal, elsewhere a plain line every few seconds."""

from __future__ import annotations

import time
from typing import Any

from groundup.base.reporting import Reporter, make_bars
from groundup.data.named.catalogue import format_size
from groundup.data.named.downloading import Watch


class DownloadWatch(Watch):
    """Shows lines, and the progress of each file."""

    def __init__(self) -> None:
        self.reporter = Reporter()
        self.console = self.reporter.console
        self.bar: Any = None
        self.name, self.done, self.told = "", 0, 0
        self.size: int | None = None

    def say(self, text: str) -> None:
        """Show a line."""
        self.reporter.say(text)

    def begin(self, name: str, size: int | None, done: int) -> None:
        """Show a bar, or a line that the download continues from ``done``."""
        self.name, self.size, self.done = name, size, done
        self.last_line = time.monotonic()
        if done and done != self.told:
            self.told = done
            self.say(f"{name}: continues after {format_size(done)}.")
        if self.console.is_terminal:
            self._show_bar()

    def advance(self, count: int) -> None:
        """Move the bar; without one, write a line every few seconds."""
        self.done += count
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done)
        elif time.monotonic() - self.last_line > Reporter.plain_line_seconds:
            self.last_line = time.monotonic()
            of = f" of {format_size(self.size)}" if self.size else ""
            self.say(f"{self.name}: {format_size(self.done)}{of}")

    def end(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def _show_bar(self) -> None:
        self.bar = make_bars(self.console, in_bytes=True)
        self.task = self.bar.add_task(self.name, total=self.size, completed=self.done)
        self.bar.start()
