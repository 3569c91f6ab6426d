"""Runs the functions and classes of one namespace: a learner's file in its own process, or the reference beside it.

Both sides run through this one class, so that what is compared was asked for in the same way. It imports nothing of
this package but `messages` and `lending`, and PyTorch and NumPy only where the namespace has them.
"""

from __future__ import annotations

import contextlib
import copy
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from groundup.judge.isolation.lending import allow_absence, lend
from groundup.judge.isolation.messages import Handle, pack

FILE = "<answer>"
CALLS = 5
MEASURING_SECONDS = 1.0
MOST_LOADS = 12


class Missing(Exception):
    """The namespace has no function or class of any of the names asked for."""


class Runner:
    """Answers requests about one namespace.

    Parameters
    ----------
    namespace : dict
        Names → functions and classes. A class ``Solution`` lends its methods.
    watch : callable, optional
        Returns what to run each request in: a context manager.
    """

    def __init__(
        self, namespace: dict[str, Any], watch: Callable[[], AbstractContextManager[Any]] = nullcontext
    ) -> None:
        self.namespace = namespace
        self.watch = watch
        self.kept: dict[int, Any] = {}

    def perform(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks; return ``{"value", "seconds", "changed"}`` or ``{"raised", …}``.

        Parameters
        ----------
        request : dict
            ``do``: the name of a method below; ``with``: its arguments; ``seed``: for every random number generator.
        """
        started = time.perf_counter()
        try:
            seed_everything(request.get("seed", 0))
            # What it costs is measured without anybody looking.
            with nullcontext() if request["do"] == "measure" else self.watch():
                value = getattr(self, "do_" + request["do"])(*request["with"])
        except Missing as missing:
            return {"missing": str(missing)}
        except BaseException as error:  # noqa: BLE001 - a learner's code may raise anything, SystemExit too
            return describe(error)
        return {"value": value, "seconds": time.perf_counter() - started}

    def find(self, names: list[str]) -> Any:
        """Return the first of ``names`` that is a method of ``Solution`` or a name of the file.

        Raises
        ------
        Missing
            None is.
        """
        solution = self.namespace.get("Solution")
        for name in names:
            if isinstance(solution, type) and callable(getattr(solution, name, None)):
                return getattr(solution(), name)
            if callable(self.namespace.get(name)):
                return self.namespace[name]
        raise Missing(names[0])

    def take(self, arguments: Any) -> Any:
        """Put kept objects in the place of their handles."""
        if isinstance(arguments, Handle):
            return self.kept[arguments.number]
        if type(arguments) in (list, tuple):
            return type(arguments)(self.take(item) for item in arguments)
        return arguments

    def keep(self, thing: Any) -> Handle:
        """Keep an object; return its handle."""
        self.kept[len(self.kept)] = thing
        return Handle(len(self.kept) - 1)

    def do_has(self, names: list[str]) -> bool:
        """Tell whether one of ``names`` can be called."""
        try:
            self.find(names)
        except Missing:
            return False
        return True

    def do_call(self, names: list[str], arguments: tuple[Any, ...]) -> dict[str, Any]:
        """Call a function; tell what it returned and which arguments it changed."""
        function = self.find(names)
        arguments = self.take(arguments)
        before = [write_changeable(argument) for argument in arguments]
        result = function(*arguments)
        changed = [
            place
            for place, (old, argument) in enumerate(zip(before, arguments, strict=True))
            if old is not None and write_changeable(argument) != old
        ]
        return {"result": result, "changed": changed}

    def do_measure(
        self, names: list[str], sizes: tuple[Any, ...] | None, arguments: tuple[Any, ...]
    ) -> tuple[float, float]:
        """Return the seconds of the fastest of several calls, and the most megabytes in use during a call."""
        function = self.find(names)
        if sizes is not None:
            function = function(*self.take(sizes))
            if hasattr(function, "eval"):
                function.eval()
        taken = self.take(arguments)
        before = start_peak()
        times = []
        for _ in range(CALLS):
            copied = copy.deepcopy(taken)
            started = time.perf_counter()
            function(*copied)
            times.append(time.perf_counter() - started)
            if sum(times) > MEASURING_SECONDS:
                break
        return min(times), read_peak(before)

    def do_largest(self, names: list[str], arguments: tuple[Any, ...]) -> dict[str, int]:
        """Call a function; return the most values in any tensor that PyTorch's functions make for it."""
        function = self.find(names)
        taken = self.take(arguments)
        largest = {"floats": 0, "others": 0}

        def note(made: Any) -> None:
            for one in made if isinstance(made, tuple | list) else [made]:
                if hasattr(one, "untyped_storage"):
                    kind = "floats" if one.is_floating_point() else "others"
                    # Of a view it is what lies under it that takes the memory.
                    count = one.untyped_storage().nbytes() // one.element_size()
                    largest[kind] = max(largest[kind], count)

        with make_watch(note):
            function(*taken)
        return largest

    def do_make(self, names: list[str], arguments: tuple[Any, ...]) -> Handle:
        """Build an object of a class; keep it."""
        return self.keep(self.find(names)(*self.take(arguments)))

    def do_given(self, source: str, arguments: tuple[Any, ...]) -> Handle:
        """Run the judge's own source, which defines ``make``; keep what ``make(*arguments)`` returns."""
        namespace: dict[str, Any] = {}
        exec(compile(source, "<given>", "exec"), namespace)
        return self.keep(namespace["make"](*self.take(arguments)))

    def do_method(self, handle: Handle, names: list[str], arguments: tuple[Any, ...]) -> Any:
        """Call a kept object (``names`` empty) or the first method it has of ``names``."""
        thing = self.take(handle)
        if not names:
            return thing(*self.take(arguments))
        for name in names:
            if callable(getattr(thing, name, None)):
                return getattr(thing, name)(*self.take(arguments))
        raise Missing(f"{type(thing).__name__}.{names[0]}")

    def do_parameters(self, handle: Handle) -> list[tuple[str, Any, str]]:
        """Return name, value and owner's class of every weight of a kept module."""
        model = self.take(handle)
        found = []
        for name, value in model.named_parameters():
            owner = model.get_submodule(name.rpartition(".")[0])
            found.append((name, value, type(owner).__name__))
        return found

    def do_fill(self, handle: Handle, values: dict[str, Any]) -> None:
        """Give weights of a kept module new values."""
        import torch

        parameters = dict(self.take(handle).named_parameters())
        with torch.no_grad():
            for name, value in values.items():
                parameters[name].copy_(value)

    def do_mode(self, handle: Handle, training: bool) -> None:
        """Switch a kept module to training or evaluation."""
        self.take(handle).train(training)

    def do_gradients(self, handle: Handle, arguments: tuple[Any, ...], weights: Any) -> dict[str, Any]:
        """Return output and the gradients of ``Σ output · weights``, by weight's name and by argument's place."""
        import torch

        model = self.take(handle)
        taken = [
            value.clone().requires_grad_() if isinstance(value, torch.Tensor) and value.is_floating_point() else value
            for value in self.take(arguments)
        ]
        model.zero_grad(set_to_none=True)
        output = first_output(model(*taken))
        if not isinstance(output, torch.Tensor) or not output.requires_grad or output.shape != weights.shape:
            return {"output": output, "connected": False, "weights": {}, "inputs": {}}
        (output * weights).sum().backward()
        return {
            "output": output,
            "connected": True,
            "weights": {name: value.grad for name, value in model.named_parameters()},
            "inputs": {
                str(place): value.grad
                for place, value in enumerate(taken)
                if isinstance(value, torch.Tensor) and value.requires_grad
            },
        }

    def do_reached(self, handle: Handle, arguments: tuple[Any, ...]) -> list[str] | None:
        """Return the names of the weights that a kept module's output depends on; None if that cannot be found."""
        import torch

        model = self.take(handle)
        model.zero_grad(set_to_none=True)
        output = first_output(model(*self.take(arguments)))
        if not isinstance(output, torch.Tensor) or not output.requires_grad:
            return None
        output.sum().backward()
        return [name for name, value in model.named_parameters() if value.grad is not None]

    def do_function_gradients(
        self, names: list[str], arguments: tuple[Any, ...], along: list[int], seed: int
    ) -> dict[str, Any]:
        """Return the gradients of ``Σ result · random weights`` along some arguments of a function."""
        import torch

        function, arguments = self.find(names), self.take(arguments)
        leaves = {place: arguments[place].clone().requires_grad_() for place in along}
        # As in a model, where an argument comes out of a layer before: what is computed may be changed in place.
        given = [leaves[place] * 1 if place in leaves else value for place, value in enumerate(arguments)]
        result = function(*given)
        kind = type(result).__name__
        if not isinstance(result, torch.Tensor) or not result.requires_grad:
            return {"kind": kind, "connected": False, "gradients": {}}
        weights = torch.randn(result.shape, generator=torch.Generator().manual_seed(seed))
        (result * weights).sum().backward()
        return {"kind": kind, "connected": True, "gradients": {str(place): leaf.grad for place, leaf in leaves.items()}}


def make_watch(note: Callable[[Any], None]) -> AbstractContextManager[Any]:
    """Return a context in which ``note`` is told what PyTorch's functions and its tensors' methods return."""
    from torch.overrides import TorchFunctionMode

    class Watch(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, arguments: Any = (), named: Any = None) -> Any:
            made = function(*arguments, **(named or {}))
            note(made)
            return made

    return Watch()


def first_output(output: Any) -> Any:
    """Return what is judged of a module's output: of a tuple the first thing, which a cache may stand beside."""
    return output[0] if isinstance(output, tuple) and output else output


def write_changeable(value: Any) -> Any:
    """Return what a call could change of a value, in a form that tells it from any other; None of what it could not."""
    tensor = sys.modules.get("torch")
    kind = type(value)
    if kind.__name__ == "ndarray" and value.dtype.kind in "biufc":
        # As `pack` writes it, which goes through text for what is around the numbers.
        return value.dtype.str, value.shape, value.tobytes()
    if tensor is not None and kind is tensor.Tensor and value.is_cpu and value.dtype in (tensor.float32, tensor.int64):
        array = value.detach().numpy()
        return array.dtype.str, array.shape, array.tobytes()
    if isinstance(value, list | dict) or kind.__name__ == "ndarray":
        return pack(value)
    return pack(value) if tensor is not None and isinstance(value, tensor.Tensor) else None


def start_peak() -> int:
    """Let the system count the most memory in use from now on; return what is in use, in bytes."""
    if _peak_files or open_peak():
        os.write(_peak_files[0], b"5")
    return _read_status("VmRSS")


def open_peak() -> bool:
    """Open what resets the count of memory in use; return whether the system has it."""
    with contextlib.suppress(OSError):
        _peak_files.append(os.open("/proc/self/clear_refs", os.O_WRONLY))
    return bool(_peak_files)


_peak_files: list[int] = []


def read_peak(before: int) -> float:
    """Return the most megabytes in use since `start_peak`, above what was in use then."""
    return max(0, _read_status("VmHWM") - before) / 1e6


def _read_status(name: str) -> int:
    try:
        with open("/proc/self/status") as file:
            line = next(line for line in file if line.startswith(name))
    except (OSError, StopIteration):
        return 0  # not Linux: memory is not told
    return 1024 * int(line.split()[1])


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's generators, those that are loaded."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        # `torch.manual_seed` also sees to devices that no answer runs on, which takes 40 times as long.
        sys.modules["torch"].default_generator.manual_seed(seed)


def describe(error: BaseException) -> dict[str, Any]:
    """Return an error as data: its type, text, and the last line of the answer it went through."""
    try:
        return _describe(error)
    except BaseException:  # noqa: BLE001 - a learner's code may raise anything, SystemExit too
        # An error of the learner's own making, whose text cannot be had.
        return {"raised": "Exception", "text": "", "line": None, "source": "", "function": ""}


def _describe(error: BaseException) -> dict[str, Any]:
    line, source, function = None, "", ""
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_filename == FILE:
            line, function = traceback.tb_lineno, code.co_name
        traceback = traceback.tb_next
    if isinstance(error, SyntaxError) and error.filename == FILE:
        line, source = error.lineno, (error.text or "").strip()
    # NumPy has a class of its own for it, whose name says less.
    kind = "MemoryError" if isinstance(error, MemoryError) else type(error).__name__
    return {"raised": str(kind)[:80], "text": str(error)[:500], "line": line, "source": source, "function": function}


def load(
    source: Any, borrowed: list[str], imports: list[str], stars: bool, helpers: dict[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a file's source as a module of its own.

    Parameters
    ----------
    source : str or ast.Module
        The file.
    borrowed : list of str
        Names that it uses and never defines: those that the course's site has at hand are given to it.
    imports : list of str
        The modules that it imports: one that is not installed does no harm as long as nothing of it is used.
    stars : bool
        Whether it imports everything of some module, so that a name may be there all the same.
    helpers : dict, optional
        More names for it.

    Returns
    -------
    namespace : dict
        The file's names.
    lent : dict
        What was given to it: ``{"names": [...], "absent": [...]}``.

    Raises
    ------
    Exception
        Whatever the file raises.
    """
    code = compile(source, FILE, "exec", dont_inherit=True)
    given = {} if stars else lend(borrowed)
    absent: set[str] = set()
    for _ in range(MOST_LOADS):
        # Whatever it did before it failed, it starts again.
        module = type(sys)("answer")
        module.__file__ = FILE
        module.__dict__.update({**(helpers or {}), **given})
        sys.modules["answer"] = module
        try:
            exec(code, module.__dict__)
        except NameError as error:
            more = lend([name for name in borrowed if name == error.name and name not in given])
            if not more:
                raise
            given |= more
        except ModuleNotFoundError as error:
            root = (error.name or "").partition(".")[0]
            found = allow_absence({name for name in imports if name.partition(".")[0] == root}) - absent
            if not found:
                raise
            absent |= found
        else:
            if stars:
                for name, value in lend([name for name in borrowed if name not in module.__dict__]).items():
                    given[name] = module.__dict__[name] = value
            names = [name for name, value in given.items() if module.__dict__.get(name) is value]
            return module.__dict__, {"names": sorted(names), "absent": sorted(absent)}
    raise ImportError("it imports too many modules that are not installed")
