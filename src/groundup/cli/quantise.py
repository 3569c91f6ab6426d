"""``groundup quantise``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName


def quantise(
    run: RunName,
    name: Annotated[str | None, typer.Option("--run", help="A name for the new run. Default: RUN-int8.")] = None,
    data: Annotated[
        str | None, typer.Option(help="A text to measure both on. Default: the run's own validation text.")
    ] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Make a run whose weights are int8, a quarter as large. Loss and speed are measured before and after."""
    from groundup.base.reporting import Reporter
    from groundup.tasks.gpt.quantising import quantise_run
    from groundup.tasks.opening import open_run

    emit(quantise_run(open_run(Path(runs), run), Path(runs), name, data, Reporter()), as_json)
