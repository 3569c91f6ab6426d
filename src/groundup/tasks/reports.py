"""What a finished run is worth, in a few words: measured on what it did not learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groundup.base.errors import UserError
from groundup.base.shape import anything, mapping_of
from groundup.runs.checkpoint import STATE
from groundup.runs.folder import REPORT, Run
from groundup.runs.reading import AGAIN, read_json
from groundup.tasks.registry import find_about

# The lines of the report among its figures.
WORDS = "in_words"


def finished_report(run: Run) -> dict[str, Any] | None:
    """Return the figures of a run trained to its end, ``None`` for one that is not, or whose figures are damaged."""
    try:
        return read_report(run)
    except UserError:
        return None


def read_report(run: Run) -> dict[str, Any] | None:
    """Return the figures of a run trained to its end, ``None`` for one that is not.

    Raises
    ------
    UserError
        They are damaged, or one that the run is judged by is missing: it is named.
    """
    facts = _read(run, find_about(run.config["task"]).report)
    if facts is not None:
        facts.pop(WORDS, None)
    return facts


def read_words(run: Run) -> list[str]:
    """Return what a finished run said of itself, a line each; nothing where that is missing or damaged."""
    try:
        facts = _read(run, mapping_of(anything)) or {}
    except UserError:
        return []
    words = facts.get(WORDS)
    return [line for line in words if isinstance(line, str)] if isinstance(words, list) else []


def read_reported_task(run: Run) -> str | None:
    """Return the task that a run's figures are of, ``None`` if they do not tell."""
    try:
        return find_about((_read(run, mapping_of(anything)) or {}).get("task", "")).name
    except UserError:
        return None


def format_headline(task: str, report: Mapping[str, Any] | None) -> str:
    """Return the figure that a run is judged by, in words; nothing if it has not been measured.

    Parameters
    ----------
    task : str
        The run's task.
    report : mapping or None
        The figures of a finished run, as `read_report` gives them.

    Examples
    --------
    >>> format_headline("digits", {"accuracy": 0.98607, "test_pictures": 359})
    '98.61% of 359 new pictures right'
    """
    return find_about(task).headline(report) if report is not None else ""


def _read(run: Run, shape: Any) -> dict[str, Any] | None:
    if not run.has_file(REPORT):
        return None
    again = f"To write it again: groundup train --run {run.name} --resume" if run.has_file(STATE) else AGAIN
    found: dict[str, Any] = read_json(run.path(REPORT), shape, again)
    return found
