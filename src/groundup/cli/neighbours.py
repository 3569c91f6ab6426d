"""``groundup neighbours``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName


def neighbours(
    run: RunName,
    word: Annotated[str, typer.Argument(help="The word whose neighbours to show.")],
    count: Annotated[int, typer.Option(min=1, help="How many neighbours.")] = 10,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Show the words that a trained sentiment run finds most similar to a word."""
    from groundup.tasks.opening import open_run
    from groundup.tasks.sentiment.runs import find_neighbours

    emit(find_neighbours(open_run(Path(runs), run), word, count), as_json)
