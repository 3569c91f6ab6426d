"""Writes output where the user wants it: through links, into devices and pipes, never over a run's own files."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from groundup.base.errors import UserError
from groundup.base.writing import explain_write_error, replace_file
from groundup.runs.config import is_run

AGAIN = "run the same command again"
# The files that a run needs; its pictures can be drawn again at any time.
OWN_FILES = frozenset(
    {
        "config.json",
        "model.safetensors",
        "best.safetensors",
        "state.safetensors",
        "held_out.safetensors",
        "metrics.jsonl",
        "samples.jsonl",
        "report.json",
        "tokenizer.json",
        "text.txt",
        "lock",
    }
)
OWN_FOLDERS = frozenset({"parts", "tensorboard"})


def write_output(path: Path, write: Callable[[Path], None], again: str = AGAIN) -> None:
    """Let ``write`` fill a file, and move it to where the user wants it.

    A regular file is there completely or not at all. A link is followed; a device, a pipe or what the shell hands over
    (``/dev/fd/63``) is written into. In a run's folder all of these are replaced: what somebody else's run brings must
    not say where we write.

    Parameters
    ----------
    path : Path
        Where.
    write : callable
        Gets the path of an empty file and writes the content there.
    again : str
        What to do when there is space again, for the error.

    Raises
    ------
    UserError
        It is a folder, a disk, or one of a run's own files, or it cannot be written.
    """
    try:
        if find_run(path.absolute()) is None and is_special(path):
            _write_into(path, write)
            return
        target = find_target(path)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    except ValueError as error:
        raise UserError(f"{str(path)!r}: not a path that can be written ({error}). Choose another.") from error
    except OSError as error:
        raise explain_write_error(path, error, again) from error
    if target.is_dir():
        raise UserError(f"{path}: a folder, and a file is to be written. Name the file in it.")
    try:
        replace_file(target, write, again, mode)
    except UserError as error:
        raise UserError(str(error).replace(str(target), str(path))) from error


def write_text(path: Path, text: str) -> None:
    """Write a text, as UTF-8, to where the user wants it; see `write_output`."""

    def write(filled: Path) -> None:
        filled.write_text(text, encoding="utf-8", newline="")

    write_output(path, write)


def find_target(path: Path) -> Path:
    """Return the path to write instead of ``path``: the target of a link, unless it is in a run's folder.

    Raises
    ------
    UserError
        It is one of a run's own files.
    OSError
        It cannot be looked at, or links lead in a circle.
    """
    inside = find_run(path.absolute()) is not None
    try:
        target = path.resolve() if path.is_symlink() and not inside else path
    except RuntimeError:
        target = path
    if target.is_symlink() and not inside:  # a circle
        target.stat()
    home = find_run(target.absolute())
    if home is not None:
        names = target.absolute().relative_to(home).parts
        if names and (names[0] in OWN_FOLDERS or names in {(name,) for name in OWN_FILES}):
            raise UserError(
                f"{path}: the run {home.name} needs this file and would be lost without it. Choose another."
            )
    return target


def find_run(path: Path) -> Path | None:
    """Return the run's folder that contains a path."""
    return next((folder for folder in list(path.parents)[:3] if is_run(folder)), None)


def is_special(path: Path) -> bool:
    """Tell whether a path is (a link to) a device, a pipe or an open file: these are written into, not replaced.

    Raises
    ------
    UserError
        It is a whole disk.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    if stat.S_ISBLK(mode):
        raise UserError(f"{path}: a disk, and all that is on it would be lost. Choose a file.")
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or _is_open_file(path)


def _is_open_file(path: Path) -> bool:
    """Tell whether a path is another name of a file that a process has open, such as ``/dev/stdout``."""
    place = path.absolute()
    for _ in range(40):
        parent = Path(os.path.realpath(place.parent))
        if parent.parts[:2] == ("/", "proc") and parent.name == "fd":
            return True
        if not place.is_symlink():
            return False
        place = parent / os.readlink(place)
    return False


def _write_into(path: Path, write: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="groundup-") as folder:
        filled = Path(folder, "answer")
        filled.touch()
        write(filled)
        # Neither made nor cut: what is there is a device, a pipe, or a file that somebody writes to.
        with filled.open("rb") as source, open(os.open(path, os.O_WRONLY | os.O_APPEND), "wb", 0) as device:
            shutil.copyfileobj(source, device)
