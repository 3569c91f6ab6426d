"""``groundup runs``, what it can do with them, and ``groundup show``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.completion import complete_run
from groundup.cli.output import AsJson, RunsFolder, emit
from groundup.cli.predict import RunName

if TYPE_CHECKING:
    from groundup.runs.folder import Run
    from groundup.tasks.listing import Summary
    from groundup.tasks.protocol import Report

runs_app = typer.Typer(help="List the runs and the progress of each; compare or delete some.")


@runs_app.callback(invoke_without_command=True)
def list_runs(context: typer.Context, runs: RunsFolder = "runs", as_json: AsJson = False) -> None:
    """List the runs and the progress of each; compare or delete some."""
    if context.invoked_subcommand is not None:
        context.obj = {"runs": runs, "json": as_json}
        return
    from rich.markup import escape

    from groundup.tasks.listing import summarise_runs
    from groundup.tasks.protocol import Report

    summaries = summarise_runs(Path(runs))
    found = [_collect_facts(summary) for summary in summaries]
    rows = [
        [
            escape(one.name),
            escape(one.task),
            escape(_format_progress(one)),
            escape((one.error and f"! {one.error}") or one.outcome or _words(one)),
        ]
        for one in summaries
    ]
    lines = [] if rows else [f"No runs in {escape(runs)} yet. Make one: groundup train digits"]
    table = (["run", "task", "state", "figures"], rows) if rows else None
    emit(Report(facts={"runs": found}, lines=lines, table=table), as_json)


@runs_app.command("rm")
def remove(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(help="The runs to delete.", metavar="RUN...", autocompletion=complete_run)
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    runs: RunsFolder = "",
    as_json: AsJson = False,
) -> None:
    """Delete runs with all that is in their folders. It asks first."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.runs.folder import Run
    from groundup.runs.removing import measure_folder, remove_run
    from groundup.tasks.protocol import Report

    root = Path(runs or context.obj["runs"])
    chosen = [Run.open(root, name) for name in dict.fromkeys(names)]
    if not yes:
        if not sys.stdin.isatty():
            raise UserError("Nothing was deleted: where no one can be asked, --yes is needed.")
        size = sum(measure_folder(run.folder) for run in chosen) / 1e6
        if not typer.confirm(f"Delete {', '.join(run.name for run in chosen)} ({size:.1f} MB)?", err=True):
            raise typer.Exit(1)
    for run in chosen:
        remove_run(run)
    facts = {"removed": [run.name for run in chosen]}
    lines = [f"Deleted {escape(str(run.folder))}" for run in chosen]
    emit(Report(facts=facts, lines=lines), as_json or context.obj["json"])


@runs_app.command()
def compare(
    context: typer.Context,
    names: Annotated[
        list[str], typer.Argument(help="Two runs or more.", metavar="RUN...", autocompletion=complete_run)
    ],
    out: Annotated[str, typer.Option(help="The picture of the curves. Default: comparison.png beside the runs.")] = "",
    runs: RunsFolder = "",
    as_json: AsJson = False,
) -> None:
    """Show where runs differ, what each is worth, and their curves in one picture."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.runs.folder import Run
    from groundup.tasks.comparing import compare_runs, draw_comparison
    from groundup.tasks.protocol import Report

    root = Path(runs or context.obj["runs"])
    chosen = [Run.open(root, name) for name in dict.fromkeys(names)]
    if len(chosen) < 2:
        raise UserError("Name two runs or more: groundup runs compare RUN RUN")
    found = compare_runs(chosen)
    picture = draw_comparison(chosen, Path(out) if out else root / "comparison.png")
    rows = [["state", *(one.progress for one in found.runs)]]
    if len({one.task for one in found.runs}) > 1:
        rows.insert(0, ["task", *(one.task for one in found.runs)])
    rows += [[name, *("-" if value is None else str(value) for value in row)] for name, row in found.settings.items()]
    rows += [["seconds", *("-" if value is None else f"{value:.1f}" for value in found.seconds)]]
    rows += [["worth", *(one.outcome or one.error or _words(one) or "-" for one in found.runs)]]
    table = (["", *(escape(one.name) for one in found.runs)], [[escape(cell) for cell in row] for row in rows])
    facts = {
        "runs": [_collect_facts(one) for one in found.runs],
        "differing": found.settings,
        "seconds": found.seconds,
        "picture": None if picture is None else str(picture),
    }
    lines = [f"Curves in {escape(str(picture))}"] if picture is not None else []
    emit(Report(facts=facts, lines=lines, table=table), as_json or context.obj["json"])


def show(
    run: RunName,
    log: Annotated[str | None, typer.Option(help="tensorboard: also write the run's figures as event files.")] = None,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Show a run: its settings and figures, and draw its curves again."""
    from rich.markup import escape

    from groundup.tasks.listing import list_settings, summarise
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
    settings = "  ".join(f"{key}={value}" for key, value in list_settings(opened).items())
    begun = f"data      {opened.config.get('data') or 'built in'}   seed {opened.config.get('seed')}"
    lines = [
        f"[bold]{escape(summary.name)}[/bold]: {summary.task}, {summary.progress}",
        escape(begun if opened.imported_from is None else f"weights   imported from {opened.imported_from}"),
        *([f"from      {escape(summary.begun_from)}"] if summary.begun_from else []),
        *([f"settings  {escape(settings)}"] if settings else []),
        *([f"worth     {escape(summary.outcome)}"] if summary.outcome else []),
        *([f"figures   {escape(_words(summary))}"] if summary.figures else []),
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
        "from": summary.begun_from or None,
        "last": dict(summary.last),
        "error": summary.error,
    }


def _format_progress(summary: Summary) -> str:
    origin = f", from {Path(summary.begun_from).name}" if summary.begun_from else ""
    return summary.progress + origin


def _words(summary: Summary) -> str:
    return ", ".join(summary.figures)
