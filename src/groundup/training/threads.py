"""How many threads torch computes with, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

# As many as torch has chosen, before anything else is said.
ALL_THREADS = torch.get_num_threads()


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Let torch compute with ``count`` threads, then with as many as before.

    One thread suits steps of a millisecond: threads that wait for each other cost more than they share, and on a
    machine that is busy otherwise ten times as much.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
