"""Several processes that train one model, as ``torchrun`` starts them.

Every process gets the same batches and takes its rows of each. The gradient of a mean over the batch is the sum of each
row's share, so the processes add their gradients up, in one message a step, and all take the same step: N processes
learn what one learns from the same batches, but for rounding (Li et al., "PyTorch Distributed: experiences on
accelerating data parallel training", VLDB 2020). The first process, the leader, alone writes and speaks.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from groundup.base.errors import UserError

if TYPE_CHECKING:
    from torch.distributed import Store  # type: ignore[attr-defined]  # exported without a word

RUN = "groundup/run"
# The leader may tokenise for hours while the others wait. torchrun itself notices a process that has died.
LONGEST_WAIT = timedelta(days=2)


@dataclass(frozen=True)
class ProcessGroup:
    """Which of how many processes this one is; by itself, the only one.

    Attributes
    ----------
    rank : int
        This process, from 0; 0 leads.
    size : int
        How many there are.
    local_size : int
        How many of them run on this machine.
    local_rank : int
        Which of those this one is, from 0.
    store : torch.distributed.Store, optional
        ``torchrun``'s memory, which outlives the processes that it starts.
    """

    rank: int = 0
    size: int = 1
    local_size: int = 1
    local_rank: int = 0
    store: Store | None = field(default=None, compare=False)

    @property
    def is_main(self) -> bool:
        """Tell whether this is the process that writes and speaks."""
        return self.rank == 0

    def take_rows(self, count: int, parts: int = 1) -> list[slice]:
        """Return this process's rows of a batch of ``count``, in ``parts`` that are computed one after the other.

        Raises
        ------
        UserError
            There are fewer rows than processes times parts.

        Examples
        --------
        >>> [ProcessGroup(rank, 2).take_rows(5) for rank in (0, 1)]
        [[slice(0, 2, None)], [slice(2, 5, None)]]
        >>> ProcessGroup().take_rows(5, parts=2)
        [slice(0, 2, None), slice(2, 5, None)]
        """
        shares = self.size * parts
        if count < shares:
            raise UserError(
                f"A batch of {count} cannot be shared by {self.size} process(es) in {parts} part(s) each. "
                f"Set batch_size to at least {shares}, or start fewer processes."
            )
        ends = [count * share // shares for share in range(shares + 1)]
        first = self.rank * parts
        return [slice(ends[place], ends[place + 1]) for place in range(first, first + parts)]

    def all_reduce_sum(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over the processes, all in one message.

        Parameters
        ----------
        tensors : sequence of Tensor
            Of the same shapes, dtypes and order in every process; changed in place.
        """
        if self.size == 1 or not any(tensor.numel() for tensor in tensors):
            return
        from torch.distributed import all_reduce

        message = torch.cat([tensor.reshape(-1) for tensor in tensors])
        with told_apart():
            all_reduce(message)
        parts = message.split([tensor.numel() for tensor in tensors])
        with torch.no_grad():
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def broadcast(self, facts: Any = None) -> Any:
        """Return the leader's facts, JSON-ready, in every process."""
        if self.size == 1:
            return facts
        from torch.distributed import broadcast_object_list

        message = [json.dumps(facts) if self.is_main else None]
        with told_apart():
            broadcast_object_list(message, 0, device=torch.device("cpu"))
        return json.loads(message[0] or "null")

    def gather(self, message: bytes) -> list[bytes]:
        """Return what every process says, in the order of their ranks; the messages may differ in length."""
        if self.size == 1:
            return [message]
        from torch.distributed import all_gather

        lengths = [torch.zeros(1, dtype=torch.int64) for _ in range(self.size)]
        with told_apart():
            all_gather(lengths, torch.tensor([len(message)]))
        longest = max(1, *map(int, lengths))
        mine = torch.frombuffer(bytearray(message.ljust(longest, b"\0")), dtype=torch.uint8)
        said = [torch.zeros_like(mine) for _ in range(self.size)]
        with told_apart():
            all_gather(said, mine)
        return [one[: int(length)].numpy().tobytes() for one, length in zip(said, lengths, strict=True)]

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """Let the leader do something first, and the others once it has.

        What the leader raises, it raises after it has sent the others home.
        """
        if not self.is_main and self.broadcast() != "done":
            raise MainProcessFailed
        try:
            yield
        except BaseException:
            if self.is_main:
                self.broadcast("gave up")
            raise
        if self.is_main:
            self.broadcast("done")

    def is_first_to_say(self, message: str) -> bool:
        """Tell whether this process is the first that wants to say this: every process meets the same error."""
        if self.store is None:
            return True
        try:
            return bool(self.store.add(f"said/{hashlib.sha256(message.encode()).hexdigest()}", 1) == 1)
        except RuntimeError:  # torchrun is gone
            return self.is_main


class MainProcessFailed(Exception):  # noqa: N818, it is no error of this process
    """The leader met an error, and has said so."""


class ProcessGone(UserError):  # noqa: N818, what happened is no error of this process
    """Another process has died."""


@contextmanager
def told_apart() -> Iterator[None]:
    """Tell a process that is gone from a fault of this one."""
    try:
        yield
    except RuntimeError as error:
        if not re.search(r"gloo|nccl|connection|process group", str(error), re.IGNORECASE):
            raise
        raise ProcessGone(
            "Another process of this training is gone. torchrun starts all of them again as often as its "
            "--max-restarts allows; after that go on with --resume."
        ) from error


_joined: list[ProcessGroup] = []


def current_process_group() -> ProcessGroup:
    """Return the team that `join_process_group` joined; outside of one, this process alone."""
    return _joined[-1] if _joined else ProcessGroup()


def join_process_group() -> ProcessGroup:
    """Join the processes that ``torchrun`` started, and return the team; without ``torchrun``, this process alone.

    Raises
    ------
    UserError
        What ``torchrun`` says to its processes is there in part, or makes no sense.
    """
    size = _read_number("WORLD_SIZE", 1, default=1)
    if _joined or size == 1:
        return current_process_group()
    rank, port = _read_number("RANK", 0, size - 1), _read_number("MASTER_PORT", 0, 65_535)
    place = _read_number("LOCAL_RANK", 0, default=0)
    beside = _read_number("LOCAL_WORLD_SIZE", 1, default=size)
    address = os.environ.get("MASTER_ADDR")
    if not address:
        raise _not_from_torchrun("MASTER_ADDR")
    from torch.distributed import PrefixStore, TCPStore, init_process_group  # type: ignore[attr-defined]  # as Store

    held_by_torchrun = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
    # PyTorch is built without libuv on Windows, and asks for it all the same. torchrun's own store heeds the variable.
    libuv = os.environ.get("USE_LIBUV", "0" if sys.platform == "win32" else "1") == "1"
    store = TCPStore(
        address,
        port,
        is_master=rank == 0 and not held_by_torchrun,
        timeout=LONGEST_WAIT,
        use_libuv=libuv,
    )
    attempt = PrefixStore(f"groundup/attempt{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}", store)
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
    init_process_group(backend, store=attempt, rank=rank, world_size=size, timeout=LONGEST_WAIT)
    _joined.append(ProcessGroup(rank, size, beside, place, store))
    return current_process_group()


def _read_number(name: str, low: int, high: int | None = None, default: int | None = None) -> int:
    said = os.environ.get(name, "" if default is None else str(default))
    if not re.fullmatch("[0-9]{1,9}", said) or int(said) < low or (high is not None and int(said) > high):
        raise _not_from_torchrun(name)
    return int(said)


def _not_from_torchrun(name: str) -> UserError:
    said = f'says "{os.environ[name]}"' if name in os.environ else "is not set"
    return UserError(
        f"The environment's WORLD_SIZE and its like are read as torchrun sets them, but {name} {said}. "
        "Unset WORLD_SIZE, or start with --processes or torchrun."
    )


def recall_run(team: ProcessGroup) -> str | None:
    """Return the run that these processes trained into before ``torchrun`` started them again; ``None`` at first."""
    return team.store.get(RUN).decode() if team.store is not None and team.store.check([RUN]) else None


def remember_run(team: ProcessGroup, run: str) -> None:
    """Let ``torchrun`` remember the run."""
    if team.store is not None:
        team.store.set(RUN, run)
