"""``groundup learn quiz``, ``debug`` and ``review``: practice on what was learned."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.answers import AnswersFolder, ExerciseName, is_json, open_workspace, write_command
from groundup.cli.output import AsJson, print_json

if TYPE_CHECKING:
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
    exercise = _choose(name, desk.workspace)
    with desk.ask(exercise, _draw_seed(seed), review=False) as question:
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
        with desk.ask(exercise, _draw_seed(None), review=True) as question:
            choice = desk.prompt(question) if question is not None else None
            if question is None:
                continue
            if choice is None:
                return
            desk.tell(question, choice, review=True)
            print()
    desk.say_nothing_due(desk.journal.read(), now)


def debug(
    context: typer.Context,
    name: ExerciseName = None,
    line: Annotated[int | None, typer.Option(min=1, help="The number of the line that you think is wrong.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Judge the file that you mended.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Show the mistake.")] = False,
    seed: Seed = None,
    answers: AnswersFolder = "",
    as_json: AsJson = False,
) -> None:
    """Write a model answer with one mistake into answers/bugs/, for you to find and mend.

    You see the file, an input, what comes of it and what is right. Name the line with --line, mend it, then --check.
    """
    from groundup.base.errors import UserError

    if (line is not None) + check + give_up > 1:
        raise UserError("--line, --check and --give-up exclude each other: give one of them.")
    desk = _Desk.open(context, answers, as_json)
    exercise = _choose(name, desk.workspace, pending=[*desk.journal.read().bugs][-1:])
    bug = desk.journal.read().bugs.get(exercise)
    if bug is None:
        if line is not None or check or give_up:
            command = write_command(f"learn debug {exercise}", desk.workspace)
            raise UserError(f"There is no bug of {exercise} to find. Begin with: {command}")
        bug = desk.plant(exercise, _draw_seed(seed))
    if line is not None:
        desk.judge_line(exercise, bug, line)
    elif check:
        desk.judge_mended(exercise, bug)
    elif give_up:
        desk.finish(exercise, bug, right=False)
    else:
        desk.show_bug(exercise, bug)


def _choose(name: str | None, workspace: Workspace, pending: list[str] | None = None) -> str:
    """Return the exercise named, else one that waits, else one of those that are done, else the one worked on."""
    from groundup.exercises.registry import find_folder

    if name is not None:
        return find_folder(name).replace("_", "-")
    if pending:
        return pending[0]
    done = [one for one, state in workspace.list_states().items() if state == "done"]
    return random.choice(done) if done else workspace.find_current()[0]


def _draw_seed(seed: int | None) -> int:
    return time.time_ns() % 2**32 if seed is None else seed


@dataclass(frozen=True)
class _Desk:
    """Where questions are asked and answers taken."""

    workspace: Workspace
    as_json: bool

    @classmethod
    def open(cls, context: typer.Context, answers: str, as_json: bool) -> _Desk:
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

        libraries = choose_libraries(exercise, read_model_answer(exercise).encode())
        with WarmJudge(load_exercise) as warm:
            yield lambda source, effort: warm.judge(exercise, source, effort, libraries)

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

    def plant(self, exercise: str, seed: int) -> dict[str, Any]:
        """Make a bug, write its file, and remember it."""
        from groundup.base.errors import UserError
        from groundup.exercises.practice.bugs import find_bug
        from groundup.exercises.registry import read_model_answer

        path = self.bug_path(exercise)
        if path.exists():
            raise UserError(f"{path} already exists and is not changed. Rename it, then begin again.")
        with self.judging(exercise) as judge:
            bug = find_bug(read_model_answer(exercise), judge, random.Random(f"{exercise} {seed}"))
        if bug is None:
            raise UserError(f"No bug could be made of {exercise} now. Try another exercise, or another --seed.")
        kept = {
            "seed": seed,
            "line": bug.change.line,
            "wrong": bug.change.wrong,
            "mistake": bug.mistake,
            "inputs": [list(pair) for pair in bug.shown.inputs],
            "got": bug.shown.got,
            "expected": bug.shown.expected,
        }
        from groundup.base.writing import write_atomically

        with self.journal.change() as practice:
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, bug.change.source)
            practice.bugs[exercise] = kept
        return kept

    def bug_path(self, exercise: str) -> Path:
        """Return where the file with the bug is."""
        return self.workspace.folder / "bugs" / self.workspace.path(exercise).name

    def show_bug(self, exercise: str, bug: dict[str, Any]) -> None:
        """Show the file with the bug, and the input that shows it."""
        from rich.syntax import Syntax
        from rich.text import Text

        from groundup.base.console import PlainConsole
        from groundup.base.errors import UserError

        path = self.bug_path(exercise)
        try:
            source = path.read_text("utf-8")
        except (OSError, ValueError):
            command = write_command(f"learn debug {exercise} --give-up", self.workspace)
            raise UserError(f"{path}: cannot be read. Put it back, or give this bug up with: {command}") from None
        if self.as_json:
            shown = {key: bug[key] for key in ("inputs", "got", "expected")}
            print_json({"exercise": exercise, "path": str(path), "source": source, **shown})
            return
        console = PlainConsole()
        console.print(Text.assemble("One line of this is wrong. It is in ", (str(path), "bold"), ":\n"))
        console.print(Syntax(source, "python", background_color="default", word_wrap=True, line_numbers=True))
        for name, value in bug["inputs"]:
            console.print(Text(f"  {name} = {value}"))
        console.print(Text(f"  It gives    {bug['got']}"))
        console.print(Text(f"  Right is    {bug['expected']}\n"))
        which, mended = (
            write_command(f"learn debug {exercise} {rest}", self.workspace) for rest in ("--line N", "--check")
        )
        console.print(Text(f"Which line? {which}\nMend it in the file, then: {mended}"))

    def judge_line(self, exercise: str, bug: dict[str, Any], line: int) -> None:
        """Say whether a line is the one that was changed."""
        right = line == bug["line"]
        if self.as_json:
            print_json({"exercise": exercise, "line": line, "right": right})
        elif right:
            mended = write_command(f"learn debug {exercise} --check", self.workspace)
            print(f"Yes, it is line {line}. Mend it in {self.bug_path(exercise)}, then: {mended}")
        else:
            print(f"No: line {line} is as it should be. Follow the input above through the code, line by line.")
        if not right:
            raise typer.Exit(1)

    def judge_mended(self, exercise: str, bug: dict[str, Any]) -> None:
        """Judge the file with the bug; if it is right, the bug is done."""
        from groundup.exercises.registry import load_exercise
        from groundup.exercises.sources import read_bytes
        from groundup.judge.judging import CheckOptions

        path = self.bug_path(exercise)
        source = read_bytes(path, str(path)).decode("utf-8", "replace")
        with self.judging(exercise) as judge:
            verdict = judge(source, CheckOptions(seed=_draw_seed(None)))
        if verdict.accepted:
            self.finish(exercise, bug, right=True)
            return
        if self.as_json:
            print_json({**verdict.to_json(), "path": str(path)})
        else:
            from groundup.judge.explain.printing import print_verdict

            print_verdict(load_exercise(exercise), verdict, path)
        raise typer.Exit(1)

    def finish(self, exercise: str, bug: dict[str, Any], right: bool) -> None:
        """Say what the mistake was, keep how it went, and take the file away."""
        from groundup.exercises.practice.bugs import write_plainly
        from groundup.exercises.practice.review import record
        from groundup.exercises.registry import load_exercise, read_model_answer

        lines = write_plainly(read_model_answer(exercise)).splitlines()
        belongs = lines[bug["line"] - 1].strip() if bug["line"] <= len(lines) else ""
        known = next((one for one in load_exercise(exercise).mistakes if one.name == bug["mistake"]), None)
        with self.journal.change() as practice:
            practice.bugs.pop(exercise, None)
            record(practice, exercise, "bug", bug["seed"], right, datetime.now().astimezone(), plan=not right)
            self.bug_path(exercise).unlink(missing_ok=True)
        if self.as_json:
            facts = {
                "exercise": exercise,
                "right": right,
                "line": bug["line"],
                "wrong": bug["wrong"],
                "right_line": belongs,
            }
            print_json({**facts, "mistake": bug["mistake"] or None})
            return
        from rich.text import Text

        from groundup.base.console import PlainConsole

        console = PlainConsole()
        if right:
            console.print("[green]Mended.[/green]")
        console.print(Text(f"Line {bug['line']} was\n    {bug['wrong']}\nand belongs\n    {belongs}"))
        if known is not None:
            console.print(Text(f"It is a known mistake, {known.name}."))


def _format_day(day: datetime, now: datetime) -> str:
    """Return a day in words.

    Examples
    --------
    >>> _format_day(datetime(2026, 3, 4, 9), datetime(2026, 3, 1, 20))
    'in 3 days'
    """
    days = (day.astimezone(now.tzinfo).date() - now.date()).days if now.tzinfo else (day.date() - now.date()).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
