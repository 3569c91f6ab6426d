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
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, most)


def give_back() -> None:
    """Give the system what is free at the pools' ends and between; nothing happens where the C library is not glibc."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
