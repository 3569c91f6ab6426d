"""Asynchronous functions in tests that are not."""

from concurrent.futures import ThreadPoolExecutor

import anyio


def await_apart(function, *arguments):
    """Return what an asynchronous function returns, run in a thread of its own.

    The thread of the tests may have an event loop already: a browser's test in the same worker leaves one running.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, function, *arguments).result()
