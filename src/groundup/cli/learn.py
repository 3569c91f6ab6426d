"""``groundup learn``, ``hint`` and ``solution``: the list of exercises."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.output import AsJson, RunsFolder, emit, print_json
from groundup.cli.start_training import check_minutes, start_training

if TYPE_CHECKING:
    from rich.console import Console

    from groundup.exercises.workspace import Workspace
    from groundup.judge.exercise import Exercise

AnswersFolder = Annotated[
    str, typer.Option("--answers", envvar="GROUNDUP_ANSWERS", help="The folder of your answers.", show_default=True)
]
ExerciseName = Annotated[
    str | None, typer.Argument(help="An exercise (`groundup learn` lists them). Default: the one you are working on.")
]

learn_app = typer.Typer(help="List every exercise, and which of them you have done.", invoke_without_command=True)


@learn_app.callback()
def learn(context: typer.Context, answers: AnswersFolder = "answers", as_json: AsJson = False) -> None:
    """List every exercise in the order of the course, and which of them you have done."""
    if context.invoked_subcommand is not None:
        context.obj = {"answers": answers, "json": as_json}
        return
    from groundup.course import find_chapter
    from groundup.exercises.registry import list_names, load_exercise
    from groundup.exercises.workspace import Workspace
    from groundup.tasks.protocol import Report

    workspace, facts, rows, shown = Workspace(Path(answers)), [], [], ""
    for name in list_names():
        exercise = load_exercise(name)
        state = workspace.find_state(name)
        chapter = find_chapter(name).name
        facts.append({"name": name, "title": exercise.title, "room": chapter, "chapter": chapter, "state": state})
        rows.append(["" if chapter == shown else chapter, name, exercise.title, MARKS[state]])
        shown = chapter
    done = sum(item["state"] == "done" for item in facts)
    following = next((item["name"] for item in facts if item["state"] != "done"), None)
    lines = [f"{done} of {len(facts)} done."]
    if following:
        lines.append(f"Next: [bold]groundup learn start {following}[/bold]")
    emit(Report(facts={"done": done, "next": following, "exercises": facts}, table=(COLUMNS, rows)), as_json)
    if not as_json:
        emit(Report(facts={}, lines=lines), False)


COLUMNS = ["", "exercise", "what you write", ""]
MARKS = {
    "done": "[green]✓ done[/green]",
    "changed since": "[yellow]changed since it was accepted[/yellow]",
    "not right yet": "[red]not right yet[/red]",
    "begun": "begun",
    "": "",
}


def choose_exercise(name: str | None, workspace: Workspace) -> tuple[Exercise, str]:
    """Return an exercise, by its name or the one that the learner works on, and how it was chosen.

    Raises
    ------
    UserError
        No exercise has that name; or no name was given, and all are done.
    """
    from groundup.exercises.registry import load_exercise

    if name is not None:
        return load_exercise(name), ""
    current, why = workspace.find_current()
    return load_exercise(current), why


@learn_app.command()
def start(
    context: typer.Context, name: ExerciseName = None, answers: AnswersFolder = "", as_json: AsJson = False
) -> None:
    """Write an exercise's stub into your folder and show its statement. Your own work is never overwritten.

    Without a name, the first exercise that is not done is used. If you have already begun it, it is shown again.
    """
    from groundup.base.errors import UserError
    from groundup.exercises.registry import load_exercise
    from groundup.exercises.workspace import Workspace

    workspace = Workspace(Path(answers or context.obj["answers"]))
    begun = None
    if name is None:
        following = workspace.find_following()
        if following is None:
            raise UserError("All exercises are done. Name one to see it again; `groundup learn` lists them.")
        name, begun = following, workspace.find_answer(following)
    exercise = load_exercise(name)
    path = begun or workspace.start(exercise.name)
    if as_json or context.obj["json"]:
        print_json({"exercise": exercise.name, "path": str(path), "statement": exercise.read("statement.md")})
        return
    from rich.markup import escape

    from groundup.base.console import PlainConsole
    from groundup.judge.explain.printing import Statement

    console, place = PlainConsole(), escape(str(path))
    console.print(Statement(exercise.read("statement.md")))
    told = "You have already begun it: continue in" if begun else "Write your answer into"
    console.print(f"\n{told} [bold]{place}[/bold], then: [bold]groundup check {exercise.name}[/bold]")
    console.print("[dim]Stuck? groundup hint shows one hint at a time; groundup check --watch judges every save.[/dim]")


@learn_app.command()
def where(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A step of the course, such as `dropout`, or an exercise.")],
    as_json: AsJson = False,
) -> None:
    """Show which jobs run the code of a step or a faster form of it, and which test compares the two."""
    from groundup.exercises.places import find_places, format_place
    from groundup.tasks.protocol import Report

    places = find_places(name)
    lines = [line for place in places for line in format_place(place)]
    facts = {"steps": [dataclasses.asdict(place) for place in places]}
    emit(Report(facts=facts, lines=lines), as_json or context.obj["json"])


@learn_app.command()
def exam(
    context: typer.Context,
    data: Annotated[str | None, typer.Option(help="A text to learn. Default: the Python language reference.")] = None,
    minutes: Annotated[float, typer.Option(help="How long it trains.")] = 2.0,
    run: Annotated[str, typer.Option(help="A name for the run.")] = "exam",
    resume: Annotated[bool, typer.Option("--resume", help="Continue an exam that was stopped.")] = False,
    prompt: Annotated[str, typer.Option(help="The text that it continues at the end.")] = "",
    answers: AnswersFolder = "",
    runs: RunsFolder = "runs",
    as_json: AsJson = False,
) -> None:
    """Train a GPT in which you wrote every part, until it talks."""
    from rich.markup import escape

    from groundup.base.errors import UserError
    from groundup.exercises.registry import find_part
    from groundup.exercises.workspace import Workspace
    from groundup.parts.swap import EXAM_PARTS
    from groundup.tasks.gpt.runs import write_sample

    check_minutes(minutes)
    workspace = Workspace(Path(answers or context.obj["answers"]))
    needed = {part: find_part(part) for part in EXAM_PARTS}
    missing = [name for name in needed.values() if workspace.find_state(name) != "done"]
    if missing:
        text = f"The exam builds a GPT from your own parts. Not accepted yet: {', '.join(missing)}."
        raise UserError(f"{text} Start with `groundup learn start {missing[0]}`.")
    parts = [f"{part}={workspace.path(name)}" for part, name in needed.items()]
    trained, report = start_training(
        "gpt", runs=runs, data=data, run=run, resume=resume, minutes=minutes, parts=parts, as_json=as_json
    )
    text = write_sample(trained, prompt, tokens=300)
    report.facts["text"] = text
    report.lines += [f"It talks, and you wrote every part of it: {', '.join(needed)}.", "", escape(text)]
    emit(report, as_json)


def hint(
    name: ExerciseName = None,
    stage: Annotated[int, typer.Option(min=1, max=3, help="1 is a question, 3 is nearly the answer.")] = 1,
    answers: AnswersFolder = "answers",
    as_json: AsJson = False,
) -> None:
    """Show a hint: three stages, from a question to nearly the answer."""
    from groundup.exercises.workspace import Workspace

    exercise, why = choose_exercise(name, Workspace(Path(answers)))
    text = exercise.hints()[stage - 1]
    if as_json:
        print_json({"exercise": exercise.name, "chosen": why or "named", "stage": stage, "hint": text})
        return
    from groundup.base.console import PlainConsole
    from groundup.judge.explain.printing import Statement

    console = PlainConsole()
    _print_choice(console, exercise, why)
    console.print(Statement("## " + text))
    if stage < 3:
        console.print(f"[dim]More: groundup hint {exercise.name} --stage {stage + 1}[/dim]")


def solution(name: ExerciseName = None, answers: AnswersFolder = "answers", as_json: AsJson = False) -> None:
    """Show the reference: the code that your answer is compared with."""
    from groundup.exercises.workspace import Workspace
    from groundup.judge.explain.edits import read_source

    exercise, why = choose_exercise(name, Workspace(Path(answers)))
    sources = {module: read_source(module) for module in exercise.modules}
    if as_json:
        print_json({"exercise": exercise.name, "chosen": why or "named", "modules": sources})
        return
    from rich.syntax import Syntax

    from groundup.base.console import PlainConsole

    console = PlainConsole()
    _print_choice(console, exercise, why)
    for module, source in sources.items():
        console.print(f"[bold]{module}[/bold]")
        console.print(Syntax(source, "python", background_color="default", word_wrap=True))


def _print_choice(console: Console, exercise: Exercise, why: str) -> None:
    if why:
        console.print(f"[dim]{exercise.name}, {why}:[/dim]")
