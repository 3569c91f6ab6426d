"""``groundup train``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.completion import complete_data, complete_run, complete_task
from groundup.cli.output import MOST_SEED, AsJson, Cluster, RunsFolder, emit
from groundup.cli.runs import add_logs
from groundup.cli.start_training import Minutes, read_minutes, start_training


def train(
    task: Annotated[
        str | None,
        typer.Argument(
            help="What to train: regression, classification, digits, sentiment, gpt, chat, sums or reward.",
            autocompletion=complete_task,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="A file, a folder, a name (groundup data list) or an address (https://…). Default: built-in data.",
            autocompletion=complete_data,
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(help="A name for the run. Default: the task's name.", autocompletion=complete_run),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue a run that was stopped.")] = False,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Go on from the weights of this run of a GPT, or of a folder with a Hugging Face checkpoint.",
            autocompletion=complete_run,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            help="Take the task, data, time and settings of this run, where you name no others.",
            autocompletion=complete_run,
        ),
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting, KEY=VALUE. Can be repeated.")] = None,
    target: Annotated[str | None, typer.Option(help="For a table: the column to predict.")] = None,
    features: Annotated[
        str | None, typer.Option(help="For a table: the columns to predict from, separated by commas.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=MOST_SEED, help="The seed of all random numbers. Default: 0.")
    ] = None,
    minutes: Minutes = None,
    patience: Annotated[
        int | None,
        typer.Option(min=1, help="End early after so many measurements of the validation loss without a new best."),
    ] = None,
    with_: Annotated[
        list[str] | None, typer.Option("--with", help="PART=FILE: use your own part instead of ours. Can be repeated.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=1024, help="How many processes on this machine train together."),
    ] = None,
    cluster: Cluster = None,
    log: Annotated[str | None, typer.Option(help="tensorboard: also write event files into the run's folder.")] = None,
    settings: Annotated[bool, typer.Option("--settings", help="List the task's settings and exit.")] = False,
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Train a model on your data or on built-in data, and keep it in a run folder."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.tasks.protocol import Report
    from groundup.tasks.registry import find_about, find_task, list_tasks
    from groundup.training.settings import describe_settings

    taken: list[str] = []
    budget = None if minutes is None else read_minutes(minutes)
    if like is not None:
        if resume:
            raise UserError("--like begins a new run, and --resume goes on with one. Leave one of them out.")
        from groundup.tasks.launch import imitate

        task, data, budget, taken, begun_from = imitate(Path(runs), like, task, data, budget)
        from_ = from_ or begun_from
    if from_ is not None and resume:
        raise UserError("--from begins a new run, and --resume goes on with one. Leave one of them out.")
    if task is None and not resume:
        raise UserError("Name a task: " + "; ".join(f"{about.name} ({about.summary})" for about in list_tasks()) + ".")
    if settings:
        rows = describe_settings(find_task(task or "").settings_type)
        facts = {"settings": [dict(zip(("key", "default", "explanation"), row, strict=True)) for row in rows]}
        emit(Report(facts=facts, table=(["--set", "default", "what it does"], rows)), as_json)
        return
    columns = {name: value for name, value in (("target", target), ("features", features)) if value is not None}
    if task is not None and not columns.keys() <= {*find_about(task).options}:
        raise UserError(f"--target and --features name columns of a table, and {task} has no table. Leave them out.")
    if patience is not None and task is not None:
        check_patience(task)
    columns |= {"patience": str(patience)} if patience is not None else {}
    pairs = [*taken, *(set_ or []), *(f"{name}={value}" for name, value in columns.items())]
    if processes is not None and processes > 1 and "WORLD_SIZE" not in os.environ:
        from groundup.cli.processes import start_processes

        raise SystemExit(start_processes(processes, sys.argv[1:]))
    trained, report = start_training(
        task,
        runs=runs,
        data=data,
        run=run,
        resume=resume,
        pairs=pairs,
        seed=seed,
        minutes=budget,
        parts=with_ or [],
        log=log,
        cluster=cluster,
        source=from_,
        as_json=as_json,
    )
    report.lines.append(f"Saved in [bold]{escape(str(trained.folder))}[/bold]")
    add_logs(trained, report)
    emit(report, as_json)


def check_patience(task: str) -> None:
    """Raise `UserError` if a task follows no validation loss, by which it could end early."""
    from dataclasses import fields

    from groundup.base.errors import UserError
    from groundup.tasks.registry import find_task

    if "patience" not in {one.name for one in fields(find_task(task).settings_type)}:
        raise UserError(
            f"--patience: {task} follows no validation loss while it trains; gpt and chat do. Leave it out."
        )
