"""Work shared out to processes: a few pieces ahead of what is done, stopped by Ctrl-C, gone with their parent."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def share_out(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    processes: int,
    prepare: Callable[..., None] | None = None,
    *arguments: Any,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what ``work`` makes of it, in the order in which they are done.

    Parameters
    ----------
    work : callable
        A function at the top of a module.
    items : iterable
        Taken as they are needed: two a process are on their way, so memory does not grow with their number.
    processes : int
        How many work at once.
    prepare, *arguments
        Called once in each process.

    Raises
    ------
    BrokenProcessPool
        One of the processes was killed.
    """
    left = iter(items)
    # A fresh interpreter each: a fork of a process that runs threads (torch, tokenizers) may hang.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (prepare, *arguments))
    on_their_way: dict[Future[Result], Item] = {}
    try:
        with _deaf_to_interrupts():
            on_their_way.update((pool.submit(work, item), item) for item in islice(left, 2 * processes))
        while on_their_way:
            done, _ = wait(on_their_way, return_when=FIRST_COMPLETED)
            for future in done:
                result, item = future.result(), on_their_way.pop(future)
                for following in islice(left, 1):
                    on_their_way[pool.submit(work, following)] = following
                yield item, result
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that never hear a Ctrl-C, which the terminal sends to all: their parent stops them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begin(prepare: Callable[..., None] | None, *arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    if prepare is not None:
        prepare(*arguments)


def _leave_with_parent() -> None:
    """End with the parent: one that was killed outright has not told its processes to stop."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
