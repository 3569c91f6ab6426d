"""``python -m groundup.lessons NAME``: reads a lesson that is being written, and computes what its page shows."""

from __future__ import annotations

import sys

from groundup.base.errors import UserError
from groundup.course import LESSONS
from groundup.lessons.page_loading import load_text, load_views
from groundup.lessons.registry import LessonError


def main(names: list[str]) -> int:
    """Print what each lesson holds and what its views say; return 0, or 2 with one line on what is wrong."""
    try:
        for name in names or LESSONS:
            if name not in LESSONS:
                raise LessonError(f"{name}: no topic in course.py names this lesson.")
            check_lesson(name)
    except (LessonError, UserError) as error:
        print(f"groundup.lessons: {error}", file=sys.stderr)
        return 2
    return 0


def check_lesson(name: str) -> None:
    """Print a lesson's question, its length and its views with what they say at first.

    Raises
    ------
    LessonError, UserError
        Its text cannot be read, or sets a view to what it cannot be set to.
    """
    text, views = load_text(name), load_views(name)
    if set(text.views) != set(views):
        raise LessonError(f"{name}: lesson.md shows {', '.join(text.views)}; views.py has {', '.join(views)}.")
    for view, values in text.settings:
        if view not in views:
            raise LessonError(f"{name}: a question or button sets {view}, which views.py does not have.")
        views[view].check(values)
    print(f"{name}: {text.question} {text.words} words.")
    for view, found in views.items():
        print(f"  {view}: {'computed later' if found.lazy else found.make_first_frame()['says']}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
