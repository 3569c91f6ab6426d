"""The folders that answers are judged in, kept from those who are done with them and from those who died."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from groundup.base.errors import UserError
from groundup.exercises.registry import load_exercise
from groundup.judge.grading import make_base
from groundup.judge.isolation.bubblewrap import find_bubblewrap, is_isolated
from groundup.judge.isolation.worker import Setting

FORM = "groundup-grading-*"
OWNER = ".owner"
NOT_HELD = "Answers cannot be isolated here (no bubblewrap, no Landlock): an answer could read and delete your files."


@contextmanager
def open_place(trust: bool) -> Iterator[tuple[Setting, str]]:
    """Make a place to judge in, on the machine that this runs on; also yield how answers are isolated there.

    Raises
    ------
    UserError
        Answers cannot be isolated here and ``trust`` was not given; or there is no place for temporary files.
    """
    opened = False
    try:
        with make_base() as base, claim(base):
            remove_stale(base.parent)
            wrapper, note = find_bubblewrap(base)
            if not wrapper and not is_isolated():
                if not trust:
                    raise UserError(f"{NOT_HELD} Grade on a computer that holds nothing of value, or add --trust.")
                note = f"{NOT_HELD} {note}"
            opened = True
            yield Setting(load_exercise, wrapper, base), note
    except OSError as error:
        if opened:
            raise
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            f"No temporary folder can be made ({reason}). Set TMPDIR to a folder on a disk with free space."
        ) from error


@contextmanager
def claim(base: Path) -> Iterator[None]:
    """Mark a folder as in use by this process; afterwards make sure that it can be removed.

    An answer can take from its own folder the right to be looked into, which this gives back.
    """
    if os.name != "posix":
        yield
        return
    import fcntl

    handle = os.open(base, os.O_RDONLY)
    try:
        # The number alone says little where another computer, or a container, shares the folder.
        fcntl.flock(handle, fcntl.LOCK_EX)
        base.joinpath(OWNER).write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        os.close(handle)
        loosen(base)


def remove_stale(folder: Path) -> list[Path]:
    """Remove what gradings that were killed have left in a folder; return what was removed.

    Only folders of this user are, and only where the process that made them is dead and nobody holds them.
    """
    if os.name != "posix":
        return []
    removed = []
    for path in folder.glob(FORM):
        with suppress(OSError, ValueError):
            if _is_stale(path):
                loosen(path)
                shutil.rmtree(path, ignore_errors=True)
                removed.append(path)
    return removed


def _is_stale(path: Path) -> bool:
    """Tell whether a folder is a dead process's.

    Raises
    ------
    OSError, ValueError
        It says nothing of its owner, or cannot be looked into.
    """
    import fcntl

    kind = path.lstat()
    if not stat.S_ISDIR(kind.st_mode) or kind.st_uid != os.geteuid():
        return False
    if kind.st_mode & stat.S_IRWXU != stat.S_IRWXU:
        path.chmod(stat.S_IRWXU)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        owner = int(path.joinpath(OWNER).read_text(encoding="ascii"))
    finally:
        os.close(handle)
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return True
    return False


def loosen(path: Path) -> None:
    """Give back to this user the right to look into a folder and all that are in it."""
    with suppress(OSError):
        path.chmod(stat.S_IRWXU)
    for place, folders, _ in os.walk(path):
        for name in folders:
            inner = os.path.join(place, name)
            with suppress(OSError):
                if not os.path.islink(inner):
                    os.chmod(inner, stat.S_IRWXU)
