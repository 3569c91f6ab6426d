"""The lessons; nothing is imported of what they compute. `groundup.course` has their order and exercises."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from groundup import course

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes
    ----------
    name : str
        That of its folder.
    title : str
        The title that people read.
    about : str
        One sentence: what there is to move.
    question : str
        What it answers.
    """

    name: str
    title: str
    about: str
    question: str

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises that it leads to, in the order of the course."""
        return course.list_exercises(self.name)

    @property
    def folder(self) -> Path:
        """The folder of its page."""
        return PAGES / self.name

    @property
    def picture(self) -> str:
        """A small drawing for its card, as SVG; empty where there is none."""
        path = self.folder / "card.svg"
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def _read(name: str) -> Lesson:
    front = tomllib.loads((PAGES / name / "lesson.md").read_text(encoding="utf-8").split("+++")[1])
    return Lesson(name, front["title"], front["about"], front["question"])


LESSONS = tuple(map(_read, course.LESSONS))
