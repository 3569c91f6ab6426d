"""One table read by several processes, or by the workers of a cluster: all end with the sums that one process finds.

A large table has stretches (`groundup.data.tables.table.Table`), whose sums are computed one by one and added up in
their order. So the sums are the same to the last bit, whichever process has read which stretch.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from groundup.base.cluster import Cluster, describe_worker, require_visible
from groundup.base.errors import UserError
from groundup.base.executors import share_out
from groundup.base.reporting import Reporter
from groundup.data.tables.table import RowError, Table, open_table
from groundup.data.tables.table_statistics import Collected, Plan, pack, unpack

Found = TypeVar("Found")
Numbered = tuple[int, Collected]
_HEAD = struct.Struct("!qq")


class ProcessGroup(Protocol):
    """Several processes that can hear each other, for example `groundup.training.distributed.ProcessGroup`."""

    @property
    def rank(self) -> int:
        """Which of them this one is, from 0."""

    @property
    def size(self) -> int:
        """How many there are."""

    def gather(self, message: bytes, /) -> list[bytes]:
        """Return what every process says, in the order of their ranks."""


def together(team: ProcessGroup | None, work: Callable[[], Found]) -> Found:
    """Return what this process's work gives, once every process has done its own.

    Raises
    ------
    UserError
        In every process, what one of them raised; of several, that for the first row.
    """
    if team is None or team.size == 1:
        return work()
    try:
        found, met = work(), b""
    except UserError as error:
        met = _pack_error(error)
    _raise_first(one for one in team.gather(met) if one)
    return found


def collect(table: Table, plan: Plan, rank: int = 0, size: int = 1) -> Iterator[Numbered]:
    """Yield the sums of each stretch of a share of the rows, in order; none after one with too many words."""
    current: int | None = None
    collected = Collected()
    for chunk in table.read([plan.target, *plan.numeric], plan.skip_bad, rank, size):
        stretch = 0 if plan.keep_rows else chunk.stretch
        if current is not None and stretch != current:
            collected.settle()
            yield current, collected
            collected = Collected()
        current = stretch
        collected.add(chunk, plan)
        if collected.crowded:
            break
    collected.settle()
    yield current or 0, collected


def sum_stretches(stretches: Iterable[Numbered]) -> Collected:
    """Return the sums of stretches, which come in order, up to one with which a column has too many words."""
    total: Collected | None = None
    for _, collected in stretches:
        total = collected if total is None else total + collected
        if total.crowded:
            break
    return total or Collected()


def merge_statistics(team: ProcessGroup | None, share: Callable[[], Iterator[Numbered]]) -> Collected:
    """Return what all processes collect from their shares of the rows, the same in each.

    Raises
    ------
    UserError
        As of `together`.
    """
    if team is None or team.size == 1:
        return sum_stretches(share())
    mine = together(team, lambda: list(share()))
    return _sum_messages(team.gather(pack_all(mine)))


def pack_all(stretches: Iterable[Numbered]) -> bytes:
    """Return the sums of several stretches as a message."""
    packed = [(number, pack(collected)) for number, collected in stretches]
    return b"".join(_HEAD.pack(number, len(one)) + one for number, one in packed)


def unpack_all(message: bytes) -> Iterator[Numbered]:
    """Yield what `pack_all` packed."""
    place = 0
    while place < len(message):
        number, length = _HEAD.unpack_from(message, place)
        place += _HEAD.size
        yield number, unpack(message[place : place + length])
        place += length


def _sum_messages(messages: Iterable[bytes]) -> Collected:
    found = [one for message in messages for one in unpack_all(message)]
    return sum_stretches(sorted(found, key=lambda one: one[0]))


@dataclass(frozen=True)
class ClusterReading:
    """A cluster whose workers read a table together.

    Attributes
    ----------
    cluster : Cluster
        The workers; they must see the table's file.
    reporter : Reporter
        Shows how much is read.
    """

    cluster: Cluster
    reporter: Reporter

    def collect(self, table: Table, plan: Plan) -> Collected:
        """Return what the workers collect; of a table that is not in a file, what this process does.

        Raises
        ------
        UserError
            As of one process; or a worker cannot see the file, or sees another.
        """
        if table.path is None:
            self.reporter.say(f"{table.source} is in no file that others can read: the cluster has nothing to do.")
            return sum_stretches(collect(table, plan))
        # Of a text, every share goes through all bytes: no more shares than there are workers.
        size = table.stretches if table.sought else min(table.stretches, self.cluster.count_threads())
        status = table.path.stat()
        work = partial(_collect_there, table.path, (status.st_size, status.st_mtime_ns), plan, size)
        messages, errors = dict[int, bytes](), list[bytes]()
        with self.reporter.progress(size, "reading the table on the cluster") as bar:
            try:
                for rank, (message, error) in share_out(self.cluster, work, range(size), self.cluster.count_threads):
                    messages[rank] = message
                    errors += [error] if error else []
                    bar.advance(1)
            except BrokenExecutor as error:
                raise UserError(f"{table.source}: {error}. Start workers with fewer threads or more memory.") from error
        _raise_first(errors)
        return _sum_messages(messages.values())


def _collect_there(path: Path, known: tuple[int, int], plan: Plan, size: int, rank: int) -> tuple[bytes, bytes]:
    """Return the sums of a share of the rows, and the error that ended it, if one did: a worker's part."""
    require_visible([path])
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) != known:
        raise UserError(
            f"{path}: {describe_worker()} sees another file under this name, or one that has changed. "
            "Put it on a disk that every machine shares."
        )
    try:
        return pack_all(collect(open_table(path), plan, rank, size)), b""
    except UserError as error:
        return b"", _pack_error(error)


def _pack_error(error: UserError) -> bytes:
    row, column = (error.row, error.column) if isinstance(error, RowError) else (0, None)
    return json.dumps([row, str(error), column]).encode()


def _raise_first(errors: Iterable[bytes]) -> None:
    told = [json.loads(one) for one in errors]
    if told:
        row, words, column = min(told, key=lambda one: one[:2])
        raise RowError(words, row, column)
