"""``groundup learn quiz`` and ``review``: questions on what was learned."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.answers import AnswersFolder, ExerciseName, is_json, open_workspace, write_command
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from groundup.exercises.practice.desk import Answered, Asked, Desk
    from groundup.exercises.workspace import Workspace

Choice = Annotated[int | None, typer.Option("--answer", min=1, max=3, help="Answer the question that was asked last.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Equal seeds ask equal questions.")]


def quiz(
    context: typer.Context,
    name: ExerciseName = None,
    answer: Choice = None,
    seed: Seed = None,
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Ask a question with three choices, made from the mistakes that the judge knows.

    On a terminal you type the number; elsewhere, answer with --answer. A wrong choice ends with code 1.
    """
    as_json = is_json(context, as_json)
    with open_desk(context, answers) as desk:
        if answer is not None:
            raise typer.Exit(0 if take_answer(desk, answer, review=False, as_json=as_json) else 1)
        asked = ask(desk, desk.choose(name), seed, review=False, as_json=as_json)
        if asked is not None and (choice := prompt(asked, as_json)) is not None:
            raise typer.Exit(0 if tell(desk, desk.answer(asked, choice - 1), as_json) else 1)


def review(
    context: typer.Context,
    answer: Choice = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="At most so many exercises.")] = 5,
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Ask about exercises that you solved or missed, a few a day, each again when it is nearly forgotten.

    After a right answer an exercise stays away for longer, after a wrong one it comes back sooner.
    """
    as_json = is_json(context, as_json)
    with open_desk(context, answers) as desk:
        if answer is not None:
            raise typer.Exit(0 if take_answer(desk, answer, review=True, as_json=as_json) else 1)
        due = desk.list_due()
        for place, exercise in enumerate(due[:count], start=1):
            if not as_json:
                print(f"{place} of {min(count, len(due))} due today: {exercise}\n")
            asked = ask(desk, exercise, None, review=True, as_json=as_json)
            if asked is None:
                continue
            choice = prompt(asked, as_json)
            if choice is None:
                return
            tell(desk, desk.answer(asked, choice - 1), as_json)
            print()
        if len(due) > count:
            print(f"{len(due) - count} more are due today: {write_command('learn review', desk.workspace)}")
        else:
            say_nothing_due(desk, as_json)


@contextmanager
def open_desk(context: typer.Context, answers: str) -> Iterator[Desk]:
    """Yield where the learner practises."""
    from groundup.exercises.practice.desk import Desk
    from groundup.exercises.registry import load_exercise
    from groundup.judge.warm_judge import WarmJudge

    with WarmJudge(load_exercise) as warm:
        yield Desk(open_workspace(context, answers), warm)


def ask(desk: Desk, exercise: str, seed: int | None, review: bool, as_json: bool) -> Asked | None:
    """Ask a question on an exercise and show it."""
    asked = desk.ask(exercise, seed, review)
    if asked is not None:
        show(asked, desk.workspace, as_json)
    elif as_json:
        print_json({"exercise": exercise, "question": None})
    else:
        print(f"No question could be made of {exercise} now. Try another exercise.")
    return asked


def show(asked: Asked, workspace: Workspace, as_json: bool) -> None:
    """Write a question and its choices on standard output."""
    from groundup.exercises.registry import read_title

    question = asked.question
    if as_json:
        facts: dict[str, Any] = {"exercise": question.exercise, "title": read_title(question.exercise)}
        facts |= {"kind": question.kind, "text": question.text}
        if question.curves is not None:
            facts["curves"] = dataclasses.asdict(question.curves)
        print_json({**facts, "choices": question.choices})
        return
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.judge.explain.printing import NumberedCode

    console = PlainConsole()
    console.print(Text.assemble((read_title(question.exercise), "bold"), f" ({question.exercise})"))
    console.print(Text(question.text))
    for number, choice in enumerate(question.choices, start=1):
        if question.is_code:
            console.print(Text(f"\n{number}", style="bold"))
            console.print(NumberedCode(choice))
        else:
            indented = choice.replace("\n", "\n     ")
            # A picture of letters is not wrapped: it would be none any more.
            told = Text.assemble((f"  {number}  ", "bold"), indented)
            console.print(told, soft_wrap=question.curves is not None)
    if question.curves is not None:
        console.print(Text("* the curve   . the right program   ^ beyond the picture", style="dim"))
    if not sys.stdin.isatty():
        command = write_command(f"learn {'review' if asked.review else 'quiz'} --answer", workspace)
        console.print(Text(f"Answer with: {command} 1, 2 or 3"))


def prompt(asked: Asked, as_json: bool) -> int | None:
    """Return the choice that was typed; None where nobody can type."""
    if as_json or not sys.stdin.isatty():
        return None
    numbers = [str(number) for number in range(1, len(asked.question.choices) + 1)]
    while True:
        print("Your answer (1, 2 or 3): ", end="", flush=True)
        typed = sys.stdin.readline()
        if not typed:
            return None
        if typed.strip() in numbers:
            return int(typed)


def take_answer(desk: Desk, choice: int, review: bool, as_json: bool) -> bool:
    """Take the answer to the question that was asked last; return whether it is right."""
    from groundup.base.errors import UserError

    asked = desk.find_asked(review)
    if asked is None:
        command = write_command(f"learn {'review' if review else 'quiz'}", desk.workspace)
        raise UserError(f"No question waits for an answer. Ask for one with: {command}")
    return tell(desk, desk.answer(asked, choice - 1), as_json)


def tell(desk: Desk, answered: Answered, as_json: bool) -> bool:
    """Say whether a choice was right, and why; return it."""
    question = answered.question
    if as_json:
        facts = {"exercise": question.exercise, "right": answered.right, "answer": question.right + 1}
        due = answered.due.isoformat() if answered.due else None
        print_json({**facts, "due": due, "explanation": question.explanation})
        return answered.right
    from rich.text import Text

    from groundup.base.console import PlainConsole
    from groundup.exercises.practice.desk import format_day

    console = PlainConsole()
    console.print("[green]Right.[/green]" if answered.right else f"[red]No: {question.right + 1} is right.[/red]")
    console.print(Text(question.explanation))
    if answered.due and answered.planned:
        console.print(f"[dim]It comes back {format_day(answered.due, desk.clock())}.[/dim]")
    if not sys.stdin.isatty() or not answered.review:
        onward = write_command(f"learn {'review' if answered.review else 'quiz'}", desk.workspace)
        console.print(Text(f"Go on: {onward}"))
    return answered.right


def say_nothing_due(desk: Desk, as_json: bool) -> None:
    """Say that the day's reviews are done, and when the next ones are due."""
    from groundup.exercises.practice.desk import format_day
    from groundup.exercises.practice.review import find_next_due

    following = find_next_due(desk.journal.read())
    if as_json:
        print_json({"due": [], "next": following.isoformat() if following else None})
    elif following is None:
        print("Nothing to review yet: an exercise comes here when it is solved, or when you missed a question on it.")
    else:
        print(f"Nothing is due today. The next review: {format_day(following, desk.clock())}.")
        print(f"Another question: {write_command('learn quiz', desk.workspace)}")
