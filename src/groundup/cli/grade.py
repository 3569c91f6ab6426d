"""``groundup grade``: the judge's verdicts on a folder of many learners' answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.output import AsJson, emit

if TYPE_CHECKING:
    from groundup.exercises.reports import Graded
    from groundup.exercises.submissions import Submission
    from groundup.tasks.protocol import Report


def grade(
    folder: Annotated[str, typer.Argument(help="LEARNER/EXERCISE.py, EXERCISE/LEARNER.py or LEARNER_EXERCISE.py.")],
    exercise: Annotated[str | None, typer.Option(help="What every file answers: LEARNER.py is enough then.")] = None,
    csv: Annotated[str | None, typer.Option(help="Write a table here.")] = None,
    junit: Annotated[str | None, typer.Option(help="Write JUnit XML here.")] = None,
    html: Annotated[str | None, typer.Option(help="Write a page for teachers here.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="Judges at once; one a core if left out.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the random cases; new ones every time if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge many learners' answers at once, each apart from the others."""
    from groundup.errors import UserError
    from groundup.exercises.registry import load_exercise
    from groundup.exercises.reports import clean
    from groundup.exercises.submissions import find_submissions
    from groundup.training.reporting import Reporter

    asked = load_exercise(exercise).name if exercise is not None else None
    wanted = {
        Path(place): kind for place, kind in ((csv, "csv"), (junit, "junit"), (html, "html")) if place is not None
    }
    for path in wanted:
        if not path.absolute().parent.is_dir():
            raise UserError(f"{path}: there is no folder {path.parent}. Make it first.")
    found, unknown = find_submissions(Path(folder), asked)
    if not found:
        told = f"none of its {len(unknown)} Python files is named for an exercise" if unknown else "no Python file"
        raise UserError(f"{folder}: {told}. Name answers LEARNER/EXERCISE.py, or give --exercise.")
    reporter = Reporter()
    for path in unknown:
        reporter.say(clean(f"not recognised: {path}"))
    chosen = time.time_ns() % 2**32 if seed is None else seed
    graded, stopped, note = _judge_all(found, workers, chosen, reporter)
    judged = {id(one.submission) for one in graded}
    missing = [one for one in found if id(one) not in judged]
    _write_reports(wanted, graded, unknown, missing, note)
    report = _report(graded, unknown, missing)
    report.facts["seed"], report.facts["isolation"] = chosen, note
    report.facts["written"] = [str(path) for path in wanted]
    if stopped:
        report.passed = True
        emit(report, as_json)
        raise typer.Exit(130)
    emit(report, as_json)


def _judge_all(
    found: list[Submission], workers: int | None, seed: int, reporter: object
) -> tuple[list[Graded], bool, str]:
    """Return the verdicts in the order of the submissions, whether Ctrl-C ended it, and how answers were kept apart."""
    from groundup.errors import UserError
    from groundup.exercises.registry import load_exercise
    from groundup.exercises.reports import Graded
    from groundup.exercises.submissions import read_source
    from groundup.judge.grading import Grading, Job, count_cores, list_libraries, make_base
    from groundup.judge.grading import grade as judge_many
    from groundup.judge.judging import Effort
    from groundup.judge.sandbox import find_sandbox
    from groundup.judge.verdict import Verdict
    from groundup.training.reporting import Reporter

    assert isinstance(reporter, Reporter)
    verdicts: dict[int, Graded] = {}
    places, jobs = [], []
    for place, one in enumerate(found):
        try:
            source = read_source(one.path)
        except UserError as error:
            refused = Verdict(one.exercise, False, f"The file cannot be read: {error}")
            verdicts[place] = Graded(one, refused.to_json())
            continue
        places.append(place)
        jobs.append(Job(one.exercise, source))
    stopped = False
    with make_base() as base:
        wrapper, note = find_sandbox(base)
        reporter.say(note)
        libraries = list_libraries(load_exercise(name) for name in {job.exercise for job in jobs})
        grading = Grading(load_exercise, libraries, Effort(seed=seed), workers or count_cores(), wrapper, base)
        with reporter.progress(len(jobs), "judging") as bar:
            right = 0
            try:
                for number, verdict in judge_many(jobs, grading):
                    verdicts[places[number]] = Graded(found[places[number]], verdict)
                    right += bool(verdict["accepted"])
                    bar.advance(1, right=right)
            except KeyboardInterrupt:
                stopped = True
    if stopped:
        reporter.say(f"Stopped: {len(verdicts)} of {len(found)} answers were judged, and are reported.")
    return [verdicts[place] for place in sorted(verdicts)], stopped, note


def _write_reports(
    wanted: dict[Path, str], graded: list[Graded], unknown: list[Path], missing: list[Submission], note: str
) -> None:
    from groundup.exercises.reports import write_csv, write_html, write_junit
    from groundup.training.output import write_text

    for path, kind in wanted.items():
        if kind == "html":
            text = write_html(graded, unknown, missing, note)
        else:
            text = write_csv(graded) if kind == "csv" else write_junit(graded)
        write_text(path, text)


def _report(graded: list[Graded], unknown: list[Path], missing: list[Submission]) -> Report:
    from rich.markup import escape

    from groundup.exercises.reports import clean
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
        "not_recognised": [clean(path) for path in unknown],
        "not_judged": [clean(one.path) for one in missing],
    }
    lines = [f"{right} of {len(graded)} answers are right."]
    columns = ["", "learner", "exercise", "verdict"]
    return Report(facts=facts, lines=lines, table=(columns, rows), passed=right == len(graded) and not missing)
