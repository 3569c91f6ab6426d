"""Only one process at a time writes a run: a lock that ends with the process that holds it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from groundup.base.errors import UserError
from groundup.base.writing import explain_write_error

LOCK = "lock"
RECENT_SECONDS = 60.0


class HeldElsewhereError(UserError):
    """Another process is training into a run's folder."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Lock a run's folder for writing.

    Raises
    ------
    HeldElsewhereError
        Another process is training into this folder.
    UserError
        It may not be written to.
    """
    path = folder / LOCK
    if path.is_symlink() or (path.exists() and not path.is_file()):  # opening it could harm what it leads to
        raise UserError(f"{path}: damaged (no plain file). Remove it.")
    try:
        # The umask decides who may hold it, as for the run's other files; `FileLock` has ideas of its own.
        path.touch()
        lock = FileLock(path, mode=path.stat().st_mode & 0o777)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise HeldElsewhereError(
            f"{folder}: another process is training this run. Wait for it, stop it, or choose another --run."
        ) from error
    except OSError as error:
        raise explain_write_error(path, error) from error
    except NotImplementedError as error:
        raise UserError(f"{path}: this file system cannot lock files. Keep runs on another, with --runs.") from error
    try:
        yield
    finally:
        lock.release()


def is_locked(path: Path) -> bool:
    """Tell whether a process holds a lock file, without taking it: another process could not start to train meanwhile.

    Where the system does not tell (only Linux does), a run that wrote within the last minute counts as training, unless
    its report is the newest: that is written at the end.
    """
    try:
        status = path.stat()
    except OSError:
        return False
    try:
        inode = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
        return any(inode in line.split() for line in Path("/proc/locks").read_text().splitlines())
    except (OSError, AttributeError):  # macOS has no such file, and Windows not even `os.major`
        changed = find_last_change(path.parent)
        return time.time() - changed < RECENT_SECONDS and _find_time(path.with_name("report.json")) < changed


def find_last_change(folder: Path) -> float:
    """Return when a run's figures or settings last changed, in seconds since 1970."""
    return max(_find_time(folder / name) for name in ("metrics.jsonl", "config.json"))


def _find_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
