"""What the system, or groundup itself, could not do, in one line."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import tempfile
import traceback

_NO_MEMORY = re.compile(
    r"can't allocate memory|not enough memory|out of memory|cannot allocate memory|failed to map segment|alloc failed",
    re.IGNORECASE,
)
_NO_PROCESS = re.compile(r"can't start new (thread|process)|pthread_create|thread creation failed", re.IGNORECASE)


def explain(error: BaseException) -> str | None:
    """Return the message of an error of the operating system; ``None`` if it is a fault of groundup."""
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError | ImportError | OSError) and _NO_MEMORY.search(str(error))
    ):
        return (
            "There is not enough memory for this. Close other programs, raise the limit (ulimit -v), or ask for less."
        )
    if (isinstance(error, OSError) and error.errno == errno.EAGAIN) or (
        isinstance(error, RuntimeError) and _NO_PROCESS.search(str(error))
    ):
        return "The system starts no more processes or threads. Close other programs, or raise the limit (ulimit -u)."
    if isinstance(error, OSError):
        return _explain_system(error)
    if isinstance(error, RuntimeError) and "ymlink loop" in str(error):
        return f"{str(error).rpartition(' ')[2]}: a link that leads to itself. Give another path."
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return "A home folder (HOME, or ~ in a path) is not known to the system. Write paths in full, HOME too."
    if isinstance(error, ImportError):
        return f"A library cannot be loaded: {error}. Install groundup again."
    return None


def _explain_system(error: OSError) -> str:
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    if error.filename is None:
        return f"The system refuses: {reason}."
    names = [name for name in (error.filename, error.filename2) if name is not None]
    where = " and ".join(os.fsdecode(name) if isinstance(name, str | bytes) else f"file {name}" for name in names)
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"{where}: the disk is full. Free some space and try again."
    return f"{where}: cannot be used ({reason}). Give another path, or put this right."


def report_fault(error: BaseException) -> str:
    """Return a line about a fault of groundup itself; all that is known of it goes into a file, to be reported."""
    if os.environ.get("GROUNDUP_TRACEBACK"):
        traceback.print_exception(error, file=sys.stderr)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{os.sep}groundup{os.sep}" in frame.filename] or list(frames)
    place = f" ({os.path.basename(own[-1].filename)}, line {own[-1].lineno})" if own else ""
    told = ""
    with contextlib.suppress(OSError):
        with tempfile.NamedTemporaryFile(
            "w", prefix="groundup-fault-", suffix=".txt", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            traceback.print_exception(error, file=file)
        told = f" Please report it, with the file {file.name}."
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"This is a fault of groundup itself{place}: {said}. Nothing that was saved is lost.{told}"
