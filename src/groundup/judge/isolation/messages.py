"""Values as bytes, between the judge and the process that runs an answer. Never pickle: the other side is not trusted.

A message is a length, a JSON tree, and the raw bytes of its arrays one after another. Lists, tuples, dictionaries,
text, numbers, NumPy arrays and PyTorch tensors go through unchanged; of anything else only its type's name does.

This file and `child` import nothing of this package, so that an answer finds no reference in its process.
"""

from __future__ import annotations

import json
import math
import struct
import sys
from dataclasses import dataclass
from typing import Any, NoReturn

# Of a message: a tree of 4 MiB becomes a hundred times that in Python's objects, arrays stay as large as they are.
MOST_TREE_BYTES = 4 * 2**20
MOST_ARRAY_BYTES = 64 * 2**20
MOST_PARTS = 100_000
DEEPEST = 20
_HEAD = struct.Struct("!QQ")


class MessageError(Exception):
    """What came through is no message."""


@dataclass(frozen=True)
class Opaque:
    """A value that cannot go through: only the name of its type did.

    Attributes
    ----------
    type_name : str
        As Python writes it, or what is the matter with the value, in words.
    """

    type_name: str

    def describe(self) -> str:
        """Return what it is, with an article.

        Examples
        --------
        >>> Opaque("generator").describe(), Opaque("a value of 90 MB").describe()
        ('a generator', 'a value of 90 MB')
        """
        if self.type_name.startswith(("a ", "an ", "something ")):
            return self.type_name
        return f"{'an' if self.type_name[:1].lower() in 'aeiou' else 'a'} {self.type_name}"


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
    """Return a value as one message.

    Raises
    ------
    MessageError
        It is larger than a message may be.
    """
    arrays = _Arrays()
    tree = json.dumps(_flatten(value, arrays, 0)).encode()
    if len(tree) > MOST_TREE_BYTES:
        raise MessageError(f"a value of {len(tree) / 1e6:.0f} MB")
    return _HEAD.pack(len(tree), arrays.size) + tree + b"".join(arrays.parts)


def unpack(message: bytes) -> Any:
    """Return the value of a message.

    Raises
    ------
    MessageError
        It is none.
    """
    try:
        tree_length, _ = _HEAD.unpack_from(message)
        start = _HEAD.size + tree_length
        return _restore(json.loads(message[_HEAD.size : start]), memoryview(message)[start:], 0)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, struct.error, RecursionError) as error:
        raise MessageError(f"no message: {error}") from None


def measure(head: bytes) -> int:
    """Return how many bytes follow a message's first `HEAD_BYTES`.

    Raises
    ------
    MessageError
        More than `MOST_TREE_BYTES`, or arrays of more than `MOST_ARRAY_BYTES`.
    """
    tree_length, body_length = _HEAD.unpack(head)
    if tree_length > MOST_TREE_BYTES or body_length > MOST_ARRAY_BYTES:
        raise MessageError(f"a message of {tree_length + body_length} bytes")
    return int(tree_length + body_length)


HEAD_BYTES = _HEAD.size


class _Arrays:
    """The bytes of a message's arrays, one after another, and how many parts its tree has so far."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.count = 0

    def put(self, kind: str, array: Any) -> Any:
        """Add an array; return what stands for it in the tree."""
        if array.dtype.kind not in "biufc":
            return {"opaque": f"array of {array.dtype}"}
        start, size = self.size, int(array.size) * int(array.dtype.itemsize)
        # An array that repeats one number by strides is small until it is written out.
        if start + size > MOST_ARRAY_BYTES:
            raise MessageError(f"a value of {(start + size) / 1e6:.0f} MB")
        self.parts.append(array.tobytes())
        self.size += len(self.parts[-1])
        return {kind: [array.dtype.str, list(array.shape), start]}


def _flatten(value: Any, arrays: _Arrays, depth: int) -> Any:
    # The type, never `__class__` or a method of the value: a learner's object may say of itself what it likes.
    kind = type(value)
    arrays.count += 1
    if arrays.count > MOST_PARTS:
        raise MessageError(f"a value of more than {MOST_PARTS:,} parts")
    if depth > DEEPEST:
        return {"opaque": "something nested too deeply"}
    if value is None or kind is bool or kind is str:
        return value
    if kind is float:
        return {"float": value.hex()}
    if kind is Handle:
        return {"handle": value.number}
    if (known := _flatten_array(value, kind, arrays)) is not None:
        return known
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, float):
        return {"float": float.hex(value)}
    if issubclass(kind, int):
        whole = int.__index__(value)
        if whole.bit_length() < 10_000:
            return {"int": int.__repr__(whole)}
        return {"opaque": "an integer of thousands of digits"}
    if issubclass(kind, dict):
        return {"dict": [_flatten(part, arrays, depth + 1) for pair in dict.items(value) for part in pair]}
    for base in (list, tuple):
        if issubclass(kind, base):
            return {base.__name__: [_flatten(part, arrays, depth + 1) for part in base.__iter__(value)]}
    return {"opaque": value.type_name if kind is Opaque else kind.__name__}


def _flatten_array(value: Any, kind: type, arrays: _Arrays) -> Any:
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if torch is not None and issubclass(kind, torch.Tensor):
        value = value.detach()
        if value.dtype is torch.bfloat16 or value.layout is not torch.strided or value.is_meta:
            return {"opaque": f"Tensor of {value.dtype}, {value.layout}"}
        if value.numel() * value.element_size() > MOST_ARRAY_BYTES:
            raise MessageError(f"a value of {value.numel() * value.element_size() / 1e6:.0f} MB")
        return arrays.put("tensor", value.cpu().resolve_conj().resolve_neg().contiguous().numpy())
    if numpy is not None and issubclass(kind, numpy.generic) and not issubclass(kind, str):
        return arrays.put("scalar", numpy.asarray(value))
    if numpy is not None and issubclass(kind, numpy.ndarray) and value.dtype.kind in "biufc":
        return arrays.put("array", value)
    return None


def _refuse(text: str) -> NoReturn:
    raise MessageError(text)


def _restore(tree: Any, body: memoryview, depth: int) -> Any:
    if depth > DEEPEST + 1:
        raise MessageError("nested too deeply")
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
    parts = [_restore(part, body, depth + 1) for part in inner]
    if kind == "dict":
        return dict(zip(parts[::2], parts[1::2], strict=True))
    return parts if kind == "list" else tuple(parts) if kind == "tuple" else _refuse(f"no kind: {kind}")


def _restore_array(kind: str, inner: Any, body: memoryview) -> Any:
    import numpy as np

    dtype, shape, start = inner
    dtype = np.dtype(dtype)
    if dtype.kind not in "biufc":
        raise MessageError(f"no number type: {dtype}")
    count = math.prod(map(int, shape))
    if not 0 <= start <= start + count * dtype.itemsize <= len(body):
        raise MessageError("an array larger than its message")
    array = np.empty(shape, dtype)
    if count:
        array[...] = np.frombuffer(body, dtype, count, start).reshape(shape)
    if kind == "scalar":
        return array[()]
    if kind == "array":
        return array
    import torch

    return torch.from_numpy(array)
