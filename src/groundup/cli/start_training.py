"""How every command starts a training: Ctrl-C loses nothing, and a wrong part gets its verdict."""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from groundup.base.reporting import Reporter
    from groundup.runs.folder import Run
    from groundup.tasks.protocol import Origin, Report

MOST_MINUTES = 1_000_000
_UNITS = (
    (("", "m", "min", "mins", "minute", "minutes"), 1.0),
    (("s", "sec", "secs", "second", "seconds"), 1 / 60),
    (("h", "hour", "hours"), 60.0),
)
_TIME = re.compile(
    r"(?P<number>[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|nan|inf))\s*"
    rf"(?P<unit>{'|'.join(unit for units, _ in _UNITS for unit in units)})"
)

Minutes = Annotated[
    str | None,
    typer.Option(
        metavar="MINUTES", help="Choose the steps so that training takes this long. Also with a unit: 90s, 5min, 1h."
    ),
]


def start_training(
    task: str | None,
    *,
    runs: str,
    run: str | None,
    resume: bool,
    as_json: bool,
    source: str | None = None,
    **asked: Any,
) -> tuple[Run, Report]:
    """Train a task into a run; parameters as in `groundup.tasks.launch.launch`.

    Parameters
    ----------
    source : str, optional
        The run or the folder of a checkpoint whose weights a new run begins with.

    Raises
    ------
    typer.Exit
        With code 1: a part was judged and is wrong. Its verdict is printed.
    Stopped
        Ctrl-C. It says how to continue.
    """
    started = time.monotonic()  # what is imported now is part of the time budget
    from groundup.base.errors import Stopped, UserError
    from groundup.base.reporting import Reporter
    from groundup.cli.output import print_json
    from groundup.exercises.registry import load_exercise
    from groundup.judge.explain.printing import print_verdict
    from groundup.parts.swap import PartRejected
    from groundup.tasks.launch import launch
    from groundup.training.distributed import MainProcessFailed, ProcessGone, join_process_group
    from groundup.training.interrupts import Interrupted

    team = join_process_group()
    reporter = Reporter() if team.is_main else Reporter.silent()
    try:
        if source is not None:
            asked["origin"] = partial(_find_origin, Path(runs), source)
        asked["data"] = choose_data(asked.get("data"), task, reporter)
        trained = launch(task, root=Path(runs), name=run, resume=resume, started=started, reporter=reporter, **asked)
        if not team.is_main:
            raise typer.Exit(0)  # the leader speaks
        return trained
    except MainProcessFailed:
        raise typer.Exit(2) from None
    except UserError as error:
        same = ProcessGone.__name__ if isinstance(error, ProcessGone) else str(error)
        if not team.is_first_to_say(same):
            raise typer.Exit(2) from None
        raise
    except PartRejected as rejected:
        if as_json:
            print_json({**rejected.verdict.to_json(), "part": rejected.file.part, "path": str(rejected.file.path)})
        else:
            print_verdict(load_exercise(rejected.file.exercise), rejected.verdict, rejected.file.path)
        raise typer.Exit(1) from None
    except Interrupted as stop:
        if not team.is_main:
            raise typer.Exit(130) from None
        raise Stopped(
            f"stopped after step {stop.step} of {stop.steps}; nothing is lost. "
            f"Continue with: groundup train --run {stop.run or run or task} --resume"
        ) from stop


def _find_origin(root: Path, source: str) -> Origin:
    from groundup.export.huggingface import find_origin

    return find_origin(root, source)


def read_time(text: str) -> float:
    """Return a time in minutes, as it was typed behind ``--minutes``.

    Raises
    ------
    UserError
        It is no time.

    Examples
    --------
    >>> [read_time(text) for text in ("5", "0.5", "5min", "90s", "1 h")]
    [5.0, 0.5, 5.0, 1.5, 60.0]
    """
    from groundup.base.errors import UserError
    from groundup.base.plain_text import shorten

    found = _TIME.fullmatch(text.strip().lower())
    if found is None:
        raise UserError(
            f'--minutes "{shorten(text)}": expected a number of minutes, such as 5 or 0.5, or a time such as 90s, 5min '
            "or 1h."
        )
    return float(found["number"]) * next(minutes for units, minutes in _UNITS if found["unit"] in units)


def read_minutes(text: str) -> float:
    """Return the minutes for a training, as they were typed; `UserError` if none can be fitted into them."""
    from groundup.base.errors import UserError

    minutes = read_time(text)
    if not 0 < minutes < MOST_MINUTES:
        bound = f"below {MOST_MINUTES:,}" if minutes > 0 else "above 0"
        raise UserError(f"--minutes {minutes:g}: must be a number {bound}.")
    return minutes


def choose_data(data: str | None, task: str | None, reporter: Reporter) -> str | None:
    """Return the value of ``--data`` as a run keeps it, and print a note if it could mean two things.

    Raises
    ------
    UserError
        See `groundup.data.named.resolve.resolve`.
    """
    from groundup.data.named.resolve import resolve
    from groundup.tasks.registry import find_about

    if data is None:
        return None
    about = find_about(task) if task is not None else None
    data, note = resolve(data, about.name, about.data, about.built_in) if about is not None else resolve(data)
    if note:
        reporter.say(note)
    return data
