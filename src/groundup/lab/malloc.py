"""Memory that a lesson has given back: in reach of the next one, or the system's again."""

from __future__ import annotations

import contextlib
import ctypes

_M_ARENA_MAX = -8  # of glibc's malloc.h


def share_arenas(most: int = 2) -> None:
    """Let all threads take their memory from few pools; nothing happens where the C library is not glibc.

    Every lesson runs in a thread of its own. glibc would give each a pool that no other thread uses again: a lab
    would grow with each lesson opened although nothing was kept.

    Parameters
    ----------
    most : int
        How many pools.
    """
    _ask_glibc("mallopt", _M_ARENA_MAX, most)


def give_back() -> None:
    """Give the system what is free at the pools' ends and between; nothing happens where the C library is not glibc."""
    _ask_glibc("malloc_trim", 0)


def _ask_glibc(function: str, *arguments: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        getattr(ctypes.CDLL("libc.so.6"), function)(*arguments)
