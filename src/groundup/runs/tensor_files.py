"""Reads safetensors files, even damaged ones: an error says in one line what is wrong, before anything is built."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from groundup.base.errors import UserError
from groundup.base.writing import explain_read_error

AGAIN = "Train the run again under another name."
REMEDY = "Put the right file back, or train again with another --run."


@dataclass(frozen=True)
class Header:
    """The header of a safetensors file.

    Attributes
    ----------
    path : Path
        The file.
    shapes : dict
        Tensor → its shape.
    notes : dict
        The texts beside them.
    """

    path: Path
    shapes: dict[str, tuple[int, ...]]
    notes: dict[str, str]

    def count(self) -> int:
        """Return how many numbers the file holds."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def refuse_larger(self, numbers: int) -> None:
        """Refuse a model with many more numbers than the file, before it is built and fills the memory.

        Parameters
        ----------
        numbers : int
            How many the model has. Those that a learner's own part keeps otherwise may differ somewhat.

        Raises
        ------
        UserError
            It has.
        """
        if numbers > 2 * self.count() + 10_000:
            raise UserError(
                f"{self.path}: the weights do not fit the model: it would have {numbers:,} numbers, and "
                f"{self.count():,} are there. {REMEDY}"
            )

    def require(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Refuse a file whose tensors have other names or shapes than these.

        Raises
        ------
        UserError
            One is missing, left over, or of another shape.
        """
        for name, shape in shapes.items():
            if name not in self.shapes:
                raise UserError(f"{self.path}: the weights do not fit the model: {name} is missing. {REMEDY}")
            if self.shapes[name] != shape:
                raise UserError(
                    f"{self.path}: the weights do not fit the model: {name} has shape {list(self.shapes[name])}, "
                    f"the model needs {list(shape)}. {REMEDY}"
                )
        extra = sorted(set(self.shapes) - set(shapes))
        if extra:
            raise UserError(f"{self.path}: the weights do not fit the model: it has no {extra[0]}. {REMEDY}")


def read_header(path: Path, again: str = AGAIN) -> Header:
    """Read the header of a file; a truncated file is noticed.

    Raises
    ------
    UserError
        The file is missing or damaged, or may not be read.
    """
    with _told(path, again), safe_open(path, framework="pt") as file:
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118, it is no dict
        return Header(path, shapes, dict(file.metadata() or {}))


def read_tensors(path: Path, finite: bool = False, again: str = AGAIN) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read a file's tensors and the texts beside them.

    Parameters
    ----------
    path : Path
        The file.
    finite : bool
        Whether to refuse NaN and infinity.
    again : str
        What to do where it is damaged.

    Raises
    ------
    UserError
        As of `read_header`; or a number is not finite.
    """
    with _told(path, again), safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no dict
        notes = dict(file.metadata() or {})
    for name, tensor in tensors.items() if finite else ():
        if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
            raise UserError(f"{path}: damaged ({name} holds numbers that are not finite). {again}")
    return tensors, notes


@contextmanager
def _told(path: Path, again: str) -> Iterator[None]:
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"{path}: damaged (no plain file). {again}")
        path.open("rb").close()  # safetensors says of what may not be read that it is not there
    except FileNotFoundError as error:
        raise UserError(f"{path}: damaged (it is missing). {again}") from error
    except OSError as error:
        raise explain_read_error(path, error, again) from error
    try:
        yield
    except (SafetensorError, OSError, ValueError, TypeError, RuntimeError, KeyError, AttributeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(f"{path}: damaged (it is cut short or overwritten: {reason[:200]}). {again}") from error
