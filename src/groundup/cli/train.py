"""``groundup train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.check import show_verdict
from groundup.cli.output import AsJson, RunsFolder, emit


def train(
    task: Annotated[str | None, typer.Argument(help="What to train: heights, digits, sentiment or gpt.")] = None,
    data: Annotated[
        str | None, typer.Option(help="A file, a folder or a built-in source; built-in data if left out.")
    ] = None,
    run: Annotated[str | None, typer.Option(help="A name for the run; the task's name if left out.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    set_: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE, as often as needed.")] = None,
    target: Annotated[str | None, typer.Option(help="heights: the column to predict.")] = None,
    features: Annotated[str | None, typer.Option(help="heights: the columns to predict from, with commas.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seeds everything random; 0 if left out.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Fit the whole training into this time.")] = None,
    with_: Annotated[
        list[str] | None, typer.Option("--with", help="PART=FILE: your own part in place of ours, as often as needed.")
    ] = None,
    settings: Annotated[bool, typer.Option("--settings", help="List the task's settings and stop.")] = False,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Train a model on your data or on built-in data, into a run folder."""
    from groundup.errors import UserError
    from groundup.exercises.registry import load_exercise
    from groundup.tasks.launch import launch
    from groundup.tasks.parts import PartRejected
    from groundup.tasks.protocol import Report
    from groundup.tasks.registry import TASKS, find_task
    from groundup.training.loop import Interrupted
    from groundup.training.reporting import Reporter
    from groundup.training.settings import describe_settings

    if task is None and not resume:
        raise UserError("Name a task: " + "; ".join(f"{name} ({what})" for name, what in TASKS.items()) + ".")
    if settings:
        rows = describe_settings(find_task(task or "").settings_type)
        facts = {"settings": [dict(zip(("key", "default", "explanation"), row, strict=True)) for row in rows]}
        emit(Report(facts=facts, table=(["--set", "default", "what it does"], rows)), as_json)
        return
    if minutes is not None and not 0 < minutes < 1e6:
        raise UserError(f"--minutes {minutes}: must be a number above 0.")
    pairs = [*(set_ or [])]
    pairs += [f"target={target}"] if target is not None else []
    pairs += [f"features={features}"] if features is not None else []
    try:
        trained, report = launch(
            task,
            root=Path(runs),
            data=data,
            name=run,
            resume=resume,
            pairs=pairs,
            seed=seed,
            minutes=minutes,
            parts=with_ or [],
            reporter=Reporter(),
        )
    except PartRejected as rejected:
        show_verdict(load_exercise(rejected.file.exercise), rejected.verdict, rejected.file.path, as_json)
        raise typer.Exit(1) from None
    except Interrupted as stop:
        name = run or task
        raise KeyboardInterrupt(
            f"stopped after step {stop.step} of {stop.steps}; nothing is lost. "
            f"Go on with: groundup train --run {name} --resume"
        ) from stop
    report.lines.append(f"Saved in [bold]{trained.folder}[/bold]")
    emit(report, as_json)
