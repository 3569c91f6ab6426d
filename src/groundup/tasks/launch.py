"""Start or resume a run: the part of training that is the same for every task."""

from __future__ import annotations

import dataclasses
import shutil
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from groundup.base.console import read_markup
from groundup.base.errors import UserError
from groundup.base.reporting import Reporter
from groundup.base.writing import pack_json, write_atomically
from groundup.data.named.resolve import is_address
from groundup.data.streams import is_stream
from groundup.parts.presets import choose_preset
from groundup.parts.swap import PartFile, judge_files, keep_files, read_part_files
from groundup.runs.checkpoint import STATE
from groundup.runs.config import CONFIG
from groundup.runs.folder import REPORT, Run, check_name
from groundup.runs.read_only import ReadOnlyRun
from groundup.runs.reading import AGAIN
from groundup.tasks.opening import open_run, read_run_settings, refuse_imported
from groundup.tasks.protocol import About, Origin, Report, Task, TrainRequest
from groundup.tasks.registry import find_about, find_task
from groundup.tasks.reports import WORDS, finished_report, format_headline, read_report, read_reported_task
from groundup.training.distributed import ProcessGone, join_process_group, recall_run, remember_run
from groundup.training.interrupts import Interrupted
from groundup.training.settings import current_name, read_settings

WEIGHTS = "model.safetensors"


def launch(  # noqa: PLR0913 - the command's options, all named
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
    started: float | None = None,
    cluster: str | None = None,
    origin: Callable[[], Origin] | None = None,
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
    started : float, optional
        When the time budget began, on the clock of `time.monotonic`; now by default.
    cluster : str, optional
        The address of a Dask scheduler, see `TrainRequest`.
    origin : callable, optional
        Returns what a new run begins with; called only where one is made.

    Raises
    ------
    PartRejected
        A part is not right.
    UserError
        Anything the user can put right. A folder made for nothing is taken away again.
    """
    started = time.monotonic() if started is None else started
    team = join_process_group()
    if team.size > 1 and task_name is not None and find_about(task_name).one_process:
        raise UserError(f"{task_name} trains in one process: start it without torchrun and --processes.")
    if cluster is not None and task_name is not None:
        _check_clustered(task_name)
    with team.main_first():
        if team.is_main:
            before = recall_run(team)  # torchrun has started the processes again after one died
            name, resume = before or name, resume or before is not None
            run, request, created = _prepare(
                task_name, root, data, name, resume, list(pairs), seed, minutes, list(parts), origin, reporter
            )
            remember_run(team, run.name)
        else:
            leader = Run.open(root, recall_run(team) or "")
            _, request = _reopen(leader, None, None, [], None, None)
            run, created, reporter = ReadOnlyRun(leader), False, Reporter.silent()
    request = dataclasses.replace(request, started=started)
    task = find_task(run.config["task"])
    if cluster is not None:
        _check_clustered(task.name)
        request = dataclasses.replace(request, cluster=cluster)
    useless = False
    try:
        with run.locked():
            try:
                return run, _train(task, request, run, created, log, reporter)
            except Interrupted as stopped:
                stopped.run = run.name
                raise
            except UserError as error:
                gone = isinstance(error, ProcessGone)
                useless = created and not gone and not run.has_file(STATE) and not run.has_file(WEIGHTS)
                raise
    finally:
        if useless:
            shutil.rmtree(run.folder, ignore_errors=True)


def _check_clustered(task_name: str) -> None:
    if not find_about(task_name).clustered:
        raise UserError(f"{task_name} has no work that a cluster could share. Leave --cluster out.")


def _train(task: Task, request: TrainRequest, run: Run, created: bool, log: str | None, reporter: Reporter) -> Report:
    """Train into a run that is held; of one that has ended, return the report."""
    team, ended = join_process_group(), None
    with team.main_first():
        if team.is_main and not created:
            run.config = open_run(run.folder.parent, str(run.folder)).config  # another process may have gone on with it
            ended = find_end(run, task)
        if team.is_main and log is not None:
            run.log_for(log)
    if team.broadcast(ended is not None):
        return ended or Report()
    told = not created and run.has_weights() and finished_report(run) is not None
    report = task.train(request, run, reporter)
    report.facts = {"run": run.name, "folder": str(run.folder), "task": task.name, **report.facts}
    if "parts" in run.config:
        report.facts["parts"] = run.config["parts"]
        report.lines.append(f"The learner's own parts in it: {', '.join(run.config['parts'])}.")
    if not told:
        write_atomically(run.path(REPORT), pack_json(report.facts | {WORDS: list_words(report, run.folder)}))
    return report


def list_words(report: Report, folder: Path) -> list[str]:
    """Return a report's lines without colours, and without those that name files in the run's folder or a command.

    Examples
    --------
    >>> list_words(Report(lines=["[bold]98%[/bold] right", "Curves in runs/a/curves.png"]), Path("runs/a"))
    ['98% right']
    """
    lines = (read_markup(line).plain for line in report.lines)
    return [line for line in lines if str(folder) not in line and not line.startswith("Try it:")]


def imitate(
    root: Path, name: str, task: str | None, data: str | None, minutes: float | None
) -> tuple[str, str | None, float | None, list[str], str | None]:
    """Return the task, data, minutes, settings and origin of a run, for a new one; what is given stands for its own.

    Raises
    ------
    UserError
        There is no such run, it is of another task, it was imported, or it keeps its texts in its own folder.
    """
    run = open_run(root, name)
    refuse_imported(run)
    about = find_about(run.config["task"])
    if task is not None and find_about(task) != about:
        raise UserError(f"{run.name} is a run of {about.name}, not of {task}. Leave {task} out.")
    own = run.config.get("data")
    if data is None and own is not None and is_stream(own):
        raise UserError(f"{run.name} read its data from a pipe, which is gone. Name data for the new run with --data.")
    settings = dataclasses.asdict(read_run_settings(run))
    pairs = [f"{key}={value}" for key, value in settings.items() if value is not None]
    return about.name, data or own, minutes if minutes is not None else run.config.get("minutes"), pairs, run.begun_from


def find_end(run: Run, task: Task) -> Report | None:
    """Return the report of a run that is finished and keeps nothing to go on from; ``None`` where training may begin.

    Call it while the run is locked.

    Raises
    ------
    UserError
        Training would replace weights that nothing could train again.
    """
    one_pass = find_about(task.name).one_pass
    other = read_reported_task(run) or task.name
    odd = REPORT if other != task.name else STATE if one_pass and run.has_file(STATE) else None
    if odd:
        raise UserError(
            f"{run.path(CONFIG)}: says {task.name}, but {odd} belongs to another task: one of them is the file of "
            "another run. Put the right one back, or train again with another --run."
        )
    if run.has_file(STATE):
        run.check_tensors(STATE)  # before the data is read, which may take long
        return None
    report = read_report(run) if run.has_file(WEIGHTS) else None
    if report is not None:
        run.check_tensors(WEIGHTS)
        outcome = format_headline(task.name, report)
        return Report(report, [f"{run.name} is finished" + (f": {outcome}." if outcome else ".")])
    if run.config.get("checkpoint") or (run.has_file(WEIGHTS) and not one_pass):
        raise UserError(
            f"{run.path(STATE)}: missing, and training would start again and replace what this run has learned. "
            "Put it back, or train again with another --run."
        )
    return None


def _prepare(  # noqa: PLR0913 - the command's options, all named
    task_name: str | None,
    root: Path,
    data: str | None,
    name: str | None,
    resume: bool,
    pairs: list[str],
    seed: int | None,
    minutes: float | None,
    parts: list[str],
    find_origin: Callable[[], Origin] | None,
    reporter: Reporter,
) -> tuple[Run, TrainRequest, bool]:
    """Return the run, what to train in it, and whether it was made here."""
    name = check_name(name) if name else None
    existing = (root / (name or task_name or "")).is_dir() and (name or task_name)
    if resume and existing:
        run, request = _reopen(open_run(root, existing), task_name, data, pairs, seed, minutes)
        _compare_parts(run, read_part_files(parts, find_about(run.config["task"])))
        created = False
    elif task_name is None:
        if resume and name:
            open_run(root, name)  # says that there is none, and which there are
        raise UserError("Name the task to train (groundup train TASK), or the run to resume (--run NAME --resume).")
    else:
        about = find_about(task_name)
        origin = _find_origin(about, find_origin, parts)
        files = read_part_files(parts, about)
        if files:
            pairs, files = choose_preset(about, files, pairs, reporter)
            reporter.say(f"Judging {', '.join(file.part for file in files)} …")
            for note in judge_files(files):
                reporter.say(note)
        request = TrainRequest(
            data=_absolute(data) or (origin.data if origin is not None and origin.task == about.name else None),
            settings=_read_settings(find_task(task_name).settings_type, pairs, origin),
            seed=seed or 0,
            minutes=minutes,
        )
        if resume:
            reporter.say(f"No run {name or task_name} yet: starting it.")
        fill = (lambda run: keep_files(run, files)) if files else None
        config = _describe(request)
        if origin is not None:
            fill, config = partial(_fill, origin, files), {**config, **origin.config}
        run = Run.create(root, name, about.name, config, fill, called=task_name)
        created = True
        if name is None and run.name != task_name:
            reporter.announce(f"{root / task_name} exists already: this run is {run.name}.")
    return run, request, created


def _fill(origin: Origin, files: list[PartFile], run: Run) -> None:
    """Put what a new run begins with into its folder, and the learner's parts."""
    origin.fill(run)
    if files or origin.parts:
        keep_files(run, [*origin.parts, *files])


def _find_origin(about: About, find: Callable[[], Origin] | None, parts: list[str]) -> Origin | None:
    """Return what a new run begins with.

    Raises
    ------
    UserError
        Its task cannot begin with weights, or needs some, or other ones; or a learner's parts stand beside them.
    """
    if find is None:
        if about.begins_from == "must":
            raise UserError(
                f"{about.name} goes on from the weights of a run of {about.begins_after}: name it with --from RUN. "
                f"If you have none yet: groundup train {about.begins_after}"
            )
        return None
    if about.begins_from == "no":
        raise UserError(f"{about.name} begins from nothing. Leave --from out.")
    if parts and about.parts_preset is not None:  # parts of a model have weights, parts of a loss have none
        raise UserError(
            "--from: the weights are those of our parts, and yours would begin without any. Leave --with out."
        )
    origin = find()
    if not {*about.inherited} <= origin.fixed.keys():
        raise UserError(
            f"--from: {origin.source} is no run of {about.begins_after}, which {about.name} goes on from. "
            f"If you have none yet: groundup train {about.begins_after}"
        )
    if others := [file.part for file in origin.parts if file.part not in about.kept_parts]:
        raise UserError(
            f"--from: {origin.source} was trained with the learner's own {', '.join(others)}, whose weights only that "
            "code reads. Name a run without --with."
        )
    return origin


def _read_settings(kind: type, pairs: list[str], origin: Origin | None) -> Any:
    """Read a new run's settings; what the weights that it begins with decide cannot be set otherwise."""
    if origin is None:
        return read_settings(kind, pairs)
    known = {field.name for field in dataclasses.fields(kind)}
    decided = [f"{key}={value}" for key, value in {**origin.defaults, **origin.fixed}.items() if key in known]
    settings: Any = read_settings(kind, [*decided, *pairs])
    for key, value in origin.fixed.items():
        if key in known and getattr(settings, key) != value:
            raise UserError(
                f"--set {key}={getattr(settings, key)}: {origin.source} has {key}={value}, and its weights are of no "
                f"use with another. Leave --set {key} out."
            )
    return settings


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
    """Make an existing path absolute, to resume the run from any folder; leave names, addresses and pipes alone.

    Raises
    ------
    UserError
        It cannot be written into ``config.json``.
    """
    try:
        (data or "").encode()
    except UnicodeEncodeError as error:
        raise UserError(f"--data {data}: not UTF-8. Give the file or folder another name.") from error
    if data is None or is_address(data) or not (Path(data).is_file() or Path(data).is_dir()):
        return data  # a pipe resolved is "/proc/7/fd/pipe:[123]", which is nothing
    return str(Path(data).resolve())


def _reopen(
    run: Run, task_name: str | None, data: str | None, pairs: list[str], seed: int | None, minutes: float | None
) -> tuple[Run, TrainRequest]:
    config = run.config
    if task_name is not None and find_about(task_name) != find_about(config["task"]):
        raise UserError(f"{run.folder} is a run of {config['task']}, not of {task_name}. Choose another --run.")
    refuse_imported(run)
    settings = read_run_settings(run)
    missing = next((name for name in ("data", "seed", "minutes") if name not in config), None)
    if missing is not None:
        raise UserError(f"{run.path(CONFIG)}: damaged (it lacks {missing}). {AGAIN}")
    request = TrainRequest(config["data"], settings, config["seed"], config["minutes"])
    given = {"data": _absolute(data), "seed": seed, "minutes": minutes}
    for key, value in given.items():
        if value is not None and value != config[key]:
            raise UserError(
                f"{run.folder} was started with --{key} {config[key]}, not {value}: a resumed run keeps what it began "
                f"with. Leave --{key} out, or start a new run without --resume."
            )
    for pair in pairs:
        key = current_name(type(settings), pair.partition("=")[0])
        wanted = getattr(read_settings(type(settings), [pair]), key)
        if wanted != getattr(settings, key):
            raise UserError(
                f"{run.folder} was started with {key}={getattr(settings, key)}: a resumed run keeps what it began "
                f"with. Leave --set {key} out, or start a new run without --resume."
            )
    return run, request
