"""``groundup learn``: the list of exercises, how one is started, and the exam."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.answers import (
    AnswersFolder,
    ExerciseName,
    choose_exercise,
    describe_next,
    is_json,
    open_workspace,
    write_command,
)
from groundup.cli.completion import complete_step
from groundup.cli.output import AsJson, RunsFolder, emit, print_json
from groundup.cli.start_training import read_minutes, start_training

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from groundup.exercises.workspace import Workspace

learn_app = typer.Typer(
    help="List every exercise; start one, go on to the next, practise with quiz, debug and review.",
    invoke_without_command=True,
)


@learn_app.callback()
def learn(context: typer.Context, answers: AnswersFolder = "", as_json: AsJson = False) -> None:
    """List every exercise in the order of the course, and which of them you have done."""
    if context.invoked_subcommand is not None:
        context.obj = {"answers": answers, "json": as_json}
        return
    from groundup.base.console import PlainConsole
    from groundup.course import find_chapter
    from groundup.exercises.registry import read_title
    from groundup.tasks.protocol import Report

    workspace, facts, rows, shown = open_workspace(context, answers), [], [], ""
    console = PlainConsole()
    narrow = console.width < NARROW
    for name, state in workspace.list_states().items():
        title, chapter = read_title(name), find_chapter(name).name
        facts.append({"name": name, "title": title, "room": chapter, "chapter": chapter, "state": state})
        if narrow and chapter != shown:
            rows.append([f"[bold]{chapter}[/bold]", "", ""])
        rows.append([*([] if narrow else ["" if chapter == shown else chapter]), name, title, MARKS[state]])
        shown = chapter
    done = sum(item["state"] == "done" for item in facts)
    following = workspace.find_current()[0] if done < len(facts) else None
    emit(Report(facts={"done": done, "next": following, "exercises": facts}, table=(COLUMNS[narrow:], rows)), as_json)
    if not as_json:
        console.print(f"{done} of {len(facts)} done.")
        begun = following is not None and workspace.find_answer(following) is not None
        console.print(describe_next(following, begun, workspace))


# Below this, a chapter is a line above its exercises.
NARROW = 72
COLUMNS = ["", "exercise", "what you write", ""]
MARKS = {
    "done": "[green]✓ done[/green]",
    "changed since": "[yellow]changed since it was accepted[/yellow]",
    "not right yet": "[red]not right yet[/red]",
    "begun": "begun",
    "": "",
}


@learn_app.command()
def start(
    context: typer.Context, name: ExerciseName = None, answers: AnswersFolder = "", as_json: AsJson = False
) -> None:
    """Write an exercise's stub into your folder and show its statement. Your own work is never overwritten.

    If you have begun the exercise, its statement is shown again. Without a name: the exercise that you are working on;
    if it is done, the next one is started.
    """
    workspace = open_workspace(context, answers)
    exercise, why = choose_exercise(name, workspace)
    begin(context, workspace, exercise, why, as_json, workspace.find_answer(exercise))


@learn_app.command()
def show(
    context: typer.Context, name: ExerciseName = None, answers: AnswersFolder = "", as_json: AsJson = False
) -> None:
    """Show an exercise's statement and its stub. Nothing is written."""
    from groundup.exercises.registry import read_statement, read_stub

    exercise, why = choose_exercise(name, open_workspace(context, answers))
    statement, stub = read_statement(exercise), read_stub(exercise)
    if is_json(context, as_json):
        print_json({"exercise": exercise, "chosen": why or "named", "statement": statement, "stub": stub})
        return
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.cli.hint import print_choice
    from groundup.judge.explain.printing import Statement

    console = PlainConsole()
    print_choice(console, exercise, why)
    console.print(Statement(statement))
    console.print(Text("\nThe stub:\n", style="bold"))
    print(stub, end="")


@learn_app.command("next")
def start_next(context: typer.Context, answers: AnswersFolder = "", as_json: AsJson = False) -> None:
    """Go on to the next exercise that is not done, whether or not the present one is."""
    from groundup.base.errors import UserError

    workspace = open_workspace(context, answers)
    latest = workspace.find_latest()
    name = workspace.find_following(latest.name if latest else None)
    if name is None:
        raise UserError("All exercises are done. Practise with `groundup learn review` and `groundup learn debug`.")
    begin(context, workspace, name, "the next that is not done", as_json, workspace.find_answer(name))


@learn_app.command()
def reset(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An exercise to begin again.")],
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Begin an exercise again from its stub. What you wrote is kept in answers/earlier/."""
    from groundup.exercises.registry import find_folder

    workspace = open_workspace(context, answers)
    exercise = find_folder(name).replace("_", "-")
    kept = workspace.reset(exercise)
    path = workspace.path(exercise)
    if is_json(context, as_json):
        print_json({"exercise": exercise, "path": str(path), "kept": str(kept) if kept else None})
        return
    if kept:
        print(f"Your answer is kept in {kept}")
    print(f"{path} is the stub again.")


@learn_app.command()
def transcript(
    context: typer.Context,
    out: Annotated[str, typer.Option(help="The file to write.")] = "transcript.json",
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Write the whole course into one file: every answer with its checksum, attempts and dates."""
    import json
    from datetime import datetime
    from pathlib import Path

    from groundup.base.writing import write_atomically
    from groundup.exercises.transcript import write_transcript

    facts = write_transcript(open_workspace(context, answers), datetime.now().astimezone())
    write_atomically(Path(out), json.dumps(facts, indent=1, ensure_ascii=True) + "\n")
    done = sum(entry["state"] == "done" for entry in facts["exercises"])
    if is_json(context, as_json):
        print_json({"path": out, "done": done, "answers": len(facts["exercises"])})
    else:
        print(f"{done} exercises done, {len(facts['exercises'])} answers in {out}. Judge it again with:")
        print(f"  groundup learn verify {out}")


@learn_app.command()
def verify(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="What `groundup learn transcript` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Judge every answer of a transcript again. Code 1: an answer that it calls done is not right."""
    from pathlib import Path

    from groundup.base.reporting import Reporter
    from groundup.exercises.registry import choose_libraries, load_exercise
    from groundup.exercises.transcript import read_transcript, verify_transcript
    from groundup.judge.warm_judge import WarmJudge
    from groundup.tasks.protocol import Report

    found, checked = read_transcript(Path(file)), []

    def judge(name: str, source: str) -> tuple[bool, str]:
        verdict = warm.judge(name, source, None, choose_libraries(name, source))
        return verdict.accepted, verdict.headline

    with WarmJudge(load_exercise) as warm, Reporter().progress(len(found["exercises"]), "judging") as bar:
        for one in verify_transcript(found, judge):
            checked.append(one)
            bar.advance(1)
    false = [one for one in checked if not one.holds]
    rows = [[one.name, MARKS["done"] if one.accepted else "[red]not right[/red]", one.why] for one in checked]
    right = sum(one.accepted for one in checked)
    facts = {"right": right, "answers": len(checked), "false": [one.name for one in false]}
    told = f"{right} of {len(checked)} answers are right."
    if false:
        told += f" The transcript calls done, and they are not: {', '.join(one.name for one in false)}."
    report = Report(facts=facts, lines=[told], table=(["exercise", "", ""], rows), passed=not false)
    emit(report, is_json(context, as_json))


def begin(
    context: typer.Context, workspace: Workspace, exercise: str, why: str, as_json: bool, begun: Path | None
) -> None:
    """Start an exercise, or go on with the answer that was ``begun``, and show its statement."""
    from groundup.exercises.registry import read_statement

    if begun:
        workspace.record_start(exercise)
    path = begun or workspace.start(exercise)
    if is_json(context, as_json):
        facts = {"exercise": exercise, "chosen": why or "named", "path": str(path)}
        print_json({**facts, "statement": read_statement(exercise)})
        return
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.cli.hint import print_choice

    console = PlainConsole()
    print_choice(console, exercise, why)
    print_start(console, exercise, path, begun is not None, write_command(f"check {exercise}", workspace))
    hint, watch = (write_command(command, workspace) for command in ("hint", "check --watch"))
    console.print(Text(f"Stuck? {hint} shows one hint at a time; {watch} judges every save.", style="dim"))


def print_start(console: Console, exercise: str, path: Path, begun: bool, command: str = "") -> None:
    """Show an exercise's statement, where the answer goes, and the command that judges it."""
    from rich.text import Text

    from groundup.exercises.registry import read_statement
    from groundup.judge.explain.printing import Statement

    console.print(Statement(read_statement(exercise)))
    told = "You have already begun it: continue in " if begun else "Write your answer into "
    then = [", then:\n  ", (command, "bold")] if command else ["."]
    console.print(Text.assemble("\n", told, (str(path), "bold"), *then))


@learn_app.command()
def where(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(help="A step of the course, such as `dropout`, or an exercise.", autocompletion=complete_step),
    ],
    as_json: AsJson = False,
) -> None:
    """Show which jobs run the code of a step or a faster form of it, and which test compares the two."""
    from groundup.exercises.places import find_places, format_place
    from groundup.tasks.protocol import Report

    places = find_places(name)
    lines = [line for place in places for line in format_place(place)]
    facts = {"steps": [dataclasses.asdict(place) for place in places]}
    emit(Report(facts=facts, lines=lines), is_json(context, as_json))


@learn_app.command()
def exam(
    context: typer.Context,
    data: Annotated[str | None, typer.Option(help="A text to learn. Default: Shakespeare's plays.")] = None,
    minutes: Annotated[str, typer.Option(metavar="MINUTES", help="How long its first part trains.")] = "2",
    run: Annotated[str, typer.Option(help="A name for the run.")] = "exam",
    resume: Annotated[bool, typer.Option("--resume", help="Continue an exam that was stopped.")] = False,
    prompt: Annotated[str, typer.Option(help="The text that it continues at the end.")] = "",
    answers: AnswersFolder = "",
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Train a GPT in which you wrote every part, until it talks; then let another one learn to add."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.cli.exam import take_second_part
    from groundup.exercises.registry import find_part
    from groundup.parts.swap import EXAM_PARTS
    from groundup.tasks.gpt.runs import write_sample
    from groundup.tasks.protocol import Report

    budget = read_minutes(minutes)
    as_json = is_json(context, as_json)
    workspace = open_workspace(context, answers)
    needed = {part: find_part(part) for part in EXAM_PARTS}
    missing = [name for name in needed.values() if workspace.find_state(name) != "done"]
    if missing:
        text = f"The exam builds a GPT from your own parts. Not accepted yet: {', '.join(missing)}."
        raise UserError(f"{text} Start with `groundup learn start {missing[0]}`.")
    parts = [f"{part}={workspace.path(name)}" for part, name in needed.items()]
    trained, report = start_training(
        "gpt", runs=runs, data=data, run=run, resume=resume, minutes=budget, parts=parts, as_json=as_json
    )
    text = write_sample(trained, prompt, tokens=300)
    report.facts["text"] = text
    report.lines += [f"It talks, and you wrote every part of it: {', '.join(needed)}.", "", escape(text), ""]
    if not as_json:
        emit(report, as_json)  # whatever becomes of the second part
    second = take_second_part(workspace, runs=runs, run=trained.name, resume=resume, as_json=as_json)
    emit(Report(facts={**report.facts, **second.facts}, lines=second.lines), as_json)
