"""Files and folders that are there completely or not at all, whenever the power goes.

What is new is filled beside its place under a name of its own, flushed to the disk, and then takes its place in one
step. What a killed process has left half done goes the next time its file is written.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Of the 255 bytes that a name may have; the temporary name needs some more than the name itself.
_KEPT_OF_NAME = 200


@contextmanager
def replacing(path: Path, mode: int | None = None) -> Iterator[Path]:
    """Yield the path of an empty file to fill, which then takes the place of ``path`` in one step.

    A reader, or a program that starts after a crash, sees the old file or the new one, never half of it.

    Parameters
    ----------
    path : Path
        The file to write or replace; a link is replaced, not followed.
    mode : int, optional
        The file's permissions; those of any new file of this process (its umask) if left out.

    Raises
    ------
    OSError
        The disk is full, or the folder may not be written to. ``path`` is as it was.
    """
    # In a folder of its own, for some libraries put temporary files of theirs beside what they write.
    folder = _beside(path, "tmp")
    temporary = folder / _shorten(path.name)
    _clear(path)
    _remove(folder)
    try:
        folder.mkdir()  # nobody can have put a link there: it fails where something is
        temporary.touch(exist_ok=False)
        wanted = temporary.stat().st_mode & 0o7777 if mode is None else mode
        yield temporary
        if temporary.stat().st_mode & 0o7777 != wanted:  # safetensors makes files that only their owner may read
            temporary.chmod(wanted)
        flush(temporary)
        temporary.replace(path)
        flush(path.parent)
    finally:
        _remove(folder)


@contextmanager
def replacing_folder(path: Path, new_only: bool = False) -> Iterator[Path]:
    """Yield the path of an empty folder to fill, which then takes the place of ``path``; see `replacing`.

    Parameters
    ----------
    path : Path
        The folder to make or replace.
    new_only : bool
        Whether nothing may be there yet, also when another process makes it at the same time.

    Raises
    ------
    FileExistsError
        Something is there, and must not be.
    OSError
        The disk is full, or the folder around may not be written to. ``path`` is as it was.
    """
    temporary, old = _beside(path, "tmp"), _beside(path, "old")
    _clear(path)
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        for folder, _, names in os.walk(temporary):
            for name in names:
                flush(Path(folder, name))
            flush(Path(folder))
        if os.path.lexists(path):
            if new_only:
                raise FileExistsError(f"{path} is there already")
            path.replace(old)
        temporary.replace(path)
        flush(path.parent)
    finally:
        if old.exists() and not os.path.lexists(path):
            old.replace(path)
        for left in (temporary, old):
            shutil.rmtree(left, ignore_errors=True)


def flush(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk; where folders can be opened (not on Windows)."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_torn(folder: Path) -> None:
    """Remove what killed processes have left half written in a folder."""
    for path in folder.glob(".*.tmp"):
        _remove_if_left(path)


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f".{_shorten(path.name)}.{os.getpid()}-{threading.get_ident()}.{what}")


def _shorten(name: str) -> str:
    return os.fsdecode(os.fsencode(name)[:_KEPT_OF_NAME])


def _clear(path: Path) -> None:
    """Put back what a killed process was about to replace, and remove what it was writing."""
    start = f".{glob.escape(_shorten(path.name))}."
    for old in path.parent.glob(f"{start}*.old"):
        if _is_left(old) and not os.path.lexists(path):
            old.replace(path)
        else:
            _remove_if_left(old)
    for torn in path.parent.glob(f"{start}*.tmp"):
        _remove_if_left(torn)


def _remove_if_left(path: Path) -> None:
    if _is_left(path):
        _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    """Tell whether the process whose number is in a temporary name has ended."""
    number = path.name.split(".")[-2].partition("-")[0]
    if os.name != "posix" or not number.isdecimal():  # elsewhere, asking whether a process lives would end it
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
