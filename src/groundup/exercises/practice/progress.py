"""How far a learner is, exercise by exercise and chapter by chapter, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from groundup.course import CHAPTERS
from groundup.exercises.practice.journal import Practice
from groundup.exercises.practice.review import find_due
from groundup.exercises.registry import read_title
from groundup.exercises.workspace import Workspace


@dataclass(frozen=True)
class ExerciseProgress:
    """What a learner did with one exercise.

    Attributes
    ----------
    name, title : str
        The exercise.
    state : str
        As of `groundup.exercises.workspace.Workspace.find_state`.
    attempts : int
        How often an answer was judged.
    seconds : float
        How long was worked on it; see `groundup.exercises.workspace.Workspace.list_work`.
    solved : str
        When it was first right; empty if it never was.
    asked, right : int
        Questions and bugs on it, and how many were answered correctly.
    due : datetime or None
        When its next review is due.
    """

    name: str
    title: str
    state: str
    attempts: int
    seconds: float
    solved: str
    asked: int
    right: int
    due: datetime | None


@dataclass(frozen=True)
class ChapterProgress:
    """The same for a chapter.

    Attributes
    ----------
    number : int
        Of the chapter.
    name : str
        Its name.
    exercises : tuple of ExerciseProgress
        In the order of the course.
    """

    number: int
    name: str
    exercises: tuple[ExerciseProgress, ...]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(one.state == "done" for one in self.exercises)

    @property
    def attempted(self) -> int:
        """How many were begun."""
        return sum(one.state != "" or one.attempts > 0 for one in self.exercises)

    @property
    def seconds(self) -> float:
        """How long was worked on them."""
        return sum(one.seconds for one in self.exercises)

    @property
    def asked(self) -> int:
        """How many questions and bugs on them were answered."""
        return sum(one.asked for one in self.exercises)

    @property
    def right(self) -> int:
        """How many of those correctly."""
        return sum(one.right for one in self.exercises)


@dataclass(frozen=True)
class Suggestion:
    """What to do next.

    Attributes
    ----------
    kind : str
        ``"review"``, ``"bug"``, ``"exercise"``, ``"find"`` (a bug to be made) or ``"quiz"``.
    exercise : str
        Which exercise; empty if it is left open.
    text : str
        A sentence.
    """

    kind: str
    exercise: str
    text: str


def describe_progress(workspace: Workspace, practice: Practice) -> list[ChapterProgress]:
    """Return how far a learner is in each chapter that has exercises.

    Raises
    ------
    UserError
        A card of the practice is damaged.
    """
    states, work = workspace.list_states(), workspace.list_work()
    answered: dict[str, list[bool]] = {}
    for line in practice.log:
        answered.setdefault(line["exercise"], []).append(line["right"])

    def describe(name: str) -> ExerciseProgress:
        attempts, seconds, solved = work.get(name, (0, 0.0, ""))
        results = answered.get(name, [])
        due = find_due(practice, name)
        return ExerciseProgress(
            name, read_title(name), states[name], attempts, seconds, solved, len(results), sum(results), due
        )

    return [
        ChapterProgress(chapter.number, chapter.name, tuple(map(describe, chapter.exercises)))
        for chapter in CHAPTERS
        if chapter.exercises
    ]


def suggest(workspace: Workspace, practice: Practice, due: list[str]) -> list[Suggestion]:
    """Return what to do next, the most useful first: what would be forgotten, what is open, what comes next."""
    found = []
    if due:
        count = f"{len(due)} exercises are" if len(due) > 1 else "1 exercise is"
        found.append(Suggestion("review", "", f"{count} due for review today."))
    states = workspace.list_states()
    opened = next((name for name in reversed(practice.bugs) if name in states), None)
    if opened is not None:
        found.append(Suggestion("bug", opened, f"The bug in {read_title(opened)} is not mended yet."))
    latest = workspace.find_latest()
    following = latest.name if latest and states[latest.name] != "done" else None
    following = following or workspace.find_following(latest.name if latest else None)
    if following is not None:
        told = "Go on with" if states[following] else "The next exercise:"
        found.append(Suggestion("exercise", following, f"{told} {read_title(following)}."))
    if "done" in states.values():
        if opened is None:
            found.append(Suggestion("find", "", "Find the bug in an exercise that you have done."))
        found.append(Suggestion("quiz", "", "Answer a question on what you have done."))
    return found


def format_time(seconds: float) -> str:
    """Return a time of work in words.

    Examples
    --------
    >>> format_time(4380), format_time(300), format_time(20)
    ('1 h 13 min', '5 min', 'under 1 min')
    """
    minutes = int(seconds // 60)
    if not minutes:
        return "under 1 min" if seconds > 0 else ""
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{minutes} min"
