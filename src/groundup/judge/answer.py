"""One interface to call both the learner's answer in its process and the reference in this process."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundup.judge.isolation.messages import Handle
from groundup.judge.isolation.runner import Runner

Perform = Callable[[dict[str, Any]], dict[str, Any]]


# The names of errors that tell something of themselves: nothing is written yet; what is called may not be
# (`groundup.judge.isolation.forbidding` raises it, which is not imported here: it is the other side).
UNWRITTEN, FORBIDDEN = "NotImplementedError", "Forbidden"
# PyTorch's own errors of the same type: an operation that a dtype does not have, a module without a forward.
_OF_PYTORCH = re.compile(r"\bnot implemented for '|missing the required \"forward\"")


def is_unwritten(kind: str, text: str) -> bool:
    r"""Tell whether an error says that nothing is written yet.

    Examples
    --------
    >>> is_unwritten("NotImplementedError", ""), is_unwritten("NotImplementedError", "write softmax here")
    (True, True)
    >>> is_unwritten("NotImplementedError", "\"bitwise_xor_cpu\" not implemented for 'Float'")
    False
    """
    return kind == UNWRITTEN and not _OF_PYTORCH.search(text)


def is_final(kind: str, text: str) -> bool:
    """Tell whether no other input would help: nothing is written yet, or a forbidden function is called."""
    return kind == FORBIDDEN or is_unwritten(kind, text)


class AnswerRaised(Exception):
    """The answer raised an error.

    Attributes
    ----------
    kind, text : str
        The error's type and message.
    line : int or None
        The answer's line it came from.
    """

    def __init__(self, kind: str, text: str, line: int | None) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind, self.text, self.line = kind, text, line

    @property
    def is_final(self) -> bool:
        """Whether no other input would help."""
        return is_final(self.kind, self.text)


class AnswerLacks(Exception):
    """The answer has no function, class or method of the requested name."""


@dataclass(frozen=True)
class Raised:
    """An observation: the answer raised.

    Attributes
    ----------
    kind, text, line
        As in `AnswerRaised`.
    """

    kind: str
    text: str
    line: int | None


class Answer:
    """Calls an answer. Every error that the answer raises becomes an `AnswerRaised`.

    Parameters
    ----------
    perform : callable
        `AnswerProcess.perform`, or a `Runner`'s.
    entries : mapping
        `Exercise.entries`.
    local : bool
        Whether what is passed could be changed here, and must be copied.

    Attributes
    ----------
    changed : set of (str, int)
        Which argument, by place, which entry changed in place.
    """

    def __init__(self, perform: Perform, entries: Mapping[str, Sequence[str]], local: bool = False) -> None:
        self.perform = perform
        self.entries = entries
        self.local = local
        self.changed: set[tuple[str, int]] = set()

    def _ask(self, do: str, *arguments: Any, seed: int = 0) -> Any:
        given = copy.deepcopy(arguments) if self.local else arguments
        reply = self.perform({"do": do, "with": given, "seed": seed})
        if "missing" in reply:
            raise AnswerLacks(str(reply["missing"]))
        if "raised" in reply:
            line = reply.get("line")
            told = str(reply["raised"])[:80], str(reply.get("text"))[:500]
            raise AnswerRaised(*told, line if isinstance(line, int) else None)
        return reply.get("value")

    def _names(self, entry: str) -> list[str]:
        return list(self.entries.get(entry, [entry]))

    def has(self, entry: str) -> bool:
        """Tell whether the answer has an entry."""
        return bool(self._ask("has", self._names(entry)))

    def call(self, entry: str, *arguments: Any, seed: int = 0) -> Any:
        """Call a function, or a method of ``Solution``; return what it returns.

        Parameters
        ----------
        entry : str
            Its canonical name.
        *arguments
            Numbers, text, arrays, tensors, lists, tuples, dictionaries, and handles.
        seed : int
            For every random number generator, set before the call.
        """
        reply = self._ask("call", self._names(entry), arguments, seed=seed)
        if isinstance(reply, dict):
            self.changed |= {(entry, int(place)) for place in reply["changed"]}
            return reply["result"]
        return reply

    def measure(self, entry: str, sizes: tuple[Any, ...] | None, arguments: tuple[Any, ...]) -> tuple[float, float]:
        """Return the seconds of the fastest of several calls, and the most megabytes in use during a call."""
        seconds, megabytes = self._ask("measure", self._names(entry), sizes, arguments)
        return float(seconds), float(megabytes)

    def largest(self, entry: str, *arguments: Any) -> dict[str, int]:
        """Return the most values in any tensor that PyTorch makes during a call: of ``floats``, and of ``others``."""
        return dict(self._ask("largest", self._names(entry), arguments))

    def make(self, entry: str, *arguments: Any, seed: int = 0) -> Handle:
        """Build an object of a class; it stays in the answer's process."""
        handle = self._ask("make", self._names(entry), arguments, seed=seed)
        assert isinstance(handle, Handle)
        return handle

    def given(self, source: str, *arguments: Any, seed: int = 0) -> Handle:
        """Run the judge's own source in the answer's process; keep what its ``make(*arguments)`` returns.

        For arguments that cannot be sent: a function to minimise, a model to train.
        """
        handle = self._ask("given", source, arguments, seed=seed)
        assert isinstance(handle, Handle)
        return handle

    def use(self, handle: Handle, *arguments: Any, seed: int = 0) -> Any:
        """Call a kept object."""
        return self._ask("method", handle, [], arguments, seed=seed)

    def method(self, handle: Handle, names: Sequence[str], *arguments: Any, seed: int = 0) -> Any:
        """Call the first method that a kept object has of ``names``."""
        return self._ask("method", handle, list(names), arguments, seed=seed)

    def parameters(self, handle: Handle) -> list[tuple[str, Any, str]]:
        """Return name, value and owner's class of every weight of a kept module."""
        return list(self._ask("parameters", handle))

    def fill(self, handle: Handle, values: Mapping[str, Any]) -> None:
        """Give weights of a kept module new values."""
        self._ask("fill", handle, dict(values))

    def mode(self, handle: Handle, training: bool) -> None:
        """Switch a kept module to training or evaluation."""
        self._ask("mode", handle, training)

    def gradients(self, handle: Handle, arguments: tuple[Any, ...], weights: Any, seed: int = 0) -> dict[str, Any]:
        """Return a kept module's output and the gradients of ``Σ output · weights``: see `Runner.do_gradients`."""
        return dict(self._ask("gradients", handle, arguments, weights, seed=seed))

    def reached(self, handle: Handle, arguments: tuple[Any, ...], seed: int = 0) -> list[str] | None:
        """Return the names of the weights that a kept module's output depends on; None if that cannot be found."""
        found = self._ask("reached", handle, arguments, seed=seed)
        return None if found is None else [str(name) for name in found]

    def function_gradients(
        self, entry: str, arguments: tuple[Any, ...], along: Sequence[int], seed: int = 0
    ) -> dict[str, Any]:
        """Return the gradients of a function's result along some arguments: see `Runner.do_function_gradients`."""
        return dict(self._ask("function_gradients", self._names(entry), arguments, list(along), seed, seed=seed))


def make_candidate(names: Mapping[str, Any], entries: Mapping[str, Sequence[str]]) -> Answer:
    """Return the reference, with or without mistakes, with the interface of an answer."""
    runner = Runner({entries.get(name, [name])[0]: value for name, value in names.items()})
    return Answer(runner.perform, entries, local=True)
