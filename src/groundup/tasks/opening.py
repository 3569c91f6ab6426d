"""A run opened by whoever is to use it: what its ``config.json`` says is checked once, here.

Files beside it are checked as they are read: weights against the model that the settings ask for, before it is built.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.shape import (
    Shape,
    anything,
    either,
    fields,
    flag,
    list_of,
    mapping_of,
    maybe,
    number,
    one_of,
    text,
    whole,
)
from groundup.data.tables.date_cells import MEANINGS
from groundup.runs.config import CONFIG
from groundup.runs.folder import Run
from groundup.runs.reading import AGAIN
from groundup.tasks.registry import find_task
from groundup.training.settings import from_json

# Rotary positions take memory for every place, and no weights tell how many places there are.
MOST_CONTEXT = 2**20
_MANY = 10**9
_POSITIVE = number(1e-30, 1e30)

# How a column's cells are read: see `Spelling` and `Dates`.
_NUMBERS = fields(
    {
        "numbers": fields(
            {
                "decimal": one_of(".", ","),
                "before": list_of(text),
                "after": list_of(text),
                "scaled": flag,
                "grouped": flag,
                "example": text,
            },
            rest=False,
        )
    },
    rest=False,
)
_DATES = fields(
    {
        "dates": fields(
            {"meaning": one_of(*(list(meaning) for meaning in MEANINGS)), "origin": number(-1e9, 1e9), "example": text}
        )
    }
)
# What each task keeps under "model"; a new task adds its line.
MODELS: dict[str, Shape] = {
    "heights": fields(
        {
            "target": text,
            "columns": list_of(
                fields(
                    {"name": text, "levels": maybe(list_of(text, least=1)), "fill": maybe(number())},
                    {"reading": maybe(either(_NUMBERS, _DATES))},
                ),
                least=1,
            ),
            "units": mapping_of(text),
            "target_mean": number(),
            "means": mapping_of(either(number(), text)),
            "least_squares_loss": number(0),
            "simulated": flag,
        }
    ),
    "digits": fields(
        {
            "features": whole(1, _MANY),
            "classes": list_of(text, least=1),
            "mean": number(0, 255),
            "spread": _POSITIVE,
        }
    ),
    "sentiment": anything,
    "gpt": fields(
        {
            "vocabulary": whole(1, _MANY),
            "context": whole(1, MOST_CONTEXT),
            "layers": whole(1, _MANY),
            "heads": whole(1, _MANY),
            "width": whole(1, _MANY),
            "preset": one_of("modern", "classic", "plain"),
        },
        {
            "key_value_heads": whole(1, _MANY),
            "head_width": whole(1, _MANY),
            "hidden": whole(1, _MANY),
            "tied": flag,
            "dropout": number(0, 0.999),
            "rotary_base": _POSITIVE,
            "norm_epsilon": _POSITIVE,
        },
        rest=False,
    ),
}


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
    """Refuse to train a run whose weights came from elsewhere: they would be replaced.

    Raises
    ------
    UserError
        They came from elsewhere.
    """
    if (source := run.imported_from) is not None:
        raise UserError(
            f"{run.folder}: its weights were imported from {source}, and training would replace them. Use it with "
            "groundup generate, predict, evaluate or export; a model of your own begins with another --run."
        )


def check_model(run: Run) -> None:
    """Refuse a run whose task is not known, or whose model is none that the task could have described.

    Raises
    ------
    UserError
        The file and what is wrong in it.
    """
    task = run.config["task"]
    if task not in MODELS:
        find_task(task)
    try:
        if "model" in run.config:
            MODELS[task](run.config["model"], "model")
    except ValueError as error:
        raise UserError(f"{run.path(CONFIG)}: damaged ({error}). {AGAIN}") from error


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
