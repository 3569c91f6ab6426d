"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
from collections.abc import Callable
from pathlib import Path

from groundup.errors import UserError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def replace_file(path: Path, write: Callable[[Path], None], again: str = "go on with --resume") -> None:
    """Let ``write`` fill a temporary file, then put it in the place of ``path`` in one step.

    A reader, or a program that starts after a crash, sees the old file or the new one, never half
    of it: the temporary file lies in the same folder, is flushed to disk and then renamed.

    Parameters
    ----------
    path : Path
        The file to write or replace.
    write : callable
        Gets the temporary path and writes the content there.
    again : str
        What to do when there is space again, for the error.

    Raises
    ------
    UserError
        The disk is full, or the folder may not be written to. ``path`` is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _remove_torn(path)
    try:
        write(temporary)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise explain_write_error(path, error, again) from error
    except Exception as error:
        # safetensors wraps the operating system's error in one of its own, with the code in the text.
        if any(f"os error {code}" in str(error) for code in _FULL):
            raise explain_write_error(path, OSError(errno.ENOSPC, "no space left"), again) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write ``content`` (text as UTF-8) to ``path`` whole or not at all; see `replace_file`."""
    data = content.encode() if isinstance(content, str) else content
    replace_file(path, lambda temporary: _write(temporary, data))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _remove_torn(path: Path) -> None:
    """Remove what processes that were killed while they wrote this file have left."""
    if os.name != "posix":  # elsewhere, asking whether a process lives would end it
        return
    for torn in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        process = torn.name.split(".")[-2]
        with contextlib.suppress(OSError, ValueError):
            try:
                os.kill(int(process), 0)
            except ProcessLookupError:
                torn.unlink()


def _flush_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where folders can be opened (not on Windows)."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def explain_write_error(path: Path, error: OSError, again: str = "go on with --resume") -> UserError:
    """Turn an operating system's refusal to write ``path`` into one line with a remedy."""
    if error.errno in _FULL:
        return UserError(f"{path}: the disk is full. Free some space and {again}; what was saved before is unharmed.")
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{path}: cannot be written ({reason}). Choose a folder that you may write to.")
