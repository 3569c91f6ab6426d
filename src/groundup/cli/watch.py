"""``groundup check --watch``: a verdict at every save, and behind a right answer the next exercise."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from groundup.base.errors import UserError
from groundup.cli.answers import write_command
from groundup.cli.check import Desk, say

if TYPE_CHECKING:
    from groundup.exercises.workspace import Workspace
    from groundup.judge.verdict import Verdict

POLL_SECONDS = 0.03
# Some editors replace a file: for an instant there is none. That is not reported.
MISSING_SECONDS = 2.0
# Others empty it first, or write it in pieces: what is there only for an instant is not told of.
SETTLE_SECONDS, EMPTY_SECONDS = 0.1, 0.5
# A file that never comes to rest gets a verdict after this many that were out of date.
MOST_PASSING = 20


def choose_watched(workspace: Workspace) -> tuple[str, Path, str, bool]:
    """Return the exercise to watch where none was named, its answer, how it was chosen, and whether it is a new stub.

    Raises
    ------
    UserError
        All are done; or the stub cannot be written.
    """
    name, why = workspace.find_current()
    path = workspace.find_answer(name)
    return name, path or workspace.start(name), why, path is None


def watch_answers(desk: Desk, started: bool = False) -> None:
    """Judge every save until Ctrl-C. No saved content can end the watching.

    Behind a right answer in the learner's folder, the next exercise is started and watched.

    Parameters
    ----------
    desk : Desk
        Where the first answer is judged.
    started : bool
        Whether that is a new stub, so that its statement is shown.
    """
    watch: _Watch | None = _Watch(desk, onward=started)
    try:
        if started:
            _show_start(desk, begun=False)
        while watch is not None:
            watch = watch.run()
    except KeyboardInterrupt:
        return


@dataclass
class _Watch:
    """The watch on one answer.

    Attributes
    ----------
    desk : Desk
        Where it is judged.
    onward : bool
        Whether the statement, and the verdict on the answer before, are still to be read on the screen.
    begun : bool
        Whether there was an answer already.
    """

    desk: Desk
    onward: bool = False
    begun: bool = True
    clears: bool = field(init=False)

    def __post_init__(self) -> None:
        self.clears = not self.desk.as_json and clears_screen()

    def run(self) -> _Watch | None:
        """Watch until the answer is right, and return the watch on the next."""
        desk = self.desk
        # Before anything is said: a save from now on is not missed.
        found = _stamp(desk.path)
        seen = found if self.onward and _is_stub(desk) else ()
        desk.load("")
        say(f"Watching {desk.path}: every save is judged. Ctrl-C ends.")
        was_done = desk.workspace.find_state(desk.name) == "done"
        held, count, passed = None, 0, 0
        for change in _follow(desk.path, seen):
            raw, verdict, where = self.judge()
            if not change.saved and raw is not None and raw == held:
                continue
            if change.has_passed(raw) and passed < MOST_PASSING:
                passed += 1
                continue
            held, passed = raw, 0
            if raw is not None:
                desk.record(verdict, raw)
            if self.clears and not (self.onward and count == 0 and change.first):
                _clear()
            # Who names an answer that was right before wants to work on it.
            right = verdict.accepted and desk.is_own and not (was_done and count == 0)
            following = self.start_next() if right else None
            desk.show(verdict, where, goes_on=following is not None)
            count += 1
            if following is not None:
                _show_start(following.desk, following.begun)
                return following
            if self.clears:
                _say_dimly(f"Watching {desk.path}: save to judge, Ctrl-C ends.")
                if not verdict.accepted and desk.is_own:
                    again, hint = (write_command(words, desk.workspace) for words in ("learn start", "hint"))
                    _say_dimly(f"In another terminal, {again} shows the statement again, and {hint} a hint.")
        return None

    def judge(self) -> tuple[bytes | None, Verdict, str]:
        """Return what the file holds, the verdict on it, and which part of it that is about."""
        from groundup.exercises.sources import read_bytes
        from groundup.judge.verdict import Verdict

        raw = None
        try:
            raw = read_bytes(self.desk.path, str(self.desk.path))
            return raw, *self.desk.judge(raw, quick=True)
        except UserError as error:
            return None, Verdict(self.desk.name, False, f"The file cannot be read: {error}"), ""
        except Exception as error:  # noqa: BLE001 - whatever a save does, watching goes on
            told = f"It could not be judged: {type(error).__name__}: {error}"[:300]
            return raw, Verdict(self.desk.name, False, told), ""

    def start_next(self) -> _Watch | None:
        """Return the watch on the next exercise, which is started; None if all are done, or it cannot be written."""
        workspace = self.desk.workspace
        name = workspace.find_following(self.desk.name)
        if name is None:
            return None
        begun = workspace.find_answer(name)
        try:
            path = begun or workspace.start(name)
        except UserError as error:
            say(f"groundup: {error}")
            return None
        workspace.record_start(name)
        return _Watch(replace(self.desk, name=name, path=path), onward=True, begun=begun is not None)


def _show_start(desk: Desk, begun: bool) -> None:
    if desk.as_json:
        return
    from groundup.base.console import PlainConsole
    from groundup.cli.learn import print_start

    console = PlainConsole()
    console.print()
    print_start(console, desk.name, desk.path, begun)
    sys.stdout.flush()


@dataclass(frozen=True)
class _Change:
    """A change of a file.

    Attributes
    ----------
    path : Path
        The file.
    stamp : tuple of int
        What it is since then; see `_stamp`.
    first : bool
        Whether it is only the file as it was found.
    saved : bool
        Whether it was saved; else only its rights have changed.
    noticed : float
        When, by the monotonic clock.
    """

    path: Path
    stamp: tuple[int, ...]
    first: bool
    saved: bool
    noticed: float

    def has_passed(self, raw: bytes | None) -> bool:
        """Wait until the file stays as it is; return whether it was saved again meanwhile: no verdict is due then."""
        rests_at = self.noticed + (EMPTY_SECONDS if raw == b"" else SETTLE_SECONDS)
        while _stamp(self.path)[:3] == self.stamp[:3]:
            left = rests_at - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(left, POLL_SECONDS))
        return True


def _follow(path: Path, seen: tuple[int, ...] = ()) -> Iterator[_Change]:
    """Yield every change of a file since it was ``seen``; first of all what it is now, if it was not."""
    first = not seen
    there_until = time.monotonic() + MISSING_SECONDS
    while True:
        now = _stamp(path)
        if now and now != seen:
            saved, seen = now[:3] != seen[:3], now
            yield _Change(path, now, first, saved, time.monotonic())
            first = False
        if now:
            there_until = time.monotonic() + MISSING_SECONDS
        elif there_until and time.monotonic() > there_until:
            there_until = 0.0
            say(f"{path} is gone: waiting for it.")
        time.sleep(POLL_SECONDS)


def _stamp(path: Path) -> tuple[int, ...]:
    """Return numbers that change with every save and with a file's rights; nothing if there is no file."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        return (error.errno or 1,)
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns)


def _is_stub(desk: Desk) -> bool:
    """Return whether nothing was written into an answer yet."""
    from groundup.exercises.workspace import is_untouched

    try:
        return is_untouched(desk.name, desk.path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def clears_screen() -> bool:
    """Return whether standard output is a terminal that may be cleared: no pipe, not dumb, and NO_COLOR is unset."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return False
    return os.environ.get("TERM", "").lower() not in ("dumb", "unknown")


def _clear() -> None:
    from groundup.base.console import PlainConsole

    PlainConsole().clear()


def _say_dimly(line: str) -> None:
    from rich.text import Text

    from groundup.base.console import PlainConsole

    PlainConsole().print(Text(line, style="dim"))
    sys.stdout.flush()
