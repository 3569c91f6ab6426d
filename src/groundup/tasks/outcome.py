"""What a finished run is worth, in a few words: measured on what it did not learn from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from groundup.base.errors import UserError
from groundup.base.shape import anything, mapping_of
from groundup.runs.checkpoint import STATE
from groundup.runs.folder import REPORT, Run
from groundup.runs.reading import AGAIN, read_json
from groundup.tasks.figures import tell_with_unit


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
        They are damaged.
    """
    if not run.has_file(REPORT):
        return None
    again = f"It is written anew by: groundup train --run {run.name} --resume" if run.has_file(STATE) else AGAIN
    found: dict[str, Any] = read_json(run.path(REPORT), mapping_of(anything), again)
    return found


def tell_outcome(task: str, report: Mapping[str, Any] | None) -> str:
    """Return the figure that a run is judged by, in words; nothing where it has not been measured.

    Parameters
    ----------
    task : str
        The run's task.
    report : mapping or None
        The figures of a finished run.

    Examples
    --------
    >>> tell_outcome("digits", {"accuracy": 0.98607, "test_pictures": 359})
    '98.61% of 359 new pictures right'
    """
    try:
        return _WORDS[task](report or {})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return ""


def _tell_heights(report: Mapping[str, Any]) -> str:
    unit = report.get("units", {}).get(report["target"], "")
    error, mean = (tell_with_unit(report[name], unit) for name in ("test_error", "test_error_of_the_mean"))
    return f"{error} off on new rows, {mean} by guessing the mean"


_WORDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "heights": _tell_heights,
    "digits": lambda report: f"{report['accuracy']:.2%} of {report['test_pictures']:,} new pictures right",
    "sentiment": lambda report: f"{report['accuracy']:.1%} of {report['test_texts']:,} new texts right",
    "gpt": lambda report: f"{report['validation_loss']:.3f} nats per token on new text",
}
