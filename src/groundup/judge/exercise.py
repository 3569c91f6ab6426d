"""What an exercise declares: its texts, its checks, and its known mistakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from groundup.judge.compare import ABSOLUTE

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from groundup.judge.answer import Answer

Case = tuple[Any, ...]


@dataclass(frozen=True)
class Observation:
    """An observation, and the context to repeat it on the reference.

    Attributes
    ----------
    value : object
        The value that is compared.
    context : object
        Handed to `Check.reference_values`.
    remark : str
        A remark that is shown even if the answer is right; empty if there is none.
    """

    value: Any
    context: Any = None
    remark: str = ""


@dataclass(frozen=True)
class Edit:
    """A small change of the reference's source, made only by the judge.

    Attributes
    ----------
    old : str
        The text to replace; it occurs exactly once in the scope.
    new : str
        The new text.
    within : str, optional
        The function or class (``"Name"`` or ``"Name.method"``) that ``old`` is looked for in; the whole file else.
    module : str, optional
        The file, ``"groundup.steps.c6_gpt.attention"``; the exercise's first one if left out.
    """

    old: str
    new: str
    within: str | None = None
    module: str | None = None


@dataclass(frozen=True)
class Mistake:
    """A known mistake, as edits of the reference.

    Attributes
    ----------
    name : str
        In the field's words, short: ``"not divided by N"``.
    says : str
        What the verdict says: what is wrong, and how to find the correction. ``{N}`` and the like are filled
        from the exercise's `Exercise.sizes` of the failing case.
    edits : sequence of Edit
        The changes that turn the reference into the mistake.
    """

    name: str
    says: str
    edits: Sequence[Edit]


@dataclass(frozen=True)
class Check:
    """One property of an answer, on many inputs.

    Attributes
    ----------
    name : str
        What is checked, in words: ``"the slope along each weight"``.
    entry : str
        The function or class that is called, by its canonical name.
    cases : SearchStrategy
        Draws a tuple of arguments (a case). Simplest cases should be the smallest: failing ones are shrunk.
    edges : sequence of tuple
        Cases tried before any random one; the worked example first.
    observer : callable, optional
        ``observer(answer, *case)`` → anything that can be compared. By default ``answer.call(entry, *case)``. It runs
        on the learner's answer, the reference and every known mistake alike, so what is random in an answer
        must be turned into what is not (means within bounds, sets, shapes).
    examples : int
        How many random cases.
    rounding : int, optional
        Replaces the exercise's value.
    tolerance : float, optional
        Replaces the exercise's value.
    absolute : float
        An absolute error that is always allowed, for example for sums that should cancel exactly.
    beyond : str
        If given, this check requires more than the course does: an answer that fails it is accepted, with
        this remark.
    repeats : bool
        Whether it asks for the results of other checks once more, in other circumstances: on whole numbers, in a second
        call, after the call. Where these are wrong already, that it fails tells nothing, and it is not listed.
    arguments : sequence of str
        Names of a case's values, if they are not the arguments of the entry.
    results : sequence of str
        Names of the results, if several are returned.
    decides : bool
        Whether what `explain` says, if anything, is the cause: no small change is looked for then.
    """

    name: str
    entry: str
    cases: SearchStrategy[Case]
    edges: Sequence[Case] = ()
    observer: Callable[..., Any] | None = None
    examples: int = 40
    rounding: int | None = None
    tolerance: float | None = None
    absolute: float = ABSOLUTE
    beyond: str = ""
    repeats: bool = False
    arguments: Sequence[str] = ()
    results: Sequence[str] = ()
    decides: bool = False

    def observe(self, answer: Answer, case: Case) -> Any:
        """Return the observation of one case."""
        return self.observer(answer, *case) if self.observer else answer.call(self.entry, *case)

    def reference_values(self, candidate: Answer, case: Case, context: Any) -> Iterator[Any]:  # noqa: ARG002 - for checks that need it
        """Yield the acceptable observations; the answer passes if it matches any of them.

        Parameters
        ----------
        candidate : Answer
            The reference, edited or not.
        case : tuple
            The arguments.
        context : object
            `Observation.context` of the learner's answer; None for most checks.
        """
        yield self.observe(candidate, case)

    def explain(self, answer: Answer, candidate: Answer, case: Case, context: Any) -> list[str]:  # noqa: ARG002 - for checks that need it
        """Return what only this check can say about a failing case; most checks say nothing.

        Parameters
        ----------
        answer : Answer
            The learner's, to look more closely.
        candidate : Answer
            The reference.
        case, context
            As for `reference_values`.
        """
        return []


@dataclass(frozen=True)
class Exercise:
    """An exercise. Its folder holds ``statement.md``, ``stub.py``, ``hints.md`` (3 or 4 stages), ``model_answer.py``.

    Attributes
    ----------
    name : str
        As on the command line: ``"regression-training"``.
    title : str
        The title that people read.
    folder : Path
        Where its texts are: ``Path(__file__).parent``.
    modules : sequence of str
        The files of the steps that the reference stands in, the first one the main.
    reference : callable
        ``reference(*modules)`` → canonical name → function or class, built of the modules' own names only, in
        the course's signature. It is given the real modules, or edited ones.
    entries : mapping
        Canonical name → every name that an answer may use for it, the course's first.
    checks : sequence of Check
        In the order in which they are reported to the learner.
    mistakes : sequence of Mistake
        The known ones.
    rounding : int, optional
        The number of places to which answers may be rounded.
    tolerance : float
        The relative error that computing in another order may make.
    forbidden : sequence of str
        Dotted names of library functions that the statement forbids.
    libraries : sequence of str
        What an answer imports: ``("numpy",)`` or ``("numpy", "torch")``.
    sizes : callable, optional
        ``sizes(*case)`` → the sizes of a case by their names, ``{"N": 7, "d": 3}``, for findings and texts.
    benchmark_case : callable, optional
        ``benchmark_case()`` → entry, what its class is built with (``None`` for a function), arguments. The reference
        takes some milliseconds on this input: right answers are timed on it.
    """

    name: str
    title: str
    folder: Path
    modules: Sequence[str]
    reference: Callable[..., Mapping[str, Any]]
    entries: Mapping[str, Sequence[str]]
    checks: Sequence[Check]
    mistakes: Sequence[Mistake] = ()
    rounding: int | None = None
    tolerance: float = 1e-6
    forbidden: Sequence[str] = ()
    libraries: Sequence[str] = ("numpy",)
    sizes: Callable[..., Mapping[str, int]] | None = None
    benchmark_case: Callable[[], tuple[str, Case | None, Case]] | None = None

    def read(self, name: str) -> str:
        """Return a text of the folder: ``statement.md``, ``stub.py``, ``hints.md`` or ``model_answer.py``."""
        return (self.folder / name).read_text(encoding="utf-8")

    def hints(self) -> list[str]:
        """Return the hints, one per stage."""
        return split_hints(self.read("hints.md"))

    def build(self, modules: Sequence[ModuleType]) -> Mapping[str, Any]:
        """Return the reference over given modules."""
        return self.reference(*modules)


def split_hints(text: str) -> list[str]:
    """Return the stages of ``hints.md``, each with its title as first line."""
    return [stage.strip() for stage in ("\n" + text).split("\n## ")[1:]]
