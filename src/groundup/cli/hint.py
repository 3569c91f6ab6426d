"""``groundup hint`` and ``groundup solution``: help with an exercise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.answers import AnswersFolder, ExerciseName, choose_exercise, is_json, open_workspace, write_command
from groundup.cli.check import say
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from rich.console import Console


def hint(
    context: typer.Context,
    name: ExerciseName = None,
    stage: Annotated[
        int | None, typer.Option(min=1, help="1 is a question, the last is nearly the answer. Default: the next one.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show all hints.")] = False,
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Show the next hint: three or four, from a question to nearly the answer.

    Each call shows one more. After the last one, it is shown again; --stage 1 begins again.
    """
    from groundup.base.errors import UserError
    from groundup.exercises.registry import read_hints

    if every and stage is not None:
        raise UserError("--all and --stage exclude each other: give one of them.")
    workspace = open_workspace(context, answers)
    exercise, why = choose_exercise(name, workspace)
    hints, seen = read_hints(exercise), workspace.count_hints(exercise)
    if stage is not None and stage > len(hints):
        raise UserError(f"--stage {stage}: {exercise} has {len(hints)} hints.")
    last = len(hints) if every else stage or min(seen + 1, len(hints))
    try:
        workspace.record_hint(exercise, last)
    except UserError as error:
        say(f"groundup: which hint you saw could not be saved: {error}")
    if is_json(context, as_json):
        told = {"hints": hints} if every else {"hint": hints[last - 1]}
        print_json({"exercise": exercise, "chosen": why or "named", "stage": last, "of": len(hints), **told})
        return
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.judge.explain.printing import Statement

    console = PlainConsole()
    print_choice(console, exercise, why)
    for number in range(1 if every else last, last + 1):
        console.print(Statement(f"## Hint {number} of {len(hints)}: {hints[number - 1]}"))
    more, solved = (write_command(f"{command} {exercise}", workspace) for command in ("hint", "solution"))
    again = not every and stage is None and seen >= len(hints)
    end = "There are no more hints" if again else "That is the last hint"
    onward = f"The next hint: {more}" if last < len(hints) else f"{end}. The model answer: {solved}"
    console.print(Text(onward, style="dim"))


def solution(
    context: typer.Context, name: ExerciseName = None, answers: AnswersFolder = "", as_json: AsJson = False
) -> None:
    """Show the model answer, and the step of the course that your answer is compared with.

    Without a name: that of the exercise that you worked on last, done or not.
    """
    from groundup.exercises.registry import ABOUT_STEP, load_exercise, read_model_answer
    from groundup.judge.explain.edits import read_source

    workspace = open_workspace(context, answers)
    latest = workspace.find_latest() if name is None else None
    chosen, why = (latest.name, latest.why) if latest else choose_exercise(name, workspace)
    exercise = load_exercise(chosen)
    model_answer = read_model_answer(chosen)
    sources = {module: read_source(module) for module in exercise.modules}
    if is_json(context, as_json):
        facts = {"exercise": exercise.name, "chosen": why or "named", "model_answer": model_answer, "modules": sources}
        print_json(facts)
        return
    from rich.syntax import Syntax

    from groundup.base.console import PlainConsole

    console = PlainConsole()
    print_choice(console, exercise.name, why)
    for number, (title, source) in enumerate({"Model answer": model_answer, **sources}.items()):
        if number == 1:
            console.print(ABOUT_STEP)
        console.print(f"[bold]{title}[/bold]")
        console.print(Syntax(source, "python", background_color="default", word_wrap=True))


def print_choice(console: Console, exercise: str, why: str) -> None:
    """Say which exercise was chosen where none was named."""
    if why:
        console.print(f"[dim]{exercise}, {why}:[/dim]")
