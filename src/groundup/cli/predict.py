"""``groundup predict`` and ``groundup evaluate``."""

from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.completion import complete_data, complete_run
from groundup.cli.output import AsJson, RunsFolder, emit, read_standard_input
from groundup.cli.start_training import choose_data

RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's name, or the path of its folder.", autocompletion=complete_run),
]


def predict(
    run: RunName,
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT…", help="Pictures, rows or texts; - reads lines from standard input.")
    ],
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Predict with a trained run."""
    from groundup.base.errors import UserError
    from groundup.base.reporting import Reporter
    from groundup.tasks.opening import open_run
    from groundup.tasks.protocol import predict_words
    from groundup.tasks.registry import find_task

    opened = open_run(Path(runs), run)
    if inputs == ["-"]:
        inputs = [line.rstrip("\n") for line in io.StringIO(read_standard_input(), newline=None)]
        if not inputs:
            raise UserError("standard input: empty. Write what to predict, one input per line.")
    emit(predict_words(find_task(opened.config["task"]), opened, inputs, Reporter()), as_json)


def evaluate(
    run: RunName,
    data: Annotated[
        str | None,
        typer.Option(
            help="Labelled data: a path, a name or an address. Default: the run's own held-out data.",
            autocompletion=complete_data,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder for pictures. Default: RUN/evaluation.")] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Measure a trained run on labelled data it was not trained on."""
    from groundup.base.reporting import Reporter
    from groundup.base.writing import explain_write_error
    from groundup.tasks.opening import open_run
    from groundup.tasks.registry import find_task

    opened = open_run(Path(runs), run)
    task, reporter = opened.config["task"], Reporter()
    data = choose_data(data, task, reporter)
    folder = out or opened.path("evaluation")
    try:
        if out is None and folder.is_symlink():  # what a run brings must not say where we write
            raise FileExistsError(errno.EEXIST, "a link is there")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_write_error(folder, error) from error
    emit(find_task(task).evaluate(opened, data, folder, reporter), as_json)
