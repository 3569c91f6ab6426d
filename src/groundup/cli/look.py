"""``groundup look``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.completion import complete_data
from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName


def look(
    run: RunName,
    text: Annotated[str, typer.Option(help="The text the model reads; its last tokens, if it is longer than fits.")],
    on: Annotated[
        str,
        typer.Option(
            help="What the loss without each part is measured on: text (this text), validation (the run's validation "
            "text), or data: a path, a name or an address.",
            autocompletion=complete_data,
        ),
    ] = "text",
    tokens: Annotated[
        int, typer.Option(min=2, max=100_000_000, help="With --on: at most so many tokens, evenly spaced.")
    ] = 4096,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Look inside a GPT: its guess after each block, what each head is worth, where heads look, what surprises it."""
    from groundup.base.reporting import Reporter
    from groundup.cli import INTERRUPTED
    from groundup.cli.start_training import choose_data
    from groundup.tasks.gpt.inside import TEXT, VALIDATION, look_inside
    from groundup.tasks.gpt.inside_report import report_inside
    from groundup.tasks.opening import open_run

    opened, reporter = open_run(Path(runs), run), Reporter()
    if on not in (TEXT, VALIDATION):
        on = choose_data(on, "gpt", reporter) or on
    found = look_inside(opened, text, on, tokens, reporter)
    emit(report_inside(found), as_json)
    if found.parts and not found.complete:
        raise typer.Exit(INTERRUPTED)
