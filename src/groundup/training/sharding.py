"""A model too large for one device, spread over the processes that train it: each holds a share of every matrix.

PyTorch's ``fully_shard`` (FSDP2; Zhao et al., "PyTorch FSDP: experiences on scaling fully sharded data parallel",
VLDB 2023) gathers a block's weights just before they are used and lets them go after; gradients are summed to where
their share of the weights lies. The run folder knows nothing of it: what is saved is whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from groundup.runs.sharded_tensors import own_share, whole
from groundup.training.device import memory_of
from groundup.training.distributed import ProcessGroup
from groundup.training.precision import Precision

# A weight, its gradient, the gradients' message, and up to two numbers of the optimiser, float32 each.
BYTES_A_WEIGHT = 20
# The rest of the memory is for what the forward pass keeps.
SHARE_FOR_WEIGHTS = 0.6
SHARDED = ("auto", "yes", "no")


def needs_sharding(choice: str, weights: int, device: torch.device, team: ProcessGroup) -> bool:
    """Tell whether a model is to be spread over the team.

    Parameters
    ----------
    choice : {"auto", "yes", "no"}
        ``auto`` spreads a model whose training does not fit a process's memory.
    weights : int
        How many numbers the model learns.
    device : torch.device
        Where it is trained.
    team : ProcessGroup
        A single process has nobody to share with.

    Examples
    --------
    >>> cpu = torch.device("cpu")
    >>> needs_sharding("yes", 1000, cpu, ProcessGroup()), needs_sharding("auto", 10**15, cpu, ProcessGroup(0, 2))
    (False, True)
    """
    if team.size == 1 or choice == "no":
        return False
    return choice == "yes" or weights * BYTES_A_WEIGHT > SHARE_FOR_WEIGHTS * memory_of(device, team)


def shard_model(
    model: nn.Module, blocks: nn.ModuleList, device: torch.device, team: ProcessGroup, precision: Precision
) -> None:
    """Spread a model's weights over the team, in place; each block is gathered by itself.

    Parameters
    ----------
    model : nn.Module
        Whole, the same in every process.
    blocks : ModuleList
        Its blocks, called one after the other.
    device, team, precision
        Where, by whom and in which numbers it is trained.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

    half = torch.bfloat16 if precision.name == "bfloat16" else None
    options: dict[str, Any] = {
        "mesh": init_device_mesh(device.type, (team.size,)),
        "mp_policy": MixedPrecisionPolicy(param_dtype=half, reduce_dtype=torch.float32 if half else None),
    }
    for part in [*blocks, model]:
        wrapped: Any = fully_shard(part, **options)
        # The loss is divided by the whole batch already: gradients are summed, by an operation that gloo has, too.
        wrapped.set_gradient_divide_factor(1.0)
        wrapped.set_force_sum_reduction_for_comms(True)


def is_sharded(model: nn.Module) -> bool:
    """Tell whether `shard_model` spread it."""
    return hasattr(model, "set_requires_gradient_sync")


def gather_onto(model: nn.Module, spread: nn.Module) -> None:
    """Copy the weights of a spread model into a whole one on the CPU; every process must ask for it.

    In the processes that do not lead, ``model`` may be on the meta device and stays empty.
    """
    weights = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in spread.named_parameters():
            found = whole(parameter)
            if not weights[name].is_meta:
                weights[name].copy_(found)


class Exchange:
    """Brings matrices whose rows are spread to one process each, whole, and takes results back to where the rows lie.

    Parameters
    ----------
    matrices : sequence of DTensor
        Two-dimensional, rows spread.
    costs : sequence of float
        What each matrix costs its process, to give each as much to do.
    """

    def __init__(self, matrices: Sequence[Any], costs: Sequence[float]) -> None:
        mesh = matrices[0].device_mesh
        self.group, self.rank, self.size = mesh.get_group(), mesh.get_local_rank(), mesh.size()
        self.nothing = own_share(matrices[0]).new_empty(0)
        self.shapes = [tuple(matrix.shape) for matrix in matrices]
        self.owned: list[list[int]] = [[] for _ in range(self.size)]
        loads = [0.0] * self.size
        for place in sorted(range(len(matrices)), key=lambda place: -costs[place]):
            owner = loads.index(min(loads))
            self.owned[owner].append(place)
            loads[owner] += costs[place]

    @property
    def mine(self) -> list[int]:
        """The places of the matrices that come to this process."""
        return self.owned[self.rank]

    def gather(self, shares: list[Tensor]) -> list[Tensor]:
        """Return the matrices in `mine`, whole; ``shares`` are this process's rows of all of them."""
        outgoing = [self._join([shares[place] for place in places]) for places in self.owned]
        incoming = [self._numbers(self.mine, rank) for rank in range(self.size)]
        received = self._send(outgoing, incoming)
        pieces = [part.split([self._share(place, rank) for place in self.mine]) for rank, part in enumerate(received)]
        return [
            torch.cat([of_rank[number] for of_rank in pieces]).view(self.shapes[place])
            for number, place in enumerate(self.mine)
        ]

    def scatter(self, results: list[Tensor]) -> list[Tensor]:
        """Return this process's rows of all results; ``results`` are whole, in the order of `mine`."""
        outgoing = []
        for rank in range(self.size):
            rows = [result.split(self._rows(place))[rank] for place, result in zip(self.mine, results, strict=True)]
            outgoing.append(self._join(rows))
        incoming = [self._numbers(places, self.rank) for places in self.owned]
        received = self._send(outgoing, incoming)
        found: dict[int, Tensor] = {}
        for places, part in zip(self.owned, received, strict=True):
            shares = part.split([self._share(place, self.rank) for place in places])
            found.update(zip(places, shares, strict=True))
        return [found[place].view(-1, shape[1]) for place, shape in enumerate(self.shapes)]

    def _join(self, parts: list[Tensor]) -> Tensor:
        return torch.cat([self.nothing, *(part.reshape(-1) for part in parts)])

    def _send(self, outgoing: list[Tensor], incoming: list[int]) -> list[Tensor]:
        from torch.distributed import all_to_all_single

        message = torch.cat(outgoing)
        received = message.new_empty(sum(incoming))
        all_to_all_single(received, message, incoming, [len(part) for part in outgoing], group=self.group)
        return list(received.split(incoming))

    def _rows(self, place: int) -> list[int]:
        """Return how many rows each process holds: as many as fit, the last ones fewer (`torch.chunk`)."""
        rows = self.shapes[place][0]
        each = -(-rows // self.size)
        return [max(0, min(each, rows - rank * each)) for rank in range(self.size)]

    def _share(self, place: int, rank: int) -> int:
        return self._rows(place)[rank] * self.shapes[place][1]

    def _numbers(self, places: list[int], rank: int) -> int:
        return sum(self._share(place, rank) for place in places)
