"""Copies the values of a notebook's names into a source that runs on its own."""

from __future__ import annotations

import ast
import base64
import builtins
import functools
import inspect
import io
import pickle
import pickletools
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from groundup.exercises.extracts import Fragment
from groundup.exercises.program import DISPLAY, SHELL, list_missing
from groundup.plugins.notebook_definitions import (
    find_assignment,
    find_class,
    find_function,
    find_lambda,
    is_of_a_cell,
)

MOST_LETTERS = 10_000
MOST_PICKLED = 2**23
SEARCHED_FIRST = ("numpy", "numpy.linalg", "numpy.random", "scipy.special", "math", "torch", "torch.nn.functional")
_PLAIN = (bool, int, float, complex, str, bytes, tuple, list, dict, set, type(None))
UNPACK = "_bring_along"
_UNPACKING = f"""
def {UNPACK}(packed, *packages):
    import base64, importlib, io, pickle, zlib
    for package in packages:
        importlib.import_module(package)
    class Reader(pickle.Unpickler):
        def persistent_load(self, name):
            return globals()[name]
    return Reader(io.BytesIO(zlib.decompress(base64.b85decode(packed)))).load()
"""


class CannotTake(Exception):  # noqa: N818, told and no fault
    """A value cannot be taken along; the message says why."""


class TooLarge(CannotTake):
    """It has too many bytes."""


def is_own(value: Any) -> bool:
    """Return whether something that can be called was made in this notebook, and not only imported."""
    if isinstance(value, functools.partial):
        return True
    made = value if isinstance(value, FunctionType | type) or hasattr(value, "__wrapped__") else type(value)
    return callable(value) and getattr(made, "__module__", None) == "__main__"


class CellContext:
    """Statements that give a notebook's names their values, each after those that it needs.

    Parameters
    ----------
    namespace : mapping
        The notebook's names.

    Attributes
    ----------
    pieces : list of Fragment
        The statements.
    lost : dict of str to str
        Names that could not be taken along → why.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace
        self.pieces: list[Fragment] = []
        self.lost: dict[str, str] = {SHELL: "only a notebook has it"}
        self._seen: set[str] = set()
        self._being_written: list[str] = []
        self._made: list[tuple[Any, str]] = []

    def take(self, names: Iterable[str]) -> None:
        """Take names along, and what they need; what the notebook does not have is left to the judge to tell."""
        for name in names:
            if name in self._seen or name.startswith("__"):
                continue
            self._seen.add(name)
            if name == DISPLAY and name not in self.namespace:
                self._say(f"{DISPLAY} = print", name)
            # `from numpy import *` gives `sum` another meaning.
            elif name in self.namespace and getattr(builtins, name, self) is not self.namespace[name]:
                self._being_written.append(name)
                try:
                    self._write(name, self.namespace[name])
                except CannotTake as error:
                    self.lost[name] = str(error)
                self._being_written.pop()

    def _say(self, text: str, name: str) -> None:
        self.pieces.append(Fragment(text, label=f" of {name}"))

    def _write(self, name: str, value: Any) -> None:
        """Add the statements that give a name its value.

        Raises
        ------
        CannotTake
            There are none.
        """
        if isinstance(value, ModuleType):
            _check_importable(value.__name__)
            same = value.__name__ == name
            self._say(f"import {value.__name__}" if same else f"import {value.__name__} as {name}", name)
        elif (literal := _write_literal(value)) is not None:
            self._say(f"{name} = {literal}", name)
        elif place := _find_place(name, value):
            _check_importable(place[0])
            self._say(f"from {place[0]} import {place[1]}" + (f" as {name}" if place[1] != name else ""), name)
        elif not (self._write_decorated(name, value) or self._write_function(name, value)):
            if isinstance(value, type) and value.__module__ == "__main__":
                self._write_class(name, value)
            elif _is_named(value):
                self._replay(name, "its code is not known any more")
            else:
                self._pack(name, value)

    def _add(self, text: str, name: str) -> None:
        """Add source of the notebook's own after what it needs."""
        self.take(list_missing(text))
        self._say(text, name)

    def _write_decorated(self, name: str, value: Any) -> bool:
        """Add a function as its decorators have made it; return whether it is one."""
        inside = inspect.unwrap(value) if hasattr(value, "__wrapped__") else None
        found = find_function(inside, decorated=True) if inside is not None and is_of_a_cell(inside) else None
        if found is None or found.name != name or not found.decorated:
            return False
        self._add(found.text, name)
        return True

    def _write_function(self, name: str, value: Any) -> bool:
        """Add a function that a cell made, with what functions around it gave it; return whether it is one."""
        if not is_of_a_cell(value):
            return False
        unknown = "the code of this function is not known any more"
        if value.__name__ == "<lambda>":
            text, own = find_lambda(value.__code__), ""
            if text is None:
                raise CannotTake(unknown)
            text = f"{name} = ({text})"
        else:
            found = find_function(value, decorated=False)
            if found is None:
                raise CannotTake(unknown)
            text, own = found.text, found.name
        cells = dict(zip(value.__code__.co_freevars, value.__closure__ or (), strict=True))
        cells.pop(own, None)
        given = {inner: f"_{inner}_of_{name}" for inner in cells}
        for inner, cell in cells.items():
            try:
                content = cell.cell_contents
            except ValueError:
                raise CannotTake(f"the function around it never gave {inner} a value") from None
            self._write(given[inner], content)
        if given:
            body = f"{ast.unparse(ast.parse(text))}\nreturn {own or name}"
            text = f"def _make_{name}({', '.join(given)}):\n{textwrap.indent(body, '    ')}"
        self._add(text, name)
        if given:
            self._say(f"{name} = _make_{name}({', '.join(given.values())})", name)
        elif own:
            self._rename(own, name, value)
        return True

    def _rename(self, own: str, name: str, value: Any) -> None:
        """Give a definition the notebook's name for it; its own name then means what it means there."""
        if own != name:
            self._say(f"{name} = {own}", name)
        if self.namespace.get(own) is value:
            self._seen.add(own)
        elif own != name and own in self.namespace and own not in self._being_written:
            self._seen.discard(own)
            self.take([own])

    def _write_class(self, name: str, kind: type) -> None:
        found = find_class(kind)
        if found is None:
            made = "was made inside a function" if "<locals>" in kind.__qualname__ else "has a code that is not known"
            self._replay(name, f"this class {made}")
            return
        self._add(found.text, name)
        for attribute, value in found.later.items():
            given = f"_{attribute}_of_{kind.__name__}"
            self._write(given, value)
            self._say(f"{kind.__name__}.{attribute} = {given}", name)
        self._rename(kind.__name__, name, kind)

    def _replay(self, name: str, otherwise: str) -> None:
        """Add the statement that gave a name its value, where that is known."""
        text = find_assignment(name)
        if text is None:
            raise CannotTake(otherwise)
        self._add(text, name)

    def _pack(self, name: str, value: Any) -> None:
        """Add a copy of a value."""
        try:
            packed, packages = _Packer.pack(self, value)
        except CannotTake as error:
            # What runs, or is open, is not what its statement made any more.
            if isinstance(error, TooLarge) or hasattr(value, "__next__") or isinstance(value, io.IOBase):
                raise
            self._replay(name, str(error))
            return
        if UNPACK not in self._seen:
            self._seen.add(UNPACK)
            self.pieces.insert(0, Fragment(_UNPACKING.strip(), label=" of the judge"))
        # The judge loads a library before its limits hold, if it finds the library's name in the source.
        self._say(f"{name} = {UNPACK}({', '.join(map(repr, (packed, *packages)))})", name)

    def name_part(self, part: Any) -> str | None:
        """Return the name under which a part of a value is taken along; None for what a pickle holds itself.

        Raises
        ------
        CannotTake
            It cannot be.
        """
        if isinstance(part, ModuleType):
            return self._hold(part, part.__name__.replace(".", "_"))
        if not isinstance(part, FunctionType | type):
            return None
        if part.__module__ != "__main__":
            _check_importable(part.__module__)
            if isinstance(part, type) or "<" not in part.__qualname__:
                return None
            raise CannotTake(f"a function inside of {part.__module__} cannot be copied")
        own = part.__name__
        if self.namespace.get(own) is part:
            self.take([own])
            if own in self.lost:
                raise CannotTake(self.lost[own])
            return own
        return self._hold(part, own.strip("<>"))

    def _hold(self, part: Any, called: str) -> str:
        """Take along what has no name of its own in the notebook."""
        for known, name in self._made:
            if known is part:
                return name
        name = f"_{called}_{len(self._made)}"
        self._made.append((part, name))
        self._write(name, part)
        return name


class _Packer(pickle.Pickler):
    """Pickles a value; what the notebook itself defines in it is referred to by name."""

    def __init__(self, file: io.BytesIO, context: CellContext) -> None:
        super().__init__(file, protocol=4)
        self.context = context

    @staticmethod
    def pack(context: CellContext, value: Any) -> tuple[str, list[str]]:
        """Return a value as a text, and the packages that reading it imports.

        Raises
        ------
        CannotTake
            It cannot be copied, or is too large.
        """
        file = _Bounded()
        try:
            _Packer(file, context).dump(value)
        except CannotTake:
            raise
        except Exception as error:  # noqa: BLE001 - pickling asks the objects themselves, which may raise anything
            kind = type(value).__name__
            # What inside of it is to blame.
            told = isinstance(error, TypeError | pickle.PicklingError) and f"'{kind}'" not in str(error)
            reason = f": {error}" if told else ""
            raise CannotTake(f"a {kind} cannot be copied into another process{reason}"[:300]) from None
        pickled = file.getvalue()
        return base64.b85encode(zlib.compress(pickled)).decode(), _list_packages(pickled)

    def persistent_id(self, part: Any) -> str | None:
        return self.context.name_part(part)

    def reducer_override(self, part: Any) -> Any:
        """Return how a tensor is made again from numbers: PyTorch's own way opens files."""
        torch = sys.modules.get("torch")
        if torch is None or not isinstance(part, torch.Tensor):
            return NotImplemented
        if part.numel() > MOST_PICKLED // 8:
            raise TooLarge(f"it is too large ({part.numel():,} numbers)")
        if isinstance(part, torch.nn.Parameter):
            return torch.nn.Parameter, (part.detach().clone(), part.requires_grad)
        if part.numel() == 0:
            return functools.partial(torch.empty, dtype=part.dtype), (tuple(part.shape),)
        made = functools.partial(torch.tensor, dtype=part.dtype, requires_grad=part.requires_grad)
        return made, (part.detach().cpu().tolist(),)


def _list_packages(pickled: bytes) -> list[str]:
    """Return the installed packages that a pickle of protocol 4 may name: each is among its short texts."""
    texts = {argument for _, argument, _ in pickletools.genops(pickled) if isinstance(argument, str)}
    loaded = {text.partition(".")[0] for text in texts if text in sys.modules}
    return sorted(loaded - sys.stdlib_module_names - {"__main__"})


class _Bounded(io.BytesIO):
    def write(self, data: Any) -> int:
        if self.tell() + len(data) > MOST_PICKLED:
            raise TooLarge(f"it is larger than {MOST_PICKLED // 2**20} MiB")
        return super().write(data)


def _write_literal(value: Any) -> str | None:
    """Return a plain value as Python writes it; None if it is none."""
    if not isinstance(value, _PLAIN) or type(value).__module__ == "__main__":
        return None
    try:
        text = repr(value)
        return text if len(text) <= MOST_LETTERS and ast.literal_eval(text) == value else None
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _is_named(value: Any) -> bool:
    """Return whether a value is pickled by its name alone: a type variable, a new type."""
    return getattr(value, "__module__", None) == "__main__" and isinstance(getattr(value, "__name__", None), str)


def _find_place(name: str, value: Any) -> tuple[str, str] | None:
    """Return a library's module and the name there that has this very value; None if none has.

    NumPy's functions and many of PyTorch's do not say where they are from.
    """
    told = getattr(value, "__module__", None)
    if told == "__main__" or isinstance(value, _PLAIN):
        return None
    names = [one for one in (getattr(value, "__name__", None), getattr(value, "_name", None), name) if one]
    names = [one for one in dict.fromkeys(names) if isinstance(one, str) and one.isidentifier()]
    first = [told, told.partition(".")[0]] if isinstance(told, str) else []
    for module in dict.fromkeys([*first, *SEARCHED_FIRST, *sorted(sys.modules)]):
        if module.startswith(("__main__", "groundup", "IPython", "_")) and module not in first:
            continue
        held = getattr(sys.modules.get(module), "__dict__", {})
        for one in names:
            if held.get(one) is value:
                return module, one
    return None


def _check_importable(module: str) -> None:
    """Make sure that the judge's process can import a module.

    Raises
    ------
    CannotTake
        It lies beside the notebook, say.
    """
    package = module.partition(".")[0]
    if not _is_importable(package):
        raise CannotTake(f"the module {package} is not installed but lies where only this notebook finds it")


@functools.cache
def _is_importable(package: str) -> bool:
    if package in sys.stdlib_module_names or package in sys.builtin_module_names:
        return True
    # As the judge starts its own process: without this folder, and without what environment variables add.
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=False).returncode == 0
