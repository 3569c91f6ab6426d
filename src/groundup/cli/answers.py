"""The folder of answers in the learner's commands: where it is, which exercise is meant, and what comes next."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.completion import complete_exercise

if TYPE_CHECKING:
    from rich.text import Text

    from groundup.exercises.standing import Standing
    from groundup.exercises.workspace import Workspace

USUAL = "answers"
AnswersFolder = Annotated[
    str,
    typer.Option(
        "--answers",
        envvar="GROUNDUP_ANSWERS",
        help=f"The folder of your answers. Default: {USUAL}.",
        show_default=False,
    ),
]
ExerciseName = Annotated[
    str | None,
    typer.Argument(
        help="An exercise (`groundup learn` lists them). Default: the one you are working on.",
        autocompletion=complete_exercise,
    ),
]


def open_workspace(context: typer.Context, answers: str) -> Workspace:
    """Return the learner's folder: the command's own ``--answers``, else that of ``groundup learn``, else the usual."""
    from groundup.exercises.workspace import Workspace

    return Workspace(Path(answers or (context.obj or {}).get("answers") or USUAL))


def is_json(context: typer.Context, as_json: bool) -> bool:
    """Return whether ``--json`` was given, to the command or to ``groundup learn`` before it."""
    return as_json or bool((context.obj or {}).get("json"))


def choose_exercise(name: str | None, workspace: Workspace) -> tuple[str, str]:
    """Return an exercise's name, as given or of the one that the learner works on, and how it was chosen.

    Raises
    ------
    UserError
        No exercise has that name; or no name was given, and all are done.
    """
    from groundup.exercises.registry import find_folder

    return (find_folder(name).replace("_", "-"), "") if name is not None else workspace.find_current()


def write_command(command: str, workspace: Workspace) -> str:
    """Return a command that can be typed as it is: with the folder of answers, if it is not the usual one."""
    folder = str(workspace.folder)
    usual = folder == str(Path(os.environ.get("GROUNDUP_ANSWERS") or USUAL))
    return f"groundup {command}" if usual else f"groundup {command} --answers {shlex.quote(folder)}"


def describe_standing(standing: Standing) -> str:
    """Return a line on how far the learner is."""
    here = f"Chapter {standing.chapter}: {standing.chapter_done} of {standing.chapter_all} done."
    return f"{here} The whole course: {standing.done} of {standing.all}."


def describe_next(following: str | None, begun: bool, workspace: Workspace) -> Text:
    """Return a line with the command that leads on."""
    from rich.text import Text

    if following is None:
        return Text.assemble("All are done. Build a GPT from them: ", (write_command("learn exam", workspace), "bold"))
    if begun:
        path = workspace.find_answer(following) or workspace.path(following)
        command = write_command(f"check {following}", workspace)
        return Text.assemble("Next: go on in ", (str(path), "bold"), ", then:\n  ", (command, "bold"))
    return Text.assemble("Next: ", (write_command(f"learn start {following}", workspace), "bold"))


def pack_standing(standing: Standing) -> dict[str, Any]:
    """Return the same for JSON."""
    chapter = {"name": standing.chapter, "done": standing.chapter_done, "all": standing.chapter_all}
    return {"done": standing.done, "all": standing.all, "chapter": chapter, "next": standing.following}
