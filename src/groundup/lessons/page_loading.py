"""Finds the views of a lesson's page, and its text."""

from __future__ import annotations

import importlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import cache, wraps
from typing import TypeVar

from groundup.lessons.markdown import LessonText, read_lesson
from groundup.lessons.registry import PAGES
from groundup.lessons.views import View
from groundup.training.threads import use_threads

Loaded = TypeVar("Loaded")
_locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


def once_per_lesson(load: Callable[[str], Loaded]) -> Callable[[str], Loaded]:
    """Let a function run once for each lesson: who asks while another thread is at it waits, and computes nothing."""
    kept = cache(load)

    @wraps(load)
    def find(name: str) -> Loaded:
        with _locks[name]:
            return kept(name)

    return find


@once_per_lesson
def load_text(name: str) -> LessonText:
    """Return a lesson's text, ready for the page."""
    return read_lesson(PAGES / name / "lesson.md")


@once_per_lesson
def load_views(name: str) -> dict[str, View]:
    """Return a lesson's views by name."""
    views: dict[str, View] = importlib.import_module(f"groundup.lessons.pages.{name}.views").VIEWS
    return views


@once_per_lesson
def describe_views(lesson: str) -> str:
    """Return every view of a lesson with its first frame, as JSON that may stand inside of an HTML page."""
    shown = {}
    for name, view in load_views(lesson).items():
        with use_threads(1):
            frame = None if view.lazy else view.make_first_frame()
        shown[name] = {**view.describe(), "frame": frame}
    return json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c")
