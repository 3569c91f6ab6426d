"""Everything that training resumes from, in one safetensors file.

One file, because one rename is one instant: weights, optimiser and random state can never be of different steps.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from groundup.base.errors import UserError
from groundup.base.shape import Mismatch, anything, fields, is_number, list_of, number, whole
from groundup.runs.folder import Run
from groundup.runs.reading import FIGURES, MOST_STEPS
from groundup.runs.sharded_tensors import laid_like, own_share
from groundup.runs.tensor_files import AGAIN, REMEDY, Header

STATE = "state.safetensors"


def _may_be_infinite(value: Any, place: str) -> None:
    if not is_number(value) or math.isnan(value):
        raise Mismatch(place, value, "a number")


_PROGRESS = fields(
    {
        "step": whole(0, MOST_STEPS),
        "seconds": number(0),
        "window": list_of(number(), least=3),
        "best": _may_be_infinite,
    },
    {"last": lambda value, place: None if value is None else FIGURES(value, place)},
)


def model_tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return the model's tensors by name; tied weights (two names, one tensor) occur once."""
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
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    Header(Path(source), shapes, {}).require({name: tuple(tensor.shape) for name, tensor in wanted.items()})
    for name, tensor in wanted.items():
        # A weight may be kept in fewer bits; what counts or chooses may not become a weight, nor the other way round.
        alike = tensors[name].is_floating_point() and tensor.is_floating_point()
        if tensors[name].dtype != tensor.dtype and not alike:
            raise UserError(
                f"{source}: the weights do not fit the model: {name} holds {_format_type(tensors[name])}, "
                f"the model needs {_format_type(tensor)}. {REMEDY}"
            )
    with torch.no_grad():
        for name, tensor in wanted.items():
            own_share(tensor).copy_(own_share(laid_like(tensors[name], tensor)))


def _format_type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


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
    """Save everything that training resumes from.

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
        ``None`` if nothing was saved yet.

    Raises
    ------
    UserError
        The file is damaged, or is of another model.
    """
    path = run.path(STATE)
    if not run.has_file(STATE):
        return None
    tensors, notes = run.load_tensors(STATE)
    try:
        weights = {name.removeprefix("model."): tensors[name] for name in tensors if name.startswith("model.")}
        saved = unpack(json.loads(notes["optimizer"]), tensors)
        progress: dict[str, Any] = unpack(json.loads(notes["progress"]), tensors)
        _PROGRESS(progress, "progress")
        random_state = tensors["random.torch"]
        before = torch.get_rng_state()
        if (random_state.dtype, random_state.shape) != (before.dtype, before.shape):
            raise ValueError(f"random.torch has {random_state.numel()} numbers, not {before.numel()} bytes")
        if unsure := next((name for name, tensor in weights.items() if not tensor.isfinite().all()), None):
            raise ValueError(f"{unsure} holds numbers that are not finite")
        load_into(model, weights, str(path))
        _check_optimizer(optimizer, saved)
        optimizer.load_state_dict(saved)
        torch.set_rng_state(random_state)
    except (LookupError, ValueError, TypeError, StopIteration, AttributeError, RuntimeError) as error:
        said = f"it lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UserError(f"{path}: damaged ({said[:200]}). {AGAIN}") from error
    return progress


def _check_optimizer(optimizer: Any, saved: Any) -> None:
    """Refuse a state that the optimiser cannot have saved: its next step would fail, or worse.

    Raises
    ------
    ValueError
        A number is none, or what it remembers of a parameter is of another shape.
    """
    fresh = optimizer.state_dict()
    if "param_groups" not in fresh:
        # What a new one does not have yet, it checks itself.
        open_ones = {name for name, value in fresh.items() if value is None}
        _compare(fresh, {name: None if name in open_ones else value for name, value in saved.items()}, "optimizer")
        return
    fields({"state": anything, "param_groups": list_of(anything)})(saved, "optimizer")
    if len(saved["param_groups"]) != len(fresh["param_groups"]):
        raise ValueError(f"optimizer has {len(saved['param_groups'])} groups, not {len(fresh['param_groups'])}")
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for number_of_group, (kept, group) in enumerate(zip(saved["param_groups"], fresh["param_groups"], strict=True)):
        where = f"optimizer.param_groups[{number_of_group}]"
        fields({"lr": number(), "params": list_of(anything)}, {"initial_lr": number()})(kept, where)
        if kept["params"] != group["params"]:
            raise ValueError(f"{where}.params are other parameters")
        both = [name for name in kept if name in group]  # another PyTorch may know more, or fewer
        _compare({name: group[name] for name in both}, {name: kept[name] for name in both}, where)
        remembered = {place: saved["state"].get(place, {}) for place in group["params"]}
        names = {name for known in remembered.values() for name in known}
        for place, known in remembered.items():
            if known and set(known) != names:
                raise ValueError(f"optimizer.state[{place}] lacks {', '.join(sorted(names - set(known)))}")
            for name, value in known.items():
                _fit_memory(value, parameters[place].shape, name == "step", f"optimizer.state[{place}].{name}")
    if unknown := [place for place in saved["state"] if place not in range(len(parameters))]:
        raise ValueError(f"optimizer.state has a parameter {unknown[0]}")


def _fit_memory(value: Any, shape: torch.Size, counts: bool, where: str) -> None:
    """Refuse a parameter's state unless it has the parameter's shape or is a number of steps."""
    if counts and not isinstance(value, Tensor):
        number(0)(value, where)
    elif not isinstance(value, Tensor) or not value.is_floating_point():
        raise ValueError(f"{where} is no tensor of numbers")
    elif value.shape != (torch.Size() if counts else shape):
        raise ValueError(f"{where} has shape {list(value.shape)}, its parameter {list(shape)}")


def _compare(fresh: Any, saved: Any, place: str) -> None:
    """Refuse a value of another kind than a new optimiser has at the same place; its numbers may differ."""
    if isinstance(fresh, Tensor):
        if not isinstance(saved, Tensor) or saved.shape != fresh.shape or saved.dtype != fresh.dtype:
            raise ValueError(f"{place} is no tensor of shape {list(fresh.shape)}")
    elif isinstance(fresh, dict):
        fields(dict.fromkeys(fresh, anything))(saved, place)
        for name, value in fresh.items():
            _compare(value, saved[name], f"{place}.{name}")
    elif isinstance(fresh, list | tuple):
        if not isinstance(saved, list | tuple) or len(saved) != len(fresh):
            raise ValueError(f"{place} is no list of {len(fresh)}")
        for index, (one, other) in enumerate(zip(fresh, saved, strict=True)):
            _compare(one, other, f"{place}[{index}]")
    elif isinstance(fresh, bool) or fresh is None:
        if saved is not fresh and not (fresh is None and isinstance(saved, bool)):
            raise Mismatch(place, saved, str(fresh))
    elif isinstance(fresh, int | float):
        number()(saved, place)
        if isinstance(fresh, int) and not isinstance(saved, int):
            raise Mismatch(place, saved, "a whole number")
