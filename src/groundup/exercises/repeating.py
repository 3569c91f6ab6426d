"""Calls a function of an answer many times in one request: what draws at random is asked hundreds of times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from groundup.judge.answer import Answer

# Runs beside the answer, in its process, as `groundup.judge.isolation.runner.Runner.do_given` runs it: the runner that finds the
# answer's functions is the one whose method runs this.
REPEATER = '''
import random
import sys
import time


def make():
    runner = sys._getframe(1).f_locals["self"]

    def simplify(result):
        kind = type(result).__name__
        if hasattr(result, "item") and getattr(result, "size", 1) in (1, ()) or hasattr(result, "numel") and result.numel() == 1:
            return kind, result.item()
        return kind, result

    def copy(arguments):
        return [argument.clone() if hasattr(argument, "clone") else argument for argument in arguments]

    def repeat(names, arguments, times, renewed, seconds, others):
        """Return the kind of the first result, all results, and whether an argument was changed."""
        function = runner.find(names)
        started = time.process_time()
        kinds, results, changed, shape = [], [], False, None
        for place in range(times):
            if place % renewed == 0:
                given = copy(arguments)
            if others:
                sys.modules["torch"].default_generator.manual_seed(0)
                random.seed(place)
                if "numpy" in sys.modules:
                    sys.modules["numpy"].random.seed(place)
            got = function(*given)
            shape = list(getattr(got, "shape", ())) if shape is None else shape
            kind, result = simplify(got)
            kinds.append(kind)
            results.append(result)
            if time.process_time() - started > seconds:
                break
        changed = any(hasattr(old, "equal") and not old.equal(new) for old, new in zip(arguments, given))
        return {"kind": kinds[0], "results": results, "changed": changed, "shape": shape}

    return repeat
'''


def call_often(
    answer: Answer,
    entry: str,
    arguments: Sequence[Any],
    times: int,
    *,
    seed: int = 0,
    renewed: int = 20,
    seconds: float = 0.5,
    other_generators: bool = False,
) -> Mapping[str, Any]:
    """Call a function many times with the same arguments.

    Parameters
    ----------
    answer : Answer
        Whose function.
    entry : str
        Its canonical name.
    arguments : sequence
        Tensors, numbers and None.
    times : int
        How often.
    seed : int
        For every random number generator, once, before the first call.
    renewed : int
        After this many calls tensors are copied again, in case they were changed in place.
    seconds : float
        Processor time after which no further call is made.
    other_generators : bool
        Whether, before each call, PyTorch's generator is set back and the others, of Python and NumPy, are moved on.

    Returns
    -------
    mapping
        ``kind`` (name of the first result's type), ``shape`` (of the first result, empty for a number), ``results``
        (numbers where they are numbers) and ``changed`` (whether a tensor was changed in place).
    """
    handle = answer.given(REPEATER)
    names = list(answer.entries[entry])
    return dict(answer.use(handle, names, list(arguments), times, renewed, seconds, other_generators, seed=seed))
