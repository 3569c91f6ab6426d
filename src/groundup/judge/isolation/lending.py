"""What the course's own site has at hand, and an answer may use without importing it; and stand-ins for what is absent.

It runs in the answer's process and imports nothing of this package.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_TYPING = (
    "Any Callable DefaultDict Deque Dict FrozenSet Generator Generic Iterable Iterator List Literal Mapping NamedTuple "
    "Optional Sequence Set Tuple Type TypeVar Union"
)
_ITERTOOLS = "accumulate chain combinations count cycle groupby islice pairwise permutations product repeat zip_longest"
_MATH = "ceil cos exp floor gcd inf isclose log log2 pi prod sin sqrt tanh"
# Name → module and what of it, or the module itself.
USUAL: dict[str, tuple[str, str]] = {
    **{
        name: (name, "")
        for name in [
            "bisect",
            "collections",
            "copy",
            "functools",
            "heapq",
            "itertools",
            "json",
            "math",
            "operator",
            "random",
            "re",
            "string",
            "time",
            "typing",
            "numpy",
            "torch",
        ]
    },
    **{name: ("typing", name) for name in _TYPING.split()},
    **{
        name: ("collections", name)
        for name in ["ChainMap", "Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"]
    },
    **{name: ("functools", name) for name in ["cache", "cmp_to_key", "lru_cache", "partial", "reduce"]},
    **{name: ("itertools", name) for name in _ITERTOOLS.split()},
    **{name: ("heapq", name) for name in ["heapify", "heappop", "heappush", "nlargest", "nsmallest"]},
    **{name: ("bisect", name) for name in ["bisect_left", "bisect_right", "insort"]},
    **{name: ("math", name) for name in _MATH.split()},
    "dataclass": ("dataclasses", "dataclass"),
    "deepcopy": ("copy", "deepcopy"),
    "np": ("numpy", ""),
    "NDArray": ("numpy.typing", "NDArray"),
    "nn": ("torch.nn", ""),
    "F": ("torch.nn.functional", ""),
    "optim": ("torch.optim", ""),
    "Tensor": ("torch", "Tensor"),
    "TensorType": ("torchtyping", "TensorType"),
    "pd": ("pandas", ""),
    "plt": ("matplotlib.pyplot", ""),
}
# Of these an answer may import whatever is installed. They are loaded before its limits begin: what they open, ask the
# system and start as they load is theirs, and so is the time.
LIBRARIES = frozenset(
    [
        "beartype",
        "einops",
        "jax",
        "jaxtyping",
        "matplotlib",
        "numba",
        "numpy",
        "pandas",
        "PIL",
        "scipy",
        "seaborn",
        "sklearn",
        "statsmodels",
        "sympy",
        "torch",
        "torchtyping",
        "torchvision",
        "tqdm",
        "typeguard",
    ]
)


class _Anything(type):
    """A class that can be subscripted, called in a subscript, and asked for anything, as types in annotations are."""

    def __getitem__(cls, item: Any) -> type:
        return cls

    def __or__(cls, other: Any) -> Any:
        return cls

    __ror__ = __or__

    def __instancecheck__(cls, instance: Any) -> bool:
        torch = sys.modules.get("torch")
        return torch is not None and isinstance(instance, torch.Tensor)


class TensorType(metaclass=_Anything):
    """Stands in for torchtyping's type, which says of a tensor's shape what no one checks here."""


def stand_in_for_torchtyping() -> None:
    """Put a stand-in in the place of torchtyping where it is not installed, or does not load."""
    try:
        import torchtyping  # type: ignore[import-not-found]  # noqa: F401
    except BaseException:  # noqa: BLE001 - it is known to fail beside newer releases of PyTorch, and then with errors of any kind
        module = ModuleType("torchtyping")
        module.TensorType = TensorType  # type: ignore[attr-defined]
        module.patch_typeguard = lambda *_, **__: None  # type: ignore[attr-defined]
        for name in ("TensorDetail", "ShapeDetail", "DtypeDetail", "LayoutDetail"):
            setattr(module, name, type(name, (), {}))
        module.is_float = module.is_named = None  # type: ignore[attr-defined]
        sys.modules["torchtyping"] = module


class Absent(ModuleType):
    """Stands in for a library that is not installed, as long as nothing of it is used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentThing(self.__name__, f"{self.__name__}.{name}")


class _AbsentThing:
    """A name of an absent library: it may stand in annotations, and fails where it is used."""

    def __init__(self, library: str, name: str) -> None:
        self._library, self._name = library, name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _AbsentThing(self._library, f"{self._name}.{name}")

    def __getitem__(self, item: Any) -> Any:
        return self

    def __or__(self, other: Any) -> Any:
        return self

    __ror__ = __or__

    def __call__(self, *_: Any, **__: Any) -> Any:
        root = self._library.partition(".")[0]
        raise ModuleNotFoundError(f"{self._name} is used, but {root} is not installed here", name=root)


def load_libraries(names: list[str]) -> None:
    """Import modules that an answer will import, those that are installed."""
    for name in names:
        if name.partition(".")[0] not in LIBRARIES:
            continue
        if name.partition(".")[0] == "torchtyping":
            stand_in_for_torchtyping()
            continue
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: BLE001 - an import may raise anything
            continue  # the answer's own import will tell


def lend(names: list[str]) -> dict[str, Any]:
    """Return the usual names among some, and what they stand for; those that cannot be had are left out."""
    lent = {}
    for name in names:
        module_name, part = USUAL.get(name, ("", ""))
        if module_name == "torchtyping":
            stand_in_for_torchtyping()
        try:
            module = importlib.import_module(module_name) if module_name else None
            if module is not None:
                lent[name] = getattr(module, part) if part else module
        except Exception:  # noqa: BLE001 - an import may raise anything
            continue
    return lent


def write_import(name: str) -> str:
    """Return the statement that a file of one's own would begin with.

    Examples
    --------
    >>> write_import("np"), write_import("List")
    ('import numpy as np', 'from typing import List')
    """
    module, part = USUAL[name]
    if part:
        return f"from {module} import {part}"
    return f"import {module}" if module == name else f"import {module} as {name}"


def allow_absence(source_names: set[str]) -> set[str]:
    """Put stand-ins in the place of libraries that are not installed; return which.

    Parameters
    ----------
    source_names : set of str
        What a file imports: the modules' full names.
    """
    absent = set()
    for name in sorted(source_names):
        root = name.partition(".")[0]
        if root in sys.modules and not isinstance(sys.modules[root], Absent):
            continue
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:end]), Absent(".".join(parts[:end])))
        absent.add(root)
    return absent
