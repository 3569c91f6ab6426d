"""Tensors spread over processes (PyTorch's ``DTensor``): one's own rows, the whole, and a whole one laid out alike."""

from __future__ import annotations

from typing import Any

from torch import Tensor


def own_share(tensor: Tensor) -> Tensor:
    """Return the rows that this process holds, as a view; of a whole tensor, all."""
    share: Tensor = tensor.to_local() if hasattr(tensor, "to_local") else tensor
    return share


def whole(tensor: Tensor) -> Tensor:
    """Return a tensor with the rows of all processes, which must all ask for it; a whole one as it is."""
    gathered: Tensor = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
    return gathered


def laid_like(tensor: Tensor, model: Any) -> Tensor:
    """Return a whole tensor where, and spread as, another one is; a copy."""
    tensor = tensor.to(model.device, copy=True)
    if not hasattr(model, "device_mesh"):
        return tensor
    from torch.distributed.tensor import distribute_tensor

    # Every process has read the whole: each keeps its own rows, and nothing is sent.
    return distribute_tensor(tensor, model.device_mesh, model.placements, src_data_rank=None)
