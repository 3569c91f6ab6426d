"""Several processes that read one table: what any of them meets, all meet, and all end with the same sums."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Protocol, TypeVar

from groundup.base.errors import UserError
from groundup.data.tables.table import RowError
from groundup.data.tables.table_statistics import Collected, pack, unpack

Found = TypeVar("Found")


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
        row, column = (error.row, error.column) if isinstance(error, RowError) else (0, None)
        met = json.dumps([row, str(error), column]).encode()
    told = [json.loads(one) for one in team.gather(met) if one]
    if told:
        row, words, column = min(told, key=lambda one: one[:2])
        raise RowError(words, row, column)
    return found


def merge_statistics(team: ProcessGroup | None, collected: Collected) -> Collected:
    """Return what all processes have collected: added in the order of their ranks, so the same in each."""
    if team is None or team.size == 1:
        return collected
    return reduce(add, map(unpack, team.gather(pack(collected))))
