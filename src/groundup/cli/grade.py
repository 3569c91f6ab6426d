"""``groundup grade``: the judge's verdicts on a folder of many learners' answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.completion import complete_exercise
from groundup.cli.output import AsJson, Cluster, emit

if TYPE_CHECKING:
    from groundup.base.reporting import Reporter
    from groundup.exercises.extracts import Extract
    from groundup.exercises.reports import Graded
    from groundup.exercises.submissions import Submission, Survey
    from groundup.judge.isolation.worker import Job
    from groundup.judge.judging import CheckOptions
    from groundup.tasks.protocol import Report

    Judge = Callable[[Sequence[Job]], Iterator[tuple[int, dict[str, Any], str]]]

MOST_TOLD = 3


def grade(
    folder: Annotated[
        str, typer.Argument(help="LEARNER/EXERCISE.py, EXERCISE/LEARNER.py or LEARNER_EXERCISE.py; also notebooks.")
    ],
    exercise: Annotated[
        str | None,
        typer.Option(
            help="The exercise of every file; file names LEARNER.py are then enough.", autocompletion=complete_exercise
        ),
    ] = None,
    csv: Annotated[str | None, typer.Option(help="Write a table here.")] = None,
    junit: Annotated[str | None, typer.Option(help="Write JUnit XML here.")] = None,
    html: Annotated[str | None, typer.Option(help="Write a page for teachers here.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many answers to judge at once. Default: one per core.")
    ] = None,
    cluster: Cluster = None,
    seed: Annotated[
        int | None, typer.Option(help="The seed of the random cases. Default: a new one every time.")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Judge even if answers cannot be isolated from your own files.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge many learners' answers at once, each isolated from the others."""
    from groundup.base.errors import UserError
    from groundup.base.reporting import Reporter
    from groundup.exercises.registry import load_exercise
    from groundup.exercises.submissions import look_through
    from groundup.judge.isolation.system import require_processes
    from groundup.judge.judging import CheckOptions

    if cluster is None:
        require_processes()
    elif workers is not None:
        raise UserError("--workers is for this machine: on a cluster, all its workers judge. Leave --workers out.")
    asked = load_exercise(exercise).name if exercise is not None else None
    wanted = {
        Path(place): kind for place, kind in ((csv, "csv"), (junit, "junit"), (html, "html")) if place is not None
    }
    for path in wanted:
        if not path.absolute().parent.is_dir():
            raise UserError(f"{path}: there is no folder {path.parent}. Make it first.")
    survey = look_through(Path(folder), asked)
    if not survey.found:
        raise UserError(f"{folder}: {_format_nothing_found(survey)}")
    reporter = Reporter()
    chosen = time.time_ns() % 2**32 if seed is None else seed
    with ExitStack() as opened:
        judge, note = _open_judge(opened, trust, workers, cluster)
        if note:
            reporter.say(note)
        _print_survey(survey, reporter)
        work = _judge_all(survey.found, judge, note, CheckOptions(seed=chosen), reporter)
    note = " ".join(sorted(work.notes))
    if work.failed and not work.graded:
        raise UserError(work.failed)
    graded = [work.graded[number] for number in sorted(work.graded)]
    missing = [one for number, one in enumerate(survey.found) if number not in work.graded]
    if work.stopped or work.failed:
        told = f"{len(graded)} of {len(survey.found)} answers were judged and are reported."
        reporter.say(f"{work.failed or 'Stopped:'} {told}")
    unwritten = _write_reports(wanted, graded, survey, missing, note)
    for line in unwritten.values():
        reporter.say(line)
    report = _report(graded, survey, missing)
    report.facts["seed"], report.facts["isolation"] = chosen, note
    report.facts["written"] = [str(path) for path in wanted if path not in unwritten]
    code = 2 if work.failed or unwritten else 130 if work.stopped else 0
    report.passed |= bool(code)
    emit(report, as_json)
    if code:
        raise typer.Exit(code)


def _format_nothing_found(survey: Survey) -> str:
    remedy = "Name answers LEARNER/EXERCISE.py, or give --exercise."
    if not survey.unknown:
        rest = f" ({survey.left_out[0]})" if survey.left_out else ""
        return f"no Python file and no notebook{rest}. {remedy}"
    told = [f"{one.path.name}: {one.reason}" for one in survey.unknown[:MOST_TOLD]]
    told += ["…"] if len(survey.unknown) > MOST_TOLD else []
    none = f"none of its {len(survey.unknown)} Python files has the names of an exercise and a learner"
    return f"{none} ({'; '.join(told)}). {remedy}"


def _print_survey(survey: Survey, reporter: Reporter) -> None:
    """Print which files are not judged, and what a teacher should look at."""
    from groundup.base.plain_text import clean
    from groundup.exercises.submissions import list_repeated

    lines = [f"not recognised: {one}" for one in survey.unknown]
    lines += [f"left out: {one}" for one in survey.left_out]
    lines += survey.notes
    for group in list_repeated(survey.found):
        files = ", ".join(str(one.path) for one in group)
        lines.append(f"{group[0].learner} has {len(group)} answers to {group[0].exercise}; each is judged: {files}")
    for line in lines:
        reporter.say(clean(line))


def _open_judge(opened: ExitStack, trust: bool, workers: int | None, cluster: str | None) -> tuple[Judge, str]:
    """Return what judges until ``opened`` is closed, and how it isolates answers, if that is known by now.

    Raises
    ------
    UserError
        Answers cannot be isolated here and ``--trust`` was not given; there is no place for temporary files; or there
        is no cluster.
    """
    from groundup.base.processors import count_cores
    from groundup.exercises.grading_folders import open_place
    from groundup.judge import grading

    if cluster is not None:
        from groundup.base.cluster import open_cluster

        there = opened.enter_context(open_cluster(cluster))
        return lambda jobs: grading.grade_on(there, jobs, partial(open_place, trust)), ""
    setting, note = opened.enter_context(open_place(trust))

    def judge(jobs: Sequence[Job]) -> Iterator[tuple[int, dict[str, Any], str]]:
        for place, verdict in grading.grade(jobs, setting, workers or count_cores()):
            yield place, verdict, note

    return judge, note


@dataclass
class _Work:
    """The results of judging.

    Attributes
    ----------
    graded : dict of int to Graded
        Verdicts by the index of the submission.
    stopped : bool
        Whether Ctrl-C ended it.
    failed : str
        Why judging could not continue; empty if it could.
    notes : set of str
        How answers were isolated where they were judged.
    """

    graded: dict[int, Graded] = field(default_factory=dict)
    stopped: bool = False
    failed: str = ""
    notes: set[str] = field(default_factory=set)


def _judge_all(found: list[Submission], judge: Judge, note: str, effort: CheckOptions, reporter: Reporter) -> _Work:
    """Judge every answer as `groundup check` would: in a process that has loaded only what this answer needs."""
    from groundup.base.errors import UserError
    from groundup.exercises.registry import choose_libraries
    from groundup.exercises.reports import Graded
    from groundup.judge.isolation.worker import Job

    work = _Work(notes={note} - {""})
    extracts = _read_all(found, work)
    numbers = list(extracts)
    jobs = []
    for number in numbers:
        exercise, text = found[number].exercise, extracts[number].text
        jobs.append(Job(exercise, text, effort, choose_libraries(exercise, text)))
    with reporter.progress(len(extracts), "judging") as bar:
        right = 0
        try:
            for job, verdict, note in judge(jobs):
                facts = extracts[numbers[job]].retell_facts(verdict)
                work.graded[numbers[job]] = Graded(found[numbers[job]], facts)
                right += bool(facts["accepted"])
                if note and note not in work.notes:
                    work.notes.add(note)
                    reporter.say(note)
                bar.advance(1, right=right)
        except KeyboardInterrupt:
            work.stopped = True
        except UserError as error:
            work.failed = str(error)
        except (OSError, RuntimeError) as error:
            reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().partition("\n")[0]
            work.failed = (
                f"A judging process could not be started ({reason}). Close other programs, or add --workers 1."
            )
    return work


def _read_all(found: Sequence[Submission], work: _Work) -> Mapping[int, Extract]:
    """Return the sources by the index of the submission; a file that cannot be read gets its verdict at once."""
    from groundup.base.errors import UserError
    from groundup.exercises.answer_files import read_answer
    from groundup.exercises.reports import Graded
    from groundup.judge.verdict import Verdict

    extracts = {}
    for number, one in enumerate(found):
        try:
            extracts[number] = read_answer(one.path, one.exercise, follow=False)
        except UserError as error:
            refused = Verdict(one.exercise, False, f"The file cannot be read: {error}")
            work.graded[number] = Graded(one, refused.to_json())
    return extracts


def _write_reports(
    wanted: Mapping[Path, str], graded: Sequence[Graded], survey: Survey, missing: Sequence[Submission], note: str
) -> dict[Path, str]:
    """Write the reports; return those that could not be written, and why."""
    from groundup.base.errors import UserError
    from groundup.exercises.reports import write_csv, write_html, write_junit
    from groundup.runs.output import write_text

    unwritten = {}
    for path, kind in wanted.items():
        if kind == "html":
            text = write_html(graded, [*survey.unknown, *survey.left_out], missing, note, survey.notes)
        else:
            text = write_csv(graded) if kind == "csv" else write_junit(graded)
        try:
            write_text(path, text)
        except UserError as error:
            unwritten[path] = str(error)
    return unwritten


def _report(graded: Sequence[Graded], survey: Survey, missing: Sequence[Submission]) -> Report:
    from rich.markup import escape

    from groundup.base.plain_text import clean
    from groundup.exercises.submissions import list_repeated
    from groundup.tasks.protocol import Report

    right = sum(one.verdict["accepted"] for one in graded)
    rows = [
        [
            "[green]✓[/green]" if one.verdict["accepted"] else "[red]✗[/red]",
            escape(clean(one.submission.learner)),
            one.submission.exercise,
            escape(clean(one.verdict["headline"])),
        ]
        for one in graded
    ]
    facts = {
        "right": right,
        "judged": len(graded),
        "answers": [one.to_json() for one in graded],
        "not_recognised": [clean(one.path) for one in survey.unknown],
        "left_out": [{"path": clean(one.path), "reason": clean(one.reason)} for one in survey.left_out],
        "notes": list(map(clean, survey.notes)),
        "several_answers": [
            {
                "learner": clean(group[0].learner),
                "exercise": group[0].exercise,
                "paths": [clean(one.path) for one in group],
            }
            for group in list_repeated(survey.found)
        ],
        "not_judged": [clean(one.path) for one in missing],
    }
    lines = [f"{right} of {len(graded)} answers are right."]
    if survey.unknown:
        files = "file was" if len(survey.unknown) == 1 else "files were"
        lines.append(f"{len(survey.unknown)} {files} not recognised and not judged: see above.")
    columns = ["", "learner", "exercise", "verdict"]
    return Report(facts=facts, lines=lines, table=(columns, rows), passed=right == len(graded) and not missing)
