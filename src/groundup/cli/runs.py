"""``groundup runs`` and ``groundup show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName

if TYPE_CHECKING:
    from groundup.tasks.protocol import Report
    from groundup.training.runs import Run

# Of the last batches, while it learned from them.
_NAMES = {"loss": "loss_in_training", "accuracy": "accuracy_in_training"}


def runs(runs: RunsFolder = "runs", as_json: AsJson = False) -> None:
    """List the runs and how far each one is."""
    from rich.markup import escape

    from groundup.tasks.protocol import Report
    from groundup.training.runs import list_runs

    found = [_summarise(run) for run in list_runs(Path(runs))]
    rows = [
        [item["run"], item["task"], item["state"], escape(item["outcome"] or _words(item["last"]))] for item in found
    ]
    lines = [] if rows else [f"No runs in {escape(runs)} yet. Make one: groundup train digits"]
    table = (["run", "task", "state", "figures"], rows) if rows else None
    emit(Report(facts={"runs": found}, lines=lines, table=table), as_json)


def show(
    run: RunName,
    log: Annotated[str | None, typer.Option(help="tensorboard: write its figures as event files, too.")] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Show a run: what it is, its figures, and its curves drawn anew."""
    from rich.markup import escape

    from groundup.tasks.protocol import Report
    from groundup.tasks.registry import find_task
    from groundup.training.runs import Run

    opened = Run.open(Path(runs), run)
    if log is not None:
        with opened.locked():
            opened.log_for(log)
    pictures = find_task(opened.config["task"]).draw(opened, opened.folder)
    summary = _summarise(opened)
    facts = {**summary, "config": opened.config, "pictures": [str(path) for path in pictures]}
    settings = "  ".join(f"{key}={value}" for key, value in opened.config.get("settings", {}).items())
    lines = [
        f"[bold]{opened.name}[/bold]: {summary['task']}, {summary['state']}",
        f"data      {escape(str(opened.config.get('data') or 'built in'))}   seed {opened.config.get('seed')}",
        f"settings  {escape(settings)}",
        *([f"worth     {escape(summary['outcome'])}"] if summary["outcome"] else []),
        f"figures   {_words(summary['last'])}",
        *(f"picture   {escape(str(path))}" for path in pictures),
    ]
    report = Report(facts=facts, lines=lines)
    tell_logs(opened, report)
    emit(report, as_json)


def tell_logs(run: Run, report: Report) -> None:
    """Add to a report where other tools find a run's figures, where it logs for any."""
    from rich.markup import escape

    from groundup.training.event_log import FOLDER

    if run.path(FOLDER).is_dir():
        report.facts["tensorboard"] = str(run.path(FOLDER))
        report.lines.append(f"See its curves beside others': tensorboard --logdir {escape(str(run.folder.parent))}")


def _summarise(run: Run) -> dict[str, Any]:
    from groundup.tasks.launch import finished_report
    from groundup.tasks.outcome import tell_outcome

    metrics = run.metrics()
    last = metrics[-1] if metrics else {}
    report = finished_report(run)
    return {
        "run": run.name,
        "folder": str(run.folder),
        "task": run.config["task"],
        "state": "finished" if report is not None else f"stopped at step {last.get('step', 0)}",
        "outcome": tell_outcome(run.config["task"], report),
        "last": last,
    }


def _words(figures: dict[str, Any]) -> str:
    return "  ".join(
        f"{_NAMES.get(name, name)} {f'{value:.4g}' if isinstance(value, float) else value}"
        for name, value in figures.items()
    )
