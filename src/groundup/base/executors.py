"""Work shared out to an executor: threads or processes of this machine, or the workers of a Dask cluster.

Whatever has the form of `concurrent.futures.Executor` can do the work. This module has the processes of this machine;
`groundup.base.cluster` has a cluster.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def share_out(
    executor: Executor,
    work: Callable[[Item], Result],
    items: Iterable[Item],
    at_once: Callable[[], int],
    lost: Callable[[Item, BrokenExecutor], Result] | None = None,
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with what ``work`` makes of it, in the order in which they are done.

    Parameters
    ----------
    executor : Executor
        What works. It is left open.
    work : callable
        For other processes, a function at the top of a module, or a `functools.partial` of one.
    items : iterable
        Taken as they are needed: twice as many as work at once are on their way, so memory does not grow with their
        number.
    at_once : callable
        Returns how many the executor works on at once, which may change.
    lost : callable, optional
        Returns what stands for an item whose workers died each time that it was tried.

    Raises
    ------
    BrokenExecutor
        A process was killed, and ``lost`` is left out.
    """
    left = iter(items)
    on_their_way: dict[Future[Result], Item] = {}
    try:
        while True:
            for item in islice(left, max(0, 2 * at_once() - len(on_their_way))):
                on_their_way[executor.submit(work, item)] = item
            if not on_their_way:
                return
            for future in wait(on_their_way, return_when=FIRST_COMPLETED).done:
                item = on_their_way.pop(future)
                try:
                    result = future.result()
                except BrokenExecutor as error:
                    if lost is None:
                        raise
                    result = lost(item, error)
                yield item, result
    finally:
        for future in on_their_way:
            future.cancel()


class LocalProcesses(ProcessPoolExecutor):
    """Processes of this machine that never hear a Ctrl-C, and end with their parent.

    Parameters
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        # A fresh interpreter each: a fork of a process that runs threads (torch, tokenizers) may hang.
        super().__init__(count, get_context("spawn"), _begin)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Schedule a call; see `concurrent.futures.Executor.submit`."""
        with _deaf_to_interrupts():  # it may start processes
            return super().submit(fn, *args, **kwargs)

    def __exit__(self, *_: object) -> None:
        self.shutdown(cancel_futures=True)


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


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End with the parent: one that was killed outright has not told its processes to stop."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
