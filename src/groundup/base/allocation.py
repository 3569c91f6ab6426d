"""Memory that a process has freed, given back to the system: a server that lives for days holds only what it needs.

glibc keeps freed memory for later, in an arena for each of many threads. Other allocators are left as they are.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

_ARENAS = -8  # glibc's number for M_ARENA_MAX


@cache
def _find_glibc() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None  # musl has none


def share_one_arena() -> None:
    """Let all threads take memory from one arena; call it before there are threads."""
    if library := _find_glibc():
        library.mallopt(_ARENAS, 1)


def give_back_freed() -> None:
    """Give freed memory back to the system, which takes some milliseconds."""
    if library := _find_glibc():
        library.malloc_trim(0)
