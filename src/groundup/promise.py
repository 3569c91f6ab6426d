"""Where each step of the course runs, computed from the imports.

The promise: every step runs in a job (``groundup train``, ``predict``, ``evaluate``, ``generate``, ``descend``,
``look``), or a module that runs in one computes the same by other means, names the step in ``EQUALS``, and names the
test that holds the two equal. Nothing is imported to find that out: the sources are read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from groundup.course import CHAPTERS, find_step

PACKAGE = Path(__file__).parent
# Rooms that judge, teach and show the steps: what they import does not run in a job.
NO_JOBS = ("exercises", "judge", "lessons", "lab", "parts", "plugins", "serving", "tour")


@dataclass(frozen=True)
class Form:
    """Another form of a step, which runs in jobs.

    Attributes
    ----------
    module : str
        What computes the same.
    test : str
        What holds the two equal, as pytest names it.
    jobs : dict
        Job → the modules from it to this one.
    """

    module: str
    test: str
    jobs: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Place:
    """Where a step runs.

    Attributes
    ----------
    step : str
        Its module.
    jobs : dict
        Job → the modules from it to the step.
    forms : tuple of Form
        What equals it and runs.
    """

    step: str
    jobs: dict[str, tuple[str, ...]]
    forms: tuple[Form, ...]

    @property
    def kept(self) -> bool:
        """Whether the promise holds for it."""
        return bool(self.jobs or self.forms)


def find_place(step: str) -> Place:
    """Return where a step runs.

    Parameters
    ----------
    step : str
        Its name, such as ``"dropout"``.

    Raises
    ------
    KeyError
        There is no such step.

    Examples
    --------
    >>> "groundup train digits" in find_place("dropout").jobs
    True
    >>> [form.module for form in find_place("regression").forms]
    ['groundup.models.closed_form_descent']
    """
    module = find_step(step)
    forms = [Form(other, tests[step], _find_jobs(other)) for other, tests in _list_equals().items() if step in tests]
    return Place(module, _find_jobs(module), tuple(form for form in forms if form.jobs))


def list_broken() -> list[str]:
    """Return the steps for which the promise does not hold."""
    return [step for chapter in CHAPTERS for step in chapter.steps if not find_place(step).kept]


def read_equals(source: str) -> dict[str, str]:
    """Return what a module's source declares in ``EQUALS``: step → test."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["EQUALS"]:
            return dict(ast.literal_eval(node.value))
    return {}


def read_imports(source: str, known: frozenset[str]) -> set[str]:
    """Return the modules of the package that a source imports when it runs, of those ``known``."""
    found: set[str] = set()
    for node in _list_nodes(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & known) or ({node.module} & known)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found


def _list_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node but those that are there for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from _list_nodes(node)


def _find_jobs(module: str) -> dict[str, tuple[str, ...]]:
    return {job: chains[module] for job, chains in _list_chains().items() if module in chains}


@cache
def _list_sources() -> dict[str, str]:
    sources = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in NO_JOBS:
            sources[".".join((PACKAGE.name, *parts)).removesuffix(".__init__")] = path.read_text(encoding="utf-8")
    return sources


@cache
def _list_equals() -> dict[str, dict[str, str]]:
    return {module: found for module, source in _list_sources().items() if (found := read_equals(source))}


@cache
def _list_chains() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, for each job, every module that it imports, however far down, with the shortest way there."""
    sources = _list_sources()
    known = frozenset(sources)
    imports = {module: sorted(read_imports(source, known)) for module, source in sources.items()}
    tasks = sorted(path.parent.name for path in (PACKAGE / "tasks").glob("*/task.py"))
    roots = {f"groundup train {name}": f"groundup.tasks.{name}.task" for name in tasks}
    chains: dict[str, dict[str, tuple[str, ...]]] = {}
    roots |= {f"groundup {name}": f"groundup.cli.{name}" for name in ("descend", "look")}
    for job, root in roots.items():
        ways: dict[str, tuple[str, ...]] = {root: (root,)}
        waiting = [root]
        for module in waiting:
            for other in imports[module]:
                if other not in ways:
                    ways[other] = (*ways[module], other)
                    waiting.append(other)
        chains[job] = ways
    return chains
