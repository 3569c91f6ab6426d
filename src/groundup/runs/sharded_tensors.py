"""Tensors sharded over processes (PyTorch's ``DTensor``): the own rows, the whole tensor, and sharding a whole one."""

from __future__ import annotations

from typing import Any

from torch import Tensor


def own_share(tensor: Tensor) -> Tensor:
    """Return the rows that this process holds, as a view; all rows of a whole tensor."""
    share: Tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
    return share


def whole(tensor: Tensor) -> Tensor:
    """Return a tensor with the rows of all processes, which must all call this; a whole tensor is returned as it is."""
    gathered: Tensor = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
    return gathered


def laid_like(tensor: Tensor, model: Any) -> Tensor:
    """Return a copy of a whole tensor, on the device and sharded like another tensor."""
    tensor = tensor.to(model.device, copy=True)
    if not hasattr(model, "device_mesh"):
        return tensor
    from torch.distributed.tensor import distribute_tensor

    # Every process has read the whole: each keeps its own rows, and nothing is sent.
    return distribute_tensor(tensor, model.device_mesh, model.placements, src_data_rank=None)
