"""Opening a run to use it: its ``config.json`` is checked once, here.

Files beside it are checked as they are read: weights against the model that the settings ask for, before it is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.tasks.registry import find_about, find_task
from groundup.training.settings import from_json


def open_run(root: Path, name: str, settings: bool = True) -> Run:
    """Open a run by its name under ``root``, or by the path of its folder.

    Parameters
    ----------
    root : Path
        The folder of all runs.
    name : str
        The run's name, or a path.
    settings : bool
        Whether the settings are checked, too, which loads the task.

    Raises
    ------
    UserError
        There is no such run, or its ``config.json`` is missing, damaged, or none that its task could have written.
    """
    run = Run.open(root, name)
    check_model(run)
    if settings and "settings" in run.config and run.imported_from is None:
        read_run_settings(run)
    return run


def refuse_imported(run: Run) -> None:
    """Refuse to train a run with imported weights: they would be replaced.

    Raises
    ------
    UserError
        They came from elsewhere, or are quantised.
    """
    if (source := run.quantised_from) is not None:
        raise UserError(
            f"{run.folder}: its weights are those of {source}, quantised, and whole numbers cannot be trained. Use it "
            "with groundup generate, predict, evaluate or serve; train the run that it was made from."
        )
    if (source := run.imported_from) is not None:
        raise UserError(
            f"{run.folder}: its weights were imported from {source}, and training would replace them. Use it with "
            f"groundup generate, predict, evaluate or export, or go on from them in another run: --from {run.name}."
        )


def check_model(run: Run) -> None:
    """Refuse a run whose task is not known, or whose model is none that the task could have described.

    Raises
    ------
    UserError
        The file and what is wrong in it.
    """
    about = find_about(run.config["task"])
    try:
        if "model" in run.config:
            about.model(run.config["model"], "model")
    except ValueError as error:
        raise UserError(f"{run.path(CONFIG)}: damaged ({error}). {AGAIN}") from error


def require_model(run: Run) -> dict[str, Any]:
    """Return what ``config.json`` tells of the model of a run that was trained.

    Raises
    ------
    UserError
        It was not trained yet, or as of `check_model`.
    """
    if "model" not in run.config:
        raise UserError(f"{run.folder}: nothing trained here yet. Train it: groundup train --run {run.name} --resume")
    check_model(run)
    model: dict[str, Any] = run.config["model"]
    return model


def read_run_settings(run: Run) -> Any:
    """Return the settings that a run was started with.

    Raises
    ------
    UserError
        The file and what is wrong in it.
    """
    if "settings" not in run.config:
        raise UserError(f"{run.path(CONFIG)}: damaged (it lacks the settings). {AGAIN}")
    try:
        return from_json(find_task(run.config["task"]).settings_type, run.config["settings"])
    except ValueError as error:
        raise UserError(f"{run.path(CONFIG)}: damaged ({error}). {AGAIN}") from error
