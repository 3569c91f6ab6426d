"""What the judge needs of the operating system, and what a system may lack."""

from __future__ import annotations

import importlib.util
import os
import socket
from pathlib import Path

# What a process has taken of memory, by Linux's account; a limit is set that much higher.
MEMORY_FILE = Path("/proc/self/statm")
NEEDED = "The judge needs Linux or macOS. On Windows, run groundup in WSL (the Windows Subsystem for Linux)."


def require_processes() -> None:
    """Make sure that answers can be run here.

    Raises
    ------
    UserError
        This system has no forks, no limits for processes, or no way to hand open files to another process: Windows.
    """
    calls = hasattr(os, "fork") and hasattr(os, "killpg") and hasattr(socket, "send_fds")
    if not calls or importlib.util.find_spec("resource") is None:
        # An answer's process imports this file, and nothing of the package outside this folder.
        from groundup.base.errors import UserError

        raise UserError(NEEDED)


def limits_memory() -> bool:
    """Tell whether an answer's memory is limited here: on Linux it is, on macOS nothing tells how much was taken."""
    return MEMORY_FILE.exists()
