"""The lessons, without importing any; their order and their exercises are those of `groundup.course`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from groundup import course


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes
    ----------
    name : str
        Its file's name.
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
    question: str = ""

    @property
    def exercises(self) -> tuple[str, ...]:
        """The exercises that it leads to, in the order of the course; the first one is judged in its page."""
        return course.list_exercises(self.name)

    @property
    def path(self) -> Path:
        """The notebook."""
        return FOLDER / f"{self.name}.py"

    @property
    def folder(self) -> Path:
        """The folder of its page."""
        return PAGES / self.name

    @property
    def picture(self) -> str:
        """A small drawing for its card, as SVG; empty where there is none."""
        path = self.folder / "card.svg"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @property
    def is_page(self) -> bool:
        """Whether it is a page of the lab's own; otherwise it is a notebook."""
        return (self.folder / "lesson.md").is_file()


PAGES = Path(__file__).parent / "pages"
FOLDER = Path(__file__).parent / "notebooks"
_TOLD: dict[str, tuple[str, str]] = {}


def _tell(name: str) -> Lesson:
    path = PAGES / name / "lesson.md"
    if not path.is_file():
        return Lesson(name, *_TOLD[name])
    front = tomllib.loads(path.read_text(encoding="utf-8").split("+++")[1])
    return Lesson(name, front["title"], front["about"], front["question"])


LESSONS = tuple(_tell(name) for name in course.LESSONS)
# Those that are still notebooks.
NOTEBOOKS = tuple(lesson for lesson in LESSONS if not lesson.is_page)
