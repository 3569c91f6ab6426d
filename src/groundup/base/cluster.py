"""The workers of a running Dask cluster, as an executor (https://distributed.dask.org). Dask is imported here alone.

Dask starts again, on another worker, what a worker that died was doing. What comes back as an error is told in one
line: no scheduler at the address, a cluster that is gone, a worker of another version.
"""

from __future__ import annotations

import logging
import os
import platform
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from groundup import __version__
from groundup.base.errors import UserError

# A worker that died is started again in seconds, one on another machine in minutes.
WITHOUT_WORKERS_SECONDS = 120.0
_LOOK_SECONDS = 2.0
_LOGGERS = ("distributed", "tornado", "asyncio", "dask")
Versions = tuple[str, str]


class ClusterLost(UserError):  # noqa: N818, what happened is no error of the caller
    """The scheduler, or every worker, is gone."""


class WorkerKilled(BrokenExecutor):
    """Several workers died over the same part of the work."""


class OtherVersion(UserError):  # noqa: N818, likewise
    """A worker runs another version of groundup or Python."""


def own_versions() -> Versions:
    """Return the versions that must be the same everywhere: groundup's, and Python's first two numbers."""
    return __version__, ".".join(platform.python_version_tuple()[:2])


def describe_worker() -> str:
    """Return what messages call the process that runs this."""
    return f"the worker on {socket.gethostname()} (process {os.getpid()})"


def require_visible(paths: Iterable[Path | str], remedy: str = "Put it on a disk that every machine shares.") -> None:
    """Raise `UserError`, with what to do about it, for the first file that this process cannot see."""
    for path in paths:
        if not os.path.exists(path):
            raise UserError(f"{path}: {describe_worker()} cannot see this file. {remedy}")


@contextmanager
def open_cluster(address: str) -> Iterator[Cluster]:
    """Connect to a running cluster, and leave it as it was.

    Raises
    ------
    UserError
        Dask is not installed, no scheduler answers, there is no worker, or one runs another version.
    """
    cluster = Cluster(address)
    try:
        yield cluster
    finally:
        cluster.close()


class Cluster(Executor):
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        The scheduler's, for example ``tcp://10.0.0.1:8786``.

    Attributes
    ----------
    address : str
        As given.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = _connect(address)
        self._waiting: dict[Future[Any], Any] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        try:
            self._inner = self._client.get_executor(pure=False)
            self._threads = self._count_threads()
            self._check_versions()
        except BaseException:
            self._closed.set()
            _close(self._client)
            raise
        threading.Thread(target=self._watch, daemon=True).start()

    def count_threads(self) -> int:
        """Return how many calls the workers can run at once, as of a moment ago."""
        return max(1, self._threads)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Schedule a call on some worker; see `concurrent.futures.Executor.submit`.

        The future's exception is what the call raised, or `WorkerKilled`, `ClusterLost` or `OtherVersion`.
        """
        outer: Future[Any] = Future()
        try:
            inner = self._inner.submit(run_here, own_versions(), fn, args, kwargs)
        except Exception as error:
            raise self._lost() from error
        with self._lock:
            self._waiting[outer] = inner
        outer.add_done_callback(self._pass_on_cancel)
        inner.add_done_callback(lambda _: self._pass_on(inner, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster; calls that run already end by themselves."""
        if cancel_futures:
            for future in list(self._waiting):
                future.cancel()
        elif wait:
            from concurrent.futures import wait as wait_for

            wait_for(list(self._waiting))
        self.close()

    def close(self) -> None:
        """Cancel what has not begun, and close the connection."""
        self._closed.set()
        for future in list(self._waiting):
            future.cancel()
        _close(self._client)

    def _pass_on_cancel(self, outer: Future[Any]) -> None:
        with self._lock:
            inner = self._waiting.pop(outer, None)
        if outer.cancelled() and inner is not None:
            with suppress(Exception):  # the cluster may be gone
                inner.cancel()

    def _pass_on(self, inner: Future[Any], outer: Future[Any]) -> None:
        with suppress(InvalidStateError):  # cancelled, or given up
            try:
                outer.set_result(inner.result())
            except CancelledError:
                outer.set_exception(self._lost())
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the caller's to judge
                outer.set_exception(self._translate(error))

    def _translate(self, error: Exception) -> Exception:
        from distributed.scheduler import KilledWorker

        if isinstance(error, KilledWorker):
            return WorkerKilled("every worker that tried it died, perhaps for want of memory")
        if isinstance(error, ModuleNotFoundError | AttributeError) and "groundup" in str(error):
            return OtherVersion(f"{self.address}: a worker has another groundup, or none ({error}). {_REMEDY}")
        return error

    def _lost(self) -> ClusterLost:
        return ClusterLost(f"{self.address}: the cluster's scheduler is gone. Start it again, then this command.")

    def _count_threads(self) -> int:
        return sum(self._client.nthreads().values())

    def _check_versions(self) -> None:
        if not self._threads:
            raise UserError(f"{self.address}: the cluster has no worker. Start some with: dask worker {self.address}")
        told = self._client.get_versions(packages=["groundup"])["workers"]
        for worker, versions in told.items():
            if versions is not None:  # one that has just died
                packages = versions["packages"]
                found = packages.get("groundup"), ".".join(packages["python"].split(".")[:2])
                compare_versions(f"{self.address}: the worker {worker}", found, own_versions())

    def _watch(self) -> None:
        """Give up what waits once there have been no workers for long: the scheduler would wait without end."""
        seen = time.monotonic()
        while not self._closed.wait(_LOOK_SECONDS):
            try:
                self._threads = self._count_threads()
            except Exception:  # noqa: BLE001 - a scheduler that is gone cancels all futures itself
                continue
            if self._threads:
                seen = time.monotonic()
            elif time.monotonic() - seen > WITHOUT_WORKERS_SECONDS:
                for future in list(self._waiting):
                    with suppress(InvalidStateError):
                        future.set_exception(
                            ClusterLost(f"{self.address}: the cluster has lost all its workers. Start some again.")
                        )


_REMEDY = "Install the same versions on every machine of the cluster."


def compare_versions(who: str, found: Sequence[str | None], wanted: Versions) -> None:
    """Raise `OtherVersion` if a worker runs another groundup or Python than this process.

    Examples
    --------
    >>> compare_versions("the worker", ("1.0", "3.11"), ("1.0", "3.11"))
    >>> compare_versions("the worker", (None, "3.11"), ("1.0", "3.11"))
    Traceback (most recent call last):
    groundup.base.cluster.OtherVersion: the worker has no groundup; here it is 1.0. Install the same versions on every \
machine of the cluster.
    """
    for name, theirs, ours in zip(("groundup", "Python"), found, wanted, strict=True):
        if theirs != ours:
            has = f"has no {name}" if theirs is None else f"has {name} {theirs}"
            raise OtherVersion(f"{who} {has}; here it is {ours}. {_REMEDY}")


def run_here(wanted: Versions, work: Callable[..., Any], arguments: Sequence[Any], named: dict[str, Any]) -> Any:
    """Do what was sent to this worker: what every call on a cluster goes through."""
    compare_versions(describe_worker(), own_versions(), wanted)
    return work(*arguments, **named)


def _connect(address: str) -> Any:
    """Return Dask's client of a scheduler.

    Raises
    ------
    UserError
        Dask is not installed, or no scheduler answers.
    """
    try:
        import dask
        import distributed
        from dask.utils import parse_timedelta
    except ImportError as error:
        raise UserError('--cluster needs Dask: pip install "groundup[cluster]".') from error
    _silence()
    seconds = parse_timedelta(dask.config.get("distributed.comm.timeouts.connect"))
    met: list[Any] = []

    def connect() -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # versions are compared here, in words
                met.append(distributed.Client(address, timeout=seconds, set_as_default=False))
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            met.append(error)

    # In a thread: what listens without a word (another program's port) is waited for without end.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(2 * seconds)
    found = met[0] if met else OSError(f"nothing was said within {2 * seconds:g} seconds")
    if isinstance(found, BaseException):
        if not isinstance(found, Exception):
            raise found
        reason = (str(found).strip().splitlines() or [type(found).__name__])[0]
        raise UserError(
            f"--cluster {address}: no Dask scheduler answers there ({reason}). Give the address that `dask scheduler` "
            "prints, for example tcp://10.0.0.1:8786."
        ) from found
    return found


def _close(client: Any) -> None:
    with suppress(Exception):  # the cluster may be gone
        client.close(timeout=2)


def _silence() -> None:
    """Keep Dask's log from standard error: what matters is told in one line."""
    for name in [*_LOGGERS, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
