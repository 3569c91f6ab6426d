"""Which device computes."""

from __future__ import annotations

import os

import torch

from groundup.base.errors import UserError
from groundup.base.plain_text import shorten
from groundup.training.distributed import ProcessGroup

DEVICES = ("auto", "cpu", "cuda", "mps")


def pick_device(choice: str = "auto", team: ProcessGroup | None = None) -> torch.device:
    """Choose the device: a graphics processor where there is one.

    Parameters
    ----------
    choice : {"auto", "cpu", "cuda", "mps"}
        ``auto`` takes the first there is of CUDA, MPS (Apple's) and the CPU.
    team : ProcessGroup, optional
        Processes on one machine take a CUDA device each.

    Raises
    ------
    UserError
        There is no such device here, or fewer than processes.

    Examples
    --------
    >>> pick_device("cpu")
    device(type='cpu')
    """
    if choice not in DEVICES:
        raise UserError(f"--set device={shorten(choice)}: choose one of {', '.join(DEVICES)}.")
    team = team or ProcessGroup()
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if choice == "auto":
        choice = next(name for name, available in there.items() if available)
        if choice == "mps" and team.size > 1:
            choice = "cpu"  # one Apple processor cannot be shared
    if not there[choice]:
        raise UserError(f"--set device={choice}: PyTorch finds none here. Leave device out to use what there is.")
    if choice != "cuda":
        return torch.device(choice)
    if team.local_size > torch.cuda.device_count():
        raise UserError(
            f"{team.local_size} processes for {torch.cuda.device_count()} CUDA device(s): start as many processes as "
            "devices, with torchrun --nproc-per-node=gpu."
        )
    torch.cuda.set_device(team.local_rank)
    return torch.device("cuda", team.local_rank)


def wait_for(device: torch.device) -> None:
    """Wait until the device has done all it was asked for: before a clock is read."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def memory_of(device: torch.device, team: ProcessGroup) -> int:
    """Return how many bytes of memory a process has for itself on a device."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // team.local_size
    except (ValueError, OSError, AttributeError):  # Windows
        return 8 * 2**30 // team.local_size
