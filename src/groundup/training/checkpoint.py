"""Everything training goes on from, as one safetensors file.

One file, because one rename is one instant: weights, optimiser and random state can never be of different steps.
"""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import Tensor, nn

from groundup.errors import UserError
from groundup.training.runs import Run
from groundup.training.sharding import laid_like, own_share

STATE = "state.safetensors"


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return the model's tensors by name; a tensor that two names share (tied weights) once."""
    seen: set[int] = set()
    tensors = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if id(tensor) not in seen:
            tensors[name] = tensor
            seen.add(id(tensor))
    return tensors


def load_into(model: nn.Module, tensors: dict[str, Tensor], source: str) -> None:
    """Copy tensors into the model by name.

    Parameters
    ----------
    model : nn.Module
        The model to fill, as its settings built it.
    tensors : dict of str to Tensor
        What `model_tensors` gave for an equal model.
    source : str
        Where the tensors come from, for the error.

    Raises
    ------
    UserError
        A tensor is missing, left over, or of another shape: the weights are of another model.
    """
    wanted = model_tensors(model)
    for name, tensor in wanted.items():
        if name not in tensors:
            raise UserError(f"{source}: the weights do not fit the model: {name} is missing.")
        if tensors[name].shape != tensor.shape:
            raise UserError(
                f"{source}: the weights do not fit the model: {name} has shape {list(tensors[name].shape)}, "
                f"the model needs {list(tensor.shape)}."
            )
    extra = sorted(set(tensors) - set(wanted))
    if extra:
        raise UserError(f"{source}: the weights do not fit the model: it has no {extra[0]}.")
    with torch.no_grad():
        for name, tensor in wanted.items():
            own_share(tensor).copy_(own_share(laid_like(tensors[name], tensor)))


def pack(tree: Any, tensors: dict[str, Tensor], path: str) -> Any:
    """Return ``tree`` as JSON-ready data, its tensors moved into ``tensors`` under names that start with ``path``."""
    if isinstance(tree, Tensor):
        tensors[path] = tree
        return {"tensor": path}
    if isinstance(tree, dict):
        return {"items": [[key, pack(value, tensors, f"{path}.{key}")] for key, value in tree.items()]}
    if isinstance(tree, list | tuple):
        kind = "list" if isinstance(tree, list) else "tuple"
        return {kind: [pack(value, tensors, f"{path}.{place}") for place, value in enumerate(tree)]}
    return {"value": tree}


def unpack(packed: Any, tensors: dict[str, Tensor]) -> Any:
    """Undo `pack`."""
    kind, content = next(iter(packed.items()))
    if kind == "tensor":
        return tensors[content]
    if kind == "items":
        return {key: unpack(value, tensors) for key, value in content}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(unpack(value, tensors) for value in content)
    return content


def save_state(run: Run, model: nn.Module, optimizer: Any, progress: dict[str, Any]) -> None:
    """Save everything training goes on from.

    Parameters
    ----------
    run : Run
        Where to save.
    model : nn.Module
        Its parameters and buffers are saved.
    optimizer : torch.optim.Optimizer or alike
        Its ``state_dict()`` is saved.
    progress : dict
        JSON-ready values and tensors: the step and running figures.
    """
    tensors = {f"model.{name}": tensor for name, tensor in model_tensors(model).items()}
    tensors["random.torch"] = torch.get_rng_state()
    notes = {
        "optimizer": json.dumps(pack(optimizer.state_dict(), tensors, "optimizer")),
        "progress": json.dumps(pack(progress, tensors, "progress")),
        "step": str(progress["step"]),
    }
    run.save_tensors(STATE, tensors, notes)


def restore_state(run: Run, model: nn.Module, optimizer: Any) -> dict[str, Any] | None:
    """Put model, optimiser and torch's random state back; return the progress saved with them.

    Returns
    -------
    dict or None
        ``None`` where nothing was saved yet.

    Raises
    ------
    UserError
        The file is damaged, or is of another model.
    """
    path = run.path(STATE)
    if not path.is_file():
        return None
    tensors, notes = run.load_tensors(STATE)
    try:
        weights = {name.removeprefix("model."): tensors[name] for name in tensors if name.startswith("model.")}
        optimizer_state = unpack(json.loads(notes["optimizer"]), tensors)
        progress: dict[str, Any] = unpack(json.loads(notes["progress"]), tensors)
        random_state = tensors["random.torch"]
    except (KeyError, ValueError, StopIteration, AttributeError) as error:
        raise UserError(f"{path}: damaged ({error!r}). Train the run again under another name.") from error
    load_into(model, weights, str(path))
    optimizer.load_state_dict(optimizer_state)
    torch.set_rng_state(random_state)
    return progress
