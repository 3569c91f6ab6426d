"""Started by torchrun: matrices of many shapes go to their owners and back."""

import random

import torch
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Shard, distribute_tensor

from groundup.runs.sharded_tensors import own_share, whole
from groundup.training.distributed import join_process_group
from groundup.training.muon import Muon
from groundup.training.optimizer import Optimizer
from groundup.training.sharding import Exchange


def check_round_trip(mesh, draw):
    shapes = [(draw.randint(1, 9), draw.randint(1, 5)) for _ in range(draw.randint(1, 6))]
    full = [torch.randn(shape) for shape in shapes]  # the same in every process
    spread = [distribute_tensor(one, mesh, [Shard(0)], src_data_rank=None) for one in full]
    exchange = Exchange(spread, [rows * columns for rows, columns in shapes])
    mine = exchange.gather([own_share(one) for one in spread])
    assert all(torch.equal(one, full[place]) for place, one in zip(exchange.mine, mine, strict=True))
    back = exchange.scatter([2 * one for one in mine])
    for one, share, before in zip(spread, back, full, strict=True):
        assert torch.equal(share, own_share(one) * 2), before.shape


def check_muon(mesh):
    """A spread matrix takes the steps that a whole one takes, from a state that goes through a checkpoint."""
    torch.manual_seed(1)
    full = [torch.nn.Parameter(torch.randn(shape)) for shape in ((6, 4), (4, 6), (6, 4), (3, 3))]
    vector = torch.nn.Parameter(torch.randn(5))
    placed = [
        torch.nn.Parameter(distribute_tensor(one.detach().clone(), mesh, [Shard(0)], src_data_rank=None))
        for one in (*full, vector)
    ]
    whole_muon = Muon(full, [{"params": [vector]}], weight_decay=0.1)
    spread_muon: Optimizer = Muon(placed[:4], [{"params": [placed[4]]}], weight_decay=0.1)
    for step in range(6):
        for one, other in zip((*full, vector), placed, strict=True):
            one.grad = torch.randn(one.shape)
            other.grad = distribute_tensor(one.grad, mesh, [Shard(0)], src_data_rank=None)
        whole_muon.step()
        spread_muon.step()
        if step == 2:
            saved = spread_muon.state_dict()
            for remembered in saved["state"].values():
                for name, value in remembered.items():
                    remembered[name] = whole(value).clone()
            spread_muon = Muon(placed[:4], [{"params": [placed[4]]}], weight_decay=0.1)
            spread_muon.load_state_dict(saved)
    for one, other in zip((*full, vector), placed, strict=True):
        assert torch.allclose(one, whole(other), atol=1e-5), one.shape


if __name__ == "__main__":
    team = join_process_group()
    mesh = init_device_mesh("cpu", (team.size,))
    draw = random.Random(0)
    torch.manual_seed(0)
    for _ in range(40):
        check_round_trip(mesh, draw)
    check_muon(mesh)
    if team.is_main:
        print("done")
