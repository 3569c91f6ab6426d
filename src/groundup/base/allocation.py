"""Memory that a process has freed, given back to the system: a server that lives for days holds only what it needs.

glibc keeps freed memory for later, in an arena for each of many threads, and the more of it, the larger the blocks are
that were freed. Other allocators are left as they are.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any

# glibc's numbers for M_ARENA_MAX and M_TRIM_THRESHOLD, and its own threshold at first, which stays when it is set.
_ARENAS, _THRESHOLD = -8, -1
_FREED_AT_ONCE = 128 * 1024


@cache
def _find_glibc() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None  # musl has none


def keep_little_memory() -> None:
    """Let threads share one arena, and give large blocks back at once; call it before there are threads."""
    if library := _find_glibc():
        library.mallopt(_ARENAS, 1)
        library.mallopt(_THRESHOLD, _FREED_AT_ONCE)


def give_back_freed() -> None:
    """Give freed memory back to the system, which takes some milliseconds."""
    if library := _find_glibc():
        library.malloc_trim(0)
