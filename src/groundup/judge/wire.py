"""Values as bytes, between the judge and the process that runs an answer. Never pickle: the other side is not trusted.

A message is a length, a JSON tree, and the raw bytes of its arrays one after another. Lists, tuples, dictionaries,
text, numbers, NumPy arrays and PyTorch tensors go through unchanged; of anything else only its type's name does.

This file and `child` import nothing of this package, so that an answer finds no reference in its process.
"""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

MOST_BYTES = 256 * 2**20
DEEPEST = 20
_HEAD = struct.Struct("!QQ")


class WireError(Exception):
    """What came through is no message."""


@dataclass(frozen=True)
class Opaque:
    """A value that cannot go through: only the name of its type did.

    Attributes
    ----------
    type_name : str
        As Python writes it.
    """

    type_name: str


@dataclass(frozen=True)
class Handle:
    """An object that stays in the answer's process: a model that was built there, for example.

    Attributes
    ----------
    number : int
        Under which it is kept.
    """

    number: int


def pack(value: Any) -> bytes:
    """Return a value as one message."""
    arrays: list[bytes] = []
    tree = json.dumps(_flatten(value, arrays, 0)).encode()
    body = b"".join(arrays)
    return _HEAD.pack(len(tree), len(body)) + tree + body


def unpack(message: bytes) -> Any:
    """Return the value of a message.

    Raises
    ------
    WireError
        It is none.
    """
    try:
        tree_length, _ = _HEAD.unpack_from(message)
        start = _HEAD.size + tree_length
        return _restore(json.loads(message[_HEAD.size : start]), memoryview(message)[start:])
    except (ValueError, TypeError, KeyError, AttributeError, struct.error, RecursionError) as error:
        raise WireError(f"no message: {error}") from None


def measure(head: bytes) -> int:
    """Return how many bytes follow a message's first `HEAD_BYTES`.

    Raises
    ------
    WireError
        More than `MOST_BYTES`.
    """
    tree_length, body_length = _HEAD.unpack(head)
    if tree_length + body_length > MOST_BYTES:
        raise WireError(f"a message of {tree_length + body_length} bytes")
    return int(tree_length + body_length)


HEAD_BYTES = _HEAD.size


def _flatten(value: Any, arrays: list[bytes], depth: int) -> Any:
    kind = type(value)
    if depth > DEEPEST:
        return {"opaque": "something nested too deeply"}
    if value is None or kind in (bool, str):
        return value
    if kind is int:
        return {"int": str(value)} if value.bit_length() < 10_000 else {"opaque": "an integer of thousands of digits"}
    if kind is float:
        return {"float": value.hex()}
    if kind in (list, tuple, dict):
        parts = [item for pair in value.items() for item in pair] if kind is dict else value
        return {kind.__name__: [_flatten(part, arrays, depth + 1) for part in parts]}
    if kind is Handle:
        return {"handle": value.number}
    return _flatten_array(value, arrays)


def _flatten_array(value: Any, arrays: list[bytes]) -> Any:
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach()
        if value.dtype is torch.bfloat16 or value.layout is not torch.strided or value.is_meta:
            return {"opaque": f"Tensor of {value.dtype}, {value.layout}"}
        return _put("tensor", value.cpu().resolve_conj().resolve_neg().contiguous().numpy(), arrays)
    if numpy is not None and isinstance(value, numpy.generic):
        return _put("scalar", numpy.asarray(value), arrays)
    if numpy is not None and isinstance(value, numpy.ndarray) and value.dtype.kind in "biufc":
        return _put("array", value, arrays)
    return {"opaque": type(value).__name__}


def _put(kind: str, array: Any, arrays: list[bytes]) -> Any:
    if array.dtype.kind not in "biufc":
        return {"opaque": f"array of {array.dtype}"}
    start = sum(map(len, arrays))
    arrays.append(array.tobytes())
    return {kind: [array.dtype.str, list(array.shape), start]}


def _refuse(text: str) -> NoReturn:
    raise WireError(text)


def _restore(tree: Any, body: memoryview) -> Any:
    if tree is None or isinstance(tree, bool | str):
        return tree
    ((kind, inner),) = tree.items()
    if kind == "int":
        return int(inner)
    if kind == "float":
        return float.fromhex(inner)
    if kind == "opaque":
        return Opaque(str(inner))
    if kind == "handle":
        return Handle(int(inner))
    if kind in ("array", "tensor", "scalar"):
        return _restore_array(kind, inner, body)
    parts = [_restore(part, body) for part in inner]
    if kind == "dict":
        return dict(zip(parts[::2], parts[1::2], strict=True))
    return parts if kind == "list" else tuple(parts) if kind == "tuple" else _refuse(f"no kind: {kind}")


def _restore_array(kind: str, inner: Any, body: memoryview) -> Any:
    import numpy as np

    dtype, shape, start = inner
    dtype = np.dtype(dtype)
    if dtype.kind not in "biufc":
        raise WireError(f"no number type: {dtype}")
    count = int(np.prod(shape, dtype=np.int64))
    array = np.empty(shape, dtype)
    if count:
        array[...] = np.frombuffer(body, dtype, count, start).reshape(shape)
    if kind == "scalar":
        return array[()]
    if kind == "array":
        return array
    import torch

    return torch.from_numpy(array)
