"""Start a run or go on with one: the part of training that is the same for every task."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from groundup.errors import UserError
from groundup.tasks.parts import PartFile, judge_files, keep_files, read_part_files
from groundup.tasks.protocol import Report, TrainRequest
from groundup.tasks.registry import find_task
from groundup.training.checkpoint import STATE
from groundup.training.files import write_atomically
from groundup.training.following import FollowedRun
from groundup.training.reporting import Reporter
from groundup.training.runs import Run, check_name
from groundup.training.settings import from_mapping, read_settings
from groundup.training.team import TeammateGone, join_team, recall_run, remember_run

REPORT = "report.json"
ONE_PROCESS = ("sentiment",)


def launch(
    task_name: str | None,
    *,
    root: Path,
    data: str | None = None,
    name: str | None = None,
    resume: bool = False,
    pairs: Iterable[str] = (),
    seed: int | None = None,
    minutes: float | None = None,
    parts: Iterable[str] = (),
    log: str | None = None,
    reporter: Reporter,
) -> tuple[Run, Report]:
    """Train a task into a run folder.

    A resumed run takes its data, settings and seed from its own folder; what the caller gives must agree.

    Parameters
    ----------
    task_name : str or None
        Which task; may be left out where a run is resumed.
    root : Path
        The folder of all runs.
    data, name, pairs, seed, minutes
        As on the command line; see `TrainRequest`.
    resume : bool
        Go on with the run if it exists, start it if it does not.
    parts : iterable of str
        ``PART=FILE``: a learner's answers to put in place of ours. Each is judged first.
    log : str, optional
        A tool to log for, see `Run.log_for`.

    Raises
    ------
    PartRejected
        A part is not right.
    UserError
        Anything the user can put right. A folder made for nothing is taken away again.
    """
    team = join_team()
    if team.size > 1 and task_name in ONE_PROCESS:
        raise UserError(f"{task_name} trains in a second or two, in one process: start it without torchrun.")
    with team.in_turn():
        if team.leads:
            before = recall_run(team)  # torchrun has started the processes again after one died
            name, resume = before or name, resume or before is not None
            run, request, created = _prepare(
                task_name, root, data, name, resume, list(pairs), seed, minutes, list(parts), reporter
            )
            remember_run(team, run.name)
        else:
            leader = Run.open(root, recall_run(team) or "")
            _, request = _reopen(leader, None, None, [], None, None)
            run, created, reporter = FollowedRun(leader), False, Reporter.silent()
    task = find_task(run.config["task"])
    try:
        with run.locked():
            if log is not None and team.leads:
                run.log_for(log)
            report = task.train(request, run, reporter)
            report.facts = {"run": run.name, "folder": str(run.folder), "task": task.name, **report.facts}
            if "parts" in run.config:
                report.facts["parts"] = run.config["parts"]
                report.lines.append(f"The learner's own parts in it: {', '.join(run.config['parts'])}.")
            write_atomically(run.path(REPORT), json.dumps(report.facts, indent=2, ensure_ascii=False) + "\n")
    except TeammateGone:
        raise
    except UserError:
        if created and not run.path(STATE).exists() and not run.path("model.safetensors").exists():
            shutil.rmtree(run.folder, ignore_errors=True)
        raise
    return run, report


def _prepare(
    task_name: str | None,
    root: Path,
    data: str | None,
    name: str | None,
    resume: bool,
    pairs: list[str],
    seed: int | None,
    minutes: float | None,
    parts: list[str],
    reporter: Reporter,
) -> tuple[Run, TrainRequest, bool]:
    """Return the run, what to train in it, and whether it was made here."""
    name = check_name(name) if name else None
    existing = (root / (name or task_name or "")).is_dir() and (name or task_name)
    if resume and existing:
        run, request = _reopen(Run.open(root, existing), task_name, data, pairs, seed, minutes)
        _compare_parts(run, read_part_files(parts, run.config["task"]))
        if run.path(STATE).is_file():
            run.check_tensors(STATE)  # before the data is read, which may take long
        created = False
    elif task_name is None:
        if resume and name:
            Run.open(root, name)  # says that there is none, and which there are
        raise UserError("Name the task to train (groundup train TASK), or the run to go on with (--run NAME --resume).")
    else:
        files = read_part_files(parts, task_name)
        if files:
            pairs = _choose_preset(task_name, pairs, reporter)
            reporter.say(f"Judging {', '.join(file.part for file in files)} …")
            judge_files(files)
        request = TrainRequest(
            data=_absolute(data),
            settings=read_settings(find_task(task_name).settings_type, pairs),
            seed=seed or 0,
            minutes=minutes,
        )
        if resume:
            reporter.say(f"No run {name or task_name} yet: starting it.")
        run = Run.create(root, name, task_name, _describe(request))
        if files:
            keep_files(run, files)
        created = True
    return run, request, created


def finished_report(run: Run) -> dict[str, Any] | None:
    """Return the figures of a run trained to its end, ``None`` for one that is not."""
    try:
        found = json.loads(run.path(REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _choose_preset(task_name: str, pairs: list[str], reporter: Reporter) -> list[str]:
    """Return the settings with the preset whose parts can be exchanged, where the user chose none.

    Raises
    ------
    UserError
        The user chose another one.
    """
    wanted = {"gpt": "plain", "sentiment": "notes"}.get(task_name)
    chosen = [pair.partition("=")[2].strip() for pair in pairs if pair.partition("=")[0].strip() == "preset"]
    if wanted is None or chosen == [wanted]:
        return pairs
    if chosen:
        raise UserError(f"--set preset={chosen[0]}: only the {wanted} one has parts to exchange. Leave it out.")
    reporter.say(f"Parts can be exchanged in the {wanted} preset: --set preset={wanted} is taken.")
    return [*pairs, f"preset={wanted}"]


def _compare_parts(run: Run, files: list[PartFile]) -> None:
    """Refuse parts that are not those the run began with."""
    known = run.config.get("parts", {})
    for file in files:
        if known.get(file.part, {}).get("sha256") != file.digest:
            raise UserError(
                f"{run.folder} was started with another {file.part}: a resumed run keeps what it began with. "
                "Leave --with out, or start a new run without --resume."
            )


def _describe(request: TrainRequest) -> dict[str, Any]:
    return {
        "data": request.data,
        "seed": request.seed,
        "minutes": request.minutes,
        "settings": dataclasses.asdict(request.settings),
    }


def _absolute(data: str | None) -> str | None:
    """Make an existing path absolute, so that the run can be resumed from any folder; leave names and pipes alone."""
    if data is None or not (Path(data).is_file() or Path(data).is_dir()):
        return data  # a pipe resolved is "/proc/7/fd/pipe:[123]", which is nothing
    return str(Path(data).resolve())


def _reopen(
    run: Run, task_name: str | None, data: str | None, pairs: list[str], seed: int | None, minutes: float | None
) -> tuple[Run, TrainRequest]:
    config = run.config
    if task_name is not None and task_name != config["task"]:
        raise UserError(f"{run.folder} is a run of {config['task']}, not of {task_name}. Choose another --run.")
    try:
        settings: Any = from_mapping(find_task(config["task"]).settings_type, config["settings"])
        request = TrainRequest(config["data"], settings, config["seed"], config["minutes"])
    except (KeyError, TypeError) as error:
        raise UserError(f"{run.path('config.json')}: damaged ({error}). Train again with another --run.") from error
    given = {"data": _absolute(data), "seed": seed, "minutes": minutes}
    for key, value in given.items():
        if value is not None and value != config[key]:
            raise UserError(
                f"{run.folder} was started with --{key} {config[key]}, not {value}: a resumed run keeps what it began "
                f"with. Leave --{key} out, or start a new run without --resume."
            )
    for pair in pairs:
        key = pair.partition("=")[0].strip().replace("-", "_")
        wanted = getattr(read_settings(type(settings), [pair]), key)
        if wanted != getattr(settings, key):
            raise UserError(
                f"{run.folder} was started with {key}={getattr(settings, key)}: a resumed run keeps what it began "
                f"with. Leave --set {key} out, or start a new run without --resume."
            )
    return run, request
