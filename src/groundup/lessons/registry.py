"""The lessons; nothing is imported of what they compute. `groundup.course` has their order and exercises."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from groundup import course

PAGES = Path(__file__).parent / "pages"
_FRONT = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)


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


class LessonError(ValueError):
    """A lesson's text cannot be read; the message has file, line and what to do."""


def read_front(path: Path) -> tuple[dict[str, str], str, int]:
    """Return a lesson's title, question and about; its text; and how many lines stand before the text.

    Raises
    ------
    LessonError
        One of them is missing.
    """
    source = path.read_text(encoding="utf-8")
    found = _FRONT.match(source)
    if found is None:
        raise LessonError(f"{path}: must begin with title, question and about between two lines +++.")
    try:
        front = tomllib.loads(found[1])
    except tomllib.TOMLDecodeError as error:
        raise LessonError(f"{path}: between the lines +++: {error}") from error
    for name in ("title", "question", "about"):
        if not isinstance(front.get(name), str):
            raise LessonError(f'{path}: {name} = "…" is missing between the lines +++.')
    return front, found[2], source.count("\n", 0, found.start(2))


def _read(name: str) -> Lesson:
    front, _, _ = read_front(PAGES / name / "lesson.md")
    return Lesson(name, front["title"], front["about"], front["question"])


LESSONS = tuple(map(_read, course.LESSONS))
