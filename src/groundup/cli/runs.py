"""``groundup runs`` and ``groundup show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groundup.runs.folder import Run
    from groundup.tasks.listing import Summary
    from groundup.tasks.protocol import Report

# Of the last batches, while it learned from them.
_NAMES = {"loss": "loss_in_training", "accuracy": "accuracy_in_training"}


def runs(runs: RunsFolder = "runs", as_json: AsJson = False) -> None:
    """List the runs and the progress of each."""
    from rich.markup import escape

    from groundup.tasks.listing import summarise_runs
    from groundup.tasks.protocol import Report

    summaries = summarise_runs(Path(runs))
    found = [_collect_facts(summary) for summary in summaries]
    rows = [
        [
            escape(one.name),
            escape(one.task),
            one.progress,
            escape((one.error and f"! {one.error}") or one.outcome or _words(one.last)),
        ]
        for one in summaries
    ]
    lines = [] if rows else [f"No runs in {escape(runs)} yet. Make one: groundup train digits"]
    table = (["run", "task", "state", "figures"], rows) if rows else None
    emit(Report(facts={"runs": found}, lines=lines, table=table), as_json)


def show(
    run: RunName,
    log: Annotated[str | None, typer.Option(help="tensorboard: also write the run's figures as event files.")] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Show a run: its settings and figures, and draw its curves again."""
    from rich.markup import escape

    from groundup.tasks.listing import summarise
    from groundup.tasks.opening import open_run
    from groundup.tasks.protocol import Report
    from groundup.tasks.registry import find_task

    opened = open_run(Path(runs), run)
    if log is not None:
        with opened.locked():
            opened.log_for(log)
    pictures = find_task(opened.config["task"]).draw(opened, opened.folder)
    summary = summarise(opened.folder)
    facts = {**_collect_facts(summary), "config": opened.config, "pictures": [str(path) for path in pictures]}
    settings = "  ".join(f"{key}={value}" for key, value in opened.config.get("settings", {}).items())
    begun = f"data      {opened.config.get('data') or 'built in'}   seed {opened.config.get('seed')}"
    lines = [
        f"[bold]{escape(summary.name)}[/bold]: {summary.task}, {summary.progress}",
        escape(begun if opened.imported_from is None else f"weights   imported from {opened.imported_from}"),
        *([f"settings  {escape(settings)}"] if settings else []),
        *([f"worth     {escape(summary.outcome)}"] if summary.outcome else []),
        *([f"figures   {escape(_words(summary.last))}"] if summary.last else []),
        *([f"damaged   {escape(summary.error)}"] if summary.error else []),
        *(f"picture   {escape(str(path))}" for path in pictures),
    ]
    report = Report(facts=facts, lines=lines)
    add_logs(opened, report)
    emit(report, as_json)


def add_logs(run: Run, report: Report) -> None:
    """Add to a report where other tools find a run's figures, if the run logs for a tool."""
    from rich.markup import escape

    from groundup.runs.event_log import FOLDER

    if run.path(FOLDER).is_dir():
        report.facts["tensorboard"] = str(run.path(FOLDER))
        report.lines.append(
            f"Compare its curves with other runs: tensorboard --logdir {escape(str(run.folder.parent))}"
        )


def _collect_facts(summary: Summary) -> dict[str, Any]:
    from groundup.runs.folder import show_path

    return {
        "run": summary.name,
        "folder": show_path(summary.folder),
        "task": summary.task,
        "state": summary.progress,
        "outcome": summary.outcome,
        "last": dict(summary.last),
        "error": summary.error,
    }


def _words(figures: Mapping[str, Any]) -> str:
    return "  ".join(
        f"{_NAMES.get(name, name)} {f'{value:.4g}' if isinstance(value, float) else value}"
        for name, value in figures.items()
    )
