"""Files that are written whole or not at all, and what the operating system says, told so that a person can act."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.files import replacing

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HALF = re.compile("[\ud800-\udfff]")


def replace_file(
    path: Path, write: Callable[[Path], None], again: str = "continue with --resume", mode: int | None = None
) -> None:
    """Let ``write`` fill a temporary file, then put it in the place of ``path`` in one step; see `replacing`.

    Parameters
    ----------
    path : Path
        The file to write or replace.
    write : callable
        Gets the temporary path and writes the content there.
    again : str
        What to do when there is space again, for the error.
    mode : int, optional
        The file's permissions.

    Raises
    ------
    UserError
        The disk is full, or the folder may not be written to. ``path`` is as it was.
    """
    try:
        with replacing(path, mode) as temporary:
            write(temporary)
    except OSError as error:
        raise explain_write_error(path, error, again) from error
    except Exception as error:
        # safetensors wraps the operating system's error in one of its own, with the code in the text.
        if any(f"os error {code}" in str(error) for code in _FULL):
            raise explain_write_error(path, OSError(errno.ENOSPC, "no space left"), again) from error
        raise


def pack_json(value: Any) -> str:
    r"""Return JSON for a file; half of a surrogate pair (a byte of a file's name that is no UTF-8) is written out.

    Examples
    --------
    >>> pack_json("a" + chr(0xDCFF)).isascii()
    True
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _HALF.sub(lambda found: json.dumps(found.group())[1:-1], text) + "\n"


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write ``content`` (text as UTF-8) to ``path`` completely or not at all; see `replace_file`."""
    data = content.encode() if isinstance(content, str) else content
    replace_file(path, lambda temporary: _write(temporary, data))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time read, change and write a file.

    Parameters
    ----------
    path : Path
        The file; it need not exist, and neither need its folder, which is made.

    Raises
    ------
    UserError
        Nothing can be written there.
    """
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name.removeprefix('.')}.lock"))
        lock.acquire()
    except OSError as error:
        raise explain_write_error(path, error, "try again") from error
    try:
        yield
    finally:
        lock.release()


def explain_write_error(path: Path, error: OSError, again: str = "continue with --resume") -> UserError:
    """Turn an operating system's refusal to write ``path`` into one line with a remedy."""
    if error.errno in _FULL:
        return UserError(f"{path}: the disk is full. Free some space and {again}; what was saved before is unharmed.")
    in_the_way = next((place for place in path.parents if place.exists() and not place.is_dir()), None)
    if in_the_way is not None:
        return UserError(f"{path}: cannot be written: {in_the_way} is a file. Choose a folder that you may write to.")
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{path}: cannot be written ({reason}). Choose a folder that you may write to.")


def explain_read_error(path: Path, error: OSError, again: str = "Put it back.") -> UserError:
    """Turn an operating system's refusal to read ``path`` into one line with a remedy."""
    if isinstance(error, PermissionError):
        return UserError(f"{path}: you may not read it (permission denied). Ask its owner, or: chmod u+r {path}")
    if isinstance(error, FileNotFoundError):
        return UserError(f"{path}: missing. {again}")
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{path}: cannot be read ({reason}). {again}")
