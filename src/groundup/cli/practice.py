"""``groundup learn quiz`` and ``review``: questions on what was learned."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.answers import AnswersFolder, ExerciseName, is_json, open_workspace, write_command
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
    from typing import Self

    from groundup.exercises.practice.bugs import Judge
    from groundup.exercises.practice.journal import Journal, Practice
    from groundup.exercises.practice.questions import Question
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
    desk = _Desk.open(context, answers, as_json)
    if answer is not None:
        raise typer.Exit(0 if desk.answer(answer, review=False) else 1)
    exercise = choose_practised(name, desk.workspace)
    with desk.ask(exercise, draw_seed(seed), review=False) as question:
        if question is not None and (choice := desk.prompt(question)) is not None:
            raise typer.Exit(0 if desk.tell(question, choice, review=False) else 1)


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
    from groundup.exercises.practice.review import add_solved, list_due

    desk = _Desk.open(context, answers, as_json)
    if answer is not None:
        raise typer.Exit(0 if desk.answer(answer, review=True) else 1)
    states = desk.workspace.list_states()
    now = datetime.now().astimezone()
    with desk.journal.change() as practice:
        add_solved(practice, [name for name, state in states.items() if state in ("done", "changed since")], now)
    due = list_due(practice, now, states)
    if not due:
        desk.say_nothing_due(practice, now)
        return
    for place, exercise in enumerate(due[:count], start=1):
        if not as_json:
            print(f"{place} of {min(count, len(due))} due today: {exercise}\n")
        with desk.ask(exercise, draw_seed(None), review=True) as question:
            choice = desk.prompt(question) if question is not None else None
            if question is None:
                continue
            if choice is None:
                return
            desk.tell(question, choice, review=True)
            print()
    desk.say_nothing_due(desk.journal.read(), now)


def choose_practised(name: str | None, workspace: Workspace) -> str:
    """Return the exercise named, else one of those that are done, else the one worked on."""
    from groundup.exercises.registry import find_folder

    if name is not None:
        return find_folder(name).replace("_", "-")
    done = [one for one, state in workspace.list_states().items() if state == "done"]
    return random.choice(done) if done else workspace.find_current()[0]


def draw_seed(seed: int | None) -> int:
    """Return the seed that was given, else a new one."""
    return time.time_ns() % 2**32 if seed is None else seed


@dataclass(frozen=True)
class Desk:
    """Where a learner practises."""

    workspace: Workspace
    as_json: bool

    @classmethod
    def open(cls, context: typer.Context, answers: str, as_json: bool) -> Self:
        """Take the options of a command."""
        return cls(open_workspace(context, answers), is_json(context, as_json))

    @property
    def journal(self) -> Journal:
        """The file of the learner's practice."""
        from groundup.exercises.practice.journal import Journal

        return Journal(self.workspace.folder)

    @contextmanager
    def judging(self, exercise: str) -> Iterator[Judge]:
        """Yield what judges an answer to an exercise."""
        from groundup.exercises.registry import choose_libraries, load_exercise, read_model_answer
        from groundup.judge.warm_judge import WarmJudge

        libraries = choose_libraries(exercise, read_model_answer(exercise))
        with WarmJudge(load_exercise) as warm:
            yield lambda source, effort: warm.judge(exercise, source, effort, libraries)


@dataclass(frozen=True)
class _Desk(Desk):
    """Where questions are asked and answers taken."""

    def make(self, exercise: str, seed: int) -> Question | None:
        """Return the question of a seed."""
        from groundup.exercises.practice.questions import make_question
        from groundup.exercises.registry import load_exercise, read_model_answer

        with self.judging(exercise) as judge:
            return make_question(load_exercise(exercise), read_model_answer(exercise), judge, seed)

    @contextmanager
    def ask(self, exercise: str, seed: int, review: bool) -> Iterator[Question | None]:
        """Show a question and remember it."""
        question = self.make(exercise, seed)
        if question is None:
            if self.as_json:
                print_json({"exercise": exercise, "question": None})
            else:
                print(f"No question could be made of {exercise} now. Try another exercise.")
            yield None
            return
        asked = {"exercise": exercise, "seed": seed, "review": review}
        with self.journal.change() as practice:
            practice.asked = asked
        self.show(question, review)
        yield question

    def show(self, question: Question, review: bool) -> None:
        """Write a question and its choices on standard output."""
        if self.as_json:
            print_json(
                {
                    "exercise": question.exercise,
                    "kind": question.kind,
                    "text": question.text,
                    "choices": question.choices,
                }
            )
            return
        from rich.syntax import Syntax
        from rich.text import Text

        from groundup.base.console import PlainConsole

        console = PlainConsole()
        console.print(Text(question.text))
        for number, choice in enumerate(question.choices, start=1):
            if question.is_code:
                console.print(Text(f"\n{number}", style="bold"))
                console.print(Syntax(choice, "python", background_color="default", word_wrap=True, line_numbers=True))
            else:
                indented = choice.replace("\n", "\n     ")
                console.print(Text.assemble((f"  {number}  ", "bold"), indented))
        if not sys.stdin.isatty():
            command = write_command(f"learn {'review' if review else 'quiz'} --answer", self.workspace)
            console.print(Text(f"Answer with: {command} 1, 2 or 3"))

    def prompt(self, question: Question) -> int | None:
        """Return the choice that was typed; None where nobody can type."""
        if self.as_json or not sys.stdin.isatty():
            return None
        numbers = [str(number) for number in range(1, len(question.choices) + 1)]
        while True:
            print("Your answer (1, 2 or 3): ", end="", flush=True)
            typed = sys.stdin.readline()
            if not typed:
                return None
            if typed.strip() in numbers:
                return int(typed)

    def answer(self, choice: int, review: bool) -> bool:
        """Take the answer to the question that was asked last."""
        from groundup.base.errors import UserError
        from groundup.exercises.registry import list_names

        asked = self.journal.read().asked
        if asked is None or bool(asked.get("review")) != review or asked["exercise"] not in list_names():
            command = write_command(f"learn {'review' if review else 'quiz'}", self.workspace)
            raise UserError(f"No question waits for an answer. Ask for one with: {command}")
        question = self.make(asked["exercise"], asked["seed"])
        if question is None:
            raise UserError("The question could not be made again. Ask for another one.")
        return self.tell(question, choice, review)

    def tell(self, question: Question, choice: int, review: bool) -> bool:
        """Say whether a choice is right, and keep it."""
        from groundup.exercises.practice.review import record

        right, now = choice == question.right + 1, datetime.now().astimezone()
        with self.journal.change() as practice:
            seed = practice.asked["seed"] if practice.asked else 0
            practice.asked = None
            record(practice, question.exercise, question.kind, seed, right, now, plan=review or not right)
            due = practice.cards.get(question.exercise, {}).get("due")
        if self.as_json:
            facts = {"exercise": question.exercise, "right": right, "answer": question.right + 1, "due": due}
            print_json({**facts, "explanation": question.explanation})
            return right
        from rich.text import Text

        from groundup.base.console import PlainConsole

        told = "[green]Right.[/green]" if right else f"[red]No: {question.right + 1} is right.[/red]"
        console = PlainConsole()
        console.print(told)
        console.print(Text(question.explanation))
        if due and (review or not right):
            console.print(f"[dim]It comes back {_format_day(datetime.fromisoformat(due), now)}.[/dim]")
        return right

    def say_nothing_due(self, practice: Practice, now: datetime) -> None:
        """Say that the day's reviews are done, and when the next ones are due."""
        from groundup.exercises.practice.review import find_next_due

        following = find_next_due(practice)
        if self.as_json:
            print_json({"due": [], "next": following.isoformat() if following else None})
        elif following is None:
            print(
                "Nothing to review yet: an exercise comes here when it is solved, or when you missed a question on it."
            )
        else:
            print(f"Nothing is due today. The next review: {_format_day(following, now)}.")


def _format_day(day: datetime, now: datetime) -> str:
    """Return a day in words.

    Examples
    --------
    >>> _format_day(datetime(2026, 3, 4, 9), datetime(2026, 3, 1, 20))
    'in 3 days'
    """
    days = (day.astimezone(now.tzinfo).date() - now.date()).days if now.tzinfo else (day.date() - now.date()).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
