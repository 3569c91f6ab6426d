"""Where a learner practises: questions, reviews and bugs over one folder of answers, in the terminal and in the lab."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from groundup.base.errors import UserError
from groundup.base.writing import write_atomically
from groundup.exercises.practice.bugs import explain, find_bug, write_plainly
from groundup.exercises.practice.journal import Journal
from groundup.exercises.practice.questions import Question, make_question
from groundup.exercises.practice.review import add_solved, list_due, record
from groundup.exercises.registry import choose_libraries, find_folder, list_names, load_exercise, read_model_answer
from groundup.exercises.workspace import Workspace
from groundup.judge.judging import CheckOptions
from groundup.judge.verdict import Verdict
from groundup.judge.warm_judge import WarmJudge

BUGS = "bugs"  # the folder in the folder of answers
MOST_KEPT = 64
MOST_SEED = 2**32


@dataclass(frozen=True)
class Asked:
    """A question that waits for an answer.

    Attributes
    ----------
    question : Question
        It.
    seed : int
        From which it is made again.
    review : bool
        Whether its answer plans when the exercise comes back.
    """

    question: Question
    seed: int
    review: bool


@dataclass(frozen=True)
class Answered:
    """What came of an answer.

    Attributes
    ----------
    question : Question
        What was asked.
    right : bool
        Whether the choice was the right one.
    review : bool
        Whether it was asked in a review.
    planned : bool
        Whether the answer changed when the exercise comes back.
    due : datetime or None
        When it comes back.
    """

    question: Question
    right: bool
    review: bool
    planned: bool
    due: datetime | None


@dataclass(frozen=True)
class Mended:
    """A bug that is done with.

    Attributes
    ----------
    line : int
        The line that was changed, from 1.
    wrong, belongs : str
        It, and what belongs there.
    mistake : str
        The known mistake that computes the same; empty if there is none.
    """

    line: int
    wrong: str
    belongs: str
    mistake: str


@dataclass(frozen=True)
class Desk:
    """Asks questions, plants bugs, and keeps what came of them.

    Attributes
    ----------
    workspace : Workspace
        The learner's answers; what is practised is kept beside them.
    warm : WarmJudge
        Judges.
    clock : callable
        Returns the time, with its zone.
    """

    workspace: Workspace
    warm: WarmJudge
    clock: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())
    _made: dict[tuple[str, int], Question | None] = field(default_factory=dict)

    @property
    def journal(self) -> Journal:
        """The file of the learner's practice."""
        return Journal(self.workspace.folder)

    def judge(self, exercise: str, source: str, effort: CheckOptions) -> Verdict:
        """Return the verdict on a text that is meant to answer an exercise."""
        libraries = choose_libraries(exercise, read_model_answer(exercise))
        return self.warm.judge(exercise, source, effort, libraries)

    def choose(self, name: str | None) -> str:
        """Return the exercise named, else one of those that are done, else the one worked on."""
        if name is not None:
            return find_folder(name).replace("_", "-")
        done = [one for one, state in self.workspace.list_states().items() if state == "done"]
        return random.choice(done) if done else self.workspace.find_current()[0]

    def list_due(self) -> list[str]:
        """Return the exercises that are due today in a mixed order; those solved since the last call become cards."""
        states, now = self.workspace.list_states(), self.clock()
        solved = [name for name, state in states.items() if state in ("done", "changed since")]
        if solved:
            with self.journal.change() as practice:
                add_solved(practice, solved, now)
        return list_due(self.journal.read(), now, states)

    # Questions

    def make(self, exercise: str, seed: int) -> Question | None:
        """Return the question of a seed; None if none could be made."""
        key = exercise, seed
        if key not in self._made:
            judge = partial(self.judge, exercise)
            made = make_question(load_exercise(exercise), read_model_answer(exercise), judge, seed)
            while len(self._made) >= MOST_KEPT:
                self._made.pop(next(iter(self._made)), None)
            self._made[key] = made
        return self._made[key]

    def ask(self, exercise: str, seed: int | None, review: bool) -> Asked | None:
        """Make a question, and remember that it waits for an answer; None if none could be made."""
        seed = draw_seed(seed)
        question = self.make(exercise, seed)
        if question is None:
            return None
        with self.journal.change() as practice:
            practice.asked = {"exercise": exercise, "seed": seed, "review": review}
        return Asked(question, seed, review)

    def find_asked(self, review: bool) -> Asked | None:
        """Return the question that waits for an answer, in a review or outside of one; None if there is none.

        Raises
        ------
        UserError
            The journal is damaged.
        """
        asked = self.journal.read().asked
        if asked is None or bool(asked.get("review")) != review or asked["exercise"] not in list_names():
            return None
        question = self.make(asked["exercise"], asked["seed"])
        return None if question is None else Asked(question, asked["seed"], review)

    def answer(self, asked: Asked, choice: int) -> Answered:
        """Judge a choice, from 0, and keep it.

        Raises
        ------
        UserError
            The question was answered already, or the journal cannot be written.
        """
        question, now = asked.question, self.clock()
        right = choice == question.right
        with self.journal.change() as practice:
            waiting = practice.asked or {}
            if (waiting.get("exercise"), waiting.get("seed")) == (question.exercise, asked.seed):
                practice.asked = None
            elif any(
                (line["exercise"], line.get("seed"), line["kind"]) == (question.exercise, asked.seed, question.kind)
                for line in practice.log
            ):
                raise UserError("This question was answered already. Ask for another one.")
            planned = asked.review or not right
            record(practice, question.exercise, question.kind, asked.seed, right, now, plan=planned)
            due = practice.cards.get(question.exercise, {}).get("due")
        return Answered(question, right, asked.review, planned, datetime.fromisoformat(due) if due else None)

    # Bugs

    def bug_path(self, exercise: str) -> Path:
        """Return where the file with the bug is."""
        return self.bug_workspace.path(exercise)

    @property
    def bug_workspace(self) -> Workspace:
        """The folder of files with bugs."""
        return Workspace(self.workspace.folder / BUGS)

    def plant(self, exercise: str, seed: int | None) -> dict[str, Any]:
        """Make a bug, write its file, and remember it.

        Returns
        -------
        dict
            As kept in `groundup.exercises.practice.journal.Practice.bugs`.

        Raises
        ------
        UserError
            A file is in the way, no bug could be made, or nothing can be written.
        """
        path, seed = self.bug_path(exercise), draw_seed(seed)
        if path.exists():
            raise UserError(f"{path} already exists and is not changed. Rename it, then begin again.")
        judge = partial(self.judge, exercise)
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
        with self.journal.change() as practice:
            path.parent.mkdir(exist_ok=True)
            write_atomically(path, bug.change.source)
            practice.bugs[exercise] = kept
        return kept

    def judge_bug(self, exercise: str, source: str, effort: CheckOptions) -> Verdict:
        """Return the verdict on a file with a bug, told with the names and lines of this file."""
        return explain(source, read_model_answer(exercise), self.judge(exercise, source, effort))

    def finish_bug(self, exercise: str, bug: dict[str, Any], right: bool) -> Mended:
        """Keep how it went with a bug, and take its file away."""
        lines = write_plainly(read_model_answer(exercise)).splitlines()
        belongs = lines[bug["line"] - 1].strip() if bug["line"] <= len(lines) else ""
        known = any(one.name == bug["mistake"] for one in load_exercise(exercise).mistakes)
        with self.journal.change() as practice:
            practice.bugs.pop(exercise, None)
            record(practice, exercise, "bug", bug["seed"], right, self.clock(), plan=not right)
            self.bug_path(exercise).unlink(missing_ok=True)
        return Mended(bug["line"], bug["wrong"], belongs, bug["mistake"] if known else "")


def write_planted(exercise: str, bug: dict[str, Any]) -> str:
    """Return the file of a bug as it was written at first, whatever became of it."""
    lines = write_plainly(read_model_answer(exercise)).splitlines()
    place = bug["line"] - 1
    if place < len(lines):
        lines[place] = lines[place][: len(lines[place]) - len(lines[place].lstrip())] + bug["wrong"]
    return "\n".join(lines) + "\n"


def draw_seed(seed: int | None) -> int:
    """Return the seed that was given, else a new one."""
    return time.time_ns() % MOST_SEED if seed is None else seed


def format_day(day: datetime, now: datetime) -> str:
    """Return a day in words.

    Examples
    --------
    >>> format_day(datetime(2026, 3, 4, 9), datetime(2026, 3, 1, 20))
    'in 3 days'
    """
    days = (day.astimezone(now.tzinfo).date() - now.date()).days if now.tzinfo else (day.date() - now.date()).days
    return "today" if days <= 0 else "tomorrow" if days == 1 else f"in {days} days"
